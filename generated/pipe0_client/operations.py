# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""The operations of Pipe0 pipes: what each asks, and how its answers read."""

from typing import Any

from . import errors, lifecycle
from ._runtime.codec import Codec
from ._runtime.operation import Failure, Operation
from ._runtime.peek import Peek
from ._runtime.plan import Plan
from .models import (
    CreditBalance,
    PipesResponse,
    Problem,
    ValidationResult,
)

_FAILURE_400 = Failure(error=errors.BadRequestError, codec=Codec[Any](Problem))
_FAILURE_401 = Failure(error=errors.UnauthorizedError, codec=Codec[Any](Problem))
_FAILURE_402 = Failure(error=errors.PaymentRequiredError, codec=Codec[Any](Problem))
_FAILURE_403 = Failure(error=errors.ForbiddenError, codec=Codec[Any](Problem))
_FAILURE_404 = Failure(error=errors.NotFoundError, codec=Codec[Any](Problem))
_FAILURE_408 = Failure(error=errors.ServerGaveUpError, codec=Codec[Any](Problem))
_FAILURE_409 = Failure(error=errors.ConflictError, codec=Codec[Any](Problem))
_FAILURE_422 = Failure(error=errors.UnprocessableEntityError, codec=Codec[Any](Problem))
_FAILURE_429 = Failure(error=errors.TooManyRequestsError, codec=Codec[Any](Problem))
_FAILURE_500 = Failure(error=errors.InternalServerError, codec=Codec[Any](Problem))


RUN_PIPES: Operation[PipesResponse] = Operation(
    name="run_pipes",
    method="POST",
    path="/v1/pipes/run",
    codecs={
        200: Codec[Any](PipesResponse),
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

RUN_PIPES_SYNC: Operation[PipesResponse] = Operation(
    name="run_pipes_sync",
    method="POST",
    path="/v1/pipes/run/sync",
    codecs={
        200: Codec[Any](PipesResponse),
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

CHECK_PIPES_RUN: Operation[PipesResponse] = Operation(
    name="check_pipes_run",
    method="GET",
    path="/v1/pipes/check/{run_id}",
    codecs={
        200: Codec[Any](PipesResponse),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        404: _FAILURE_404,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)

CANCEL_PIPES_RUN: Operation[PipesResponse] = Operation(
    name="cancel_pipes_run",
    method="POST",
    path="/v1/pipes/cancel/{run_id}",
    codecs={
        200: Codec[Any](PipesResponse),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        404: _FAILURE_404,
        409: _FAILURE_409,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)

VALIDATE_PIPES: Operation[ValidationResult] = Operation(
    name="validate_pipes",
    method="POST",
    path="/v1/pipes/validate",
    codecs={
        200: Codec[Any](ValidationResult),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        422: _FAILURE_422,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)

GET_CREDIT_BALANCE: Operation[CreditBalance] = Operation(
    name="get_credit_balance",
    method="GET",
    path="/v1/credit-balance",
    codecs={
        200: Codec[Any](CreditBalance),
    },
    failures={
        401: _FAILURE_401,
        429: _FAILURE_429,
        500: _FAILURE_500,
    },
    needs_token=True,
)


RUN_PLAN: Plan[PipesResponse] = Plan(
    name="pipe0_client.wait",
    poll=CHECK_PIPES_RUN,
    lifecycle=lifecycle.RUN,
    peek=Peek(status="status", key="id"),
    key=("run_id",),
    identifier="run_id",
)
