"""Shards: parts of a session that several machines do, and what comes of them together."""

import gzip
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from job_server import ADA, BEN, jobs_served
from jobs import ALL_RULES
from runwright.budget import Budget
from runwright.history import Exchange, History, dump_history, read_history, write_history
from runwright.judge import judge
from runwright.report import Report, Verdict
from runwright.rulebook import load_rulebook
from runwright.shard import Shard, ShardError, missing_shards, read_shard
from runwright.spec import load_spec
from runwright.suite.audit import run_suite
from runwright.suite.draft import Slot
from runwright.suite.keyring import Keyring
from runwright.suite.profile import QUICK
from runwright.suite.programme import Programme, draw_programme
from runwright.suite.share import share_budget, share_programme
from runwright.suite.target import emulated
from test_cli import CONFORMS, USAGE, runwright

COUNT = 3
PARTS = tuple(Shard(index, COUNT) for index in range(1, COUNT + 1))


# ---- what a shard is -------------------------------------------------------------------------

shards = st.integers(1, 40).flatmap(
    lambda count: st.integers(1, count).map(lambda index: Shard(index, count))
)


def test_a_shard_is_written_as_its_number_and_theirs() -> None:
    assert read_shard("2/5") == Shard(2, 5)
    assert str(Shard(2, 5)) == "2/5"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0/5", "the shards of 5 are 1/5 to 5/5"),
        ("6/5", "the shards of 5 are 1/5 to 5/5"),
        ("1/0", "there is no shard 1/0"),
        ("2", "write it as 2/5"),
        ("a/b", "write it as 2/5"),
        ("-1/5", "write it as 2/5"),
        ("auto", "no CI system tells"),
    ],
)
def test_what_is_no_shard_is_refused(text: str, says: str) -> None:
    with pytest.raises(ShardError, match=says):
        read_shard(text, {})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GITLAB_CI": "true", "CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "4"}, Shard(1, 4)),
        ({"CIRCLECI": "true", "CIRCLE_NODE_INDEX": "0", "CIRCLE_NODE_TOTAL": "4"}, Shard(1, 4)),
        (
            {
                "BUILDKITE": "true",
                "BUILDKITE_PARALLEL_JOB": "3",
                "BUILDKITE_PARALLEL_JOB_COUNT": "4",
            },
            Shard(4, 4),
        ),
        (
            {"SEMAPHORE": "true", "SEMAPHORE_JOB_INDEX": "2", "SEMAPHORE_JOB_COUNT": "4"},
            Shard(2, 4),
        ),
        (
            {
                "TF_BUILD": "True",
                "SYSTEM_JOBPOSITIONINPHASE": "2",
                "SYSTEM_TOTALJOBSINPHASE": "2",
            },
            Shard(2, 2),
        ),
    ],
)
def test_a_ci_system_tells_the_shard(environment: Mapping[str, str], expected: Shard) -> None:
    assert read_shard("auto", environment) == expected


def test_a_job_that_is_not_parallel_has_no_shard() -> None:
    with pytest.raises(ShardError, match="CI_NODE_INDEX and CI_NODE_TOTAL are not set"):
        read_shard("auto", {"GITLAB_CI": "true"})
    told = {"GITLAB_CI": "true", "CI_NODE_INDEX": "one", "CI_NODE_TOTAL": "4"}
    with pytest.raises(ShardError, match="tells one/4, which is no shard"):
        read_shard("auto", told)


# ---- how the work is divided -----------------------------------------------------------------


def programme_of(api: str) -> Programme:
    spec = load_spec(api)
    keyring = Keyring(spec=spec, owner=ADA, other=BEN)
    return draw_programme(spec, keyring, seed=0, profile=evolve(QUICK, plans=5))


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_parts_make_up_the_whole(count: int) -> None:
    whole = programme_of("nekt")
    parts = [
        share_programme(whole, ("one", "two"), [Shard(index, count)])
        for index in range(1, count + 1)
    ]
    plans = [plan for part, _ in parts for plan in part.plans]
    assert sorted(map(id, plans)) == sorted(map(id, whole.plans))
    drafts = [draft.number for part, _ in parts for draft in part.drafts]
    assert sorted(drafts) == [draft.number for draft in whole.drafts]
    assert sorted(key for _, keys in parts for key in keys) == ["one", "two"]
    sizes = [len(part.drafts) for part, _ in parts]
    assert min(sizes) > 0


@pytest.mark.parametrize("count", [2, 9])
def test_who_asks_about_runs_leads_some(count: int) -> None:
    whole = programme_of("nekt")
    asking = 0
    for index in range(1, count + 1):
        part, _ = share_programme(whole, (), [Shard(index, count)])
        needed = {slot for draft in part.drafts for slot in draft.values.values()}
        if needed & {Slot.RUN, Slot.UNKNOWN}:
            asking += 1
            assert any(plan.who == "owner" for plan in part.plans)
    assert asking == min(count, sum(plan.who == "owner" for plan in whole.plans))


def test_shards_can_be_divided_again() -> None:
    whole = programme_of("pipe0")
    parts = [
        share_programme(whole, (), [machine, worker])[0]
        for machine in PARTS
        for worker in (Shard(1, 2), Shard(2, 2))
    ]
    drafts = [draft.number for part in parts for draft in part.drafts]
    assert sorted(drafts) == [draft.number for draft in whole.drafts]


