"""Names look the same everywhere."""

import re
from collections.abc import Iterator

from runwright.lint.document import Document
from runwright.lint.finding import Finding

_CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*")
_PASCAL = re.compile(r"[A-Z][a-zA-Z0-9]*")
_RULE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_ids(document: Document) -> Iterator[Finding]:
    """Find operations without a name, and rules whose ids do not tell what they are of."""
    for place in document.operations:
        if place.node.get("operationId") is None:
            yield document.finding(
                place, f"{place.title} has no operationId", "add one, it names the client's method"
            )
    for place in document.places("condition"):
        rule = place.node.get("x-rule")
        if rule is not None and not is_rule_id(document.api, rule):
            yield document.finding(
                (*place.at, "x-rule"),
                f"rule id {rule} does not read {document.api}.<subject>.<claim>",
                "write subject and claim in kebab-case",
            )


def check_names(document: Document) -> Iterator[Finding]:
    """Find operations and schemas whose names do not follow the house's way."""
    for place in document.operations:
        name = place.node.get("operationId")
        if name is not None and not _CAMEL.fullmatch(str(name)):
            yield document.finding(
                (*place.at, "operationId"),
                f"operationId {name} is not camelCase",
                "write it like `checkRun`",
            )
    for name in document.data.get("components", {}).get("schemas", {}):
        if not _PASCAL.fullmatch(name):
            yield document.finding(
                ("components", "schemas", name),
                f"schema {name} is not PascalCase",
                "write it like `PipelineRun`",
            )


def is_rule_id(api: str, name: object) -> bool:
    """True if a name reads ``<api>.<subject>.<claim>``, both in kebab-case."""
    return (
        isinstance(name, str)
        and name.startswith(f"{api}.")
        and _RULE.fullmatch(name.removeprefix(f"{api}.")) is not None
    )
