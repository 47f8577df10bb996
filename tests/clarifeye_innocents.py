"""Stories that a rule is about, which only look as if they broke it."""

from clarifeye_faults import LATER, LINES, TALKED, TWINS
from clarifeye_story import (
    ABORTED,
    BUSY,
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

NEW = "resting"
"""A status of a newer server."""

INNOCENT: list[tuple[str, Story]] = [
    # Steps may still be added to a run that goes on.
    ("step.dependencies-exist", (look(run("running", {"/steps/0/depends_on": ["fetch"]})),)),
    ("step.dependencies-exist", (look(run("pending", {"/steps/0/depends_on": ["parse"]})),)),
    ("step.dependencies-exist", (look(run("pending", {"/steps/2/name": None})),)),
    ("step.dependencies-have-no-cycle", (look(run("running", TWINS)),)),
    ("step.runs-after-its-dependencies", (look(steps("running", NEW, "running")),)),
    ("step.runs-after-its-dependencies", (look(steps("running", "running", NEW)),)),
    ("step.runs-after-its-dependencies", (look(steps("failed", "failed", "aborted")),)),
    (
        "step.is-no-older-than-its-run",
        (look(run("running", {"/steps/0/created_at": "2026-03-04T08:59:59.5Z"})),),
    ),
    # Another step writes the same table; the run does not tell.
    (
        "step.outputs-agree-with-tables",
        (
            look(
                run(
                    "running",
                    {"/steps/1/outputs": {"blocks": DOCUMENT}, "/tables/blocks": DOCUMENT},
                )
            ),
            look(run("running", {"/tables": None})),
            look(run("running", {"/tables": {}})),
        ),
    ),
    # Two looks that overlap have no order.
    (
        "step.tables-stay-resolved",
        (look(WARNED).but(at=0.0), look(RUNNING).but(at=0.05)),
    ),
    ("step.end-agrees-with-run", (look(steps("completed", NEW)),)),
    ("run.failed-has-a-failed-step", (look(steps("failed", "completed", NEW, "pending")),)),
    ("run.failed-has-a-failed-step", (look(steps("failed", "pending", "pending", "pending")),)),
    ("run.failed-has-a-failed-step", (look(run("failed", {"steps": []})),)),
    ("run.failed-has-a-failed-step", (look(steps("failed", "completed", "failed", "aborted")),)),
    ("run.project-matches-path", (look(PENDING).but(project=PENDING["project"].upper()),)),
    ("run.documents-are-as-asked", (start(PENDING), look(PENDING))),
    ("run.documents-are-as-asked", (start(PENDING, DOCUMENT.upper(), DOCUMENT), look(PENDING))),
    (
        "run.documents-are-as-asked",
        (start(PENDING, DOCUMENT), look(edited(PENDING, {"document_ids": None}))),
    ),
    (
        "run.documents-are-as-asked",
        (start(PENDING, OTHER).but(status=400, body={"error": "No."}), look(PENDING)),
    ),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING, 429))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING, 503))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING, 403))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING).but(actor="bob"))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING).but(credentials="wrong"))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING).but(project=ELSEWHERE))),
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING).but(at=9e6))),
    ("run.is-readable-once-started", (gone(PENDING), start(PENDING))),
    (
        "run.is-readable-once-started",
        (start(PENDING), gone(PENDING).but(path=f"pipeline-runs/{PENDING['id']}")),
    ),
    ("run.is-readable-once-started", (start(PENDING), listing())),
    ("run.is-readable-once-started", (start(PENDING), listing(status="failed").but(at=20.0))),
    ("run.is-readable-once-started", (start(PENDING), listing(count=1, offset=1).but(at=20.0))),
    (
        "run.is-readable-once-started",
        (start(PENDING), listing(item(FAILED), limit=1, count=2).but(at=20.0)),
    ),
    ("list.is-newest-first", (listing(item(FAILED), item(FAILED)),)),
    (
        "list.is-newest-first",
        (
            listing(
                item(FAILED, {"created_at": "2026-03-04T11:00:00+02:00"}),
                item(FAILED, {"created_at": "2026-03-04T09:00:00Z"}),
            ),
        ),
    ),
    ("list.keeps-the-status-filter", (listing(item(FAILED), status=NEW),)),
    ("list.keeps-the-status-filter", (listing(item(FAILED, {"status": NEW}), status="failed"),)),
    (
        "list.keeps-the-status-filter",
        (listing(item(FAILED)).but(query=(("status", "failed"), ("status", "pending"))),),
    ),
    ("list.keeps-the-limit", (listing(item(FAILED), limit=0),)),
    ("list.keeps-the-limit", (listing(*[item(FAILED)] * 3, limit="two"),)),
    ("list.keeps-the-limit", (listing(*[item(FAILED)] * 101, limit=1001),)),
    ("list.pages-add-up", (listing(item(FAILED), offset=-1, count=9),)),
    ("list.pages-add-up", (listing(count=9, offset=20, previous=NEXT),)),
    # The log has grown between the list and the look behind it.
    (
        "list.logs-are-the-newest",
        (look(edited(TALKED, {"raw_logs": ""})), listing(item(TALKED)), look(TALKED)),
    ),
    (
        "list.logs-are-the-newest",
        (
            look(TALKED),
            listing(item(TALKED, {"raw_logs": f"[cut]\n{LINES[-1]}"})),
            look(TALKED),
        ),
    ),
    (
        "list.logs-are-the-newest",
        (look(TALKED), listing(item(TALKED, {"raw_logs": "elsewhere"}))),
    ),
    # The list is of an earlier age.
    (
        "list.logs-are-the-newest",
        (
            look(TALKED),
            listing(item(TALKED, {"raw_logs": LINES[0], "updated_at": TALKED["created_at"]})),
            look(TALKED),
        ),
    ),
    (
        "list.agrees-with-detail",
        (
            look(ABORTED),
            listing(item(ABORTED, {"steps": ABORTED["steps"][::-1]})),
            look(ABORTED),
        ),
    ),
    ("list.agrees-with-detail", (look(PENDING), listing(item(PENDING)), look(RUNNING))),
    # What the list counts when a run is about all documents is not said.
    (
        "list.agrees-with-detail",
        (look(FAILED), listing(item(FAILED, {"document_count": None})), look(FAILED)),
    ),
    ("list.agrees-with-detail", (look(WARNED), listing(item(RUNNING)), look(WARNED))),
    # It has ended by itself between the look and the abort.
    (
        "abort.ends-the-run",
        (look(RUNNING), abort(RUNNING, "aborted"), look(WARNED)),
    ),
    # The end may take a moment to show.
    (
        "abort.ends-the-run",
        (look(BUSY), abort(BUSY, "aborted"), look(BUSY).but(at=11.0), look(ABORTED)),
    ),
    ("abort.ends-the-run", (abort(BUSY, "aborting"), look(BUSY))),
    (
        "abort.ends-the-run",
        (abort(BUSY, "aborted"), look(edited(BUSY, {"status": NEW}))),
    ),
    ("abort.leaves-ended-runs-alone", (look(WARNED), refused_abort(WARNED, 403))),
    ("abort.leaves-ended-runs-alone", (look(WARNED), refused_abort(WARNED, 500))),
    (
        "abort.leaves-ended-runs-alone",
        (look(WARNED), refused_abort(WARNED, 404).but(project=ELSEWHERE)),
    ),
    ("abort.leaves-ended-runs-alone", (look(WARNED), refused_abort(WARNED, 404).but(actor="bob"))),
    (
        "abort.leaves-ended-runs-alone",
        (look(WARNED), abort(WARNED, "aborted"), look(edited(WARNED, LATER))),
    ),
    ("abort.leaves-ended-runs-alone", (look(BUSY), refused_abort(BUSY, 400), look(ABORTED))),
    ("flow.list-is-last-updated-first", (flows("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),)),
    ("flow.list-is-last-updated-first", (flows("yesterday", "2026-03-01T00:00:00Z"),)),
    ("flow.update-shows-what-was-sent", (update({"publish_mode": "sometimes", "name": 7}),)),
    ("flow.update-shows-what-was-sent", (update({"name": "\tcontracts-flow\n"}),)),
]
