"""A dry run: everything is counted, nothing is sent, and no credentials are asked for."""

import json
import socket
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from runwright.budget import Budget, Spent, tell_spent
from runwright.cli import run
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.suite.audit import run_suite
from runwright.suite.draft import Draft
from runwright.suite.errands import Errands
from runwright.suite.forecast import PHASES, forecast
from runwright.suite.lives import Life
from runwright.suite.plan import Plan, Visit
from runwright.suite.profile import QUICK
from runwright.suite.runner import Runner
from runwright.suite.target import emulated, keyring_of


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNWRIGHT_TOKEN", raising=False)
    monkeypatch.delenv("RUNWRIGHT_OTHER_TOKEN", raising=False)


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["runwright", *words])
    return run()


def planned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> dict[str, Any]:
    assert command(monkeypatch, "test", *words, "--plan", "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        plan = planned(
            monkeypatch, capsys, "nekt", "--profile", "quick", "--url", url, "--max-runs", "3"
        )
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert plan["target"] == url
    assert plan["runs"] == {"planned": 12, "allowed": 3}
    assert plan["requests"]["planned"] == sum(row["count"] for row in plan["rows"])
    starts = [row for row in plan["rows"] if row["phase"] == "starts"]
    assert sum(row["count"] for row in starts) == 3
    assert {row["path"] for row in starts} == {"/api/v1/pipelines/{pipeline_slug}/trigger/"}
    may_start = [row for row in plan["rows"] if row["path"] == starts[0]["path"]]
    assert {"GET", "POST"} <= {row["method"] for row in may_start}
    assert {row["bound"] for row in may_start} == {"at most"}, "three runs may be started, no more"
    assert {row["bound"] for row in plan["rows"] if row["phase"] == "looks"} == {"at least"}
    assert {row["who"] for row in plan["rows"]} == {"owner", "other", "missing", "wrong"}
    assert any("RUNWRIGHT_TOKEN is not set" in note for note in plan["notes"])


def test_one_tenant_is_planned_for_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNWRIGHT_TOKEN", "a-token-of-mine")
    plan = planned(monkeypatch, capsys, "pipe0", "--profile", "quick", "--url", "http://h.invalid")
    assert "other" not in {row["who"] for row in plan["rows"]}
    assert "a-token-of-mine" not in json.dumps(plan)


def test_an_observer_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ("--url", "http://h.invalid", "--observe-only", "--run", "r-1")
    plan = planned(monkeypatch, capsys, "nekt", "--profile", "quick", *url)
    assert plan["runs"]["planned"] == 0
    assert {row["method"] for row in plan["rows"]} == {"GET"}
    assert {row["phase"] for row in plan["rows"]} == {"places", "looks", "probes"}


def test_the_same_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--profile", "quick", "--max-requests", "50", "--deadline", "9", "--rate", "2")
    assert command(monkeypatch, "test", "nekt", *words, "--plan") == 0
    shown = capsys.readouterr().out
    assert "nekt at the embedded emulator: nothing was sent" in shown
    assert "at most 50 allowed; runs to be started: 12 planned, no limit" in shown
    assert "2 requests a second at most; 9 s at most" in shown
    assert "/api/v1/pipelines/{pipeline_slug}/trigger/" in shown


@pytest.mark.parametrize("api", apis())
def test_what_is_sent_was_planned(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts and probes are planned one by one; looks at least, and visits at most."""
    spec = load_rulebook(api).spec
    sent = {phase: Counter[tuple[str, str, str]]() for phase in PHASES}
    begin, send, visit = Runner.begin, Errands._send, Runner._visit

    def begun(runner: Runner, plan: Plan, attempt: int = 0) -> None:
        if attempt == 0:
            operation = spec.operations[plan.operation]
            sent["starts"][operation.method, operation.path, plan.who] += 1
        begin(runner, plan, attempt)

    def sending(errands: Errands, draft: Draft, values: Mapping[str, str]) -> None:
        sent["probes"][draft.verb, draft.operation.path, draft.who] += 1
        send(errands, draft, values)

    def visiting(runner: Runner, life: Life, chosen: Visit) -> None:
        before = runner.caller.setting.session.gate.spent.requests
        visit(runner, life, chosen)
        after = runner.caller.setting.session.gate.spent.requests
        sent["visits"][chosen.act, "", ""] += after - before

    monkeypatch.setattr(Runner, "begin", begun)
    monkeypatch.setattr(Errands, "_send", sending)
    monkeypatch.setattr(Runner, "_visit", visiting)
    with emulated(spec, profile=QUICK) as target:
        plan = forecast(
            spec,
            keyring_of(spec, target),
            target=target.url,
            seed=0,
            profile=QUICK,
            budget=Budget(),
            careful=False,
            parameters=target.parameters[target.tenants[0].name],
        )
        audit = run_suite(api, target=target, profile=QUICK)
    planned = {phase: Counter[tuple[str, str, str]]() for phase in PHASES}
    for row in plan.rows:
        planned[row.phase][row.method, row.path, row.who] += row.count
    assert sent["starts"] == planned["starts"]
    assert sent["probes"] == planned["probes"]
    # A list that is visited may have further pages, at most so many.
    listed = sum(count for (act, *_), count in sent["visits"].items() if act == "list")
    assert sent["visits"].total() - listed <= planned["visits"].total()
    assert audit.spent.requests >= sum(
        planned[phase].total() for phase in ("starts", "looks", "probes")
    )
    assert plan.runs == plan.runs_planned == audit.spent.runs == QUICK.plans


def test_what_was_spent_is_told_beside_its_limits() -> None:
    spent = Spent(40, 3, 12.34)
    assert tell_spent(spent, Budget()) == (
        "spent 40 requests (no limit), 3 runs started (no limit), 12.3 s (no limit)"
    )
    assert tell_spent(Spent(1111, 1), Budget(max_requests=2000)) == (
        "spent 1,111 requests (limit 2,000), 1 run started (no limit), 0.0 s (no limit)"
    )
    budget = Budget(max_requests=40, max_runs=5, rate=2.5, deadline=60)
    assert tell_spent(spent, budget) == (
        "spent 40 requests (limit 40), 3 runs started (limit 5), 12.3 s (limit 60 s), "
        "at most 2.5 requests a second"
    )
