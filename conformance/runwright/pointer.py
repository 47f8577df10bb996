"""JSON Pointers (RFC 6901) into decoded JSON, and the patterns that schemas make of them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""What `resolve` answers where a body has no such place; JSON's null is None."""

ANY: Final = "*"
"""The token of a pattern that stands for each key of a map and each index of an array."""


_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")


def escape(token: str) -> str:
    """Escape one reference token."""
    if "~" not in token and "/" not in token:
        return token
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Undo `escape`."""
    return token.replace("~1", "/").replace("~0", "~")


@lru_cache(maxsize=4096)
def tokens(member: str) -> tuple[str, ...]:
    """Split a member name or a JSON Pointer into unescaped tokens."""
    if not member.startswith("/"):
        return (member,) if member else ()
    return tuple(unescape(part) for part in member[1:].split("/"))


def pointer_to(*members: str) -> str:
    """Return the JSON Pointer of member names and pointers, one below the other."""
    return "".join("/" + escape(token) for member in members for token in tokens(member))


def place_of(*keys: str) -> str:
    """Return the JSON Pointer of keys as they stand in a body, whatever characters they have."""
    return "".join("/" + escape(key) for key in keys)


def resolve(body: Any, member: str) -> Any:
    """Return the value at a member name or JSON Pointer, or MISSING."""
    for token in tokens(member):
        body = member_of(body, token)
        if body is MISSING:
            break
    return body


def expand(body: Any, pattern: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield (pointer, value) for every place in the body that the pattern matches.

    Places that a body lacks, or where it has another JSON type, are passed over.
    """
    for pointer, value, _ in expand_changes(body, MISSING, pattern):
        yield pointer, value


def expand_changes(
    body: Any, former: Any, pattern: tuple[str, ...], at: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Yield (pointer, value, former value) for every place where a body is not as the former.

    What is the same object in both, at any level, is passed over, but for the body itself.
    """
    if not pattern:
        yield at, body, former
        return
    token, rest = pattern[0], pattern[1:]
    items: Iterable[tuple[str, Any]] = ()
    if token == ANY:
        if isinstance(body, dict):
            items = body.items()
        elif isinstance(body, list):
            items = ((str(index), value) for index, value in enumerate(body))
    elif isinstance(body, dict) and token in body:
        items = ((token, body[token]),)
    for key, value in items:
        was = member_of(former, key)
        if was is MISSING or was is not value:
            yield from expand_changes(value, was, rest, f"{at}/{escape(key)}")


def member_of(container: Any, token: str) -> Any:
    """Return what a token leads to in an object or array, or MISSING."""
    if isinstance(container, dict):
        return container.get(token, MISSING)
    if isinstance(container, list) and _INDEX.fullmatch(token) and int(token) < len(container):
        return container[int(token)]
    return MISSING
