"""The emulators of both generations of Pipe0: what only they do."""

import time
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runwright.emulator.server import Emulator, running
from runwright.emulator.tenants import ALICE, BOB
from runwright.history import Exchange
from runwright.numeral import text_of
from visitor import Visitor, visit

WORK_EMAIL = "person:workemail:waterfall@1"
PROFILE = "person:profile:waterfall@1"
ROWS = [
    {"id": 7, "name": "Bo Sample", "company_domain": "sample.org"},
    {"id": 2, "name": "Ada Example", "company_domain": "example.com"},
]
REQUEST = {"pipes": [{"pipe_id": WORK_EMAIL}], "input": ROWS}


def start(visitor: Visitor, **changes: Any) -> Any:
    """Start a run and return its body."""
    return visitor.call("runPipes", body={**REQUEST, **changes}).body


def check(visitor: Visitor, run: Any, **how: Any) -> Exchange:
    return visitor.call("checkPipesRun", {"run_id": run["id"]}, **how)


def ended(visitor: Visitor, **changes: Any) -> Any:
    """Start runs until one completes, and return its last body."""
    for _ in range(9):
        run = start(visitor, **changes)
        visitor.clock.advance(400)
        body = check(visitor, run).body
        if body["status"] == "completed":
            return body
    raise AssertionError("no run has completed")


def fields(body: Any, name: str) -> list[Any]:
    return [body["records"][text_of(key)]["fields"][name] for key in body["order"]]


# ---- over HTTP -------------------------------------------------------------------------------


def client(emulator: Emulator, tenant: str = "alice") -> httpx.Client:
    headers = {"authorization": f"Bearer {emulator.credentials[tenant]}"}
    return httpx.Client(base_url=emulator.url, headers=headers, timeout=20)


def test_runs_move_by_the_clock_of_a_real_server() -> None:
    with running("pipe0", speed=20) as emulator, client(emulator) as alice:
        runs = [alice.post("/v1/pipes/run", json=REQUEST).json() for _ in range(7)]
        seen: dict[str, list[str]] = {run["id"]: [run["status"]] for run in runs}
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and any(
            statuses[-1] in ("pending", "processing") for statuses in seen.values()
        ):
            for run, statuses in seen.items():
                statuses.append(alice.get(f"/v1/pipes/check/{run}").json()["status"])
    ways = {tuple(dict.fromkeys(statuses)) for statuses in seen.values()}
    # On a busy machine a poll may come too late for a state, never for an end.
    assert all(way[-1] in ("completed", "failed") for way in ways)
    assert any(way[:2] == ("pending", "processing") for way in ways)
    assert ("failed",) in ways
    assert {way[-1] for way in ways if len(way) > 1} == {"completed", "failed"}


def test_a_synchronous_run_waits_for_the_end() -> None:
    with running("pipe0", speed=60) as emulator, client(emulator) as alice:
        answer = alice.post("/v1/pipes/run/sync", json=REQUEST)
        again = alice.get(f"/v1/pipes/check/{answer.json()['id']}")
    assert answer.json()["status"] in ("completed", "failed")
    assert again.json() == answer.json()


def test_tenants_do_not_see_each_other() -> None:
    with running("pipe0") as emulator, client(emulator) as alice, client(emulator, "bob") as bob:
        run = alice.post("/v1/pipes/run", json=REQUEST).json()["id"]
        foreign = bob.get(f"/v1/pipes/check/{run}")
        unknown = bob.get("/v1/pipes/check/nothing")
        canceled = bob.post(f"/v1/pipes/cancel/{run}")
        mine = alice.get(f"/v1/pipes/check/{run}")
    assert mine.status_code == 200
    assert foreign.status_code == unknown.status_code == canceled.status_code == 404
    assert foreign.content == unknown.content == canceled.content


# ---- the life of a run -----------------------------------------------------------------------


def test_a_run_of_few_rows_lasts_seconds() -> None:
    visitor = visit("pipe0")
    for _ in range(14):
        visitor.call("runPipes", body=REQUEST)
    for run in visitor.world.store.oldest_first("alice", visitor.clock.now()):
        assert run.script.end - run.created <= 20


def test_a_pending_run_can_be_canceled_and_no_other() -> None:
    visitor = visit("pipe0")
    runs = [start(visitor) for _ in range(7)]
    pending = next(run for run in runs if check(visitor, run).body["status"] == "pending")
    canceled = visitor.call("cancelPipesRun", {"run_id": pending["id"]})
    assert (canceled.status, canceled.body["status"]) == (200, "canceled")
    visitor.clock.advance(60)
    assert check(visitor, pending).body == canceled.body
    for run in runs:
        before = check(visitor, run).body
        again = visitor.call("cancelPipesRun", {"run_id": run["id"]})
        assert (again.status, again.body["type"]) == (409, "conflict")
        assert check(visitor, run).body == before


