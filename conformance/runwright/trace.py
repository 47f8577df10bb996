"""What a history shows of each run: calls, looks at things, and traces of one thing over time."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from runwright.history import NOT_JSON, Exchange, History
from runwright.lifecycle import Lifecycle
from runwright.pointer import MISSING, expand, resolve
from runwright.spec import Operation, Place, Spec, schema_name


@frozen(eq=False)
class Call:
    """An exchange together with the operation that it called, if the spec has one."""

    exchange: Exchange
    operation: Operation | None = None
    path_parameters: Mapping[str, str] = field(factory=dict)

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query parameters, decoded, in order."""
        parts = urlsplit(self.exchange.url)
        return tuple(parse_qsl(parts.query, keep_blank_values=True))

    def parameter(self, name: str) -> str | None:
        """Return the value of a path or query parameter."""
        if name in self.path_parameters:
            return self.path_parameters[name]
        return next((value for key, value in self.query if key == name), None)

    def calls(self, *operation_ids: str) -> bool:
        """True if the call went to one of these operations."""
        return self.operation is not None and self.operation.id in operation_ids


@frozen(eq=False)
class Look:
    """One instance of a schema in one answer: where it stands, and what it says."""

    call: Call
    schema: str
    pointer: str
    body: Any
    lifecycle: Lifecycle | None = None

    @property
    def exchange(self) -> Exchange:
        """The exchange whose answer holds the instance."""
        return self.call.exchange

    @property
    def status(self) -> str | None:
        """The status that it shows, None without a lifecycle or a readable status."""
        return self.lifecycle.status_of(self.body) if self.lifecycle else None

    @property
    def is_terminal(self) -> bool:
        """True if the status it shows is a known end."""
        return self.lifecycle is not None and self.lifecycle.is_terminal(self.status)

    def precedes(self, other: "Look") -> bool:
        """True if this look was surely taken before the other."""
        return self.exchange.precedes(other.exchange)


@frozen(eq=False)
class Trace:
    """The looks at one thing, in the order of time, all of them through the same window.

    The bodies that operations answer whole are one window, whichever operation it was; the
    items of each list are another, since a list may be older than a detail.
    """

    thing: str
    key: str
    window: str
    looks: tuple[Look, ...]
    polls: tuple[Call, ...] = ()
    """The calls that asked for this thing by its id, whatever they were answered."""

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
        looks: dict[tuple[str, str, str], list[Look]] = {}
        for call, root in self.answers:
            for place in self._outermost(root):
                lifecycle = self.spec.lifecycles[place.schema]
                assert call.operation is not None
                window = f"{call.operation.id}/{'/'.join(place.pattern)}" if place.pattern else ""
                for pointer, body in expand(call.exchange.body, place.pattern):
                    key = identity(body, lifecycle)
                    if key is not None:
                        look = Look(call, place.schema, pointer, body, lifecycle)
                        looks.setdefault((lifecycle.thing, key, window), []).append(look)
        return tuple(
            Trace(thing, key, window, tuple(seen), self.polls.get(key, ()) if not window else ())
            for (thing, key, window), seen in looks.items()
        )

    def _outermost(self, root: str) -> Iterator[Place]:
        taken: list[tuple[str, ...]] = []
        for place in self.spec.places(root):
            if place.schema not in self.spec.lifecycles:
                continue
            if any(place.pattern[: len(above)] == above for above in taken):
                continue
            taken.append(place.pattern)
            yield place

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
        """Return the trace of the thing with that key."""
        return self._by_key.get((key, window))

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Trace]:
        return {(trace.key, trace.window): trace for trace in self.traces}


def identity(body: Any, lifecycle: Lifecycle) -> str | None:
    """Return what identifies a thing, as text; None if its body does not tell."""
    if lifecycle.key is None or not isinstance(body, dict):
        return None
    value = resolve(body, lifecycle.key)
    if value is MISSING or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def parts_of(look: Look, spec: Spec) -> Iterator[tuple[str, Look]]:
    """Yield the parts in a look at a run, each with its identity inside the run.

    A part is an instance of another schema with a lifecycle; its identity is its key, or where
    it stands.
    """
    for place in spec.places(look.schema):
        lifecycle = spec.lifecycles.get(place.schema)
        if lifecycle is None or not place.pattern:
            continue
        for pointer, body in expand(look.body, place.pattern):
            if isinstance(body, dict):
                key = pointer if lifecycle.key is None else identity(body, lifecycle)
                if key is not None:
                    part = Look(look.call, place.schema, look.pointer + pointer, body, lifecycle)
                    yield f"{lifecycle.thing}:{key}", part
