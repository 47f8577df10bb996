# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Carries operations out: sign, send, follow, read, and try again where that is safe."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from . import address
from .errors import DecodeError, Pipe0Error, RedirectRefusedError
from .model import UNSET, Answer
from .operation import Operation, Pairs, check, decode, present, text
from .redaction import Hide, redact, redacted
from .retry import NO_RETRIES, Retries, judge
from .secret import Secret
from .wire import AsyncTransport, AsyncWire, Credentials, Request, Response, Transport, Wire

T = TypeVar("T")

_LOG = logging.getLogger(__package__.partition(".")[0])
_SILENT = logging.NullHandler()
_MOST_REDIRECTS = 5


class CallOptions(Struct, frozen=True, kw_only=True):
    """What one call does otherwise than its client.

    `timeout` is in seconds for each attempt. `repeat=True` says that repeating this call does no
    harm, although it is one that changes something; then it is retried like a read.
    """

    timeout: float | None = None
    retries: Retries | None = None
    repeat: bool = False
    headers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _check_timeout(self.timeout)


def _check_timeout(timeout: float | None) -> None:
    if timeout is not None and not 0 < timeout < math.inf:
        raise ValueError(f"A request needs a timeout of more than 0 seconds, not {timeout!r}.")


DEFAULT_OPTIONS = CallOptions()


class Settings(Struct, frozen=True, kw_only=True):
    """What a client was made with."""

    base_url: str
    credentials: Credentials | None
    timeout: float
    retries: Retries
    user_agent: str

    def hide(self, raw: bytes) -> bytes:
        """Blot the token out of what a server sent."""
        return self.credentials.secret.hide(raw) if self.credentials else raw

    def request(
        self,
        operation: Operation[Any],
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        body: Any,
        options: CallOptions,
    ) -> Request:
        """Build the request for a call."""
        places = [(name, text(value)) for name, value in path]
        url = address.build(self.base_url, operation.path, places)
        url = address.with_query(url, present(query))
        sent = {"Accept": "application/json", "User-Agent": self.user_agent}
        sent.update(present(headers))
        content = None
        if body is not UNSET and operation.form:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            content = address.form(present(body.items()))
        elif body is not UNSET:
            from .memory import encode  # not at the top: most requests only read

            sent["Content-Type"] = "application/json"
            content = encode(body)
        own = {name.lower() for name in options.headers or ()}
        sent = {name: value for name, value in sent.items() if name.lower() not in own}
        sent.update(options.headers or {})
        return Request(
            method=operation.method,
            url=url,
            headers=sent,
            content=content,
            timeout=options.timeout or max(operation.timeout or 0.0, self.timeout),
            shown_url=redacted(address.show(url), self.hide),
            needs_token=operation.needs_token,
        )

    def retries_for(self, operation: Operation[Any], options: CallOptions) -> Retries:
        """Return how often a call may be tried."""
        if not operation.is_repeatable and not options.repeat:
            return NO_RETRIES
        return options.retries or self.retries


def _hop(request: Request, response: Response, hops: int, hide: Hide) -> Request | None:
    if not address.is_redirect(response):
        return None
    refusal = None
    location = response.headers["location"]
    if redacted(location, hide) is not location:
        # Whoever is on the way writes addresses down, the HTTP library first of all.
        refusal = "to an address that has the token in it"
    elif hops >= _MOST_REDIRECTS:
        refusal = f"{hops} times"
    if refusal is not None:
        raise RedirectRefusedError(
            f"{request.method} {request.shown_url} was redirected {refusal}.",
            method=request.method,
            url=request.shown_url,
        )
    target = address.follow(request, response)
    return replace(request, url=target, shown_url=address.show(target))


def _log(request: Request, response: Response, began: float) -> None:
    _LOG.debug(
        "%s %s answered %d in %.0f ms",
        request.method,
        request.shown_url,
        response.status,
        (time.perf_counter() - began) * 1000,
    )


def _attempts(operation: Operation[Any], retries: Retries, first: Exception) -> Any:
    """Return stamina's attempts, or raise the first attempt's error if it is not worth another.

    stamina is imported when something has failed, and not before.
    """
    decide = judge(retries, final=operation.final)
    if retries.attempts <= 1 or decide(first) is False:
        raise first
    import stamina

    # Without any logging set up, Python would print what stamina says of each retry.
    logging.getLogger("stamina").addHandler(_SILENT)
    return stamina.retry_context(
        on=decide,
        attempts=retries.attempts,
        timeout=retries.timeout,
        wait_initial=retries.first,
        wait_max=retries.most,
        wait_jitter=retries.first,
    )


class _Session:
    """What both kinds of client have in common."""

    _settings: Settings

    def __repr__(self) -> str:
        settings = vars(self).get("_settings")  # a client that could not be made has none
        return f"<{type(self).__name__} for {settings.base_url if settings else 'no server'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and a token, and is not pickled; "
            "make a new one where you need it."
        )


