"""Everything that a history shows of each run, through all windows, for rules across operations."""

from collections.abc import Iterator, Mapping

from runwright.trace import Call, Look, Observation


def sightings(observation: Observation, thing: str = "run") -> Mapping[str, tuple[Look, ...]]:
    """Return all looks at each thing by its key, in the order of time: whole ones and in lists."""
    found: dict[str, list[Look]] = {}
    for trace in observation.traces:
        if trace.thing == thing:
            found.setdefault(trace.key, []).extend(trace.looks)
    return {key: tuple(sorted(looks, key=_time)) for key, looks in found.items()}


def _time(look: Look) -> tuple[float, str, int]:
    return look.exchange.at, look.exchange.worker, look.exchange.seq


def whole_looks(observation: Observation, key: str) -> tuple[Look, ...]:
    """Return the looks at the whole body of a thing."""
    trace = observation.trace(key)
    return trace.looks if trace else ()


def answers(observation: Observation, operation_id: str) -> Iterator[Look]:
    """Yield a look at each 2xx answer of an operation whose documented body has a lifecycle."""
    schema = observation.spec.answer_schema(observation.spec.operations[operation_id])
    lifecycle = observation.spec.lifecycles.get(schema or "")
    for call in observation.calls:
        exchange = call.exchange
        if call.calls(operation_id) and exchange.succeeded and isinstance(exchange.body, dict):
            yield Look(call, schema or "", "", exchange.body, lifecycle)


def asked_for(call: Call, observation: Observation) -> str | None:
    """Return the id of the run that a call names in its path, None if it names none."""
    if call.operation is None:
        return None
    name = observation.spec.identifying_parameters.get(call.operation.id)
    return call.parameter(name) if name else None
