"""Our own keywords: known, of the right form, and where the rest of the project looks for them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding
from runwright.spec import specs_folder

_FILE = specs_folder() / "vocabulary.schema.json"

_HOMES = {
    "x-lifecycle": "a component schema",
    "x-rule": "a member of a component schema's `allOf`",
    "x-open-enum": "a schema, beside `enum`",
    "x-role": "a link",
    "x-assumed": "a response",
    "x-table": "a component schema",
}


@cache
def _vocabulary() -> Mapping[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def _validator(keyword: str) -> jsonschema_rs.Draft202012Validator:
    definitions = _vocabulary()["$defs"]
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{keyword}", "$defs": definitions})


def check_strangers(document: Document) -> Iterator[Finding]:
    """Find keywords that look like ours, and are not."""
    for place in document.all_places:
        for keyword in place.node:
            if keyword.startswith("x-") and keyword not in _vocabulary()["properties"]:
                yield document.finding(
                    (*place.at, keyword),
                    f"{keyword} is not one of our keywords",
                    f"there are {', '.join(_HOMES)}",
                )


def check_keywords(document: Document) -> Iterator[Finding]:
    """Find keywords of ours that are misplaced or malformed."""
    for place in document.all_places:
        for keyword, value in place.node.items():
            if keyword not in _vocabulary()["properties"]:
                continue
            if not _is_home(place, keyword):
                yield document.finding(
                    (*place.at, keyword),
                    f"{keyword} is not read here",
                    f"it belongs on {_HOMES[keyword]}",
                )
            else:
                yield from _check_value(document, place, keyword, value)


def _is_home(place: Place, keyword: str) -> bool:
    schema = place.at[:2] == ("components", "schemas")
    if keyword in ("x-lifecycle", "x-table"):
        return schema and len(place.at) == 3
    if keyword == "x-rule":
        return schema and len(place.at) == 5 and place.at[3] == "allOf"
    if keyword == "x-open-enum":
        return place.kind == "schema"
    return place.kind == ("response" if keyword == "x-assumed" else "link")


def _check_value(
    document: Document, place: Place, keyword: str, value: object
) -> Iterator[Finding]:
    for error in _validator(keyword).iter_errors(value):
        if error.kind.name == "anyOf":
            continue  # a state without `to` and `outcome`: lint.lifecycles says it better
        at = (*place.at, keyword, *map(str, error.instance_path))
        yield document.finding(
            at, f"{keyword}: {_message(error)}", "specs/vocabulary.schema.json tells the form"
        )


def _message(error: jsonschema_rs.ValidationError) -> str:
    """Return the validator's message, with all the values that there are to choose from."""
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Enum):
        return error.message
    *others, last = map(json.dumps, error.kind.options)
    return f"{json.dumps(error.instance)} is not one of {', '.join(others)} or {last}"


def check_neighbours(document: Document) -> Iterator[Finding]:
    """Find keywords of ours without what they need beside."""
    for place in document.all_places:
        for keyword in place.node:
            if keyword in _vocabulary()["properties"] and _is_home(place, keyword):
                yield from _check_neighbours(document, place, keyword)


def _check_neighbours(document: Document, place: Place, keyword: str) -> Iterator[Finding]:
    for needed in _vocabulary()["dependentRequired"].get(keyword, ()):
        if needed not in place.node:
            yield document.finding(
                place, f"{keyword} stands without `{needed}`", f"add `{needed}` beside it"
            )


def is_well_formed(keyword: str, value: object) -> bool:
    """True if the keyword's value has the form that the vocabulary demands."""
    return _validator(keyword).is_valid(value)
