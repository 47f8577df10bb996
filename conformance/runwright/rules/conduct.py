"""What the client should do: keep the pace, honour `Retry-After`, stop at the end.

These rules judge who sent the requests, not the server, so a rulebook keeps them apart. Only
requests of one worker in one actor's name are one client's for sure.
"""

from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from runwright.history import Exchange
from runwright.lifecycle import Lifecycle
from runwright.rule import Findings, Rule, broken, judged, kept
from runwright.spec import Spec
from runwright.trace import Call, Observation

HASTE: Final = 0.1
"""The part of a recommended interval by which timers may be early."""

EARLY: Final = 0.25
"""Seconds by which a client may come before a time that it was told: it counts from the headers
of an answer, a history from its last byte."""

WAITING: Final = (429, 503)
"""Answers whose `Retry-After` asks for patience."""


def conduct_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return the rules for clients of an API; that of pace only if its spec recommends one."""

    def make(name: str, claim: str, check: Callable[[Observation], Findings]) -> Rule:
        return Rule(
            id=f"{spec.api}.conduct.{name}",
            claim=claim,
            home="protocol",
            scope="observation",
            subject="",
            check=check,
            where=f"{check.__module__}:{check.__code__.co_firstlineno}",
        )

    rules = []
    if any(spec.lifecycles[schema].pace for schema in spec.polls.values()):
        rules.append(
            make(
                "polls-keep-the-pace",
                "A client polls a run no faster than the docs recommend.",
                judge_pace,
            )
        )
    return (
        *rules,
        make(
            "retry-after-is-honoured",
            "A client that is told to wait does not repeat its request before.",
            judge_retry_after,
        ),
        make(
            "no-poll-after-the-end",
            "A client that has seen how a run ended does not poll it again.",
            judge_end,
        ),
    )


def judge_pace(observation: Observation) -> Findings:
    """A client polls a run no faster than the docs recommend.

    A poll that failed, or showed an end, sets no pace for what follows.
    """
    for polls in _by_client(observation):
        for earlier, later in pairwise(polls):
            pace = _lifecycle(observation, earlier).pace
            if pace is None or not earlier.exchange.succeeded or _shows_end(observation, earlier):
                continue
            gap = later.exchange.at - earlier.exchange.at
            yield judged(
                gap >= pace.least * (1 - HASTE),
                earlier,
                later,
                expected=f"at least {pace.least:g} s between two polls of a run",
                actual=f"{gap:.3g} s",
            )


def judge_retry_after(observation: Observation) -> Findings:
    """A client that is told to wait does not repeat its request before."""
    for calls in _requests(observation).values():
        for earlier, later in pairwise(calls):
            seconds = _told(earlier.exchange)
            if seconds is None:
                continue
            answered = earlier.exchange.at + earlier.exchange.took
            waited = later.exchange.at - answered
            if waited < 0:
                continue  # it was under way before the client was told
            yield judged(
                waited >= seconds - EARLY,
                earlier,
                later,
                expected=f"no such request for {seconds:g} s",
                actual=f"repeated after {waited:.3g} s",
            )


def judge_end(observation: Observation) -> Findings:
    """A client that has seen how a run ended does not poll it again.

    Parts that may lag behind the end may be waited for, and a write may reopen a run.
    """
    lag = max((part.lag for part in observation.spec.lifecycles.values()), default=0.0)
    for polls in _by_client(observation):
        end: Call | None = None
        for call in polls:
            if end is not None and end.exchange.precedes(call.exchange):
                since = call.exchange.at - end.exchange.at
                if since > lag and not _wrote_between(observation, end, call):
                    again = f"polled again after {since:.3g} s"
                    yield broken(end, call, expected="no poll after the end", actual=again)
            elif end is None and _shows_end(observation, call):
                end = call
        if end is not None and end is polls[-1]:
            yield kept(end)


def _by_client(observation: Observation) -> Iterator[tuple[Call, ...]]:
    """Yield the polls of one run by one client at one URL, in the order of time."""
    for calls in _requests(observation).values():
        first = calls[0]
        if first.operation is not None and first.operation.id in observation.spec.polls:
            name = observation.spec.identifying_parameters.get(first.operation.id)
            if name is not None and first.parameter(name) is not None:
                yield calls


def _requests(
    observation: Observation,
) -> dict[tuple[str, str | None, str, str], tuple[Call, ...]]:
    """Return calls that repeat each other: same worker, actor, method and URL."""
    found: dict[tuple[str, str | None, str, str], list[Call]] = {}
    for call in observation.calls:
        seen = call.exchange
        found.setdefault((seen.worker, seen.actor, seen.method, seen.url), []).append(call)
    return {key: tuple(calls) for key, calls in found.items()}


def _lifecycle(observation: Observation, call: Call) -> Lifecycle:
    assert call.operation is not None
    spec = observation.spec
    return spec.lifecycles[spec.polls[call.operation.id]]


def _shows_end(observation: Observation, call: Call) -> bool:
    lifecycle, seen = _lifecycle(observation, call), call.exchange
    return seen.succeeded and lifecycle.is_terminal(lifecycle.status_of(seen.body))


def _wrote_between(observation: Observation, end: Call, later: Call) -> bool:
    """True if anybody sent an unsafe request that may have reopened the run."""
    between: Iterable[Call] = (
        call
        for call in observation.calls
        if end.exchange.at <= call.exchange.at <= later.exchange.at
    )
    return any(call.operation is not None and not call.operation.is_safe for call in between)


def _told(exchange: Exchange) -> float | None:
    """Return the seconds that an answer asks to wait; None if it does not, or not readably."""
    value = exchange.response.header("retry-after")
    if value is None or exchange.status not in WAITING:
        return None
    if value.strip().isdecimal():
        return float(value)
    date = exchange.response.header("date")
    try:
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(date or "")
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None
