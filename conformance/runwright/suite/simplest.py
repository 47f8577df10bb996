"""The simplest value that a JSON schema is likely to take, where a spec gives no example."""

from collections.abc import Mapping
from typing import Any, Final

from runwright.spec import Spec

_BY_FORMAT: Final[Mapping[str, str]] = {
    "uuid": "3b9d6c1e-5f2a-4c7d-8e9f-0a1b2c3d4e5f",
    "date-time": "2026-01-05T09:00:00Z",
    "date": "2026-01-05",
    "time": "09:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
}
_DEEPEST: Final = 8


def simplest(spec: Spec, schema: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value with nothing but what a schema requires.

    Whether it fits is for the caller to check: patterns, for one, are not read.
    """
    found = spec.deref(schema)
    for told in ("const", "default", "example"):
        if told in found:
            return found[told]
    for listed in ("examples", "enum"):
        if found.get(listed):
            return found[listed][0]
    for key in ("allOf", "anyOf", "oneOf"):
        if key in found and "type" not in found and depth < _DEEPEST:
            return simplest(spec, found[key][0], depth + 1)
    kinds = found.get("type", "object" if "properties" in found else "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            members = found.get("properties", {})
            wanted = found.get("required", ()) if depth < _DEEPEST else ()
            return {name: simplest(spec, members.get(name, {}), depth + 1) for name in wanted}
        case "array":
            fewest = found.get("minItems", 0) if depth < _DEEPEST else 0
            return [simplest(spec, found.get("items", {}), depth + 1) for _ in range(fewest)]
        case "integer" | "number":
            return max(found.get("minimum", 1), found.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            text = _BY_FORMAT.get(found.get("format", ""), "sample")
            return text.ljust(found.get("minLength", 0), "x")[: found.get("maxLength")]
