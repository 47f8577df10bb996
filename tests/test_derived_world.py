"""The emulator of an API of which nothing is known but its spec."""

import copy
import random
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from atelier import (
    BOOK,
    PATH,
    SCENE,
    SPEC,
    follow,
    places,
    start_job,
    tour,
    verdicts,
    violated,
    visit,
)
from runwright.contract import read_contract
from runwright.emulator.call import Call, Reply
from runwright.emulator.clock import ManualClock
from runwright.emulator.derived.world import DerivedWorld, Run
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.emulator.world import WorldError
from runwright.report import Verdict
from runwright.spec import Operation, Spec, apis, load_spec, load_yaml, specs_folder
from runwright.suite.audit import run_suite
from runwright.suite.lives import unknown_id
from runwright.suite.profile import QUICK
from runwright.suite.target import emulated
from runwright.validation import JSON, whole_of
from visitor import Visitor


@pytest.fixture(scope="module")
def seen() -> Visitor:
    return tour()


def test_an_honest_world_keeps_every_promise(seen: Visitor) -> None:
    report = verdicts(seen)
    assert violated(report) == set()
    assert report.with_verdict(Verdict.UNKNOWN) == ()


def test_things_come_to_every_end_through_every_state(seen: Visitor) -> None:
    shown: dict[str, set[str | None]] = {"getJob": set(), "getExport": set()}
    for exchange in seen.exchanges:
        match = SPEC.match(exchange.method, exchange.url)
        if match and match.operation.id in shown and exchange.succeeded:
            lifecycle = SPEC.lifecycles[SPEC.polls[match.operation.id]]
            shown[match.operation.id].add(lifecycle.status_of(exchange.body))
    assert shown["getJob"] == set(SPEC.lifecycles["Job"].states)
    assert shown["getExport"] == set(SPEC.lifecycles["Export"].states)


def test_bodies_keep_the_schema_with_its_rules(seen: Visitor) -> None:
    fits = {name: whole_of(SPEC, name) for name in ("Job", "JobPage", "Export", "Problem")}
    counted = dict.fromkeys(fits, 0)
    for exchange in seen.exchanges:
        match = SPEC.match(exchange.method, exchange.url)
        name = SPEC.answer_schema(match.operation) if match and exchange.succeeded else "Problem"
        if name in fits and exchange.response.content:
            assert list(fits[name].errors(exchange.body)) == [], exchange
            counted[name] += 1
    assert min(counted.values()) > 0


def test_equal_seeds_make_equal_worlds_and_others_do_not() -> None:
    def told(seed: int) -> list[Any]:
        visitor = visit(seed=seed)
        return [
            look.body for _ in range(3) for look in follow(visitor, "getJob", start_job(visitor))
        ]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_what_was_said_is_shown_and_times_are_those_of_the_clock() -> None:
    visitor = visit()
    answer = visitor.call("startJob", places(visitor), body=SCENE)
    assert answer.body["sceneName"] == SCENE["sceneName"]
    assert answer.body["createdAt"].startswith("2026-01-05T09:00:00")
    address = places(visitor, jobId=answer.body["jobId"])
    assert answer.response.header("location") == (
        f"http://emulator.test/api/v3/projects/{address['projectId']}/jobs/{address['jobId']}"
    )
    ticket = visitor.call("startExport", places(visitor), body={"fileFormat": "tar"})
    export = visitor.call("getExport", places(visitor, exportId=ticket.body["exportId"])).body
    assert export["fileFormat"] == "tar"
    assert export["begun"] == int(visitor.clock.now())


def test_parts_move_with_their_run(seen: Visitor) -> None:
    visitor = visit()
    looks = follow(visitor, "getJob", start_job(visitor))
    stages = [tuple(shot["stage"] for shot in look.body["shots"]) for look in looks]
    assert stages[0] == ("toDo", "toDo")
    assert stages[-1] == ("done", "done")
    assert len(set(stages)) > 2


