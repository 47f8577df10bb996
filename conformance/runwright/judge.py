"""The judge: a history goes in, a report comes out. No network, no clock."""

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import define, evolve

from runwright.chronicle import draw_timelines
from runwright.coverage import lifecycles_seen, operations_seen
from runwright.history import History
from runwright.ledger import Reading
from runwright.report import Report, Result, Verdict, Violation
from runwright.rule import Finding, Level
from runwright.rulebook import Entry, Rulebook
from runwright.sharing import collector_paused
from runwright.timeline import Spot
from runwright.trace import Observation

MOST_VIOLATIONS = 20
"""Violations of one rule that a report spells out; all of them are counted."""

MOST_ALIKE = 3
"""Violations of one rule at one URL that come before those at others."""

MOST_SPOTS = 2000
"""Violations of one rule that may be marked in timelines."""


def judge(
    history: History,
    rulebook: Rulebook,
    *,
    reading: Reading = "seed",
    conduct: bool = False,
    known: frozenset[str] = frozenset(),
) -> Report:
    """Judge a history by every rule of a rulebook that the reading has.

    With `conduct` the client that sent the requests is judged, too. What did not change from one
    answer to the next is judged once. `known` are the ids of exchanges that were judged before:
    what only they show is neither reported nor counted.
    """
    with collector_paused():
        return _report(Observation(rulebook.spec, history, known), rulebook, reading, conduct)


def _report(
    observation: Observation, rulebook: Rulebook, reading: Reading, conduct: bool
) -> Report:
    entries = (*rulebook.entries, *(rulebook.conduct if conduct else ()))
    judged = [_judge(e, observation) for e in entries if e.holds_under(reading)]
    exchanges = [e for e in observation.history.exchanges if observation.is_new(e)]
    return Report(
        api=rulebook.spec.api,
        title=rulebook.spec.title,
        reading=reading,
        target=observation.history.target,
        exchanges=len(exchanges),
        runs=_count_runs(observation),
        began=min((exchange.at for exchange in exchanges), default=None),
        ended=max((exchange.at + exchange.took for exchange in exchanges), default=None),
        results=tuple(result for result, _ in judged),
        operations=operations_seen(observation),
        lifecycles=lifecycles_seen(observation),
        timelines=draw_timelines(observation, _in_order(judged)),
        notes=observation.history.notes,
        cut_short=observation.history.cut_short,
    )


def _count_runs(observation: Observation) -> int:
    """Count the runs of which nothing was seen before."""
    new: set[tuple[str, str]] = set()
    known: set[tuple[str, str]] = set()
    for trace in observation.traces:
        is_new = all(observation.is_new(look.exchange) for look in trace.looks)
        (new if is_new else known).add((trace.thing, trace.key))
    return len(new - known)


def _in_order(judged: Iterable[tuple[Result, tuple[Spot, ...]]]) -> tuple[Spot, ...]:
    """Return where violations were seen, those of the firmest promises first."""
    ranks = list(Level)
    ranked = sorted(judged, key=lambda pair: ranks.index(pair[0].level))
    return tuple(spot for _, spots in ranked for spot in spots)


@define
class _Tally:
    witnesses: int = 0
    violations: int = 0


def judge_rule(entry: Entry, observation: Observation) -> Result:
    """Judge an observation by one rule.

    A rule that raises is BROKEN, which never hides a violation that it found before.
    """
    return _judge(entry, observation)[0]


def _judge(entry: Entry, observation: Observation) -> tuple[Result, tuple[Spot, ...]]:
    tally = _Tally()
    unlike: dict[tuple[str, str, str], Finding] = {}
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
        if not observation.is_new(*finding.exchanges):
            continue
        if finding.kept:
            tally.witnesses += 1
            continue
        tally.violations += 1
        if len(unlike) < MOST_SPOTS:
            unlike.setdefault(_likeness(finding), finding)
    chosen = _choose(list(unlike.values()))
    result = evolve(
        _result(entry, verdict_of(tally.witnesses, tally.violations, failure)),
        witnesses=tally.witnesses,
        violation_count=tally.violations,
        violations=tuple(_violation(finding) for finding in chosen),
        failure=failure,
    )
    indices = {id(finding): index for index, finding in enumerate(chosen)}
    spots = tuple(
        Spot(
            rule=entry.rule.id,
            violation=indices.get(id(finding)),
            exchange=finding.exchanges[-1],
            pointer=finding.pointer,
        )
        for finding in unlike.values()
        if finding.exchanges
    )
    return result, spots


def _choose(findings: Sequence[Finding]) -> list[Finding]:
    """Choose the violations to spell out: first a few of each URL, then what there is room for."""
    seen: Counter[str] = Counter()
    ranked = []
    for number, finding in enumerate(findings):
        url = finding.exchanges[-1].url if finding.exchanges else ""
        seen[url] += 1
        ranked.append((seen[url] > MOST_ALIKE, number))
    chosen = sorted(number for _, number in sorted(ranked)[:MOST_VIOLATIONS])
    return [findings[number] for number in chosen]


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


def verdict_of(witnesses: int, violations: int, failure: str | None) -> Verdict:
    """Return what follows for a rule from how often it was kept and broken, or from its failure."""
    if violations:
        return Verdict.VIOLATED
    if failure is not None:
        return Verdict.BROKEN
    return Verdict.HOLDS if witnesses else Verdict.UNKNOWN


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
