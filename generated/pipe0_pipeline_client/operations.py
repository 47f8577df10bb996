# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.

"""The operations of Pipe0 pipeline: what each asks, and how its answers read."""

from typing import Any

from . import errors, lifecycle
from ._runtime.codec import Codec
from ._runtime.operation import Failure, Operation
from ._runtime.peek import Peek
from ._runtime.plan import Plan
from .models import (
    PipelineResponse,
    Problem,
)

_FAILURE_400 = Failure(error=errors.BadRequestError, codec=Codec[Any](Problem))
_FAILURE_401 = Failure(error=errors.UnauthorizedError, codec=Codec[Any](Problem))
_FAILURE_402 = Failure(error=errors.PaymentRequiredError, codec=Codec[Any](Problem))
_FAILURE_403 = Failure(error=errors.ForbiddenError, codec=Codec[Any](Problem))
_FAILURE_404 = Failure(error=errors.NotFoundError, codec=Codec[Any](Problem))
_FAILURE_408 = Failure(error=errors.ServerGaveUpError, codec=Codec[Any](Problem))
_FAILURE_422 = Failure(error=errors.UnprocessableEntityError, codec=Codec[Any](Problem))
_FAILURE_429 = Failure(error=errors.TooManyRequestsError, codec=Codec[Any](Problem))
_FAILURE_500 = Failure(error=errors.InternalServerError, codec=Codec[Any](Problem))


RUN_PIPELINE: Operation[PipelineResponse] = Operation(
    name="run_pipeline",
    method="POST",
    path="/v1/run",
    codecs={
        200: Codec[Any](PipelineResponse),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        402: _FAILURE_402,
        403: _FAILURE_403,
        422: _FAILURE_422,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)

RUN_PIPELINE_SYNC: Operation[PipelineResponse] = Operation(
    name="run_pipeline_sync",
    method="POST",
    path="/v1/run/sync",
    codecs={
        200: Codec[Any](PipelineResponse),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        402: _FAILURE_402,
        403: _FAILURE_403,
        408: _FAILURE_408,
        422: _FAILURE_422,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
    timeout=240.0,
)

CHECK_PIPELINE: Operation[PipelineResponse] = Operation(
    name="check_pipeline",
    method="GET",
    path="/v1/check",
    codecs={
        200: Codec[Any](PipelineResponse),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        404: _FAILURE_404,
        422: _FAILURE_422,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)


RUN_PLAN: Plan[PipelineResponse] = Plan(
    name="pipe0_pipeline_client.wait",
    poll=CHECK_PIPELINE,
    lifecycle=lifecycle.RUN,
    peek=Peek(status="status", key="id"),
    key=("id",),
    identifier="id",
    in_query=("id",),
)
