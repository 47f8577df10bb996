"""Collects what taps take, and makes exchanges without secrets of it when they are asked for."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import httpx
from attrs import evolve, frozen

from runwright.history import Exchange
from runwright.redaction import Recorded, Redactor
from runwright.tap.taken import Taken
from runwright.wire import parse_request, unframe

DECODABLE: Final = ("gzip", "x-gzip", "deflate", "br", "zstd", "identity", "")


class UndecodableError(ValueError):
    """The body of an answer cannot be decoded; the message says why."""


@frozen
class _Kept:
    """An exchange, and how many secrets were known when it was last cleaned of them."""

    exchange: Exchange
    known: int


class Collection:
    """Exchanges of several workers; none has a secret that was met in any of them."""

    def __init__(self, redactor: Redactor) -> None:
        """Hold nothing yet."""
        self._redactor = redactor
        self._raw: deque[tuple[str, Taken]] = deque()
        self._sources: list[tuple[str, deque[Taken]]] = []
        self._kept: list[_Kept] = []
        self._lock = threading.Lock()

    def add(self, worker: str, taken: Taken) -> None:
        """Take what a tap of a worker has taken."""
        self._raw.append((worker, taken))

    def sink(self, worker: str) -> Callable[[Taken], object]:
        """Return where a tap of a worker puts what it takes; nothing is done to it there."""
        own: deque[Taken] = deque()
        self._sources.append((worker, own))
        return own.append

    def exchanges(
        self, pending: Iterable[tuple[str, Taken]] = (), *, until: float = 0.0
    ) -> tuple[Exchange, ...]:
        """Return all exchanges; of requests that are under way until now, what is known."""
        with self._lock:
            for worker, own in self._sources:
                while own:
                    self._raw.append((worker, own.popleft()))
            while self._raw:
                worker, taken = self._raw.popleft()
                self._kept.append(self._clean(worker, taken, until))
            done = {kept.exchange.id for kept in self._kept}
            unfinished = [self._clean(worker, taken, until) for worker, taken in pending]
            known = self._redactor.known
            self._kept = [self._again(kept, known) for kept in self._kept]
            # One may have ended while this was at work.
            left = [kept for kept in unfinished if kept.exchange.id not in done]
            more = [self._again(kept, known) for kept in left]
            return tuple(kept.exchange for kept in (*self._kept, *more))

    def _clean(self, worker: str, taken: Taken, until: float) -> _Kept:
        exchange = self._redactor.exchange(_recorded(worker, taken, until))
        return _Kept(exchange, self._redactor.known)

    def _again(self, kept: _Kept, known: int) -> _Kept:
        if kept.known == known:
            return kept
        return _Kept(self._redactor.again(kept.exchange), known)


def _recorded(worker: str, taken: Taken, until: float) -> Recorded:
    """Return what a tap took as a recording has it; an answer that is not whole is an error."""
    recorded = Recorded(
        worker=worker,
        seq=taken.seq,
        at=taken.at,
        took=max(0.0, (taken.ended or until) - taken.at),
        method=taken.method,
        url=str(taken.url),
        request_headers=_spelled(taken.request_headers),
        request_content=b"".join(taken.request),
        error=taken.failure,
    )
    if taken.head is not None:
        request = parse_request(taken.head, b"".join(taken.request), scheme=str(taken.url))
        recorded = evolve(
            recorded,
            url=request.url,
            request_headers=request.headers,
            request_content=request.content,
        )
    if recorded.error is not None or taken.status is None:
        return recorded
    headers, content = _spelled(taken.response_headers), b"".join(taken.response)
    try:
        if taken.method == "HEAD" or taken.status in (204, 304):
            content = b""
        elif taken.head is not None:
            content = unframe(content, headers, hit_end=taken.hit_end)
        if not taken.is_decoded:
            content = _decode(content, headers)
    except ValueError as error:
        return evolve(recorded, error=str(error))
    return evolve(recorded, status=taken.status, response_headers=headers, response_content=content)


def _spelled(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(value)) for name, value in headers)


def _text(raw: bytes | str) -> str:
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decode(content: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return a body without its content encoding.

    Raises:
        UndecodableError: it has one that is unknown here, or another than it says.
    """
    encodings = ",".join(v for name, v in headers if name.lower() == "content-encoding").lower()
    names = [name.strip() for name in encodings.split(",")]
    if not content or set(names) <= {"", "identity"}:
        return content
    try:
        decoded = httpx.Response(200, headers={"content-encoding": encodings}, content=content)
    except httpx.DecodingError as error:
        raise UndecodableError(f"the answer says to be encoded as {encodings}: {error}") from None
    if not set(names) <= set(DECODABLE) or decoded.content == content:
        raise UndecodableError(
            f"the answer is encoded as {encodings}, which nothing installed here decodes; "
            "pip install 'httpx[brotli,zstd]' brings what is missing"
        )
    return decoded.content
