"""What broke a rule is kept in a database of Hypothesis's, and tried first by who comes later."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from fakeredis import TcpFakeServer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase, InMemoryExampleDatabase
from job_server import ADA, BEN, jobs_served
from jobs import ALL_RULES
from runwright.report import Report, Verdict
from runwright.shard import Shard
from runwright.spec import apis, load_spec
from runwright.suite.audit import Audit, run_suite
from runwright.suite.caller import Cause
from runwright.suite.draft import Draft
from runwright.suite.kept import encode
from runwright.suite.keyring import Keyring
from runwright.suite.memory import DatabaseError, Memory, open_memory, replay, unlike
from runwright.suite.plan import Plan
from runwright.suite.profile import QUICK
from runwright.suite.programme import Programme, draw_programme

pytest_plugins = ["pytester"]

SMALL = evolve(QUICK, name="small", plans=7, others=1, spread=4, bodies=3)


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The URL of a server that speaks the protocol of Redis."""
    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["folder", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(tmp_path / "database")
        return
    url = request.getfixturevalue("redis")
    yield url
    from redis import Redis

    with Redis.from_url(url) as server:
        server.flushall()


def violated(report: Report) -> set[str]:
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED)}


def programme_of(api: str) -> Programme:
    spec = load_spec(api)
    keyring = Keyring(spec=spec, owner=ADA, other=BEN)
    return draw_programme(spec, keyring, seed=3, profile=evolve(QUICK, fuzz=1), careful=False)


def causes_of(programme: Programme) -> tuple[Cause, ...]:
    return (*programme.plans, *programme.drafts)


# ---- keeping ---------------------------------------------------------------------------------


def session(fault: str, place: str, seed: int) -> Audit:
    with jobs_served(fault) as (_, target, _):
        memory = open_memory(place)
        return run_suite(ALL_RULES, target=target, profile=SMALL, seed=seed, memory=memory)


def test_what_broke_a_rule_is_tried_first_and_forgotten_once_repaired(place: str) -> None:
    spec = ALL_RULES.spec
    first = session("open", place, 1)
    assert "jobs.security.missing-credentials-are-refused" in violated(first.report)
    assert first.memory is not None
    assert "tried 0 of before, keeps 2 that broke a rule, forgot 0" in first.memory
    kept = open_memory(place).recall(spec)
    assert {cause.who for cause in kept} == {"missing", "wrong"}

    again = session("open", place, 2)
    assert again.memory is not None
    assert "tried 2 of before" in again.memory
    repaired = session("", place, 3)
    assert repaired.memory is not None
    assert "keeps 0 that broke a rule, forgot " in repaired.memory
    assert open_memory(place).recall(spec) == ()


def test_a_run_that_broke_a_rule_is_led_again(tmp_path: Path) -> None:
    place = str(tmp_path)
    first = session("reopens", place, 1)
    assert "jobs.job.terminal-is-final" in violated(first.report)
    kept = open_memory(place).recall(ALL_RULES.spec)
    assert any(isinstance(cause, Plan) for cause in kept)
    again = session("reopens", place, 2)
    assert "jobs.job.terminal-is-final" in violated(again.report)
    assert again.spent.runs > first.spent.runs


