"""One report of the parts of a history that were judged one after the other."""

from collections import Counter
from collections.abc import Mapping

from attrs import evolve

from runwright.chronicle import MOST_RUNS
from runwright.coverage import EdgeSeen, Leap, LifecycleSeen, OperationSeen, StateSeen
from runwright.judge import MOST_VIOLATIONS, verdict_of
from runwright.report import Report, Result
from runwright.timeline import Mark, Timeline


def add_reports(first: Report, second: Report) -> Report:
    """Return the report of a history's first part and of the one that follows it.

    Both are of one rulebook, read in one way. Of violations, timelines and evidence there is
    as much as in a report of a single history: those that came first.
    """
    others = {result.rule: result for result in second.results}
    offsets = {result.rule: len(result.violations) for result in first.results}
    return evolve(
        first,
        exchanges=first.exchanges + second.exchanges,
        runs=first.runs + second.runs,
        began=min((at for at in (first.began, second.began) if at is not None), default=None),
        ended=max((at for at in (first.ended, second.ended) if at is not None), default=None),
        results=tuple(_add_results(result, others[result.rule]) for result in first.results),
        operations=tuple(map(_add_operations, first.operations, second.operations)),
        lifecycles=tuple(map(_add_lifecycles, first.lifecycles, second.lifecycles)),
        timelines=_add_timelines(first.timelines, second.timelines, offsets),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def _add_results(first: Result, second: Result) -> Result:
    witnesses = first.witnesses + second.witnesses
    violations = first.violation_count + second.violation_count
    failure = first.failure or second.failure
    return evolve(
        first,
        verdict=verdict_of(witnesses, violations, failure),
        witnesses=witnesses,
        violation_count=violations,
        violations=(*first.violations, *second.violations)[:MOST_VIOLATIONS],
        failure=failure,
        smallest=first.smallest or second.smallest,
    )


def _add_operations(first: OperationSeen, second: OperationSeen) -> OperationSeen:
    answers = Counter(first.answers) + Counter(second.answers)
    return evolve(first, calls=first.calls + second.calls, answers=dict(sorted(answers.items())))


def _add_lifecycles(first: LifecycleSeen, second: LifecycleSeen) -> LifecycleSeen:
    return evolve(
        first,
        things=first.things + second.things,
        states=tuple(map(_add_states, first.states, second.states)),
        edges=tuple(map(_add_edges, first.edges, second.edges)),
        leaps=_add_leaps(first.leaps, second.leaps),
        strangers=dict(sorted((Counter(first.strangers) + Counter(second.strangers)).items())),
    )


def _add_states(first: StateSeen, second: StateSeen) -> StateSeen:
    return evolve(first, seen=first.seen + second.seen)


def _add_edges(first: EdgeSeen, second: EdgeSeen) -> EdgeSeen:
    return evolve(first, seen=first.seen + second.seen, implied=first.implied + second.implied)


def _add_leaps(first: tuple[Leap, ...], second: tuple[Leap, ...]) -> tuple[Leap, ...]:
    found: dict[tuple[str, str], Leap] = {}
    for leap in (*first, *second):
        before = found.get((leap.source, leap.target))
        seen = leap.seen + (before.seen if before else 0)
        found[leap.source, leap.target] = evolve(leap, seen=seen)
    return tuple(found[change] for change in sorted(found))


def _add_timelines(
    first: tuple[Timeline, ...], second: tuple[Timeline, ...], offsets: Mapping[str, int]
) -> tuple[Timeline, ...]:
    """Keep the timelines with violations, then those that began first."""
    moved = tuple(
        evolve(line, marks=tuple(_moved(mark, offsets) for mark in line.marks)) for line in second
    )
    ranked = sorted((*first, *moved), key=lambda line: not line.marks)
    return tuple(sorted(ranked[:MOST_RUNS], key=lambda line: (line.began, line.key)))


def _moved(mark: Mark, offsets: Mapping[str, int]) -> Mark:
    """Return a mark whose violation stands behind those of the part before, if there is room."""
    if mark.violation is None:
        return mark
    place = mark.violation + offsets.get(mark.rule, 0)
    return mark._replace(violation=place if place < MOST_VIOLATIONS else None)
