"""Clarifeye's rules both ways: stories that keep them, that break one, that only look like it."""

from random import Random
from typing import Any

import pytest
from clarifeye_story import (
    ABORTED,
    BUSY,
    COMPLETED,
    DOCUMENT,
    ELSEWHERE,
    FAILED,
    OTHER,
    PENDING,
    RUNNING,
    WARNED,
    Told,
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
    tell,
    update,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from runwright.history import History
from runwright.judge import judge, judge_rule
from runwright.report import Result, Verdict
from runwright.rulebook import load_rulebook
from runwright.trace import Observation
from tour import Tour
from visitor import visit

BOOK = load_rulebook("clarifeye")
PYTHON = {e.rule.id.removeprefix("clarifeye.") for e in BOOK.entries if e.rule.home == "python"}
NEXT = "https://clarifeye.test/api/v1/projects/x/pipeline-runs/?offset=1"

Story = tuple[Told, ...]

LIFE: Story = (
    flows("2026-03-04T08:55:00Z", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
    update({"publish_mode": "manual_publish", "name": " contracts-flow "}),
    start(PENDING, DOCUMENT),
    look(PENDING),
    look(RUNNING),
    listing(item(COMPLETED), item(RUNNING)),
    listing(item(RUNNING), status="running", limit=1, count=1),
    look(RUNNING),
    look(WARNED),
    abort(WARNED, "completed_with_warnings"),
    abort(WARNED, "aborted"),
    look(WARNED),
    listing(item(COMPLETED), limit=1, count=2, next_=NEXT),
    listing(item(WARNED), offset=1, count=2, previous=NEXT),
    look(BUSY),
    abort(ABORTED, "aborted"),
    look(ABORTED),
    look(FAILED),
    look(COMPLETED),
)


def result_of(rule: str, story: Story) -> Result:
    """What one rule says of a story."""
    entry = BOOK.entry(f"clarifeye.{rule}")
    assert entry is not None
    return judge_rule(entry, Observation(BOOK.spec, tell(*story)))


def test_rules_and_ledger_are_joined() -> None:
    assert (BOOK.lines_without_rule, BOOK.rules_without_line) == ((), ())


def test_a_life_as_documented_keeps_every_rule() -> None:
    found = {r.rule.removeprefix("clarifeye."): r for r in judge(tell(*LIFE), BOOK).results}

    assert [rule for rule in PYTHON if found[rule].verdict is not Verdict.HOLDS] == []
    assert [r for r in found.values() if r.verdict in (Verdict.VIOLATED, Verdict.BROKEN)] == []


def steps(name: str, *states: str) -> Any:
    """An example run whose steps are in these states."""
    return run(name, {f"/steps/{i}/status": state for i, state in enumerate(states)})


TWINS = {"/steps/1/name": "parse", "/steps/2/depends_on": ["parse"]}
LATER = {"updated_at": "2026-03-04T09:02:30Z"}
SIX = ("11:00:01 a\n", "11:00:02 b\n", "11:00:03 c\n")
TALKED = run("aborted", {"raw_logs": "".join(SIX)})

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
    ("run.end-agrees-with-steps", (look(steps("completed", "failed")),)),
    ("run.end-agrees-with-steps", (look(steps("completed", "completed_with_warnings")),)),
    ("run.end-agrees-with-steps", (look(steps("completed-with-warnings", "aborted")),)),
    ("run.end-agrees-with-steps", (look(steps("failed", "completed", "pending", "pending")),)),
    (
        "run.end-agrees-with-steps",
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
    ("run.is-readable-once-started", (start(PENDING), gone(PENDING))),
    ("run.is-readable-once-started", (start(PENDING), look(PENDING), gone(PENDING, 410))),
    ("run.is-readable-once-started", (start(PENDING), listing())),
    ("run.is-readable-once-started", (start(PENDING), listing(item(FAILED), limit=50))),
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
        (look(TALKED), listing(item(TALKED, {"raw_logs": "".join(SIX[:2])})), look(TALKED)),
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


@pytest.mark.parametrize(("rule", "story"), BROKEN)
def test_a_broken_story_breaks_its_rule(rule: str, story: Story) -> None:
    result = result_of(rule, story)

    assert result.verdict is Verdict.VIOLATED
    for violation in result.violations:
        assert violation.expected
        assert violation.expected != violation.actual
        assert violation.exchanges


def test_every_rule_has_a_story_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN} == PYTHON


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
    # Two looks that overlap have no order.
    (
        "step.tables-stay-resolved",
        (look(WARNED).but(at=0.0), look(RUNNING).but(at=0.05)),
    ),
    ("run.end-agrees-with-steps", (look(steps("completed", NEW)),)),
    ("run.end-agrees-with-steps", (look(steps("failed", "completed", NEW, "pending")),)),
    ("run.end-agrees-with-steps", (look(steps("failed", "pending", "pending", "pending")),)),
    ("run.end-agrees-with-steps", (look(run("failed", {"steps": []})),)),
    ("run.end-agrees-with-steps", (look(steps("failed", "completed", "failed", "aborted")),)),
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
    ("run.is-readable-once-started", (start(PENDING), listing(status="failed"))),
    ("run.is-readable-once-started", (start(PENDING), listing(count=1, offset=1))),
    ("run.is-readable-once-started", (start(PENDING), listing(item(FAILED), limit=1, count=2))),
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
            listing(item(TALKED, {"raw_logs": f"[cut]\n{SIX[-1]}"})),
            look(TALKED),
        ),
    ),
    (
        "list.logs-are-the-newest",
        (look(TALKED), listing(item(TALKED, {"raw_logs": "elsewhere"}))),
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
    ("abort.ends-the-run", (abort(BUSY, "aborting"), look(BUSY), look(ABORTED))),
    ("abort.ends-the-run", (abort(BUSY, "aborted"), look(edited(BUSY, {"status": NEW})))),
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


@pytest.mark.parametrize(("rule", "story"), INNOCENT)
def test_an_innocent_story_is_not_accused(rule: str, story: Story) -> None:
    assert result_of(rule, story).verdict in (Verdict.HOLDS, Verdict.UNKNOWN)


MEMBERS = st.sampled_from(["id", "status", "results", "steps", "name", "depends_on", "blocks"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["running", "failed", "", "parse", DOCUMENT, "0001-01-01T00:00:00+23:59"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def half_right(draw: st.DrawFn) -> History:
    """A life as documented in which some of what is sent and answered holds anything."""
    story = []
    for told in LIFE:
        body = draw(st.one_of(st.just(told.body), JSON)) if draw(st.booleans()) else told.body
        if isinstance(body, dict) and body and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(body)))
            inner = body[name]
            if isinstance(inner, list) and inner and draw(st.booleans()):
                changed: Any = [*inner[1:], draw(JSON)]
                if isinstance(inner[0], dict):
                    changed.append(
                        {**inner[0], draw(st.sampled_from(sorted(inner[0]))): draw(JSON)}
                    )
            else:
                changed = draw(JSON)
            body = {**body, name: changed}
        sent = draw(JSON) if told.sent is not None and draw(st.booleans()) else told.sent
        story.append(told.but(body=body, sent=sent))
    return tell(*story)


@settings(max_examples=60, deadline=None)
@given(history=half_right())
def test_no_rule_falls_over_any_answer(history: History) -> None:
    results = judge(history, BOOK).results

    assert [(r.rule, r.failure) for r in results if r.failure is not None] == []


def an_hour() -> History:
    """What a visitor sees of an honest server."""
    visitor = visit("clarifeye", seed=11)
    whole = Tour(visitor)
    whole.live(least=3)
    whole.inquire()
    return visitor.history


HOUR = an_hour()


@settings(max_examples=12, deadline=None)
@given(chance=st.builds(Random, st.integers(0, 2**32)), share=st.sampled_from([0.2, 0.5, 0.9]))
def test_whoever_misses_something_accuses_nobody(chance: Random, share: float) -> None:
    seen = tuple(exchange for exchange in HOUR.exchanges if chance.random() < share)

    results = judge(History(exchanges=seen, api="clarifeye"), BOOK).results

    assert [r.rule for r in results if r.verdict in (Verdict.VIOLATED, Verdict.BROKEN)] == []
