"""Lifecycles agree with themselves and with the schemas that they stand on."""

from collections.abc import Iterator, Mapping
from typing import Any

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding
from runwright.lint.schemas import find_member
from runwright.lint.text import Tokens
from runwright.lint.vocabulary import is_well_formed
from runwright.pointer import tokens

Keyword = Mapping[str, Any]


def check_lifecycles(document: Document) -> Iterator[Finding]:
    """Find lifecycles that a waiter or a judge could not walk."""
    for schema in _declaring(document):
        keyword = schema.node["x-lifecycle"]
        yield from _check_fates(document, schema, keyword)
        if is_well_formed("x-lifecycle", keyword):
            yield from _check_edges(document, schema, keyword)
            yield from _check_reach(document, schema, keyword)
            yield from _check_members(document, schema, keyword)
            yield from _check_statuses(document, schema, keyword)
    yield from _check_parts(document)
    yield from _check_views(document)


def _declaring(document: Document) -> Iterator[Place]:
    for place in document.places("schema"):
        at_home = len(place.at) == 3 and place.at[0] == "components"
        if at_home and isinstance(place.node.get("x-lifecycle"), dict):
            yield place


def _check_fates(document: Document, schema: Place, keyword: Keyword) -> Iterator[Finding]:
    states = keyword.get("states")
    for name, fate in states.items() if isinstance(states, dict) else ():
        if isinstance(fate, dict) and not fate.keys() & {"to", "outcome"}:
            yield document.finding(
                (*schema.at, "x-lifecycle", "states", name),
                f"state {name} of {schema.name} has neither `to` nor `outcome`",
                "say what may follow or how it ended, or a waiter never leaves it",
            )


def _check_edges(document: Document, schema: Place, keyword: Keyword) -> Iterator[Finding]:
    at = (*schema.at, "x-lifecycle")
    edges: list[tuple[Tokens, str]] = [(("initial",), name) for name in keyword["initial"]]
    for state, fate in keyword["states"].items():
        for kind in ("to", "inferred"):
            edges += [(("states", state, kind), name) for name in fate.get(kind, ())]
    for where, name in edges:
        if name not in keyword["states"]:
            yield document.finding(
                (*at, *where),
                f"{' '.join(where)} of {schema.name} names {name}, which is not a state",
                "declare the state or correct the name",
            )


def _check_parts(document: Document) -> Iterator[Finding]:
    declaring = tuple(_declaring(document))
    if not all(is_well_formed("x-lifecycle", schema.node["x-lifecycle"]) for schema in declaring):
        return
    for schema in declaring:
        ends = {
            state
            for other in declaring
            if other.at != schema.at
            for state, fate in other.node["x-lifecycle"]["states"].items()
            if "outcome" in fate
        }
        keyword = schema.node["x-lifecycle"]
        for member in ("ends-with-run-for", "ends-as"):
            for name in keyword.get(member, ()):
                if name not in ends:
                    yield document.finding(
                        (*schema.at, "x-lifecycle", member),
                        f"{member} of {schema.name} names {name}, in which no run ends",
                        "name states of the run that have an outcome",
                    )
        for run, states in keyword.get("ends-as", {}).items():
            for name in states:
                if name not in keyword["states"]:
                    yield document.finding(
                        (*schema.at, "x-lifecycle", "ends-as", run),
                        f"ends-as of {schema.name} names {name}, which is not a state",
                        "declare the state or correct the name",
                    )


def _follow(keyword: Keyword, start: list[str]) -> set[str]:
    seen: set[str] = set()
    while start:
        name = start.pop()
        if name not in seen and name in keyword["states"]:
            seen.add(name)
            fate = keyword["states"][name]
            start += [*fate.get("to", ()), *fate.get("inferred", ())]
    return seen


def _check_reach(document: Document, schema: Place, keyword: Keyword) -> Iterator[Finding]:
    reached = _follow(keyword, list(keyword["initial"]))
    for name in keyword["states"]:
        at = (*schema.at, "x-lifecycle", "states", name)
        if name not in reached:
            yield document.finding(
                at,
                f"no way leads from an initial state of {schema.name} to {name}",
                "add the edge that leads there (`inferred` if no doc states it)",
            )
        elif not any("outcome" in keyword["states"][s] for s in _follow(keyword, [name])):
            yield document.finding(
                at,
                f"no way leads from {name} of {schema.name} to an end",
                "add the edge that leads to a state with an outcome",
            )


def _check_members(document: Document, schema: Place, keyword: Keyword) -> Iterator[Finding]:
    named: list[tuple[Tokens, str]] = [(("status",), keyword["status"])]
    named += [(("key",), keyword["key"])] if "key" in keyword else []
    named += [(("clock", role), member) for role, member in keyword.get("clock", {}).items()]
    named += [(("motion", member), member) for member in keyword.get("motion", {})]
    named += [(("after-end",), member) for member in keyword.get("after-end", ())]
    for where, member in named:
        if find_member(document, schema, tokens(member)) is None:
            yield document.finding(
                (*schema.at, "x-lifecycle", *where),
                f"{where[0]} of {schema.name} names {member}, which its schema does not have",
                "name a property or a JSON Pointer to one",
            )


def _check_statuses(document: Document, schema: Place, keyword: Keyword) -> Iterator[Finding]:
    status = find_member(document, schema, tokens(keyword["status"]))
    if status is None:
        return
    values = list(_values(document, status))
    kinds = _types(document, status) - {"null"}
    if kinds and "string" not in kinds:
        yield document.finding(
            status,
            f"the status of {schema.name} is no text: its type is {' or '.join(sorted(kinds))}",
            "name a member as `status` whose values are texts; other states are not understood",
        )
        return
    if not values:
        yield document.finding(
            status,
            f"the status of {schema.name} has no enum",
            "list the documented values in `enum`, with `x-open-enum: true`",
        )
        return
    for value in values:
        if value not in keyword["states"]:
            yield document.finding(
                status,
                f"{value} is a status of {schema.name} but not among its states",
                "classify it in x-lifecycle",
            )
    for name in keyword["states"]:
        if name not in values:
            yield document.finding(
                (*schema.at, "x-lifecycle", "states", name),
                f"{name} is a state of {schema.name} but not in the enum of its status",
                "add it to the enum or remove the state",
            )


def _values(document: Document, schema: Place) -> Iterator[str]:
    """Yield the strings that a status may be, null aside."""
    node = document.follow(schema).node
    named = [*node.get("enum", ()), *([node["const"]] if "const" in node else [])]
    yield from (value for value in named if isinstance(value, str))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for way in document.below(Place("schema", schema.at, node), keyword):
            if "x-rule" not in way.node:
                yield from _values(document, way)


def _types(document: Document, schema: Place) -> set[str]:
    """Return the JSON types that a schema names, itself or by its values."""
    node = document.follow(schema).node
    named = node.get("type", [])
    kinds = set(named) if isinstance(named, list) else {str(named)}
    told = [*node.get("enum", ()), *([node["const"]] if "const" in node else [])]
    return kinds | {_JSON.get(type(value), "object") for value in told}


_JSON = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def _check_views(document: Document) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for schema in _declaring(document):
        thing = str(schema.node["x-lifecycle"].get("thing"))
        other = first.setdefault(thing, schema)
        if schema.node["x-lifecycle"].get("states") != other.node["x-lifecycle"].get("states"):
            yield document.finding(
                (*schema.at, "x-lifecycle", "states"),
                f"{other.name} and {schema.name} are views of one {thing}, but their states differ",
                "declare the same states, or give one another `thing`",
            )
