"""A tap on httpx: transports that take note, and a way to put one under every client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from .taken import Taken, Tap

NETWORK = (httpx.HTTPTransport, httpx.AsyncHTTPTransport)
"""The transports that reach servers."""

IN_PROCESS = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
"""The transports that call a function or an application."""


def carry(
    tap: Tap, send: Callable[[httpx.Request], httpx.Response], request: httpx.Request
) -> httpx.Response:
    """Send a request and return its answer, whose body is noted while it is read."""
    taken, stream = _begin(tap, request)
    if stream is not None:
        request.stream = _SyncUpload(stream, taken)
    try:
        response = send(request)
    except BaseException as error:
        tap.fail(taken, error)
        raise
    finally:
        if stream is not None:
            request.stream = stream
    if not _answer(tap, taken, response):
        response.stream = _SyncTee(response.stream, tap, taken)
    return response


async def carry_async(tap: Tap, send: Callable[..., Any], request: httpx.Request) -> httpx.Response:
    """Send a request and return its answer, as `carry` does."""
    taken, stream = _begin(tap, request)
    if stream is not None:
        request.stream = _AsyncUpload(stream, taken)
    try:
        response: httpx.Response = await send(request)
    except BaseException as error:
        tap.fail(taken, error)
        raise
    finally:
        if stream is not None:
            request.stream = stream
    if not _answer(tap, taken, response):
        response.stream = _AsyncTee(response.stream, tap, taken)
    return response


def _begin(tap: Tap, request: httpx.Request) -> tuple[Taken, Any]:
    """Take note of a request; return also its stream, if that has to be listened to."""
    taken = tap.begin(request.method, request.url)
    # A copy: whoever signs requests may change the same one and send it again.
    taken.request_headers = tuple(request.headers.raw)
    try:
        taken.request.add(request.content)
    except httpx.RequestNotRead:
        return taken, request.stream
    return taken, None


def _answer(tap: Tap, taken: Taken, response: httpx.Response) -> bool:
    """Take note of an answer; return True if its body is known already."""
    taken.status = response.status_code
    taken.response_headers = tuple(response.headers.raw)
    if not response.is_closed:
        return False
    try:
        content = response.content
    except httpx.ResponseNotRead:
        return False
    taken.is_decoded = taken.hit_end = True
    taken.response.add(content)
    tap.end(taken)
    return True


class _SyncUpload(httpx.SyncByteStream):
    def __init__(self, inner: Any, taken: Taken) -> None:
        self._inner, self._taken = inner, taken

    def __iter__(self) -> Iterator[bytes]:
        self._taken.request.restart()
        for piece in self._inner:
            self._taken.request.add(piece)
            yield piece

    def close(self) -> None:
        self._inner.close()


class _AsyncUpload(httpx.AsyncByteStream):
    def __init__(self, inner: Any, taken: Taken) -> None:
        self._inner, self._taken = inner, taken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._taken.request.restart()
        async for piece in self._inner:
            self._taken.request.add(piece)
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Tee:
    """Notes what is read of an answer, at the pace of whoever reads it."""

    def __init__(self, inner: Any, tap: Tap, taken: Taken) -> None:
        self._inner, self._tap, self._taken = inner, tap, taken

    def _finish(self) -> None:
        taken = self._taken
        taken.hit_end = True
        self._tap.end(taken)

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
        body = self._taken.response
        try:
            for piece in self._inner:
                body.add(piece)
                yield piece
        except Exception as error:
            self._tap.fail(self._taken, error)
            raise
        self._finish()

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._leave()


class _AsyncTee(_Tee, httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = self._taken.response
        try:
            async for piece in self._inner:
                body.add(piece)
                yield piece
        except Exception as error:
            self._tap.fail(self._taken, error)
            raise
        self._finish()

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
