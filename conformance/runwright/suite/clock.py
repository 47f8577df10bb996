"""The suite's clock, which runs as fast as the clock of the server under test."""

import time
from collections.abc import Callable


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
        """Wait for so many seconds of this clock."""
        if seconds > 0:
            self._sleep(seconds / self.speed)
