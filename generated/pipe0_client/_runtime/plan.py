# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""How a kind of run is waited for: which operation looks, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from . import address
from .errors import DecodeError
from .lifecycle import Lifecycle, Outcome
from .look import Look
from .model import Answer, kept
from .operation import Operation, decode, hint_in, located
from .peek import Peek
from .wait_errors import (
    LooksFailedError,
    ResumeTokenError,
    RunCanceledError,
    RunFailedError,
    RunLostError,
    RunStalledError,
    StateMissedError,
    UnknownStatusError,
    WaitError,
    WaitStoppedError,
    WaitTimeoutError,
)
from .waiting import Failed, Reason, Watch, hint_of

T = TypeVar("T")

_VERSION = 2
_READ = (1, 2)
"""The versions of tokens that can be read; the first did not say what was waited for."""


class Resumed(Struct, frozen=True, kw_only=True):
    """What a token says: which run was waited for, what for, and how it was last seen."""

    key: Mapping[str, str]
    status: str | None = None
    until: str | None = None
    any_outcome: bool = False


class Plan(Struct, Generic[T], frozen=True, kw_only=True):
    """How one kind of run is polled."""

    name: str
    """The client and the wait, as tokens have it."""
    poll: Operation[T]
    lifecycle: Lifecycle
    key: tuple[str, ...]
    """The parameters that name a run, in order."""
    identifier: str
    """The one of them that the answer repeats as the run's key."""
    peek: Peek
    in_query: tuple[str, ...] = ()
    in_headers: tuple[str, ...] = ()
    """Those parameters that do not belong in the path."""

    def path(self, key: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return those parameters of a run that belong in the path."""
        elsewhere = (*self.in_query, *self.in_headers)
        return [(name, key[name]) for name in self.key if name not in elsewhere]

    def query(self, key: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return those parameters of a run that belong in the query."""
        return [(name, key[name]) for name in self.in_query]

    def headers(self, key: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return those parameters of a run that belong in the headers."""
        return [(name, key[name]) for name in self.in_headers]

    def seen(
        self, key: Mapping[str, Any], began: float, at: float, answer: Answer, raw: bytes
    ) -> Look:
        """Make a look of an answer; one that shows no status, or another run, is a failed one."""
        try:
            status, found = self.peek(raw)
            wanted = str(key[self.identifier])
            if found is not None and found.lower() != wanted.lower():
                pointer = "/" + (self.lifecycle.key or "").lstrip("/")
                raise DecodeError(pointer=pointer, expected=wanted, got=found, raw=raw)
        except DecodeError as error:
            misfit = located(error, answer)
            return Look(key=key, began=began, at=at, error=misfit, raw=raw, answer=answer)
        return Look(
            key=key,
            began=began,
            at=at,
            status=status,
            outcome=self.lifecycle.outcome(status),
            hint=hint_in(answer),
            raw=raw,
            answer=answer,
        )

    def shown(self, key: Mapping[str, Any], began: float, at: float, started: Any) -> Look | None:
        """Make a look of what started a run, if that is an answer like the poll's own."""
        memory, codec = kept(started), next(iter(self.poll.codecs.values()), None)
        if memory is None or memory.raw is None or memory.answer is None or codec is None:
            return None
        if not isinstance(started, codec.type):
            return None
        look = self.seen(key, began, at, memory.answer, memory.raw)
        return look if look.status is not None else None

    def missed(self, key: Mapping[str, Any], began: float, at: float, error: Exception) -> Look:
        """Make a look of an error."""
        return Look(key=key, began=began, at=at, error=error, hint=hint_of(error))

    def body(self, look: Look | None) -> T:
        """Decode what a look showed.

        Raises:
            DecodeError: it is not what the spec says.
        """
        assert look is not None
        return decode(self.poll, look.raw, look.answer)

    def _body_if_any(self, look: Look | None) -> T | None:
        if look is None or look.status is None:
            return None
        try:
            return self.body(look)
        except DecodeError:
            return None

    def token(
        self, key: Mapping[str, str], status: str | None, until: str | None, any_outcome: bool
    ) -> str:
        """Write what another process needs to go on waiting; there is no secret in it."""
        state = {
            "version": _VERSION,
            "wait": self.name,
            "key": {name: key[name] for name in self.key},
            "status": status,
            "until": until,
            "any_outcome": any_outcome,
        }
        return json.dumps(state, separators=(",", ":"))  # unlike others, it writes any string

    def read_token(self, token: str) -> Resumed:
        """Return what a token says.

        Raises:
            ResumeTokenError: the token is not one of this plan's.
        """
        try:
            state = msgspec.json.decode(token, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeError, TypeError, RecursionError):
            raise ResumeTokenError("This is no token to go on waiting with.") from None
        if state.pop("version", None) not in _READ or state.pop("wait", None) != self.name:
            raise ResumeTokenError(
                f"This token is not one of {self.name!r} in the versions that are understood here, "
                f"{' and '.join(map(str, _READ))}."
            )
        try:
            resumed = msgspec.convert(state, Resumed)
            if set(resumed.key) != set(self.key) or "" in resumed.key.values():
                raise ValueError
            address.build("", self.poll.path, self.path(resumed.key))
        except (msgspec.ValidationError, ValueError):
            raise ResumeTokenError(f"This token does not name a {self.lifecycle.thing}.") from None
        if resumed.until is not None and not self.lifecycle.is_known(resumed.until):
            raise ResumeTokenError(
                f"This token is for the state {resumed.until!r}, which no {self.lifecycle.thing} "
                "has in the spec."
            )
        return resumed

    def describe(self, key: Mapping[str, Any]) -> str:
        """Name a run for a message."""
        return f"{self.lifecycle.thing} {key[self.identifier]}"

    def ended(
        self, look: Look, key: Mapping[str, Any], body: T | None, token: str
    ) -> WaitError | None:
        """Return the error that an end is, or None if it is a success, whole or partial."""
        kind = {Outcome.FAILURE: RunFailedError, Outcome.CANCELED: RunCanceledError}.get(
            look.outcome or Outcome.SUCCESS
        )
        if kind is None:
            return None
        return kind(
            f"The {self.describe(key)} has ended as {look.status!r}.",
            look=look,
            body=body,
            token=token,
        )

    def stopped(self, watch: Watch, key: Mapping[str, Any], token: str) -> WaitError:
        """Return the error for a wait that its caller stopped."""
        return WaitStoppedError(
            f"Waiting for the {self.describe(key)} was stopped; {_last_seen(watch)}.",
            look=watch.last or watch.latest,
            body=self._body_if_any(watch.last),
            token=token,
        )

    def failure(
        self, failed: Failed, watch: Watch, key: Mapping[str, Any], token: str
    ) -> Exception:
        """Return the error for a wait that failed; its cause is set."""
        look = failed.look
        error = look.error if look is not None else None
        if failed.reason is Reason.REFUSED and error is not None:
            return error
        kind, says = _FAILURES[failed.reason]
        goal = "ended" if watch.until is None else f"become {watch.until!r}"
        trouble = "" if error is None else f"; the last look failed: {str(error).rstrip('.')}"
        made = kind(
            f"The {self.describe(key)} {says.format(status=look and look.status, goal=goal)}; "
            f"{_last_seen(watch)}{trouble}.",
            look=look,
            body=self._body_if_any(watch.last),
            token=token,
        )
        made.__cause__ = error
        return made

    def unstarted(self, *, is_stopped: bool, is_sent: bool) -> WaitError:
        """Return the error for a start that was given up before its answer came."""
        effect = f"a {self.lifecycle.thing} may have begun all the same"
        return _given_up(
            f"Starting a {self.lifecycle.thing}", effect, is_stopped=is_stopped, is_sent=is_sent
        )

    def uncanceled(
        self, key: Mapping[str, Any], token: str, *, is_stopped: bool, is_sent: bool
    ) -> WaitError:
        """Return the error for a cancellation that was given up before its answer came."""
        error = _given_up(
            f"Canceling the {self.describe(key)}",
            "it may be canceled all the same",
            is_stopped=is_stopped,
            is_sent=is_sent,
        )
        error.token = token
        return error


def _given_up(doing: str, effect: str, *, is_stopped: bool, is_sent: bool) -> WaitError:
    kind = WaitStoppedError if is_stopped else WaitTimeoutError
    how = "was stopped" if is_stopped else "was not answered before the deadline"
    return kind(f"{doing} {how}; {effect if is_sent else 'nothing was sent'}.")


_FAILURES: Mapping[Reason, tuple[type[WaitError], str]] = {
    Reason.LOST: (RunLostError, "is not known to the server any more"),
    Reason.MISSES: (LooksFailedError, "could not be looked at, too many times in a row"),
    Reason.DEADLINE: (WaitTimeoutError, "has not {goal} before the deadline"),
    Reason.STALLED: (RunStalledError, "has not changed for too long"),
    Reason.UNKNOWN_STATUS: (
        UnknownStatusError,
        "has the status {status!r}, which the spec does not list",
    ),
    Reason.STATE_MISSED: (
        StateMissedError,
        "is {status!r} and cannot {goal} any more, if it ever was that",
    ),
}


def _last_seen(watch: Watch) -> str:
    return f"it was last seen as {watch.status!r}" if watch.status else "it was never seen"
