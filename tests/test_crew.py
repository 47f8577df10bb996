"""The suite under pytest-xdist: several workers divide a session, and come to one verdict."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from attrs import astuple, evolve
from job_server import jobs_served
from jobs import ALL_RULES
from loopback import Reply, Seen, serving
from runwright.budget import Budget
from runwright.emulator.server import running
from runwright.history import Exchange, read_history
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.shard import Shard
from runwright.suite import crew as crews
from runwright.suite.assignment import Assignment
from runwright.suite.crew import Crew, CrewError, told
from runwright.suite.profile import QUICK
from runwright.suite.reach import ReachError
from runwright.suite.target import Target

pytest_plugins = ["pytester"]

HOST = re.compile(r"http://127\.0\.0\.1:\d+")


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


def sent(exchange: Exchange) -> tuple[object, ...]:
    """Return all that an exchange tells but for the port, and for who sent it."""
    told = evolve(exchange, worker="", seq=0, clock=None, url=HOST.sub("", exchange.url))
    response = evolve(told.response, content=HOST.sub("", told.response.content.decode()).encode())
    return astuple(evolve(told, response=response), recurse=False)


@pytest.mark.parametrize(
    ("api", "options", "count"),
    [
        ("nekt", (), 2),
        ("pipe0", ("--runwright-fault", "balance-is-public"), 2),
        ("clarifeye", ("--runwright-profile", "quick"), 3),
    ],
    ids=["honest", "mutant", "three"],
)
def test_workers_come_to_the_verdict_of_one_process(
    pytester: pytest.Pytester, api: str, options: tuple[str, ...], count: int
) -> None:
    options = ("--runwright-api", api, *options, "--runwright-save")
    first, second = pytester.path / "one.ndjson", pytester.path / "all.ndjson"
    alone, one = verdicts_of(pytester, *options, str(first), "-p", "no:xdist")
    together, many = verdicts_of(pytester, *options, str(second), "-n", str(count))
    assert together == alone
    assert many.ret == one.ret
    many.stdout.fnmatch_lines([f"*: spent * requests (no limit)*, by {count} workers"])
    # They sent the same at the same moments, and each its share of it.
    seen, shared = read_history(first), read_history(second)
    assert list(map(sent, shared.exchanges)) == list(map(sent, seen.exchanges))
    workers = Counter(exchange.worker for exchange in shared.exchanges)
    shares = [workers[f"suite-{index}of{count}"] for index in range(1, count + 1)]
    assert min(shares) > len(seen.exchanges) / count / 2
    # Who sent it makes no difference to any rule.
    rulebook = load_rulebook(api)
    counted = [
        [(r.rule, r.verdict, r.witnesses, r.violation_count) for r in judge(h, rulebook).results]
        for h in (seen, shared)
    ]
    assert counted[0] == counted[1]


def test_workers_do_several_sessions_one_after_the_other(pytester: pytest.Pytester) -> None:
    options = [part for api in ("pipe0", "nekt") for part in ("--runwright-api", api)]
    options += ["--runwright-profile", "quick"]
    alone, _ = verdicts_of(pytester, *options, "-p", "no:xdist")
    together, many = verdicts_of(pytester, *options, "-n", "2")
    assert together == alone
    told = [f"{api}: spent * by 2 workers" for api in ("nekt", "pipe0")]
    many.stdout.fnmatch_lines(told)


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


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n", "2")])
@pytest.mark.parametrize(("most", "says"), [(25, "stopped answering after"), (None, "refuses")])
def test_a_server_that_shows_too_little_fails_every_rule(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    most: int | None,
    says: str,
) -> None:
    token = "some-token-of-mine" if most is None else "emulator-alice-7c41d0aa"
    monkeypatch.setenv("RUNWRIGHT_TOKEN", token)
    with dying(most) as url:
        target = ("--runwright-api", "nekt", "--runwright-url", url, "--runwright-profile", "quick")
        limits = ("--runwright-max-requests", "60", "-k", "run.ended-at or run.id")
        verdicts, result = verdicts_of(pytester, *target, *limits, *options)
    assert len(verdicts) > 1
    assert set(verdicts.values()) == {"failure"}
    result.stdout.fnmatch_lines([f"*{url} {says} *"])
    if most is not None:
        result.stdout.fnmatch_lines([f"nekt: cut short: {url} {says} *"])


@contextmanager
def dying(most: int | None) -> Iterator[str]:
    """Serve the emulator of nekt, in which no answer after so many is finished."""
    # Not by httpx: what it imports late, pytester takes away again.
    with running("nekt", speed=50) as emulator, serving() as loopback:
        base = urlsplit(emulator.url)

        def answer(request: Seen) -> Reply:
            if most is not None and len(loopback.seen) > most:
                return Reply(body={}, cut=True)
            with closing(HTTPConnection(base.netloc)) as connection:
                path = base.path + request.path
                connection.request(request.method, path, request.body, dict(request.headers))
                got = connection.getresponse()
                headers = {"Content-Type": got.getheader("content-type", "")}
                return Reply(status=got.status, body=got.read(), headers=headers)

        yield loopback.answer(answer).url


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


def emulating(fault: str | None = None) -> Assignment:
    return Assignment(
        rulebook=load_rulebook("nekt"),
        target=None,
        reading="seed",
        seed=0,
        profile=QUICK,
        fault=fault,
    )


@pytest.mark.parametrize(("began", "says"), [(True, "ended"), (False, "did not begin")])
def test_no_hand_is_waited_for_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began: bool, says: str
) -> None:
    monkeypatch.setattr(crews, "PATIENCE", 0.0)
    if began:
        (tmp_path / "2.here").touch()
    order, crew = emulating(), Crew(tmp_path, Shard(1, 2), 2)
    crew.work([order])
    with pytest.raises(CrewError, match=f"worker gw1 {says} before it had done its share"):
        crew.outcome(order)


def test_a_failure_of_one_is_told_to_all(tmp_path: Path) -> None:
    order = emulating(fault="no-such-fault")
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
    with pytest.raises(ReachError, match=r"http://127.0.0.1:9 did not answer"):
        crew.outcome(order)
