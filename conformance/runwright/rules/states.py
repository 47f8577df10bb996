"""Rules about the states that a thing goes through, and the times that it shows.

A poller misses states, so what is judged is reachability, never adjacency: only looks whose
order is certain are compared, and leaving out a look never makes a fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from uuid import UUID

from runwright.history import SKEW, Exchange
from runwright.lifecycle import Lifecycle
from runwright.part import lifecycle_places
from runwright.pointer import pointer_to, resolve, tokens
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.difference import difference
from runwright.rules.order import Frontier, instant
from runwright.spec import Spec
from runwright.trace import Call, Look, Observation, Trace

CLOCK_TOLERANCE: Final = 1.0
"""Seconds by which two clocks of one server may disagree."""

CLOCKS_APART: Final = 60.0
"""Seconds by which the clock of a server may be ahead of an observer's."""

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
            if lifecycle.is_known(earlier) and not lifecycle.is_final(earlier):
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


def judge_frozen(looks: Strand, spec: Spec) -> Findings:
    """A thing that has ended does not change, but for what may move after the end.

    An end that a write can reopen freezes nothing. What may lag behind the end is judged only
    among looks taken after the lag.
    """
    ended: list[Look] = []
    over: float | None = None
    for look in looks:
        lifecycle = look.lifecycle
        if lifecycle is None or lifecycle.after_end is None or not lifecycle.is_final(look.status):
            continue
        until = look.exchange.at + look.exchange.took
        over = until if over is None else min(over, until)
        lag = longest_lag(spec, look.schema)
        if lag and look.exchange.at <= over + lag + SKEW:
            continue
        before = [seen for seen in ended if _same_end(seen, look)]
        # The first of them may leave a member out that the last one shows.
        for seen in dict.fromkeys((*before[:1], *before[-1:])):
            changed = difference(seen.body, look.body, moving_after_end(spec, look.schema))
            if changed is None:
                yield kept(seen, look)
            else:
                at, expected, actual = changed
                yield broken(seen, look, at=at, expected=expected, actual=actual)
        if len(before) < 2 or before[-1].body != look.body:
            ended.append(look)


def _same_end(first: Look, look: Look) -> bool:
    return first.status == look.status and first.schema == look.schema and first.precedes(look)


@cache
def moving_after_end(spec: Spec, schema: str) -> tuple[tuple[str, ...], ...]:
    """Return the patterns of what may move in an ended thing, by its or its parts' lifecycles."""
    return tuple(
        (*pattern, *tokens(member))
        for pattern, name in lifecycle_places(spec, schema)
        for member in spec.lifecycles[name].after_end or ()
    )


@cache
def longest_lag(spec: Spec, schema: str) -> float:
    """Return for how many seconds something of a thing may lag behind its end."""
    places = lifecycle_places(spec, schema)
    return max((spec.lifecycles[name].lag for _, name in places), default=0.0)


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
                _same_id(asked, trace.key),
                look,
                at=pointer_to(look.lifecycle.key or ""),
                expected=asked,
                actual=trace.key,
            )


def _same_id(asked: str, answered: str) -> bool:
    """Compare ids; a UUID has more than one spelling."""
    try:
        return asked == answered or UUID(asked) == UUID(answered)
    except ValueError:
        return False


def deletions(observation: Observation) -> Mapping[str, float]:
    """Return when each thing that may have been deleted was, by its id, at the earliest."""
    found: dict[str, float] = {}
    for call in observation.calls:
        exchange = call.exchange
        refused = exchange.status is not None and 400 <= exchange.status < 500
        if exchange.method == "DELETE" and not refused:
            for value in call.path_parameters.values():
                found[value] = min(exchange.at, found.get(value, exchange.at))
    return found


def judge_readable(
    trace: Trace, starters: frozenset[str], deleted: float | None = None
) -> Findings:
    """A thing that was seen is found again as long as its retention lasts.

    It may have been `deleted` at that time by a request.
    """
    retention = trace.lifecycle.retention
    if retention is None:
        return
    moments = ((_not_running_at(look, starters), look) for look in trace.looks)
    proofs = [(moment, look) for moment, look in moments if moment is not None]
    proofs.sort(key=lambda pair: pair[0], reverse=True)
    for call in trace.polls:
        exchange = call.exchange
        if exchange.status not in (200, 404, 410):
            continue
        if deleted is not None and exchange.at + exchange.took + SKEW >= deleted:
            continue
        latest = (
            (moment, look)
            for moment, look in proofs
            if _same_reader(look, exchange) and _same_place(look.call, call)
        )
        since, proof = next(latest, (0.0, None))
        if proof is None or exchange.at + exchange.took + SKEW - since >= retention.seconds:
            continue
        yield judged(
            exchange.status == 200,
            proof,
            call,
            expected="200: the run was seen before and is still retained",
            actual=str(exchange.status),
        )


def _same_place(first: Call, second: Call) -> bool:
    """True unless the two were asked for below different places, such as two projects."""
    there = second.path_parameters
    return all(there.get(name, value) == value for name, value in first.path_parameters.items())


def _same_reader(look: Look, exchange: Exchange) -> bool:
    return (
        look.exchange.actor == exchange.actor
        and look.exchange.credentials == exchange.credentials
        and look.exchange.precedes(exchange)
    )


def _not_running_at(look: Look, starters: frozenset[str]) -> float | None:
    """Return a time at which a look proves that the retention had not begun to run.

    The answer that starts a thing proves that it was not there before; a look at one that has
    not ended, that its end was still to come. A look at one that has ended proves nothing: the
    end may be long ago.
    """
    lifecycle = look.lifecycle
    if lifecycle is None or lifecycle.retention is None:
        return None
    if look.call.calls(*starters):
        return look.exchange.at
    if lifecycle.retention.since == "creation":
        created = instant(resolve(look.body, lifecycle.clock.get("created", "")))
        seen_at = look.exchange.at + look.exchange.took
        return created - CLOCKS_APART if created is not None and created <= seen_at else None
    lives = lifecycle.is_known(look.status) and not lifecycle.is_terminal(look.status)
    return look.exchange.at if lives else None
