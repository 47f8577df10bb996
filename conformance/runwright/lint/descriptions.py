"""Everything that a reader meets is explained."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding

_NOUNS = {
    "operation": "operation",
    "parameter": "parameter",
    "header": "header",
    "response": "response",
    "body": "request body",
    "scheme": "security scheme",
}


def check_descriptions(document: Document) -> Iterator[Finding]:
    """Find what has no description, or one that only repeats the name."""
    yield from _check_rules(document)
    yield from _check_root(document)
    for place in (*document.places(*_NOUNS), *_named_schemas(document)):
        noun, name = _NOUNS.get(place.kind) or _noun(place), place.title
        description = _description(document, place)
        if description is None:
            yield document.finding(
                place, f"{noun} {name} has no description", "say what a reader must know of it"
            )
        elif _letters(description) == _letters(str(place.node.get("name", place.name))):
            yield document.finding(
                place,
                f"the description of {noun} {name} only repeats its name",
                "say what a reader must know of it",
            )


def _check_rules(document: Document) -> Iterator[Finding]:
    """A rule's first member states it; reports quote that."""
    seen = set()
    for place in document.places("condition"):
        rule = str(place.node.get("x-rule"))
        if "x-rule" not in place.node or rule in seen:
            continue
        seen.add(rule)
        if _description(document, place) is None:
            yield document.finding(
                place,
                f"rule {rule} has no description",
                "say in words what it demands, reports quote that",
            )


def _check_root(document: Document) -> Iterator[Finding]:
    if not document.data["info"].get("description"):
        yield document.finding(
            ("info",), "the API has no description", "say in `info` what it is for"
        )


def _named_schemas(document: Document) -> Iterator[Place]:
    return (place for place in document.places("schema") if _noun(place))


def _noun(place: Place) -> str:
    if len(place.at) == 3 and place.at[:2] == ("components", "schemas"):
        return "schema"
    return "property" if place.at[-2] == "properties" else ""


def _description(document: Document, place: Place) -> str | None:
    """Return a place's description, "" if a reference leads to it, None if there is none."""
    own = place.node.get("description")
    if isinstance(own, str) and own.strip():
        return own
    if "$ref" in place.node:
        return ""  # what it leads to has one, or is a finding itself
    others = [Place("schema", (), way) for way in place.node.get("anyOf", ()) if not _is_null(way)]
    if len(others) == 1 and "$ref" in others[0].node:
        return _description(document, others[0])
    return None


def _is_null(node: Mapping[str, Any]) -> bool:
    return node.get("type") == "null"


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
