"""A tap on httpx: transports that take note, and a way to put one under every client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from .taken import TOO_LARGE, Taken, Tap

NETWORK = (httpx.HTTPTransport, httpx.AsyncHTTPTransport)
"""The transports that reach servers."""

IN_PROCESS = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
"""The transports that call a function or an application."""


def carry(
    tap: Tap, send: Callable[[httpx.Request], httpx.Response], request: httpx.Request
) -> httpx.Response:
    """Send a request and return its answer, whose body is noted while it is read."""
    taken = tap.begin(request.method, request.url)
    stream = None if _note_request(taken, request) else request.stream
    if stream is not None:
        request.stream = _SyncUpload(stream, tap, taken)
    try:
        response = send(request)
    except BaseException as error:
        tap.fail(taken, error)
        raise
    finally:
        if stream is not None:
            request.stream = stream
    if not _note_answer(tap, taken, response):
        response.stream = _SyncTee(response.stream, tap, taken)
    return response


async def carry_async(tap: Tap, send: Callable[..., Any], request: httpx.Request) -> httpx.Response:
    """Send a request and return its answer, as `carry` does."""
    taken = tap.begin(request.method, request.url)
    stream = None if _note_request(taken, request) else request.stream
    if stream is not None:
        request.stream = _AsyncUpload(stream, tap, taken)
    try:
        response: httpx.Response = await send(request)
    except BaseException as error:
        tap.fail(taken, error)
        raise
    finally:
        if stream is not None:
            request.stream = stream
    if not _note_answer(tap, taken, response):
        response.stream = _AsyncTee(response.stream, tap, taken)
    return response


def _note_request(taken: Taken, request: httpx.Request) -> bool:
    """Take note of a request; return False if its body will only be known when it is sent."""
    # A new list each time: whoever signs requests may change the same one and send it again.
    taken.request_headers = request.headers.raw
    try:
        taken.request.append(request.content)
    except httpx.RequestNotRead:
        return False
    return True


def _note_answer(tap: Tap, taken: Taken, response: httpx.Response) -> bool:
    """Take note of an answer; return False if its body will only be known when it is read."""
    taken.status = response.status_code
    taken.response_headers = response.headers.raw
    if not response.is_closed:
        return False
    try:
        taken.response.append(response.content)
    except httpx.ResponseNotRead:
        return False
    taken.is_decoded = taken.hit_end = True
    tap.end(taken)
    return True


class _Noting:
    """A body that is noted while it passes, piece by piece, at the pace of who asks for it."""

    def __init__(self, inner: Any, tap: Tap, taken: Taken) -> None:
        self._inner = inner
        self._tap = tap
        self._taken = taken


class _SyncUpload(_Noting, httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        # A body may be sent anew, from its beginning.
        pieces = self._taken.request = []
        left = self._tap.most
        for piece in self._inner:
            left -= len(piece)
            if left >= 0:
                pieces.append(piece)
            elif pieces:
                pieces.clear()
            yield piece
        if left < 0:
            self._taken.error = TOO_LARGE.format("request", self._tap.most)

    def close(self) -> None:
        self._inner.close()


class _AsyncUpload(_Noting, httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self._taken.request = []
        left = self._tap.most
        async for piece in self._inner:
            left -= len(piece)
            if left >= 0:
                pieces.append(piece)
            elif pieces:
                pieces.clear()
            yield piece
        if left < 0:
            self._taken.error = TOO_LARGE.format("request", self._tap.most)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _SyncTee(_Noting, httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        tap, taken = self._tap, self._taken
        pieces, left = taken.response, tap.most
        try:
            for piece in self._inner:
                left -= len(piece)
                if left >= 0:
                    pieces.append(piece)
                elif pieces:
                    pieces.clear()
                yield piece
        except GeneratorExit:
            _leave(tap, taken)
            raise
        except Exception as error:
            tap.fail(taken, error)
            raise
        _finish(tap, taken, left)

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            if self._taken.ended is None:
                _leave(self._tap, self._taken)


class _AsyncTee(_Noting, httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        tap, taken = self._tap, self._taken
        pieces, left = taken.response, tap.most
        try:
            async for piece in self._inner:
                left -= len(piece)
                if left >= 0:
                    pieces.append(piece)
                elif pieces:
                    pieces.clear()
                yield piece
        except GeneratorExit:
            _leave(tap, taken)
            raise
        except Exception as error:
            tap.fail(taken, error)
            raise
        _finish(tap, taken, left)

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            if self._taken.ended is None:
                _leave(self._tap, self._taken)


def _finish(tap: Tap, taken: Taken, left: int) -> None:
    """Take note that an answer was read to its end."""
    taken.hit_end = True
    tap.end(taken, TOO_LARGE.format("answer", tap.most) if left < 0 else None)


def _leave(tap: Tap, taken: Taken) -> None:
    """Take note that nobody reads on."""
    sizes = [value for name, value in taken.response_headers if name.lower() == b"content-length"]
    taken.hit_end = taken.method == "HEAD" or taken.status in (204, 304) or sizes == [b"0"]
    tap.end(taken)


class TappedTransport(httpx.BaseTransport):
    """Sends through another transport, and takes note."""

    def __init__(self, inner: httpx.BaseTransport, tap: Tap) -> None:
        self.inner, self._tap = inner, tap

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return carry(self._tap, self.inner.handle_request, request)

    def __enter__(self) -> TappedTransport:
        """Open the transport below."""
        self.inner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        """Close the transport below."""
        self.inner.__exit__(*error)

    def close(self) -> None:
        """Close the transport below."""
        self.inner.close()


class TappedAsyncTransport(httpx.AsyncBaseTransport):
    """Sends through another asynchronous transport, and takes note."""

    def __init__(self, inner: httpx.AsyncBaseTransport, tap: Tap) -> None:
        self.inner, self._tap = inner, tap

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return await carry_async(self._tap, self.inner.handle_async_request, request)

    async def __aenter__(self) -> TappedAsyncTransport:
        """Open the transport below."""
        await self.inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Close the transport below."""
        await self.inner.__aexit__(*error)

    async def aclose(self) -> None:
        """Close the transport below."""
        await self.inner.aclose()
