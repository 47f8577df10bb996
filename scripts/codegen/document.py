"""A spec as the client generator understands it.

openapi-python-client knows no open enums, invents a class for each nullable enum, and reads an
``allOf`` of conditions as a model. So it is given a plainer document: every enum and every object
with members of its own stands under ``components/schemas``, and conditions are gone.
"""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from openapi_python_client.strings import ClassName

_KEPT = (
    "type",
    "format",
    "description",
    "required",
    "const",
    "properties",
    "items",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "enum",
    "x-enum-varnames",
    "x-open-enum",
)


TAKEN = frozenset(
    (
        *("Any", "AsyncGenerator", "ClassVar", "Generator", "Iterable", "Iterator", "Literal"),
        *("Mapping", "NotRequired", "Required", "Sequence", "TypedDict", "UUID"),
        *("ApiError", "AsyncClientSession", "AsyncClock", "AsyncPages", "AsyncTransport"),
        *("CallOptions", "ClientSession", "Clock", "Codec", "Deferred", "Ended", "Failure"),
        *("Lifecycle", "Model", "OnLook", "OpenEnum", "Operation", "Outcome", "Pace", "Pages"),
        *("Patience", "Peek", "Plan", "Retries", "State", "Transport", "UnsetType"),
    )
)
"""Names in the modules of a client that no class or member of a spec's may take away."""

_PREFIX = "#/components/schemas/"


class Classes:
    """The names of the classes of an API's component schemas; ``taken`` are not for them."""

    def __init__(self, document: Mapping[str, Any], taken: Iterable[str] = ()) -> None:
        self.taken = TAKEN.union(taken)
        self._names: dict[str, str] = {}
        for schema in document.get("components", {}).get("schemas", {}):
            self._names[schema] = self.free(schema)

    def __getitem__(self, schema: str) -> str:
        return self._names[schema]

    def free(self, wanted: str, others: Container[str] = ()) -> str:
        """Return a name like the one that is wanted, which is nobody's yet."""
        name = _class_name(wanted)
        used = self._names.values()
        if name in self.taken:
            name += "Schema"
        number = 2
        while name in self.taken or name in used or name in others:
            name = f"{_class_name(wanted)}{number}"
            number += 1
        return name

    def refer(self, reference: str) -> str:
        """Return a reference to a schema by the name of its class."""
        schema = reference.removeprefix(_PREFIX)
        return f"{_PREFIX}{self._names.get(schema, schema)}" if schema != reference else reference


def _class_name(wanted: str) -> str:
    """Return a name as the generator writes those of classes."""
    return str(ClassName(str(ClassName(wanted, "Schema")), "Schema"))