def test_a_run_of_many_rows_outlasts_a_synchronous_call() -> None:
    visitor = visit("pipe0")
    rows = [{**ROWS[0], "id": number} for number in range(100)]
    body = {**REQUEST, "input": rows}
    answers = (visitor.call("runPipesSync", body=body) for _ in range(14))
    late = next(answer for answer in answers if answer.status == 408)
    assert late.took == pytest.approx(180, abs=1)
    run = next(word for word in late.body["detail"].split() if len(word) == 24)
    assert check(visitor, {"id": run}).body["status"] == "processing"
    visitor.clock.advance(300)
    assert check(visitor, {"id": run}).body["status"] in ("completed", "failed")


def test_cells_end_in_every_way() -> None:
    visitor = visit("pipe0", reading="current")
    rows = [*ROWS, {"id": 3, "name": "No Domain"}]
    runs = [start(visitor, input=rows) for _ in range(7)]
    visitor.clock.advance(60)
    found = {
        field["status"] for run in runs for field in fields(check(visitor, run).body, "work_email")
    }
    assert {"completed", "no_result", "failed", "skipped"} <= found


def test_cells_of_a_failed_run_stay_as_they_were() -> None:
    visitor = visit("pipe0")
    pipes = [{"pipe_id": WORK_EMAIL}, {"pipe_id": PROFILE}]
    runs = [start(visitor, pipes=pipes) for _ in range(7)]
    visitor.clock.advance(60)
    bodies = [check(visitor, run).body for run in runs]
    failed = [body for body in bodies if body["status"] == "failed"]
    assert all(body["errors"] for body in failed)
    left = {field["status"] for body in failed for field in fields(body, "profile_url")}
    assert left & {"pending", "queued", "processing"}


def test_a_pipe_waits_for_what_it_needs() -> None:
    visitor = visit("pipe0")
    body = {"pipes": [{"pipe_id": PROFILE}, {"pipe_id": WORK_EMAIL}], "input": ROWS}
    runs = [start(visitor, **body) for _ in range(7)]
    for _ in range(40):
        visitor.clock.advance(0.5)
        for run in runs:
            seen = check(visitor, run).body
            pairs = zip(fields(seen, "work_email"), fields(seen, "profile_url"), strict=True)
            for email, profile in pairs:
                if profile["status"] in ("processing", "completed"):
                    assert email["status"] == "completed"


@pytest.mark.parametrize(("reading", "days"), [("seed", 3), ("current", 21)])
def test_a_run_is_kept_for_days(reading: Any, days: int) -> None:
    visitor = visit("pipe0", reading=reading)
    run = start(visitor)
    visitor.clock.advance(days * 86_400 - 60)
    assert check(visitor, run).status == 200
    visitor.clock.advance(120)
    assert check(visitor, run).status == 404


# ---- what the request asks for ---------------------------------------------------------------


def test_the_readings_differ_where_the_docs_do() -> None:
    for reading, wanted, expected in (
        ("seed", {}, True),
        ("current", {}, False),
        ("current", {"field_definitions": {"enabled": True}}, True),
    ):
        run = start(visit("pipe0", reading=reading), config=wanted)  # type: ignore[arg-type]
        assert bool(run["field_definitions"]) is expected
        assert ("is_primary_output" in str(run)) == (reading == "current" and expected)


@pytest.mark.parametrize(("reading", "resolver"), [("seed", None), ("current", "system")])
def test_an_invalid_input_is_put_back(reading: Any, resolver: str | None) -> None:
    run = start(
        visit("pipe0", reading=reading), input=[{**ROWS[0], "work_email": "not an address"}]
    )
    [cell] = fields(run, "work_email")
    assert (cell["status"], cell["value"]) == ("queued", None)
    assert (cell["resolved_by"] or {"ref": None})["ref"] == resolver


def test_a_valid_input_beats_the_pipe_that_claims_it() -> None:
    run = start(visit("pipe0"), input=[{**ROWS[0], "work_email": "bo@sample.org"}])
    [cell] = fields(run, "work_email")
    assert (cell["status"], cell["value"]) == ("completed", "bo@sample.org")
    assert (cell["claimed_by"]["ref"], cell["resolved_by"]["ref"]) == (WORK_EMAIL, "input")


def test_a_field_of_an_earlier_answer_stands_for_its_value() -> None:
    visitor = visit("pipe0")
    cell = fields(ended(visitor), "name")[0]
    assert fields(start(visitor, input=[{**ROWS[1], "name": cell}]), "name")[0] == {
        **cell,
        "value": "Bo Sample",
    }


