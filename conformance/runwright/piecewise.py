"""Validation of large bodies piece by piece, so that what did not change is not read again.

A schema such as "a map of records" is split where one component schema, and nothing else,
describes each entry of a map or an array. What is left, with the entries blanked out, is the
shell; the entries are pieces, split in their turn.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from attrs import frozen

from runwright.pointer import ANY, MISSING, escape, member_of, place_of, resolve
from runwright.spec import Operation, Spec, schema_name
from runwright.validation import SchemaError, Validator, compile_schema, structure_schemas

Pattern = tuple[str, ...]

APPLIERS: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas")
ABOUT_ENTRIES: Final = frozenset(
    {
        "const",
        "contains",
        "enum",
        "patternProperties",
        "prefixItems",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    }
)
"""Keywords of a map or array for which it cannot be split."""


@frozen(eq=False)
class PiecewiseValidator:
    """A validator of a body that may leave out what is the same in a body that fitted."""

    shell: Validator
    pieces: Mapping[Pattern, "PiecewiseValidator"]

    def is_valid(self, value: Any, former: Any = MISSING) -> bool:
        """True if the value fits; `former` is one that did, and may share objects with it."""
        if value is former:
            return True
        return self.shell.is_valid(self._blank(value)) and all(
            piece.is_valid(entry, was) for piece, _, entry, was in self._entries(value, former)
        )

    def errors(self, value: Any) -> Iterator[SchemaError]:
        """Yield what does not fit, with a JSON Pointer into the value."""
        yield from self.shell.errors(self._blank(value))
        for piece, at, entry, _ in self._entries(value, MISSING):
            for error in piece.errors(entry):
                yield SchemaError(at + error.pointer, error.message)

    def _blank(self, value: Any) -> Any:
        """Return the value with its pieces blanked out."""
        for pattern in self.pieces:
            value = _blanked(value, pattern)
        return value

    def _entries(
        self, value: Any, former: Any
    ) -> Iterator[tuple["PiecewiseValidator", str, Any, Any]]:
        """Yield each piece that is not the same object as before, with its validator and place."""
        for pattern, piece in self.pieces.items():
            at = place_of(*pattern[:-1])
            container, known = resolve(value, at), resolve(former, at)
            if container is known:
                continue
            entries: Any = ()
            if isinstance(container, dict):
                entries = container.items()
            elif isinstance(container, list):
                entries = ((str(index), entry) for index, entry in enumerate(container))
            for key, entry in entries:
                was = member_of(known, key)
                if was is MISSING or was is not entry:
                    yield piece, f"{at}/{escape(key)}", entry, was


def _blanked(value: Any, pattern: Pattern) -> Any:
    if pattern == (ANY,):
        if isinstance(value, dict):
            return dict.fromkeys(value)
        return [None] * len(value) if isinstance(value, list) else value
    if isinstance(value, dict) and pattern[0] in value:
        return {**value, pattern[0]: _blanked(value[pattern[0]], pattern[1:])}
    return value


@cache
def piecewise(spec: Spec, name: str) -> PiecewiseValidator:
    """Return the validator of a component schema's structure, without ``x-rule`` members."""
    return _piecewise(spec, {"$ref": f"#/components/schemas/{name}"})


@cache
def response_validator(spec: Spec, operation: Operation, status: int) -> PiecewiseValidator | None:
    """Return the structure validator of an operation's answer, None if no schema is documented."""
    schema = spec.response_schema(operation, status)
    if schema is None:
        return None
    name = schema_name(schema)
    return piecewise(spec, name) if name else _piecewise(spec, schema)


def is_as_described(spec: Spec, operation: Operation, status: int, body: Any) -> bool:
    """True unless no document prints the answer, and it has not the structure that was assumed."""
    if not operation.assumes(status):
        return True
    validator = response_validator(spec, operation, status)
    return validator is not None and validator.is_valid(body)


def _piecewise(spec: Spec, schema: Mapping[str, Any]) -> PiecewiseValidator:
    splitter = _Splitter(structure_schemas(spec))
    shell, names = splitter.split(schema)
    return PiecewiseValidator(
        compile_schema(spec, shell),
        {pattern: piecewise(spec, name) for pattern, name in names.items()},
    )


@frozen
class _Splitter:
    schemas: Mapping[str, Any]

    def split(self, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[Pattern, str]]:
        """Return the schema of the shell, and the component schema of each pattern's pieces."""
        names: dict[Pattern, str] = {}
        shell = self._open(schema, schema, (), (), names)
        return shell, names

    def _open(
        self,
        root: Mapping[str, Any],
        node: Any,
        at: Pattern,
        above: tuple[str, ...],
        names: dict[Pattern, str],
    ) -> Any:
        if not isinstance(node, Mapping):
            return node
        name = schema_name(node)
        if name is not None:
            if name in above or set(node) - {"$ref", "description"}:
                return node
            found = len(names)
            inner = self._open(root, self.schemas[name], at, (*above, name), names)
            return inner if len(names) > found else node
        copy = dict(node)
        if "properties" in node:
            copy["properties"] = {
                key: self._open(root, member, (*at, key), above, names)
                for key, member in node["properties"].items()
            }
        if "allOf" in node:
            copy["allOf"] = [self._open(root, part, at, above, names) for part in node["allOf"]]
        for keyword in ("additionalProperties", "items"):
            entry = schema_name(node.get(keyword))
            if entry is None or not self._alone(root, node, at, keyword):
                continue
            copy[keyword] = True
            names[*at, ANY] = entry
        return copy

    def _alone(
        self, root: Mapping[str, Any], node: Mapping[str, Any], at: Pattern, keyword: str
    ) -> bool:
        """True if nothing but this keyword says anything about the entries at a place."""
        kind = "object" if keyword == "additionalProperties" else "array"
        kinds = node.get("type")
        if kinds != kind and not (isinstance(kinds, list) and set(kinds) <= {kind, "null"}):
            return False
        if ABOUT_ENTRIES & set(node) or (kind == "object" and node.get("properties")):
            return False
        if set(node[keyword]) - {"$ref", "description"}:
            return False
        return len(list(self._applied(root, at, ()))) == 1

    def _applied(self, node: Any, at: Pattern, above: tuple[str, ...]) -> Iterator[Any]:
        """Yield every subschema that may be asked about the value at a place."""
        if not isinstance(node, Mapping):
            return
        name = schema_name(node)
        if name is not None and name not in above:
            yield from self._applied(self.schemas[name], at, (*above, name))
        if not at and name is None and set(node) & _SPEAKING:
            yield node
        for keyword in APPLIERS:
            part = node.get(keyword)
            parts = part if isinstance(part, list) else [part]
            if keyword == "dependentSchemas" and isinstance(part, Mapping):
                parts = list(part.values())
            for member in parts:
                yield from self._applied(member, at, above)
        if at:
            yield from self._applied(node.get("properties", {}).get(at[0]), at[1:], above)
            others = [*node.get("patternProperties", {}).values()]
            others += [node.get(k) for k in ("additionalProperties", "items")]
            for member in others:
                yield from self._applied(member, at[1:], above)


_SPEAKING: Final = frozenset({"additionalProperties", "items", "properties", *ABOUT_ENTRIES})
