"""What is seen of each run: calls, looks, traces through windows, and parts."""

from typing import Any

import pytest
from attrs import evolve
from jobs import (
    BASE,
    CONFORMING,
    DONE,
    JOB,
    NOBODY,
    RUNNING,
    SPEC,
    Said,
    cell,
    changed_spec,
    conforming,
    history,
    item,
    job,
    listed,
    look,
    step,
)
from runwright.history import History
from runwright.look import Look, identity
from runwright.part import parts_in, parts_of
from runwright.spec import Spec
from runwright.trace import Call, Observation, Trace


def observed(*said: Said, spec: Spec = SPEC) -> Observation:
    return Observation(spec, history(said))


def only_look(body: Any, spec: Spec = SPEC) -> Look:
    """Return the look at one body that a poll answered."""
    (trace,) = observed(look(1, body), spec=spec).traces
    return trace.looks[0]


def parts(body: Any, spec: Spec = SPEC) -> dict[str | None, str]:
    """Return where the parts of a body stand, by identity."""
    return {key: part.pointer for key, part in parts_in(only_look(body, spec), spec)}


# Calls


def test_a_call_knows_its_operation_and_parameters() -> None:
    exchange = conforming().exchanges[1]
    observation = Observation(SPEC, History(exchanges=(exchange,)))
    (call,) = observation.calls
    assert call.calls("cancelJob", "getJob")
    assert not call.calls("cancelJob")
    assert call.parameter("job-id") == JOB
    assert call.parameter("page") is None


def test_query_parameters_are_decoded() -> None:
    said = evolve(CONFORMING["list"], path="/jobs?owner=a%20b&page=&owner=c")
    (call,) = observed(said).calls
    assert call.query == (("owner", "a b"), ("page", ""), ("owner", "c"))
    assert call.parameter("owner") == "a b"
    assert call.parameter("page") == ""


def test_a_call_outside_the_spec_has_no_operation() -> None:
    (call,) = observed(evolve(CONFORMING["list"], path="/elsewhere")).calls
    assert call.operation is None
    assert not call.calls("listJobs")


# Traces


def _windows(observation: Observation) -> dict[tuple[str, str, str | None], int]:
    return {(t.key, t.window, t.actor): len(t.looks) for t in observation.traces}


def test_each_list_is_a_window_of_its_own() -> None:
    observation = Observation(SPEC, conforming())
    assert _windows(observation) == {(JOB, "", "ada"): 7, (JOB, "listJobs/items/*", "ada"): 3}
    whole = observation.trace(JOB)
    assert whole is not None
    assert whole.is_whole
    assert whole.thing == "job"
    assert [look.status for look in whole.looks[:3]] == ["queued", "queued", "running"]
    shown = observation.trace(JOB, "listJobs/items/*")
    assert shown is not None
    assert not shown.is_whole
    assert [look.pointer for look in shown.looks] == ["/items/0"] * 3


def test_two_tenants_do_not_share_a_trace() -> None:
    seen = observed(look(1, job()), look(2, job(), actor="bob"), look(3, job()))
    assert _windows(seen) == {(JOB, "", "ada"): 2, (JOB, "", "bob"): 1}
    first = seen.trace(JOB)
    assert first is not None
    assert first.actor == "ada"


def test_calls_about_a_run_belong_to_its_trace_whatever_they_were_answered() -> None:
    trace = Observation(SPEC, conforming()).trace(JOB)
    assert trace is not None
    assert [call.exchange.status for call in trace.polls] == [200] * 6
    gone = observed(look(1, job()), evolve(CONFORMING["foreign"], at=2, actor="ada")).trace(JOB)
    assert gone is not None
    assert [call.exchange.status for call in gone.polls] == [200, 404]


def test_a_run_inside_an_envelope_is_seen() -> None:
    latest = Said(1, "GET", "/jobs/latest", 200, {"job": item("queued")})
    none = Said(2, "GET", "/jobs/latest", 200, {"job": None})
    assert _windows(observed(latest, none)) == {(JOB, "getLatestJob/job", "ada"): 1}


@pytest.mark.parametrize("body", [[], "queued", None, {"id": JOB}, {"id": {"x": 1}}, b"<p>"])
def test_an_answer_of_another_shape_does_no_harm(body: Any) -> None:
    seen = (
        observed(look(1, body), listed(2), evolve(listed(3), body={"items": [body, 7]}))
        if not (isinstance(body, bytes))
        else observed(look(1, body))
    )
    for trace in seen.traces:
        assert trace.key == JOB
        assert trace.looks[0].status is None
    assert seen.strands("step") == ()


@pytest.mark.parametrize(
    ("key", "name"), [("a", "a"), (7, "7"), (True, None), (None, None), (1.5, None), ([], None)]
)
def test_an_identity_is_text_or_a_whole_number(key: Any, name: str | None) -> None:
    assert identity({"id": key}, SPEC.lifecycles["Job"]) == name
    assert identity([key], SPEC.lifecycles["Job"]) is None


