"""The Python types of what openapi-python-client parsed."""

import keyword
import re
from collections.abc import Container, Iterable, Iterator, Mapping

from openapi_python_client.parser.properties import (
    AnyProperty,
    EnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

Property = PropertyProtocol

_SCALARS: dict[type, str] = {
    NoneProperty: "None",
    AnyProperty: "Any",
    StringProperty: "str",
    # An id that is no UUID any more must not stop a client, so ids stay text.
    UuidProperty: "str",
    DateTimeProperty: "datetime",
    DateProperty: "date",
    FileProperty: "bytes",
    IntProperty: "int",
    # Not `float` alone: 7 stays 7, and a large integer stays exact.
    FloatProperty: "int | float",
    BooleanProperty: "bool",
}
_TEXTUAL = ("str", "datetime", "date")


class UnknownPropertyError(TypeError):
    """The generator parsed something that has no Python type here."""


class Annotator:
    """Knows the classes of a document, and so the types of its properties.

    The generator copies a property wherever a schema is referred to, and fills in the members of
    the original only; so classes are looked up by name.
    """

    def __init__(self, models: Iterable[ModelProperty]) -> None:
        self.models: Mapping[str, ModelProperty] = {
            str(model.class_info.name): model for model in models
        }

    def is_map(self, name: str) -> bool:
        """Return True if a class is an object without members of its own: a dictionary."""
        model = self.models[name]
        return not (model.required_properties or model.optional_properties)

    def attribute(self, prop: Property, *, shadowed: Iterable[str] = ()) -> str:
        """Return the type of a model's attribute, as msgspec reads it.

        `shadowed` are types that the class uses as names of attributes.
        """
        return _join(self._attribute_types(prop, frozenset(shadowed)))

    def argument(self, prop: Property, open_enums: frozenset[str], typed: frozenset[str]) -> str:
        """Return the type of an argument: wider than an attribute's, for it is only written.

        `open_enums` are the enums that take any string; `typed` the models that a dictionary of a
        declared type may stand for.
        """
        return _join(self._argument_types(prop, open_enums, typed))

    def classes(self, prop: Property) -> Iterator[str]:
        """Yield the names of the classes that a type mentions."""
        if isinstance(prop, UnionProperty):
            for member in prop.inner_properties:
                yield from self.classes(member)
        elif isinstance(prop, ListProperty):
            yield from self.classes(prop.inner_property)
        elif isinstance(prop, ModelProperty) and self.is_map(str(prop.class_info.name)):
            value = self._value(prop)
            if value is not None:
                yield from self.classes(value)
        elif isinstance(prop, ModelProperty | EnumProperty):
            yield str(prop.class_info.name)

    def _value(self, prop: ModelProperty) -> Property | None:
        return self.models[str(prop.class_info.name)].additional_properties

    def _attribute_types(self, prop: Property, shadowed: frozenset[str]) -> Iterator[str]:
        if isinstance(prop, UnionProperty):
            members = [t for p in prop.inner_properties for t in self._attribute_types(p, shadowed)]
            enums = [p for p in prop.inner_properties if isinstance(p, EnumProperty)]
            textual = [t for t in members if t.rpartition(".")[2] in _TEXTUAL]
            if enums and textual:  # an open enum takes any string
                members = [t for t in members if t not in textual]
            elif len(textual) > 1:
                members = [t for t in members if t not in textual] + [_name("str", shadowed)]
            yield from members
        elif isinstance(prop, ListProperty):
            inner = _join(self._attribute_types(prop.inner_property, shadowed))
            yield f"{_name('list', shadowed)}[{inner}]"
        elif isinstance(prop, ModelProperty) and self.is_map(str(prop.class_info.name)):
            extra = self._value(prop)
            value = "Any" if extra is None else _join(self._attribute_types(extra, shadowed))
            yield f"{_name('dict', shadowed)}[{_name('str', shadowed)}, {value}]"
        elif isinstance(prop, ModelProperty | EnumProperty):
            yield str(prop.class_info.name)
        elif isinstance(prop, ConstProperty):
            yield f"Literal[{prop.value.python_code.as_unembedded_code()}]"
        else:
            for name in _scalar(prop).split(" | "):
                yield _name(name, shadowed)

    def _argument_types(
        self, prop: Property, open_enums: frozenset[str], typed: frozenset[str]
    ) -> Iterator[str]:
        if isinstance(prop, UnionProperty):
            for member in prop.inner_properties:
                yield from self._argument_types(member, open_enums, typed)
        elif isinstance(prop, ListProperty):
            inner = _join(self._argument_types(prop.inner_property, open_enums, typed))
            yield f"Sequence[{inner}]"
        elif isinstance(prop, ModelProperty) and self.is_map(str(prop.class_info.name)):
            extra = self._value(prop)
            value = "Any"
            if extra is not None:
                value = _join(self._argument_types(extra, open_enums, typed))
            yield f"Mapping[str, {value}]"
        elif isinstance(prop, ModelProperty):
            name = str(prop.class_info.name)
            yield name
            yield f"{name}Dict" if name in typed else "Mapping[str, Any]"
        elif isinstance(prop, EnumProperty):
            name = str(prop.class_info.name)
            yield name
            if name in open_enums:
                yield "str"
        elif isinstance(prop, UuidProperty):
            yield "str"
            yield "UUID"
        else:
            yield from self._attribute_types(prop, frozenset())


def _join(types: Iterable[str]) -> str:
    found = list(dict.fromkeys(types))
    if "Any" in found:
        return "Any"
    if "None" in found:
        found.remove("None")
        found.append("None")
    return " | ".join(found)


def _scalar(prop: Property) -> str:
    try:
        return _SCALARS[type(prop)]
    except KeyError:
        raise UnknownPropertyError(
            f"{type(prop).__name__} (of {prop.name}) has no Python type here."
        ) from None


_HOMES = {"date": "_datetime", "datetime": "_datetime"}


def _name(name: str, shadowed: frozenset[str]) -> str:
    return f"{_HOMES.get(name, 'builtins')}.{name}" if name in shadowed else name


_CAMEL = re.compile(r"[a-z0-9][A-Z]")


def identifier(name: str, fallback: str, taken: Container[str]) -> str:
    """Return a member's name as a Python name: itself if it can be one and is no camelCase."""
    usable = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    chosen = name if usable and not _CAMEL.search(name) and name not in taken else fallback
    while chosen in taken or keyword.iskeyword(chosen):
        chosen += "_"
    return chosen
