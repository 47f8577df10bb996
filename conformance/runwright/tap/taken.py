"""What a tap takes of one request and its answer, raw and with all secrets."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Sequence

LARGEST = 128 * 1024 * 1024
"""Bytes of a body above which it is not kept."""

TOO_LARGE = "the {} is larger than {} bytes and was not kept"
ABANDONED = "the program did not read the answer to its end"
Headers = Sequence[tuple[bytes, bytes]]

PENDING = "no answer had come when the recording ended"


class Taken:
    """One request and what came of it, as a tap sees it.

    `url` is anything whose text is the URL; bodies are in the pieces in which they passed and
    in their content encoding, unless `is_decoded`. What was tapped below HTTP has a `head`, the
    request's first lines; then `url` is only the scheme, and bodies are as HTTP/1.1 frames them.
    `hit_end` tells that the answer ended, not that the program stopped reading.
    """

    ended: float | None = None
    status: int | None = None
    error: str | None = None
    head: bytes | None = None
    request_headers: Headers = ()
    response_headers: Headers = ()
    sent = 0
    hit_end = False
    is_decoded = False

    def __init__(self, seq: int, at: float, method: str, url: object) -> None:
        self.seq = seq
        self.at = at
        self.method = method
        self.url = url
        self.request: list[bytes] = []
        self.response: list[bytes] = []

    @property
    def failure(self) -> str | None:
        """Why no whole answer is known, None if it is."""
        if self.error is not None:
            return self.error
        if self.ended is None:
            return PENDING
        return None if self.hit_end or self.head is not None else ABANDONED


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
        self.most = most
        # Seconds of a clock that never goes back, and what makes seconds since the epoch of them.
        self.clock = now or time.perf_counter
        self.offset = 0.0 if now else time.time() - time.perf_counter()
        self._numbers = itertools.count()
        self._pending: dict[int, Taken] = {}

    def begin(self, method: str, url: object) -> Taken:
        """Take note of a request that is about to be sent."""
        seq = next(self._numbers)
        taken = self._pending[seq] = Taken(seq, self.clock(), method, url)
        return taken

    def end(self, taken: Taken, error: str | None = None) -> None:
        """Take note that nothing more comes of a request; only the first time counts.

        What another process has begun, of which this one is a copy, is not its to end.
        """
        if self._pending.pop(taken.seq, None) is None:
            return
        taken.at += self.offset
        taken.ended = self.clock() + self.offset
        if error is not None:
            taken.error = error
        self._sink(taken)

    def fail(self, taken: Taken, error: BaseException) -> None:
        """Take note that an error ended a request."""
        self.end(taken, f"{type(error).__name__}: {error}")

    @property
    def pending(self) -> tuple[Taken, ...]:
        """The requests that are still under way."""
        found = []
        for taken in self._pending.copy().values():
            found.append(copy.copy(taken))
            found[-1].at += self.offset
        return tuple(found)

    @property
    def now(self) -> float:
        """The time, as requests are dated."""
        return self.clock() + self.offset

    def reset(self) -> None:
        """Forget what is under way: this is a copy of the process that began it."""
        self._pending.clear()
