# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""Everything that can go wrong, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .redaction import Hide, redact

if TYPE_CHECKING:
    from .look import Look


def _rebuild(cls: type[Pipe0PipelineError], message: str) -> Pipe0PipelineError:
    error = cls.__new__(cls, message)
    error.args = (message,)  # an OSError's are set by `__init__` alone
    return error


class Pipe0PipelineError(Exception):
    """Base of every error that this client raises.

    If it ended a wait, ``look`` is the last look, and ``token`` lets `resume` go on.
    """

    look: Look | None = None
    token: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # A look that failed holds this error: the state comes after the object.
        return _rebuild, (type(self), str(self)), self.__dict__


class InsecureTransportError(Pipe0PipelineError, ValueError):
    """The token would have crossed a network unencrypted; nothing was sent."""


class ExtraMissingError(Pipe0PipelineError, ImportError):
    """A library that only this feature needs is not installed; the message says how it is."""


class RequestError(Pipe0PipelineError):
    """A request got no answer.

    The library's own error is the ``__cause__``.
    """

    def __init__(self, message: str, *, method: str, url: str) -> None:
        super().__init__(message)
        self.method = method
        self.url = url


class ConnectionFailedError(RequestError):
    """The connection could not be made, or broke before the answer was complete."""


class RequestTimeoutError(RequestError):
    """No complete answer came within the request's timeout."""


class RedirectRefusedError(RequestError):
    """The server redirected to where neither the token nor a write may go."""


class DecodeError(Pipe0PipelineError, ValueError):
    """An answer is not what the spec says.

    ``pointer`` is the JSON Pointer of the place, ``expected`` and ``got`` say what should have
    been there and what was; ``raw`` is the whole body, and ``status``, ``method``, ``url`` and
    ``request_id`` say which answer it was, if it was one.
    """

    status: int | None = None
    method: str | None = None
    url: str | None = None
    request_id: str | None = None

    def __init__(
        self, *, pointer: str, expected: str, got: str, raw: bytes = b"", source: str = ""
    ) -> None:
        super().__init__(_misfit(pointer, expected, got, source))
        self.pointer = pointer
        self.expected = expected
        self.got = got
        self.raw = raw
        self._source = source

    def redact(self, hide: Hide) -> None:
        """Hide what must not be shown of an answer."""
        raw = self.raw
        redact(self, hide)
        if raw != self.raw:
            # A part of it may be in the message, and not look like it any more.
            self.got = "something in an answer with the token in it"
            self.args = (_misfit(self.pointer, self.expected, self.got, self._source),)


def _misfit(pointer: str, expected: str, got: str, source: str) -> str:
    place = f"at {pointer}" if pointer else "at the top"
    return f"{source or 'The JSON'} does not fit: {place} expected {expected}, got {got}."


class PagesError(Pipe0PipelineError):
    """A list's pages lead nowhere, or back to one that was read before."""


class ApiError(Pipe0PipelineError):
    """The server answered with an error.

    ``body`` is the problem that the server describes, if its answer could be read as the spec
    says, else None; ``raw`` is what it sent. The URL carries no secrets.
    """

    body: object

    def __init__(
        self,
        message: str,
        *,
        status: int,
        method: str,
        url: str,
        body: object = None,
        raw: bytes = b"",
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.method = method
        self.url = url
        self.body = body
        self.raw = raw
        self.headers = dict(headers or {})
        self.request_id = request_id
        self.retry_after = retry_after


class UndocumentedStatusError(ApiError):
    """The server answered with a status that the spec does not list."""