@given(shards.map(lambda shard: shard.count), st.integers(0, 500))
def test_parts_of_a_budget_add_up(count: int, limit: int) -> None:
    budget = Budget(max_requests=limit, max_runs=limit // 3, rate=10.0, deadline=60.0)
    parts = [share_budget(budget, [Shard(index, count)]) for index in range(1, count + 1)]
    assert sum(part.max_requests or 0 for part in parts) == limit
    assert sum(part.max_runs or 0 for part in parts) == limit // 3
    assert sum(part.rate or 0.0 for part in parts) == pytest.approx(10.0)
    assert {part.deadline for part in parts} == {60.0}


# ---- what comes of them ----------------------------------------------------------------------


def verdicts(report: Report) -> dict[str, Verdict]:
    return {result.rule: result.verdict for result in report.results}


def test_shards_of_an_unknown_api_meet_what_a_whole_run_meets() -> None:
    with jobs_served() as (server, target, _):
        whole = run_suite(ALL_RULES, target=target, profile=QUICK)
        started = server.started
        audits = [run_suite(ALL_RULES, target=target, profile=QUICK, shard=s) for s in PARTS]
        assert server.started - started == started
    first, *others = (audit.history for audit in audits)
    merged = first.merge(*others)
    assert verdicts(judge(merged, ALL_RULES)) == verdicts(whole.report)
    assert missing_shards(merged.notes) == ()
    assert missing_shards(first.notes) == PARTS[1:]
    assert audits[1].command.endswith("--shard 2/3")


@pytest.mark.parametrize(
    ("api", "fault"), [("nekt", None), ("pipe0", None), ("nekt", "cache-key-lacks-the-path")]
)
def test_shards_of_an_emulator_come_to_the_verdict_of_a_whole_run(
    api: str, fault: str | None
) -> None:
    small = evolve(QUICK, fuzz=1)
    whole = run_suite(api, profile=small, fault=fault)
    with emulated(api, profile=small, fault=fault) as target:
        histories = [
            run_suite(api, target=target, profile=small, shard=shard).history for shard in PARTS
        ]
    merged = histories[0].merge(*histories[1:])
    rulebook = load_rulebook(api)
    assert verdicts(judge(merged, rulebook)) == verdicts(whole.report)


@pytest.mark.parametrize(
    ("budget", "requests", "runs"),
    [(Budget(max_requests=41), 41, None), (Budget(max_runs=4), None, 4)],
    ids=["requests", "runs"],
)
def test_a_budget_is_that_of_all_shards(
    budget: Budget, requests: int | None, runs: int | None
) -> None:
    with jobs_served() as (server, target, wire):
        for shard in PARTS:
            run_suite(ALL_RULES, target=target, profile=QUICK, shard=shard, budget=budget)
        assert requests in (None, len(wire.seen))
        assert runs in (None, server.started)


# ---- as a user does it -----------------------------------------------------------------------


def test_shards_are_for_one_server(tmp_path: Path) -> None:
    done = runwright("test", "nekt", "--shard", "1/2", folder=tmp_path)
    assert done.returncode == USAGE
    assert "say which with --url" in done.stderr


def test_shards_are_merged_zipped_piped_and_damaged(tmp_path: Path) -> None:
    history = History(
        exchanges=tuple(
            Exchange(worker="w", seq=seq, at=seq, took=0, method="GET", url="http://a.example/")
            for seq in range(40)
        ),
        api="nekt",
    )
    lines = dump_history(history).splitlines(keepends=True)
    head, parts = lines[0], (lines[1:11], lines[11:21], lines[21:])
    parts[1][3] = b'{"worker": 1}\n'
    (tmp_path / "1.ndjson.gz").write_bytes(gzip.compress(head + b"".join(parts[0])))
    (tmp_path / "2.ndjson").write_bytes(head + b"".join(parts[1]))
    with subprocess.Popen(
        [sys.executable, "-m", "runwright", "merge", "1.ndjson.gz", "2.ndjson", "-", "-o", "all",
         "--json"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        told, said = process.communicate(head + b"".join(parts[2]), timeout=120)
    assert process.returncode == CONFORMS, said
    assert read_history(tmp_path / "all").exchanges == (
        *history.exchanges[:13],
        *history.exchanges[14:],
    )
    (flaw,) = json.loads(told)["passed_over"]
    assert flaw.startswith("2.ndjson:5: not an exchange")
    assert f"passed over: {flaw}" in said.decode()


def test_what_is_no_history_is_not_merged(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_text('{"log": {"entries": []}}')
    done = runwright("merge", "a.har", "-o", "all", folder=tmp_path)
    assert done.returncode == USAGE
    assert "a.har: this is no runwright history (NDJSON)" in done.stderr


def test_shards_are_saved_merged_and_judged(tmp_path: Path) -> None:
    with emulated("nekt", speed=20) as target:
        for index in (1, 2):
            done = runwright(
                "test", "nekt", "--url", target.url, "--observe-only", "--shard", f"{index}/2",
                "--save", f"{index}.ndjson", folder=tmp_path, token=target.tenants[0].token,
            )  # fmt: skip
            assert done.returncode == CONFORMS, done.stderr
    done = runwright("merge", "1.ndjson", "2.ndjson", "-o", "all.ndjson", folder=tmp_path)
    assert done.returncode == CONFORMS, done.stderr
    assert "missing" not in done.stderr
    done = runwright("judge", "all.ndjson", "--api", "nekt", folder=tmp_path)
    assert done.returncode == CONFORMS, done.stderr
    assert "nekt CONFORMS" in done.stdout


def test_a_missing_shard_is_told(tmp_path: Path) -> None:
    for index in (1, 3):
        history = History(exchanges=(), api="nekt", notes=(f"shard {index}/3",))
        write_history(history, tmp_path / f"{index}.ndjson")
    done = runwright("merge", "1.ndjson", "3.ndjson", "-o", "all.ndjson", folder=tmp_path)
    assert done.returncode == CONFORMS
    assert "shards are missing: 2/3" in done.stderr
