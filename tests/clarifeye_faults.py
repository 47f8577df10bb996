"""Stories of Clarifeye's runs, each with a rule that it breaks."""

from clarifeye_story import (
    ABORTED,
    BUSY,
    COMPLETED,
    DOCUMENT,
    ELSEWHERE,
    FAILED,
    NEXT,
    OTHER,
    PENDING,
    RUNNING,
    WARNED,
    Story,
    abort,
    edited,
    flows,
    gone,
    item,
    listing,
    look,
    refused_abort,
    run,
    start,
    steps,
    update,
)

TWINS = {"/steps/1/name": "parse", "/steps/2/depends_on": ["parse"]}
LATER = {"updated_at": "2026-03-04T09:02:30Z"}
LINES = ("11:00:01 a\n", "11:00:02 b\n", "11:00:03 c\n")
TALKED = run("aborted", {"raw_logs": "".join(LINES)})

BROKEN: list[tuple[str, Story]] = [
    ("step.dependencies-exist", (look(run("completed", {"/steps/0/depends_on": ["chunk"]})),)),
    ("step.dependencies-exist", (look(run("running", TWINS)),)),
    ("step.dependencies-exist", (listing(item(run("failed", {"/steps/2/depends_on": [""]}))),)),
    ("step.dependencies-have-no-cycle", (look(run("pending", {"/steps/0/depends_on": ["tag"]})),)),
    ("step.dependencies-have-no-cycle", (look(run("failed", {"/steps/0/depends_on": ["parse"]})),)),
    ("step.runs-after-its-dependencies", (look(steps("running", "running", "running")),)),
    ("step.runs-after-its-dependencies", (look(steps("failed", "failed", "completed")),)),
    ("step.runs-after-its-dependencies", (listing(item(steps("running", "pending"))),)),
    (
        "step.ids-are-unique",
        (look(run("pending", {"/steps/1/id": PENDING["steps"][0]["id"]})),),
    ),
    (
        "step.tables-stay-resolved",
        (look(RUNNING), look(edited(WARNED, {"/steps/0/outputs/blocks": DOCUMENT}))),
    ),
    (
        "step.tables-stay-resolved",
        (look(RUNNING), look(edited(WARNED, {"/steps/1/inputs/blocks": None}))),
    ),
    (
        "step.tables-stay-resolved",
        (listing(item(RUNNING)), listing(item(edited(WARNED, {"/steps/0/outputs": {}})))),
    ),
    ("step.end-agrees-with-run", (look(steps("completed", "failed")),)),
    ("step.end-agrees-with-run", (look(steps("completed", "completed_with_warnings")),)),
    ("step.end-agrees-with-run", (look(steps("completed-with-warnings", "aborted")),)),
    ("run.failed-has-a-failed-step", (look(steps("failed", "completed", "pending", "pending")),)),
    (
        "run.failed-has-a-failed-step",
        (
            look(steps("failed", "running", "pending").copy() | {"status": "running"}),
            look(steps("failed", "pending", "pending", "pending")),
        ),
    ),
    ("run.project-matches-path", (look(PENDING).but(project=ELSEWHERE),)),
    ("run.project-matches-path", (listing(item(PENDING, {"project": ELSEWHERE})),)),
    ("run.documents-are-as-asked", (start(PENDING, DOCUMENT, OTHER), look(PENDING))),
    (
        "run.documents-are-as-asked",
        (start(PENDING, DOCUMENT), look(edited(PENDING, {"document_ids": []}))),
    ),
    (
        "run.documents-are-as-asked",
        (start(WARNED, DOCUMENT), look(edited(WARNED, {"document_ids": None}))),
    ),
    (
        "step.is-no-older-than-its-run",
        (look(run("running", {"/steps/0/created_at": "2026-03-03T09:00:00Z"})),),
    ),
    ("step.outputs-agree-with-tables", (look(edited(RUNNING, {"/tables/blocks": DOCUMENT})),)),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING))),
    ("run.is-readable-once-started", (start(PENDING), look(PENDING), gone(PENDING, 410))),
    ("run.is-readable-once-started", (start(PENDING), listing().but(at=20.0))),
    (
        "run.is-readable-once-started",
        (start(PENDING), listing(item(FAILED), limit=50).but(at=20.0)),
    ),
    ("list.is-newest-first", (listing(item(FAILED), item(COMPLETED)),)),
    ("list.keeps-the-status-filter", (listing(item(FAILED), status="pending"),)),
    ("list.keeps-the-limit", (listing(item(COMPLETED), item(FAILED), limit=1),)),
    ("list.keeps-the-limit", (listing(*[item(FAILED)] * 101),)),
    ("list.pages-add-up", (listing(item(FAILED), count=0),)),
    ("list.pages-add-up", (listing(item(FAILED), offset=3, count=3, previous=NEXT),)),
    ("list.pages-add-up", (listing(item(FAILED), limit=1, count=2),)),
    ("list.pages-add-up", (listing(item(FAILED), limit=1, next_=NEXT),)),
    ("list.pages-add-up", (listing(item(FAILED), offset=1, count=2),)),
    ("list.pages-add-up", (listing(item(FAILED), previous=NEXT),)),
    ("list.pages-add-up", (listing(count=4, offset=9, next_=NEXT),)),
    (
        "list.logs-are-the-newest",
        (look(TALKED), listing(item(TALKED, {"raw_logs": "".join(LINES[:2])})), look(TALKED)),
    ),
    (
        "list.logs-are-the-newest",
        (look(TALKED), listing(item(TALKED, {"raw_logs": "a line of another run"})), look(TALKED)),
    ),
    (
        "list.agrees-with-detail",
        (look(ABORTED), listing(item(ABORTED, {"document_count": 3})), look(ABORTED)),
    ),
    (
        "list.agrees-with-detail",
        (look(FAILED), listing(item(FAILED, {"/steps/2/status": "aborted"})), look(FAILED)),
    ),
    ("abort.ends-the-run", (look(BUSY), abort(BUSY, "aborted"), look(BUSY))),
    ("abort.leaves-ended-runs-alone", (look(WARNED), refused_abort(WARNED, 400))),
    ("abort.leaves-ended-runs-alone", (look(WARNED), refused_abort(WARNED, 409))),
    ("abort.leaves-ended-runs-alone", (look(WARNED), abort(WARNED, "running"))),
    ("abort.leaves-ended-runs-alone", (look(WARNED), abort(WARNED, "completed"))),
    (
        "abort.leaves-ended-runs-alone",
        (
            look(FAILED),
            abort(FAILED, "failed"),
            look(edited(FAILED, {"/steps/2/status": "aborted"})),
        ),
    ),
    ("flow.list-is-last-updated-first", (flows("2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z"),)),
    ("flow.update-shows-what-was-sent", (update({"publish_mode": "auto_publish"}),)),
    ("flow.update-shows-what-was-sent", (update({"name": "invoices"}),)),
]
