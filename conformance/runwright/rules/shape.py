"""JSON values taken for what they should be; what is something else counts as empty."""

from typing import Any

from runwright.numeral import text_of


def as_object(value: object) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_array(value: object) -> list[Any]:
    """Return the value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def member(value: object, *path: str) -> Any:
    """Return what stands below member names, or None."""
    for name in path:
        value = as_object(value).get(name)
    return value


def key_of(identifier: object) -> str | None:
    """Return a record's id as a JSON object's key has it, None if it is neither string nor number.

    Numbers are written as JavaScript does: 7 and 7.0 give ``7``.
    """
    if isinstance(identifier, bool) or not isinstance(identifier, str | int | float):
        return None
    return text_of(identifier)
