"""What a tap takes of one request and its answer, raw and with all secrets."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

LARGEST = 128 * 1024 * 1024
"""Bytes of a body above which it is not kept."""

TOO_LARGE = "the {} is larger than {} bytes and was not kept"
ABANDONED = "the program did not read the answer to its end"
PENDING = "no answer had come when the recording ended"


class Body:
    """The pieces of a body, as they pass."""

    __slots__ = ("is_whole", "most", "pieces", "size")

    def __init__(self, most: int) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.most = most
        self.is_whole = True

    def add(self, piece: bytes) -> None:
        """Keep a piece; once there is too much, keep nothing."""
        self.size += len(piece)
        if self.size <= self.most:
            self.pieces.append(piece)
        else:
            self.is_whole = False
            self.pieces.clear()

    def restart(self) -> None:
        """Forget what passed, since the body is sent again from its beginning."""
        self.pieces = []
        self.size = 0
        self.is_whole = True

    @property
    def content(self) -> bytes:
        """All that passed."""
        return b"".join(self.pieces)


class Taken:
    """One request and what came of it.

    `url` is anything whose text is the URL; bodies are in their content encoding, unless
    `is_decoded`. What was tapped below HTTP has a `head`, the request's first lines; then `url`
    is only the scheme, and bodies are as HTTP/1.1 frames them. `hit_end` tells that the answer
    ended, not that the program stopped reading.
    """

    __slots__ = (
        "at",
        "ended",
        "error",
        "head",
        "hit_end",
        "is_decoded",
        "method",
        "pid",
        "request",
        "request_headers",
        "response",
        "response_headers",
        "seq",
        "status",
        "url",
    )

    def __init__(
        self, *, seq: int, at: float, method: str, url: object, most: int = LARGEST
    ) -> None:
        self.seq = seq
        self.at = at
        self.ended: float | None = None
        self.method = method
        self.url = url
        self.request = Body(most)
        self.request_headers: tuple[tuple[bytes, bytes], ...] = ()
        self.status: int | None = None
        self.response = Body(most)
        self.response_headers: tuple[tuple[bytes, bytes], ...] = ()
        self.error: str | None = None
        self.hit_end = False
        self.is_decoded = False
        self.head: bytes | None = None
        self.pid = os.getpid()

    @property
    def failure(self) -> str | None:
        """Why no whole answer is known, None if it is."""
        if self.error is not None:
            return self.error
        if self.ended is None:
            return PENDING
        for name, body in (("request", self.request), ("answer", self.response)):
            if not body.is_whole:
                return TOO_LARGE.format(name, body.most)
        return None if self.hit_end or self.head is not None else ABANDONED


class Clock:
    """Seconds since the epoch, by a clock that never goes back."""

    def __init__(self) -> None:
        self._offset = time.time() - time.perf_counter()

    def __call__(self) -> float:
        """Return the time."""
        return self._offset + time.perf_counter()


class Tap:
    """Counts requests, and hands on each of them when it is done with."""

    def __init__(
        self,
        sink: Callable[[Taken], object],
        *,
        now: Callable[[], float] | None = None,
        most: int = LARGEST,
    ) -> None:
        self._sink = sink
        self._now = now or Clock()
        self._most = most
        self._lock = threading.Lock()
        self._seq = 0
        self._pending: dict[int, Taken] = {}

    def begin(self, method: str, url: object) -> Taken:
        """Take note of a request that is about to be sent."""
        with self._lock:
            seq = self._seq
            self._seq += 1
            taken = Taken(seq=seq, at=self._now(), method=method, url=url, most=self._most)
            self._pending[seq] = taken
        return taken

    def end(self, taken: Taken, *, error: str | None = None) -> None:
        """Take note that nothing more comes of a request; only the first time counts."""
        if taken.ended is not None:
            return
        taken.ended = self._now()
        taken.error = error
        self._pending.pop(taken.seq, None)
        self._sink(taken)

    def fail(self, taken: Taken, error: BaseException) -> None:
        """Take note that an error ended a request."""
        self.end(taken, error=f"{type(error).__name__}: {error}")

    @property
    def pending(self) -> tuple[Taken, ...]:
        """The requests that are still under way."""
        with self._lock:
            return tuple(self._pending.values())

    @property
    def now(self) -> float:
        """The time, as requests are dated."""
        return self._now()

    def reset(self) -> None:
        """Forget what is under way: this is a copy of the process that it belongs to."""
        self._lock = threading.Lock()
        self._pending = {}
