"""What clients do: told apart from what servers do, and judged only when asked."""

import json
import sys
from pathlib import Path

import httpx
import pytest
from attrs import evolve
from jobs import ALL_RULES, CONFORMING, JOB, RULEBOOK, RUNNING, Said, history, job, look, refused
from runwright.cli import run
from runwright.emulator.server import running
from runwright.history import History, write_history
from runwright.judge import judge
from runwright.report import Report, Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.watched import watch

PACE = "jobs.conduct.polls-keep-the-pace"
PATIENCE = "jobs.conduct.retry-after-is-honoured"
END = "jobs.conduct.no-poll-after-the-end"


def verdicts(report: Report) -> dict[str, Verdict]:
    return {r.rule: r.verdict for r in report.results if r.is_about_client}


def conduct(*said: Said) -> dict[str, Verdict]:
    return verdicts(judge(history(said), ALL_RULES, conduct=True))


def running_at(at: float, **more: str) -> Said:
    return look(at, job("running", **RUNNING), **more)


def busy(at: float, seconds: str, **more: str) -> Said:
    limited = refused(at, "GET", f"/jobs/{JOB}", 429, "busy", **more)
    return evolve(limited, headers=(*limited.headers, ("retry-after", seconds)))


def test_it_is_judged_only_when_asked() -> None:
    hasty = history([running_at(1), running_at(1.2)])
    for rulebook in (RULEBOOK, ALL_RULES):
        assert verdicts(judge(hasty, rulebook)) == {}
        assert set(verdicts(judge(hasty, rulebook, conduct=True))) == {PACE, PATIENCE, END}


@pytest.mark.parametrize(
    ("polls", "verdict"),
    [
        ([1, 2, 3.5], Verdict.HOLDS),
        ([1, 1.95], Verdict.HOLDS),
        ([1, 1.5, 3], Verdict.VIOLATED),
        ([1], Verdict.UNKNOWN),
    ],
)
def test_pace(polls: list[float], verdict: Verdict) -> None:
    assert conduct(*map(running_at, polls))[PACE] is verdict


def test_two_clients_do_not_hurry_each_other() -> None:
    for other in ({"worker": "second"}, {"actor": "bob"}):
        assert conduct(running_at(1), running_at(1.1, **other))[PACE] is Verdict.UNKNOWN


def test_a_retry_is_no_poll() -> None:
    failed = refused(1, "GET", f"/jobs/{JOB}", 503, "down")
    assert conduct(failed, running_at(1.3))[PACE] is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("again", "told", "verdict"),
    [
        (4.2, "3", Verdict.HOLDS),
        (2.0, "3", Verdict.VIOLATED),
        (2.0, "soon", Verdict.UNKNOWN),
        (1.05, "3", Verdict.UNKNOWN),
    ],
)
def test_patience(again: float, told: str, verdict: Verdict) -> None:
    """The last of them was sent before the answer that tells to wait was there."""
    assert conduct(busy(1, told), running_at(again))[PATIENCE] is verdict


def test_patience_until_a_date() -> None:
    dated = busy(1, "Wed, 04 Mar 2026 09:00:31 GMT")
    told = evolve(dated, headers=(*dated.headers, ("date", "Wed, 04 Mar 2026 09:00:01 GMT")))
    assert conduct(told, running_at(32))[PATIENCE] is Verdict.HOLDS
    assert conduct(told, running_at(20))[PATIENCE] is Verdict.VIOLATED
    assert conduct(dated, running_at(20))[PATIENCE] is Verdict.UNKNOWN


def test_other_requests_need_no_patience() -> None:
    start = CONFORMING["start"]
    assert conduct(busy(1, "60"), evolve(start, at=2))[PATIENCE] is Verdict.UNKNOWN


def test_the_end() -> None:
    done = CONFORMING["done"]
    assert conduct(running_at(5), done)[END] is Verdict.HOLDS
    assert conduct(running_at(5), done, evolve(done, at=300))[END] is Verdict.VIOLATED
    assert conduct(running_at(5), done, evolve(done, at=300, worker="b"))[END] is Verdict.HOLDS
    assert conduct(running_at(5))[END] is Verdict.UNKNOWN
    late = [done, evolve(CONFORMING["cancel"], at=100), evolve(done, at=101)]
    assert conduct(*late)[END] is Verdict.UNKNOWN


@pytest.mark.parametrize("api", apis())
def test_each_api_has_lines_for_it(api: str) -> None:
    book = load_rulebook(api)
    names = {entry.rule.id.rpartition(".")[2] for entry in book.conduct}
    assert {"retry-after-is-honoured", "no-poll-after-the-end"} <= names
    assert all(entry.line is not None for entry in book.conduct)
    recommends = "polls-keep-the-pace" in names
    assert recommends == api.startswith("pipe0")


def judged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["runwright", *words])
    code = run()
    return code, capsys.readouterr().out


class Clock:
    """Time that goes on only when told."""

    def __init__(self) -> None:
        self.time = 1_772_614_800.0

    def __call__(self) -> float:
        return self.time


def watched_client(pause: float) -> tuple[Report, History]:
    """Poll a run of Pipe0's emulator three times, so many seconds apart, as a watched client."""
    clock = Clock()
    body = {
        "pipes": [{"pipe_id": "people:workemail:waterfall@1"}],
        "input": [{"id": 1, "name": "Ada", "company_domain": "example.com"}],
    }
    with running("pipe0", speed=0.01) as emulator:
        token = emulator.tenants[0].token
        with (
            httpx.Client(headers={"authorization": f"Bearer {token}"}) as client,
            watch(client, api="pipe0", url=emulator.url, conduct=True, now=clock) as seen,
        ):
            run_id = client.post(f"{emulator.url}/v1/pipes/run", json=body).json()["id"]
            for _ in range(3):
                clock.time += pause
                client.get(f"{emulator.url}/v1/pipes/check/{run_id}")
        return seen.report(), seen.history


def test_a_watched_client_that_hurries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report, seen = watched_client(0.2)
    rule = "pipe0.conduct.polls-keep-the-pace"
    assert verdicts(report)[rule] is Verdict.VIOLATED
    assert not report.conforms()
    assert report.without([rule]).conforms(), "the server did nothing wrong"

    file = tmp_path / "seen.ndjson"
    write_history(seen, file)
    code, shown = judged(monkeypatch, capsys, "judge", str(file), "--api", "pipe0")
    assert (code, rule in shown) == (0, False)
    code, shown = judged(monkeypatch, capsys, "judge", str(file), "--api", "pipe0", "--conduct")
    assert code == 1
    server, client = shown.split("\nclient", maxsplit=1)
    assert rule not in server
    assert rule in client
    assert "pipe0 CONFORMS" in shown
    assert "client of pipe0 DOES NOT BEHAVE" in shown
    words = ("judge", str(file), "--api", "pipe0", "--conduct", "--json")
    code, shown = judged(monkeypatch, capsys, *words)
    found = {result["rule"]: result["verdict"] for result in json.loads(shown)["results"]}
    assert (code, found[rule]) == (1, "VIOLATED")


def test_a_watched_client_that_keeps_the_pace() -> None:
    report, _ = watched_client(1.5)
    assert verdicts(report)["pipe0.conduct.polls-keep-the-pace"] is Verdict.HOLDS
    assert report.conforms()
