"""A status that the docs may add one day makes no answer wrong."""

import copy
from collections.abc import Iterator
from typing import Any

from runwright.lint.document import Document, Place, is_json
from runwright.lint.finding import Finding
from runwright.pointer import MISSING, expand, resolve, tokens
from runwright.spec import Spec, schema_name
from runwright.validation import broken_rules, structure_of

_UNKNOWN = "a-status-of-tomorrow"


def check_unknown_states(document: Document, spec: Spec) -> Iterator[Finding]:
    """Find schemas and rules that an unknown status in one of the examples would break."""
    for media in document.places("media"):
        name = schema_name(media.node.get("schema"))
        if name is None or not is_json(media.name):
            continue
        for example in document.below(media, "examples"):
            for schema, changed in _renewed(spec, name, example.node["value"]):
                yield from _judge(document, spec, name, schema, changed)


def _renewed(spec: Spec, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield copies of a value in which one status is unknown, with the schema that it is of."""
    for place in spec.places(name):
        lifecycle = spec.lifecycles.get(place.schema)
        if lifecycle is None:
            continue
        for pointer, instance in expand(value, place.pattern):
            if resolve(instance, lifecycle.status) is not MISSING:
                changed = copy.deepcopy(value)
                *way, last = (*tokens(pointer), *tokens(lifecycle.status))
                parent = changed
                for token in way:
                    parent = parent[int(token) if isinstance(parent, list) else token]
                parent[last] = _UNKNOWN
                yield place.schema, changed


def _judge(document: Document, spec: Spec, root: str, schema: str, value: Any) -> Iterator[Finding]:
    if not structure_of(spec, root).is_valid(value):
        yield document.finding(
            ("components", "schemas", schema),
            f"{root} does not allow a status of {schema} that the docs may add",
            "add `x-open-enum: true` to the enum of the status",
        )
    for rule in sorted(broken_rules(spec, root, value)):
        yield document.finding(
            _home(document, rule),
            f"a status of {schema} that the docs may add breaks {rule}",
            "list the known states in its condition",
        )


def _home(document: Document, rule: str) -> Place:
    places = document.places("condition")
    return next(place for place in places if place.node.get("x-rule") == rule)
