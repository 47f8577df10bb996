"""The rules of a lifecycle, each proved both ways: by who keeps it, and by who breaks it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from jobs import (
    ALL_RULES,
    CONFORMING,
    DONE,
    FOLDER,
    JOB,
    RUNNING,
    Said,
    altered,
    cell,
    changed_spec,
    conforming,
    history,
    item,
    job,
    listed,
    look,
    moment,
    refused,
    reworded,
    rulebook_of,
    step,
    violations,
    without,
)
from runwright.history import History
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rules.common import lifecycle_rules
from runwright.rules.motion import slug
from runwright.spec import Spec, load_yaml

STRANGER = "eeeeeeee-6d1e-4f57-8a0e-3f1d2c9b7a11"

BREAKS: dict[str, Callable[[], History]] = {
    "job.terminal-is-final": lambda: reworded("late", status="running"),
    "job.states-move-forward": lambda: reworded("still", status="queued"),
    "job.clock-is-ordered": lambda: reworded("still", started_at="2026-03-04T08:59:58Z"),
    "job.frozen-once-ended": lambda: reworded("late", result={"size": 4}),
    "job.owner-is-constant": lambda: reworded("still", owner="eve"),
    "job.created-at-is-constant": lambda: reworded("still", created_at=moment(1)),
    "job.worker-id-is-set-once": lambda: reworded("still", worker={"id": "w2"}),
    "job.progress-never-decreases": lambda: reworded("still", progress=19.9),
    "job.updated-at-never-decreases": lambda: reworded("still", updated_at=moment(2.9)),
    "job.log-only-grows": lambda: reworded("still", log="began\n"),
    "job.attempts-only-grows": lambda: reworded("still", attempts=[]),
    "job.begins-initial": lambda: reworded("start", "queued", status="running"),
    "job.id-matches-path": lambda: reworded("still", id=STRANGER),
    "job.stays-readable": lambda: altered("late", status=404, body={"code": "none"}),
    "step.terminal-is-final": lambda: reworded(
        "still", steps=[step(1, "working", output="x"), step(2, "working")]
    ),
    "step.states-move-forward": lambda: reworded(
        "still", steps=[RUNNING["steps"][0], step(2, "waiting")]
    ),
    "step.frozen-once-ended": lambda: reworded(
        "still", steps=[step(1, "finished", output="y"), step(2, "working")]
    ),
    "step.name-is-constant": lambda: reworded(
        "still", steps=[RUNNING["steps"][0], step(2, "working", name="two")]
    ),
    "step.ends-with-run": lambda: reworded(
        "done", "noted", "late", steps=[*DONE["steps"][:2], step(2, "working")]
    ),
    "step.end-agrees-with-run": lambda: reworded(
        "done", "noted", "late", steps=[*DONE["steps"][:2], step(2, "broken")]
    ),
    "step.never-vanishes": lambda: reworded("still", steps=[step(2, "working")]),
    "cell.terminal-is-final": lambda: reworded(
        "still", cells={**RUNNING["cells"], "a": cell("computing", 1)}
    ),
    "cell.states-move-forward": lambda: reworded(
        "still", cells={**RUNNING["cells"], "b": cell("empty")}
    ),
    "cell.frozen-once-ended": lambda: reworded(
        "still", cells={**RUNNING["cells"], "a": cell("filled", 1, unit="ft")}
    ),
    "cell.value-is-set-once": lambda: reworded(
        "still", cells={**RUNNING["cells"], "b": cell("computing", 7)}
    ),
    "cell.ends-with-run": lambda: reworded(
        "done", "noted", "late", cells={**DONE["cells"], "b": cell("computing")}
    ),
    "cell.never-vanishes": lambda: reworded("still", cells={"b": cell("computing")}),
}
"""How to break each rule, and no other."""


def test_every_rule_is_broken_by_one_row() -> None:
    assert {f"jobs.{name}" for name in BREAKS} == {
        rule.id for rule in lifecycle_rules(ALL_RULES.spec)
    }


@pytest.mark.parametrize("name", BREAKS)
def test_holds_where_it_is_kept(name: str) -> None:
    report = judge(conforming(), ALL_RULES)
    (result,) = (result for result in report.results if result.rule == f"jobs.{name}")
    assert result.verdict is Verdict.HOLDS
    assert result.witnesses > 0


@pytest.mark.parametrize("name", BREAKS)
def test_is_caught_where_it_is_broken(name: str) -> None:
    assert violations(BREAKS[name]()) == {f"jobs.{name}"}


@pytest.mark.parametrize("name", BREAKS)
def test_evidence_shows_the_violation_by_itself(name: str) -> None:
    report = judge(BREAKS[name](), ALL_RULES)
    (result,) = report.with_verdict(Verdict.VIOLATED)
    for violation in result.violations:
        assert 1 <= len(violation.exchanges) <= 2
        assert violations(History(exchanges=violation.exchanges)) == {f"jobs.{name}"}


QUEUED = {name: CONFORMING["queued"].body[name] for name in ("steps", "cells")}


def _with(**members: Any) -> dict[str, Any]:
    return job("running", **{**RUNNING, **members})


def _failed(second: float, **members: Any) -> dict[str, Any]:
    ended: dict[str, Any] = {"updated_at": moment(second), "ended_at": moment(second)}
    return job("failed", **{**RUNNING, **ended, **members})


INNOCENT: dict[str, Callable[[], History]] = {
    "nothing at all": lambda: history([]),
    "one look": lambda: history([look(1, job("done", **DONE))]),
    "states are skipped": lambda: without("queued", "running", "still"),
    "ends at once": lambda: history([look(0, job("rejected")), look(1, job("rejected"))]),
    "an unknown status between": lambda: reworded("still", status="hibernating"),
    "an unknown status after the end": lambda: reworded("late", status="archived"),
    "unknown statuses of parts": lambda: reworded(
        "still",
        steps=[step(1, "archived", output="x"), step(2, "dreaming")],
        cells={"a": cell("?", 1), "b": cell("?")},
    ),
    "a member that only some answers have": lambda: reworded(
        "still", region="eu", worker={"id": "w1", "zone": "b"}
    ),
    "an answer that leaves steps and cells out": lambda: altered(
        "still", body={k: v for k, v in _with().items() if k not in ("steps", "cells")}
    ),
    "no clock, no log": lambda: altered(
        "still", body={"id": JOB, "status": "running", "owner": "ada"}
    ),
    "a list that is older than the detail": lambda: without(
        young_list=listed(30, item("queued"), worker="main")
    ),
    "a list with the last lines of the log": lambda: without(
        old_list=listed(30, item("running", log="abc"), worker="other"),
        list=listed(40, item("done", log="c"), worker="other"),
    ),
    "another order of the steps": lambda: reworded("still", steps=RUNNING["steps"][::-1]),
    "an overlapping poll that answers first": lambda: without(
        still=look(4.5, job("queued", **QUEUED), took=0.6)
    ),
    "a slow poll, sent before the end and answered after": lambda: without(
        noted=look(20.9, job("running", **RUNNING), took=3), done=look(21, job("done", **DONE))
    ),
    "equal times": lambda: without(
        still=look(5, job("queued", **QUEUED), took=0),
        running=look(5, job("running", **RUNNING), took=0),
    ),
    "another worker's clock is a second behind": lambda: without(
        still=look(21.9, job("running", **RUNNING), took=0.1, worker="other"),
        done=look(21, job("done", **DONE), took=0.0),
    ),
    "the same moment written otherwise": lambda: reworded(
        "still", created_at="2026-03-04T10:00:00+01:00", started_at="2026-03-04t09:00:02z"
    ),
    "a time without its fraction": lambda: without(
        running=look(5, _with(updated_at=moment(4.9))), still=look(8, _with(updated_at=moment(4)))
    ),
    "clocks of two servers that differ by a second": lambda: reworded(
        "still", started_at="2026-03-04T08:59:59.5Z"
    ),
    "a number that is rounded": lambda: without(
        running=look(5, _with(progress=0.1 + 0.2)), still=look(8, _with(progress=0.3))
    ),
    "a worker that was not known at first": lambda: reworded("running", worker={"id": None}),
    "a worker that is left out again": lambda: reworded("still", worker=None),
    "a failed job is run again": lambda: history(
        [
            look(5, _failed(4)),
            look(10, job("retrying", **{**RUNNING, "updated_at": moment(9)})),
            look(20, _failed(19, log="begun\nbegun again\n", result={"size": 1})),
        ]
    ),
    "a failed job is run again unseen": lambda: history(
        [look(5, _failed(4)), look(20, _failed(19, result={"size": 1}))]
    ),
    "a failed job leaves its parts as they were": lambda: history([look(5, _failed(4))]),
    "what may move after the end": lambda: reworded(
        "late", note="better", cells={"a": cell("filled", 1, touched=9), "b": cell("filled", 2)}
    ),
    "forgotten after its time": lambda: without(
        late=refused(3700, "GET", f"/jobs/{JOB}", 404, "none")
    ),
    "forgotten, and it may have ended long before it was seen": lambda: history(
        [look(0, job("done", **DONE)), refused(1000, "GET", f"/jobs/{JOB}", 404, "none")]
    ),
    "not found by another tenant": lambda: altered(
        "late", status=404, body={"code": "none"}, actor="bob"
    ),
    "not found while overloaded": lambda: altered("late", status=503, body={"code": "later"}),
    "asked for in capitals": lambda: altered("still", path=f"/jobs/{JOB.upper()}"),
    "two tenants with the same id": lambda: history(
        [
            *CONFORMING.values(),
            look(700, job("queued", owner="bob"), actor="bob", credentials="unknown"),
        ]
    ),
    "two steps with the same id": lambda: history(
        [
            look(5, _with(steps=[step(1, "finished"), step(1, "waiting", name="x")])),
            look(8, _with(steps=[step(1, "waiting"), step(1, "finished", name="y")])),
        ]
    ),
}
"""What no rule may accuse anybody of."""


@pytest.mark.parametrize("name", INNOCENT)
def test_nobody_is_accused_of(name: str) -> None:
    assert violations(INNOCENT[name]()) == set()


def _lagging(schemas: dict[str, Any]) -> None:
    schemas["Step"]["x-lifecycle"]["lag"] = 60


def _ended_with(at: float, status: str, **members: Any) -> Said:
    steps = [step(3, "skipped"), step(1, "finished", output="x"), step(2, status)]
    return look(at, job("done", **{**DONE, "steps": steps, **members}))


def test_a_step_may_lag_behind_its_run() -> None:
    rulebook = rulebook_of(changed_spec(_lagging))
    lagging = [_ended_with(21, "working"), _ended_with(81, "working"), _ended_with(90, "finished")]
    assert violations(history(lagging), rulebook) == set()
    late = [*lagging[:2], _ended_with(83, "working")]
    assert violations(history(late), rulebook) == {"jobs.step.ends-with-run"}


def test_a_body_freezes_once_the_lag_is_over() -> None:
    rulebook = rulebook_of(changed_spec(_lagging))
    seen = [_ended_with(21, "finished"), _ended_with(90, "finished", result={"size": 9})]
    assert violations(history(seen), rulebook) == set()
    seen.append(_ended_with(95, "finished", result={"size": 10}))
    assert violations(history(seen), rulebook) == {"jobs.job.frozen-once-ended"}


def _retained_since_creation(schemas: dict[str, Any]) -> None:
    schemas["Job"]["x-lifecycle"]["retention"]["since"] = "creation"


def test_retention_since_creation_counts_from_the_start() -> None:
    rulebook = rulebook_of(changed_spec(_retained_since_creation))
    start, running = CONFORMING["start"], CONFORMING["running"]
    soon = refused(3590, "GET", f"/jobs/{JOB}", 404, "none")
    late = refused(3601, "GET", f"/jobs/{JOB}", 404, "none")
    assert violations(history([start, running, soon]), rulebook) == {"jobs.job.stays-readable"}
    assert violations(history([start, running, late]), rulebook) == set()


def test_retention_since_the_end_counts_from_the_last_look_before_it() -> None:
    running = look(3000, job("running", **RUNNING))
    gone = refused(6590, "GET", f"/jobs/{JOB}", 404, "none")
    assert violations(history([running, gone])) == {"jobs.job.stays-readable"}
    assert violations(history([running, evolve(gone, at=6600)])) == set()


def test_a_thing_that_was_deleted_may_be_gone() -> None:
    document = copy.deepcopy(load_yaml(FOLDER / "openapi.yaml"))
    document["paths"]["/jobs/{job-id}"]["delete"] = {
        "operationId": "deleteJob",
        "responses": {"204": {"description": "It is gone."}},
    }
    rulebook = rulebook_of(Spec("jobs", document))
    running, path = look(10, job("running", **RUNNING)), f"/jobs/{JOB}"
    gone = refused(30, "GET", path, 404, "none")
    deleted = Said(20, "DELETE", path, 204, None)
    kept = refused(20, "DELETE", path, 409, "conflict")
    readable = "jobs.job.stays-readable"
    assert readable not in violations(history([running, deleted, gone]), rulebook)
    assert readable in violations(history([running, kept, gone]), rulebook)
    assert readable in violations(history([running, evolve(gone, at=15), deleted]), rulebook)


def _may_vanish(schemas: dict[str, Any]) -> None:
    schemas["Cell"]["x-lifecycle"]["may-vanish"] = True


def test_parts_may_vanish_where_the_lifecycle_lets_them() -> None:
    rulebook = rulebook_of(changed_spec(_may_vanish))
    assert violations(BREAKS["cell.never-vanishes"](), rulebook) == set()


def _grouped(schemas: dict[str, Any]) -> None:
    cells = schemas["Job"]["properties"].pop("cells")
    group = {"type": "object", "properties": {"name": {"type": "string"}, "cells": cells}}
    schemas["Group"] = group
    schemas["Job"]["properties"]["groups"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Group"},
    }


def test_an_index_is_no_identity() -> None:
    rulebook = rulebook_of(changed_spec(_grouped))
    first = {"name": "g", "cells": {"a": cell("filled", 1)}}
    second = {"name": "h", "cells": {"a": cell("empty")}}
    seen = [look(1, job(groups=[first])), look(2, job(groups=[second, first]))]
    assert violations(history(seen), rulebook) == set()


@pytest.mark.parametrize("members", [{"result": {"size": 4}}, {"result": None}])
def test_frozen_bodies_of_reopened_ends_are_free(members: dict[str, Any]) -> None:
    assert violations(history([look(5, _failed(4)), look(20, _failed(4, **members))])) == set()


def test_a_member_that_the_first_look_leaves_out_is_frozen_too() -> None:
    shown = [{}, {"region": "eu"}, {"region": "us"}]
    seen = [look(20 + at, job("done", **DONE, **more)) for at, more in enumerate(shown)]
    assert violations(history(seen[:2])) == set()
    assert violations(history(seen)) == {"jobs.job.frozen-once-ended"}


def test_only_a_certain_order_is_judged() -> None:
    told = [
        look(20, job("done"), took=3),
        look(21, job("running"), took=3, worker="other"),
    ]
    assert violations(history(told)) == {"jobs.job.result-when-done"}
    told.append(look(30, job("running"), worker="other"))
    assert violations(history(told)) == {"jobs.job.result-when-done", "jobs.job.terminal-is-final"}


@pytest.mark.parametrize(
    ("member", "name"),
    [("created_at", "created-at"), ("/log/parsed_log", "log-parsed-log"), ("/a~1b/c", "a/b-c")],
)
def test_slug(member: str, name: str) -> None:
    assert slug(member) == name
