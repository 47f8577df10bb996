"""What the spec shows of parameters: texts that fit them, and those without which nothing goes."""

import json
from collections.abc import Container, Mapping
from functools import cache
from typing import Any, Final

from runwright.spec import Operation, Spec

_NO_PARAMETERS: Final = ("accept", "authorization", "content-type")
"""Headers that OpenAPI describes elsewhere; it ignores parameters of these names."""


Pairs = tuple[tuple[str, str], ...]


def needed(spec: Spec, operation: Operation, given: Container[str]) -> tuple[Pairs, Pairs]:
    """Return the query and the headers that a request must have beside what is given by name.

    They are the required parameters of which the spec shows what fits them.
    """
    query, headers = (
        tuple((name, text) for name, text in _required(spec, operation, place) if name not in given)
        for place in ("query", "header")
    )
    return query, headers


@cache
def _required(spec: Spec, operation: Operation, place: str) -> Pairs:
    schemes = spec.document.get("components", {}).get("securitySchemes", {}).values()
    credentials = {spec.deref(scheme).get("name") for scheme in schemes}
    found = []
    for parameter in operation.parameters:
        name = str(parameter["name"])
        if name.lower() in _NO_PARAMETERS or name in credentials or parameter["in"] != place:
            continue
        fits = fitting(spec, parameter) if parameter.get("required") else ()
        found += [(name, text) for text in fits[:1]]
    return tuple(found)


def fitting(spec: Spec, parameter: Mapping[str, Any]) -> tuple[str, ...]:
    """Return texts that fit a parameter, or a schema: what is shown, listed, or at a bound."""
    schema = spec.deref(parameter.get("schema", parameter))
    shown = parameter.get("examples", {})
    told = [spec.deref(e).get("value") for e in shown.values()] if isinstance(shown, dict) else []
    told += [*schema.get("examples", ()), *schema.get("enum", ())]
    told += [parameter.get("example"), schema.get("const"), schema.get("default")]
    told += [schema.get(bound) for bound in ("minimum", "maximum")]
    if "items" in schema:
        told += fitting(spec, schema["items"])
    if schema.get("type") == "boolean":
        told += ["true", "false"]
    if schema.get("type") in ("integer", "number"):
        told += [1, 2, 3]
    return tuple(dict.fromkeys(_text(value) for value in told if value is not None))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return json.dumps(value) if isinstance(value, bool) else str(value)
