# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""The errors of the client, one class for each status that the spec documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._runtime.errors import (
    ApiError,
    ConnectionFailedError,
    DecodeError,
    ExtraMissingError,
    InsecureTransportError,
    PagesError,
    Pipe0Error,
    RedirectRefusedError,
    RequestError,
    RequestTimeoutError,
    UndocumentedStatusError,
)
from ._runtime.wait_errors import (
    LooksFailedError,
    ResumeTokenError,
    RunCanceledError,
    RunFailedError,
    RunLostError,
    RunStalledError,
    StateMissedError,
    UnknownStatusError,
    WaitError,
    WaitStoppedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from . import models


class BadRequestError(ApiError):
    """The server answered 400 Bad Request."""

    body: models.Problem | None


class UnauthorizedError(ApiError):
    """The server answered 401 Unauthorized."""

    body: models.Problem | None


class PaymentRequiredError(ApiError):
    """The server answered 402 Payment Required."""

    body: models.Problem | None


class ForbiddenError(ApiError):
    """The server answered 403 Forbidden."""

    body: models.Problem | None


class NotFoundError(ApiError):
    """The server answered 404 Not Found."""

    body: models.Problem | None


class ServerGaveUpError(ApiError):
    """The server answered 408 Request Timeout."""

    body: models.Problem | None


class ConflictError(ApiError):
    """The server answered 409 Conflict."""

    body: models.Problem | None


class UnprocessableEntityError(ApiError):
    """The server answered 422 Unprocessable Entity."""

    body: models.Problem | None


class TooManyRequestsError(ApiError):
    """The server answered 429 Too Many Requests."""

    body: models.Problem | None


class InternalServerError(ApiError):
    """The server answered 500 Internal Server Error."""

    body: models.Problem | None


__all__ = [
    "ApiError",
    "ConnectionFailedError",
    "DecodeError",
    "ExtraMissingError",
    "InsecureTransportError",
    "RedirectRefusedError",
    "RequestError",
    "RequestTimeoutError",
    "UndocumentedStatusError",
    "LooksFailedError",
    "PagesError",
    "ResumeTokenError",
    "RunCanceledError",
    "RunFailedError",
    "RunLostError",
    "RunStalledError",
    "StateMissedError",
    "UnknownStatusError",
    "WaitError",
    "WaitStoppedError",
    "WaitTimeoutError",
    "Pipe0Error",
    "BadRequestError",
    "UnauthorizedError",
    "PaymentRequiredError",
    "ForbiddenError",
    "NotFoundError",
    "ServerGaveUpError",
    "ConflictError",
    "UnprocessableEntityError",
    "TooManyRequestsError",
    "InternalServerError",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # where a traceback's reader is to import it from
