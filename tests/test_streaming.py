"""Judging of traffic part by part: the same verdicts, and no more memory than is open."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import ALL_RULES, cell, history, job, look, moment
from runwright.history import Exchange, History, Message, dump_history, encode_exchange
from runwright.judge import judge
from runwright.report import Report, Result, Verdict, dump_report
from runwright.rulebook import Rulebook, load_rulebook
from runwright.shrink import with_smallest
from runwright.spec import apis
from runwright.strategies import histories, mangled
from runwright.streaming import MOST_HELD, StreamingJudge

each_api = pytest.mark.parametrize("api", apis())
few = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


def _parts(seen: History, book: Rulebook, most: int = MOST_HELD) -> Report:
    judge = StreamingJudge(book, most=most)
    for exchange in seen.exchanges:
        judge.add(exchange)
    return judge.report()


def _accused(report: Report) -> set[str]:
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)}


@each_api
@few
@given(data=st.data())
def test_small_traffic_is_judged_as_one_history(api: str, data: st.DataObject) -> None:
    book = load_rulebook(api)
    seen = data.draw(mangled(data.draw(histories(book.spec, most_requests=8)), book.spec))
    whole = with_smallest(judge(evolve(seen, api=api, target=None), book), seen, book)
    parts = _parts(seen, book)
    assert dump_report(evolve(parts, notes=whole.notes)) == dump_report(whole)


@each_api
@few
@given(data=st.data())
def test_parts_accuse_nobody_who_keeps_the_promises(api: str, data: st.DataObject) -> None:
    book = load_rulebook(api)
    kept = tuple(e for e in book.entries if e.rule.home in ("lifecycle", "protocol"))
    book = evolve(book, entries=kept)
    seen = data.draw(histories(book.spec, most_requests=12))
    whole = judge(seen, book)
    parts = _parts(seen, book, most=data.draw(st.integers(1, 10_000)))
    assert _accused(parts) == set()
    assert parts.exchanges == whole.exchanges
    assert parts.operations == whole.operations
    assert (parts.began, parts.ended) == (whole.began, whole.ended)


def test_a_run_that_is_open_is_followed_from_part_to_part() -> None:
    told = _told(job("running"), job("running", owner="eve"), job("running", owner="eve"))
    result = _result(_parts(told, ALL_RULES, most=1), "jobs.job.owner-is-constant")
    assert result.verdict is Verdict.VIOLATED
    assert [exchange.seq for exchange in result.smallest] == [0, 1]
    report = _parts(told, ALL_RULES, most=1)
    assert (report.exchanges, report.runs) == (3, 1)


def test_a_run_that_has_ended_is_followed_as_long_as_there_is_room() -> None:
    ended = job("done", started_at=moment(1), ended_at=moment(2), result={"size": 3})
    told = _told(ended, job("running"))
    rule = "jobs.job.terminal-is-final"
    assert _result(_parts(told, ALL_RULES, most=100_000), rule).verdict is Verdict.VIOLATED
    assert _result(_parts(told, ALL_RULES, most=1), rule).verdict is not Verdict.VIOLATED


def test_what_is_carried_is_not_counted_twice() -> None:
    told = _told(job("queued"), job("running"), job("running"), job("done"))
    (seen,) = (seen for seen in _parts(told, ALL_RULES, most=1).lifecycles if seen.thing == "job")
    assert seen.things == 1
    assert {state.name: state.seen for state in seen.states if state.seen} == {
        "queued": 1,
        "running": 1,
        "done": 1,
    }
    assert {(edge.source, edge.target): edge.seen for edge in seen.edges if edge.seen} == {
        ("queued", "running"): 1,
        ("running", "done"): 1,
    }


def test_a_large_answer_is_held_once() -> None:
    cells = {f"c{number}": cell("working") for number in range(500)}
    judge = StreamingJudge(ALL_RULES, most=300_000)
    for exchange in _told(
        *(job("running", log="x" * at, cells=cells) for at in range(100))
    ).exchanges:
        judge.add(exchange)
    report = judge.report()
    assert report.exchanges == 100
    assert _accused(report) == set()


PEAK = """
import resource, sys
from runwright.recordings import read_recording
from runwright.rulebook import Rulebook, load_rulebook
from runwright.streaming import MOST_HELD, StreamingJudge
judge = StreamingJudge(load_rulebook("pipe0"), most=1_000_000)
for exchange in read_recording(sys.argv[1]):
    judge.add(exchange)
report = judge.report()
print(report.exchanges, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_bounded_by_what_is_open(tmp_path: Path) -> None:
    peaks = []
    for runs in (60, 240):
        path = tmp_path / f"{runs}.ndjson"
        write_runs(path, runs)
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
        )
        exchanges, peak = map(int, done.stdout.split())
        assert exchanges == 4 * runs
        peaks.append(peak)
    assert peaks[1] < 1.25 * peaks[0]


def write_runs(path: Path, runs: int) -> None:
    """Write a history of runs one after the other, each polled until its end."""
    with path.open("wb") as stream:
        stream.write(dump_history(History(exchanges=(), api="pipe0")))
        for number in range(runs):
            for exchange in _run(number):
                stream.write(encode_exchange(exchange) + b"\n")


def _run(number: int) -> Iterator[Exchange]:
    key = str(UUID(int=number))
    for poll, status in enumerate(("pending", "processing", "processing", "completed")):
        body = {
            "id": key,
            "status": status,
            "organization_id": "o",
            "order": ["1"],
            "errors": [],
            "field_definitions": {},
            "records": {"1": {"id": "1", "fields": _fields(status, 40 * number)}},
        }
        yield Exchange(
            worker="w",
            seq=4 * number + poll,
            at=100.0 * number + 10 * poll,
            took=0.1,
            method="GET",
            url=f"https://api.pipe0.com/v1/pipes/check/{key}",
            status=200,
            response=Message((("content-type", "application/json"),), json.dumps(body).encode()),
            credentials="valid",
        )


def _fields(status: str, seed: int) -> dict[str, object]:
    done = status == "completed"
    return {
        f"field_{seed + index}": {
            "value": f"value {seed + index} " * 8 if done else None,
            "status": "completed" if done else status,
            "type": "string",
            "format": None,
            "claimed_by": {"ref": "prompt:run@1", "label": "Prompt", "type": "pipe"},
            "resolved_by": {"ref": "prompt:run@1"} if done else None,
            "reason": None,
            "widgets": {},
        }
        for index in range(40)
    }


def _told(*bodies: object) -> History:
    return history([look(10.0 * (at + 1), body) for at, body in enumerate(bodies)])


def _result(report: Report, rule: str) -> Result:
    return next(result for result in report.results if result.rule == rule)
