"""Reports over the history of a job, kept and broken, for whoever renders or compares them."""

from typing import Any

import jobs
from attrs import evolve
from runwright.history import Exchange, History, Message
from runwright.judge import judge
from runwright.report import Report, Result, Verdict, Violation
from runwright.rule import Level

HOSTILE = "</pre><script>alert(1)</script>|`|**@everyone**\x00\x1b[31m\u2028"
"""What a server might answer to whoever prints it."""


def conforming() -> Report:
    """A report in which nothing is violated."""
    return judge(jobs.conforming(), jobs.RULEBOOK)


def conforming_exchanges() -> tuple[Exchange, ...]:
    """The exchanges in which every promise is kept, a POST first."""
    return jobs.conforming().exchanges


def broken_history() -> History:
    """The job runs again after it was done, its log is cut, and a step is gone for a while."""
    done = {**jobs.DONE, "steps": jobs.DONE["steps"][1:]}
    return jobs.without(
        "late",
        revived=jobs.look(100, jobs.job("running", **{**jobs.RUNNING, "log": HOSTILE})),
        again=jobs.look(110, jobs.job("running", **jobs.RUNNING)),
        gone=jobs.look(120, jobs.job("done", **done)),
        odd=jobs.look(130, jobs.job("on-holiday", **jobs.DONE)),
    )


def violated() -> Report:
    """A report in which a MUST rule and several inferred ones are violated."""
    return judge(broken_history(), jobs.RULEBOOK)


def cut_short() -> Report:
    """A report in which nothing is violated, of a server that went away."""
    return evolve(conforming(), cut_short="http://jobs stopped answering after 9 of 20 requests")


def with_result(report: Report, rule: str, **changes: Any) -> Report:
    """The report with members of one of its results changed."""
    assert any(result.rule == rule for result in report.results)
    return evolve(
        report,
        results=tuple(
            evolve(result, **changes) if result.rule == rule else result
            for result in report.results
        ),
    )


def result(report: Report, rule: str) -> Result:
    """The result of one rule."""
    return next(found for found in report.results if found.rule == rule)


FINAL = "jobs.job.terminal-is-final"
"""A MUST rule that `violated` finds broken."""

LOG = "jobs.job.log-only-grows"
"""An inferred rule that `violated` finds broken."""


def large() -> Report:
    """A report whose evidence has a body of a megabyte, with a fault deep inside."""
    cells = {f"c{n}": jobs.cell("filled", f"{n}" * 200) for n in range(2000)}
    seen = jobs.reworded("late", cells=cells)
    exchange = next(e for e in seen.exchanges if len(e.response.content) > 500_000)
    report = judge(jobs.conforming(), jobs.RULEBOOK)
    return with_result(
        report,
        FINAL,
        verdict=Verdict.VIOLATED,
        violation_count=1,
        violations=(
            Violation(
                exchanges=(exchange,),
                pointer="/cells/c1234/status",
                expected="empty",
                actual="filled",
            ),
        ),
    )


def hostile() -> Report:
    """A report in which every text that comes from outside is hostile."""
    report = violated()
    found = result(report, FINAL).violations[0]
    exchange = evolve(
        found.exchanges[-1],
        seq=999,
        method="GET",
        url=f"https://jobs.example/api/{HOSTILE}",
        error=HOSTILE,
        actor=HOSTILE,
        request=Message((("x-note", HOSTILE),), HOSTILE.encode()),
        response=Message(((HOSTILE, HOSTILE),), HOSTILE.encode()),
    )
    return evolve(
        with_result(
            report,
            FINAL,
            sentence=HOSTILE,
            source=HOSTILE,
            claim=HOSTILE,
            level=Level.MUST,
            violations=(
                evolve(
                    found,
                    exchanges=(exchange,),
                    pointer=f"/{HOSTILE}",
                    expected=HOSTILE,
                    actual=HOSTILE,
                ),
            ),
        ),
        title=HOSTILE,
        target=HOSTILE,
        baseline_faults=(HOSTILE,),
    )
