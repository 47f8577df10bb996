# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""What a model is, and what it remembers of the JSON that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Final, Self, get_type_hints

import msgspec
from msgspec.structs import fields as struct_fields

UNSET: Final = msgspec.UNSET
"""The value of an optional member that is absent; it is false, and left out when encoded."""

UnsetType = msgspec.UnsetType


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of the HTTP answer that a result was read from."""

    status: int
    method: str
    url: str
    headers: Mapping[str, str]
    request_id: str | None = None

    def __repr__(self) -> str:
        return f"Answer({self.status} to {self.method} {self.url})"


class Kept(msgspec.Struct):
    """What came with a model that its members cannot hold.

    ``raw`` is the JSON that a whole answer was decoded from; ``plain`` is the same for one object
    in it, decoded without types, once somebody asked for it.
    """

    raw: bytes | None = None
    plain: dict[str, Any] | None = None
    answer: Answer | None = None
    is_reference: bool = False
    """True if not the object came, but its id in its place."""


class _AttrsFields:
    """What attrs asks a class for, made when it asks; msgspec does without."""

    def __get__(self, instance: object, owner: type[Model]) -> Any:
        return _attrs_fields(owner)


class Model(msgspec.Struct, kw_only=True, dict=True):
    """Base of all models: msgspec fills them straight from bytes, and attrs knows them too.

    ``attrs.fields``, ``attrs.asdict`` and ``attrs.evolve`` work as with any attrs class, but know
    nothing of members that the spec does not know: the client's own ``evolve`` keeps those.
    """

    # The instance's dictionary holds nothing but what `keep` puts there.
    __attrs_attrs__: ClassVar[Any] = _AttrsFields()
    _vital_: ClassVar[tuple[str, ...]] = ()
    """JSON names of the members without which an object says nothing: key and status."""
    _hidden_: ClassVar[tuple[str, ...]] = ()
    """The members that hold secrets, and so are not printed."""

    def __reduce__(self) -> tuple[Any, ...]:
        members = {name: getattr(self, name) for name in self.__struct_fields__}
        return _rebuild, (type(self), members, kept(self))

    def __copy__(self) -> Self:
        made = type(self)(**{name: getattr(self, name) for name in self.__struct_fields__})
        memory = kept(self)
        if memory is not None:
            keep(made, memory)
        return made


class Member(msgspec.Struct, frozen=True):
    """A member of a model: its name as an attribute and in JSON, its type, its default."""

    name: str
    json_name: str
    type: Any
    is_required: bool


def _rebuild(cls: type[Model], members: dict[str, Any], memory: Kept | None) -> Model:
    made = cls(**members)
    if memory is not None:
        keep(made, memory)
    return made


def keep(value: Model, memory: Kept) -> None:
    """Let a model remember."""
    value.__dict__["_kept_"] = memory


def kept(value: object) -> Kept | None:
    """Return what a model remembers, or None if it was made by hand or is no model."""
    if not isinstance(value, Model):
        return None
    memory = value.__dict__.get("_kept_")
    if isinstance(memory, tuple):
        # A codec has left no more than what it takes to make one: most are never asked for.
        memory = value.__dict__["_kept_"] = Kept(*memory)
    return memory


def answer(value: object) -> Answer | None:
    """Return the facts of the HTTP answer (status, headers, request id) behind a result."""
    memory = kept(value)
    return memory.answer if memory else None


@cache
def members(cls: Any) -> tuple[Member, ...]:
    """Return the members of a model's class."""
    hints = get_type_hints(cls)
    return tuple(
        Member(field.name, field.encode_name, hints[field.name], field.required)
        for field in struct_fields(cls)
    )


@cache
def _attrs_fields(cls: Any) -> Any:
    import attrs

    made = {
        field.name: attrs.field(
            default=attrs.NOTHING if field.required else UNSET, kw_only=True, type=field.type
        )
        for field in struct_fields(cls)
    }
    return attrs.fields(attrs.make_class(cls.__name__, made, slots=False, init=False, eq=False))


def shown(value: Model) -> list[tuple[str, Any]]:
    """Return what may be printed of a model that holds secrets."""
    names = (member.name for member in members(type(value)))
    return [(name, getattr(value, name)) for name in names if name not in value._hidden_]
