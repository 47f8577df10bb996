"""What a session spends, to whom it talks, and what it says of what it left out."""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from job_server import ADA, jobs_served
from jobs import ALL_RULES
from loopback import Loopback, Reply, Seen, serving
from rich.console import Console
from runwright.budget import Budget
from runwright.render.terminal import print_report
from runwright.report import Verdict
from runwright.spec import load_spec
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK
from runwright.suite.programme import draw_programme
from runwright.suite.target import Target, keyring_of

SMALL = evolve(QUICK, name="small", plans=7, others=1, spread=4, bodies=3)


@contextmanager
def elsewhere() -> Iterator[Loopback]:
    """A host that a session is not told of."""
    with serving() as other:
        other.answer(Reply(body={"items": []}))
        yield other


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere_else(status: int) -> None:
    with elsewhere() as other, jobs_served() as (server, target, wire):

        def moved(seen: Seen) -> Reply:
            reply = server(seen)
            away = {"Location": f"{other.url}{seen.path}"}
            return Reply(status=status, headers=away) if seen.method == "GET" else reply

        wire.answer(moved)
        quiet = evolve(target, patience=60.0)
        audit = run_suite(ALL_RULES, target=quiet, profile=SMALL, budget=Budget(max_requests=60))
    assert other.seen == []
    assert {e.status for e in audit.history.exchanges if e.method == "GET"} == {status}


def test_a_link_to_another_host_is_not_followed() -> None:
    with elsewhere() as other, jobs_served() as (server, target, wire):

        def linked(seen: Seen) -> Reply:
            reply = server(seen)
            if isinstance(reply.body, dict) and "items" in reply.body:
                return evolve(reply, body={**reply.body, "next": f"{other.url}/api/jobs?page=2"})
            return reply

        wire.answer(linked)
        run_suite(ALL_RULES, target=target, profile=SMALL)
        asked = len(wire.seen)
    assert asked > 100
    assert other.seen == []


def test_a_deadline_is_kept_while_an_answer_is_waited_for() -> None:
    with jobs_served() as (_, target, wire):
        release = threading.Event()

        def stuck(seen: Seen) -> Reply:
            release.wait(30)
            return Reply(body={})

        wire.answer(stuck)
        began = time.monotonic()
        audit = run_suite(ALL_RULES, target=target, profile=SMALL, budget=Budget(deadline=0.5))
        took = time.monotonic() - began
        release.set()
    assert took < 15
    assert audit.spent.seconds < 15
    assert {e.error and e.error.partition(":")[0] for e in audit.history.exchanges} == {
        "ReadTimeout"
    }


def test_rules_that_the_budget_kept_unseen_say_so() -> None:
    with jobs_served() as (_, target, _):
        audit = run_suite(
            ALL_RULES, target=target, profile=SMALL, budget=Budget(max_requests=15, max_runs=1)
        )
    unmet = audit.report.with_verdict(Verdict.UNKNOWN)
    assert unmet
    for result in unmet:
        assert result.unwitnessed is not None
        assert "the budget of 15 requests is spent" in result.unwitnessed


def test_the_reason_is_told_once_for_all_of_them() -> None:
    with jobs_served() as (_, target, _):
        audit = run_suite(ALL_RULES, target=target, profile=SMALL, budget=Budget(max_requests=15))
    out = io.StringIO()
    print_report(Console(file=out, width=10_000), audit.report)
    _, _, told = out.getvalue().partition("Not to be witnessed here:")
    (line,) = (line for line in told.splitlines() if "the budget of 15 requests is spent" in line)
    for result in audit.report.with_verdict(Verdict.UNKNOWN):
        assert result.rule in line


def test_what_the_budget_allowed_needs_no_excuse() -> None:
    with jobs_served() as (_, target, _):
        alone = evolve(target, tenants=(ADA,))
        audit = run_suite(ALL_RULES, target=alone, profile=SMALL)
    assert audit.remarks == ()
    (unmet,) = (
        result
        for result in audit.report.with_verdict(Verdict.UNKNOWN)
        if result.rule == "jobs.security.lists-show-own-runs"
    )
    assert unmet.unwitnessed is None


def test_an_observer_asks_only_what_is_documented_to_be_safe() -> None:
    with jobs_served() as (_, target, _):
        keyring = keyring_of(ALL_RULES.spec, target)
        programme = draw_programme(
            ALL_RULES.spec, keyring, seed=0, profile=QUICK, observe_only=True
        )
    assert programme.plans == ()
    assert programme.drafts
    for draft in programme.drafts:
        assert draft.operation.is_safe
        assert draft.verb == draft.operation.method


def test_a_url_with_another_path_is_doubted() -> None:
    with jobs_served() as (_, target, _):
        astray = evolve(target, url=f"{target.url}/v9", clock=None)
        audit = run_suite(
            ALL_RULES, target=astray, profile=SMALL, budget=Budget(max_requests=40, deadline=20)
        )
    (said,) = [remark for remark in audit.remarks if "did not start a run" in remark]
    assert said.endswith("its answer is 405; is the path of the server's URL right?")


def test_a_run_that_is_not_there_is_told_of() -> None:
    nobody = "ffffffff-0000-4000-8000-000000000000"
    with jobs_served() as (_, target, _):
        audit = run_suite(
            ALL_RULES,
            target=target,
            profile=SMALL,
            budget=Budget(observe_only=True),
            watch=(nobody,),
        )
    assert f"the run {nobody} could not be read; its answer is 404" in audit.remarks
    assert "the session only observes: it started and changed nothing" in audit.remarks
    assert audit.spent.runs == 0


def test_no_run_at_all_may_be_started() -> None:
    with jobs_served() as (server, target, _):
        audit = run_suite(ALL_RULES, target=target, profile=SMALL, budget=Budget(max_runs=0))
    assert server.started == 0
    assert audit.spent.runs == 0
    assert "the budget of 0 run-starting requests is spent" in audit.remarks
    assert all(_may_not_start(e.method, e.url, target) for e in audit.history.exchanges)
    with jobs_served() as (_, target, _):
        keyring = keyring_of(ALL_RULES.spec, target)
        drafts = draw_programme(ALL_RULES.spec, keyring, seed=0, profile=SMALL, careful=True).drafts
    sent = len(audit.history.exchanges)
    assert f"{len(drafts) - sent} probes were not sent" in audit.remarks


def test_a_read_that_starts_a_run_is_counted() -> None:
    """Whoever ignores the method starts runs for probes that ask for them in a wrong way."""
    spec = load_spec("pipe0_pipeline")
    starts = {spec.operations[name].path for name in ("runPipeline", "runPipelineSync")}
    for most, alone in ((8, False), (0, True)):
        audit = run_suite(
            "pipe0_pipeline",
            profile=evolve(SMALL, plans=0 if alone else 6),
            fault="bodies-come-by-get",
            budget=Budget(max_runs=most),
        )
        begun = [
            exchange
            for exchange in audit.history.exchanges
            if exchange.succeeded and urlsplit(exchange.url).path in starts
        ]
        assert len(begun) == audit.spent.runs == most
        if not alone:
            assert {exchange.method for exchange in begun} == {"GET", "POST"}


def _may_not_start(method: str, url: str, target: Target) -> bool:
    return (method, url.partition("?")[0]) != ("POST", f"{target.url}/jobs")
