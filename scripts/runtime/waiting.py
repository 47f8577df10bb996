"""The part of waiting that has neither clock nor socket: what was seen, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from .errors import ApiError, DecodeError
from .lifecycle import Lifecycle
from .look import Look
from .retry import check_bounds, is_passing


class Pace(Struct, frozen=True, kw_only=True):
    """How often to look; times in seconds.

    The pause begins with `first`, grows by `growth` up to `most`, and begins anew when the status
    changes. `jitter` is the share by which it varies at random, but never below `least`. None
    stands for what the spec recommends; without `first`, the pause begins with `least`. Where only
    one of `least` and `most` is given, the other gives way. A server's ``Retry-After`` is obeyed
    up to `longest_hint`.

    Raises:
        ValueError: one is out of bounds, or `least` is more than `most`.
    """

    first: float | None = None
    least: float | None = None
    most: float | None = None
    growth: float = 1.5
    jitter: float = 0.1
    longest_hint: float = 120.0

    def __post_init__(self) -> None:
        check_bounds(self, first=(0, None), least=(0, None), most=(0, None))
        check_bounds(self, growth=(1, None), jitter=(0, 1), longest_hint=(0, None))
        if self.most is not None:
            check_bounds(self, least=(0, self.most))


class Patience(Struct, frozen=True, kw_only=True):
    """How long to go on; times in seconds, None for without end.

    `deadline` is for the whole wait. `stall` ends it if nothing in the answer has changed for so
    long. `misses` is how many looks in a row may fail. `unknown` is how long a status that the
    spec does not list is put up with: 0 fails at once.
    """

    deadline: float | None = 3600.0
    stall: float | None = None
    misses: int = 5
    unknown: float | None = 0.0

    def __post_init__(self) -> None:
        check_bounds(self, deadline=(0, None), stall=(0, None), misses=(0, None))
        check_bounds(self, unknown=(0, None))


class Sleep(Struct, frozen=True):
    """Look again after this many seconds, and give that look what `Watch.budget` says then."""

    seconds: float


class Finished(Struct, frozen=True):
    """The run has reached what was waited for."""

    look: Look


class Reason(StrEnum):
    """Why waiting failed, though the run itself may not have."""

    REFUSED = "refused"
    LOST = "lost"
    MISSES = "misses"
    DEADLINE = "deadline"
    STALLED = "stalled"
    UNKNOWN_STATUS = "unknown-status"
    STATE_MISSED = "state-missed"


class Failed(Struct, frozen=True):
    """Waiting has failed, with this look, or before the first one."""

    reason: Reason
    look: Look | None


Decision = Sleep | Finished | Failed

LEAST_BUDGET = 0.05
"""No look gets less time than this, in seconds; so far may it begin after the deadline."""

_LEAST, _MOST = 1.0, 15.0
_GONE = frozenset({404, 410})


class Watch:
    """Decides, look by look, how to go on.

    With `until`, it is that state that is waited for, else any end. A state that must have been
    passed between two looks counts as reached. `seen` is the status that the run was last seen
    with before this wait; `just_started` says that it may not be known everywhere yet.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        *,
        began: float,
        jitter: Callable[[], float],
        pace: Pace | None = None,
        patience: Patience | None = None,
        until: str | None = None,
        seen: str | None = None,
        just_started: bool = False,
    ) -> None:
        if until is not None and not lifecycle.is_known(until):
            raise ValueError(f"A {lifecycle.thing} has no state {until!r} in the spec.")
        self._lifecycle = lifecycle
        self._pace = pace or Pace()
        self._patience = patience or Patience()
        self.until = until
        """The state that is waited for; None for any end."""
        self._jitter = jitter
        deadline = self._patience.deadline
        self.deadline = None if deadline is None else began + deadline
        """The instant by which the last look is to be back."""
        self.end = float("inf") if self.deadline is None else self.deadline + LEAST_BUDGET
        """The instant at which it is too late for another look."""
        least, most = self._pace.least, self._pace.most
        self._most = most if most is not None else lifecycle.most_pause or _MOST
        self.least = least if least is not None else lifecycle.least_pause or _LEAST
        if most is not None:
            self.least = min(self.least, most)
        self.first = max(self.least, self._pace.first or 0.0)
        self._most = max(self._most, self.first)
        self._pause = self.first
        self._misses = 0
        self._changed = began
        self._unknown_since: float | None = None
        self._slowest = 0.0
        self._last_raw: bytes | None = None
        self._just_started = just_started
        self._is_found = seen is not None
        self.status = seen
        """The last status that was seen."""
        self.last: Look | None = None
        """The last look that showed a status."""
        self.latest: Look | None = None
        """The last look, failed ones included."""

    def budget(self, now: float) -> float | None:
        """Return the seconds that a look may take so that it is back before the deadline."""
        return None if self.deadline is None else max(self.deadline - now, LEAST_BUDGET)

    def is_over(self, now: float) -> bool:
        """Return True if it is too late for another look."""
        return now >= self.end

    def note_known(self) -> None:
        """Take note that the server knows the run: if it does not any more, the run is lost."""
        self._is_found = True

    def see(self, look: Look, *, is_start: bool = False) -> Decision:
        """Take a look in, and decide; `is_start` says that it is the start's own answer."""
        self.latest = look
        if look.error is not None:
            return self._see_failure(look, look.error)
        self._slowest = max(look.at - look.began, self._slowest / 2)
        before, self.status, self.last = self.status, look.status, look
        self._is_found = self._is_found or not (is_start and self._just_started)
        self._misses = 0
        if look.raw != self._last_raw:
            self._changed = look.at
        self._last_raw = look.raw
        if look.status != before:
            self._pause = self.first
        verdict = self._judge(look, before)
        return verdict or self._pause_or_give_up(look)

    def _judge(self, look: Look, before: str | None) -> Decision | None:
        status = look.status or ""
        if not self._lifecycle.is_known(status):
            return self._see_unknown(look)
        self._unknown_since = None
        if self.until is None:
            return Finished(look) if look.outcome else None
        if status == self.until or self._lifecycle.passed(self.until, before, status):
            return Finished(look)
        if not self._lifecycle.may_follow(status, self.until):
            return Failed(Reason.STATE_MISSED, look)
        return None

    def _see_unknown(self, look: Look) -> Decision | None:
        if self._unknown_since is None:
            self._unknown_since = look.at
        tolerated = self._patience.unknown
        if tolerated is not None and look.at - self._unknown_since >= tolerated:
            return Failed(Reason.UNKNOWN_STATUS, look)
        return None

    def _see_failure(self, look: Look, error: Exception) -> Decision:
        if is_gone(error):
            if self._is_found:
                return Failed(Reason.LOST, look)
            if not self._just_started:
                return Failed(Reason.REFUSED, look)
            self._misses += 1  # started a moment ago, and not known everywhere yet
        elif isinstance(error, ApiError) and error.status == 429:
            # The server is busy, not broken; the deadline ends this if nothing else does.
            return self._pause_or_give_up(look)
        elif is_passing(error) or _is_garbled(error):
            self._misses += 1
        else:
            return Failed(Reason.REFUSED, look)
        if self.deadline is not None and look.at >= self.deadline:
            return Failed(Reason.DEADLINE, look)  # it may only have had too little time
        if self._misses > self._patience.misses:
            return Failed(Reason.MISSES, look)
        return self._pause_or_give_up(look)

    def _pause_or_give_up(self, look: Look) -> Decision:
        pause = self._next_pause(look.hint)
        stall = self._patience.stall
        if stall is not None and look.at - self._changed >= stall:
            return Failed(Reason.STALLED, look)
        if self.deadline is None:
            return Sleep(pause)
        # The last look is to be back before the deadline, but comes no sooner than pace and
        # server allow, even if that leaves it little time.
        left, soonest = self.deadline - look.at, max(self.least, self._heeded(look.hint))
        if left < soonest:
            return Failed(Reason.DEADLINE, look)
        return Sleep(min(pause, max(left - self._slowest, soonest)))

    def _next_pause(self, hint: float | None) -> float:
        spread = self._jitter() * 2 - 1
        pause = self._pause * (1 + self._pace.jitter * spread)
        self._pause = min(self._pause * self._pace.growth, self._most)
        pause = min(max(pause, self.least), self._most)
        return max(pause, self._heeded(hint))

    def _heeded(self, hint: float | None) -> float:
        return min(hint or 0.0, self._pace.longest_hint)


def is_gone(error: Exception | None) -> bool:
    """Return True if a server says that there is no such run."""
    return isinstance(error, ApiError) and error.status in _GONE


def _is_garbled(error: Exception) -> bool:
    """Return True if an answer came that says nothing about the run: HTML, or half a body."""
    if isinstance(error, ApiError):
        return error.status >= 500
    return isinstance(error, DecodeError)


def hint_of(error: Exception) -> float | None:
    """Return the ``Retry-After`` that came with an error."""
    return error.retry_after if isinstance(error, ApiError) else None
