"""A document as all else reads it: schemas of answers have names, and servers have addresses."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_PREFIX: Final = "#/components/schemas/"


def normalize(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document with names for the schemas of its answers, and addresses of its servers."""
    servers = document.get("servers")
    if servers:
        document = {**document, "servers": [_addressed(server) for server in servers]}
    return _name_answers(document)


def _addressed(server: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a server whose variables have their defaults."""
    url = str(server["url"])
    for name, variable in _mapping(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
    return {**server, "url": url}


def _name_answers(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document in which a schema of an answer that leads to a lifecycle is a component.

    One that stood inline is called after the operation whose answer has it first; equal ones are
    one. A document that has none is returned as it is.
    """
    if not any(_nameless(document)):
        return document
    changed = copy.deepcopy(dict(document))
    schemas = changed["components"]["schemas"]
    given: dict[str, Any] = {}
    for owner, media in list(_nameless(changed)):
        schema = media["schema"]
        name = next((name for name, other in given.items() if other == schema), None)
        if name is None:
            name = _free(owner, schemas)
            schemas[name] = given[name] = schema
        media["schema"] = {"$ref": f"{_PREFIX}{name}"}
    return changed


def _nameless(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what answers carry whose schema is to have a name, with the name of its owner."""
    schemas = _mapping(_mapping(document.get("components")).get("schemas"))
    for owner, response in _answers(document):
        for kind, media in _mapping(_mapping(response).get("content")).items():
            schema = _mapping(media).get("schema")
            if "json" not in str(kind) or not isinstance(schema, dict) or "$ref" in schema:
                continue
            if _leads_to_life(schema, schemas, set()):
                yield owner, media


def _answers(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for item in _mapping(document.get("paths")).values():
        for operation in _mapping(item).values():
            owner = str(_mapping(operation).get("operationId", ""))
            for response in _mapping(_mapping(operation).get("responses")).values():
                yield owner, response
    yield from _mapping(_mapping(document.get("components")).get("responses")).items()


def _leads_to_life(node: Any, schemas: Mapping[str, Any], seen: set[str]) -> bool:
    """True if a schema refers to one that declares a lifecycle, or to one that does."""
    if isinstance(node, list):
        return any(_leads_to_life(member, schemas, seen) for member in node)
    if not isinstance(node, Mapping):
        return False
    name = str(node.get("$ref", "")).removeprefix(_PREFIX)
    if name in schemas and name not in seen:
        seen.add(name)
        schema = schemas[name]
        if "x-lifecycle" in _mapping(schema) or _leads_to_life(schema, schemas, seen):
            return True
    return any(_leads_to_life(member, schemas, seen) for member in node.values())


def _free(owner: str, schemas: Mapping[str, Any]) -> str:
    words = re.findall(r"[A-Za-z0-9]+", owner)
    wanted = "".join(word[0].upper() + word[1:] for word in words) + "Answer"
    names = (f"{wanted}{number or ''}" for number in range(len(schemas) + 1))
    return next(name for name in names if name not in schemas)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
