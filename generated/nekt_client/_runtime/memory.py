# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Models back to JSON, with all that came along: unknown members, and the spelling of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from .collector import COLLECTOR, LARGE
from .conversion import escape, parse_moment
from .errors import DecodeError
from .model import UNSET, Kept, Model, keep, kept, members

M = TypeVar("M", bound=Model)

_NOTHING: Any = object()


def encode(value: Any) -> bytes:
    """Write a model, or a structure of models, as JSON.

    A decoded answer is written as it came, whatever the spec does not know included; changes made
    to it win.

    Raises:
        DecodeError: a member that the spec does not know holds what is no JSON.
    """
    memory = kept(value)
    if memory is not None and memory.raw is not None:
        written = msgspec.json.encode(value)
        if _says_the_same(written, memory.raw):
            return written
    return msgspec.json.encode(to_plain(value))


def _says_the_same(written: bytes, came: bytes) -> bool:
    if written == came:
        return True
    if len(came) < LARGE:
        return bool(msgspec.json.decode(written) == _read(came))
    with COLLECTOR.paused():
        return bool(msgspec.json.decode(written) == _read(came))


def _read(came: bytes) -> Any:
    """Read an answer again, without a type.

    Raises:
        DecodeError: something is no JSON, in a member that was skipped when it was read first.
    """
    try:
        return msgspec.json.decode(came)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(
            pointer="", expected="JSON in members unknown to the spec, too", got=str(error)
        ) from None


def unfold(value: Any) -> None:
    """Give every model within a decoded answer its own piece of what came.

    Do this before parts of an answer go their own ways, if they shall keep members unknown to the
    spec even then.

    Raises:
        DecodeError: such a member holds what is no JSON.
    """
    memory = kept(value)
    if memory is not None and memory.raw is not None and memory.plain is None:
        _attach(value, _read(memory.raw))


def evolve(value: M, **changes: Any) -> M:
    """Return a copy of a model with some members changed.

    Unlike `attrs.evolve`, it keeps the members that the spec does not know.

    Raises:
        DecodeError: such a member holds what is no JSON.
    """
    unfold(value)  # so that what is put in place of a part is not taken for it
    made = replace(value, **changes)
    memory = kept(value)
    if memory is not None:
        keep(made, memory)
    return made


def unknown(value: Any) -> dict[str, Any]:
    """Return the members of a decoded answer that the spec does not know, by JSON Pointer.

    Raises:
        DecodeError: one of them holds what is no JSON.
    """
    unfold(value)
    return dict(_unknown(value, ""))


def _unknown(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Model):
        known = {member.json_name: member.name for member in members(type(value))}
        memory = kept(value)
        for name, member in ((memory.plain or {}) if memory else {}).items():
            if name not in known:
                yield f"{at}/{escape(name)}", member
        for name, attribute in known.items():
            yield from _unknown(getattr(value, attribute), f"{at}/{escape(name)}")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _unknown(member, f"{at}/{escape(str(name))}")
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            yield from _unknown(member, f"{at}/{index}")


def _attach(value: Any, plain: Any) -> None:
    if isinstance(value, Model) and isinstance(plain, dict):
        memory = kept(value)
        if memory is None:
            keep(value, Kept(plain=plain))
        elif memory.plain is None:
            memory.plain = plain
        else:
            return
        for member in members(type(value)):
            if member.json_name in plain:
                _attach(getattr(value, member.name), plain[member.json_name])
    elif isinstance(value, dict) and isinstance(plain, dict):
        for name, member in value.items():
            if name in plain:
                _attach(member, plain[name])
    elif isinstance(value, list) and isinstance(plain, list) and len(value) == len(plain):
        for member, piece in zip(value, plain, strict=True):
            _attach(member, piece)


def to_plain(value: Any, spelled: Any = _NOTHING) -> Any:
    """Turn models into what JSON has, spelled as it came where the value is still the same."""
    if isinstance(value, Model):
        plain, memory = _object_to_plain(value), kept(value)
        if memory is not None and memory.is_reference and plain == memory.plain:
            return plain["id"]
        return plain
    if type(value) is type(spelled) and value == spelled:
        return spelled
    if isinstance(value, Mapping):
        if not value and spelled is None:
            return None
        pieces = spelled if isinstance(spelled, dict) else {}
        return {
            name: to_plain(member, pieces.get(name, _NOTHING))
            for name, member in value.items()
            if member is not UNSET
        }
    if isinstance(value, list | tuple):
        if not value and spelled is None:
            return None
        if isinstance(spelled, list) and len(spelled) == len(value):
            return [to_plain(m, s) for m, s in zip(value, spelled, strict=True)]
        return [to_plain(member) for member in value]
    return spelled if spelled is not _NOTHING and _means(spelled, value) else value


def _object_to_plain(value: Model) -> dict[str, Any]:
    unfold(value)
    memory = kept(value)
    came = memory.plain if memory else None
    plain = came or {}
    made: dict[str, Any] = {}
    known = set()
    for member in members(type(value)):
        name, own = member.json_name, getattr(value, member.name)
        known.add(name)
        if own is UNSET:
            if name in plain and plain[name] is None:
                made[name] = None  # null came for an optional member that has no null
        elif came is not None and name not in came and member.is_required and not own:
            continue  # a required member was missing, and was read as empty
        else:
            made[name] = to_plain(own, plain.get(name, _NOTHING))
    for name, piece in plain.items():
        if name not in known:
            made[name] = piece
    return made


def _means(spelled: Any, value: Any) -> bool:
    """True if a JSON value is another spelling of a scalar."""
    if isinstance(spelled, dict | list) or spelled is None or isinstance(spelled, bool):
        return False
    if isinstance(value, datetime | date) and isinstance(spelled, str):
        return bool(value == parse_moment(spelled, type(value)))
    if isinstance(value, Enum):
        return bool(str(spelled) == value.value)
    if isinstance(value, bool):
        return False
    if isinstance(value, str) and isinstance(spelled, int | float):
        return str(spelled) == value
    if isinstance(value, int | float) and isinstance(spelled, str):
        try:
            return type(value)(spelled) == value
        except ValueError:
            return False
    return False
