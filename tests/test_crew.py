"""The suite under pytest-xdist: several workers divide a session, and come to one verdict."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from job_server import jobs_served
from jobs import ALL_RULES
from runwright.budget import Budget
from runwright.history import read_history
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.shard import Shard
from runwright.suite import crew as crews
from runwright.suite.assignment import Assignment, SilentError
from runwright.suite.crew import Crew, CrewError, told
from runwright.suite.profile import QUICK
from runwright.suite.target import Target

pytest_plugins = ["pytester"]


def verdicts_of(
    pytester: pytest.Pytester, *options: str
) -> tuple[Mapping[str, str], pytest.RunResult]:
    """Return what became of each test of a run."""
    path = pytester.path / "junit.xml"
    settings = ("-W", "ignore", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess(
        "--pyargs", "runwright.suite", *settings, "--junitxml", str(path), *options
    )
    found = {}
    for case in ElementTree.parse(path).iter("testcase"):
        child = next((c.tag for c in case if c.tag in ("failure", "error", "skipped")), "passed")
        found[str(case.get("name"))] = child
    return found, result


@pytest.mark.parametrize(
    "options",
    [
        ("--runwright-api", "nekt"),
        ("--runwright-api", "pipe0", "--runwright-fault", "balance-is-public"),
    ],
    ids=["honest", "mutant"],
)
def test_workers_come_to_the_verdict_of_one_process(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    saved = pytester.path / "all.ndjson"
    alone, one = verdicts_of(pytester, *options, "-p", "no:xdist")
    together, many = verdicts_of(pytester, *options, "-n", "2", "--runwright-save", str(saved))
    assert set(together) == set(alone)
    # Workers share a clock that runs by itself: what few runs show may not be met by all.
    met = {name for name in alone if "skipped" not in (alone[name], together[name])}
    assert {name: together[name] for name in met} == {name: alone[name] for name in met}
    assert len(met) >= len(alone) - 4
    assert many.ret == one.ret
    many.stdout.fnmatch_lines(["*: spent * requests (no limit)*, by 2 workers"])
    workers = {exchange.worker for exchange in read_history(saved).exchanges}
    assert {"suite-1of2", "suite-2of2"} <= workers


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n", "2")])
def test_a_server_that_does_not_answer_fails_every_rule(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("RUNWRIGHT_TOKEN", "some-token-of-mine")
    target = ("--runwright-api", "nekt", "--runwright-url", "http://127.0.0.1:9")
    verdicts, result = verdicts_of(pytester, *target, "-k", "run.ended-at or run.id", *options)
    assert len(verdicts) > 1
    assert set(verdicts.values()) == {"failure"}
    result.stdout.fnmatch_lines(["*http://127.0.0.1:9 did not answer: ConnectError: *"])


# ---- one worker of a crew --------------------------------------------------------------------


def assignment(target: Target) -> Assignment:
    return Assignment(
        rulebook=ALL_RULES,
        target=target,
        reading="seed",
        seed=0,
        profile=QUICK,
        budget=Budget(max_requests=400),
    )


def test_a_crew_of_one_does_all(tmp_path: Path) -> None:
    with jobs_served() as (_, target, _):
        order = assignment(target)
        crew = Crew(tmp_path, Shard(1, 1), 1, save=tmp_path / "all.ndjson")
        crew.work([order])
    outcome = crew.outcome(order)
    assert not outcome.report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    assert outcome.spent.requests == len(read_history(tmp_path / "all.ndjson").exchanges)
    (line,) = told(tmp_path)
    assert line.startswith("jobs: spent ")


def test_a_worker_that_came_later_learns_what_came_of_it(tmp_path: Path) -> None:
    with jobs_served() as (_, target, _):
        order = assignment(target)
        Crew(tmp_path, Shard(1, 1), 1).work([order])
        late = Crew(tmp_path, None, 1)
        late.work([order])
    assert late.outcome(order).report.api == "jobs"


@pytest.mark.parametrize(("began", "says"), [(True, "ended"), (False, "did not begin")])
def test_nobody_waits_for_a_worker_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began: bool, says: str
) -> None:
    monkeypatch.setattr(crews, "PATIENCE", 0.0)
    if began:
        (tmp_path / "2.here").touch()
    with jobs_served() as (_, target, _):
        order = assignment(target)
        crew = Crew(tmp_path, Shard(1, 2), 2)
        crew.work([order])
    with pytest.raises(CrewError, match=f"worker gw1 {says} before it had done its share"):
        crew.outcome(order)


def test_a_failure_of_one_is_told_to_all(tmp_path: Path) -> None:
    order = Assignment(
        rulebook=load_rulebook("nekt"),
        target=None,
        reading="seed",
        seed=0,
        profile=QUICK,
        fault="no-such-fault",
    )
    crew = Crew(tmp_path, Shard(1, 1), 1)
    crew.work([order])
    with pytest.raises(CrewError, match=r"worker gw0 failed: MutantError: .*no-such-fault"):
        crew.outcome(order)


def test_a_crew_tells_a_silent_server(tmp_path: Path) -> None:
    with jobs_served() as (_, target, _):
        gone = Target(url="http://127.0.0.1:9", tenants=target.tenants, parameters={})
        order = assignment(gone)
        crew = Crew(tmp_path, Shard(1, 1), 1)
        crew.work([order])
    with pytest.raises(SilentError, match=r"http://127.0.0.1:9 did not answer"):
        crew.outcome(order)
