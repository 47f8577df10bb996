"""Who reads changes nothing: the guilty are found, and nobody is accused of what others may do."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from jobs import FOLDER, JOB, SPEC, Said, job, listed, look, moment, refused, rulebook_of
from jobs import history as told
from runwright.contract import read_contract
from runwright.history import Exchange, Message
from runwright.judge import judge
from runwright.report import Report, Verdict
from runwright.rulebook import Rulebook
from runwright.rules.safety import unsettled
from runwright.spec import Spec, load_yaml
from runwright.streaming import StreamingJudge
from runwright.trace import Observation

RULE = "jobs.protocol.safe-methods-change-nothing"
CANCEL = f"/jobs/{JOB}/cancel"
ORDER = {"owner": "ada"}


def changed(change: Callable[[dict[str, Any]], object]) -> Rulebook:
    document = copy.deepcopy(load_yaml(FOLDER / "openapi.yaml"))
    change(document)
    return rulebook_of(Spec("jobs", document))


def lifecycle(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["Job"]["x-lifecycle"]
    return found


def without_lists(document: dict[str, Any]) -> None:
    """Document nothing that could be read where jobs are started."""
    del document["paths"]["/jobs"]["get"]


def without_times(document: dict[str, Any]) -> None:
    without_lists(document)
    del lifecycle(document)["clock"]


def with_a_stop(document: dict[str, Any]) -> None:
    """Let a job stop for a while before it is cancelled, or done after all."""
    states = lifecycle(document)["states"]
    states["running"]["to"].append("stopping")
    states["stopping"] = {"to": ["cancelled"], "inferred": ["done"]}


def cancelled_by_delete(document: dict[str, Any]) -> None:
    paths = document["paths"]
    paths["/jobs/{job-id}"]["delete"] = paths.pop("/jobs/{job-id}/cancel")["post"]


BOOK = rulebook_of(SPEC)
STARTS = changed(without_lists)
TIMELESS = changed(without_times)
STOPS = changed(with_a_stop)


def read(at: float, status: int = 200, **more: Any) -> Said:
    """Return what is answered to a GET of what cancels the job."""
    return evolve(Said(at, "GET", CANCEL, 200, {}), status=status, **more)


def absent(at: float, status: int = 404) -> Said:
    """Return an answer about the job that does not show it."""
    return refused(at, "GET", f"/jobs/{JOB}", status, "none")


def write(at: float, path: str = CANCEL, **more: Any) -> Said:
    return evolve(Said(at, "POST", path, 200, {}), **more)


def begun(at: float, body: Any, **more: Any) -> Said:
    """Return what is answered to a GET of what starts jobs, with all that a start needs."""
    return evolve(Said(at, "GET", "/jobs", 200, body, sent=ORDER), **more)


ALIVE = look(4, job("running"))
OVER = look(6, job("cancelled"))
GOES_ON = look(6, job("running"))
NEW = job("queued", created_at=moment(5))
SEEN = look(7, job("running", created_at=moment(5)))

Case = tuple[Rulebook, list[Said]]

GUILTY: dict[str, Case] = {
    "a GET that cancels": (BOOK, [ALIVE, read(5), OVER]),
    "a HEAD that cancels": (BOOK, [ALIVE, read(5, method="HEAD", body=b""), OVER]),
    "a link that leads to what was done": (BOOK, [ALIVE, read(5, 303), OVER]),
    "a cancel that takes its time": (BOOK, [ALIVE, read(5), GOES_ON, look(20, job("cancelled"))]),
    "a cancel that has begun": (STOPS, [ALIVE, read(5), look(6, job("stopping"))]),
    "a refused cancel beside it": (
        BOOK,
        [ALIVE, write(4.5, status=409), read(5), OVER],
    ),
    "a cancel of another job beside it": (
        BOOK,
        [ALIVE, write(4.5, CANCEL.replace("0b6b", "ffff")), read(5), OVER],
    ),
    "a start long before": (BOOK, [write(0, "/jobs", body=job("queued")), ALIVE, read(5), OVER]),
    "a GET that starts": (STARTS, [begun(5, NEW), SEEN]),
    "a GET that starts, by whole seconds": (
        STARTS,
        [begun(5.7, NEW), look(7, job("running", created_at="2026-03-04T09:00:05Z"))],
    ),
    "a GET that starts, of what tells no times": (TIMELESS, [begun(5, NEW), SEEN]),
    "a GET that starts, asked for in vain before": (
        STARTS,
        [absent(4), begun(5, NEW), SEEN],
    ),
    "a GET that starts, after other starts": (
        STARTS,
        [write(1, "/jobs", body=job("queued", id="other"), sent=ORDER), begun(5, NEW), SEEN],
    ),
}

KEPT: dict[str, Case] = {
    "a refused cancel": (BOOK, [ALIVE, read(5, 405), GOES_ON]),
    "a refused cancel of a job that ends": (BOOK, [ALIVE, read(5, 404), look(6, job("done"))]),
    "a page about cancels": (BOOK, [ALIVE, read(5), GOES_ON]),
    "a job that is cancelled much later": (
        BOOK,
        [ALIVE, read(5), GOES_ON, look(300, job("cancelled"))],
    ),
    "a refused start": (STARTS, [begun(5, {"code": "no"}, status=405)]),
}

INNOCENT: dict[str, Case] = {
    "cancelled by somebody unseen after a refusal": (BOOK, [ALIVE, read(5, 405), OVER]),
    "cancelled by a request before": (BOOK, [ALIVE, write(4.5), read(5), OVER]),
    "cancelled by a request after": (BOOK, [ALIVE, read(5), write(5.5), OVER]),
    "cancelled by a request long before": (BOOK, [write(1), ALIVE, read(5), OVER]),
    "cancelled by a request that failed": (BOOK, [write(1, status=500), ALIVE, read(5), OVER]),
    "cancelled by a request without an answer": (
        BOOK,
        [write(1, status=None), ALIVE, read(5), OVER],
    ),
    "cancelled by somebody else's request": (
        BOOK,
        [ALIVE, write(4.5, worker="other", actor="bob"), read(5), OVER],
    ),
    "cancelled by a request that lasts": (
        BOOK,
        [write(1, worker="other", took=9.0), ALIVE, read(5), OVER],
    ),
    "deleted": (BOOK, [ALIVE, write(4.5, f"/jobs/{JOB}", method="DELETE"), read(5), OVER]),
    "cancelled with all others": (BOOK, [ALIVE, write(4.5, "/jobs/cancel-all"), read(5), OVER]),
    "cancelled with all others, about then": (
        BOOK,
        [write(3.5, "/jobs/cancel-all", worker="other"), ALIVE, read(5), OVER],
    ),
    "superseded by a new one": (
        BOOK,
        [ALIVE, write(4.5, "/jobs", body=job("queued", id="other")), read(5), OVER],
    ),
    "cancelled when nobody looked": (BOOK, [ALIVE, read(5), look(60, job("cancelled"))]),
    "last seen long before": (BOOK, [look(-60, job("running")), read(5), OVER]),
    "cancelled before": (BOOK, [look(4, job("cancelled")), read(5), OVER]),
    "over before": (BOOK, [look(4, job("done")), read(5), OVER]),
    "about to be cancelled before": (
        STOPS,
        [look(4, job("stopping")), read(5), OVER],
    ),
    "never seen before": (BOOK, [read(5), OVER]),
    "in a state that nobody knows before": (BOOK, [look(4, job("waiting")), read(5), OVER]),
    "in a state that nobody knows after": (BOOK, [ALIVE, read(5), look(6, job("parked"))]),
    "perhaps cancelled before it was asked for": (
        BOOK,
        [ALIVE, read(5, took=2.0), OVER],
    ),
    "sent on to another address": (BOOK, [ALIVE, read(5, 301), OVER]),
    "sent on to the same by another address": (BOOK, [ALIVE, read(5, 308), OVER]),
    "not served": (BOOK, [ALIVE, read(5, 503), OVER]),
    "not let in for now": (BOOK, [ALIVE, read(5, 429), GOES_ON]),
    "asked by nobody": (BOOK, [ALIVE, read(5, actor=None, credentials="missing"), OVER]),
    "asked for what may be done": (BOOK, [ALIVE, read(5, 204, method="OPTIONS"), OVER]),
    "another tenant's job of the same id": (
        BOOK,
        [ALIVE, read(5), GOES_ON, evolve(OVER, at=6.5, actor="bob")],
    ),
    "known to another tenant alone": (BOOK, [evolve(ALIVE, actor="bob"), read(5), OVER]),
    "a page where jobs are started": (STARTS, [begun(5, {"title": "Start a job"}), SEEN]),
    "sent on to a page": (STARTS, [begun(5, NEW, status=302), SEEN]),
    "no job that can be seen": (STARTS, [begun(5, NEW)]),
    "an example of a job": (STARTS, [begun(5, NEW), absent(7)]),
    "a job that was seen before": (STARTS, [look(4, NEW), begun(5, NEW), SEEN]),
    "a job that another tenant saw before": (
        STARTS,
        [look(3, NEW, actor="bob"), begun(5, NEW), SEEN],
    ),
    "a job that was asked for before": (
        STARTS,
        [absent(4, 503), begun(5, NEW), SEEN],
    ),
    "a job that was started by a request": (
        STARTS,
        [write(4.5, "/jobs", status=202, body=NEW, sent=ORDER), begun(5, NEW), SEEN],
    ),
    "a job whose start is answered later": (
        STARTS,
        [write(4.5, "/jobs", body=NEW, sent=ORDER, worker="w", took=9.0), begun(5, NEW), SEEN],
    ),
    "a job whose start was not answered": (
        STARTS,
        [write(4.5, "/jobs", status=None, sent=ORDER), begun(5, NEW), SEEN],
    ),
    "a job whose start failed": (
        STARTS,
        [write(4.5, "/jobs", status=500, sent=ORDER), begun(5, NEW), SEEN],
    ),
    "a job that was put there": (
        STARTS,
        [write(4.5, "/jobs", method="PUT", status=204, body=b""), begun(5, NEW), SEEN],
    ),
    "a job created before": (STARTS, [begun(50, NEW), evolve(SEEN, at=57)]),
    "a job created by a clock that is ahead": (
        STARTS,
        [begun(5, NEW), look(7, job("running", created_at=moment(65)))],
    ),
    "the present job, of what tells no times": (TIMELESS, [begun(5, NEW, sent=None), SEEN]),
    "a job that is shown to who asks in another way": (
        TIMELESS,
        [begun(5, NEW, sent={"urgent": 1}), SEEN],
    ),
    "a job at work, of what tells no times": (TIMELESS, [begun(5, job("running")), SEEN]),
    "a job that fails at once, of what tells no times": (
        TIMELESS,
        [begun(5, job("rejected")), look(7, job("rejected"))],
    ),
    "a job in the list": (BOOK, [begun(5, {"items": [NEW], **NEW}), SEEN]),
    "a list of jobs": (STARTS, [begun(5, {"items": [NEW]}), listed(6, NEW), SEEN]),
}


def verdict(report: Report) -> Verdict:
    assert not report.with_verdict(Verdict.BROKEN)
    (result,) = (result for result in report.results if result.rule == RULE)
    return result.verdict


def in_parts(book: Rulebook, said: list[Said]) -> Report:
    """Judge each request as a part of its own, but for what is carried on to it."""
    streaming = StreamingJudge(book, most=20_000)
    for exchange in told(said).exchanges:
        streaming.add(exchange)
        streaming.add(_much(exchange))
    return streaming.report()


def _much(exchange: Exchange) -> Exchange:
    """Return an exchange about something else, after which a part is full."""
    page = Message((("content-type", "text/html"),), b"x" * 20_000)
    url = exchange.url.partition("/api")[0] + "/api/health"
    return evolve(exchange, worker="page", method="GET", url=url, status=404, response=page)


@pytest.mark.parametrize("name", GUILTY)
def test_is_found(name: str) -> None:
    book, said = GUILTY[name]
    report = judge(told(said), book)
    assert verdict(report) is Verdict.VIOLATED
    (result,) = (result for result in report.results if result.rule == RULE)
    (violation,) = result.violations
    assert {"GET", "HEAD"} & {exchange.method for exchange in violation.exchanges}
    assert "safe method" in violation.expected
    assert verdict(judge(evolve(told(said), exchanges=violation.exchanges), book)) is (
        Verdict.VIOLATED
    )


@pytest.mark.parametrize("name", GUILTY)
def test_is_found_part_by_part(name: str) -> None:
    assert verdict(in_parts(*GUILTY[name])) is Verdict.VIOLATED


@pytest.mark.parametrize("name", KEPT)
def test_is_seen_to_be_kept(name: str) -> None:
    book, said = KEPT[name]
    assert verdict(judge(told(said), book)) is Verdict.HOLDS


@pytest.mark.parametrize("name", KEPT)
def test_is_seen_to_be_kept_as_often_part_by_part(name: str) -> None:
    book, said = KEPT[name]

    def witnesses(report: Report) -> int:
        return next(result.witnesses for result in report.results if result.rule == RULE)

    assert witnesses(in_parts(book, said)) == witnesses(judge(told(said), book)) == 1


@pytest.mark.parametrize("name", INNOCENT)
def test_nobody_is_accused_of(name: str) -> None:
    book, said = INNOCENT[name]
    assert verdict(judge(told(said), book)) is not Verdict.VIOLATED
    assert verdict(in_parts(book, said)) is not Verdict.VIOLATED


def test_two_reads_that_start_are_told_apart() -> None:
    """Either job is new, and each is told by the read that started it."""
    other = JOB.replace("0b6b", "aaaa")
    said = [
        begun(5, NEW),
        begun(6, job("queued", id=other, created_at=moment(6))),
        SEEN,
        Said(8, "GET", f"/jobs/{other}", 200, job("running", id=other, created_at=moment(6))),
    ]
    (result,) = (r for r in judge(told(said), STARTS).results if r.rule == RULE)
    assert [violation.actual for violation in result.violations] == [JOB, other]


def test_there_is_no_such_rule_where_all_can_be_read() -> None:
    def all_read(document: dict[str, Any]) -> None:
        cancelled_by_delete(document)

    book = changed(all_read)
    assert book.entry(RULE) is None
    said = [ALIVE, look(5, job("running")), OVER]
    assert not judge(told(said), book).with_verdict(Verdict.VIOLATED, Verdict.BROKEN)


def test_a_spec_whose_starts_can_be_listed_makes_no_such_rule() -> None:
    book = read_contract(FOLDER.parent / "kiln.yaml")
    assert book.spec.starters
    assert book.entry("kiln.protocol.safe-methods-change-nothing") is None


def test_what_is_carried_on_is_bounded_by_what_is_open() -> None:
    """Of a run that is over, or canceled again and again, little has to be remembered."""

    def carried(*said: Said) -> list[Exchange]:
        return list(unsettled(Observation(BOOK.spec, told(said))))

    often = [said for at in range(10, 60, 10) for said in (look(at, job("running")), read(at + 5))]
    kept = carried(*often)
    assert [exchange.at for exchange in kept] == [
        exchange.numbered(0).at for exchange in (often[-2], often[-1])
    ]
    assert carried(*often, look(100, job("done"))) == []
    writes = [write(at) for at in range(70, 90)]
    kept = carried(*often, *writes, listed(200))
    assert [exchange.at for exchange in kept] == [writes[0].numbered(0).at]
