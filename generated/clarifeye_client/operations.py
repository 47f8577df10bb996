# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""The operations of Clarifeye pipeline runs: what each asks, and how its answers read."""

from typing import Any

from . import errors, lifecycle
from ._runtime.codec import Codec
from ._runtime.operation import Failure, Operation
from ._runtime.peek import Peek
from ._runtime.plan import Plan
from .models import (
    AbortAnswer,
    BadRequest,
    Error,
    ExtractionFlow,
    PipelineRun,
    PipelineRunPage,
    PipelineRunStarted,
)

_FAILURE_400 = Failure(error=errors.BadRequestError, codec=Codec[Any](BadRequest))
_FAILURE_401 = Failure(error=errors.UnauthorizedError, codec=Codec[Any](Error))
_FAILURE_403 = Failure(error=errors.ForbiddenError, codec=Codec[Any](Error))
_FAILURE_404 = Failure(error=errors.NotFoundError, codec=Codec[Any](Error))
_FAILURE_500 = Failure(error=errors.InternalServerError, codec=Codec[Any](Error))


LIST_PIPELINE_RUNS: Operation[PipelineRunPage] = Operation(
    name="list_pipeline_runs",
    method="GET",
    path="/projects/{project_id}/pipeline-runs/",
    codecs={
        200: Codec[Any](PipelineRunPage),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

GET_PIPELINE_RUN: Operation[PipelineRun] = Operation(
    name="get_pipeline_run",
    method="GET",
    path="/projects/{project_id}/pipeline-runs/{pipeline_run_id}/",
    codecs={
        200: Codec[Any](PipelineRun),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

ABORT_PIPELINE_RUN: Operation[AbortAnswer] = Operation(
    name="abort_pipeline_run",
    method="POST",
    path="/projects/{project_id}/pipeline-runs/{pipeline_run_id}/abort/",
    codecs={
        200: Codec[Any](AbortAnswer),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

LIST_EXTRACTION_FLOWS: Operation[list[ExtractionFlow]] = Operation(
    name="list_extraction_flows",
    method="GET",
    path="/projects/{project_id}/extraction-flows/",
    codecs={
        200: Codec[Any](list[ExtractionFlow]),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

UPDATE_EXTRACTION_FLOW: Operation[ExtractionFlow] = Operation(
    name="update_extraction_flow",
    method="PATCH",
    path="/projects/{project_id}/extraction-flows/{flow_id}/",
    codecs={
        200: Codec[Any](ExtractionFlow),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

RUN_EXTRACTION_FLOW: Operation[PipelineRunStarted] = Operation(
    name="run_extraction_flow",
    method="POST",
    path="/projects/{project_id}/extraction-flows/{flow_id}/run-sync/",
    codecs={
        200: Codec[Any](PipelineRunStarted),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

PUBLISH_EXTRACTION_FLOW: Operation[PipelineRunStarted] = Operation(
    name="publish_extraction_flow",
    method="POST",
    path="/projects/{project_id}/extraction-flows/{flow_id}/publish/",
    codecs={
        200: Codec[Any](PipelineRunStarted),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)

GET_EXTRACTION_FLOW_STATISTICS: Operation[dict[str, dict[str, Any]]] = Operation(
    name="get_extraction_flow_statistics",
    method="POST",
    path="/projects/{project_id}/extraction-flows/{flow_id}/node-stats/",
    codecs={
        200: Codec[Any](dict[str, dict[str, Any]]),
    },
    failures={
        400: _FAILURE_400,
        401: _FAILURE_401,
        403: _FAILURE_403,
        404: _FAILURE_404,
        500: _FAILURE_500,
    },
    needs_token=True,
)


RUN_PLAN: Plan[PipelineRun] = Plan(
    name="clarifeye_client.wait",
    poll=GET_PIPELINE_RUN,
    lifecycle=lifecycle.RUN,
    peek=Peek(status="status", key="id"),
    key=(
        "project_id",
        "pipeline_run_id",
    ),
    identifier="pipeline_run_id",
)
