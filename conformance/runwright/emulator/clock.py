"""Virtual time: seconds since the epoch by a clock that can run fast, or only when told to.

Each `Clock` tells a world the time; who else holds it may move it on.
"""

import asyncio
import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

EPOCH: Final = 1_767_603_600.0
"""Where a manual clock begins unless told otherwise: 2026-01-05T09:00:00Z."""
TICK: Final = 0.0025
"""Virtual seconds that a stepped clock moves on when it is read; some eight make a request."""


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


class SteppedClock:
    """A clock that an observer moves on, and that takes a tick to be read.

    So that a session is the same each time, however busy the machine, only one party acts at a
    time: the observer, or one of those that act aside, whom the observer lets `settle`.
    """

    speed = 1.0
    """It is its observer's clock, too."""

    def __init__(self, start: float = EPOCH, *, tick: float = TICK) -> None:
        """Stand at `start`."""
        self._now = start
        self._tick = tick
        self._turn = threading.Condition()
        self._acting = 0
        self._parked: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()

    def now(self) -> float:
        """Move on by a tick, and return where that leads."""
        with self._turn:
            self._now += self._tick
            return self._now

    def real(self, seconds: float) -> int:
        """Return the seconds themselves, rounded up: nobody else waits for them."""
        return max(0, math.ceil(seconds))

    async def until(self, moment: float) -> None:
        """Wait for the observer to come to the moment; alone with it, take it there."""
        with self._turn:
            if not self._acting:
                self._now = max(self._now, moment)
            if moment <= self._now:
                return
            come = asyncio.Event()
            wake: Callable[[], object] = partial(
                asyncio.get_running_loop().call_soon_threadsafe, come.set
            )
            heapq.heappush(self._parked, (moment, next(self._count), wake))
            self._acting -= 1
            self._turn.notify_all()
        await come.wait()

    # ---- for the observer --------------------------------------------------------------------

    def begin(self) -> None:
        """Count one more party that acts aside."""
        with self._turn:
            self._acting += 1

    def end(self) -> None:
        """Count one of them as done."""
        with self._turn:
            self._acting -= 1
            self._turn.notify_all()

    def settle(self) -> None:
        """Wake, one after the other, who waits for a moment that has come; return when all rest."""
        with self._turn:
            while True:
                self._turn.wait_for(lambda: self._acting == 0)
                if not self._parked or self._parked[0][0] > self._now:
                    return
                wake = heapq.heappop(self._parked)[2]
                self._acting += 1
                wake()

    def wait(self, seconds: float) -> None:
        """Move on by so many seconds, or to the first moment that somebody waits for; settle."""
        with self._turn:
            moments = [self._now + seconds, *(parked[0] for parked in self._parked[:1])]
            self._now = max(self._now, min(moments))
        self.settle()

    def finish(self) -> None:
        """Move on until nobody waits any more."""
        self.settle()
        while self._parked:
            self.wait(math.inf)


def stamp(moment: float) -> str:
    """Write a moment as RFC 3339 in UTC, to the millisecond, rounded down."""
    whole = math.floor(moment * 1000)
    text = datetime.fromtimestamp(whole // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{whole % 1000:03d}Z"
