"""An API's contract, read from its hand-written OpenAPI 3.1 document.

The document stays as it is written, but for its normal form; this module finds in it what the rest
needs: operations, the lifecycles and ``x-rule`` members of schemas, and the places where instances
of a schema stand in a response.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from runwright.document import SpecError as SpecError
from runwright.document import load_yaml as load_yaml
from runwright.document import specs_folder as specs_folder
from runwright.lifecycle import Lifecycle
from runwright.normal_form import normalize
from runwright.operation import Link as Link
from runwright.operation import Match as Match
from runwright.operation import Operation as Operation
from runwright.operation import path_pattern
from runwright.pointer import ANY, pointer_to

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@frozen
class SchemaRule:
    """One ``x-rule`` member: the rule's id, the schema it stands on, and the subschema."""

    id: str
    schema: str
    member: Mapping[str, Any]
    index: int


@frozen
class Place:
    """Where instances of a schema stand: a pattern of tokens below another schema's instance."""

    schema: str
    pattern: tuple[str, ...]


@frozen(eq=False)
class Spec:
    """One API: its id, its OpenAPI document, and the folder it was read from."""

    api: str
    document: Mapping[str, Any] = field(repr=False)
    path: Path | None = None

    @cached_property
    def is_ours(self) -> bool:
        """True for one of the project's own specs; only those have rules and worlds in Python."""
        if self.path is None:
            return self.api in apis()
        return self.path.resolve() == (specs_folder() / self.api / "openapi.yaml").resolve()

    @property
    def file(self) -> str:
        """The name of the document's file as a reader knows it."""
        return (
            str(self.path) if self.path and not self.is_ours else f"specs/{self.api}/openapi.yaml"
        )

    @property
    def title(self) -> str:
        """The API's title."""
        return str(self.document["info"]["title"])

    @property
    def schemas(self) -> Mapping[str, Any]:
        """The component schemas by name."""
        return self.document.get("components", {}).get("schemas", {})  # type: ignore[no-any-return]

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by id, in the order of the document."""
        found = {}
        for path, item in self.document.get("paths", {}).items():
            shared = item.get("parameters", [])
            for method in METHODS:
                if method not in item:
                    continue
                raw = item[method]
                operation = Operation(
                    id=raw["operationId"],
                    method=method.upper(),
                    path=path,
                    parameters=tuple(self.deref(p) for p in (*shared, *raw.get("parameters", []))),
                    request_body=self.deref(raw["requestBody"]) if "requestBody" in raw else None,
                    responses={
                        str(status): self.deref(response)
                        for status, response in raw.get("responses", {}).items()
                    },
                    security=tuple(raw.get("security", self.document.get("security", []))),
                    pattern=path_pattern(path),
                )
                found[operation.id] = operation
        return found

    @cached_property
    def declared(self) -> Mapping[str, Lifecycle]:
        """The lifecycles by the name of the schema that declares them."""
        return {
            name: Lifecycle.from_keyword(schema["x-lifecycle"])
            for name, schema in self.schemas.items()
            if isinstance(schema, dict) and "x-lifecycle" in schema
        }

    @cached_property
    def lifecycles(self) -> Mapping[str, Lifecycle]:
        """The lifecycles by the name of a schema that shows them: its own, or as an envelope."""
        wrapped = {
            name: self.declared[inside.schema].below(*inside.pattern)
            for name, inside in self.envelopes.items()
        }
        return {**self.declared, **wrapped}

    @cached_property
    def envelopes(self) -> Mapping[str, Place]:
        """The schemas of answers about one thing that stands inside them, with its place there.

        An answer to a start, a poll or a cancel is one if it declares no lifecycle itself, and has
        one thing that does in a place that is always the same.
        """
        polls = self._linked("poll")
        named = polls | self.starters | self._linked("cancel")
        asked = [operation for operation in self.operations.values() if operation.id in named]
        inside = {operation.id: self._only_thing(operation) for operation in asked}
        # What nothing polls, such as the last run of a project that is shown, is not asked for.
        polled = {
            self.declared[p.schema].thing for name, p in inside.items() if p and name in polls
        }
        return {
            str(self.answer_schema(operation)): place
            for operation in asked
            if (place := inside[operation.id]) is not None
            and self.declared[place.schema].thing in polled
            and self.answer_schema(operation) not in self.declared
        }

    def _only_thing(self, operation: Operation) -> Place | None:
        """Return where an answer has its one thing with a lifecycle; None if none, or several."""
        name = self.answer_schema(operation)
        found: dict[tuple[str, ...], Place] = {}
        for place in self.places(name) if name else ():
            above = any(place.pattern[: len(other)] == other for other in found)
            if place.schema in self.declared and not above:
                found[place.pattern] = place
        only = next(iter(found.values())) if len(found) == 1 else None
        return None if only is None or ANY in only.pattern else only

    def _linked(self, role: str) -> frozenset[str]:
        """Return the ids of the operations that answers lead to in a role."""
        return frozenset(
            link.operation_id
            for operation in self.operations.values()
            for link in self.links(operation)
            if link.role == role
        )

    def declaring(self, schema: str) -> str:
        """Return the schema that declares the lifecycle which a schema shows."""
        return self.envelopes[schema].schema if schema in self.envelopes else schema

    @cached_property
    def schema_rules(self) -> tuple[SchemaRule, ...]:
        """Every ``x-rule`` member of every component schema."""
        return tuple(
            SchemaRule(id=member["x-rule"], schema=name, member=member, index=index)
            for name, schema in self.schemas.items()
            for index, member in enumerate(schema.get("allOf", ()))
            if isinstance(member, dict) and "x-rule" in member
        )

    def deref(self, node: Any) -> Any:
        """Follow ``$ref`` until there is none; only references into this document exist."""
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self.document
            for token in node["$ref"].removeprefix("#/").split("/"):
                try:
                    target = target[token.replace("~1", "/").replace("~0", "~")]
                except (KeyError, TypeError):
                    raise SpecError(
                        f"{self.path or self.api}: {node['$ref']} leads nowhere"
                    ) from None
            node = target
        return node

    def match(self, method: str, url: str) -> Match | None:
        """Find the operation that serves a method and URL, whatever server they are sent to.

        A server's base path is stripped if the URL has it; a trailing slash more or less is
        forgiven only when no path fits as it is. The path with the fewest parameters wins.
        """
        try:
            path = urlsplit(url).path
        except ValueError:
            return None
        for candidate, is_exact in self._relative(path):
            for operation in self._concrete_first:
                if operation.method != method.upper():
                    continue
                found = operation.pattern.fullmatch(candidate)
                if found:
                    values = dict(
                        zip(operation.path_names, map(unquote, found.groups()), strict=True)
                    )
                    return Match(operation, values, is_exact)
        return None

    @cached_property
    def _concrete_first(self) -> tuple[Operation, ...]:
        return tuple(sorted(self.operations.values(), key=lambda o: len(o.path_names)))

    def _relative(self, path: str) -> Iterator[tuple[str, bool]]:
        bases = [b for b in self._base_paths if b and path.startswith(b + "/")]
        shortened = [path.removeprefix(base) for base in bases] + [path]
        yield from ((candidate, True) for candidate in shortened)
        for candidate in shortened:
            other = candidate.removesuffix("/") if candidate.endswith("/") else candidate + "/"
            yield other, False

    @cached_property
    def _base_paths(self) -> tuple[str, ...]:
        servers = self.document.get("servers", [])
        bases = {urlsplit(s["url"]).path.rstrip("/") for s in servers}
        return tuple(sorted(bases, key=lambda base: (-len(base), base)))

    def response_schema(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        """Return the JSON schema of an answer as it is written, mostly a ``$ref``."""
        response = operation.response(status)
        media = _json_media((response or {}).get("content", {}))
        return media.get("schema") if media else None

    def request_schema(self, operation: Operation) -> Mapping[str, Any] | None:
        """Return the JSON schema of an operation's body, or None if it takes none."""
        media = _json_media((operation.request_body or {}).get("content", {}))
        return media.get("schema") if media else None

    def links(self, operation: Operation, status: int | None = None) -> tuple[Link, ...]:
        """Return the links with a role that an operation's successful answers carry."""
        response = operation.response(status or operation.success_status) or {}
        return tuple(
            Link(raw["x-role"], raw["operationId"], dict(raw.get("parameters", {})))
            for raw in map(self.deref, response.get("links", {}).values())
            if "x-role" in raw and "operationId" in raw
        )

    @cached_property
    def polls(self) -> Mapping[str, str]:
        """The operations that poll a lifecycle, by id, with the name of its schema."""
        targets = self._linked("poll")
        found = {}
        for operation in self.operations.values():
            name = self.answer_schema(operation)
            if operation.id in targets and name in self.lifecycles:
                found[operation.id] = str(name)
        return found

    @cached_property
    def starters(self) -> frozenset[str]:
        """The ids of the unsafe operations whose successful answer links to a poll."""
        return frozenset(
            operation.id
            for operation in self.operations.values()
            if not operation.is_safe and any(link.role == "poll" for link in self.links(operation))
        )

    @cached_property
    def part_things(self) -> frozenset[str]:
        """The names of the things that live inside a body of another thing."""
        return frozenset(
            self.declared[place.schema].thing
            for schema in self.declared
            for place in self.places(schema)
            if place.pattern and place.schema in self.declared
        )

    def answer_schema(self, operation: Operation) -> str | None:
        """Return the name of the component schema of an operation's successful answer."""
        return schema_name(self.response_schema(operation, operation.success_status))

    @cached_property
    def identifying_parameters(self) -> Mapping[str, str]:
        """The parameter that names the run, by the id of the operation that polls or cancels it.

        It is the one that a link fills from the body of the answer before; of several, the one
        that gets the key of what the body shows, else the last.
        """
        found: dict[str, str] = {}
        sure: set[str] = set()
        for operation in self.operations.values():
            shown = self.lifecycles.get(self.answer_schema(operation) or "")
            key = shown and shown.key and f"$response.body#{pointer_to(shown.key)}"
            for link in self.links(operation):
                for name, value in link.parameters.items():
                    is_key = value == key
                    if is_key or (
                        str(value).startswith("$response.body#") and link.operation_id not in sure
                    ):
                        found[link.operation_id] = name.split(".")[-1]
                    if is_key:
                        sure.add(link.operation_id)
        for operation in self.operations.values():
            # What was asked for by its id may be linked to by that.
            own = found.get(operation.id)
            for link in self.links(operation) if own else ():
                for name, value in link.parameters.items():
                    if value in (f"$request.path.{own}", f"$request.query.{own}"):
                        found.setdefault(link.operation_id, name.split(".")[-1])
        return found

    @cache  # noqa: B019  a spec lives as long as the program
    def places(self, schema: str) -> tuple[Place, ...]:
        """Return where instances of component schemas stand below an instance of `schema`.

        The schema itself comes first, with the empty pattern. Recursion is cut off.
        """
        places = self._walk({"$ref": f"#/components/schemas/{schema}"}, (), ())
        return tuple(dict.fromkeys(places))

    def _walk(self, node: Any, pattern: tuple[str, ...], above: tuple[str, ...]) -> Iterator[Place]:
        if not isinstance(node, dict):
            return
        name = schema_name(node)
        if name is not None:
            if name in above:
                return
            yield Place(name, pattern)
            above = (*above, name)
            node = self.deref(node)
        for key in ("allOf", "anyOf", "oneOf"):
            for member in node.get(key, ()):
                if "x-rule" not in member:
                    yield from self._walk(member, pattern, above)
        for key, member in node.get("properties", {}).items():
            yield from self._walk(member, (*pattern, key), above)
        for key in ("additionalProperties", "items"):
            yield from self._walk(node.get(key), (*pattern, ANY), above)


