# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""What a model remembers of the JSON that it came from."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs
import msgspec
from attrs import define, field, frozen

UNSET: Final = msgspec.UNSET
"""The value of an optional member that is absent; it is false, and left out when encoded."""

UnsetType = msgspec.UnsetType


@frozen(kw_only=True)
class Answer:
    """The facts of the HTTP answer that a result was read from."""

    status: int
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None = None


@define
class Kept:
    """What came with a model that its members cannot hold.

    ``raw`` is the JSON that a whole answer was decoded from; ``plain`` is the same for one object
    in it, decoded without types, once somebody asked for it.
    """

    raw: bytes | None = None
    plain: dict[str, Any] | None = None
    answer: Answer | None = None


class Model:
    """Base of all models: attrs classes that msgspec fills straight from bytes."""

    __slots__ = ("_kept_",)

    _kept_: Kept
    _names_: ClassVar[Mapping[str, str]] = {}
    """JSON names of the attributes that could not be named after their member."""
    _vital_: ClassVar[tuple[str, ...]] = ()
    """JSON names of the members without which an object says nothing: key and status."""


def kept(value: object) -> Kept | None:
    """Return what a model remembers, or None if it was made by hand or is no model."""
    return getattr(value, "_kept_", None)


def answer(value: object) -> Answer | None:
    """Return the facts of the HTTP answer (status, headers, request id) behind a result."""
    memory = kept(value)
    return memory.answer if memory else None


def json_name(cls: type[Model], attribute: str) -> str:
    """Return the name in JSON of a model's attribute."""
    return cls._names_.get(attribute, attribute)


def attributes(cls: Any) -> tuple["attrs.Attribute[Any]", ...]:
    """Return what attrs knows of a model's attributes."""
    return attrs.fields(cls)  # type: ignore[no-any-return]
