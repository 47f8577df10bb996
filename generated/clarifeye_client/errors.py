# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""The errors of the client, one class for each status that the spec documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._runtime.errors import (
    ApiError,
    ClarifeyeError,
    ConnectionFailedError,
    DecodeError,
    ExtraMissingError,
    InsecureTransportError,
    PagesError,
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

    body: models.BadRequest | None


class UnauthorizedError(ApiError):
    """The server answered 401 Unauthorized."""

    body: models.Error | None


class ForbiddenError(ApiError):
    """The server answered 403 Forbidden."""

    body: models.Error | None


class NotFoundError(ApiError):
    """The server answered 404 Not Found."""

    body: models.Error | None


class InternalServerError(ApiError):
    """The server answered 500 Internal Server Error."""

    body: models.Error | None


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
    "ClarifeyeError",
    "BadRequestError",
    "UnauthorizedError",
    "ForbiddenError",
    "NotFoundError",
    "InternalServerError",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # where a traceback's reader is to import it from
