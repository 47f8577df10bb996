"""A body as a few lines of text around the place that matters."""

from collections.abc import Iterator
from typing import Any

import msgspec
from attrs import frozen

from runwright.history import NOT_JSON, Message
from runwright.pointer import place_of, resolve, tokens

NEIGHBOURS = 5
"""Members that are shown beside the one that matters."""

INSIDE = 14
"""Members that are shown of the value that matters itself."""

LONGEST = 120
"""Characters of a value on one line."""

IDENTITIES = ("id", "key", "uuid", "name")
"""Members by which the same item is found in two arrays."""

Path = tuple[str, ...]


@frozen
class Line:
    """A line: how deep it stands, its text, and whether it is the place that matters."""

    depth: int
    text: str
    is_marked: bool = False
    is_gap: bool = False


def excerpt(message: Message, pointer: str) -> tuple[Line, ...]:
    """Return the lines of a body around a JSON Pointer; of what is no JSON, how it begins."""
    if not message.content:
        return ()
    value = message.json
    if value is NOT_JSON:
        text = message.content[: LONGEST * 5].decode(errors="replace")
        shown = tuple(Line(0, _cut(line)) for line in text.splitlines()[:INSIDE])
        more = len(message.content) - LONGEST * 5
        return (*shown, Line(0, f"… {more} more bytes", is_gap=True)) if more > 0 else shown
    return tuple(_lines("", value, tokens(pointer), 0, ""))


def relocate(pointer: str, body: Any, other: Any) -> str | None:
    """Return the pointer to the same place in another body, None if it has no such place.

    The same item of an array may stand elsewhere in it; it is known by its identity.
    """
    found: list[str] = []
    for token in tokens(pointer):
        step = token
        if isinstance(body, list) and isinstance(other, list):
            index = _same_item(body, token, other)
            if index is None:
                return None
            step = str(index)
        found.append(step)
        body, other = resolve(body, place_of(token)), resolve(other, place_of(step))
    return place_of(*found)


def _same_item(items: list[Any], token: str, others: list[Any]) -> int | None:
    item = resolve(items, place_of(token))
    key = next((name for name in IDENTITIES if isinstance(item, dict) and name in item), None)
    if key is None:
        return int(token) if token.isdecimal() else None
    same = (i for i, o in enumerate(others) if isinstance(o, dict) and o.get(key) == item[key])
    return next(same, None)


def _lines(name: str, value: Any, path: Path | None, depth: int, comma: str) -> Iterator[Line]:
    is_marked = path == () and depth > 0
    if path is None or not isinstance(value, dict | list) or not value:
        yield Line(depth, f"{name}{_inline(value)}{comma}", is_marked)
        if path:
            yield Line(depth, f"nothing stands at {path[0]!r}", is_marked=True)
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield Line(depth, f"{name}{opening}", is_marked)
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    shown = _chosen(items, path)
    hidden = 0
    for index, (key, member) in enumerate(items):
        if index not in shown:
            hidden += 1
            continue
        if hidden:
            yield _gap(depth + 1, hidden)
            hidden = 0
        below = path[1:] if path and path[0] == str(key) else None
        label = f"{_inline(key)}: " if isinstance(value, dict) else ""
        end = "," if index < len(items) - 1 else ""
        yield from _lines(label, member, below, depth + 1, end)
    if hidden:
        yield _gap(depth + 1, hidden)
    if path and all(str(key) != path[0] for key, _ in items):
        yield Line(depth + 1, f"no member {path[0]!r}", is_marked=True)
    yield Line(depth, f"{closing}{comma}")


def _gap(depth: int, hidden: int) -> Line:
    return Line(depth, f"… {hidden} more", is_gap=True)


def _chosen(items: list[tuple[Any, Any]], path: Path) -> set[int]:
    """Choose the members to show: the one that matters, and small ones near it."""
    if not path:
        return set(range(min(INSIDE, len(items))))
    here = next((i for i, (key, _) in enumerate(items) if str(key) == path[0]), None)
    small = [i for i, (_, member) in enumerate(items) if not isinstance(member, dict | list)]
    small.sort(key=lambda i: abs(i - (here or 0)))
    return {*small[:NEIGHBOURS], *(() if here is None else (here,))}


def _inline(value: Any) -> str:
    if isinstance(value, dict) and len(value) > 3:
        return f"{{ … {len(value)} members }}"
    if isinstance(value, list) and len(value) > 6:
        return f"[ … {len(value)} items ]"
    text = msgspec.json.encode(value).decode()
    if isinstance(value, dict) and len(text) > LONGEST // 2:
        return f"{{ … {len(value)} member{'s' if len(value) > 1 else ''} }}"
    if isinstance(value, list) and len(text) > LONGEST // 2:
        return f"[ … {len(value)} item{'s' if len(value) > 1 else ''} ]"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
