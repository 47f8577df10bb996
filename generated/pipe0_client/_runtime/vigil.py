# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""One run that is waited for: its plan, its watch, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from .errors import DecodeError, Pipe0Error
from .lifecycle import Outcome
from .look import Look
from .operation import Pairs
from .redaction import Hide, redact
from .wait_errors import WaitError
from .waiting import Failed, Reason, Sleep, Watch

if TYPE_CHECKING:
    from .plan import Plan

T = TypeVar("T")


class Ended(Struct, Generic[T], frozen=True, kw_only=True):
    """How waiting for one run ended.

    ``error`` is None if the run reached what was waited for, whole or partly; ``body`` and ``look``
    are the last answer that showed it, if any did, else ``look`` is the last that failed;
    ``token`` lets `resume` go on in another process.
    """

    key: Mapping[str, str]
    outcome: Outcome | None
    error: Exception | None
    body: T | None
    look: Look | None
    token: str

    def result(self) -> T:
        """Return the body.

        Raises:
            WaitError: or whatever else was the error.
        """
        if self.error is not None:
            raise self.error
        assert self.body is not None
        return self.body


class Progress:
    """Somebody who is told more of waits than their looks; pass one as `on_look`."""

    def begin(self, thing: str, keys: Iterable[Mapping[str, Any]]) -> None:
        """Hear of runs that are waited for from now on, by the parameters that name them."""

    def __call__(self, look: Look) -> None:
        """Hear of a look; its `key` says at which run."""

    def end(self, key: Mapping[str, Any]) -> None:
        """Hear that a run is not waited for any more, whyever; perhaps more than once."""


def begin(vigils: Sequence[Vigil[Any]]) -> None:
    """Tell who wants to know which runs are waited for now."""
    if vigils and isinstance(vigils[0].on_look, Progress):
        keys = [vigil.key for vigil in vigils]
        vigils[0].on_look.begin(vigils[0].plan.lifecycle.thing, keys)


class Vigil(Struct, Generic[T], kw_only=True):
    """Waits for one run, look by look."""

    plan: Plan[T]
    key: Mapping[str, str]
    watch: Watch
    query: Pairs = ()
    """What the caller asks for with each look."""
    headers: Pairs = ()
    hide: Hide
    """Blots out of an answer what must not be shown."""
    on_look: Callable[[Look], None] | None = None
    any_outcome: bool = False
    """True if a failed or canceled run is as good as any."""
    first: Look | None = None
    """What showed the run before the first look of this vigil."""
    refusal: Pipe0Error | None = None
    """The server's refusal to cancel the run, which is the caller's if the run goes on."""

    def take(self, look: Look) -> Sleep | Ended[T]:
        """Take a look in; return how long to sleep, or how it ended."""
        decision = self.watch.see(look, is_start=look is self.first)
        if self.on_look is not None:
            self.on_look(look)
        if isinstance(decision, Sleep):
            if self.refusal is not None and look.status is not None:
                return self._end(self.refusal)
            return decision
        if isinstance(decision, Failed):
            return self.fail(decision)
        try:
            body = self.plan.body(look)
        except DecodeError as error:
            error.redact(self.hide)
            return self._end(error)
        if self.watch.until is not None or self.any_outcome:
            return self._end(None, body)
        return self._end(self.plan.ended(look, self.key, body, self.token), body)

    @property
    def token(self) -> str:
        """What lets `resume` go on from here."""
        return self.plan.token(self.key, self.watch.status, self.watch.until, self.any_outcome)

    def leave(self) -> None:
        """Tell who wants to know that this run is not waited for any more."""
        if isinstance(self.on_look, Progress):
            self.on_look.end(self.key)

    def stop(self) -> Ended[T]:
        """Return how it ended, for a caller who wants no more of it."""
        return self._end(self.plan.stopped(self.watch, self.key, self.token))

    def given_up(self, *, is_stopped: bool, is_sent: bool) -> WaitError:
        """Return the error for a cancellation whose answer was not waited for."""
        return self.plan.uncanceled(self.key, self.token, is_stopped=is_stopped, is_sent=is_sent)

    def fail(self, failed: Failed) -> Ended[T]:
        """Return how it ended, where waiting has failed."""
        return self._end(self.plan.failure(failed, self.watch, self.key, self.token))

    def time_out(self) -> Ended[T]:
        """Return how it ended, for want of time for another look."""
        return self.fail(Failed(Reason.DEADLINE, self.watch.latest))

    def _end(self, error: Exception | None, body: T | None = None) -> Ended[T]:
        if isinstance(error, Pipe0Error) and not isinstance(error, WaitError):
            error.look, error.token = self.watch.latest, self.token
        if error is not None:
            redact(error, self.hide)
        if isinstance(error, WaitError):
            body = error.body
        self.leave()
        look = self.watch.last or self.watch.latest
        return Ended(
            key=self.key,
            outcome=look.outcome if look else None,
            error=error,
            body=body,
            look=look,
            token=self.token,
        )
