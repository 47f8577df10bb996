"""What a history shows of each run: calls, looks at things, and traces of one thing over time."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import frozen

from runwright.history import NOT_JSON, Exchange, History
from runwright.lifecycle import Lifecycle
from runwright.look import Call, Look, identity
from runwright.part import lifecycle_places, parts_of
from runwright.pointer import expand
from runwright.spec import Spec, schema_name

__all__ = ["Call", "Look", "Observation", "Trace", "identity", "parts_of"]


@frozen(eq=False)
class Trace:
    """The looks at one thing, in the order of time, all of them through the same window.

    The bodies that operations answer whole are one window, whichever operation it was; the
    items of each list are another, since a list may be older than a detail. What two actors saw
    is never joined: two tenants may have a run with the same id.
    """

    thing: str
    key: str
    window: str
    looks: tuple[Look, ...]
    polls: tuple[Call, ...] = ()
    """The actor's calls that asked for this thing by its id, whatever they were answered."""
    actor: str | None = None

    @property
    def lifecycle(self) -> Lifecycle:
        """The lifecycle that the looks' schema declares."""
        lifecycle = self.looks[0].lifecycle
        assert lifecycle is not None
        return lifecycle

    @property
    def is_whole(self) -> bool:
        """True for the window of whole bodies."""
        return self.window == ""


@frozen(eq=False)
class Observation:
    """A history read with a spec in hand."""

    spec: Spec
    history: History

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every exchange with the operation that it called, in the order of time."""
        return tuple(self._call(exchange) for exchange in self.history.exchanges)

    def _call(self, exchange: Exchange) -> Call:
        match = self.spec.match(exchange.method, exchange.url)
        return Call(exchange, match.operation, match.path_parameters) if match else Call(exchange)

    @cached_property
    def answers(self) -> tuple[tuple[Call, str], ...]:
        """The answers whose documented body is a component schema, with its name."""
        found = []
        for call in self.calls:
            status = call.exchange.status
            if call.operation is None or status is None:
                continue
            name = schema_name(self.spec.response_schema(call.operation, status))
            if name is not None and call.exchange.body is not NOT_JSON:
                found.append((call, name))
        return tuple(found)

    def looks(self, schema: str) -> Iterator[Look]:
        """Yield every instance of a schema in the answers."""
        lifecycle = self.spec.lifecycles.get(schema)
        for call, root in self.answers:
            for place in self.spec.places(root):
                if place.schema == schema:
                    for pointer, body in expand(call.exchange.body, place.pattern):
                        if isinstance(body, dict):
                            yield Look(call, schema, pointer, body, lifecycle)

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """A trace for each thing, window by window; parts of a run are not things of their own."""
        looks: dict[tuple[str, str, str, str | None], list[Look]] = {}
        for call, root in self.answers:
            assert call.operation is not None
            for pattern, schema in self._outermost(root):
                lifecycle = self.spec.lifecycles[schema]
                window = f"{call.operation.id}/{'/'.join(pattern)}" if pattern else ""
                for pointer, body in expand(call.exchange.body, pattern):
                    key = identity(body, lifecycle)
                    if key is not None:
                        place = (lifecycle.thing, key, window, call.exchange.actor)
                        look = Look(call, schema, pointer, body, lifecycle)
                        looks.setdefault(place, []).append(look)
        return tuple(
            Trace(
                thing,
                key,
                window,
                tuple(seen),
                () if window else self._polls_by(actor, key),
                actor,
            )
            for (thing, key, window, actor), seen in looks.items()
        )

    def _polls_by(self, actor: str | None, key: str) -> tuple[Call, ...]:
        return tuple(call for call in self.polls.get(key, ()) if call.exchange.actor == actor)

    def _outermost(self, root: str) -> Iterator[tuple[tuple[str, ...], str]]:
        taken: list[tuple[str, ...]] = []
        for pattern, schema in lifecycle_places(self.spec, root):
            if not any(pattern[: len(above)] == above for above in taken):
                taken.append(pattern)
                yield pattern, schema

    def strands(self, thing: str) -> tuple[tuple[Look, ...], ...]:
        """Return the looks at each thing of that name, be it a run or a part of one.

        Of a part's looks that show the same, the first and the last are enough.
        """
        return self._strands.get(thing, ())

    @cached_property
    def _strands(self) -> Mapping[str, tuple[tuple[Look, ...], ...]]:
        found: dict[str, list[tuple[Look, ...]]] = {}
        for trace in self.traces:
            found.setdefault(trace.thing, []).append(trace.looks)
            parts: dict[str, list[Look]] = {}
            for look in trace.looks:
                for key, part in parts_of(look, self.spec):
                    seen = parts.setdefault(key, [])
                    if len(seen) > 1 and seen[-1].body == seen[-2].body == part.body:
                        seen.pop()
                    seen.append(part)
            for seen in parts.values():
                if seen[0].lifecycle is not None:
                    found.setdefault(seen[0].lifecycle.thing, []).append(tuple(seen))
        return {thing: tuple(strands) for thing, strands in found.items()}

    @cached_property
    def polls(self) -> Mapping[str, tuple[Call, ...]]:
        """The calls to polling operations, by the id that they asked for."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            if call.operation is not None and call.operation.id in self.spec.polls:
                name = self.spec.identifying_parameters.get(call.operation.id)
                key = call.parameter(name) if name else None
                if key is not None:
                    found.setdefault(key, []).append(call)
        return {key: tuple(calls) for key, calls in found.items()}

    def trace(self, key: str, window: str = "") -> Trace | None:
        """Return the trace of the thing with that key; if several actors saw it, the first's."""
        return self._by_key.get((key, window))

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Trace]:
        found: dict[tuple[str, str], Trace] = {}
        for trace in self.traces:
            found.setdefault((trace.key, trace.window), trace)
        return found