def test_another_process_replays_what_one_has_found(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, redis: str
) -> None:
    monkeypatch.setenv("RUNWRIGHT_DATABASE", redis)

    def run(*options: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(
            "--pyargs", "runwright.suite", "-W", "ignore", "-p", "no:cacheprovider",
            "--runwright-api", "pipe0", "--runwright-profile", "quick",
            "--runwright-fault", "balance-is-public", *options,
        )  # fmt: skip

    one = run("--runwright-seed", "1")
    one.stdout.fnmatch_lines(["pipe0: redis://127.0.0.1:*/0: tried 0 of before, keeps 1 *"])
    kept = open_memory(redis).recall(load_spec("pipe0"))
    assert [str(cause) for cause in kept] == ["GET /v1/credit-balance (no credentials)"]
    other = run("--runwright-seed", "2", "-n", "2")
    other.stdout.fnmatch_lines(["pipe0: redis://127.0.0.1:*/0: tried 1 of before, *"])


# ---- what is kept ----------------------------------------------------------------------------


@pytest.mark.parametrize("api", apis())
def test_what_is_kept_is_what_was_done(api: str, tmp_path: Path) -> None:
    spec = load_spec(api)
    memory = open_memory(str(tmp_path))
    causes = causes_of(programme_of(api))
    for cause in causes:
        memory.database.save(f"suite/1/{api}".encode(), encode(cause))
    recalled = memory.recall(spec)
    assert set(map(encode, recalled)) == set(map(encode, causes))
    assert {str(c) for c in recalled if isinstance(c, Draft)} == {
        str(c) for c in causes if isinstance(c, Draft)
    }
    assert memory.recall(spec) == recalled or all(isinstance(c, Draft | Plan) for c in recalled)


@given(st.binary(max_size=200))
def test_what_others_have_left_there_is_passed_over(value: bytes) -> None:
    memory = Memory(name="memory", database=InMemoryExampleDatabase())
    memory.database.save(b"suite/1/nekt", value)
    memory.database.save(b"suite/1/nekt", b'{"kind":"plan","operation":"gone"}')
    assert memory.recall(load_spec("nekt")) == ()


def test_what_a_programme_has_by_itself_is_not_added() -> None:
    whole = programme_of("nekt")
    assert unlike(causes_of(whole), whole) == ()
    less = Programme(plans=whole.plans[1:], drafts=whole.drafts[:-2])
    assert len(unlike(causes_of(whole), less)) == 3


def test_a_careful_session_replays_nothing_that_changes_more_than_runs() -> None:
    whole, nothing = programme_of("clarifeye"), Programme(plans=(), drafts=())
    careless = replay(nothing, causes_of(whole), careful=False, observe_only=False)
    careful = replay(nothing, causes_of(whole), careful=True, observe_only=False)
    assert len(careless.drafts) == len(whole.drafts)
    assert len(careful.plans) == len(whole.plans)
    for draft in careful.drafts:
        assert draft.verb not in ("PUT", "PATCH", "DELETE") or "<unknown>" in str(draft)
    observed = replay(nothing, causes_of(whole), careful=True, observe_only=True)
    assert observed.plans == ()
    assert {draft.verb for draft in observed.drafts} == {"GET"}
    assert all(draft.operation.is_safe for draft in observed.drafts), "no GET of what starts runs"


def test_each_shard_replays_its_part() -> None:
    whole, nothing = programme_of("nekt"), Programme(plans=(), drafts=())
    parts = [
        replay(nothing, causes_of(whole), careful=False, observe_only=False, shards=shards)
        for shards in (
            [Shard(1, 2)],
            [Shard(2, 2), Shard(1, 3)],
            [Shard(2, 2), Shard(2, 3)],
            [Shard(2, 2), Shard(3, 3)],
        )
    ]
    assert sum(len(part.drafts) for part in parts) == len(whole.drafts)
    assert all(part.drafts for part in parts)


# ---- what cannot be used ---------------------------------------------------------------------


def test_a_place_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DatabaseError, match="cannot be a database: File exists"):
        open_memory(str(file))
    with pytest.raises(DatabaseError, match="begins with one of redis://"):
        open_memory("postgres://host/db")
    with pytest.raises(DatabaseError, match=r"redis://127.0.0.1:9/0 cannot be reached") as error:
        open_memory("redis://user:secret-word@127.0.0.1:9/0")
    assert "secret-word" not in str(error.value)


def test_a_server_that_goes_away_loses_no_verdict(redis: str) -> None:
    memory = open_memory(redis)
    gone = evolve(memory, database=_Gone())
    with jobs_served("open") as (_, target, _):
        audit = run_suite(ALL_RULES, target=target, profile=SMALL, memory=gone)
    assert violated(audit.report)
    assert audit.memory is not None
    assert "could not be written" in audit.memory


class _Gone(ExampleDatabase):
    """A database that can be read, and no longer written."""

    def fetch(self, key: bytes) -> tuple[bytes, ...]:
        return ()

    def save(self, key: bytes, value: bytes) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")

    def delete(self, key: bytes, value: bytes) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")
