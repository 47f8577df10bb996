"""An OpenAPI document as a tree of places, each of a known kind."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from attrs import field, frozen

from runwright.lint.finding import Finding
from runwright.lint.text import Text, Tokens, from_pointer, read_text
from runwright.spec import METHODS, SpecError, api_of

_ID = re.compile(r"[a-z][a-z0-9_]*")
Shape = Literal["one", "list", "map"]

_SCHEMA_ONE = ("items", "additionalProperties", "contains", "propertyNames")
_SCHEMA_ONE_MORE = ("unevaluatedProperties", "unevaluatedItems")
_SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")
_SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_CONDITIONS = ("if", "then", "else", "not")


def _schema_members(kind: str) -> dict[str, tuple[Shape, str]]:
    members: dict[str, tuple[Shape, str]] = {}
    members |= dict.fromkeys((*_SCHEMA_ONE, *_SCHEMA_ONE_MORE), ("one", kind))
    members |= dict.fromkeys(_SCHEMA_MAPS, ("map", kind))
    members |= dict.fromkeys(_SCHEMA_LISTS, ("list", kind))
    members |= dict.fromkeys(_CONDITIONS, ("one", "condition"))
    return members


_CARRIER: dict[str, tuple[Shape, str]] = {
    "schema": ("one", "schema"),
    "content": ("map", "media"),
    "examples": ("map", "example"),
}

MEMBERS: Mapping[str, Mapping[str, tuple[Shape, str]]] = {
    "document": {"paths": ("map", "path"), "components": ("one", "components")},
    "components": {
        "schemas": ("map", "schema"),
        "responses": ("map", "response"),
        "parameters": ("map", "parameter"),
        "examples": ("map", "example"),
        "requestBodies": ("map", "body"),
        "headers": ("map", "header"),
        "securitySchemes": ("map", "scheme"),
        "links": ("map", "link"),
        "pathItems": ("map", "path"),
    },
    "path": {
        "parameters": ("list", "parameter"),
        **dict.fromkeys(METHODS, ("one", "operation")),
    },
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "body"),
        "responses": ("map", "response"),
    },
    "parameter": _CARRIER,
    "header": _CARRIER,
    "body": {"content": ("map", "media")},
    "response": {
        "headers": ("map", "header"),
        "content": ("map", "media"),
        "links": ("map", "link"),
    },
    "media": _CARRIER,
    "schema": _schema_members("schema"),
    "condition": _schema_members("condition"),
    "example": {},
    "link": {},
    "scheme": {},
}
"""The objects below each kind of object. A *condition* is a schema that describes no value but
asks about one: what stands below ``if``, ``then``, ``else``, ``not`` or an ``x-rule``."""


@frozen
class Place:
    """An object of the document: its kind, where it stands, and the object itself."""

    kind: str
    at: Tokens
    node: Mapping[str, Any] = field(eq=False, repr=False)

    @property
    def name(self) -> str:
        """The last token, which is the name of what stands in a map."""
        return self.at[-1] if self.at else ""

    @property
    def title(self) -> str:
        """The place in words that a reader of the file knows."""
        if self.at[:1] == ("components",):
            words = [t for t in self.at[2:] if t not in ("properties", "schema", "content")]
            return ".".join(words)
        dropped = ("paths", "responses", "content", "schema", "properties")
        return " ".join(token for token in self.at if token not in dropped)


@frozen(eq=False)
class Document:
    """One OpenAPI file."""

    text: Text

    @property
    def data(self) -> Any:
        """The content of the file."""
        return self.text.data

    @property
    def api(self) -> str:
        """The id of the API: what its rules' ids begin with if they agree, else by its path.

        In ``specs/`` it is the folder's name, whatever the rules say.
        """
        path = self.text.path
        if path.resolve().parents[1].name == "specs":
            return api_of(path)
        rules = (place.node.get("x-rule") for place in self.places("condition"))
        named = {str(rule).partition(".")[0] for rule in rules if rule is not None}
        (only,) = named if len(named) == 1 else {""}
        return only if _ID.fullmatch(only) else api_of(path)

    @cached_property
    def all_places(self) -> tuple[Place, ...]:
        """Every object, in the order of the file."""
        return tuple(walk("document", (), self.data))

    def places(self, *kinds: str) -> Iterator[Place]:
        """Yield every object of these kinds."""
        return (place for place in self.all_places if place.kind in kinds)

    def follow(self, place: Place) -> Place:
        """Return the object that a place refers to in the end: itself without ``$ref``."""
        while "$ref" in place.node:
            at = target(place.node["$ref"])
            place = Place(place.kind, at, self.text.at(at))
        return place

    def reach(self, start: Iterator[Place]) -> set[Tokens]:
        """Return where everything stands that is below the start, also through ``$ref``."""
        seen: set[Tokens] = set()
        frontier = list(start)
        while frontier:
            above = frontier.pop()
            for place in walk(above.kind, above.at, above.node):
                if place.at in seen:
                    continue
                seen.add(place.at)
                if "$ref" in place.node:
                    at = target(place.node["$ref"])
                    frontier.append(Place(place.kind, at, self.text.at(at)))
        return seen

    def below(self, place: Place, member: str) -> Iterator[Place]:
        """Yield the objects of one member of a place, ``$ref`` followed."""
        for found in _members(place, member):
            yield self.follow(found)

    @cached_property
    def operations(self) -> tuple[Place, ...]:
        """Every operation that stands below ``paths``."""
        return tuple(p for p in self.places("operation") if p.at[0] == "paths")

    @cached_property
    def operations_by_id(self) -> Mapping[str, Place]:
        """The operations by id."""
        return {p.node["operationId"]: p for p in self.operations if "operationId" in p.node}

    def parameters(self, operation: Place) -> tuple[Place, ...]:
        """Return an operation's parameters, with those of its path."""
        path = Place("path", operation.at[:-1], self.text.at(operation.at[:-1]))
        shared, own = self.below(path, "parameters"), self.below(operation, "parameters")
        return (*shared, *own)

    def successes(self, operation: Place) -> Iterator[Place]:
        """Yield an operation's 2xx responses."""
        for status in operation.node.get("responses", {}):
            if status.startswith("2"):
                at = (*operation.at, "responses", status)
                yield self.follow(Place("response", at, self.text.at(at)))

    def json_schemas(self, carrier: Place) -> Iterator[Place]:
        """Yield the schemas of the JSON that a response or request body carries."""
        for media in self.below(carrier, "content"):
            if is_json(media.name):
                yield from _members(media, "schema")

    def finding(self, at: Place | Tokens, what: str, remedy: str) -> Finding:
        """Return a finding about a place."""
        return self.text.finding(at.at if isinstance(at, Place) else at, what, remedy)


