"""What a history shows of each run: calls, looks at things, and traces of one thing over time."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec
from attrs import evolve, field, frozen

from runwright.history import NOT_JSON, Exchange, History, Message
from runwright.lifecycle import Lifecycle
from runwright.look import Call, Look, identity
from runwright.part import outermost_places, parts_of
from runwright.piecewise import is_as_described
from runwright.pointer import MISSING, expand, expand_changes, resolve
from runwright.sharing import Sharing
from runwright.spec import Spec, schema_name

__all__ = ["Call", "Look", "Observation", "Trace", "identity", "parts_of"]


@frozen(eq=False)
class Trace:
    """The looks at one thing, in the order of time, all of them through the same window.

    The bodies that operations answer whole, in an envelope or not, are one window, whichever
    operation it was; the items of each list are another, since a list may be older than a detail.
    What two actors saw is never joined: two tenants may have a run with the same id.
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
    known: frozenset[str] = frozenset()
    """The ids of exchanges that were judged before, and are there only for what follows them."""
    _looks: dict[str, tuple[Look, ...]] = field(factory=dict, init=False, repr=False)

    def is_new(self, *exchanges: Exchange) -> bool:
        """True if one of the exchanges was not judged before."""
        return not self.known or any(exchange.id not in self.known for exchange in exchanges)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every exchange with the operation that it called, in the order of time."""
        former: dict[tuple[object, ...], Call] = {}
        texts: dict[str, Sharing] = {}
        calls = []
        for exchange in self.history.exchanges:
            path = exchange.url.partition("?")[0]
            match = self.spec.match(exchange.method, exchange.url)
            line = (exchange.method, exchange.url, exchange.actor, exchange.status)
            call = Call(
                exchange,
                match.operation if match else None,
                match.path_parameters if match else {},
                _body(exchange.response, texts.setdefault(path, Sharing())),
                former.get(line),
                match is None or match.is_exact,
            )
            if exchange.id in self.known:
                call = evolve(call, former=call)  # nothing in it has to be judged again
            former[line] = call
            calls.append(call)
        return tuple(calls)

    @cached_property
    def answers(self) -> tuple[tuple[Call, str], ...]:
        """The answers whose described body is a component schema, with its name."""
        found = []
        for call in self.calls:
            status = call.exchange.status
            if call.operation is None or status is None:
                continue
            name = schema_name(self.spec.response_schema(call.operation, status))
            if name is None or call.body is NOT_JSON:
                continue
            if is_as_described(self.spec, call.operation, status, call.body):
                found.append((call, name))
        return tuple(found)

    def looks(self, schema: str) -> tuple[Look, ...]:
        """Return every instance of a schema in the answers that is not as in the answer before."""
        if schema not in self._looks:
            self._looks[schema] = tuple(self._changed_looks(schema))
        return self._looks[schema]

    def _changed_looks(self, schema: str) -> Iterator[Look]:
        lifecycle = self.spec.lifecycles.get(schema)
        for call, root in self.answers:
            for place in self.spec.places(root):
                if place.schema == schema:
                    places = expand_changes(call.body, call.former_body, place.pattern)
                    for pointer, body, former in places:
                        if isinstance(body, dict):
                            yield Look(call, schema, pointer, body, lifecycle, former)

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """A trace for each thing, window by window; parts of a run are not things of their own."""
        looks: dict[tuple[str, str, str, str | None], list[Look]] = {}
        for call, root in self.answers:
            assert call.operation is not None
            for pattern, schema in outermost_places(self.spec, root):
                lifecycle = self.spec.lifecycles[schema]
                is_whole = not pattern or root in self.spec.envelopes
                window = "" if is_whole else f"{call.operation.id}/{'/'.join(pattern)}"
                for pointer, body in expand(call.body, pattern):
                    key = identity(body, lifecycle)
                    if key is not None:
                        place = (lifecycle.thing, key, window, call.exchange.actor)
                        former = resolve(call.former_body, pointer)
                        if identity(former, lifecycle) != key:
                            former = MISSING  # another thing stood there
                        look = Look(call, schema, pointer, body, lifecycle, former, is_whole)
                        looks.setdefault(place, []).append(look)
        return tuple(
            Trace(
                thing,
                key,
                window,
                tuple(seen),
                () if window else self._polls_by(actor, thing, key),
                actor,
            )
            for (thing, key, window, actor), seen in looks.items()
        )

    def _polls_by(self, actor: str | None, thing: str, key: str) -> tuple[Call, ...]:
        return tuple(
            call
            for call in self.polls.get(key, ())
            # Two kinds of things may use the same keys.
            if call.exchange.actor == actor and self._polled(call) == thing
        )

    def _polled(self, call: Call) -> str:
        assert call.operation is not None
        return self.spec.lifecycles[self.spec.polls[call.operation.id]].thing

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
            for seen in _part_strands(trace, self.spec):
                if seen[0].lifecycle is not None:
                    found.setdefault(seen[0].lifecycle.thing, []).append(seen)
        return {thing: tuple(strands) for thing, strands in found.items()}

    @cached_property
    def polls(self) -> Mapping[str, tuple[Call, ...]]:
        """The calls to polling operations, by the id that they asked for."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            if call.calls(*self.spec.polls) and call.is_exact and call.operation is not None:
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


def _body(answer: Message, texts: Sharing) -> Any:
    if answer.decoded is not None:
        return answer.decoded.value
    try:
        return texts.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NOT_JSON


def _part_strands(trace: Trace, spec: Spec) -> Iterator[tuple[Look, ...]]:
    """Yield the looks at each part of a run where it changed, those before, and the last."""
    strands: dict[str, list[Look]] = {}
    before: Look | None = None
    for look in trace.looks:
        for key, part in parts_of(look, spec, before):
            seen = strands.setdefault(key, [])
            if seen and before is not None and part.former is not MISSING:
                _extend(seen, before)
            _append(seen, part)
        before = look
    for seen in strands.values():
        last = seen[-1]
        if before is not None and resolve(before.call.body, last.pointer) is last.body:
            _extend(seen, before)
        yield tuple(seen)


def _extend(seen: list[Look], look: Look) -> None:
    """Add a look at a part that had not changed since the last one."""
    if seen[-1].exchange is not look.exchange:
        _append(seen, evolve(seen[-1], call=look.call))


def _append(seen: list[Look], look: Look) -> None:
    if len(seen) > 1 and seen[-1].body == seen[-2].body == look.body:
        seen.pop()
    seen.append(look)
