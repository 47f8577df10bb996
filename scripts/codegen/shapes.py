"""What the templates need to know of models, enums and the dictionaries that stand for models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.strings import PythonIdentifier

from codegen.annotation import Annotator, Property, identifier
from codegen.document import TAKEN, PlainDocument

_TYPES = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "bytes", "property", "date", "datetime"}
)
"""What annotations and decorators in a class need, and members may be called all the same."""
_SECRETIVE = frozenset({"token", "secret", "password", "api_key", "apiKey", "access_token"})
_TAKEN = frozenset(
    {"self", "member", "outcome", "is_ended", "to_rows", "to_arrow", "to_pandas", "to_polars"}
)


@frozen(kw_only=True)
class Attribute:
    """A member of an object."""

    name: str
    json_name: str
    type: str
    argument_type: str
    required: bool
    hidden: bool
    description: str


@frozen(kw_only=True)
class Shape:
    """An object with members, which becomes a class."""

    name: str
    description: str
    attributes: tuple[Attribute, ...]
    is_open: bool
    """True if the spec says that it takes members of any name."""

    @property
    def renamed(self) -> Mapping[str, str]:
        """JSON names of the attributes that could not be named after their member."""
        return {a.name: a.json_name for a in self.attributes if a.name != a.json_name}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The attributes that hold secrets and are not printed."""
        return tuple(a.name for a in self.attributes if a.hidden)

    def builtin(self, name: str) -> str:
        """Return what a builtin is called in the class, which may have a member of that name."""
        return f"builtins.{name}" if any(a.name == name for a in self.attributes) else name

    @property
    def can_be_typed_dict(self) -> bool:
        """True if a dictionary type can say all that the spec says of it."""
        return not self.is_open and not self.renamed


@frozen(kw_only=True)
class Choice:
    """An enum of strings or integers."""

    name: str
    description: str
    values: tuple[tuple[str, str | int], ...]
    is_open: bool
    is_any_number: bool
    """True if it is of numbers, and a server may send others."""


@frozen(kw_only=True)
class Shapes:
    """All classes of a client, each before those that mention it."""

    shapes: tuple[Shape, ...]
    choices: tuple[Choice, ...]
    open_enums: frozenset[str]
    typed: frozenset[str]
    """The models that have a dictionary type beside them."""

    def named(self, name: str) -> Shape | None:
        """Return a model by its class's name."""
        return next((shape for shape in self.shapes if shape.name == name), None)

    @property
    def typed_shapes(self) -> tuple[Shape, ...]:
        """The models that have a dictionary type beside them, in order."""
        return tuple(shape for shape in self.shapes if shape.name in self.typed)


@frozen
class _Context:
    """What the description of one class takes from the others."""

    annotator: Annotator
    plain: PlainDocument
    open_enums: frozenset[str]
    typed: frozenset[str]
    classes: frozenset[str]
    """The names of all classes, enums included; an attribute of that name would hide one."""


def collect(
    annotator: Annotator,
    enums: Sequence[EnumProperty],
    plain: PlainDocument,
    *,
    sent: Iterable[Property],
    received: Iterable[Property],
) -> Shapes:
    """Describe the classes of a client.

    `sent` are the bodies of requests and their parameters, `received` those of answers.
    """
    in_requests, in_answers = _closure(sent, annotator), _closure(received, annotator)
    choices = tuple(
        sorted(
            (_choice(enum, plain, is_answered=_enum_name(enum) in in_answers) for enum in enums),
            key=lambda choice: choice.name,
        )
    )
    open_enums = frozenset(choice.name for choice in choices if choice.is_open)
    names = [name for name in _ordered(annotator) if not annotator.is_map(name)]
    classes = frozenset({*names, *(choice.name for choice in choices)})
    context = _Context(annotator, plain, open_enums, in_requests.intersection(names), classes)
    shapes = _shapes(names, choices, context)
    possible = frozenset(s.name for s in shapes if s.can_be_typed_dict)
    # Now that it is known which models a dictionary type can stand for, name only those.
    context = evolve(context, typed=context.typed & possible)
    return Shapes(
        shapes=_shapes(names, choices, context),
        choices=choices,
        open_enums=open_enums,
        typed=context.typed,
    )