def test_looks_at_a_schema_are_found_wherever_it_stands() -> None:
    observation = Observation(SPEC, conforming())
    assert len(list(observation.looks("Job"))) == 7
    assert [found.pointer for found in observation.looks("Step")][:3] == [
        "/steps/0",
        "/steps/0",
        "/steps/1",
    ]
    assert {found.body["code"] for found in observation.looks("Problem")} >= {"none", "over"}


def test_a_look_is_terminal_if_its_status_is_a_known_end() -> None:
    assert only_look(job("done", **DONE)).is_terminal
    assert only_look(job("failed")).is_terminal
    assert not only_look(job("running")).is_terminal
    assert not only_look(job("archived")).is_terminal
    problem = Observation(SPEC, conforming()).looks("Problem")[0]
    assert problem.status is None
    assert not problem.is_terminal


# Parts


def test_a_part_is_known_by_its_key_or_its_place() -> None:
    body = job(steps=[step(2, "working"), step(1, "waiting")], cells={"a/b": cell("empty")})
    assert parts(body) == {
        "step:/2": "/steps/0",
        "step:/1": "/steps/1",
        "cell:/cells/a~1b": "/cells/a~1b",
    }


def test_a_part_without_its_key_is_nobody() -> None:
    assert parts(job(steps=[{"name": "x"}])) == {None: "/steps/0"}
    assert list(parts_of(only_look(job(steps=[{"name": "x"}, 5, None])), SPEC)) == []


def test_parts_that_cannot_be_told_apart_are_left_out() -> None:
    body = job(steps=[step(1, "waiting"), step(1, "working"), step(2, "waiting")])
    found = only_look(body)
    assert [key for key, _ in parts_of(found, SPEC)] == ["step:/2"]
    assert len(list(parts_in(found, SPEC))) == 3


def _stages(schemas: dict[str, Any]) -> None:
    """Put the steps into stages, which are things of their own, with a key."""
    steps = schemas["Job"]["properties"].pop("steps")
    lifecycle = {**schemas["Cell"]["x-lifecycle"], "thing": "stage", "key": "name"}
    schemas["Stage"] = {"type": "object", "x-lifecycle": lifecycle, "properties": {"steps": steps}}
    schemas["Job"]["properties"]["stages"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Stage"},
    }


def test_what_a_part_stands_in_belongs_to_its_identity() -> None:
    spec = changed_spec(_stages)
    stages = [{"name": name, "steps": [step(1, "waiting")]} for name in ("x", "y")]
    assert set(parts(job(stages=stages), spec)) == {
        "stage:/x",
        "stage:/y",
        "step:/x/1",
        "step:/y/1",
    }


def _rows(schemas: dict[str, Any]) -> None:
    """Put the cells into rows that have no key."""
    cells = schemas["Job"]["properties"].pop("cells")
    schemas["Job"]["properties"]["rows"] = {
        "type": "array",
        "items": {"type": "object", "properties": {"cells": cells}},
    }


def test_an_index_identifies_nothing() -> None:
    rows = [{"cells": {"a": cell("empty")}}, {"cells": {"b": cell("empty")}}]
    assert set(parts(job(rows=rows), changed_spec(_rows))) == {None}


def _single(schemas: dict[str, Any]) -> None:
    """Keep one cell in a member of the job."""
    del schemas["Job"]["properties"]["cells"]
    schemas["Job"]["properties"]["total"] = {"$ref": "#/components/schemas/Cell"}


def test_a_member_identifies_the_part_that_it_holds() -> None:
    spec = changed_spec(_single)
    assert parts(job(total=cell("empty")), spec) == {"cell:/total": "/total"}


def test_strands_follow_parts_through_one_window() -> None:
    observation = Observation(SPEC, conforming())
    followed = [[part.status for part in strand] for strand in observation.strands("step")]
    assert followed == [
        ["waiting", "finished", "finished"],
        ["working", "working", "finished", "finished"],
        ["skipped", "skipped"],
    ]
    assert observation.strands("nothing") == ()


def test_the_middle_of_what_stays_the_same_is_left_out_of_a_strand() -> None:
    same = [look(at, job("running", **RUNNING)) for at in range(10)]
    (first, *_) = observed(*same).strands("step")
    assert [part.exchange.seq for part in first] == [0, 9]


def test_polls_are_found_by_the_id_that_they_ask_for() -> None:
    polls = Observation(SPEC, conforming()).polls
    assert set(polls) == {JOB, NOBODY, "42 or so"}
    assert all(isinstance(call, Call) for calls in polls.values() for call in calls)


def test_a_url_of_another_server_is_matched_all_the_same() -> None:
    said = look(1, job())
    exchange = evolve(
        said.numbered(0), url=said.numbered(0).url.replace(BASE, "http://127.0.0.1:9999")
    )
    observation = Observation(SPEC, History(exchanges=(exchange,)))
    trace = observation.trace(JOB)
    assert isinstance(trace, Trace)
    assert trace.lifecycle.thing == "job"
