"""What is to be done when: events by the clock, and work that other threads do meanwhile."""

import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from runwright.suite.clock import SuiteClock

NAP: Final = 0.02
"""Real seconds of the longest wait at once, so that work done aside is seen."""
THREADS: Final = 3
"""How many answers may be waited for aside at once."""

T = TypeVar("T")


class Agenda:
    """Events of one thread in the order of time."""

    def __init__(self, clock: SuiteClock) -> None:
        """Have nothing to do yet."""
        self.clock = clock
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()
        self._aside: list[tuple[Future[Any], Callable[[Any], object]]] = []
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="suite-aside")

    @property
    def is_empty(self) -> bool:
        """True if nothing is left to do, here or aside."""
        return not self._events and not self._aside

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something so many seconds from now."""
        moment = self.clock.now() + seconds
        heapq.heappush(self._events, (moment, next(self._count), act))

    def aside(self, work: Callable[[], T], then: Callable[[T], object]) -> None:
        """Have something done by another thread; `then` gets its result in this one."""
        self._aside.append((self._pool.submit(work), then))

    def step(self) -> bool:
        """Do the next thing that is due; False if nothing is."""
        for entry in self._aside:
            future, then = entry
            if future.done():
                self._aside.remove(entry)
                then(future.result())
                return True
        if self._events and self._events[0][0] <= self.clock.now():
            heapq.heappop(self._events)[2]()
            return True
        return False

    def wait(self) -> None:
        """Wait until something may be due."""
        longest = NAP * self.clock.speed
        left = self._events[0][0] - self.clock.now() if self._events else longest
        self.clock.wait(min(left, longest))

    def close(self) -> None:
        """Give up what has not begun, and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)
