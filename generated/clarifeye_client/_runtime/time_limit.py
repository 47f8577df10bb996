# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Holds a request that blocks to its time, whatever the server does meanwhile."""

from __future__ import annotations

import threading
import time
from typing import Any


def left_until(end: float) -> float:
    """Return the seconds until an instant of the monotonic clock.

    Raises:
        TimeoutError: it is past.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class TimeLimit(threading.local):
    """When the request of each thread is to be over, on the monotonic clock.

    An HTTP library's own timeout is for each read: a server that sends a byte now and then holds
    a request for as long as it likes.
    """

    end = float("inf")

    def left(self, timeout: float | None) -> float:
        """Return how long the next step may take.

        Raises:
            TimeoutError: there is no time left.
        """
        return min(left_until(self.end), float("inf") if timeout is None else timeout)


class Timed:
    """httpcore's way to the network, or one of its connections, held to a time limit."""

    def __init__(self, inner: Any, limit: TimeLimit) -> None:
        self._inner = inner
        self._limit = limit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> Timed:
        """Connect."""
        timeout = self._limit.left(timeout)
        return Timed(self._inner.connect_tcp(host, port, timeout, **options), self._limit)

    def start_tls(self, *, timeout: float | None = None, **options: Any) -> Timed:
        """Go on encrypted."""
        timeout = self._limit.left(timeout)
        return Timed(self._inner.start_tls(timeout=timeout, **options), self._limit)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, or the next that comes."""
        found: bytes = self._inner.read(max_bytes, self._limit.left(timeout))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._inner.write(buffer, self._limit.left(timeout))
