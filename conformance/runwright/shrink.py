"""The smallest part of a history that still shows a rule broken: delta debugging over exchanges."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve

from runwright.history import Exchange, History
from runwright.judge import judge_rule
from runwright.report import Result, Verdict
from runwright.rulebook import Entry
from runwright.spec import Spec
from runwright.trace import Observation

MOST_TRIALS = 400
"""Judgements after which a history is small enough."""

T = TypeVar("T")


def smallest_evidence(
    history: History, entry: Entry, spec: Spec, *, result: Result | None = None
) -> History | None:
    """Return the smallest sub-history found that breaks the rule; None if none does.

    The exchanges that a violation in `result` names are tried first: mostly they are enough.
    """

    def breaks(exchanges: Sequence[Exchange]) -> bool:
        part = evolve(history, exchanges=tuple(exchanges))
        return judge_rule(entry, Observation(spec, part)).verdict is Verdict.VIOLATED

    for violation in result.violations if result else ():
        if breaks(violation.exchanges):
            return evolve(history, exchanges=tuple(minimize(violation.exchanges, breaks)))
    if not breaks(history.exchanges):
        return None
    return evolve(history, exchanges=tuple(minimize(history.exchanges, breaks)))


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
