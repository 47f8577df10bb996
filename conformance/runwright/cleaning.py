"""Takes out of a report what was learnt to be a secret after its evidence was kept."""

from functools import partial

from attrs import evolve

from runwright.coverage import LifecycleSeen
from runwright.redaction import Redactor
from runwright.report import Report, Result, Violation
from runwright.timeline import Timeline


def clean_report(report: Report, redactor: Redactor) -> Report:
    """Return a report without any secret that a redactor has met."""
    if not redactor.known:
        return report
    return evolve(
        report,
        results=tuple(map(partial(_result, redactor), report.results)),
        lifecycles=tuple(map(partial(_lifecycle, redactor), report.lifecycles)),
        timelines=tuple(map(partial(_timeline, redactor), report.timelines)),
    )


def _result(redactor: Redactor, result: Result) -> Result:
    return evolve(
        result,
        violations=tuple(map(partial(_violation, redactor), result.violations)),
        smallest=tuple(map(redactor.again, result.smallest)),
        failure=None if result.failure is None else redactor.clean(result.failure),
    )


def _violation(redactor: Redactor, violation: Violation) -> Violation:
    return evolve(
        violation,
        exchanges=tuple(map(redactor.again, violation.exchanges)),
        pointer=redactor.clean(violation.pointer),
        expected=redactor.clean(violation.expected),
        actual=redactor.clean(violation.actual),
    )


def _lifecycle(redactor: Redactor, seen: LifecycleSeen) -> LifecycleSeen:
    strangers = {redactor.clean(status): count for status, count in seen.strangers.items()}
    return evolve(seen, strangers=strangers)


def _timeline(redactor: Redactor, timeline: Timeline) -> Timeline:
    lanes = tuple(
        evolve(
            lane,
            label=redactor.clean(lane.label),
            spans=tuple(
                span if span.status is None else span._replace(status=redactor.clean(span.status))
                for span in lane.spans
            ),
        )
        for lane in timeline.lanes
    )
    return evolve(timeline, key=redactor.clean(timeline.key), lanes=lanes)
