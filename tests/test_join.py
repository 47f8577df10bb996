"""Ledger and report, joined: what an honest run must show of each promise, under each reading."""

import pytest
from runwright.ledger import READINGS, Reading
from runwright.report import Verdict
from runwright.rule import Level
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("api", apis())
def test_each_promise_is_judged_and_kept(api: str, reading: Reading) -> None:
    audit = run_suite(api, reading=reading, profile=QUICK)
    results = {result.rule: result for result in audit.report.results}
    ledger = load_rulebook(api).ledger
    promised = {
        line.id
        for line in ledger.lines
        if line.excluded is None and line.holds_under(reading) and ".conduct." not in line.id
    }
    assert set(results) == promised, "lines and results are the same"
    # What only the other reading promises was not judged; what none can judge says why.
    for line in ledger.lines:
        assert line.id in promised or line.excluded or line.id not in results

    broken = [
        (result.rule, result.failure, result.violations[:1])
        for result in audit.report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    ]
    assert broken == [], "an honest server breaks nothing, whatever the level"
    silent = [
        result.rule
        for result in results.values()
        if result.level is not Level.INFERRED
        and result.unwitnessed is None
        and not (result.verdict is Verdict.HOLDS and result.witnesses > 0)
    ]
    assert silent == [], "a firm promise has a witness, or says why it has none"


def test_a_reading_judges_by_its_own_docs() -> None:
    """What newer docs weaken is a MUST as the seeds say it, and judged as they say it else."""
    book = load_rulebook("pipe0")
    seed, current = (
        {entry.rule.id: entry.level for entry in book.entries if entry.holds_under(reading)}
        for reading in READINGS
    )
    promised = {
        "pipe0.record.fields-match-definitions",
        "pipe0.definitions.are-given",
        "pipe0.field.resolved-by-only-when-completed",
        "pipe0.field.reason-when-unresolved",
    }
    assert {seed[rule] for rule in promised} == {Level.MUST}
    weakened = {"pipe0.definitions.are-given", "pipe0.field.resolved-by-only-when-completed"}
    assert promised - set(current) == weakened
    assert {"pipe0.definitions.follow-the-request", "pipe0.field.reason-when-skipped"} <= (
        set(current) - set(seed)
    )