def test_a_cancel_stops_a_thing_and_comes_too_late_for_what_has_ended() -> None:
    visitor = visit()
    waiting = start_job(visitor)
    assert visitor.call("stopJob", waiting).status == 202
    assert visitor.call("getJob", waiting).body["state"]["phase"] == "stopped"
    working = start_job(visitor)
    looks = iter(range(100))
    while visitor.call("getJob", working).body["state"]["phase"] != "rendering":
        visitor.clock.advance(0.02 if next(looks) < 99 else 1 / 0)
    visitor.call("stopJob", working)
    assert visitor.call("getJob", working).body["state"]["phase"] == "stopping"
    last = follow(visitor, "getJob", working)[-1].body
    assert last["state"]["phase"] == "stopped"
    assert {shot["stage"] for shot in last["shots"]} <= {"done", "dropped"}
    refused = visitor.call("stopJob", working)
    assert (refused.status, refused.body["httpStatus"]) == (409, 409)
    assert refused.response.media_type == "application/problem+json"


def test_lists_have_pages_and_filters() -> None:
    visitor = visit()
    jobs = [start_job(visitor)["jobId"] for _ in range(5)]
    first = visitor.call("listJobs", places(visitor, pageSize=2)).body
    assert [item["jobId"] for item in first["jobs"]] == [int(jobs[4]), int(jobs[3])]
    assert first["totalCount"] == 5
    second = visitor.send("GET", first["next"].removeprefix("http://emulator.test")).body
    assert [item["jobId"] for item in second["jobs"]] == [int(jobs[2]), int(jobs[1])]
    last = visitor.call("listJobs", places(visitor, pageSize=2, page=3)).body
    assert (len(last["jobs"]), last["next"]) == (1, None)
    visitor.call("stopJob", places(visitor, jobId=jobs[0]))
    stopped = visitor.call("listJobs", places(visitor, phase="stopped")).body
    assert [item["jobId"] for item in stopped["jobs"]] == [int(jobs[0])]


def test_tenants_have_projects_of_their_own() -> None:
    visitor = visit()
    address = start_job(visitor)
    mine, other = (visitor.world.parameters(t)["projectId"] for t in (ALICE, BOB))
    assert mine != other
    assert visitor.call("listProjects", tenant=BOB).body["projects"][0]["projectId"] == int(other)
    for tenant, project in ((BOB, mine), (BOB, other), (ALICE, other)):
        found = visitor.call("getJob", {**address, "projectId": project}, tenant=tenant)
        assert found.status == 404
    assert visitor.call("listPictures", address).status == 200
    assert visitor.call("listPictures", {**address, "jobId": "5"}).status == 404
    assert visitor.call("getExport", places(visitor, exportId=address["jobId"])).status == 404


def test_two_kinds_of_things_with_one_id_are_told_apart() -> None:
    visitor = visit()
    ticket = visitor.call("startExport", places(visitor), body={"fileFormat": "zip"}).body
    address = places(visitor, exportId=ticket["exportId"], jobId=ticket["exportId"])
    assert visitor.call("getExport", address).status == 200
    assert visitor.call("getJob", address).status == 404
    assert start_job(visitor)["jobId"] == address["exportId"]
    foreign = dict(visitor.world.parameters(BOB))
    other = visitor.call("startJob", foreign, body=SCENE, tenant=BOB).body["jobId"]
    for _ in range(2):
        start_job(visitor)
        visitor.call("startExport", places(visitor), body={"fileFormat": "zip"})
    own = {**foreign, "jobId": str(other)}
    assert visitor.call("getJob", own, tenant=BOB).status == 200
    assert violated(verdicts(visitor)) == set()


def test_an_id_that_nothing_has_is_far_from_those_that_are_given_away() -> None:
    for like in ("1", "42", "1001", "999999999"):
        strange = int(unknown_id(like, random.Random(7)))
        assert strange - int(like) > 10**8
        assert strange < 2**31


