# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Takes the token out of whatever a server's words got into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from typing import Any, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from .model import Model, keep, kept

T = TypeVar("T")

Hide = Callable[[bytes], bytes]
"""Blots the token out of bytes."""


def redact(error: BaseException, hide: Hide) -> None:
    """Take the token out of an error, its attributes, and the library's errors that caused it."""
    state = redacted(vars(error), hide)
    if state is not vars(error):
        vars(error).update(state)
        error.__traceback__ = None  # the variables of its frames have it, too
        if error.__suppress_context__:
            error.__context__ = None  # and so have those of what it stands for
    link: BaseException | None = error
    while link is not None:
        args = redacted(link.args, hide)
        if args is not link.args:
            link.args = args
            link.__traceback__ = None
        for arg in args:
            if isinstance(arg, BaseException):
                redact(arg, hide)
        link = link.__cause__


def redacted(value: T, hide: Hide) -> T:
    """Return a value without the token; the very same if it had none."""
    return cast(T, _redacted(value, hide))


def _redacted(value: Any, hide: Hide) -> Any:
    if isinstance(value, str):
        came = value.encode("utf-8", "surrogatepass")
        left = hide(came)
        return value if left == came else type(value)(left.decode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        left = hide(value)
        return value if left == value else left
    if isinstance(value, Mapping):
        if _is_clean([*value, *value.values()], hide):
            return value
        names, members = _redacted([*value], hide), _redacted([*value.values()], hide)
        is_same = all(map(is_, names, value)) and all(map(is_, members, value.values()))
        return value if is_same else dict(zip(names, members, strict=True))
    if isinstance(value, list | tuple):
        members = type(value)(_redacted(member, hide) for member in value)
        return value if all(map(is_, members, value)) else members
    if isinstance(value, Model):
        return _model(value, hide)
    if isinstance(value, Struct):
        changes = _changes(value, hide)
        return replace(value, **changes) if changes else value
    return value


def _is_clean(members: list[Any], hide: Hide) -> bool:
    """True if these are strings without the token: in an answer's headers, as good as always."""
    try:
        text = "\n".join(members)
    except TypeError:
        return False
    return _redacted(text, hide) is text


def _model(value: Model, hide: Hide) -> Model:
    came = kept(value)
    left = _redacted(came, hide)
    if came is not None and came.raw is not None and left is came:
        return value  # where it is not in the answer, it is in none of its members
    changes = _changes(value, hide)
    if not changes and left is came:
        return value
    made = replace(value, **changes)
    if left is not None:
        keep(made, left)
    return made


def _changes(value: Struct, hide: Hide) -> dict[str, Any]:
    came = {name: getattr(value, name) for name in value.__struct_fields__}
    left = {name: _redacted(member, hide) for name, member in came.items()}
    return {name: member for name, member in left.items() if member is not came[name]}
