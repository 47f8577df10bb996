"""What one tenant's lists show of another tenant's runs."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from runwright.part import lifecycle_places
from runwright.pointer import pointer_to, resolve
from runwright.rule import Findings, broken, kept
from runwright.spec import Spec
from runwright.trace import Call, Look, Observation

RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w-]{16,}")
"""An id that no two tenants have: long, of letters and digits."""

_BODY: Final = "$response.body#"

Starts = Mapping[str, Mapping[str | None, Call]]
"""The first call of each tenant that started a run, by the run's id."""


def lists_runs(spec: Spec) -> bool:
    """True if an answer of the API shows several runs."""
    things = _things(spec)
    roots = {spec.answer_schema(operation) for operation in spec.operations.values()}
    return any(
        pattern and spec.lifecycles[schema].thing in things
        for root in roots
        if root is not None
        for pattern, schema in lifecycle_places(spec, root)
    )


def judge_lists(observation: Observation) -> Findings:
    """A list shows no run that another tenant started.

    Who started a run is known from the answers to valid starts; a run that the caller started,
    too, or whose id another tenant's run may have by chance, accuses nobody.
    """
    starts = _starts(observation)
    for looks in _lists(observation):
        caller = looks[0][1].exchange.actor
        strange = [(key, look) for key, look in looks if caller not in starts.get(key, {caller: 0})]
        for key, look in strange:
            if _is_unique(key):
                foreign = next(iter(starts[key].values()))
                yield broken(
                    foreign,
                    look,
                    at=pointer_to((look.lifecycle and look.lifecycle.key) or ""),
                    expected="only runs of the caller",
                    actual=f"{key}, which {foreign.exchange.actor} started",
                )
        if not strange and _might_have(looks[0][1], starts):
            yield kept(looks[0][1])


def _might_have(look: Look, starts: Starts) -> bool:
    """True if another tenant had surely started a run when a list was asked for."""
    caller, listed = look.exchange.actor, look.exchange
    return any(
        actor != caller and call.exchange.precedes(listed)
        for calls in starts.values()
        for actor, call in calls.items()
    )


def _lists(observation: Observation) -> Iterator[list[tuple[str, Look]]]:
    """Yield what each list that was answered shows: runs, with their ids."""
    things = _things(observation.spec)
    found: dict[str, list[tuple[str, Look]]] = {}
    for trace in observation.traces:
        for look in () if trace.is_whole or trace.thing not in things else trace.looks:
            if look.exchange.credentials == "valid" and look.exchange.succeeded:
                found.setdefault(look.exchange.id, []).append((trace.key, look))
    yield from found.values()


def _things(spec: Spec) -> frozenset[str]:
    return frozenset(spec.lifecycles[schema].thing for schema in spec.polls.values())


def _starts(observation: Observation) -> Starts:
    spec = observation.spec
    found: dict[str, dict[str | None, Call]] = {}
    for call in observation.calls:
        exchange = call.exchange
        if exchange.credentials == "valid" and exchange.succeeded and call.calls(*spec.starters):
            for key in _started(call, spec):
                found.setdefault(key, {}).setdefault(exchange.actor, call)
    return found


def _started(call: Call, spec: Spec) -> Iterator[str]:
    """Yield the id of the run that an answer leads to."""
    assert call.operation is not None
    for link in spec.links(call.operation, call.exchange.status):
        name = spec.identifying_parameters.get(link.operation_id)
        told = next(
            (value for key, value in link.parameters.items() if key.split(".")[-1] == name), ""
        )
        if link.role == "poll" and str(told).startswith(_BODY):
            value = resolve(call.exchange.body, str(told).removeprefix(_BODY))
            if isinstance(value, str):
                yield value


def _is_unique(key: str) -> bool:
    """True if two tenants surely have no runs with the same id."""
    try:
        UUID(key)
    except ValueError:
        return RANDOM.fullmatch(key) is not None
    return True
