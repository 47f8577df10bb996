# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Time, as the waiters know it; tests bring their own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    import threading


class Clock(Protocol):
    """Tells the time in seconds, and lets it pass."""

    def now(self) -> float:
        """Return the time, on a scale that only goes forward."""

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        """Let time pass, or less if `stop` is set; return True if it was."""


class AsyncClock(Protocol):
    """Tells the time in seconds, and lets it pass in an event loop."""

    def now(self) -> float:
        """Return the time, on a scale that only goes forward."""

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        """Let time pass, or less if `stop` is set; return True if it was."""


class RealClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return the machine's monotonic time."""
        return time.monotonic()

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        """Sleep, or wait for `stop`."""
        if stop is not None:
            return stop.wait(seconds)
        time.sleep(seconds)
        return False


class AsyncRealClock:
    """The machine's own clock, within an event loop."""

    def now(self) -> float:
        """Return the machine's monotonic time."""
        return time.monotonic()

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        """Sleep, or wait for `stop`."""
        import asyncio  # not at the top: a client that never waits here need not load it

        if stop is None:
            await asyncio.sleep(seconds)
            return False
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return False
        return True


REAL_CLOCK = RealClock()
ASYNC_REAL_CLOCK = AsyncRealClock()
