"""What a tap takes of one request and its answer, raw and with all secrets."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

LARGEST = 128 * 1024 * 1024
"""Bytes of a body above which it is not kept."""

TOO_LARGE = "the {} is larger than {} bytes and was not kept"
ABANDONED = "the program did not read the answer to its end"
Headers = tuple[tuple[bytes, bytes], ...]

PENDING = "no answer had come when the recording ended"


class Taken:
    """One request and what came of it, as a tap sees it.

    `url` is anything whose text is the URL; bodies are in the pieces in which they passed and
    in their content encoding, unless `is_decoded`. What was tapped below HTTP has a `head`, the
    request's first lines; then `url` is only the scheme, and bodies are as HTTP/1.1 frames them.
    `hit_end` tells that the answer ended, not that the program stopped reading.
    """

    __slots__ = (
        "at",
        "ended",
        "error",
        "head",
        "hit_end",
        "is_decoded",
        "method",
        "request",
        "request_headers",
        "response",
        "response_headers",
        "sent",
        "seq",
        "status",
        "url",
    )

    def __init__(self, seq: int, at: float, method: str, url: object) -> None:
        self.seq = seq
        self.at = at
        self.method = method
        self.url = url
        self.request: list[bytes] = []
        self.response: list[bytes] = []
        self.request_headers: Headers = ()
        self.response_headers: Headers = ()
        self.ended: float | None = None
        self.status: int | None = None
        self.error: str | None = None
        self.head: bytes | None = None
        self.sent = 0
        self.hit_end = False
        self.is_decoded = False

    @property
    def failure(self) -> str | None:
        """Why no whole answer is known, None if it is."""
        if self.error is not None:
            return self.error
        if self.ended is None:
            return PENDING
        return None if self.hit_end or self.head is not None else ABANDONED


class Clock:
    """Seconds since the epoch, by a clock that never goes back."""

    def __init__(self) -> None:
        self._offset = time.time() - time.perf_counter()

    def __call__(self) -> float:
        """Return the time."""
        return self._offset + time.perf_counter()


class Tap:
    """Numbers requests, and hands on each of them when it is done with.

    Every request of the program passes here, so this does as little as can be.
    """

    def __init__(
        self,
        sink: Callable[[Taken], object],
        *,
        now: Callable[[], float] | None = None,
        most: int = LARGEST,
    ) -> None:
        self._sink = sink
        self._now = now or Clock()
        self.most = most
        self._numbers = itertools.count()
        self._pending: dict[int, Taken] = {}

    def begin(self, method: str, url: object) -> Taken:
        """Take note of a request that is about to be sent."""
        seq = next(self._numbers)
        taken = self._pending[seq] = Taken(seq, self._now(), method, url)
        return taken

    def end(self, taken: Taken, error: str | None = None) -> None:
        """Take note that nothing more comes of a request; only the first time counts.

        What another process has begun, of which this one is a copy, is not its to end.
        """
        if self._pending.pop(taken.seq, None) is None:
            return
        taken.ended = self._now()
        if error is not None:
            taken.error = error
        self._sink(taken)

    def fail(self, taken: Taken, error: BaseException) -> None:
        """Take note that an error ended a request."""
        self.end(taken, f"{type(error).__name__}: {error}")

    @property
    def pending(self) -> tuple[Taken, ...]:
        """The requests that are still under way."""
        return tuple(self._pending.copy().values())

    @property
    def now(self) -> float:
        """The time, as requests are dated."""
        return self._now()

    def reset(self) -> None:
        """Forget what is under way: this is a copy of the process that began it."""
        self._pending.clear()
