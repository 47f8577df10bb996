# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""What may become of the things of Pipe0 pipes, state by state."""

from ._runtime.lifecycle import Lifecycle, Outcome, State

RUN = Lifecycle(
    thing="run",
    key="id",
    status="status",
    initial=("pending", "failed"),
    states={
        "pending": State(
            to=("processing", "failed", "canceled"),
            outcome=None,
        ),
        "processing": State(
            to=("completed", "failed"),
            outcome=None,
        ),
        "completed": State(
            to=(),
            outcome=Outcome.SUCCESS,
        ),
        "failed": State(
            to=(),
            outcome=Outcome.FAILURE,
        ),
        "canceled": State(
            to=(),
            outcome=Outcome.CANCELED,
        ),
    },
    least_pause=1.0,
    most_pause=3.0,
)
"""The life of a run, as `PipesResponse` shows it."""

FIELD = Lifecycle(
    thing="field",
    key=None,
    status="status",
    initial=("pending", "queued", "completed", "failed", "skipped"),
    states={
        "pending": State(
            to=("queued", "skipped"),
            inferred=("failed",),
            outcome=None,
        ),
        "queued": State(
            to=("processing",),
            inferred=("skipped", "failed"),
            outcome=None,
        ),
        "processing": State(
            to=("completed", "no_result", "failed"),
            inferred=("skipped",),
            outcome=None,
        ),
        "completed": State(
            to=(),
            outcome=Outcome.SUCCESS,
        ),
        "no_result": State(
            to=(),
            outcome=Outcome.PARTIAL,
        ),
        "failed": State(
            to=(),
            outcome=Outcome.FAILURE,
        ),
        "skipped": State(
            to=(),
            outcome=Outcome.PARTIAL,
        ),
    },
    least_pause=None,
    most_pause=None,
)
"""The life of a field, as `RecordField` shows it."""
