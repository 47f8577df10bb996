"""What came before: order in time that is certain, for rules that compare looks."""

import re
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from runwright.trace import Look

DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.I
)

LONG_AGO: Final = 2e8
"""Seconds since the epoch below which a number is no time: in 1976."""

Value = TypeVar("Value", bound=Hashable)


class Frontier(Generic[Value]):
    """The values seen so far, each with the look that showed it first, clock by clock."""

    def __init__(self) -> None:
        self._first: dict[tuple[Value, str], Look] = {}

    def add(self, value: Value, look: Look) -> None:
        """Remember that a look showed a value."""
        seen = look.exchange
        key = (value, seen.worker if seen.clock is None else seen.clock)
        first = self._first.get(key)
        if first is None or _ended(look) < _ended(first):
            self._first[key] = look

    def before(self, look: Look) -> Iterator[tuple[Value, Look]]:
        """Yield each value, with a look that showed it, seen surely before this look."""
        for (value, _), first in self._first.items():
            if first.precedes(look):
                yield value, first


def _ended(look: Look) -> float:
    return look.exchange.at + look.exchange.took


def instant(value: object) -> float | None:
    """Return a date-time in seconds since the epoch, or None if it is none.

    One without an offset is taken for UTC. A number that is large enough is one, too, in seconds
    or in milliseconds.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= LONG_AGO:
        return value / 1000 if value >= 1000 * LONG_AGO else value
    if not isinstance(value, str) or not DATE_TIME.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def amount(value: object) -> float | None:
    """Return a number, or a date-time in seconds, as something that can be compared."""
    if isinstance(value, bool):
        return None
    return value if isinstance(value, int | float) else instant(value)
