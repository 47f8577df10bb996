# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""The forgiving way from JSON to models, taken where the strict and fast one gave up.

It reads what was clearly meant: null or nothing where an empty array or map is due, null for an
optional member, a number for a textual id and the reverse, an id for the object that has it. A
required member that a newer server has dropped is UNSET, and one that it leaves empty is None, for
most callers never ask for it; but a thing's key and status must be there. All else is a `Misfit`,
with its place.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from .model import UNSET, Kept, Model, keep, members
from .open_enum import OpenEnum

Convert = Callable[[Any, str], Any]
_ABSENT: Any = object()


class Misfit(Exception):  # noqa: N818  it never leaves the package; DecodeError does
    """A value does not fit; the place is a JSON Pointer."""

    def __init__(self, pointer: str, expected: str, got: Any) -> None:
        super().__init__(pointer)
        self.pointer = pointer
        self.expected = expected
        self.got = describe(got)


def describe(value: Any) -> str:
    """Say what a JSON value is, in a few words."""
    if value is _ABSENT:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {str(value)[:40]}"
    if isinstance(value, str):
        return f"the string {value[:40]!r}{'…' if len(value) > 40 else ''}"
    return "an array" if isinstance(value, list) else "an object"


def escape(token: str) -> str:
    """Escape a reference token of a JSON Pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def convert(value: Any, type_: Any) -> Any:
    """Turn decoded JSON into a type of models.

    Raises:
        Misfit: something does not fit.
    """
    return _converter(type_)(value, "")


def check_same(made: Any, came: Any, at: str = "") -> None:
    """Check that what was made of plain JSON is no other value.

    Raises:
        Misfit: it is, at the place given.
    """
    if isinstance(made, Model):
        return  # it remembers
    if isinstance(made, dict) and isinstance(came, dict):
        for name, member in made.items():
            check_same(member, came[name], f"{at}/{escape(name)}")
    elif isinstance(made, list) and isinstance(came, list):
        for index, member in enumerate(made):
            check_same(member, came[index], f"{at}/{index}")
    elif made != came:
        raise Misfit(at, describe(made), came)


@cache
def _converter(type_: Any) -> Convert:
    origin = get_origin(type_)
    if type_ is Any:
        return lambda value, _: value
    if origin in (Union, types.UnionType):
        return _union(tuple(a for a in get_args(type_) if a is not msgspec.UnsetType))
    if origin is list:
        return _array(get_args(type_)[0])
    if origin is dict:
        return _map(get_args(type_)[1])
    if origin is Literal:
        return _literal(get_args(type_))
    if isinstance(type_, type) and issubclass(type_, Model):
        return _object(type_)
    if isinstance(type_, type) and issubclass(type_, OpenEnum):
        return _text(type_)
    scalar: dict[Any, Convert] = {
        str: _text(str),
        int: _integer,
        float: _number,
        bool: _boolean,
        type(None): _null,
        datetime: _moment(datetime, "an RFC 3339 date and time"),
        date: _moment(date, "an ISO 8601 date"),
    }
    return scalar[type_]


def _text(make: Callable[[str], Any]) -> Convert:
    def read(value: Any, at: str) -> Any:
        if isinstance(value, str):
            return make(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return make(str(value))
        raise Misfit(at, "a string", value)

    return read


def _integer(value: Any, at: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii():
        with contextlib.suppress(ValueError):  # Python reads only so many digits
            return int(value)
    raise Misfit(at, "an integer", value)


def _number(value: Any, at: str) -> float:
    with contextlib.suppress(OverflowError, msgspec.DecodeError, UnicodeDecodeError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, str):
            return msgspec.json.decode(value.encode("utf-8", "surrogatepass"), type=float)
    raise Misfit(at, "a number", value)


def _boolean(value: Any, at: str) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit(at, "true or false", value)


def _null(value: Any, at: str) -> None:
    if value is not None and value is not _ABSENT:
        raise Misfit(at, "null", value)


def _moment(type_: Any, expected: str) -> Convert:
    def read(value: Any, at: str) -> Any:
        if not isinstance(value, str):
            raise Misfit(at, expected, value)
        found = parse_moment(value, type_)
        if found is None:
            raise Misfit(at, expected, value)
        return found

    return read


def parse_moment(text: str, type_: Any) -> Any:
    """Read a date and time, or a date, in any form that ISO 8601 allows; None if it is neither."""
    try:
        return msgspec.convert(text, type_)
    except msgspec.ValidationError:
        try:
            return type_.fromisoformat(text)
        except ValueError:
            return None


def _literal(values: tuple[Any, ...]) -> Convert:
    def read(value: Any, at: str) -> Any:
        if value in values:
            return value
        raise Misfit(at, "one of " + ", ".join(map(repr, values)), value)

    return read


def _array(item: Any) -> Convert:
    def read(value: Any, at: str) -> list[Any]:
        if at and (value is None or value is _ABSENT):
            return []
        if not isinstance(value, list):
            raise Misfit(at, "an array", value)
        each = _converter(item)
        return [each(member, f"{at}/{index}") for index, member in enumerate(value)]

    return read


def _map(item: Any) -> Convert:
    def read(value: Any, at: str) -> dict[str, Any]:
        if at and (value is None or value is _ABSENT):
            return {}
        if not isinstance(value, dict):
            raise Misfit(at, "an object", value)
        each = _converter(item)
        return {key: each(member, f"{at}/{escape(key)}") for key, member in value.items()}

    return read


def _union(members: tuple[Any, ...]) -> Convert:
    converters = [_converter(member) for member in members]
    nullable = type(None) in members

    def read(value: Any, at: str) -> Any:
        if value is None or value is _ABSENT:
            if nullable:
                return None
            return converters[0](value, at)
        fits: list[Any] = []
        misfits: list[Misfit] = []
        for member, converter in zip(members, converters, strict=True):
            if member is type(None):
                continue
            try:
                fits.append(converter(value, at))
            except Misfit as misfit:
                misfits.append(misfit)
        if not fits:
            # The one that got furthest tells most.
            furthest = max(misfits, key=lambda misfit: len(misfit.pointer))
            wanted = [m.expected for m in misfits if m.pointer == furthest.pointer]
            furthest.expected = " or ".join(dict.fromkeys(wanted))
            raise furthest
        return max(fits, key=lambda fit: _closeness(fit, value))

    return read


def _closeness(fit: Any, value: Any) -> int:
    """Rank what a value was read as: spelled the same, then knowing more of its members."""
    if isinstance(fit, Model) and isinstance(value, dict):
        return sum(member.json_name in value for member in members(type(fit)))
    if isinstance(fit, list | dict | Model):
        return 0
    return 1 if type(fit) is type(value) else int(fit == value) - 1


def _object(cls: type[Model]) -> Convert:
    def read(value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise Misfit(at, f"an object ({cls.__name__})", value)
        found: dict[str, Any] = {}
        for member in members(cls):
            came = value.get(member.json_name, _ABSENT)
            if came is _ABSENT or (came is None and not _takes_null(member.type)):
                is_vital = member.json_name in cls._vital_ or _has_empty(member.type)
                if not (member.is_required and is_vital):
                    empty = None if came is None and member.is_required else UNSET
                    found[member.name] = empty
                    continue
            place = f"{at}/{escape(member.json_name)}"
            try:
                found[member.name] = _converter(member.type)(came, place)
            except Misfit:
                reference = _reference(member.type, came)
                if reference is None:
                    raise
                found[member.name] = reference
        made = cls(**found)
        keep(made, Kept(plain=value))
        return made

    return read


def _reference(type_: Any, value: Any) -> Model | None:
    """Return the object that an id stands for, with no more than its id; None if it is none.

    One generation of an API puts objects where another has their ids.
    """
    choices = get_args(type_) if get_origin(type_) in (Union, types.UnionType) else (type_,)
    models = [t for t in choices if isinstance(t, type) and issubclass(t, Model)]
    if len(models) != 1 or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found: dict[str, Any] = {}
    for member in members(models[0]):
        is_empty = member.is_required and get_origin(member.type) in (list, dict)
        found[member.name] = _converter(member.type)(_ABSENT, "/") if is_empty else UNSET
    key = next((m for m in members(models[0]) if m.json_name == "id"), None)
    if key is None:
        return None
    try:
        found[key.name] = _converter(key.type)(value, "")
    except Misfit:
        return None
    made = models[0](**found)
    keep(made, Kept(plain={"id": value}, is_reference=True))
    return made


def _has_empty(type_: Any) -> bool:
    """Return True if absence has a value in a type: an empty array or map, or null."""
    return get_origin(type_) in (list, dict) or (_takes_null(type_) and type_ is not Any)


def _takes_null(type_: Any) -> bool:
    return type_ is Any or type(None) in get_args(type_)
