"""Instances of a spec's schemas, made by chance: what fits, with all that a newer server adds."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from attrs import frozen

from runwright.spec import Spec

T = TypeVar("T")


class Chance(Protocol):
    """What is used of `random.Random`."""

    def random(self) -> float:
        """Return a number from 0 to 1, without 1."""

    def randint(self, a: int, b: int) -> int:
        """Return an integer from `a` to `b`."""

    def choice(self, seq: Sequence[T]) -> T:
        """Return one of some things."""


EPOCH: Final = 1_772_600_000
"""About when all of it happens, in seconds since the epoch."""

WORDS: Final = ("alpha", "beta", "gamma", "delta", "été", "日本", "a/b", "m~n", "")
STRANGER: Final = "x-unheard-of"
"""A member and a value of an open enum that no spec knows."""


@frozen
class Maker:
    """Makes instances of the schemas of one spec.

    Understood is what the specs use: types, enums, references, `allOf`, `anyOf`, `oneOf`, bounds
    and formats. `strange` is how often an open enum or an open object gets something unknown,
    `presence` how often an object has a member that it may lack; `words` are what text is made of.
    """

    spec: Spec
    chance: Chance
    strange: float = 0.05
    presence: float = 0.7
    words: tuple[str, ...] = WORDS

    def make(self, schema: Any, depth: int = 0) -> Any:
        """Return an instance of a schema, as it is written in the document."""
        schema = self.merged(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            if schema.get("x-open-enum") and self.chance.random() < self.strange:
                return STRANGER
            return self.chance.choice(schema["enum"])
        kinds = schema.get("type", _guess(schema))
        kind = kinds if isinstance(kinds, str) else self.chance.choice(kinds)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        return self._scalar(kind, schema)

    def merged(self, schema: Any) -> Mapping[str, Any]:
        """Return a schema with references, `allOf` and one choice of `anyOf` put into it."""
        schema = self.spec.deref(schema)
        if not isinstance(schema, Mapping):
            return {}
        found = dict(schema)
        members = [m for m in found.pop("allOf", ()) if "x-rule" not in m]
        for key in ("anyOf", "oneOf"):
            if key in found:
                members.append(self.chance.choice(found.pop(key)))
        for member in members:
            more = self.merged(member)
            for key, join in (("properties", _both), ("required", _all)):
                if key in found and key in more:
                    more = {**more, key: join(found[key], more[key])}
            found = {**found, **more}
        return found

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self.make(member, depth + 1)
            for name, member in schema.get("properties", {}).items()
            if name in required or self.chance.random() < (self.presence if depth < 6 else 0.1)
        }
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping):
            least = schema.get("minProperties", 0)
            for _ in range(self.chance.randint(least, max(least, 2))):
                made[self.chance.choice(self.words)] = self.make(more, depth + 1)
        elif more is not False and self.chance.random() < self.strange:
            made[STRANGER] = self.chance.choice((None, 7, ["a"], {"b": True}))
        return made

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", 2), max(least, 2))
        count = self.chance.randint(least, most)
        return [self.make(schema.get("items", {}), depth + 1) for _ in range(count)]

    def _scalar(self, kind: str, schema: Mapping[str, Any]) -> Any:
        if kind == "null":
            return None
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "string":
            return self._text(schema)
        low = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
        high = max(low, int(schema.get("maximum", low + 1000)))
        number = self.chance.randint(low, high)
        if kind == "integer" or number == high:
            return number
        return number + self.chance.choice((0, 0.25, 0.5))

    def _text(self, schema: Mapping[str, Any]) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]](self.chance)
        if "pattern" in schema:
            return self.chance.choice(_written(self.spec, str(schema["pattern"])))
        text = self.chance.choice(self.words)
        return text.ljust(schema.get("minLength", 0), "x")


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**one, **other}


def _all(one: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    return [*one, *other]


def _guess(schema: Mapping[str, Any]) -> str | tuple[str, ...]:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else ("null", "string", "integer", "boolean")


def uuid(chance: Chance) -> str:
    """Return a UUID of version 4."""
    digits = f"{chance.randint(0, 16**32 - 1):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _time(chance: Chance) -> str:
    return write_time(EPOCH + chance.randint(0, 10**6))


def write_time(seconds: float) -> str:
    """Return a time, in seconds since the epoch, as a date-time with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


FORMATS: Final[Mapping[str, Callable[[Chance], str]]] = {
    "uuid": uuid,
    "date-time": _time,
    "email": lambda chance: f"p{chance.randint(0, 99)}@example.com",
    "uri": lambda chance: f"https://example.com/{chance.randint(0, 99)}",
}
"""How text of a format is made."""


@cache
def _written(spec: Spec, pattern: str) -> tuple[str, ...]:
    """Return the texts of a document that a pattern matches; its examples hold some."""
    found = dict.fromkeys(t for t in _texts(spec.document) if re.search(pattern, t))
    if not found:
        raise LookupError(f"{spec.api}: no text in the document matches {pattern!r}")
    return tuple(found)


def _texts(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    members = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return [text for member in members for text in _texts(member)]
