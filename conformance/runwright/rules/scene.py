"""A history read for what may have started or canceled a run: who asked for it, and when."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from attrs import evolve, frozen

from runwright.history import SKEW, Exchange
from runwright.roles import started_by, thing_of, unread, waiting
from runwright.rules.sightings import asked_for, whole
from runwright.rules.starts import linked_runs
from runwright.spec import Spec
from runwright.trace import Call, Look, Observation, identity

READING: Final = ("GET", "HEAD")
"""The safe methods that are judged: OPTIONS asks what may be done, and is answered anywhere."""

WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")

UNCLEAR: Final = (408, 429)
"""Refusals that leave open what was done, or would have been."""

Name = tuple[str, str]
"""The kind of a thing, and its key: two kinds may use the same keys."""


@frozen
class Target:
    """A run as somebody knows it."""

    thing: str
    key: str
    actor: str | None

    @property
    def name(self) -> Name:
        """What it is called, whoever knows it."""
        return self.thing, self.key


@frozen(eq=False)
class Scene:
    """An observation, and who asked in it for what changes runs."""

    observation: Observation

    @property
    def spec(self) -> Spec:
        """The spec of the API."""
        return self.observation.spec

    # ---- what was asked for --------------------------------------------------------------------

    @cached_property
    def readings(self) -> tuple[Call, ...]:
        """The calls by safe methods of what starts or cancels a run, where none is documented.

        Each stands there as a call of the operation whose path it names.
        """
        return tuple(
            meant
            for call in self.observation.calls
            if call.exchange.method in READING and call.exchange.credentials == "valid"
            for meant in self._meant(call, unread(self.spec))
            if meant.is_exact
        )

    @cached_property
    def writes(self) -> tuple[Call, ...]:
        """The calls by other methods, whatever they ask for, but for those that were refused."""
        return tuple(
            call
            for call in self.observation.calls
            if call.exchange.method in WRITING and not is_refused(call.exchange)
        )

    @cached_property
    def starts(self) -> tuple[tuple[Call, frozenset[Name]], ...]:
        """The writes that may have started a run, each with those that it led to."""
        names = {*self.spec.starters, *(operation.id for operation in waiting(self.spec))}
        found = (
            meant
            for call in self.writes
            for meant in ((call,) if call.calls(*names) else self._meant(call, names))
        )
        return tuple((call, frozenset(run.name for run in self.led_to(call))) for call in found)

    def _meant(self, call: Call, names: Collection[str]) -> Iterator[Call]:
        """Yield an undocumented call as one of each of the operations whose path it names."""
        spec, url = self.spec, call.exchange.url
        if call.operation is not None or any(spec.match(method, url) for method in READING):
            return
        methods = dict.fromkeys(o.method for o in spec.operations.values() if o.id in names)
        for method in methods:
            match = spec.match(method, url)
            if match is not None and match.operation.id in names:
                yield evolve(
                    call,
                    operation=match.operation,
                    path_parameters=match.path_parameters,
                    is_exact=match.is_exact,
                )

    # ---- which run it is about -----------------------------------------------------------------

    def named(self, call: Call) -> Target | None:
        """Return the run that a call names which may cancel it."""
        key, thing = asked_for(call, self.observation), self._thing(call)
        return None if key is None or thing is None else Target(thing, key, call.exchange.actor)

    def _thing(self, call: Call) -> str | None:
        return thing_of(self.spec, call.operation.id) if call.operation else None

    def led_to(self, call: Call) -> Iterator[Target]:
        """Yield the runs that the answer to a call leads to which may start one."""
        operation, spec = call.operation, self.spec
        if operation is None or not call.exchange.succeeded:
            return
        if operation.id in spec.starters:
            thing = thing_of(spec, started_by(spec)[operation.id])
            for key in linked_runs(spec, operation, call.body) if thing else ():
                yield Target(thing or "", key, call.exchange.actor)
        else:
            lifecycle = spec.lifecycles[spec.answer_schema(operation) or ""]
            shown = identity(call.body, lifecycle)
            if shown is not None:
                yield Target(lifecycle.thing, shown, call.exchange.actor)

    # ---- what was seen of it -------------------------------------------------------------------

    @cached_property
    def _looks(self) -> Mapping[Name, tuple[Look, ...]]:
        found: dict[Name, list[Look]] = {}
        for trace in self.observation.traces:
            found.setdefault((trace.thing, trace.key), []).extend(trace.looks)
        return {
            name: tuple(sorted(looks, key=lambda look: look.exchange.at))
            for name, looks in found.items()
        }

    def looks(self, run: Target) -> tuple[Look, ...]:
        """Return the looks of a run's own actor at the whole of it, with a known state."""
        return tuple(
            look
            for look in whole(self._looks.get(run.name, ()))
            if look.exchange.actor == run.actor
            if look.lifecycle is not None and look.lifecycle.is_known(look.status)
        )

    def before(self, call: Call, run: Target) -> Look | None:
        """Return the last look before a call, if the run had not ended then."""
        looks = [look for look in self.looks(run) if look.exchange.precedes(call.exchange)]
        return looks[-1] if looks and not looks[-1].is_terminal else None

    def after(self, call: Call, run: Target) -> tuple[Look, ...]:
        """Return the looks after a call."""
        return tuple(look for look in self.looks(run) if call.exchange.precedes(look.exchange))

    def is_known_before(self, call: Call, run: Target) -> bool:
        """True if a run may have been there before a call was answered, as far as anybody saw."""
        known = [look.call for look in self._looks.get(run.name, ())]
        known += (
            poll
            for poll in self.observation.polls.get(run.key, ())
            if not is_refused(poll.exchange) and self._thing(poll) == run.thing
        )
        return not all(call.exchange.precedes(other.exchange) for other in known)

    # ---- what else may have come to it ---------------------------------------------------------

    def is_disturbed(self, run: Target, before: Look, end: Look | None = None) -> bool:
        """True if a write may have canceled a run: one that names it, or came between two looks."""
        return any(
            run.key.casefold() in _words(write.exchange.url)
            or not (_is_sent_before(write.exchange, before.exchange) or self._is_elsewhere(write))
            for write in self.writes
            if end is None or not end.exchange.precedes(write.exchange)
        )

    def _is_elsewhere(self, write: Call) -> bool:
        """True for a call about a certain run; whether it is another one shows in its URL."""
        return asked_for(write, self.observation) is not None

    def is_started_otherwise(self, call: Call, run: Target) -> bool:
        """True if a start led to a run, or one that does not tell where it led may have."""
        return any(
            run.name in names or (not names and not call.exchange.precedes(start.exchange))
            for start, names in self.starts
        )

    # ---- what a later part needs to know of an earlier one -------------------------------------

    def latest_writes(self) -> Iterator[Exchange]:
        """Yield the writes that were perhaps sent after what comes next."""
        until = max((call.exchange.at for call in self.observation.calls), default=0.0)
        for write in self.writes:
            if write.exchange.at + SKEW >= until:
                yield write.exchange

    def first_writes(self, keys: Collection[str]) -> Iterator[Exchange]:
        """Yield, for each of some runs, the first write that names it; keys are case-folded."""
        left = set(keys)
        for write in self.writes:
            found = left & _words(write.exchange.url)
            if found:
                left -= found
                yield write.exchange

    def strays(self) -> Iterator[Exchange]:
        """Yield the calls that may be about runs which nobody has seen, the latest first."""
        for call in reversed(self.observation.calls):
            run = self.named(call)
            is_unseen = run is not None and run.name not in self._looks
            is_anything = call.operation is None and call.exchange.method in WRITING
            if (is_unseen or is_anything) and not is_refused(call.exchange):
                yield call.exchange

    def starts_unseen(self) -> Iterator[Exchange]:
        """Yield the starts of runs that nobody has seen, and one that does not tell of its run."""
        untold = None
        for start, names in self.starts:
            if not names:
                untold = start.exchange
            elif not names & self._looks.keys():
                yield start.exchange
        if untold is not None:
            yield untold


def is_refused(exchange: Exchange) -> bool:
    """True if a server said that it does nothing."""
    status = exchange.status
    return status is not None and 400 <= status < 500 and status not in UNCLEAR


def _words(url: str) -> set[str]:
    """Return what a URL names, in its path and its query."""
    return {unquote(word).casefold() for word in re.split(r"[/?&=;#]", url)}


def _is_sent_before(first: Exchange, second: Exchange) -> bool:
    """True if an exchange surely began before another; it may still go on."""
    if first.worker == second.worker:
        return first.seq < second.seq
    return first.precedes(second) or first.at + SKEW < second.at
