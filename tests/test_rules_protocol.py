"""The rules of protocol and security, each proved both ways, and the schema's own."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from jobs import (
    ALL_RULES,
    CONFORMING,
    DONE,
    JOB,
    NOBODY,
    RUNNING,
    Said,
    altered,
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
    violations,
    without,
)
from runwright.history import UNKNOWN_ID, History, placeholder
from runwright.judge import judge
from runwright.report import Verdict

HTML = (("content-type", "text/html"),)
ECHO = f'{{"code": "no key is {placeholder("ada")}"}}'.encode()

BREAKS: dict[str, Callable[[], History]] = {
    "job.result-when-done": lambda: reworded("done", "noted", "late", result=None),
    "protocol.body-matches-schema": lambda: reworded("still", log=["begun"]),
    "protocol.status-is-documented": lambda: altered("still", status=418, body={}),
    "protocol.content-type-is-documented": lambda: altered("still", headers=HTML),
    "protocol.no-server-error": lambda: altered("still", status=500, body=b"oh"),
    "protocol.malformed-input-is-refused": lambda: altered(
        "malformed", status=202, body=_rejected()
    ),
    "protocol.wrong-content-type-is-refused": lambda: altered(
        "misfiled", status=202, body=_rejected()
    ),
    "protocol.malformed-id-is-refused": lambda: altered(
        "misnamed", path=f"/jobs/urn:uuid:{_rejected()['id']}", status=200, body=_rejected()
    ),
    "protocol.wrong-method-is-refused": lambda: altered("method", status=204, body=b""),
    "protocol.safe-methods-change-nothing": lambda: without(
        *("done", "noted", "late"),
        read_cancel=evolve(CONFORMING["read_cancel"], status=303, body=b"", headers=()),
        still=look(8, job("cancelled", **RUNNING, ended_at=moment(7))),
    ),
    "protocol.unknown-id-is-not-found": lambda: altered("unknown", status=401),
    "security.missing-credentials-are-refused": lambda: altered("missing", status=404),
    "security.wrong-credentials-are-refused": lambda: altered("wrong", status=404),
    "security.foreign-run-looks-unknown": lambda: altered("foreign", body={"code": "not yours"}),
    "security.lists-show-own-runs": lambda: altered("bobs_list", body={"items": [item("done")]}),
    "security.no-secret-is-echoed": lambda: altered("wrong", body=ECHO),
}
"""How to break each rule, and no other."""


def _rejected() -> dict[str, object]:
    return job("queued", id=NOBODY.replace("f", "e"))


def test_every_rule_is_broken_by_one_row() -> None:
    homes = ("schema", "protocol")
    ids = {entry.rule.id for entry in ALL_RULES.entries if entry.rule.home in homes}
    assert {f"jobs.{name}" for name in BREAKS} == ids


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
        assert 1 <= len(violation.exchanges) <= 3
        assert violations(History(exchanges=violation.exchanges)) == {f"jobs.{name}"}


def _problem(name: str, status: int) -> History:
    return altered(name, status=status, body={"code": "later"})


ID_OF_A_REQUEST = "9f3c1a52-0d1e-4f57-8a0e-3f1d2c9b7a11"

INNOCENT: dict[str, Callable[[], History]] = {
    "a gateway in the way": lambda: altered("still", status=502, headers=HTML, body=b"<p>"),
    "too many requests": lambda: _problem("still", 429),
    "a redirect to the path with a slash": lambda: altered("still", status=308, body=b""),
    "no answer": lambda: without("still"),
    "what a path answers with a slash that it has not": lambda: without(
        still=altered_path("still", status=418, headers=HTML, body=b"<p>"),
        late=altered_path("late", status=404, headers=HTML, body=b"<p>"),
        missing=altered_path("missing", status=404, headers=HTML, body=b"<p>"),
        wrong=altered_path("wrong", status=200, headers=HTML, body=b"<p>"),
        malformed=altered_path("malformed", status=200, headers=HTML, body=b"<p>"),
        method=altered_path("method", status=204, headers=(), body=b""),
        foreign=altered_path("foreign", status=404, headers=HTML, body=b"<p>"),
    ),
    "a content type with a parameter": lambda: altered(
        "still", headers=(("content-type", "Application/JSON; charset=utf-8"),)
    ),
    "a path outside the spec": lambda: altered("still", path="/elsewhere", status=418),
    "a HEAD request": lambda: altered("still", method="HEAD", body=b""),
    "health needs no credentials": lambda: altered(
        "missing", path="/health", status=200, body={"up": True}
    ),
    "too many requests without credentials": lambda: _problem("missing", 429),
    "a malformed request without credentials": lambda: altered(
        "missing", status=404, intent="malformed id"
    ),
    "too many requests for an unknown id": lambda: _problem("unknown", 429),
    "a malformed request that was masked": lambda: altered(
        "malformed",
        sent={"owner": placeholder("ada"), "urgent": placeholder("ada")},
        status=202,
        body=_rejected(),
    ),
    "a malformed request that makes a failed job": lambda: altered(
        "malformed", status=202, body={**_rejected(), "status": "rejected"}
    ),
    "answers with an id and a time of their own": lambda: without(
        unknown_to_bob=_unknown_to_bob(trace=ID_OF_A_REQUEST, at="2026-03-04T09:10:40Z", ray=1),
        foreign=_foreign(trace=ID_OF_A_REQUEST[::-1], at="2026-03-04T09:10:50.125Z", ray=1),
    ),
    "another tenant is told apart where nothing is known of unknown ids": lambda: altered(
        "foreign", "unknown_to_bob", body={"code": "not yours"}
    ),
    "a list of runs that both have started": lambda: without(
        "foreign",
        bobs_start=evolve(CONFORMING["start"], at=602, worker="bob", actor="bob"),
        bobs_list=listed(688, item("queued"), worker="bob", actor="bob"),
    ),
    "a list of runs of which nobody saw the start": lambda: without(
        "start", bobs_list=listed(688, item("done", id=NOBODY), worker="bob", actor="bob")
    ),
    "a body of another kind that makes a failed job": lambda: altered(
        "misfiled", status=202, body={**_rejected(), "status": "rejected"}
    ),
    "too many requests for a malformed id": lambda: _problem("misnamed", 429),
    "a reader whose credentials are not known": lambda: without(
        still=look(8, job("running", **RUNNING), actor=None, credentials="unknown")
    ),
}


def altered_path(name: str, **changes: Any) -> Said:
    """The same call with a slash behind its path, answered otherwise."""
    said = CONFORMING[name]
    return evolve(said, path=said.path + "/", **changes)


def _unknown_to_bob(**members: object) -> Said:
    return evolve(CONFORMING["unknown_to_bob"], body={"code": f"no job {NOBODY}", **members})


def _foreign(**members: object) -> Said:
    return evolve(CONFORMING["foreign"], body={"code": f"no job {JOB}", **members})


@pytest.mark.parametrize("name", INNOCENT)
def test_nobody_is_accused_of(name: str) -> None:
    assert violations(INNOCENT[name]()) == set()


def test_a_body_that_is_no_json_is_no_answer() -> None:
    broken = altered("still", body=b"<p>all is well</p>")
    assert violations(broken) == {"jobs.protocol.body-matches-schema"}


def test_headers_tell_of_another_tenants_run() -> None:
    told = (*CONFORMING["foreign"].headers, ("X-Job-Status", "running"))
    assert violations(altered("foreign", headers=told)) == {
        "jobs.security.foreign-run-looks-unknown"
    }


def test_headers_of_the_way_tell_nothing() -> None:
    passing = {
        "Date": "Mon, 05 Jan 2026 09:00:00 GMT",
        "Content-Length": "16",
        "X-Request-Id": "7",
        "X-RateLimit-Remaining": "9",
        "Server-Timing": "db;dur=3",
        "CF-Ray": "8c1",
        "Set-Cookie": "lb=2",
        "X-Served-By": "node-3",
    }
    headers = (*CONFORMING["foreign"].headers, *passing.items())
    assert violations(altered("foreign", headers=headers)) == set()


def test_another_tenant_reads_a_run() -> None:
    read = look(650, job("done", **DONE), actor="bob")
    assert violations(without(foreign=read)) == {"jobs.security.foreign-run-looks-unknown"}


def test_unknown_ids_of_other_projects_are_no_model() -> None:
    """An answer is compared with one that the same actor got."""
    told = [
        CONFORMING["running"],
        refused(30, "GET", f"/jobs/{NOBODY}", 404, "none", intent=UNKNOWN_ID),
        refused(40, "GET", f"/jobs/{JOB}", 404, "you have no jobs", actor="bob"),
    ]
    assert violations(history(told)) == set()


def test_a_required_body_may_not_be_left_out() -> None:
    empty = altered("malformed", sent=None, status=202, body=_rejected())
    assert violations(empty) == {"jobs.protocol.malformed-input-is-refused"}


def test_runs_whose_ids_another_tenant_may_have_accuse_nobody() -> None:
    """Two tenants may each have a job number 7."""
    numbered = rulebook_of(changed_spec(lambda schemas: schemas["Job"]["properties"].update(id={})))
    leak = without(
        start=evolve(CONFORMING["start"], body=job("queued", id="7")),
        bobs_list=listed(688, item("done", id="7"), worker="bob", actor="bob"),
    )
    assert "jobs.security.lists-show-own-runs" not in violations(leak, numbered)
