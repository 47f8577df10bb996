"""What a history met of a spec: its operations, and the states and edges of its lifecycles.

An edge counts as seen when two looks at a thing, one surely after the other and nothing between
them, show its two ends. A poller misses states: a leap from a state to one that lies further on
implies the edges that every way between the two must take.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from attrs import frozen

from runwright.lifecycle import Lifecycle, Outcome
from runwright.trace import Look, Observation


@frozen(kw_only=True)
class OperationSeen:
    """How often an operation was called, and how it answered.

    ``answers`` counts the status codes as text; ``error`` stands for no answer at all.
    """

    id: str
    method: str
    path: str
    calls: int
    answers: dict[str, int]


@frozen(kw_only=True)
class StateSeen:
    """A declared state, and how many things were seen in it."""

    name: str
    seen: int
    initial: bool = False
    outcome: Outcome | None = None
    """How a thing ended that is in this state; None if it is no end."""


@frozen(kw_only=True)
class EdgeSeen:
    """A declared edge: how often it was seen, and how often leaps implied it.

    ``inferred`` is True for an edge that no document states but that is accepted.
    """

    source: str
    target: str
    seen: int
    implied: int
    inferred: bool = False


@frozen(kw_only=True)
class Leap:
    """A change between two looks that is no declared edge.

    ``allowed`` is True if declared edges lead from one to the other.
    """

    source: str
    target: str
    seen: int
    allowed: bool


@frozen(kw_only=True)
class LifecycleSeen:
    """One lifecycle, and what was seen of it over all things that have it.

    ``things`` counts what was followed: a thing that two actors see, or that stands in a list,
    too, counts anew.
    """

    thing: str
    things: int
    states: tuple[StateSeen, ...]
    edges: tuple[EdgeSeen, ...]
    leaps: tuple[Leap, ...]
    strangers: dict[str, int]
    """Statuses that are not declared, and how many things showed them."""


def operations_seen(observation: Observation) -> tuple[OperationSeen, ...]:
    """Count the calls of every operation of the spec."""
    answers: dict[str, Counter[str]] = {name: Counter() for name in observation.spec.operations}
    for call in observation.calls:
        if call.operation is not None and observation.is_new(call.exchange):
            status = call.exchange.status
            answers[call.operation.id]["error" if status is None else str(status)] += 1
    return tuple(
        OperationSeen(
            id=operation.id,
            method=operation.method,
            path=operation.path,
            calls=answers[operation.id].total(),
            answers=dict(sorted(answers[operation.id].items())),
        )
        for operation in observation.spec.operations.values()
    )


def lifecycles_seen(observation: Observation) -> tuple[LifecycleSeen, ...]:
    """Return what was seen of each lifecycle; views of one thing are taken together."""
    by_thing: dict[str, list[Lifecycle]] = {}
    for lifecycle in observation.spec.lifecycles.values():
        by_thing.setdefault(lifecycle.thing, []).append(lifecycle)
    return tuple(_seen(thing, lifecycles, observation) for thing, lifecycles in by_thing.items())


def _seen(thing: str, lifecycles: Iterable[Lifecycle], observation: Observation) -> LifecycleSeen:
    # Views of one thing may declare different parts of its life.
    states = {name: state for cycle in lifecycles for name, state in cycle.states.items()}
    initial = {name for cycle in lifecycles for name in cycle.initial}
    edges = {
        (state.name, target): target in state.inferred
        for cycle in lifecycles
        for state in cycle.states.values()
        for target in (*state.to, *state.inferred)
    }
    shown: Counter[str] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    things = 0
    for strand in observation.strands(thing):
        new = [look for look in strand if observation.is_new(look.exchange)]
        things += len(new) == len(strand)
        known = {look.status for look in strand if not observation.is_new(look.exchange)}
        shown.update({look.status for look in new if look.status is not None} - known)
        changes.update(_changes(strand, observation))
    leaps = {
        change: count
        for change, count in changes.items()
        if change not in edges and change[0] in states and change[1] in states
    }
    implied: Counter[tuple[str, str]] = Counter()
    for change, count in leaps.items():
        for edge in _needed(edges, *change):
            implied[edge] += count
    return LifecycleSeen(
        thing=thing,
        things=things,
        states=tuple(
            StateSeen(name=name, seen=shown[name], initial=name in initial, outcome=state.outcome)
            for name, state in states.items()
        ),
        edges=tuple(
            EdgeSeen(
                source=edge[0],
                target=edge[1],
                seen=changes[edge],
                implied=implied[edge],
                inferred=inferred,
            )
            for edge, inferred in edges.items()
        ),
        leaps=tuple(
            Leap(source=source, target=target, seen=count, allowed=_leads(edges, source, target))
            for (source, target), count in sorted(leaps.items())
        ),
        strangers={name: shown[name] for name in sorted(shown) if name not in states},
    )


def _changes(strand: tuple[Look, ...], observation: Observation) -> list[tuple[str, str]]:
    found = []
    for before, after in pairwise(strand):
        if (
            before.status is not None
            and after.status is not None
            and before.status != after.status
            and before.precedes(after)
            and observation.is_new(before.exchange, after.exchange)
        ):
            found.append((before.status, after.status))
    return found


def _leads(edges: Iterable[tuple[str, str]], source: str, target: str) -> bool:
    """True if edges lead from one state to the other."""
    reached, frontier = {source}, [source]
    while frontier:
        here = frontier.pop()
        for start, end in edges:
            if start == here and end not in reached:
                reached.add(end)
                frontier.append(end)
    return target in reached


def _needed(edges: Iterable[tuple[str, str]], source: str, target: str) -> list[tuple[str, str]]:
    """Return the edges that every way from one state to the other takes."""
    known = list(edges)
    if not _leads(known, source, target):
        return []
    return [edge for edge in known if not _leads([e for e in known if e != edge], source, target)]
