"""Everything that a history shows of each run, through all windows, for rules across operations."""

from collections.abc import Iterable, Iterator, Mapping

from runwright.piecewise import is_as_described
from runwright.trace import Call, Look, Observation

Sightings = Mapping[tuple[str | None, str], tuple[Look, ...]]
"""Looks by who saw a thing and its key: two tenants may have a thing with the same key."""


def sightings(observation: Observation, thing: str = "run") -> Sightings:
    """Return all looks at each thing, whole ones and those in lists, in the order of time."""
    found: dict[tuple[str | None, str], list[Look]] = {}
    for trace in observation.traces:
        if trace.thing == thing:
            found.setdefault((trace.actor, trace.key), []).extend(trace.looks)
    return {place: tuple(sorted(looks, key=_time)) for place, looks in found.items()}


def _time(look: Look) -> tuple[float, str, int]:
    return look.exchange.at, look.exchange.worker, look.exchange.seq


def whole(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Return the looks at a whole body, as opposed to an item of a list, which may be older."""
    return tuple(look for look in looks if look.is_whole)


def answers(observation: Observation, operation_id: str) -> Iterator[Look]:
    """Yield a look at each 2xx answer of an operation whose described body has a lifecycle."""
    schema = observation.spec.answer_schema(observation.spec.operations[operation_id])
    lifecycle = observation.spec.lifecycles.get(schema or "")
    for call in observation.calls:
        status = call.exchange.status
        if call.operation is None or status is None or not call.calls(operation_id):
            continue
        if not call.exchange.succeeded or not isinstance(call.body, dict):
            continue
        if is_as_described(observation.spec, call.operation, status, call.body):
            yield Look(call, schema or "", "", call.body, lifecycle)


def asked_for(call: Call, observation: Observation) -> str | None:
    """Return the id of the run that a call names in its path, None if it names none."""
    if call.operation is None:
        return None
    name = observation.spec.identifying_parameters.get(call.operation.id)
    return call.parameter(name) if name else None