class PlainDocument:
    """An OpenAPI document made plain; ``document`` is what the generator reads."""

    def __init__(self, document: Mapping[str, Any], classes: Classes | None = None) -> None:
        self._classes = classes or Classes(document)
        self._schemas: dict[str, Any] = {}
        components = document.get("components", {})
        for schema_name, schema in components.get("schemas", {}).items():
            name = self._classes[schema_name]
            self._schemas[name] = self._plain(schema, name, is_component=True)
        self.document: dict[str, Any] = {
            "openapi": document["openapi"],
            "info": {key: document["info"][key] for key in ("title", "version")},
            "paths": {
                path: self._paths(item, path) for path, item in document.get("paths", {}).items()
            },
            "components": {
                "parameters": self._each(components.get("parameters", {}), "Parameter"),
                "responses": self._each(components.get("responses", {}), "Response"),
                "requestBodies": self._each(components.get("requestBodies", {}), "Body"),
                "schemas": self._schemas,
            },
        }

    def schema(self, name: str) -> Mapping[str, Any]:
        """Return a schema of the plain document by the name of its class, or an empty one."""
        found: Mapping[str, Any] = self._schemas.get(name, {})
        return found

    def _paths(self, item: Any, path: str) -> Any:
        plain: dict[str, Any] = {}
        for key, value in item.items():
            if key == "parameters":
                plain[key] = [self._media(parameter, pascal(path)) for parameter in value]
            elif isinstance(value, dict) and "responses" in value:
                name = pascal(value.get("operationId", f"{key} {path}"))
                operation = {
                    k: value[k]
                    for k in ("operationId", "tags", "summary", "description", "security")
                    if k in value
                }
                operation["tags"] = ["all"]
                operation["parameters"] = [
                    self._media(parameter, name) for parameter in value.get("parameters", [])
                ]
                operation["responses"] = {
                    str(status): self._media(response, f"{name}Response")
                    for status, response in value["responses"].items()
                }
                if "requestBody" in value:
                    operation["requestBody"] = self._media(value["requestBody"], f"{name}Body")
                plain[key] = operation
        return plain

    def _each(self, named: Mapping[str, Any], suffix: str) -> dict[str, Any]:
        return {name: self._media(node, f"{pascal(name)}{suffix}") for name, node in named.items()}

    def _media(self, node: Any, name: str) -> Any:
        """Make the schemas of a parameter, response or request body plain."""
        if "$ref" in node:
            return {"$ref": node["$ref"]}
        plain = {
            key: node[key]
            for key in ("name", "in", "required", "description", "style", "explode")
            if key in node
        }
        if "schema" in node:
            plain["schema"] = self._plain(node["schema"], name + pascal(node.get("name", "")))
        if "content" in node:
            plain["content"] = {
                kind: {"schema": self._plain(media.get("schema", {}), name)}
                for kind, media in node["content"].items()
            }
        return plain

    def _plain(self, schema: Any, name: str, *, is_component: bool = False) -> Any:
        if isinstance(schema, bool):
            return {} if schema else False
        if "$ref" in schema:
            return {"$ref": self._classes.refer(schema["$ref"])}
        plain = _folded({key: schema[key] for key in _KEPT if key in schema})
        if "allOf" in plain:
            members = [m for m in plain["allOf"] if "if" not in m and "x-rule" not in m]
            plain["allOf"] = [
                self._plain(member, f"{name}Part{index}", is_component=True)
                for index, member in enumerate(members)
            ]
            if not plain["allOf"]:
                del plain["allOf"]
        for key in ("anyOf", "oneOf"):
            if key in plain:
                plain[key] = [
                    self._plain(member, f"{name}{index + 1}")
                    for index, member in enumerate(plain[key])
                ]
        if "properties" in plain:
            plain["properties"] = {
                key: self._plain(member, name + pascal(key))
                for key, member in plain["properties"].items()
            }
        if "items" in plain:
            plain["items"] = self._plain(plain["items"], f"{name}Item")
        elif _types(plain) == {"array"}:
            plain["items"] = {}
        if isinstance(plain.get("additionalProperties"), dict):
            plain["additionalProperties"] = self._plain(
                plain["additionalProperties"], f"{name}Value"
            )
        return self._split(plain, name, is_component=is_component)

    def _split(self, plain: dict[str, Any], name: str, *, is_component: bool) -> dict[str, Any]:
        """Take null out of enums and objects, and give those a name of their own."""
        needs_name = "enum" in plain or "properties" in plain
        if not needs_name:
            return plain
        nullable = "null" in _types(plain) or None in plain.get("enum", ())
        if "enum" in plain:
            plain["enum"] = [value for value in plain["enum"] if value is not None]
        if isinstance(plain.get("type"), list):
            rest = [kind for kind in plain["type"] if kind != "null"]
            plain["type"] = rest[0] if len(rest) == 1 else rest
        if is_component and not nullable:
            return plain
        own = self._classes.free(f"{name}Value" if is_component else name, self._schemas)
        self._schemas[own] = plain
        reference = {"$ref": f"#/components/schemas/{own}"}
        return {"anyOf": [reference, {"type": "null"}]} if nullable else reference


def _folded(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an object that has no variants: the members that one of them adds may be absent."""
    folded = dict(schema)
    for key in ("anyOf", "oneOf"):
        variants = folded.get(key, ())
        if "properties" not in schema or not all(_speaks_of_members(v) for v in variants):
            continue
        folded.pop(key, None)
        for variant in variants:
            folded["properties"] = {**variant.get("properties", {}), **folded["properties"]}
    return folded


def _speaks_of_members(variant: Any) -> bool:
    return isinstance(variant, Mapping) and variant.keys() <= {
        *("type", "title", "description", "required", "properties", "additionalProperties"),
    }


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    return set(kinds) if isinstance(kinds, list) else {kinds}


def pascal(text: str) -> str:
    """Join the words of a name, each with a capital."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    return "".join(word[0].upper() + word[1:] for word in words)
