"""A lifecycle says what a thing with states may do over time.

It is read from the ``x-lifecycle`` keyword of an OpenAPI schema; the keyword is described in
``specs/README.md`` and by ``specs/vocabulary.schema.json``. Waiters, rules and the emulator are
readings of the same declaration.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from runwright.mistake import Mistake
from runwright.pointer import place_of, pointer_to, resolve


class Outcome(StrEnum):
    """How a thing ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"
    CANCELED = "canceled"


class Motion(StrEnum):
    """How a member may change while its thing lives."""

    CONSTANT = "constant"
    SET_ONCE = "set-once"
    NON_DECREASING = "non-decreasing"
    APPEND_ONLY = "append-only"


@frozen
class State:
    """One status value: where it may lead, and how the thing ended if it is an end."""

    name: str
    to: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @property
    def is_final(self) -> bool:
        """True if nothing may follow this state."""
        return self.outcome is not None and not self.to and not self.inferred


@frozen
class Pace:
    """Seconds between two polls that the docs recommend."""

    least: float
    most: float


@frozen
class Retention:
    """For how many seconds a thing stays readable, counted from its end or its creation."""

    seconds: float
    since: str


class LifecycleError(Mistake):
    """A declared lifecycle contradicts itself."""


@frozen(kw_only=True)
class Lifecycle:
    """The declared life of one kind of thing, such as a run, a step or a record's field.

    ``status`` and the keys of ``motion`` are member names, or JSON Pointers below the object.
    ``key`` is None for a part that is identified by its place in the body.
    """

    thing: str
    status: str
    states: Mapping[str, State]
    key: str | None = None
    initial: tuple[str, ...] = ()
    clock: Mapping[str, str] = field(factory=dict)
    motion: Mapping[str, Motion] = field(factory=dict)
    after_end: tuple[str, ...] | None = None
    pace: Pace | None = None
    retention: Retention | None = None
    ends_with_run: bool = False
    ends_with_run_for: tuple[str, ...] = ()
    ends_as: Mapping[str, tuple[str, ...]] = field(factory=dict)
    lag: float = 0.0
    may_vanish: bool = False

    @classmethod
    def from_keyword(cls, keyword: Mapping[str, Any]) -> "Lifecycle":
        """Build a lifecycle from the value of ``x-lifecycle``.

        Raises:
            LifecycleError: an edge leads to a state that is not declared, a state has no way
                on and no outcome, or ``initial`` names an unknown state.
        """
        states = {
            name: State(
                name=name,
                to=tuple(body.get("to", ())),
                inferred=tuple(body.get("inferred", ())),
                outcome=Outcome(body["outcome"]) if "outcome" in body else None,
            )
            for name, body in keyword["states"].items()
        }
        pace, retention = keyword.get("pace"), keyword.get("retention")
        after_end = keyword.get("after-end")
        lifecycle = cls(
            thing=keyword["thing"],
            key=keyword.get("key"),
            status=keyword.get("status", "status"),
            initial=tuple(keyword.get("initial", ())),
            states=states,
            clock=dict(keyword.get("clock", {})),
            motion={member: Motion(kind) for member, kind in keyword.get("motion", {}).items()},
            after_end=None if after_end is None else tuple(after_end),
            pace=Pace(pace["least"], pace["most"]) if pace else None,
            retention=Retention(retention["seconds"], retention["since"]) if retention else None,
            ends_with_run=keyword.get("ends-with-run", False),
            ends_with_run_for=tuple(keyword.get("ends-with-run-for", ())),
            ends_as={run: tuple(ends) for run, ends in keyword.get("ends-as", {}).items()},
            lag=keyword.get("lag", 0.0),
            may_vanish=keyword.get("may-vanish", False),
        )
        lifecycle._check()
        return lifecycle

    def below(self, *way: str) -> "Lifecycle":
        """Return the lifecycle as a body tells it that has the thing inside, at the end of a way.

        It says what becomes of the thing; how the thing's members move is said where it stands.
        """
        inside = place_of(*way)
        key = None if self.key is None else inside + pointer_to(self.key)
        return evolve(
            self,
            key=key if way else self.key,
            status=inside + pointer_to(self.status) if way else self.status,
            clock={},
            motion={},
            after_end=None,
        )

    def _check(self) -> None:
        for state in self.states.values():
            for target in (*state.to, *state.inferred):
                if target not in self.states:
                    raise LifecycleError(
                        f"{self.thing}: {state.name} leads to {target}, which is not a state"
                    )
            if state.outcome is None and not state.to:
                raise LifecycleError(
                    f"{self.thing}: {state.name} has neither `to` nor `outcome`; "
                    "a waiter could never leave it"
                )
        for name in self.initial:
            if name not in self.states:
                raise LifecycleError(f"{self.thing}: initial state {name} is not a state")

    @cached_property
    def _closure(self) -> Mapping[str, frozenset[str]]:
        closure: dict[str, frozenset[str]] = {}
        for start in self.states:
            seen = {start}
            frontier = [start]
            while frontier:
                state = self.states[frontier.pop()]
                for target in (*state.to, *state.inferred):
                    if target not in seen:
                        seen.add(target)
                        frontier.append(target)
            closure[start] = frozenset(seen)
        return closure

    def must_end_with(self, run_status: str | None) -> bool:
        """True if a part has ended once its run is in a state, in which the run has."""
        for_these = self.ends_with_run_for
        return self.ends_with_run and (not for_these or run_status in for_these)

    def is_known(self, status: object) -> bool:
        """True if the status is one of the declared states."""
        return isinstance(status, str) and status in self.states

    def may_reach(self, earlier: str, later: str) -> bool:
        """True if ``later`` can be seen some time after ``earlier``; both must be known."""
        return later in self._closure[earlier]

    def is_terminal(self, status: object) -> bool:
        """True if the status is a known one that has an outcome."""
        return (
            isinstance(status, str)
            and status in self.states
            and self.states[status].outcome is not None
        )

    def is_final(self, status: object) -> bool:
        """True if the status is a known end that no write can reopen."""
        return isinstance(status, str) and status in self.states and self.states[status].is_final

    def status_of(self, body: object) -> str | None:
        """Return the status that a body shows, or None if it shows none as a string."""
        # Asked for very often, and mostly a plain member.
        if isinstance(body, dict) and not self.status.startswith("/"):
            value = body.get(self.status)
        else:
            value = resolve(body, self.status)
        return value if isinstance(value, str) else None
