"""Rules about how a member may change while its thing lives."""

from collections.abc import Callable

from runwright.lifecycle import Motion
from runwright.pointer import MISSING, pointer_to, resolve, tokens
from runwright.rule import Findings, judged
from runwright.rules.order import Frontier, amount
from runwright.rules.states import Strand
from runwright.trace import Look

Judge = Callable[[Strand], Findings]


def slug(member: str) -> str:
    """Return a member as it stands in a rule's id: ``/log/parsed_log`` gives log-parsed-log."""
    return "-".join(tokens(member)).replace("_", "-")


def _constant(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        first: Look | None = None
        for look in looks:
            value = resolve(look.body, member)
            if value is MISSING:
                continue
            if first is None:
                first = look
                continue
            expected = resolve(first.body, member)
            yield judged(
                expected == value,
                first,
                look,
                at=pointer_to(member),
                expected=expected,
                actual=value,
            )

    return judge


def _set_once(member: str) -> Judge:
    def judge(looks: Strand) -> Findings:
        first: Look | None = None
        for look in looks:
            value = resolve(look.body, member)
            if value is MISSING:
                continue
            if first is None:
                first = look if _is_set(value) else None
            elif _is_set(value) or first.precedes(look):
                expected = resolve(first.body, member)
                yield judged(
                    expected == value,
                    first,
                    look,
                    at=pointer_to(member),
                    expected=expected,
                    actual=value,
                )

    return judge


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
            highest = max(frontier.before(look), key=lambda pair: pair[0], default=None)
            if highest is not None:
                seen = highest[1]
                yield judged(
                    highest[0] <= size,
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
        for look in looks:
            value = resolve(look.body, member)
            if not isinstance(value, str | list):
                continue
            if longest is None:
                longest = look
                continue
            before = resolve(longest.body, member)
            shared = min(len(before), len(value))
            # Of two overlapping looks either may be the older one: the shorter must be the
            # beginning of the longer; which is which only matters when the order is certain.
            grown = value[:shared] == before[:shared] and (
                len(value) >= len(before) or not longest.precedes(look)
            )
            yield judged(
                grown,
                longest,
                look,
                at=pointer_to(member),
                expected=f"begins with {before!r}",
                actual=value,
            )
            if len(value) >= len(before):
                longest = look

    return judge


MOTIONS: dict[Motion, tuple[str, str, Callable[[str], Judge]]] = {
    Motion.CONSTANT: ("is-constant", "never changes", _constant),
    Motion.SET_ONCE: ("is-set-once", "never changes once it is set", _set_once),
    Motion.NON_DECREASING: ("never-decreases", "never goes back", _non_decreasing),
    Motion.APPEND_ONLY: ("only-grows", "only grows at its end", _append_only),
}
"""How each motion is called in a rule's id, how the claim reads, and what judges it."""
