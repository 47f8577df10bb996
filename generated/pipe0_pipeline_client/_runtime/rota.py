# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""Whose turn it is, among many runs that are waited for at once."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

V = TypeVar("V")


class Rota(Generic[V]):
    """Keeps what is due when, and no more than `rate` turns a second."""

    def __init__(self, rate: float | None = None) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"The rate must be more than 0 looks a second, not {rate!r}.")
        self._heap: list[tuple[float, int, V]] = []
        self._count = 0
        self._gap = 1.0 / rate if rate else 0.0
        self._free = float("-inf")
        self.end = float("inf")
        """When it is too late for another turn."""

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, due: float, entry: V) -> None:
        """Let something have its turn at a time, in seconds."""
        self._count += 1  # ties go to the first to come
        heapq.heappush(self._heap, (due, self._count, entry))

    def due_in(self, now: float) -> float | None:
        """Return the seconds until the next turn or the end; None if nobody waits for a turn."""
        if not self._heap:
            return None
        return max(0.0, min(self._next(), self.end) - now)

    def is_over(self, now: float) -> bool:
        """Return True if it is too late for another turn."""
        return now >= self.end

    def _next(self) -> float:
        return max(self._heap[0][0], self._free)

    def take(self, now: float) -> V | None:
        """Return whose turn it is, or None if it is nobody's yet."""
        if not self._heap or self._next() > now:
            return None
        self._free = max(now, self._free) + self._gap
        return heapq.heappop(self._heap)[2]

    def drain(self) -> list[V]:
        """Return all that still wait for a turn, in order, and forget them."""
        rest = [entry for _, _, entry in sorted(self._heap, key=lambda item: item[:2])]
        self._heap.clear()
        return rest
