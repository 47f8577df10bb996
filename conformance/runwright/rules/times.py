"""Judgements about times that one body shows beside each other."""

from itertools import pairwise

from runwright.pointer import pointer_to, resolve
from runwright.rule import Findings, judged
from runwright.rules.order import instant
from runwright.rules.states import CLOCK_TOLERANCE
from runwright.trace import Look


def in_order(look: Look, *members: str) -> Findings:
    """No time is before the one before it, as far as both are there; a second is forgiven.

    Members are names, or JSON Pointers below the look.
    """
    for first, second in pairwise(members):
        early, late = moment(look, first), moment(look, second)
        if early is not None and late is not None:
            yield judged(
                early <= late + CLOCK_TOLERANCE,
                look,
                at=pointer_to(second),
                expected=f"not before {first.lstrip('/')} ({resolve(look.body, first)})",
                actual=resolve(look.body, second),
            )


def moment(look: Look, member: str) -> float | None:
    """Return a time in seconds since the epoch, None if there is none."""
    return instant(resolve(look.body, member))
