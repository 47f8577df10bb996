"""Timelines tell when a run was asked for, what it showed, and where it went wrong."""

from collections.abc import Iterable

import jobs
from attrs import evolve
from runwright.chronicle import MOST_MARKS, MOST_PARTS, MOST_RUNS, MOST_TICKS
from runwright.judge import MOST_VIOLATIONS, judge
from runwright.report import Report, Verdict
from runwright.timeline import Span, Timeline


def report_of(*said: jobs.Said) -> Report:
    return judge(jobs.history(said), jobs.ALL_RULES)


def timeline_of(*said: jobs.Said) -> Timeline:
    (timeline,) = report_of(*said).timelines
    return timeline


def statuses(spans: Iterable[Span]) -> list[str | None]:
    return [span.status for span in spans]


def test_looks_that_show_the_same_are_one_span() -> None:
    timeline = timeline_of(
        *(
            jobs.look(at, jobs.job(status))
            for at, status in ((0, "queued"), (2, "running"), (3, "running"), (7, "done"))
        )
    )
    (lane,) = timeline.lanes
    assert lane.spans == (
        Span("queued", 0.1, 0.1, 1),
        Span("running", 2.1, 3.1, 2),
        Span("done", 7.1, 7.1, 1),
    )
    assert timeline.began == jobs.CREATED
    assert timeline.lasted == 7.1
    assert [(tick.at, tick.took) for tick in timeline.ticks] == [
        (0.1, 0.1),
        (2.1, 0.1),
        (3.1, 0.1),
        (7.1, 0.1),
    ]


def test_parts_have_lanes_with_names_and_gaps() -> None:
    one, two = jobs.step(1, "working"), jobs.step(2, "waiting")
    cells = {"a": jobs.cell("computing")}
    timeline = timeline_of(
        jobs.look(0, jobs.job("running", steps=[one])),
        jobs.look(1, jobs.job("running", steps=[one, two], cells=cells)),
        jobs.look(2, jobs.job("running", steps=[two])),
        jobs.look(3, jobs.job("running", steps=[one, two])),
    )
    lanes = {lane.label: lane for lane in timeline.lanes}
    assert list(lanes) == ["job", "step 1", "step 2", "a"]
    assert statuses(lanes["step 1"].spans) == ["working", None, "working"]
    assert lanes["step 2"].spans == (Span("waiting", 1.1, 3.1, 3),)
    assert statuses(lanes["a"].spans) == ["computing", None]
    assert [lane.is_part for lane in timeline.lanes] == [False, True, True, True]


def test_lists_and_other_actors_have_lanes_of_their_own() -> None:
    timeline = timeline_of(
        jobs.look(0, jobs.job("queued")),
        jobs.listed(1, jobs.item("queued")),
        jobs.look(2, jobs.job("running"), actor="bob"),
    )
    listing = next(o.id for o in jobs.SPEC.operations.values() if o.path == "/jobs")
    assert {lane.label for lane in timeline.lanes} >= {"job", "job, as bob"}
    assert any(lane.label.startswith("in ") for lane in timeline.lanes), listing


def test_parts_without_a_name_are_told_by_what_they_are_and_their_key() -> None:
    nameless = {key: value for key, value in jobs.step(7, "working").items() if key != "name"}
    timeline = timeline_of(jobs.look(0, jobs.job("running", steps=[nameless])))
    assert [lane.label for lane in timeline.lanes] == ["job", "step 7"]


def test_a_run_is_of_who_was_answered_first_not_of_who_was_refused() -> None:
    timeline = timeline_of(
        jobs.refused(0, "GET", f"/jobs/{jobs.JOB}", 404, "none", actor="bob"),
        jobs.look(1, jobs.job("queued")),
        jobs.look(2, jobs.job("queued"), actor="bob"),
    )
    assert [lane.label for lane in timeline.lanes] == ["job", "job, as bob"]


def test_requests_that_were_refused_are_ticks() -> None:
    timeline = timeline_of(
        jobs.look(0, jobs.job("queued")),
        jobs.refused(4, "GET", f"/jobs/{jobs.JOB}", 404, "none", actor="bob"),
        jobs.refused(5, "POST", f"/jobs/{jobs.JOB}/cancel", 409, "over"),
    )
    assert [(tick.status, tick.actor) for tick in timeline.ticks] == [
        (200, "ada"),
        (404, "bob"),
        (409, "ada"),
    ]


def test_violations_are_marked_where_they_happened() -> None:
    report = report_of(
        jobs.look(0, jobs.job("done", steps=[jobs.step(1, "finished", output="x")])),
        jobs.look(5, jobs.job("running", steps=[jobs.step(1, "working", output="x")])),
    )
    (timeline,) = report.timelines
    marks = {(mark.rule, timeline.lanes[mark.lane].label): mark for mark in timeline.marks}
    run = marks["jobs.job.terminal-is-final", "job"]
    step = marks["jobs.step.terminal-is-final", "step 1"]
    assert run.at == step.at == 5.1
    for mark in timeline.marks:
        result = next(r for r in report.results if r.rule == mark.rule)
        assert mark.violation is not None
        violation = result.violations[mark.violation]
        assert violation.exchanges[-1].at - timeline.began + 0.1 == mark.at


