"""The smallest part of a history that still shows a rule broken: delta debugging over exchanges."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from attrs import define, evolve

from runwright.history import Exchange, History
from runwright.judge import judge_rule
from runwright.report import Report, Result, Verdict
from runwright.rulebook import Entry, Rulebook
from runwright.spec import Spec
from runwright.trace import Observation

MOST_TRIALS = 400
"""Judgements after which a history is small enough."""

MOST_EFFORT = 30_000
"""Exchanges that may be judged to make one history small for a report."""

MOST_VIOLATIONS = 5
"""Violations of one rule whose own exchanges are tried."""

T = TypeVar("T")


@define
class _Trials:
    """Judges parts of a history by one rule, as long as its effort lasts."""

    history: History
    entry: Entry
    spec: Spec
    effort: int | None

    def part(self, exchanges: Sequence[Exchange]) -> History:
        return evolve(self.history, exchanges=tuple(exchanges))

    def breaks(self, exchanges: Sequence[Exchange]) -> bool:
        """True if the part breaks the rule; False, too, when no effort is left to tell."""
        if self.effort is not None:
            if len(exchanges) > self.effort:
                return False
            self.effort -= len(exchanges)
        observation = Observation(self.spec, self.part(exchanges))
        return judge_rule(self.entry, observation).verdict is Verdict.VIOLATED


def smallest_evidence(
    history: History,
    entry: Entry,
    spec: Spec,
    *,
    result: Result | None = None,
    effort: int | None = None,
) -> History | None:
    """Return the smallest sub-history found that breaks the rule; None if none does.

    The exchanges that a violation in `result` names are tried first: mostly they are enough;
    else those at the same URLs are taken, too. `effort` limits how many exchanges are judged
    in all, each as often as it is.
    """
    trials = _Trials(history, entry, spec, effort)
    for part in _parts(history, result):
        if trials.breaks(part):
            return trials.part(minimize(part, trials.breaks))
    return None


def _parts(history: History, result: Result | None) -> Iterator[Sequence[Exchange]]:
    """Yield parts that are likely to break the rule, each wider than the one before."""
    violations = result.violations[:MOST_VIOLATIONS] if result else ()
    for violation in violations:
        yield violation.exchanges
    for violation in violations[:1]:
        paths = {urlsplit(exchange.url).path for exchange in violation.exchanges}
        yield tuple(e for e in history.exchanges if urlsplit(e.url).path in paths)
    yield history.exchanges


def with_smallest(
    report: Report, history: History, rulebook: Rulebook, explained: Collection[str] = ()
) -> Report:
    """Return a report each of whose violated results has the smallest history that shows it.

    Those of the rules in `explained` stay as they are.
    """
    return evolve(
        report,
        results=tuple(
            result if result.rule in explained else _with_smallest(result, history, rulebook)
            for result in report.results
        ),
    )


def _with_smallest(result: Result, history: History, rulebook: Rulebook) -> Result:
    entry = rulebook.entry(result.rule)
    if result.verdict is not Verdict.VIOLATED or entry is None:
        return result
    smallest = smallest_evidence(history, entry, rulebook.spec, result=result, effort=MOST_EFFORT)
    return evolve(result, smallest=smallest.exchanges) if smallest else result


def minimize(
    items: Sequence[T], fails: Callable[[Sequence[T]], bool], most: int = MOST_TRIALS
) -> Sequence[T]:
    """Return a part of `items` that still fails, none of whose own parts was seen to fail.

    The parts tried are those of Zeller's ddmin; after `most` trials the smallest so far is
    taken. The order stays.
    """
    pieces = 2
    trials = 0
    while len(items) > 1 and trials < most:
        size = max(1, -(-len(items) // pieces))
        for start in range(0, len(items), size):
            rest = [*items[:start], *items[start + size :]]
            trials += 1
            if rest and fails(rest):
                items = rest
                pieces = max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(items), pieces * 2)
    return items
