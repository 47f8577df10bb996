"""What the spec shows of parameters: texts that fit them, and those without which nothing goes."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from runwright.spec import Operation, Spec

_NO_PARAMETERS: Final = ("accept", "authorization", "content-type")
"""Headers that OpenAPI describes elsewhere; it ignores parameters of these names."""


@cache
def required(spec: Spec, operation: Operation) -> tuple[tuple[str, str, str | None], ...]:
    """Return the place and name of each query or header parameter that an operation requires.

    Each comes with a text that fits it, None if the spec shows none. Credentials are not among
    them.
    """
    schemes = spec.document.get("components", {}).get("securitySchemes", {}).values()
    credentials = {spec.deref(scheme).get("name") for scheme in schemes}
    return tuple(
        (parameter["in"], parameter["name"], next(iter(fitting(spec, parameter)), None))
        for parameter in operation.parameters
        if parameter.get("required")
        and parameter["in"] in ("query", "header")
        and parameter["name"] not in credentials
        and parameter["name"].lower() not in _NO_PARAMETERS
    )


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
