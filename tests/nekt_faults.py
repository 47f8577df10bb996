"""Stories that each break one rule of Nekt's."""

from typing import Any

from nekt_story import (
    BUSY,
    CANCELLING,
    EXPAND,
    FAILED,
    FLAT_BUSY,
    FLAT_CANCELLING,
    FLAT_QUEUED,
    FLAT_RUNNING,
    FLAT_SUCCESS,
    NEXT,
    OTHER,
    PIPELINE,
    PREVIOUS,
    QUEUED,
    RUNNING,
    SLUG,
    SOURCE,
    SUCCESS,
    Case,
    cancel,
    case,
    flat,
    get,
    look,
    nested,
    page,
    trigger,
)


def exact(name: str = "SuccessfulRun", **changes: Any) -> dict[str, Any]:
    """An example run that tells to the millisecond when it began, as its pipeline does."""
    began = "2026-05-02T08:00:09.125Z"
    return nested(name, started_at=began, pipeline__latest_run_started=began, **changes)


BEFORE = look(QUEUED)

BROKEN: list[Case] = [
    # Times of one run
    case(
        "nekt",
        "run.updated-at-covers-the-end",
        look(nested("SuccessfulRun", updated_at="2026-05-02T08:03:28Z")),
    ),
    case(
        "nekt_v2",
        "run.updated-at-covers-the-end",
        look(flat("RunningRun", updated_at="2026-09-02T08:00:05.5Z")),
    ),
    case(
        "nekt",
        "run.pipeline-is-older",
        look(nested("QueuedRun", pipeline__created_at="2026-05-02T08:00:02Z")),
    ),
    case(
        "nekt",
        "run.log-clock-is-ordered",
        look(nested("RunningRun", log__created_at="2026-05-02T07:59:00Z")),
    ),
    case(
        "nekt",
        "run.log-clock-is-ordered",
        get("/runs/", page(nested("SuccessfulRun", log__created_at="2026-05-02T08:03:32Z"))),
    ),
    case(
        "nekt",
        "run.token-clock-is-ordered",
        look(nested("QueuedRun", triggered_by_token__last_used_at="2025-12-31T00:00:00Z")),
    ),
    case(
        "nekt_v2",
        "run.duration-is-end-minus-start",
        look(flat("SuccessfulRun", duration_seconds=240)),
    ),
    # A run and its pipeline
    case(
        "nekt",
        "pipeline.latest-run-clock-is-ordered",
        get(f"/pipelines/{SLUG}/", {**PIPELINE, "latest_run_ended": "2026-05-02T07:59:59Z"}),
    ),
    # What the pipeline says, which was something else before
    case(
        "nekt", "run.latest-run-agrees", BEFORE, look(exact(pipeline__latest_run_status="failed"))
    ),
    case("nekt", "run.latest-run-agrees", BEFORE, look(exact(pipeline__latest_run_ended=None))),
    case(
        "nekt",
        "run.latest-run-agrees",
        BEFORE,
        look(exact("RunningRun", pipeline__latest_run_ended="2026-05-02T08:01:00Z")),
    ),
    case(
        "nekt",
        "run.latest-run-agrees",
        BEFORE,
        look(exact("RunningRun", pipeline__current_status="queued")),
    ),
    case(
        "nekt",
        "run.latest-run-agrees",
        BEFORE,
        look(nested("RunningRun", pipeline__latest_run_started="2026-05-02T07:00:09Z")),
    ),
    # Cancels
    case("nekt", "cancel.leads-to-canceled", cancel(BUSY)),
    case("nekt_v2", "cancel.leads-to-canceled", cancel(flat("PendingRun"))),
    case("nekt", "cancel.leads-to-canceled", cancel(CANCELLING, asked=OTHER)),
    case("nekt_v2", "cancel.leads-to-canceled", cancel(FLAT_CANCELLING), look(FLAT_BUSY)),
    case(
        "nekt",
        "cancel.leaves-ended-runs-alone",
        look(SUCCESS),
        cancel({**SUCCESS, "status": "canceled"}),
    ),
    case(
        "nekt",
        "cancel.leaves-ended-runs-alone",
        get("/runs/", page(SUCCESS)),
        cancel(SUCCESS, 409),
        look({**SUCCESS, "status": "canceled"}),
    ),
    case(
        "nekt_v2",
        "cancel.leaves-ended-runs-alone",
        look(FLAT_SUCCESS),
        cancel(FLAT_SUCCESS),
        look({**FLAT_SUCCESS, "status": "cancelling"}),
    ),
    # Lists
    *(
        case(api, "list.pages-are-consistent", get(path, body, *query))
        for api in ("nekt", "nekt_v2")
        for path, body, query in (
            ("/runs/", page({}, {}, count=1), ()),
            ("/sources/", page({"id": OTHER}, count=1, next=NEXT), ()),
            ("/transformations/", page({"id": OTHER}, count=2), ()),
            ("/destinations/", page({"id": OTHER}, previous=PREVIOUS), (("page", "1"),)),
            ("/runs/", page({}, count=4), (("page", "3"), ("page_size", "1"))),
        )
    ),
    case("nekt", "list.names-each-run-once", get("/runs/", page(RUNNING, FAILED, RUNNING))),
    case("nekt_v2", "list.names-each-run-once", get("/runs/", page(FLAT_RUNNING, FLAT_RUNNING))),
    case(
        "nekt",
        "list.agrees-with-detail",
        look(RUNNING),
        get("/runs/", page({**RUNNING, "use_custom_logs": False})),
        look(RUNNING),
    ),
    case(
        "nekt",
        "list.agrees-with-detail",
        look(RUNNING),
        get("/runs/", page({**RUNNING, "started_at": None})),
        look(RUNNING),
    ),
    case(
        "nekt_v2",
        "list.agrees-with-detail",
        look(FLAT_SUCCESS),
        get("/runs/", page({**FLAT_SUCCESS, "source": {"id": OTHER}}), EXPAND),
        look(FLAT_SUCCESS),
    ),
    # Triggers
    *(
        case(api, "trigger.starts-a-run-of-that-pipeline", *story)
        for api, queued in (("nekt", QUEUED), ("nekt_v2", FLAT_QUEUED))
        for story in (
            (trigger(SLUG, queued), trigger(SLUG, queued)),
            (get("/runs/", page(queued)), trigger(SLUG, queued)),
        )
    ),
    case("nekt", "trigger.starts-a-run-of-that-pipeline", trigger("ads-e5f6", QUEUED)),
    case(
        "nekt",
        "trigger.starts-a-run-of-that-pipeline",
        trigger(SLUG, nested("QueuedRun", trigger_type="cron")),
    ),
    case(
        "nekt_v2",
        "trigger.starts-a-run-of-that-pipeline",
        trigger(SLUG, FLAT_QUEUED, "full_sync=0"),
    ),
    case(
        "nekt_v2",
        "trigger.starts-a-run-of-that-pipeline",
        trigger(SLUG, FLAT_QUEUED),
        get(f"/sources/{SLUG}/", {**SOURCE, "id": OTHER}),
    ),
    # References
    case(
        "nekt_v2",
        "run.references-are-constant",
        look(FLAT_QUEUED),
        get("/runs/", page(flat("RunningRun", triggered_by_token="another"))),
    ),
    case(
        "nekt_v2",
        "run.references-are-constant",
        look(FLAT_CANCELLING),
        look(flat("CanceledRun", triggered_by=15)),
    ),
    case(
        "nekt_v2",
        "expand.keeps-the-id",
        look(FLAT_SUCCESS),
        look({**FLAT_SUCCESS, "source": {**SOURCE, "id": OTHER}}, EXPAND),
    ),
    case(
        "nekt_v2",
        "expand.keeps-the-id",
        get("/runs/", page({**FLAT_SUCCESS, "source": None}), ("expand[]", "source.last_run")),
        look(FLAT_SUCCESS),
    ),
    case(
        "nekt_v2",
        "expand.keeps-the-id",
        look(FLAT_SUCCESS),
        look({**FLAT_SUCCESS, "destination": SOURCE}, ("expand[]", "destination")),
    ),
]
