"""The suite's clock, which runs as fast as the clock of the server under test."""

import time
from collections.abc import Callable
from typing import Final, Protocol

NAP: Final = 0.02
"""Real seconds of the longest wait at once, so that work done aside is seen."""


class SessionClock(Protocol):
    """Seconds since the epoch as a session reads them, waits, and lets others act meanwhile.

    An emulator's stepped clock is one, too.
    """

    @property
    def speed(self) -> float:
        """How fast it runs; waits that a server tells in real seconds are as much longer."""
        ...

    def now(self) -> float:
        """Return the time; it never goes back."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait for so many seconds of this clock, or for less."""
        ...

    def begin(self) -> None:
        """Know that a thread begins to act aside."""
        ...

    def end(self) -> None:
        """Know that one of them is done."""
        ...

    def settle(self) -> None:
        """Let those aside do what can be done now, where that is for the session to decide."""
        ...

    def finish(self) -> None:
        """Let those aside come to their end."""
        ...


class SuiteClock:
    """Seconds since the epoch, `speed` times as fast as real ones.

    An emulator that runs fast has an observer who ages with it: waits, histories and what the
    server says of its own times then agree.
    """

    def __init__(
        self,
        speed: float = 1.0,
        *,
        now: Callable[[], float] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start now; `now` is the server's own clock, if it can be read."""
        if speed <= 0:
            raise ValueError(f"a clock cannot run at speed {speed}; it must be above 0")
        self.speed = speed
        self._start = time.time()
        self._monotonic = monotonic
        self._origin = monotonic()
        self._sleep = sleep
        self._now = now

    def now(self) -> float:
        """Return the time; it never goes back."""
        if self._now is not None:
            return self._now()
        return self._start + self.speed * (self._monotonic() - self._origin)

    def wait(self, seconds: float) -> None:
        """Wait for so many seconds of this clock, but no longer than a nap."""
        if seconds > 0:
            self._sleep(min(seconds / self.speed, NAP))

    def begin(self) -> None:
        """Do nothing: others act when they like."""

    def end(self) -> None:
        """Do nothing: others act when they like."""

    def settle(self) -> None:
        """Do nothing: others act when they like."""

    def finish(self) -> None:
        """Do nothing: real time passes by itself."""
