"""The life of one run as it was seen: its status and its parts' over time, looks, violations.

Times are seconds after the run was first asked for, by the observer's clock; a look counts from
when its answer had come. Between two looks nothing is known, so a span says only when a status
was seen first and last.
"""

from collections.abc import Sequence
from typing import NamedTuple

from attrs import frozen

from runwright.history import Exchange


class Span(NamedTuple):
    """A status that consecutive looks showed; None where looks showed the part no more.

    A status that was there but is no text is the empty string.
    """

    status: str | None
    start: float
    end: float
    looks: int


class Tick(NamedTuple):
    """A request about the run: when its answer came, how long that took, operation, status code.

    ``actor`` is the label of whose credentials it carried.
    """

    at: float
    took: float
    exchange: str
    operation: str
    status: int | None
    actor: str | None

    @property
    def is_accepted(self) -> bool:
        """True if the server did as it was asked."""
        return self.status is not None and self.status < 400


def owner_of(ticks: Sequence[Tick]) -> str | None:
    """Return whose run it is: the actor of the first request that was not refused."""
    accepted = (tick.actor for tick in ticks if tick.is_accepted)
    return next(accepted, ticks[0].actor if ticks else None)


class Mark(NamedTuple):
    """Where a violation happened: when, in which lane, and which rule.

    ``violation`` is its place among those that the rule's result spells out, None if it is only
    counted there.
    """

    at: float
    lane: int
    rule: str
    violation: int | None


@frozen(kw_only=True)
class Lane:
    """The spans of a run through one window, or of one of its parts."""

    thing: str
    label: str
    spans: tuple[Span, ...]
    is_part: bool = False


@frozen(kw_only=True)
class Timeline:
    """One run: lanes of statuses, ticks and marks; ``began`` is in seconds since the epoch."""

    thing: str
    key: str
    began: float
    lasted: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    parts_left_out: int = 0
    ticks_left_out: int = 0
    marks_left_out: int = 0


@frozen(kw_only=True)
class Spot:
    """Where a violation was seen: the exchange, and a JSON Pointer into its answer."""

    rule: str
    violation: int | None
    exchange: Exchange
    pointer: str