@pytest.mark.parametrize("api", apis())
def test_the_project_s_own_specs_make_worlds_that_conform(api: str, tmp_path: Path) -> None:
    path = tmp_path / api / "openapi.yaml"
    path.parent.mkdir()
    shutil.copy(specs_folder() / api / "openapi.yaml", path)
    book = read_contract(path)
    assert not book.spec.is_ours
    assert len(book.entries) > 20
    report = run_suite(book, profile=QUICK).report
    assert violated(report) == set()
    held = {result.rule for result in report.with_verdict(Verdict.HOLDS)}
    for schema in load_spec(api).polls.values():
        thing = load_spec(api).lifecycles[schema].thing
        assert {f"{api}.{thing}.terminal-is-final", f"{api}.{thing}.states-move-forward"} <= held


# ---- other kinds of APIs ---------------------------------------------------------------------


def changed(change: Callable[[Any], object]) -> Spec:
    document = copy.deepcopy(load_yaml(PATH))
    change(document)
    return Spec("atelier", document, PATH)


def first_job(spec: Spec) -> Any:
    visitor = Visitor(DerivedWorld(spec, clock=ManualClock()), ManualClock())
    return visitor.call("startJob", places(visitor), body=SCENE).body["jobId"]


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "string", "format": "uuid"}, r"[0-9a-f]{8}-[0-9a-f]{4}-4.*"),
        ({"type": "string", "pattern": "^job_[0-9A-F]{6}$"}, r"job_[0-9A-F]{6}"),
        ({"type": "string", "maxLength": 9}, r"\w{9}"),
        ({"type": "integer", "minimum": 70000}, r"7000\d"),
    ],
)
def test_ids_are_as_the_schema_says(schema: dict[str, Any], form: str) -> None:
    def change(document: Any) -> None:
        schemas = document["components"]["schemas"]
        for name in ("Job", "JobItem"):
            schemas[name]["properties"]["jobId"] = schema
        document["components"]["parameters"]["JobId"]["schema"] = schema
        for example in document["components"]["examples"].values():
            example["value"]["jobId"] = "job_12AB34" if "pattern" in schema else "x"

    assert re.fullmatch(form, str(first_job(changed(change))))


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "apiKey", "in": "query", "name": "key"},
        {"type": "apiKey", "in": "cookie", "name": "sid"},
        {"type": "http", "scheme": "bearer"},
        {"type": "oauth2", "flows": {}},
    ],
    ids=["query", "cookie", "bearer", "oauth2"],
)
def test_credentials_are_where_the_spec_has_them(scheme: dict[str, Any], tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["components"]["securitySchemes"]["studioKey"] = scheme

    path = tmp_path / "atelier" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(dict(changed(change).document)), encoding="utf-8")
    report = run_suite(read_contract(path), profile=QUICK).report
    assert violated(report) == set()
    held = {result.rule for result in report.with_verdict(Verdict.HOLDS)}
    assert "atelier.security.missing-credentials-are-refused" in held
    assert "atelier.security.wrong-credentials-are-refused" in held


def test_what_no_example_shows_and_chance_does_not_make_is_named() -> None:
    def change(document: Any) -> None:
        export = document["components"]["schemas"]["Export"]
        export["properties"]["fileUrl"]["pattern"] = "^ftp://only-here/.*$"
        export["required"].append("fileUrl")

    with pytest.raises(WorldError, match=r"no Export in the state planned could be made"):
        DerivedWorld(changed(change), clock=ManualClock())


# ---- mutants ---------------------------------------------------------------------------------


class Mutant(DerivedWorld):
    """A world that shows jobs, or exports, other than they are."""

    schema = "Job"

    def render(self, run: Run, schema: str, now: float) -> dict[str, JSON]:
        body = super().render(run, schema, now)
        if schema == self.schema:
            self.spoil(body, run, now)
        return body

    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        raise NotImplementedError

    def is_over(self, run: Run, now: float, *, since: float = 0.0) -> bool:
        ended = run.life.ended(now)
        return ended is not None and now >= ended + since


class EndMoves(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now, since=3) and run.life.script.last == "rendered":
            body["state"]["phase"] = "broken"
            body["reason"] = "late"