def _shapes(
    names: Iterable[str], choices: Iterable[Choice], context: _Context
) -> tuple[Shape, ...]:
    defined = {choice.name for choice in choices}
    found = []
    for name in names:
        found.append(_shape(name, defined, context))
        defined.add(name)
    return tuple(found)


def members(model: ModelProperty) -> list[Property]:
    """Return a model's members, required ones first."""
    return [*(model.required_properties or ()), *(model.optional_properties or ())]


def _enum_name(enum: EnumProperty) -> str:
    return str(enum.class_info.name)


def _closure(props: Iterable[Property], annotator: Annotator) -> frozenset[str]:
    seen: set[str] = set()
    frontier = [name for prop in props for name in annotator.classes(prop)]
    while frontier:
        name = frontier.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in annotator.models:
            frontier.extend(_mentioned(name, annotator))
    return frozenset(seen)


def _mentioned(name: str, annotator: Annotator) -> Iterator[str]:
    for prop in members(annotator.models[name]):
        yield from annotator.classes(prop)


def _ordered(annotator: Annotator) -> list[str]:
    """Return the names so that, circles aside, each comes after those it mentions."""
    done: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in annotator.models:
            return
        seen.add(name)
        for mentioned in sorted(set(_mentioned(name, annotator))):
            visit(mentioned)
        done.append(name)

    for name in sorted(annotator.models):
        visit(name)
    return done


def _is_open(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("properties")) and schema.get("additionalProperties") not in (
        None,
        False,
    )


def _shape(name: str, defined: set[str], context: _Context) -> Shape:
    annotator, model = context.annotator, context.annotator.models[name]
    schema = context.plain.schema(name)
    attributes: list[Attribute] = []
    json_names = [prop.name.get_untrusted_value() for prop in members(model)]
    shadowed = _TYPES.intersection(json_names)
    taken = {*_TAKEN, *TAKEN, *context.classes}
    for prop, json_name in zip(members(model), json_names, strict=True):
        # A member keeps its own name, whatever others would like to be called.
        others = {name for name in json_names if name != json_name}
        chosen = identifier(json_name, str(prop.python_name), taken | others)
        taken.add(chosen)
        type_ = annotator.attribute(prop, shadowed=shadowed)
        if not prop.required:
            type_ += " | UnsetType"
        if any(mentioned not in defined for mentioned in annotator.classes(prop)):
            type_ = repr(type_)
        attributes.append(
            Attribute(
                name=chosen,
                json_name=json_name,
                type=type_,
                argument_type=annotator.argument(prop, context.open_enums, context.typed),
                required=prop.required,
                hidden=json_name in _SECRETIVE,
                description=_description(schema, json_name, prop),
            )
        )
    return Shape(
        name=name,
        description=text_of(model.description),
        attributes=tuple(attributes),
        is_open=_is_open(schema),
    )


def _description(schema: Mapping[str, Any], json_name: str, prop: Property) -> str:
    own = schema.get("properties", {}).get(json_name, {})
    return str(own.get("description") or text_of(prop.description))


def _choice(enum: EnumProperty, plain: PlainDocument, *, is_answered: bool) -> Choice:
    name = _enum_name(enum)
    schema = plain.schema(name)
    is_text = enum.value_type is str
    values = list(schema.get("enum", ()))
    names = [str(PythonIdentifier(key, "VALUE_")).upper() for key in enum.values]
    return Choice(
        name=name,
        description=text_of(enum.description),
        values=tuple(zip(names, values, strict=True)),
        is_open=is_text and (is_answered or bool(schema.get("x-open-enum"))),
        is_any_number=not is_text and is_answered,
    )


def text_of(untrusted: Any) -> str:
    """Return a description, or nothing; templates escape it."""
    return untrusted.get_untrusted_value() if untrusted else ""
