"""Virtual time: seconds since the epoch by a clock that can run fast, or only when told to."""

import asyncio
import math
import time
from datetime import UTC, datetime
from typing import Final, Protocol

EPOCH: Final = 1_767_603_600.0
"""Where a manual clock begins unless told otherwise: 2026-01-05T09:00:00Z."""


class Clock(Protocol):
    """What tells a world the time."""

    def now(self) -> float:
        """Return the virtual time in seconds since the epoch."""
        ...

    async def until(self, moment: float) -> None:
        """Return when the virtual time has reached the moment."""
        ...

    def real(self, seconds: float) -> int:
        """Return how many whole seconds an observer waits for so many virtual seconds to pass."""
        ...


class RunningClock:
    """A clock that runs by itself, `speed` times as fast as the real one."""

    def __init__(self, speed: float = 1.0, *, start: float | None = None) -> None:
        """Start now, at `start` or at the present time."""
        if not (math.isfinite(speed) and speed > 0):
            raise ValueError(f"a clock cannot run at speed {speed}; it must be above 0")
        self.speed = speed
        self._start = time.time() if start is None else start
        self._origin = time.monotonic()

    def now(self) -> float:
        """Return the start plus speed times what has really elapsed."""
        return self._start + self.speed * (time.monotonic() - self._origin)

    async def until(self, moment: float) -> None:
        """Sleep until then; a moment that has passed costs nothing."""
        while (left := moment - self.now()) > 0:
            await asyncio.sleep(left / self.speed)

    def real(self, seconds: float) -> int:
        """Return the real seconds, rounded up."""
        return max(0, math.ceil(seconds / self.speed))


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: float = EPOCH) -> None:
        """Stand at `start`."""
        self._now = start

    def now(self) -> float:
        """Return where the clock was left."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move on by so many seconds, at least 0, and return the new time."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back by {-seconds} seconds")
        self._now += seconds
        return self._now

    def reach(self, moment: float) -> None:
        """Move on to a moment; one that has passed changes nothing."""
        self._now = max(self._now, moment)

    async def until(self, moment: float) -> None:
        """Move on to the moment: whoever waits makes the time pass."""
        self.reach(moment)

    def real(self, seconds: float) -> int:
        """Return the seconds themselves, rounded up."""
        return max(0, math.ceil(seconds))


def stamp(moment: float) -> str:
    """Write a moment as RFC 3339 in UTC, to the millisecond, rounded down."""
    whole = math.floor(moment * 1000)
    text = datetime.fromtimestamp(whole // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{whole % 1000:03d}Z"
