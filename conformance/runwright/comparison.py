"""The comparison of two reports: a server before and after a change, or two generations."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from runwright.report import Report, Result, Verdict
from runwright.rule import Level


class Course(StrEnum):
    """What a comparison says over all."""

    WORSE = "worse"
    NOT_WORSE = "not worse"
    OPEN = "no verdict"


class Change(StrEnum):
    """What became of a rule, the gravest first."""

    NEWLY_VIOLATED = "newly violated"
    NEWLY_BROKEN = "newly failed to judge"
    WITNESS_LOST = "no longer met"
    FIXED = "fixed"
    NEWLY_WITNESSED = "newly witnessed"
    STILL_VIOLATED = "still violated"
    LEVEL_CHANGED = "level changed"
    ADDED = "only after"
    REMOVED = "only before"


@frozen(kw_only=True)
class Difference:
    """A rule about which two reports differ, or that both found violated.

    ``rule`` is its id, without the API's name where the two APIs differ.
    """

    rule: str
    before: Result | None
    after: Result | None
    changes: tuple[Change, ...]

    @property
    def level(self) -> Level:
        """The level that the rule has now, or had if it is gone."""
        result = self.after or self.before
        assert result is not None
        return result.level

    def regresses(self, *, strict: bool = False) -> bool:
        """True if a violation is new that fails a report; `strict` counts inferred rules, too."""
        if Change.NEWLY_BROKEN in self.changes:
            return True
        return (
            Change.NEWLY_VIOLATED in self.changes
            and self.after is not None
            and self.after.fails_when(strict=strict)
        )


@frozen(kw_only=True)
class Comparison:
    """Two reports, and the differences between them; ``same`` counts the rules without one."""

    before: Report
    after: Report
    differences: tuple[Difference, ...]
    same: int

    @property
    def is_across(self) -> bool:
        """True if the reports are of two APIs, whose rules are matched without the API's name."""
        return self.before.api != self.after.api

    @property
    def shared(self) -> tuple[Difference, ...]:
        """The differences about rules that both reports judged."""
        return tuple(d for d in self.differences if d.before and d.after)

    @property
    def only_before(self) -> tuple[Result, ...]:
        """What the first report found of rules that the second has not."""
        return tuple(d.before for d in self.differences if d.before and not d.after)

    @property
    def only_after(self) -> tuple[Result, ...]:
        """What the second report found of rules that the first has not."""
        return tuple(d.after for d in self.differences if d.after and not d.before)

    def regresses(self, *, strict: bool = False) -> bool:
        """True if something fails after that did not fail before."""
        return any(difference.regresses(strict=strict) for difference in self.differences)

    def course(self, *, strict: bool = False) -> Course:
        """Tell whether something fails that did not; what was cut short may hide that."""
        if self.regresses(strict=strict):
            return Course.WORSE
        return Course.NOT_WORSE if self.after.cut_short is None else Course.OPEN

    def with_change(self, change: Change) -> tuple[Difference, ...]:
        """Return the differences of one kind."""
        return tuple(d for d in self.differences if change in d.changes)


def compare_reports(before: Report, after: Report) -> Comparison:
    """Compare two reports, rule by rule.

    Rules are matched by their ids; between two APIs, by what follows the API's name.
    """
    first, second = _by_name(before, after), _by_name(after, before)
    differences = []
    same = 0
    for name in dict.fromkeys((*second, *first)):
        changes = tuple(_changes(first.get(name), second.get(name)))
        if not changes:
            same += 1
            continue
        differences.append(
            Difference(rule=name, before=first.get(name), after=second.get(name), changes=changes)
        )
    order = list(Change)
    differences.sort(key=lambda d: (min(map(order.index, d.changes)), d.rule))
    return Comparison(before=before, after=after, differences=tuple(differences), same=same)


def _by_name(report: Report, other: Report) -> Mapping[str, Result]:
    if report.api == other.api:
        return {result.rule: result for result in report.results}
    return {result.rule.removeprefix(f"{report.api}."): result for result in report.results}


def _changes(before: Result | None, after: Result | None) -> list[Change]:
    changes = []
    was = before.verdict if before else None
    now = after.verdict if after else None
    unseen = (Verdict.UNKNOWN, Verdict.BROKEN, Verdict.NOT_APPLICABLE)
    if now is Verdict.VIOLATED:
        changes.append(Change.STILL_VIOLATED if was is Verdict.VIOLATED else Change.NEWLY_VIOLATED)
    elif now is Verdict.BROKEN and was is not Verdict.BROKEN:
        changes.append(Change.NEWLY_BROKEN)
    elif now is Verdict.HOLDS and was is Verdict.VIOLATED:
        changes.append(Change.FIXED)
    elif now is Verdict.HOLDS and was in unseen:
        changes.append(Change.NEWLY_WITNESSED)
    elif now is Verdict.UNKNOWN and was in (Verdict.HOLDS, Verdict.VIOLATED):
        changes.append(Change.WITNESS_LOST)
    if before is None:
        changes.append(Change.ADDED)
    elif after is None:
        changes.append(Change.REMOVED)
    elif before.level is not after.level:
        changes.append(Change.LEVEL_CHANGED)
    return changes


def dump_comparison(comparison: Comparison, *, strict: bool = False) -> dict[str, Any]:
    """Return a comparison as JSON values; `strict` counts inferred rules, too."""
    return {
        "format": "runwright-comparison/1",
        "regresses": comparison.regresses(strict=strict),
        "across_apis": comparison.is_across,
        "before": _dump_side(comparison.before),
        "after": _dump_side(comparison.after),
        "same": comparison.same,
        "differences": [
            {
                "rule": difference.rule,
                "changes": [change.value for change in difference.changes],
                "before": _dump_result(difference.before),
                "after": _dump_result(difference.after),
            }
            for difference in comparison.differences
        ],
    }


def _dump_side(report: Report) -> dict[str, Any]:
    return {
        "api": report.api,
        "reading": report.reading,
        "target": report.target,
        "conforms": report.conforms(),
        "cut_short": report.cut_short,
    }


def _dump_result(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {
        "rule": result.rule,
        "verdict": result.verdict.name,
        "level": result.level.value,
        "witnesses": result.witnesses,
        "violation_count": result.violation_count,
    }
