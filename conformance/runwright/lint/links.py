"""Links lead from an answer to what its reader may do next."""

import re
from collections.abc import Iterator

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding
from runwright.lint.schemas import find_member
from runwright.lint.text import from_pointer

_EXPRESSION = re.compile(
    r"\$(?P<side>request|response)\.(?P<where>body#|path\.|query\.|header\.)(?P<name>.*)"
)


_ROLES = ("poll", "cancel", "list")


def check_links(document: Document) -> Iterator[Finding]:
    """Find links that lead nowhere, do not say what for, or cannot be filled."""
    for operation in document.operations:
        for status in operation.node.get("responses", {}):
            at = (*operation.at, "responses", status)
            response = document.follow(Place("response", at, document.text.at(at)))
            for link in document.below(response, "links"):
                yield from _check_link(document, operation, response, link)


def _check_link(
    document: Document, operation: Place, response: Place, link: Place
) -> Iterator[Finding]:
    if link.name in _ROLES and link.node.get("x-role") != link.name:
        yield document.finding(
            link,
            f"link {link.name} has no `x-role: {link.name}`",
            "add it, or give the link another name",
        )
    other = document.operations_by_id.get(str(link.node.get("operationId")))
    if other is None:
        name = link.node.get("operationId")
        yield document.finding(
            link, f"link {link.name} leads to no operation: {name}", "name an operationId"
        )
        return
    known = {(p.node["in"], p.node["name"]): p.node for p in document.parameters(other)}
    names = {name for _, name in known} | {f"{where}.{name}" for where, name in known}
    filled = link.node.get("parameters", {})
    for name, value in filled.items():
        at = (*link.at, "parameters", name)
        if name not in names:
            yield document.finding(
                at,
                f"{other.node['operationId']} has no parameter {name}",
                "name one of its parameters",
            )
        if not _is_there(document, operation, response, str(value)):
            yield document.finding(
                at, f"{value} is not there to fill {name}", "name a documented place"
            )
    for (where, name), parameter in known.items():
        if parameter.get("required") and not {name, f"{where}.{name}"} & filled.keys():
            yield document.finding(
                link,
                f"link {link.name} does not fill {name}, which "
                f"{other.node['operationId']} requires",
                "fill every required parameter",
            )


def _is_there(document: Document, operation: Place, response: Place, value: str) -> bool:
    """True for a constant, or an expression that names a documented place."""
    if not value.startswith("$"):
        return True
    match = _EXPRESSION.fullmatch(value)
    if match is None:
        return False
    side, where, name = match.group("side", "where", "name")
    if where == "body#":
        carriers = [response] if side == "response" else document.below(operation, "requestBody")
        schemas = [schema for carrier in carriers for schema in document.json_schemas(carrier)]
        member = from_pointer(name)
        return any(find_member(document, schema, member) for schema in schemas)
    if side == "response":
        headers = response.node.get("headers", {})
        return where == "header." and name.lower() in {header.lower() for header in headers}
    own = {(p.node["in"], p.node["name"]) for p in document.parameters(operation)}
    return (where.rstrip("."), name) in own


def check_polls(document: Document) -> Iterator[Finding]:
    """Find operations that start a run but do not lead to one that polls it.

    A link without a role leads there too: the answer of an operation that waits for the end has
    nothing to poll for.
    """
    polling = _linked(document, "poll")
    canceling = _linked(document, "cancel")
    for operation in document.operations:
        name = str(operation.node.get("operationId"))
        if operation.at[-1] in ("get", "head") or name in canceling:
            continue
        if name in polling:
            yield document.finding(
                operation,
                f"{name} is polled with {operation.at[-1].upper()}, which may change something",
                "lead to an operation that reads, with GET",
            )
            continue
        for response in document.successes(operation):
            offered = {link.node.get("operationId") for link in document.below(response, "links")}
            if not offered & polling and _shows_run(document, response):
                yield document.finding(
                    response,
                    f"{name} starts what has a lifecycle, and its answer leads to no poll",
                    "add a link to the operation that polls it, with `x-role: poll`",
                )


def _linked(document: Document, role: str) -> set[object]:
    links = document.places("link")
    return {link.node.get("operationId") for link in links if link.node.get("x-role") == role}


def _shows_run(document: Document, response: Place) -> bool:
    return any(
        "x-lifecycle" in document.follow(schema).node for schema in document.json_schemas(response)
    )
