"""What an organization has spent, and how much of the queue it takes up."""

from collections.abc import Callable
from typing import Final

from runwright.emulator.worlds.pipes.life import Run

BALANCE: Final = 1_000_000.0
PURCHASED: Final = 900_000.0
CAPACITIES: Final = (20, 200, 100_000)
"""How many records may be queued at priority 1, at 1 or 2, and at all."""
REQUESTS_PER_MINUTE: Final = 2_000


class Account:
    """The books of one organization; what runs have cost is known from the runs themselves."""

    def __init__(self, spent_by: Callable[[Run, float], float]) -> None:
        """Begin with nothing spent; `spent_by` tells what a run has cost by a moment."""
        self._spent_by = spent_by
        self._open: dict[str, Run] = {}
        self._settled = 0.0
        self._minute = 0
        self._requests = 0

    def enter(self, run: Run) -> None:
        """Write down a run, or its new course."""
        self._open[run.id] = run

    def spent(self, now: float) -> float:
        """Return what all runs have cost by now."""
        self._settle(now)
        return self._settled + sum(self._spent_by(run, now) for run in self._open.values())

    def queued(self, now: float) -> int:
        """Return how many records belong to runs that have not ended."""
        self._settle(now)
        return sum(len(run.plan.rows) for run in self._open.values())

    def _settle(self, now: float) -> None:
        for run in [run for run in self._open.values() if run.script.has_ended(now)]:
            self._settled += self._spent_by(run, now)
            del self._open[run.id]

    def count_request(self, now: float) -> float | None:
        """Count a request; return the seconds until the next one is let in if it is too many."""
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._requests = minute, 0
        self._requests += 1
        return None if self._requests <= REQUESTS_PER_MINUTE else (minute + 1) * 60 - now
