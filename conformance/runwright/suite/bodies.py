"""Request bodies: valid ones varied from a spec's examples, and ones that break its schema."""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode

from attrs import frozen
from hypothesis import strategies as st

from runwright.form import FORM, decode_form
from runwright.spec import Operation, Spec
from runwright.suite.simplest import simplest
from runwright.validation import compile_schema

MOST_ROWS: Final = 6
"""How many items an array grows to; longer ones make slow runs, and prove no more."""
MOST_GROWN: Final = 1_000
"""The limit up to which an array is made one item too long."""


@frozen
class Body:
    """The content of a request and its media type; None for no body."""

    media_type: str | None = None
    content: bytes = b""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header that belongs to it."""
        return () if self.media_type is None else (("content-type", self.media_type),)


NO_BODY: Final = Body()


def encode_body(media_type: str, value: Any) -> Body:
    """Write a value in a media type: JSON, or a form."""
    if media_type == FORM:
        pairs = [(k, json.dumps(v) if not isinstance(v, str) else v) for k, v in value.items()]
        return Body(media_type, urlencode(pairs).encode())
    return Body(media_type, json.dumps(value, ensure_ascii=False).encode())


def media_of(operation: Operation) -> tuple[str, Mapping[str, Any]] | None:
    """Return the media type in which an operation takes its body, JSON if it can be had."""
    content = (operation.request_body or {}).get("content", {})
    kinds = sorted(content, key=lambda kind: "json" not in kind)
    return (kinds[0], content[kinds[0]]) if kinds else None


def example_values(spec: Spec, operation: Operation) -> tuple[Any, ...]:
    """Return the values of the examples that a spec gives for an operation's body.

    Where it gives none, the simplest value that fits; there may be none of which that is known.
    """
    media = media_of(operation)
    if media is None:
        return ()
    told = _told(spec, media[1])
    if told:
        return told
    schema = media[1].get("schema", {})
    made = simplest(spec, schema)
    return (made,) if compile_schema(spec, schema, None).is_valid(made) else ()


def _told(spec: Spec, media: Mapping[str, Any]) -> tuple[Any, ...]:
    shown = [spec.deref(example).get("value") for example in media.get("examples", {}).values()]
    return (*shown, *([media["example"]] if "example" in media else []))


def example_bodies(spec: Spec, operation: Operation) -> tuple[Body, ...]:
    """Return the bodies that surely fit: the spec's examples, and none where none is needed.

    There is always one, even if it is none of those.
    """
    media = media_of(operation)
    if media is None:
        return (NO_BODY,)
    bodies = tuple(encode_body(media[0], value) for value in example_values(spec, operation))
    required = (operation.request_body or {}).get("required")
    return bodies if bodies and required else (*bodies, NO_BODY)


def bodies(spec: Spec, operation: Operation) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies that fit the schema, near the spec's examples."""
    media = media_of(operation)
    values = example_values(spec, operation)
    if media is None or not values:
        return st.sampled_from(example_bodies(spec, operation))
    kind, raw = media
    validator = compile_schema(spec, raw.get("schema", {}), None)
    schema = raw.get("schema", {})
    varied = st.one_of(
        st.sampled_from(values), *(variations(spec, schema, value) for value in values)
    )
    fitting = varied.map(lambda value: value if validator.is_valid(value) else values[0])
    required = (operation.request_body or {}).get("required")
    made = fitting.map(lambda value: encode_body(kind, value))
    return made if required else st.one_of(made, st.just(NO_BODY))


@st.composite
def variations(draw: st.DrawFn, spec: Spec, schema: Mapping[str, Any], value: Any) -> Any:
    """Draw a value that differs from an example where its schema allows it.

    Optional members may go, flags may flip, closed enums may take another value, and lists of
    things with an id may grow or shrink; ids stay different from each other. Whether the whole
    still fits is for the caller to check.
    """
    schema = _resolved(spec, schema, value)
    if isinstance(value, bool):
        return draw(st.booleans())
    if "enum" in schema and value in schema["enum"]:
        return draw(st.sampled_from([value, *schema["enum"]]))
    if isinstance(value, dict):
        required = schema.get("required", ())
        members = schema.get("properties", {})
        result = {}
        for name, member in value.items():
            if name in members and name not in required and draw(st.integers(0, 4)) == 0:
                continue
            result[name] = draw(variations(spec, members.get(name, {}), member))
        return result
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        items = schema.get("items", {})
        count = len(value)
        if "id" in spec.deref(items).get("properties", {}):
            least, most = schema.get("minItems", 0), schema.get("maxItems", MOST_ROWS)
            count = draw(st.integers(max(1, least), max(1, least, min(most, MOST_ROWS))))
        drawn = [draw(variations(spec, items, value[place % len(value)])) for place in range(count)]
        return _with_own_ids(drawn, draw(st.integers(1, 9_000)))
    return value


