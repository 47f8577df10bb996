"""JSON Pointers (RFC 6901) into decoded JSON, and the patterns that schemas make of them."""

import re
from collections.abc import Iterator
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
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Undo `escape`."""
    return token.replace("~1", "/").replace("~0", "~")


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
        if isinstance(body, dict):
            if token not in body:
                return MISSING
            body = body[token]
        elif isinstance(body, list):
            if not _INDEX.fullmatch(token) or int(token) >= len(body):
                return MISSING
            body = body[int(token)]
        else:
            return MISSING
    return body


def expand(body: Any, pattern: tuple[str, ...], at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (pointer, value) for every place in the body that the pattern matches.

    Places that a body lacks, or where it has another JSON type, are passed over.
    """
    if not pattern:
        yield at, body
        return
    token, rest = pattern[0], pattern[1:]
    if token == ANY:
        if isinstance(body, dict):
            for key, value in body.items():
                yield from expand(value, rest, f"{at}/{escape(key)}")
        elif isinstance(body, list):
            for index, value in enumerate(body):
                yield from expand(value, rest, f"{at}/{index}")
    elif isinstance(body, dict) and token in body:
        yield from expand(body[token], rest, f"{at}/{escape(token)}")
