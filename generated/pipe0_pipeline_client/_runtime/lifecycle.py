# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""A lifecycle as the spec declares it: states, where they lead, and how things end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from .model import UNSET, Model, members


class Outcome(StrEnum):
    """How a thing ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"
    CANCELED = "canceled"


class State(Struct, frozen=True, kw_only=True):
    """One status: which may follow it, and how the thing ended if it is an end.

    `to` is what the docs say or their names suggest, `inferred` what else may happen.
    """

    to: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    outcome: Outcome | None = None


class Lifecycle(Struct, frozen=True, kw_only=True):
    """The declared life of one kind of thing; pauses in seconds."""

    thing: str
    status: str
    states: Mapping[str, State]
    initial: tuple[str, ...] = ()
    key: str | None = None
    least_pause: float | None = None
    most_pause: float | None = None

    def is_known(self, status: object) -> bool:
        """Return True if the spec lists a status."""
        return isinstance(status, str) and str(status) in self.states

    def outcome(self, status: object) -> Outcome | None:
        """Return how a thing with this status ended, or None if it goes on or is unknown."""
        if not isinstance(status, str):
            return None
        state = self.states.get(str(status))
        return state.outcome if state else None

    def may_follow(self, earlier: str, later: str) -> bool:
        """Return True if `later` can be seen some time after `earlier`; both must be known."""
        return later in self._reach((earlier,))

    def passed(self, state: str, earlier: str | None, later: str) -> bool:
        """Return True if what began, was `earlier` and is `later` must have been in `state`.

        `earlier` is None, or a status that the spec does not list, if nothing was seen before.
        A short cut that is only inferred lets a thing fail or be canceled early; that it got any
        further is told by the documented steps.
        """
        is_cut = self.outcome(later) in (Outcome.FAILURE, Outcome.CANCELED)
        ways = [self.initial]
        if earlier in self.states and earlier:
            ways.append((earlier,))
        return any(self._must_pass(state, starts, later, is_cut) for starts in ways)

    def _must_pass(self, state: str, starts: tuple[str, ...], later: str, is_cut: bool) -> bool:
        if later not in self._reach(starts, is_cut):
            return False
        return later not in self._reach(tuple(s for s in starts if s != state), is_cut, state)

    def _reach(
        self, starts: tuple[str, ...], inferred: bool = True, without: str | None = None
    ) -> set[str]:
        seen = set(starts)
        frontier = list(starts)
        while frontier:
            here = self.states[frontier.pop()]
            for target in here.to + here.inferred if inferred else here.to:
                if target not in seen and target != without:
                    seen.add(target)
                    frontier.append(target)
        return seen


def tokens(member: str) -> tuple[str, ...]:
    """Split a member's name or a JSON Pointer into its parts."""
    if not member.startswith("/"):
        return (member,)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in member[1:].split("/"))


def at(value: Any, member: str) -> Any:
    """Return what a model has at a member or JSON Pointer, or None if there is nothing."""
    for token in tokens(member):
        if isinstance(value, Mapping):
            value = value.get(token)
        elif not isinstance(value, Model):
            return None
        else:
            value = next(
                (getattr(value, m.name) for m in members(type(value)) if m.json_name == token),
                None,
            )
        if value is None or value is UNSET:
            return None
    return value
