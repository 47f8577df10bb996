"""What one tenant's lists show of another tenant's runs."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from uuid import UUID

from runwright.history import NOT_JSON
from runwright.part import lifecycle_places
from runwright.pointer import pointer_to
from runwright.rule import Findings, broken, kept
from runwright.rules.starts import linked_runs
from runwright.spec import Spec
from runwright.trace import Call, Look, Observation

RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w-]{16,}")
"""An id that no two tenants have: long, of letters and digits."""

Starts = Mapping[str, Mapping[str | None, Call]]
"""The first call of each tenant that started a run, by the run's id."""


def lists_runs(spec: Spec) -> bool:
    """True if an answer of the API shows several runs."""
    return bool(_listing(spec))


@cache
def _listing(spec: Spec) -> frozenset[str]:
    """Return the ids of the operations whose answers show several runs."""
    things = _things(spec)
    return frozenset(
        operation.id
        for operation in spec.operations.values()
        if (root := spec.answer_schema(operation)) is not None
        and any(
            pattern and spec.lifecycles[schema].thing in things
            for pattern, schema in lifecycle_places(spec, root)
        )
    )


def judge_lists(observation: Observation) -> Findings:
    """A list shows no run that another tenant started."""
    # Who started a run is known from the answers to valid starts. A run that the caller started,
    # too, accuses nobody, nor one whose id another tenant's run may have by chance.
    starts = starts_of(observation)
    listed = _listed(observation)
    for call in observation.calls:
        exchange = call.exchange
        if not call.calls(*_listing(observation.spec)) or not exchange.succeeded:
            continue
        if exchange.credentials != "valid" or call.body is NOT_JSON:
            continue
        strange = [
            (key, look)
            for key, look in listed.get(exchange.id, ())
            if key in starts and exchange.actor not in starts[key]
        ]
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
        if not strange and _might_show_one(call, starts):
            yield kept(call)


def _might_show_one(listing: Call, starts: Starts) -> bool:
    """True if another tenant had surely started a run when a list was asked for."""
    return any(
        actor != listing.exchange.actor and call.exchange.precedes(listing.exchange)
        for calls in starts.values()
        for actor, call in calls.items()
    )


def _listed(observation: Observation) -> Mapping[str, list[tuple[str, Look]]]:
    """Return the runs that lists show, with their ids, by the id of the exchange."""
    things = _things(observation.spec)
    found: dict[str, list[tuple[str, Look]]] = {}
    for trace in observation.traces:
        for look in () if trace.is_whole or trace.thing not in things else trace.looks:
            found.setdefault(look.exchange.id, []).append((trace.key, look))
    return found


def _things(spec: Spec) -> frozenset[str]:
    return frozenset(spec.lifecycles[schema].thing for schema in spec.polls.values())


def starts_of(observation: Observation) -> Starts:
    """Return who started which run, as far as the answers to valid starts tell."""
    spec = observation.spec
    found: dict[str, dict[str | None, Call]] = {}
    for call in observation.calls:
        exchange = call.exchange
        if exchange.credentials == "valid" and exchange.succeeded and call.calls(*spec.starters):
            assert call.operation is not None
            for key in linked_runs(spec, call.operation, call.body, exchange.status):
                found.setdefault(key, {}).setdefault(exchange.actor, call)
    return found


def _is_unique(key: str) -> bool:
    """True if two tenants surely have no runs with the same id."""
    try:
        UUID(key)
    except ValueError:
        return RANDOM.fullmatch(key) is not None
    return True
