"""A clock that moves on when it is read, so that a busy machine sees what an idle one sees."""

import asyncio
import threading
from typing import Final

from runwright.emulator.clock import EPOCH

TICK: Final = 0.01
"""Virtual seconds between two readings; some eight make a request, as on an idle machine."""
HASTE: Final = 1e6
"""How fast an observer takes it to run: so fast that no wait is felt."""


class CountedClock:
    """Virtual time that passes with each reading, whatever else the machine does meanwhile."""

    def __init__(self) -> None:
        """Stand at the epoch."""
        self._now = EPOCH
        self._lock = threading.Lock()

    def now(self) -> float:
        """Move on by a tick, and return where that leads."""
        with self._lock:
            self._now += TICK
            return self._now

    async def until(self, moment: float) -> None:
        """Read the clock until it has reached the moment."""
        while self.now() < moment:
            await asyncio.sleep(0.001)

    def real(self, seconds: float) -> int:
        """Return one second: nobody waits for longer."""
        return 1