def test_rows_are_normalized_and_typed_by_column() -> None:
    run = start(visit("pipe0"), input=[{"id": 1, "size": 3}, {"id": 2, "size": "3", "note": None}])
    sizes, notes = fields(run, "size"), fields(run, "note")
    assert [(c["type"], c["status"], c["value"]) for c in sizes] == [
        ("number", "completed", 3),
        ("number", "failed", None),
    ]
    assert sizes[1]["reason"]["code"] == "TypeMismatch"
    assert [(c["type"], c["status"]) for c in notes] == [("unknown", "completed")] * 2


NO_CONNECTION = {"strategy": "first", "connections": []}
WRITES_ID = {"output_fields": {"work_email": {"alias": "id"}}}


@pytest.mark.parametrize(
    ("pipes", "code"),
    [
        ([{"pipe_id": PROFILE}], "RequirementUnmet"),
        ([{"pipe_id": WORK_EMAIL}, {"pipe_id": WORK_EMAIL}], "OutputFieldConflict"),
        ([{"pipe_id": WORK_EMAIL, "config": WRITES_ID}], "OutputFieldConflict"),
        ([{"pipe_id": WORK_EMAIL, "connector": NO_CONNECTION}], "MissingCustomConnections"),
        ([{"pipe_id": WORK_EMAIL, "run_if": "nowhere"}], "ConditionTargetFieldNotFound"),
        ([{"pipe_id": WORK_EMAIL, "run_if": "work_email"}], "CircularDependency"),
    ],
)
def test_a_request_that_cannot_be_run_fails_in_band(pipes: list[Any], code: str) -> None:
    for pipe in pipes:
        if isinstance(pipe.get("run_if"), str):
            condition = {"field_name": pipe["run_if"], "property": "value", "operator": "exists"}
            when = {"logic": "and", "conditions": [condition]}
            pipe["run_if"] = {"action": "run", "when": when}
    visitor = visit("pipe0")
    run = start(visitor, pipes=pipes)
    assert run["status"] == "failed"
    assert [error["code"] for error in run["errors"]] == [code]
    verdict = visitor.call("validatePipes", body={**REQUEST, "pipes": pipes}).body
    assert verdict["valid"] is False
    assert [error["code"] for error in verdict["errors"]] == [code]


def test_a_condition_keeps_a_pipe_from_running() -> None:
    condition = {"field_name": "name", "property": "value", "operator": "eq", "value": "Bo Sample"}
    run_if = {"action": "run", "when": {"logic": "and", "conditions": [condition]}}
    for reading, status in (("seed", "no_result"), ("current", "skipped")):
        visitor = visit("pipe0", reading=reading)  # type: ignore[arg-type]
        body = ended(visitor, pipes=[{"pipe_id": WORK_EMAIL, "run_if": run_if}])
        bo, ada = fields(body, "work_email")
        assert (ada["status"], ada["reason"]["code"]) == (status, "PipeConditionUnmet")
        assert (bo["reason"] or {}).get("code") != "PipeConditionUnmet"


def test_outputs_can_be_renamed_and_turned_off() -> None:
    outputs = {"profile_url": {"alias": "page"}, "is_active": {"enabled": False}}
    rows = [{"id": 1, "mail": "a@b.example"}]
    config = {"output_fields": outputs, "input_fields": {"work_email": {"alias": "mail"}}}
    run = start(visit("pipe0"), pipes=[{"pipe_id": PROFILE, "config": config}], input=rows)
    assert run["records"]["1"]["fields"].keys() == {"id", "mail", "page"}


@pytest.mark.parametrize("ids", [[1, 1], [1, "1"], [1, 1.0], ["a", "a"]])
def test_ids_must_differ_as_keys(ids: list[Any]) -> None:
    answer = visit("pipe0").call(
        "runPipes", body={**REQUEST, "input": [{**ROWS[0], "id": key} for key in ids]}
    )
    assert answer.status == 422


def test_a_row_without_an_id_gets_one() -> None:
    run = start(visit("pipe0"), input=[{"name": "Bo"}, {"name": "Bo"}])
    assert len(set(run["order"])) == 2
    assert all(len(key) == 36 for key in run["order"])


# ---- money and queues ------------------------------------------------------------------------


def test_credits_are_spent_in_production_only() -> None:
    for environment, header, costs in (
        ("production", None, True),
        (None, None, True),
        ("sandbox", None, False),
        (None, "sandbox", False),
        ("production", "sandbox", True),
    ):
        visitor = visit("pipe0")
        config = {} if environment is None else {"environment": environment}
        headers = {} if header is None else {"x-environment": header}
        for _ in range(7):
            visitor.call("runPipes", body={**REQUEST, "config": config}, headers=headers)
        assert "credits" not in visitor.exchanges[-1].body
        visitor.clock.advance(60)
        runs = [check(visitor, e.body).body for e in tuple(visitor.exchanges)]
        spent = sum(run["credits"]["spent"] for run in runs)
        balance = visitor.call("getCreditBalance").body
        assert (spent > 0) is costs
        assert balance == {"balance": 1_000_000 - spent, "purchased_balance": 900_000}


