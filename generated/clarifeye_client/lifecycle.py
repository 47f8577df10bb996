# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""What may become of the things of Clarifeye pipeline runs, state by state."""

from ._runtime.lifecycle import Lifecycle, Outcome, State

RUN = Lifecycle(
    thing="run",
    key="id",
    status="status",
    initial=("pending",),
    states={
        "pending": State(
            to=("running", "aborted"),
            inferred=("failed",),
            outcome=None,
        ),
        "running": State(
            to=("completed", "completed_with_warnings", "failed", "aborted"),
            outcome=None,
        ),
        "completed": State(
            to=(),
            outcome=Outcome.SUCCESS,
        ),
        "completed_with_warnings": State(
            to=(),
            outcome=Outcome.PARTIAL,
        ),
        "failed": State(
            to=(),
            outcome=Outcome.FAILURE,
        ),
        "aborted": State(
            to=(),
            outcome=Outcome.CANCELED,
        ),
    },
    least_pause=None,
    most_pause=None,
)
"""The life of a run, as `PipelineRun` shows it."""

PIPELINE_RUN_LIST_ITEM = Lifecycle(
    thing="run",
    key="id",
    status="status",
    initial=("pending",),
    states={
        "pending": State(
            to=("running", "aborted"),
            inferred=("failed",),
            outcome=None,
        ),
        "running": State(
            to=("completed", "completed_with_warnings", "failed", "aborted"),
            outcome=None,
        ),
        "completed": State(
            to=(),
            outcome=Outcome.SUCCESS,
        ),
        "completed_with_warnings": State(
            to=(),
            outcome=Outcome.PARTIAL,
        ),
        "failed": State(
            to=(),
            outcome=Outcome.FAILURE,
        ),
        "aborted": State(
            to=(),
            outcome=Outcome.CANCELED,
        ),
    },
    least_pause=None,
    most_pause=None,
)
"""The life of a run, as `PipelineRunListItem` shows it."""

STEP = Lifecycle(
    thing="step",
    key="id",
    status="status",
    initial=("pending",),
    states={
        "pending": State(
            to=("running", "aborted"),
            inferred=("failed",),
            outcome=None,
        ),
        "running": State(
            to=("completed", "completed_with_warnings", "failed", "aborted"),
            outcome=None,
        ),
        "completed": State(
            to=(),
            outcome=Outcome.SUCCESS,
        ),
        "completed_with_warnings": State(
            to=(),
            outcome=Outcome.PARTIAL,
        ),
        "failed": State(
            to=(),
            outcome=Outcome.FAILURE,
        ),
        "aborted": State(
            to=(),
            outcome=Outcome.CANCELED,
        ),
    },
    least_pause=None,
    most_pause=None,
)
"""The life of a step, as `PipelineRunStep` shows it."""
