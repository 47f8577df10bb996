"""An API that the project has no Python for, and a tour through the world that its spec makes."""

from pathlib import Path
from typing import Any

from runwright.contract import read_contract
from runwright.emulator.clock import ManualClock
from runwright.emulator.derived.world import DerivedWorld
from runwright.emulator.tenants import ALICE, BOB
from runwright.history import MALFORMED_ID, UNKNOWN_ID, Exchange
from runwright.judge import judge
from runwright.report import Report, Verdict
from visitor import STRANGER, Visitor

PATH = Path(__file__).parent / "fixtures" / "atelier" / "openapi.yaml"
BOOK = read_contract(PATH)
SPEC = BOOK.spec
SCENE = {"sceneName": "sunset", "priority": "urgent"}


def visit(world: type[DerivedWorld] = DerivedWorld, *, seed: int = 0) -> Visitor:
    """Return a visitor of a fresh world whose clock only the visitor moves."""
    clock = ManualClock()
    return Visitor(world(SPEC, clock=clock, seed=seed), clock)


def places(visitor: Visitor, **more: Any) -> dict[str, str]:
    """Return Alice's project, and further parameters."""
    return {
        **visitor.world.parameters(ALICE),
        **{name: str(value) for name, value in more.items()},
    }


def start_job(visitor: Visitor) -> dict[str, str]:
    """Start a job of Alice's and return its address."""
    answer = visitor.call("startJob", places(visitor), body=SCENE)
    assert answer.status == 201, answer.response.content
    return places(visitor, jobId=answer.body["jobId"])


def follow(visitor: Visitor, operation: str, address: dict[str, str]) -> tuple[Exchange, ...]:
    """Look at a thing, a second apart, until it has been over for some time."""
    lifecycle = SPEC.lifecycles[SPEC.polls[operation]]
    looks: list[Exchange] = []
    for _ in range(120):
        visitor.clock.advance(1)
        looks.append(visitor.call(operation, address))
        if sum(lifecycle.is_terminal(lifecycle.status_of(look.body)) for look in looks) == 8:
            break
    return tuple(looks)


def tour(world: type[DerivedWorld] = DerivedWorld) -> Visitor:
    """Do what a client does, and what it should not: all kinds of ends, strangers, bad requests."""
    visitor = visit(world)
    for number in range(8):
        address = start_job(visitor)
        if number in (2, 5):
            visitor.clock.advance(5 if number == 5 else 0.2)
            visitor.call("getJob", address)
            visitor.call("stopJob", address)
        follow(visitor, "getJob", address)
        visitor.call("listJobs", places(visitor, pageSize=3))
        visitor.call("getJob", address, tenant=BOB)
        visitor.call("getJob", {**address, "jobId": "987654"}, tenant=BOB, intent=UNKNOWN_ID)
    for _ in range(5):
        ticket = visitor.call("startExport", places(visitor), body={"fileFormat": "tar"})
        follow(visitor, "getExport", places(visitor, exportId=ticket.body["exportId"]))
    visitor.call("getJob", {**address, "jobId": "987654"}, intent=UNKNOWN_ID)
    visitor.call("getJob", address, tenant=None)
    visitor.call("getJob", address, tenant=STRANGER)
    visitor.call("startJob", places(visitor), body={"priority": "whatever"})
    visitor.call("getJob", {**address, "jobId": "not-an-id"}, intent=MALFORMED_ID)
    read_what_is_written(visitor)
    text = {"content-type": "text/plain"}
    visitor.call("startJob", places(visitor), body=SCENE, headers=text)
    visitor.call("listJobs", dict(visitor.world.parameters(BOB)), tenant=BOB)
    visitor.send("DELETE", "/api/v3/projects")
    visitor.call("listProjects")
    return visitor


def read_what_is_written(visitor: Visitor) -> None:
    """Ask by GET for a job to be stopped, and for an export to be started."""
    address = start_job(visitor)
    for operation, method in (("getJob", None), ("stopJob", "GET"), ("getJob", None)):
        visitor.clock.advance(0.01)
        visitor.call(operation, address, method=method)
    order = {"fileFormat": "tar"}
    ticket = visitor.call("startExport", places(visitor), body=order, method="GET")
    if ticket.succeeded:
        visitor.clock.advance(0.01)
        visitor.call("getExport", places(visitor, exportId=ticket.body["exportId"]))


def verdicts(visitor: Visitor) -> Report:
    """Judge what a visitor saw."""
    return judge(visitor.history, BOOK)


def violated(report: Report) -> set[str]:
    """Return the ids of the rules that were broken."""
    assert not report.with_verdict(Verdict.BROKEN)
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED)}