def test_capacity_shrinks_while_records_are_queued() -> None:
    visitor = visit("pipe0")
    rows = [{**ROWS[0], "id": number} for number in range(15)]
    priorities = []
    for _ in range(4):
        head = visitor.call("runPipes", body={**REQUEST, "input": rows}).response
        capacities = [int(head.header(f"x-p{p}-capacity") or "") for p in (1, 2, 3)]
        assert capacities == sorted(capacities)
        priorities.append(head.header("x-task-priority"))
    assert priorities[0] == "1"
    assert "2" in priorities
    visitor.clock.advance(600)
    assert visitor.call("runPipes", body=REQUEST).response.header("x-p1-capacity") == "18"


def test_too_many_requests_in_a_minute_are_refused() -> None:
    visitor = visit("pipe0")
    visitor.clock.reach((visitor.clock.now() // 60 + 1) * 60)
    # Each request takes virtual time, so the first of them are from the minute before.
    answers: list[Exchange] = []
    account = visitor.world.accounts["alice"]  # type: ignore[attr-defined]
    for _ in range(2_000):
        account.count_request(visitor.clock.now())
    answers.append(visitor.call("getCreditBalance"))
    assert (answers[0].status, answers[0].body["type"]) == (429, "org-rate-limited")
    wait = int(answers[0].response.header("retry-after") or "")
    assert 0 < wait <= 60
    assert visitor.call("getCreditBalance", tenant=BOB).status == 200
    visitor.clock.advance(wait)
    assert visitor.call("getCreditBalance", tenant=ALICE).status == 200


def test_widgets_are_shown_on_request_and_follow_the_waterfall() -> None:
    visitor = visit("pipe0")
    runs = [start(visitor, config={"widgets": {"enabled": True}}) for _ in range(7)]
    tried: dict[str, list[str]] = {}
    for _ in range(50):
        visitor.clock.advance(0.4)
        for run in runs:
            for key, cell in enumerate(fields(check(visitor, run).body, "work_email")):
                waterfall = cell["widgets"]["waterfall"]
                names = [attempt["provider"] for attempt in waterfall["attempted_providers"]]
                before = tried.setdefault(f"{run['id']}/{key}", [])
                assert names[: len(before)] == before
                tried[f"{run['id']}/{key}"] = names
                assert names == waterfall["available_providers"][: len(names)]
                done = cell["status"] == "completed"
                assert waterfall["successful_provider"] == (names[-1] if done else None)
    assert any(len(names) > 1 for names in tried.values())
    assert all(cell["widgets"] == {} for cell in fields(start(visitor), "work_email"))


# ---- the older generation --------------------------------------------------------------------


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.permutations(["people:workemail:waterfall@1", "people:profile:waterfall@1", "a:b@1"]))
def test_pipes_come_back_in_the_order_of_processing(pipe_ids: list[str]) -> None:
    visitor = visit("pipe0_pipeline")
    pipes = [{"pipe_id": pipe_id, "config": {"n": 1}} for pipe_id in pipe_ids]
    for _ in range(7):
        run = visitor.call("runPipeline", body={"pipes": pipes, "input": ROWS}).body
        answered = [pipe["pipe_id"] for pipe in run["pipes"]]
        if run["status"] == "failed":
            assert run["pipes"] == pipes
        else:
            assert answered.index(pipe_ids[0]) >= 0
            assert sorted(answered) == sorted(pipe_ids)
            assert answered.index("people:workemail:waterfall@1") < answered.index(
                "people:profile:waterfall@1"
            )


def test_the_older_generation_tells_of_waterfalls_in_meta() -> None:
    visitor = visit("pipe0_pipeline")
    body = {"pipes": [{"pipe_id": "people:workemail:waterfall@1"}], "input": ROWS}
    runs = [visitor.call("runPipeline", body=body).body["id"] for _ in range(7)]
    visitor.clock.advance(60)
    seen = [visitor.call("checkPipeline", {"id": run}).body for run in runs]
    cells = [cell for run in seen for cell in fields(run, "work_email")]
    successes = {cell["meta"]["waterfall"]["successful"] for cell in cells}
    assert successes - {None}
    assert all(cell["ui"] == {"severity": "none"} for cell in cells)
    assert all(field["meta"] is None for run in seen for field in fields(run, "name"))
