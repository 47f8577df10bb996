"""Rules about the states that a thing goes through, and the times that it shows.

A poller misses states, so what is judged is reachability, never adjacency: only looks whose
order is certain are compared, and leaving out a look never makes a fault.
"""

from collections.abc import Iterator, Sequence

from runwright.history import Exchange
from runwright.lifecycle import Lifecycle
from runwright.pointer import pointer_to, resolve, tokens
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.order import Frontier, instant
from runwright.trace import Look, Trace

CLOCK_TOLERANCE = 1.0
"""Seconds by which two clocks of one server may disagree."""

CLOCK_ORDER = (
    ("created", "started"),
    ("created", "updated"),
    ("created", "ended"),
    ("started", "ended"),
)

Strand = Sequence[Look]
"""The looks at one thing through one window, in the order of time."""


def _known(looks: Strand) -> Iterator[tuple[Look, str, Lifecycle]]:
    for look in looks:
        status = look.status
        if look.lifecycle is not None and status is not None and look.lifecycle.is_known(status):
            yield look, status, look.lifecycle


def judge_final(looks: Strand) -> Findings:
    """A thing that has ended stays as it ended."""
    frontier: Frontier[str] = Frontier()
    for look, status, lifecycle in _known(looks):
        at = pointer_to(lifecycle.status)
        for earlier, seen in frontier.before(look):
            if lifecycle.is_final(earlier):
                yield judged(earlier == status, seen, look, at=at, expected=earlier, actual=status)
        frontier.add(status, look)


def judge_forward(looks: Strand) -> Findings:
    """A thing moves only along the declared states; an end that is final has its own rule."""
    frontier: Frontier[str] = Frontier()
    for look, status, lifecycle in _known(looks):
        at = pointer_to(lifecycle.status)
        for earlier, seen in frontier.before(look):
            if not lifecycle.is_final(earlier):
                yield judged(
                    lifecycle.may_reach(earlier, status),
                    seen,
                    look,
                    at=at,
                    expected=f"a state that {earlier} leads to",
                    actual=status,
                )
        frontier.add(status, look)


def judge_clock(looks: Strand) -> Findings:
    """The times of a thing are in order, as far as they are there."""
    for look in looks:
        clock = look.lifecycle.clock if look.lifecycle else {}
        for first, second in CLOCK_ORDER:
            if first not in clock or second not in clock:
                continue
            early = instant(resolve(look.body, clock[first]))
            late = instant(resolve(look.body, clock[second]))
            if early is not None and late is not None:
                yield judged(
                    early <= late + CLOCK_TOLERANCE,
                    look,
                    at=pointer_to(clock[second]),
                    expected=f"not before {clock[first]} ({resolve(look.body, clock[first])})",
                    actual=resolve(look.body, clock[second]),
                )


def judge_frozen(looks: Strand) -> Findings:
    """A thing that has ended does not change, but for the members that may move after the end."""
    ended: list[Look] = []
    for look in looks:
        if not look.is_terminal or look.lifecycle is None:
            continue
        first = next((seen for seen in ended if _same_end(seen, look)), None)
        if first is None:
            ended.append(look)
            continue
        allowed = {tokens(member) for member in look.lifecycle.after_end or ()}
        changed = difference(first.body, look.body, allowed)
        if changed is None:
            yield kept(first, look)
        else:
            at, before, after = changed
            yield broken(first, look, at=at, expected=before, actual=after)


def _same_end(first: Look, look: Look) -> bool:
    return first.status == look.status and first.precedes(look)


def difference(
    before: object, after: object, allowed: set[tuple[str, ...]], at: tuple[str, ...] = ()
) -> tuple[str, object, object] | None:
    """Return the first place outside `allowed` where two JSON values differ, and both values.

    Members that only one of them has are passed over: an answer may leave members out.
    """
    if at in allowed or before == after:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            if key in after:
                found = difference(before[key], after[key], allowed, (*at, key))
                if found:
                    return found
        return None
    return pointer_to(*at), before, after


def judge_begins(trace: Trace, starters: frozenset[str]) -> Findings:
    """The answer that starts a thing shows one of its initial states."""
    for look, status, lifecycle in _known(trace.looks):
        if look.call.calls(*starters):
            yield judged(
                status in lifecycle.initial,
                look,
                at=pointer_to(lifecycle.status),
                expected=f"one of {', '.join(lifecycle.initial)}",
                actual=status,
            )


def judge_identity(trace: Trace, parameters: dict[str, str]) -> Findings:
    """The answer about a thing asked for by its id has that id."""
    for look in trace.looks:
        operation = look.call.operation
        if operation is None or operation.id not in parameters or look.lifecycle is None:
            continue
        asked = look.call.parameter(parameters[operation.id])
        if asked is not None:
            yield judged(
                asked == trace.key,
                look,
                at=pointer_to(look.lifecycle.key or ""),
                expected=asked,
                actual=trace.key,
            )


def judge_readable(trace: Trace) -> Findings:
    """A thing that was seen is found again as long as its retention lasts."""
    retention = trace.lifecycle.retention
    if retention is None:
        return
    for call in trace.polls:
        if call.exchange.status not in (200, 404, 410):
            continue
        earlier = next((look for look in trace.looks if _same_reader(look, call.exchange)), None)
        if earlier is None:
            continue
        since = _retained_since(trace, earlier)
        if call.exchange.at - since < retention.seconds:
            yield judged(
                call.exchange.status == 200,
                earlier,
                call,
                expected="200: the run was seen before and is still retained",
                actual=str(call.exchange.status),
            )


def _same_reader(look: Look, exchange: Exchange) -> bool:
    return (
        look.exchange.actor == exchange.actor
        and look.exchange.credentials == exchange.credentials
        and look.exchange.precedes(exchange)
    )


def _retained_since(trace: Trace, earlier: Look) -> float:
    """Return the latest observed time from which retention surely had not yet run."""
    if trace.lifecycle.retention and trace.lifecycle.retention.since == "creation":
        created = trace.lifecycle.clock.get("created")
        moment = instant(resolve(earlier.body, created)) if created else None
        return moment if moment is not None else trace.looks[0].exchange.at
    return earlier.exchange.at
