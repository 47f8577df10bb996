# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.

"""A client of Nekt.

from nekt_client import Nekt

with Nekt(token=...) as api:
    ...
"""

from . import errors, lifecycle, models
from ._runtime.lifecycle import Outcome
from ._runtime.memory import encode, unfold, unknown
from ._runtime.model import UNSET, Answer, UnsetType, answer
from ._runtime.retry import NO_RETRIES, Retries
from ._runtime.session import CallOptions
from ._runtime.vigil import Ended
from ._runtime.waiting import Look, Pace, Patience
from .client import BASE_URL, AsyncNekt, Nekt
from .errors import (
    ApiError,
    ConnectionFailedError,
    DecodeError,
    NektError,
    RequestTimeoutError,
    RunCanceledError,
    RunFailedError,
    WaitError,
    WaitTimeoutError,
)

__all__ = [
    "BASE_URL",
    "NO_RETRIES",
    "UNSET",
    "Answer",
    "ApiError",
    "AsyncNekt",
    "CallOptions",
    "ConnectionFailedError",
    "DecodeError",
    "Ended",
    "Look",
    "Outcome",
    "Pace",
    "Patience",
    "RequestTimeoutError",
    "Retries",
    "RunCanceledError",
    "RunFailedError",
    "UnsetType",
    "WaitError",
    "WaitTimeoutError",
    "Nekt",
    "NektError",
    "answer",
    "encode",
    "errors",
    "lifecycle",
    "models",
    "unfold",
    "unknown",
]