class GoesBack(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if body["state"]["phase"] == "rendering" and int(now - run.life.created) % 2:
            body["state"]["phase"] = "waiting"


class PartVanishes(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now):
            body["shots"].pop()


class PartOutlivesItsRun(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now):
            body["shots"][-1]["stage"] = "drawing"


class PartIsGivenUp(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if body["state"]["phase"] == "rendered":
            body["shots"][-1]["stage"] = "dropped"


class ConstantChanges(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now):
            body["createdAt"] = "2026-01-01T00:00:00Z"


class SetTwice(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now) and body["state"].get("machineName"):
            body["state"]["machineName"] = "m-99"


class FallsBack(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now):
            body["percentDone"] = 1


class LogIsCut(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if self.is_over(run, now):
            body["logLines"] = body["logLines"][1:]


class AnswersForAnother(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        body["jobId"] += 1


class BeginsAtWork(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        body["state"]["phase"] = "rendering" if now == run.life.created else body["state"]["phase"]


class ClockIsWrong(Mutant):
    schema = "Export"

    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        if "finished" in body:
            body["finished"] = body["begun"] - 60


class GivesNoReason(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        body.pop("reason", None)


class LacksAMember(Mutant):
    def spoil(self, body: dict[str, Any], run: Run, now: float) -> None:
        del body["percentDone"]


class Forgets(DerivedWorld):
    def find_run(self, call: Call) -> Run:
        run = super().find_run(call)
        if run.thing == "export" and run.life.ended(call.now):
            self.store.remove(call.tenant.name, run.id)
        return run


class LetsAnybodyIn(DerivedWorld):
    def authorize(self, operation: Operation, headers: Any) -> Tenant:
        return BOB if headers.get("x-studio-key") == BOB.token else ALICE


class StartsWhatever(DerivedWorld):
    def finish(self, reply: Reply, call: Call | None) -> Reply:
        return Reply(201, {"jobId": 1}) if reply.status == 400 else reply


class ObeysReaders(DerivedWorld):
    """The router looks at paths alone; `obeyed` is what it does for whoever reads."""

    obeyed = "stopJob"

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        writes = [name for name, found in offered.items() if found.id == self.obeyed]
        return writes[0] if writes and method not in offered else method


class StartsForReaders(ObeysReaders):
    obeyed = "startExport"


MUTANTS: dict[type[DerivedWorld], str] = {
    EndMoves: "job.terminal-is-final",
    GoesBack: "job.states-move-forward",
    PartVanishes: "shot.never-vanishes",
    PartOutlivesItsRun: "shot.ends-with-run",
    PartIsGivenUp: "shot.end-agrees-with-run",
    ConstantChanges: "job.created-at-is-constant",
    SetTwice: "job.state-machine-name-is-set-once",
    FallsBack: "job.percent-done-never-decreases",
    LogIsCut: "job.log-lines-only-grows",
    AnswersForAnother: "job.id-matches-path",
    BeginsAtWork: "job.begins-initial",
    ClockIsWrong: "export.clock-is-ordered",
    GivesNoReason: "job.reason-when-broken",
    LacksAMember: "protocol.body-matches-schema",
    Forgets: "export.stays-readable",
    LetsAnybodyIn: "security.missing-credentials-are-refused",
    StartsWhatever: "protocol.malformed-input-is-refused",
    ObeysReaders: "protocol.safe-methods-change-nothing",
    StartsForReaders: "protocol.safe-methods-change-nothing",
}


@pytest.mark.parametrize("world", MUTANTS, ids=lambda world: world.__name__)
def test_a_fault_is_found(world: type[DerivedWorld]) -> None:
    assert f"atelier.{MUTANTS[world]}" in violated(verdicts(tour(world)))


@pytest.mark.parametrize(
    "world",
    [EndMoves, PartVanishes, ClockIsWrong, ObeysReaders, StartsForReaders],
    ids=lambda world: world.__name__,
)
def test_the_suite_finds_a_fault(world: type[DerivedWorld]) -> None:
    with emulated(SPEC, profile=QUICK, world=world) as target:
        report = run_suite(BOOK, target=target, profile=QUICK).report
    assert f"atelier.{MUTANTS[world]}" in violated(report)
    assert not report.conforms()
