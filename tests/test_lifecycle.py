"""Lifecycles as they are read from x-lifecycle."""

from typing import Any

import pytest
from jobs import SPEC
from runwright.lifecycle import Lifecycle, LifecycleError, Motion, Outcome, Pace, Retention

JOB = SPEC.lifecycles["Job"]
STEP = SPEC.lifecycles["Step"]


def _keyword(**states: Any) -> dict[str, Any]:
    return {"thing": "job", "status": "status", "initial": ["a"], "states": states}


def test_everything_that_is_declared_is_read() -> None:
    assert JOB.thing == "job"
    assert JOB.key == "id"
    assert JOB.initial == ("queued", "rejected")
    assert JOB.states["failed"].outcome is Outcome.FAILURE
    assert JOB.clock["ended"] == "ended_at"
    assert JOB.motion["/worker/id"] is Motion.SET_ONCE
    assert JOB.after_end == ("note",)
    assert JOB.pace == Pace(1, 5)
    assert JOB.retention == Retention(3600, "end")
    assert not JOB.ends_with_run
    assert STEP.ends_with_run
    assert STEP.ends_with_run_for == ("done",)
    assert STEP.after_end == ()


def test_what_is_not_declared_is_not_promised() -> None:
    lifecycle = Lifecycle.from_keyword(_keyword(a={"to": ["b"]}, b={"outcome": "success"}))
    assert lifecycle.key is None
    assert lifecycle.after_end is None
    assert lifecycle.pace is None
    assert lifecycle.retention is None
    assert lifecycle.lag == 0
    assert not lifecycle.may_vanish


@pytest.mark.parametrize(
    ("earlier", "later", "reachable"),
    [
        ("queued", "queued", True),
        ("queued", "done", True),
        ("paused", "cancelled", True),
        ("running", "queued", False),
        ("failed", "done", True),
        ("done", "failed", False),
    ],
)
def test_reachability_goes_over_any_number_of_edges(
    earlier: str, later: str, reachable: bool
) -> None:
    assert JOB.may_reach(earlier, later) is reachable


def test_an_end_that_a_write_can_reopen_is_terminal_but_not_final() -> None:
    assert JOB.is_terminal("failed")
    assert not JOB.is_final("failed")
    assert JOB.is_terminal("done")
    assert JOB.is_final("done")


@pytest.mark.parametrize("status", ["archived", None, 3, ["done"]])
def test_an_unknown_status_is_neither_known_nor_an_end(status: object) -> None:
    assert not JOB.is_known(status)
    assert not JOB.is_terminal(status)
    assert not JOB.is_final(status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"state": {"type": "working"}}, "working"),
        ({"state": {"type": None}}, None),
        ({"state": "working"}, None),
        ([], None),
        ("working", None),
    ],
)
def test_the_status_is_read_through_a_pointer(body: object, status: str | None) -> None:
    assert STEP.status_of(body) == status


@pytest.mark.parametrize(
    ("keyword", "message"),
    [
        (_keyword(a={"to": ["b"]}), "job: a leads to b, which is not a state"),
        (
            _keyword(a={"to": ["a"], "inferred": ["c"]}),
            "job: a leads to c, which is not a state",
        ),
        (
            _keyword(a={}),
            "job: a has neither `to` nor `outcome`; a waiter could never leave it",
        ),
        (_keyword(b={"outcome": "failure"}), "job: initial state a is not a state"),
    ],
)
def test_a_lifecycle_that_contradicts_itself_is_refused(
    keyword: dict[str, Any], message: str
) -> None:
    with pytest.raises(LifecycleError) as caught:
        Lifecycle.from_keyword(keyword)
    assert str(caught.value) == message
