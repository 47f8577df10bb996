"""Forms and parameters: texts, decoded by the schema of what they stand for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from runwright.spec import Spec

FORM: Final = "application/x-www-form-urlencoded"

_SWITCHES: Final = {"1": "true", "0": "false"}


def decode_texts(texts: Sequence[str], schema: Mapping[str, Any], *, explode: bool) -> Any:
    """Decode the values of one parameter by its schema; what does not fit stays text.

    Of several values for one that is no array, the last one counts.
    """
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds:
        parts = texts if explode else [part for text in texts for part in text.split(",")]
        return [decode_texts([part], schema.get("items", {}), explode=False) for part in parts]
    text = texts[-1]
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        if "integer" in kinds:
            return int(text)
        if "number" in kinds:
            return float(text)
    except ValueError:
        return text
    return text


def decode_form(spec: Spec, schema: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    """Decode a form by the schema of its media type."""
    members = spec.deref(schema).get("properties", {})
    texts: dict[str, list[str]] = {}
    for name, text in parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True):
        texts.setdefault(name, []).append(text)
    return {
        name: _form_member(found, spec.deref(members.get(name, {})))
        for name, found in texts.items()
    }


def _form_member(texts: Sequence[str], schema: Mapping[str, Any]) -> Any:
    """Decode a member of a form, in which a boolean may be written 1 or 0, too."""
    if schema.get("type") == "boolean":
        texts = [_SWITCHES.get(text, text) for text in texts]
    return decode_texts(texts, schema, explode=True)
