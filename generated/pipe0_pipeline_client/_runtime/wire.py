# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""The one module that knows the HTTP library; to switch it, switch this import."""

from __future__ import annotations

import logging
import ssl
import sys
import threading
from codecs import BOM_UTF8
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from .errors import ConnectionFailedError, RequestError, RequestTimeoutError
from .loopback import is_loopback
from .secret import BLOTTER, Secret
from .time_limit import Timed, TimeLimit, left_until

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

# At DEBUG the library tells the headers of an answer, whatever a server echoes there.
logging.getLogger("httpcore.http11").addFilter(BLOTTER)


class Request(Struct, frozen=True, kw_only=True):
    """One request, without its credentials."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    timeout: float
    shown_url: str
    """The URL as it may be printed."""
    needs_token: bool = True

    def __repr__(self) -> str:
        return f"<{self.method} {self.shown_url}>"


class Response(Struct, frozen=True, kw_only=True):
    """One complete answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def __repr__(self) -> str:
        return f"<{self.status}, {len(self.content)} bytes>"


class Credentials(Struct, frozen=True):
    """A token, and where it goes in a request."""

    secret: Secret
    header: str
    prefix: str = ""


class _Auth(httpx.Auth):
    """Puts the token in last, so that no request of ours ever holds it."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        credentials = self._credentials
        request.headers[credentials.header] = credentials.prefix + credentials.secret.reveal()
        yield request


_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)
"""How many looks may be under way is up to the caller, and others wait for no connection.

Only so many are kept for later: the pool offers an idle one to all who wait, and where there are
many, some of them would never get any.
"""


_Failure = httpx.HTTPError | httpx.InvalidURL | UnicodeError
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
"""What the library says of a request that got no answer; the last of a host or header that none
can have."""


class Wire:
    """Sends requests, one after the other or from several threads."""

    def __init__(
        self, credentials: Credentials | None, transport: Transport | None, base_url: str
    ) -> None:
        self._auth = _Auth(credentials) if credentials else None
        self._client = httpx.Client(
            transport=transport,
            verify=_trust(base_url),
            mounts=_direct(base_url),
            follow_redirects=False,
            limits=_LIMITS,
        )
        self._limit = TimeLimit()
        for each in (self._client._transport, *self._client._mounts.values()):
            # The library has no public way to hold a whole request to a time; should it hide this
            # one, the time is that of each piece.
            pool: Any = getattr(each, "_pool", None)
            if hasattr(pool, "_network_backend"):
                pool._network_backend = Timed(pool._network_backend, self._limit)
        self._lock = threading.Lock()
        self._busy = 0
        self._is_closed = False

    def send(self, request: Request, end: float) -> Response:
        """Send a request and read the whole answer, all before `end` on the monotonic clock.

        Raises:
            RequestError: no complete answer came.
        """
        with self._lock:
            if self._is_closed:
                raise _closed(request)
            self._busy += 1
        before = sys.exception()
        failure: _Failure
        try:
            self._limit.end = end
            with self._client.stream(
                **_arguments(request, self._limit.left(None)),
                auth=self._auth if request.needs_token else None,
            ) as answer:
                pieces = []
                for piece in answer.iter_bytes():
                    pieces.append(piece)
                    self._limit.left(None)
                return _response(answer, pieces)
        except TimeoutError:
            failure = httpx.ReadTimeout("The answer takes too long.")
        except _FAILURES as error:
            failure = error
        except BaseException as error:
            _forget_secrets(error, before)
            raise
        finally:
            if self._leave():
                self._client.close()
        raise _wrapped(failure, request, before) from failure

    def _leave(self) -> bool:
        """Note that a request is over; return True if it was the last of a closed client."""
        with self._lock:
            self._busy -= 1
            return self._is_closed and self._busy == 0

    def close(self) -> None:
        """Send nothing more, and close all connections as soon as no request is under way."""
        with self._lock:
            self._is_closed = True
            is_idle = self._busy == 0
        if is_idle:
            self._client.close()


class AsyncWire:
    """Sends requests within an event loop."""

    def __init__(
        self, credentials: Credentials | None, transport: AsyncTransport | None, base_url: str
    ) -> None:
        self._auth = _Auth(credentials) if credentials else None
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_trust(base_url),
            mounts=_direct(base_url),
            follow_redirects=False,
            limits=_LIMITS,
        )

    async def send(self, request: Request, end: float) -> Response:
        """Send a request and read the whole answer, all before `end` on the monotonic clock.

        Raises:
            RequestError: no complete answer came.
        """
        import asyncio  # not at the top: who sends nothing in an event loop need not load it

        if self._client.is_closed:
            raise _closed(request)
        before = sys.exception()
        failure: _Failure
        try:
            left = left_until(end)
            async with (
                asyncio.timeout(left),
                self._client.stream(
                    **_arguments(request, left), auth=self._auth if request.needs_token else None
                ) as answer,
            ):
                pieces = []
                async for piece in answer.aiter_bytes():
                    pieces.append(piece)
                    left_until(end)  # not every transport lets the event loop tell
                return _response(answer, pieces)
        except TimeoutError:
            failure = httpx.ReadTimeout("The answer takes too long.")
        except _FAILURES as error:
            failure = error
        except BaseException as error:
            _forget_secrets(error, before)
            raise
        raise _wrapped(failure, request, before) from failure

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _trust(base_url: str) -> ssl.SSLContext | bool:
    """Return what to check certificates with.

    Reading all authorities takes longer than the first request does. A server without TLS never
    sends the client elsewhere, so there none is read, and none is trusted.
    """
    return base_url.lower().startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _direct(base_url: str) -> dict[str, Any]:
    """Return what keeps requests to this machine from a proxy, should the environment name one.

    Plain http is allowed to this machine because there is no network in between.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme != "http" or not is_loopback(host):
        return {}
    return {f"http://{f'[{host}]' if ':' in host else host}": None}


def _arguments(request: Request, timeout: float) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.content,
        "timeout": timeout,
    }


def _response(answer: httpx.Response, pieces: list[bytes]) -> Response:
    content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return Response(
        status=answer.status_code,
        headers={name.lower(): value for name, value in answer.headers.items()},
        content=content.removeprefix(BOM_UTF8),  # some servers begin JSON with it
    )


def _closed(request: Request) -> RequestError:
    return RequestError(
        f"{request.method} {request.shown_url} was not sent: the client is closed.",
        method=request.method,
        url=request.shown_url,
    )


def _wrapped(error: _Failure, request: Request, before: BaseException | None) -> RequestError:
    _forget_secrets(error, before)
    kind: type[RequestError] = ConnectionFailedError
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        kind = RequestTimeoutError
        said = f"no complete answer within {request.timeout:g} s"
    elif isinstance(error, httpx.LocalProtocolError) or not isinstance(
        error, httpx.TransportError | httpx.DecodingError
    ):
        kind = RequestError
    return kind(
        f"{request.method} {request.shown_url}: {said}",
        method=request.method,
        url=request.shown_url,
    )


def _forget_secrets(error: BaseException | None, before: BaseException | None) -> None:
    """Cut from a library's error what holds the request as it was sent.

    Its frames and its request have the token in their variables, and tools that print variables
    beside a traceback would print it. What the caller was handling `before` is the caller's own.
    """
    while error is not None and error is not before:
        error.__traceback__ = None
        if isinstance(error, httpx.RequestError):
            error._request = None
        error = error.__cause__ or error.__context__
