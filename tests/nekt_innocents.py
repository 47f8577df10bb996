"""Stories that look like faults of Nekt's and are none."""

from nekt_story import (
    BUSY,
    CANCELED,
    CANCELLING,
    EXPAND,
    FLAT_QUEUED,
    FLAT_SUCCESS,
    OTHER,
    PREVIOUS,
    QUEUED,
    RUNNING,
    SLUG,
    SOURCE,
    SUCCESS,
    Case,
    by,
    cancel,
    case,
    flat,
    get,
    look,
    nested,
    page,
    trigger,
)

UNKNOWN = {"status": "archived"}
INNOCENT: list[Case] = [
    # What is missing or null says nothing.
    case(
        "nekt",
        "run.updated-at-covers-the-end",
        look(nested("SuccessfulRun", started_at=..., ended_at=None)),
    ),
    case("nekt", "run.log-clock-is-ordered", look(nested("QueuedRun", log=None))),
    case(
        "nekt",
        "run.token-clock-is-ordered",
        look(nested("QueuedRun", triggered_by_token__last_used_at=None)),
    ),
    case(
        "nekt",
        "run.latest-run-agrees",
        look(nested("SuccessfulRun", pipeline={"id": OTHER, "slug": SLUG})),
    ),
    # A second is forgiven, two clocks of one server may differ.
    case(
        "nekt",
        "run.updated-at-covers-the-end",
        look(nested("SuccessfulRun", updated_at="2026-05-02T08:03:29Z")),
    ),
    case(
        "nekt_v2",
        "run.duration-is-end-minus-start",
        look(flat("SuccessfulRun", duration_seconds=219)),
    ),
    # The pipeline has gone on, or runs twice at a time; a word is new; the run waits again.
    case(
        "nekt",
        "run.latest-run-agrees",
        look(
            nested(
                "SuccessfulRun",
                pipeline__latest_run_started="2026-05-02T09:00:00Z",
                pipeline__latest_run_status="running",
                pipeline__latest_run_ended=None,
            )
        ),
        look(nested("RunningRun", pipeline__latest_run_status="retrying")),
        look(QUEUED),
    ),
    # The pipeline is shown as it was when the run was created.
    case(
        "nekt",
        "run.latest-run-agrees",
        look(QUEUED),
        look({**RUNNING, "pipeline": QUEUED["pipeline"]}),
        look({**SUCCESS, "pipeline": QUEUED["pipeline"]}),
    ),
    # Another run began in the same second.
    case(
        "nekt",
        "run.latest-run-agrees",
        look(QUEUED),
        look(nested("RunningRun", pipeline__latest_run_status="failed")),
    ),
    # A cancel may come too late, and then the run ends as it would have ended.
    case(
        "nekt",
        "cancel.leads-to-canceled",
        look(BUSY),
        cancel({**CANCELED, "status": "success"}),
        look({**CANCELED, "status": "success"}),
    ),
    case(
        "nekt",
        "cancel.leads-to-canceled",
        look(BUSY),
        cancel(CANCELLING),
        look({**CANCELED, "status": "failed"}),
    ),
    case(
        "nekt", "cancel.leads-to-canceled", cancel({**BUSY, **UNKNOWN}), look({**BUSY, **UNKNOWN})
    ),
    # The looks overlap the cancel, or are another tenant's, or in a list that is older.
    case(
        "nekt",
        "cancel.leads-to-canceled",
        by(cancel(CANCELLING), at=0.0, took=2.0),
        by(look(BUSY), at=1.0),
        by(look(BUSY), worker="v", at=2.5),
        by(look(BUSY), actor="bob", at=9.0),
        by(get("/runs/", page(BUSY)), at=10.0),
    ),
    case(
        "nekt",
        "cancel.leaves-ended-runs-alone",
        by(look(SUCCESS), actor="bob"),
        cancel(CANCELED, asked=SUCCESS["id"]),
        cancel(SUCCESS, 404),
        by(cancel(CANCELED, asked=SUCCESS["id"]), credentials="unknown"),
    ),
    case(
        "nekt",
        "cancel.leaves-ended-runs-alone",
        look(SUCCESS),
        cancel(SUCCESS, 429),
        look({**SUCCESS, **UNKNOWN}),
    ),
    # Nobody says what page=0 is, or two pages at once.
    *(
        case("nekt", "list.pages-are-consistent", get("/runs/", page(previous=PREVIOUS), *query))
        for query in (
            (("page", "0"),),
            (("page", ""),),
            (("page", "two"),),
            (("page", "1"), ("page", "2")),
        )
    ),
    case("nekt", "list.pages-are-consistent", get("/runs/", {"count": "many", "results": {}})),
    case("nekt", "list.names-each-run-once", get("/runs/", page({"id": 1}, {"id": 1}, {}, 7))),
    # The list shows the run at another age, or less of it, or the run moved meanwhile.
    case(
        "nekt",
        "list.agrees-with-detail",
        look(SUCCESS),
        get("/runs/", page(RUNNING)),
        look(SUCCESS),
        get("/runs/", page({"id": SUCCESS["id"], "status": "success"})),
        look(SUCCESS),
    ),
    case(
        "nekt",
        "list.agrees-with-detail",
        look(QUEUED),
        get("/runs/", page(RUNNING)),
        look(SUCCESS),
    ),
    case(
        "nekt",
        "list.agrees-with-detail",
        look(RUNNING),
        get(
            "/runs/",
            page(
                nested(
                    "RunningRun",
                    updated_at="2026-05-02T10:00:12+02:00",
                    created_at="2026-05-02T08:00:00.000Z",
                    triggered_by_token__last_used_at=None,
                    pipeline__current_status="queued",
                )
            ),
        ),
        look(RUNNING),
    ),
    case(
        "nekt_v2",
        "list.agrees-with-detail",
        look(FLAT_SUCCESS),
        get("/runs/", page({**FLAT_SUCCESS, "source": SOURCE}), EXPAND),
        look({**FLAT_SUCCESS, "source": {"slug": SLUG}}, EXPAND),
    ),
    # Two tenants may have the same slugs, and even the same ids.
    case(
        "nekt_v2",
        "trigger.starts-a-run-of-that-pipeline",
        by(get("/sources/", page({**SOURCE, "id": OTHER})), actor="bob"),
        by(look(FLAT_QUEUED), actor="bob"),
        trigger(SLUG, FLAT_QUEUED, "full_sync=maybe"),
    ),
    case(
        "nekt_v2",
        "trigger.starts-a-run-of-that-pipeline",
        by(trigger(SLUG, flat("QueuedRun", full_sync=None)), at=0.0, took=2.0),
        by(get("/runs/", page(FLAT_QUEUED)), at=1.0),
    ),
    case(
        "nekt",
        "trigger.starts-a-run-of-that-pipeline",
        trigger(SLUG, nested("QueuedRun", trigger_type="webhook"), None),
    ),
    # A plain id in an expanded answer is allowed, as is an object where none was asked for.
    case(
        "nekt_v2",
        "expand.keeps-the-id",
        look(FLAT_SUCCESS, EXPAND),
        look({**FLAT_SUCCESS, "source": {"id": OTHER}}),
        look(FLAT_SUCCESS),
    ),
    case(
        "nekt_v2",
        "run.references-are-constant",
        look(FLAT_SUCCESS),
        look({**FLAT_SUCCESS, "source": {"id": OTHER}}),
        look({**FLAT_SUCCESS, "source": None}),
        by(look({**FLAT_SUCCESS, "source": OTHER}), actor="bob"),
    ),
]
