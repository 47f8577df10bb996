"""Examples are there, and they keep what the schemas promise."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from runwright.lint.document import Document, Place, is_json
from runwright.lint.finding import Finding
from runwright.lint.text import Tokens, to_pointer


def check_presence(document: Document) -> Iterator[Finding]:
    """Find JSON bodies without an example."""
    for media in document.places("media"):
        if is_json(media.name) and not _has_example(media):
            yield document.finding(
                media, f"{media.title} has no example", "add `examples` with one that validates"
            )


def _has_example(media: Place) -> bool:
    return "example" in media.node or bool(media.node.get("examples"))


def check_form(document: Document) -> Iterator[Finding]:
    """Find examples whose value is not in the file, and the form that 3.1 dropped."""
    for place in document.places("example"):
        if "$ref" not in place.node and "value" not in place.node:
            yield document.finding(
                place, f"example {place.title} has no value", "write the value into the file"
            )
    for place in document.places("schema"):
        if "example" in place.node:
            yield document.finding(
                (*place.at, "example"),
                f"{place.title} has `example`, which OpenAPI 3.1 dropped",
                "write `examples` with a list",
            )


def check_validity(document: Document) -> Iterator[Finding]:
    """Find examples and defaults that do not fit their schema, its rules included."""
    for carrier in document.places("media", "parameter", "header"):
        schema = carrier.node.get("schema")
        if schema is not None and (carrier.kind != "media" or is_json(carrier.name)):
            yield from _check_values(
                document, (*carrier.at, "schema"), _carried(document, carrier), "example"
            )
    for place in document.places("schema"):
        listed = place.node.get("examples", [])
        values = [((*place.at, "examples", str(i)), value) for i, value in enumerate(listed)]
        yield from _check_values(document, place.at, values, "example")
        if "default" in place.node:
            default = ((*place.at, "default"), place.node["default"])
            yield from _check_values(document, place.at, [default], "default")


def _carried(document: Document, carrier: Place) -> list[tuple[Tokens, Any]]:
    values = [
        ((*example.at, "value"), example.node["value"])
        for example in document.below(carrier, "examples")
        if "value" in example.node
    ]
    if "example" in carrier.node:
        values.append(((*carrier.at, "example"), carrier.node["example"]))
    return values


def _check_values(
    document: Document, schema: Tokens, values: list[tuple[Tokens, Any]], noun: str
) -> Iterator[Finding]:
    if not values:
        return
    root = {**document.data, "$ref": "#" + quote(to_pointer(schema), safe="/~")}
    validator = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
    for at, value in values:
        for error in validator.iter_errors(value):
            path, message, keyword = _innermost(error)
            rule = _rule(document, keyword)
            kept = f"keep {rule}" if rule else "fit its schema"
            yield document.finding(
                (*at, *path),
                f"the {noun} does not {kept}: {to_pointer(path) or 'it'}: {_shorten(message)}",
                "correct the value or the schema",
            )


def _innermost(error: Any) -> tuple[Tokens, str, Tokens]:
    """Return place, message and keyword of what broke the branch that came closest to fit."""
    path = tuple(str(token) for token in error.instance_path)
    branches = [branch[0] for branch in getattr(error.kind, "context", ()) if branch]
    closest = max(branches, key=lambda inner: len(inner.instance_path), default=None)
    if closest is not None and len(closest.instance_path) > len(path):
        return _innermost(closest)
    return path, error.message, tuple(str(token) for token in error.schema_path)


def _rule(document: Document, keyword: Tokens) -> str | None:
    """Return the rule below whose member a keyword stands."""
    found = None
    for length in range(len(keyword) + 1):
        try:
            node = document.text.at(keyword[:length])
        except LookupError:
            return found
        if isinstance(node, dict) and "x-rule" in node:
            found = str(node["x-rule"])
    return found


def _shorten(message: str, most: int = 160) -> str:
    return message if len(message) <= most else f"…{message[-most:]}"