def read_document(path: Path) -> Document:
    """Read an OpenAPI document.

    Raises:
        SpecError: the file is not YAML, or not an OpenAPI 3.1 document.
    """
    text = read_text(path)
    version = text.data.get("openapi") if isinstance(text.data, dict) else None
    if not str(version).startswith("3.1"):
        raise SpecError(f"{path}: not an OpenAPI 3.1 document; `openapi: 3.1.x` is expected")
    return Document(text)


def target(reference: object) -> Tokens:
    """Return the place that a ``$ref`` into the same document names.

    Raises:
        LookupError: the reference leads out of the document.
    """
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise LookupError(reference)
    return from_pointer(unquote(reference[1:]))


def is_json(media_type: str) -> bool:
    """True for ``application/json`` and its relatives."""
    kind = media_type.split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def walk(kind: str, at: Tokens, node: Any) -> Iterator[Place]:
    """Yield an object and every object that is written below it; ``$ref`` is not followed."""
    if not isinstance(node, Mapping):
        return
    if kind == "schema" and "x-rule" in node and at[-2] == "allOf":
        kind = "condition"
    place = Place(kind, at, node)
    yield place
    for key in node:
        for member in _members(place, key):
            yield from walk(member.kind, member.at, member.node)


def _members(place: Place, key: str) -> Iterator[Place]:
    shape, kind = MEMBERS[place.kind].get(key, ("one", ""))
    value = place.node.get(key)
    if not kind or value is None:
        return
    if shape == "one":
        children = {(*place.at, key): value}
    elif shape == "map" and isinstance(value, Mapping):
        children = {(*place.at, key, str(name)): child for name, child in value.items()}
    elif shape == "list" and isinstance(value, list):
        children = {(*place.at, key, str(i)): child for i, child in enumerate(value)}
    else:
        return
    for where, child in children.items():
        if isinstance(child, Mapping):
            yield Place(kind, where, child)
