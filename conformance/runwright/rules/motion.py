"""Rules about how a member may change while its thing lives."""

import re
from collections.abc import Callable
from typing import Any, Final

from runwright.lifecycle import Motion
from runwright.pointer import MISSING, pointer_to, resolve, tokens
from runwright.rule import Finding, Findings, broken, judged, kept, show
from runwright.rules.difference import difference
from runwright.rules.order import Frontier, amount
from runwright.rules.states import CLOCK_TOLERANCE, Strand
from runwright.trace import Look

Judge = Callable[[Strand], Findings]
Text = str | list[Any]

ROUNDING: Final = 1e-9
"""How much smaller, relative to its size, a number may get by being rounded."""


def slug(member: str) -> str:
    """Return a member as it stands in a rule's id: ``/log/parsedLog`` gives log-parsed-log."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", "-".join(tokens(member))).lower()


def _constant(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        first: Look | None = None
        for look in looks:
            if resolve(look.body, member) is MISSING:
                continue
            if first is None:
                first = look
            else:
                yield _same(first, look, member)

    return judge


def _set_once(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        first: Look | None = None
        frontier: Frontier[bool] = Frontier()
        for look in looks:
            value = resolve(look.body, member)
            if value is MISSING:
                continue
            if _is_set(value):
                if first is None:
                    first = look
                else:
                    yield _same(first, look, member)
                frontier.add(True, look)
            else:
                for _, seen in frontier.before(look):
                    yield _same(seen, look, member)

    return judge


def _same(first: Look, look: Look, member: str) -> Finding:
    changed = difference(resolve(first.body, member), resolve(look.body, member))
    if changed is None:
        return kept(first, look)
    return broken(
        first,
        look,
        at=pointer_to(member) + changed.at,
        expected=changed.before,
        actual=changed.after,
    )


def _is_set(value: object) -> bool:
    return value is not None and value not in ("", [], {})


def _non_decreasing(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        frontier: Frontier[float] = Frontier()
        for look in looks:
            value = resolve(look.body, member)
            size = amount(value)
            if size is None:
                continue
            slack = CLOCK_TOLERANCE if isinstance(value, str) else ROUNDING * abs(size)
            highest = max(frontier.before(look), key=lambda pair: pair[0], default=None)
            if highest is not None:
                most, seen = highest
                yield judged(
                    most <= size + slack,
                    seen,
                    look,
                    at=pointer_to(member),
                    expected=f"not less than {resolve(seen.body, member)}",
                    actual=value,
                )
            frontier.add(size, look)

    return judge


def _append_only(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        longest: Look | None = None
        frontier: Frontier[int] = Frontier()
        for look in looks:
            value = resolve(look.body, member)
            if not isinstance(value, str | list):
                continue
            most = "" if longest is None else resolve(longest.body, member)
            if longest is None:
                longest = look
            elif not isinstance(most, type(value)):
                continue
            else:
                yield _grown(value, most, longest, frontier, look, member)
                longest = look if len(value) > len(most) else longest
            frontier.add(len(value), look)

    return judge


def _grown(
    value: Text, most: Text, longest: Look, frontier: Frontier[int], look: Look, member: str
) -> Finding:
    """Judge a look by the longest value before it, and by those that surely came before it.

    Of two looks whose order is not certain either may be the older one; the shorter must be the
    beginning of the longer.
    """
    length, seen = max(frontier.before(look), key=lambda pair: pair[0], default=(0, longest))
    shared = min(len(value), len(most))
    if value[:shared] != most[:shared]:
        seen = longest
    elif len(value) >= length:
        return kept(longest, look)
    return broken(
        seen,
        look,
        at=pointer_to(member),
        expected=f"begins with {show(resolve(seen.body, member))}",
        actual=value,
    )


MOTIONS: dict[Motion, tuple[str, str, Callable[[str], Judge]]] = {
    Motion.CONSTANT: ("is-constant", "never changes", _constant),
    Motion.SET_ONCE: ("is-set-once", "never changes once it is set", _set_once),
    Motion.NON_DECREASING: ("never-decreases", "never goes back", _non_decreasing),
    Motion.APPEND_ONLY: ("only-grows", "only grows at its end", _append_only),
}
"""How each motion is called in a rule's id, how the claim reads, and what judges it."""