def test_a_missing_run_is_marked_at_the_request_that_missed_it() -> None:
    report = report_of(
        jobs.look(0, jobs.job("queued")),
        jobs.refused(4, "GET", f"/jobs/{jobs.JOB}", 404, "none"),
    )
    (timeline,) = report.timelines
    assert [(m.rule, m.at, m.lane) for m in timeline.marks] == [("jobs.job.stays-readable", 4.1, 0)]


def other(number: int) -> str:
    return f"{number:08x}-6d1e-4f57-8a0e-3f1d2c9b7a11"


def of_job(number: int, said: jobs.Said) -> jobs.Said:
    body = {**said.body, "id": other(number)}
    return evolve(said, path=f"/jobs/{other(number)}", body=body)


def test_runs_with_violations_come_before_others_when_there_are_many() -> None:
    quiet = [of_job(n, jobs.look(n, jobs.job("queued"))) for n in range(100)]
    bad = [
        of_job(777, jobs.look(200, jobs.job("done"))),
        of_job(777, jobs.look(201, jobs.job("running"))),
    ]
    report = report_of(*quiet, *bad)
    assert report.runs == 101
    assert len(report.timelines) == MOST_RUNS
    assert other(777) in {timeline.key for timeline in report.timelines}
    assert [t.began for t in report.timelines] == sorted(t.began for t in report.timelines)


def test_every_run_that_breaks_a_rule_is_marked_though_few_violations_are_spelled_out() -> None:
    said = [
        of_job(n, jobs.look(n * 100 + at, jobs.job(status)))
        for n in range(MOST_RUNS)
        for at, status in ((0, "done"), (1, "running"), (2, "running"), (3, "running"))
    ]
    report = report_of(*said)
    rule = "jobs.job.terminal-is-final"
    result = next(r for r in report.with_verdict(Verdict.VIOLATED) if r.rule == rule)
    assert len(result.violations) == MOST_VIOLATIONS
    assert result.violation_count == 3 * MOST_RUNS
    for timeline in report.timelines:
        assert sum(mark.rule == rule for mark in timeline.marks) == 3


def test_few_violations_at_each_place_are_spelled_out() -> None:
    said = [
        of_job(n, jobs.look(n * 100 + at, jobs.job("running" if at else "done")))
        for n in range(3)
        for at in range(30)
    ]
    report = report_of(*said)
    rule = "jobs.job.terminal-is-final"
    result = next(r for r in report.results if r.rule == rule)
    urls = [violation.exchanges[-1].url for violation in result.violations]
    assert len(urls) == MOST_VIOLATIONS
    assert len(set(urls)) == 3


def test_many_parts_are_cut_but_never_those_that_went_wrong() -> None:
    before = {f"c{n}": jobs.cell("filled", n) for n in range(600)}
    after = {**before, "c599": jobs.cell("computing", 599)}
    report = report_of(
        jobs.look(0, jobs.job("running", cells=before)),
        jobs.look(1, jobs.job("running", cells=after)),
    )
    (timeline,) = report.timelines
    parts = [lane for lane in timeline.lanes if lane.is_part]
    assert len(parts) == MOST_PARTS
    assert timeline.parts_left_out == 600 - MOST_PARTS
    assert "c599" in {lane.label for lane in parts}


def test_many_requests_are_thinned_but_never_those_that_show_a_first_violation() -> None:
    said = [jobs.look(n, jobs.job("failed")) for n in range(400)]
    said[201] = jobs.look(201, jobs.job("queued"))
    timeline = timeline_of(*said)
    assert MOST_TICKS <= len(timeline.ticks) <= MOST_TICKS + len(timeline.marks)
    assert timeline.ticks_left_out == 400 - len(timeline.ticks)
    assert 201.1 in {mark.at for mark in timeline.marks}
    assert {mark.at for mark in timeline.marks} <= {tick.at for tick in timeline.ticks}
    assert timeline.ticks[0].at == 0.1
    assert timeline.ticks[-1].at == 399.1
    assert timeline.lanes[0].spans[0].looks == 201


def test_many_marks_are_thinned_but_never_the_first_of_a_rule() -> None:
    said = [jobs.look(n, jobs.job("done" if n < 200 else "running")) for n in range(400)]
    report = report_of(*said)
    (timeline,) = report.timelines
    counted = sum(result.violation_count for result in report.results)
    assert len(timeline.marks) == MOST_MARKS
    assert len(timeline.marks) + timeline.marks_left_out == counted
    assert {mark.rule for mark in timeline.marks} == {
        result.rule for result in report.with_verdict(Verdict.VIOLATED)
    }
    spelled = {(r.rule, n) for r in report.results for n in range(len(r.violations))}
    assert spelled <= {(mark.rule, mark.violation) for mark in timeline.marks}
