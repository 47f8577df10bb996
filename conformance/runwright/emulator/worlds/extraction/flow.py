"""A flow: a graph of steps, how its results are published, and when it last changed."""

from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from attrs import field, frozen

EXTRACTORS: Final = ("tag_extractor_id", "object_extractor_id", "chunks_extractor_id")
TABLES: Final[Mapping[str, str]] = {
    "parsing": "blocks",
    "chunking": "chunks",
    "tag-extraction": "tags",
    "object-extraction": "objects",
}
"""The table that a step of a type writes; a step of another type writes one of its own name."""


class DagError(ValueError):
    """A graph cannot be read, or not be run; the message is a sentence for the caller."""


@frozen(kw_only=True)
class Node:
    """One step of a graph: its type, what it waits for, and how it works."""

    name: str
    step: str
    depends_on: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(factory=dict)
    extractors: Mapping[str, str] = field(factory=dict)
    writes: bool = True
    """False for a step that makes no table."""


@frozen(kw_only=True)
class Flow:
    """A flow of a project; `dag` is kept as it was given."""

    id: str
    name: str
    publish_mode: str
    dag: Mapping[str, Any] = field(repr=False)
    created: float
    updated: float

    @property
    def publishes_itself(self) -> bool:
        """True if its runs publish what they extract."""
        return self.publish_mode == "auto_publish"


def read_nodes(dag: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the nodes of a graph, in the order in which it has them.

    Raises:
        DagError: it is malformed.
    """
    nodes = dag.get("nodes")
    if not isinstance(nodes, list):
        raise DagError("The DAG has no list of nodes.")
    return tuple(_read_node(node) for node in nodes)


def _read_node(raw: Any) -> Node:
    if not isinstance(raw, dict):
        raise DagError("A node must be an object.")
    name, step, waits = raw.get("name"), raw.get("step"), raw.get("depends_on", [])
    if not isinstance(name, str) or not name or not isinstance(step, str) or not step:
        raise DagError("A node must have a name and a step.")
    if not isinstance(waits, list) or not all(isinstance(other, str) for other in waits):
        raise DagError(f"depends_on of {name} must be a list of names.")
    params = raw.get("params", {})
    if not isinstance(params, dict):
        raise DagError(f"params of {name} must be an object.")
    named = {member: raw[member] for member in EXTRACTORS if isinstance(raw.get(member), str)}
    return Node(name=name, step=step, depends_on=tuple(waits), params=params, extractors=named)


def in_order(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the nodes of a graph so that each comes after those that it depends on.

    Raises:
        DagError: the graph is empty or inconsistent, so that it cannot be run.
    """
    if not nodes:
        raise DagError("The flow has no nodes.")
    names = Counter(node.name for node in nodes)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise DagError(f"The name {twice[0]} is given to several nodes.")
    by_name = {node.name: node for node in nodes}
    for node in nodes:
        missing = [other for other in node.depends_on if other not in by_name]
        if missing:
            raise DagError(f"{node.name} depends on {missing[0]}, which is no node.")
    try:
        order = TopologicalSorter({n.name: n.depends_on for n in nodes}).static_order()
        return tuple(by_name[name] for name in order)
    except CycleError:
        raise DagError("The nodes depend on each other in a circle.") from None


def tables_of(nodes: tuple[Node, ...]) -> Mapping[str, str]:
    """Return the table that each node writes, by the node's name; no two write the same."""
    types = Counter(node.step for node in nodes)
    return {
        node.name: TABLES[node.step]
        if node.step in TABLES and types[node.step] == 1
        else f"{node.name}_{TABLES.get(node.step, 'rows')}"
        for node in nodes
        if node.writes
    }