def schema_name(node: Any) -> str | None:
    """Return the name of the component schema that a ``$ref`` points at, else None."""
    prefix = "#/components/schemas/"
    if isinstance(node, Mapping) and str(node.get("$ref", "")).startswith(prefix):
        return str(node["$ref"]).removeprefix(prefix)
    return None


def _json_media(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for kind, media in content.items():
        if kind.split(";")[0].strip() == "application/json" or kind.endswith("+json"):
            return media  # type: ignore[no-any-return]
    return None


def apis() -> tuple[str, ...]:
    """Return the ids of the APIs that have a spec, sorted."""
    return tuple(sorted(p.parent.name for p in specs_folder().glob("*/openapi.yaml")))


@cache
def load_spec(api: str) -> Spec:
    """Load one of the project's specs by its API's id.

    Raises:
        SpecError: there is no such API, or its file cannot be read.
    """
    path = specs_folder() / api / "openapi.yaml"
    if not path.is_file():
        raise SpecError(f"no API is called {api!r}; there are: {', '.join(apis())}")
    return read_spec(path, api)


def read_spec(path: Path, api: str | None = None) -> Spec:
    """Read an OpenAPI document; the API's id follows from its path unless given.

    Raises:
        SpecError: the file is not an OpenAPI 3.1 document.
    """
    document = load_yaml(path)
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        raise SpecError(f"{path}: not an OpenAPI 3.1 document; `openapi: 3.1.x` is expected")
    return Spec(api or api_of(path), normalize(document), path)


def api_of(path: Path) -> str:
    """Return the id of the API that a file describes: its name, or its folder's for openapi.yaml.

    It is written in lower case, and with ``_`` for what cannot stand in a Python name.
    """
    full = path.resolve()
    name = full.parent.name if full.stem.lower() in ("openapi", "spec") else full.stem
    return re.sub(r"\W+", "_", name).strip("_").lower() or "api"
