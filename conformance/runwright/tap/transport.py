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
    # A copy: whoever signs requests may change the same one and send it again.
    taken.request_headers = tuple(request.headers.raw)
    try:
        taken.request.append(request.content)
    except httpx.RequestNotRead:
        return False
    return True


def _note_answer(tap: Tap, taken: Taken, response: httpx.Response) -> bool:
    """Take note of an answer; return False if its body will only be known when it is read."""
    taken.status = response.status_code
    taken.response_headers = tuple(response.headers.raw)
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
            left = _keep(pieces, piece, left)
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
            left = _keep(pieces, piece, left)
            yield piece
        if left < 0:
            self._taken.error = TOO_LARGE.format("request", self._tap.most)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _keep(pieces: list[bytes], piece: bytes, left: int) -> int:
    """Keep a piece, or nothing once there is too much; return how much more may be kept."""
    left -= len(piece)
    if left >= 0:
        pieces.append(piece)
    elif pieces:
        pieces.clear()
    return left


class _Tee(_Noting):
    """The body of an answer."""

    def _finish(self, left: int) -> None:
        self._taken.hit_end = True
        self._tap.end(self._taken, TOO_LARGE.format("answer", self._tap.most) if left < 0 else None)

    def _leave(self) -> None:
        if self._taken.ended is None:
            self._taken.hit_end = _has_no_body(self._taken)
            self._tap.end(self._taken)

    def __del__(self) -> None:
        self._leave()


def _has_no_body(taken: Taken) -> bool:
    if taken.method == "HEAD" or taken.status in (204, 304):
        return True
    sizes = [value for name, value in taken.response_headers if name.lower() == b"content-length"]
    return sizes == [b"0"]


class _SyncTee(_Tee, httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        pieces, left = self._taken.response, self._tap.most
        try:
            for piece in self._inner:
                left = _keep(pieces, piece, left)
                yield piece
        except Exception as error:
            self._tap.fail(self._taken, error)
            raise
        self._finish(left)

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._leave()


class _AsyncTee(_Tee, httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces, left = self._taken.response, self._tap.most
        try:
            async for piece in self._inner:
                left = _keep(pieces, piece, left)
                yield piece
        except Exception as error:
            self._tap.fail(self._taken, error)
            raise
        self._finish(left)

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._leave()


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
