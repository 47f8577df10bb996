# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.

"""The operations of Nekt: what each asks, and how its answers read."""

from typing import Any

from . import errors, lifecycle
from ._runtime.codec import Codec
from ._runtime.operation import Failure, Operation
from ._runtime.peek import Peek
from ._runtime.plan import Plan
from .models import (
    DestinationPage,
    Pipeline,
    Problem,
    Run,
    RunPage,
    SourcePage,
    Transformation,
    TransformationPage,
    ValidationProblem,
)

_FAILURE_400 = Failure(error=errors.BadRequestError, codec=Codec[Any](ValidationProblem))
_FAILURE_401 = Failure(error=errors.UnauthorizedError, codec=Codec[Any](Problem))
_FAILURE_403 = Failure(error=errors.ForbiddenError, codec=Codec[Any](Problem))
_FAILURE_404 = Failure(error=errors.NotFoundError, codec=Codec[Any](Problem))
_FAILURE_409 = Failure(error=errors.ConflictError, codec=Codec[Any](Problem))
_FAILURE_415 = Failure(error=errors.UnsupportedMediaTypeError, codec=Codec[Any](Problem))
_FAILURE_429 = Failure(error=errors.TooManyRequestsError, codec=Codec[Any](Problem))


LIST_RUNS: Operation[RunPage] = Operation(
    name="list_runs",
    method="GET",
    path="/api/v1/runs/",
    codecs={
        200: Codec[Any](RunPage),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

GET_RUN: Operation[Run] = Operation(
    name="get_run",
    method="GET",
    path="/api/v1/runs/{id}/",
    codecs={
        200: Codec[Any](Run),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

CANCEL_RUN: Operation[Run] = Operation(
    name="cancel_run",
    method="POST",
    path="/api/v1/runs/{id}/cancel/",
    codecs={
        200: Codec[Any](Run),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        409: _FAILURE_409,
        415: _FAILURE_415,
        429: _FAILURE_429,
    },
    needs_token=True,
)

GET_PIPELINE: Operation[Pipeline] = Operation(
    name="get_pipeline",
    method="GET",
    path="/api/v1/pipelines/{pipeline_slug}/",
    codecs={
        200: Codec[Any](Pipeline),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

TRIGGER_PIPELINE: Operation[Run] = Operation(
    name="trigger_pipeline",
    method="POST",
    path="/api/v1/pipelines/{pipeline_slug}/trigger/",
    codecs={
        201: Codec[Any](Run),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        415: _FAILURE_415,
        429: _FAILURE_429,
    },
    needs_token=True,
    form=True,
)

LIST_SOURCES: Operation[SourcePage] = Operation(
    name="list_sources",
    method="GET",
    path="/api/v1/sources/",
    codecs={
        200: Codec[Any](SourcePage),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

LIST_TRANSFORMATIONS: Operation[TransformationPage] = Operation(
    name="list_transformations",
    method="GET",
    path="/api/v1/transformations/",
    codecs={
        200: Codec[Any](TransformationPage),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

GET_TRANSFORMATION: Operation[Transformation] = Operation(
    name="get_transformation",
    method="GET",
    path="/api/v1/transformations/{id}/",
    codecs={
        200: Codec[Any](Transformation),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)

LIST_DESTINATIONS: Operation[DestinationPage] = Operation(
    name="list_destinations",
    method="GET",
    path="/api/v1/destinations/",
    codecs={
        200: Codec[Any](DestinationPage),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        429: _FAILURE_429,
    },
    needs_token=True,
)


RUN_PLAN: Plan[Run] = Plan(
    name="nekt_client.wait",
    poll=GET_RUN,
    lifecycle=lifecycle.RUN,
    peek=Peek(status="status", key="id"),
    key=("id",),
    identifier="id",
)
