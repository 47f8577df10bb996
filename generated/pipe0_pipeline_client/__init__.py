# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.

"""A client of Pipe0 pipeline.

from pipe0_pipeline_client import Pipe0Pipeline

with Pipe0Pipeline(token=...) as api:
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
from .client import BASE_URL, AsyncPipe0Pipeline, Pipe0Pipeline
from .errors import (
    ApiError,
    ConnectionFailedError,
    DecodeError,
    Pipe0PipelineError,
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
    "AsyncPipe0Pipeline",
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
    "Pipe0Pipeline",
    "Pipe0PipelineError",
    "answer",
    "encode",
    "errors",
    "lifecycle",
    "models",
    "unfold",
    "unknown",
]
