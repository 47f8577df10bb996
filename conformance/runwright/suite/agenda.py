"""What is to be done when: events by the clock, and work that other threads do meanwhile."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from runwright.suite.clock import SessionClock

THREADS: Final = 3
"""How many answers may be waited for aside at once."""

LONG: Final = 3600.0
"""Seconds to wait for something to happen aside, where the clock knows when it does."""

T = TypeVar("T")


class Agenda:
    """Events of one thread, in an order that does not depend on how fast they are done.

    An event has its moment by plan, counted from the moment by plan of the event that planned
    it. None is done before its time; one that is late makes all that follow as much later, so
    that their order and the pauses between them stay as planned.
    """

    def __init__(self, clock: SessionClock) -> None:
        """Have nothing to do yet."""
        self.clock = clock
        self._origin = clock.now()
        self._moment = 0.0
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()
        self._aside: list[tuple[Future[Any], Callable[[Any], object]]] = []
        self._queue = deque[tuple[Callable[[], Any], Callable[[Any], object]]]()
        self._is_abandoned = False
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="suite-aside")

    @property
    def is_empty(self) -> bool:
        """True if nothing is left to do, here or aside."""
        return not self._events and not self._aside and not self._queue

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something so many seconds from now, by plan."""
        heapq.heappush(self._events, (self._moment + seconds, next(self._count), act))

    def aside(self, work: Callable[[], T], then: Callable[[T], object]) -> None:
        """Have something done by another thread; `then` gets its result in this one."""
        self._queue.append((work, then))
        self._begin_aside()

    def _begin_aside(self) -> None:
        while self._queue and len(self._aside) < THREADS:
            work, then = self._queue.popleft()
            self.clock.begin()
            future = self._pool.submit(work)
            future.add_done_callback(lambda _: self.clock.end())
            self._aside.append((future, then))
            self.clock.settle()

    def step(self) -> bool:
        """Do the next thing that is due; False if nothing is."""
        self.clock.settle()
        for entry in self._aside:
            future, then = entry
            if future.done():
                self._aside.remove(entry)
                self._begin_aside()
                self._catch_up()
                then(future.result())
                return True
        left = self._left()
        if left > 0:
            return False
        self._origin -= left
        self._moment, _, act = heapq.heappop(self._events)
        act()
        return True

    def wait(self) -> None:
        """Wait until something may be due."""
        self.clock.wait(max(0.0, self._left()))

    def close(self) -> None:
        """Give up what has not begun, and wait for what has, unless all was given up."""
        if self._is_abandoned:
            return
        self._queue.clear()
        self.clock.finish()
        self._pool.shutdown(wait=True)

    def abandon(self) -> None:
        """Give up everything, also answers that are still waited for."""
        self._is_abandoned = True
        self._queue.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _left(self) -> float:
        """Return the seconds until the next event; a long time if there is none."""
        if not self._events:
            return LONG
        return self._origin + self._events[0][0] - self.clock.now()

    def _catch_up(self) -> None:
        """Let what happens aside happen now, and not when the last event was planned."""
        passed = self.clock.now() - self._origin
        self._moment = max(self._moment, min([passed, *(event[0] for event in self._events[:1])]))
