"""The judge: a history goes in, a report comes out. No network, no clock."""

from collections.abc import Iterable

from attrs import define, evolve

from runwright.chronicle import draw_timelines
from runwright.coverage import lifecycles_seen, operations_seen
from runwright.history import History
from runwright.ledger import Reading
from runwright.report import Report, Result, Verdict, Violation
from runwright.rule import Finding, Level
from runwright.rulebook import Entry, Rulebook
from runwright.timeline import Spot
from runwright.trace import Observation

MOST_VIOLATIONS = 20
"""Violations of one rule that a report spells out; all of them are counted."""


def judge(history: History, rulebook: Rulebook, *, reading: Reading = "seed") -> Report:
    """Judge a history by every rule of a rulebook that the reading has."""
    observation = Observation(rulebook.spec, history)
    results = tuple(
        judge_rule(entry, observation) for entry in rulebook.entries if entry.holds_under(reading)
    )
    exchanges = history.exchanges
    return Report(
        api=rulebook.spec.api,
        title=rulebook.spec.title,
        reading=reading,
        target=history.target,
        exchanges=len(exchanges),
        runs=len({(trace.thing, trace.key) for trace in observation.traces}),
        began=min((exchange.at for exchange in exchanges), default=None),
        ended=max((exchange.at + exchange.took for exchange in exchanges), default=None),
        results=results,
        operations=operations_seen(observation),
        lifecycles=lifecycles_seen(observation),
        timelines=draw_timelines(observation, _spots(results)),
    )


def _spots(results: Iterable[Result]) -> tuple[Spot, ...]:
    """Return where violations were seen, those of the firmest promises first."""
    ranks = list(Level)
    return tuple(
        Spot(
            rule=result.rule,
            violation=index,
            exchange=violation.exchanges[-1],
            pointer=violation.pointer,
        )
        for result in sorted(results, key=lambda result: ranks.index(result.level))
        for index, violation in enumerate(result.violations)
        if violation.exchanges
    )


@define
class _Tally:
    witnesses: int = 0
    violations: int = 0


def judge_rule(entry: Entry, observation: Observation) -> Result:
    """Judge an observation by one rule.

    A rule that raises is BROKEN, which never hides a violation that it found before.
    """
    tally = _Tally()
    spelled: list[Violation] = []
    seen: set[tuple[str, str, str]] = set()
    failure: str | None = None
    findings = iter(entry.rule.judge(observation))
    while True:
        try:
            finding = next(findings, None)
        except Exception as error:  # noqa: BLE001  our own fault, whatever it is
            failure = f"{type(error).__name__}: {error}"
            break
        if finding is None:
            break
        if finding.kept:
            tally.witnesses += 1
            continue
        tally.violations += 1
        likeness = _likeness(finding)
        if len(spelled) < MOST_VIOLATIONS and likeness not in seen:
            seen.add(likeness)
            spelled.append(_violation(finding))
    return evolve(
        _result(entry, _verdict(tally, failure)),
        witnesses=tally.witnesses,
        violation_count=tally.violations,
        violations=tuple(spelled),
        failure=failure,
    )


def _result(entry: Entry, verdict: Verdict) -> Result:
    rule, line = entry.rule, entry.line
    return Result(
        rule=rule.id,
        level=entry.level,
        verdict=verdict,
        claim=rule.claim,
        sentence=line.sentence.text if line else rule.claim,
        source=str(line.sentence.source) if line else "",
        where=rule.where,
        unwitnessed=line.unwitnessed if line else None,
    )


def _verdict(tally: _Tally, failure: str | None) -> Verdict:
    if tally.violations:
        return Verdict.VIOLATED
    if failure is not None:
        return Verdict.BROKEN
    return Verdict.HOLDS if tally.witnesses else Verdict.UNKNOWN


def _likeness(finding: Finding) -> tuple[str, str, str]:
    last = finding.exchanges[-1].id if finding.exchanges else ""
    return last, finding.pointer, finding.actual


def _violation(finding: Finding) -> Violation:
    return Violation(
        exchanges=finding.exchanges,
        pointer=finding.pointer,
        expected=finding.expected,
        actual=finding.actual,
    )