def make_settings(
    *,
    token: str | None,
    header: str,
    prefix: str,
    base_url: str,
    timeout: float,
    retries: Retries,
    allow_plain_http: bool,
    user_agent: str,
) -> Settings:
    """Check what a client is made with.

    Raises:
        ValueError: the URL, the token or the timeout cannot be used.
        InsecureTransportError: the token would cross a network unencrypted.
    """
    try:
        credentials = None if token is None else Credentials(Secret(token), header, prefix)
    finally:
        del token  # else whatever prints variables beside a traceback prints it
    _check_timeout(timeout)
    is_allowed = allow_plain_http or credentials is None
    return Settings(
        base_url=address.check_base_url(base_url, allow_plain_http=is_allowed),
        credentials=credentials,
        timeout=timeout,
        retries=retries,
        user_agent=user_agent,
    )


class ClientSession(_Session):
    """A client's way to its server."""

    def __init__(self, settings: Settings, transport: Transport | None) -> None:
        self._settings = settings
        self._wire = Wire(settings.credentials, transport, settings.base_url)

    def _call(
        self,
        operation: Operation[T],
        *,
        path: Pairs = (),
        query: Pairs = (),
        headers: Pairs = (),
        body: Any = UNSET,
        options: CallOptions | None = None,
    ) -> T:
        options = options or DEFAULT_OPTIONS
        request = self._settings.request(operation, path, query, headers, body, options)
        retries = self._settings.retries_for(operation, options)
        try:
            return self._try(operation, request)
        except Pipe0Error as error:
            first = error
        for attempt in _attempts(operation, retries, first):
            with attempt:
                if attempt.num == 1:
                    raise first
                return self._try(operation, request)
        raise AssertionError("the last attempt either returns or raises")

    def _try(self, operation: Operation[T], request: Request) -> T:
        answer, raw = self._fetch(operation, request)
        try:
            return decode(operation, raw, answer)
        except DecodeError as error:
            del raw  # else whatever prints variables beside a traceback prints it
            error.redact(self._settings.hide)
            raise

    def _fetch(self, operation: Operation[Any], request: Request) -> tuple[Answer, bytes]:
        """Send a request once; return the facts and the body of a success, not yet decoded."""
        try:
            request, response = self._send(request)
            return check(operation, request, response, self._settings.hide), response.content
        except Pipe0Error as error:
            redact(error, self._settings.hide)
            # The variables of the frames below may have it, too: where a redirect led, say.
            raise error.with_traceback(None)  # noqa: B904  it has its own cause

    def _send(self, request: Request) -> tuple[Request, Response]:
        hops, end = 0, time.monotonic() + request.timeout
        while True:
            began = time.perf_counter()
            response = self._wire.send(request, end)
            _log(request, response, began)
            further = _hop(request, response, hops, self._settings.hide)
            if further is None:
                return request, response
            request, hops = further, hops + 1

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClientSession(_Session):
    """An asynchronous client's way to its server."""

    def __init__(self, settings: Settings, transport: AsyncTransport | None) -> None:
        self._settings = settings
        self._wire = AsyncWire(settings.credentials, transport, settings.base_url)

    async def _call(
        self,
        operation: Operation[T],
        *,
        path: Pairs = (),
        query: Pairs = (),
        headers: Pairs = (),
        body: Any = UNSET,
        options: CallOptions | None = None,
    ) -> T:
        options = options or DEFAULT_OPTIONS
        request = self._settings.request(operation, path, query, headers, body, options)
        retries = self._settings.retries_for(operation, options)
        try:
            return await self._try(operation, request)
        except Pipe0Error as error:
            first = error
        async for attempt in _attempts(operation, retries, first):
            with attempt:
                if attempt.num == 1:
                    raise first
                return await self._try(operation, request)
        raise AssertionError("the last attempt either returns or raises")

    async def _try(self, operation: Operation[T], request: Request) -> T:
        answer, raw = await self._fetch(operation, request)
        try:
            return decode(operation, raw, answer)
        except DecodeError as error:
            del raw  # else whatever prints variables beside a traceback prints it
            error.redact(self._settings.hide)
            raise

    async def _fetch(self, operation: Operation[Any], request: Request) -> tuple[Answer, bytes]:
        """Send a request once; return the facts and the body of a success, not yet decoded."""
        try:
            request, response = await self._send(request)
            return check(operation, request, response, self._settings.hide), response.content
        except Pipe0Error as error:
            redact(error, self._settings.hide)
            # The variables of the frames below may have it, too: where a redirect led, say.
            raise error.with_traceback(None)  # noqa: B904  it has its own cause

    async def _send(self, request: Request) -> tuple[Request, Response]:
        hops, end = 0, time.monotonic() + request.timeout
        while True:
            began = time.perf_counter()
            response = await self._wire.send(request, end)
            _log(request, response, began)
            further = _hop(request, response, hops, self._settings.hide)
            if further is None:
                return request, response
            request, hops = further, hops + 1

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
