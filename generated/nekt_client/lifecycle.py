# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.

"""What may become of the things of Nekt, state by state."""

from ._runtime.lifecycle import Lifecycle, Outcome, State

RUN = Lifecycle(
    thing="run",
    key="id",
    status="status",
    initial=("queued",),
    states={
        "queued": State(
            to=("running", "cancelling"),
            inferred=("canceled", "failed"),
            outcome=None,
        ),
        "running": State(
            to=("success", "failed", "cancelling"),
            outcome=None,
        ),
        "cancelling": State(
            to=("canceled",),
            inferred=("success", "failed"),
            outcome=None,
        ),
        "success": State(
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
    least_pause=None,
    most_pause=None,
)
"""The life of a run, as `Run` shows it."""

LAST_RUN = Lifecycle(
    thing="run",
    key="id",
    status="status",
    initial=("queued",),
    states={
        "queued": State(
            to=("running", "cancelling"),
            inferred=("canceled", "failed"),
            outcome=None,
        ),
        "running": State(
            to=("success", "failed", "cancelling"),
            outcome=None,
        ),
        "cancelling": State(
            to=("canceled",),
            inferred=("success", "failed"),
            outcome=None,
        ),
        "success": State(
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
    least_pause=None,
    most_pause=None,
)
"""The life of a run, as `LastRun` shows it."""