def _with_own_ids(items: list[Any], start: int) -> list[Any]:
    """Give each item that repeats an id another one of the same type."""
    taken = {str(item["id"]) for item in items if "id" in item}
    seen: set[str] = set()
    for item in items:
        identifier = item.get("id")
        if isinstance(identifier, str | int) and str(identifier) in seen:
            number = next(n for n in itertools.count(start) if not _names(identifier, n) & taken)
            item["id"] = number if isinstance(identifier, int) else f"{identifier}/{number}"
            taken.add(str(item["id"]))
        seen.add(str(item.get("id")))
    return items


def _names(identifier: str | int, number: int) -> set[str]:
    return {str(number), f"{identifier}/{number}"}


def _resolved(spec: Spec, schema: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Follow references, and into the first alternative that has the value's JSON type."""
    found: Mapping[str, Any] = spec.deref(schema)
    for key in ("anyOf", "oneOf"):
        for member in found.get(key, ()):
            inner = _resolved(spec, member, value)
            if isinstance(value, dict) == ("properties" in inner):
                return inner
    return found


Flaw = Literal["absent", "no JSON", "type", "member", "size", "text"]
"""What is wrong with a body; each kind goes through other code of a server."""


@frozen
class BrokenBody:
    """A body that no server should take: what is wrong with it, and where."""

    flaw: Flaw
    where: str
    body: Body


def broken_bodies(spec: Spec, operation: Operation) -> Iterator[BrokenBody]:
    """Yield bodies that are no JSON, or that the schema forbids.

    Values are made from the spec's first example by one change each.
    """
    media = media_of(operation)
    if media is None:
        return
    kind, raw = media
    if kind == FORM:
        yield from _broken_forms(spec, raw.get("schema", {}))
    if "json" not in kind:
        return
    if (operation.request_body or {}).get("required"):
        yield BrokenBody("absent", "all", Body(kind))
    for where, content in _NO_JSON.items():
        yield BrokenBody("no JSON", where, Body(kind, content))
    schema = raw.get("schema", {})
    validator = compile_schema(spec, schema, None)
    values = example_values(spec, operation)
    seen = set()
    for flaw, where, value in _misshapen(spec, schema, values[0] if values else {}):
        body = encode_body(kind, value)
        if body.content not in seen and not validator.is_valid(value):
            seen.add(body.content)
            yield BrokenBody(flaw, where, body)


def _broken_forms(spec: Spec, schema: Mapping[str, Any]) -> Iterator[BrokenBody]:
    """Yield forms with one member that does not fit."""
    validator = compile_schema(spec, schema, None)
    for name in spec.deref(schema).get("properties", {}):
        for text in ("?", "", "-1"):
            content = urlencode([(name, text)]).encode()
            if not validator.is_valid(decode_form(spec, schema, content)):
                flaw: Flaw = "text" if text else "absent"
                yield BrokenBody(flaw, f"/{name} is {text!r}", Body(FORM, content))


_NO_JSON: Final[Mapping[str, bytes]] = {
    "cut short": b'{"a": [',
    "bytes that are no text": b"\xff\xfe{}",
    "nested without end": b"[" * 2000,
    "two texts": b"{}{}",
}

_OTHERS: Final[Mapping[str, Any]] = {
    "an array": [],
    "an object": {},
    "a string": "text",
    "a number": 7,
    "null": None,
    "a boolean": True,
}


def _misshapen(
    spec: Spec, schema: Mapping[str, Any], value: Any, at: str = ""
) -> Iterator[tuple[Flaw, str, Any]]:
    """Yield values with one flaw each, outermost first, with the kind of flaw and its place."""
    schema = _resolved(spec, schema, value)
    for what, other in _OTHERS.items():
        if type(other) is not type(value):
            yield "type", f"{what} at {at or 'the top'}", other
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name in value:
                yield "member", f"no {at}/{name}", {k: v for k, v in value.items() if k != name}
        for name, member in schema.get("properties", {}).items():
            if name in value:
                for flaw, what, flawed in _misshapen(spec, member, value[name], f"{at}/{name}"):
                    yield flaw, what, {**value, name: flawed}
    if isinstance(value, list) and value:
        for flaw, what, flawed in _misshapen(spec, schema.get("items", {}), value[0], f"{at}/0"):
            yield flaw, what, [flawed, *value[1:]]
        if schema.get("maxItems", MOST_GROWN) < MOST_GROWN:
            grown = [value[place % len(value)] for place in range(schema["maxItems"] + 1)]
            yield "size", f"too many at {at}", grown
    if isinstance(value, list) and "minItems" in schema:
        yield "size", f"too few at {at}", []
    if isinstance(value, str) and ("pattern" in schema or "enum" in schema or "format" in schema):
        yield "text", at, "?"
