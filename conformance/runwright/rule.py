"""A rule is a small pure judgement over what was seen.

Its check gets a `Look` (one instance of a schema), a `Trace` (one thing over time) or the whole
`Observation`, and yields findings: that the rule was kept at a place, or that it was broken.
A rule that yields nothing did not meet its subject.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Literal, TypeVar

import msgspec
from attrs import frozen

from runwright.history import Exchange
from runwright.trace import Call, Look, Observation, Trace


class Level(StrEnum):
    """How firmly a promise is made."""

    MUST = "MUST"
    """A seed document states it."""
    SHOULD = "SHOULD"
    """Other docs state or recommend it."""
    INFERRED = "INFERRED"
    """Our own conclusion; reported apart, never fails a run unless asked."""


@frozen(kw_only=True)
class Finding:
    """A place where a rule was kept or broken.

    ``exchanges`` are the exchanges that show it, earliest first; ``pointer`` leads into the body
    of the last one.
    """

    kept: bool
    exchanges: tuple[Exchange, ...]
    pointer: str = ""
    expected: str = ""
    actual: str = ""


Findings = Iterator[Finding]
Scope = Literal["look", "trace", "observation"]
Subject = Look | Trace | Observation


@frozen(kw_only=True)
class Rule:
    """One judgement: its id, what it claims, what it looks at, and the function that judges."""

    id: str
    claim: str
    home: Literal["schema", "lifecycle", "protocol", "python"]
    scope: Scope
    subject: str
    check: Callable[..., Iterable[Finding]]
    where: str

    def judge(self, observation: Observation) -> Findings:
        """Yield the rule's findings over an observation."""
        if self.scope == "look":
            for look in observation.looks(self.subject):
                yield from self.check(look)
        elif self.scope == "trace":
            for trace in observation.traces:
                if trace.thing == self.subject:
                    yield from self.check(trace)
        else:
            yield from self.check(observation)


Check = TypeVar("Check", bound=Callable[..., Findings])

_MARK = "__runwright_rule__"


def rule(
    identifier: str,
    *,
    on: str | None = None,
    over: str | None = None,
) -> Callable[[Check], Check]:
    """Declare a function to be a rule; its docstring is the claim.

    `on` names a schema: the function gets each `Look` at an instance of it. `over` names a
    thing with a lifecycle: the function gets each `Trace` of one, window by window. With
    neither, it gets the `Observation`. In a module for one API the id begins with that API's.
    """
    scope: Scope = "look" if on else "trace" if over else "observation"

    def declare(check: Check) -> Check:
        claim = (inspect.getdoc(check) or "").split("\n\n")[0].replace("\n", " ")
        if not claim:
            raise TypeError(f"rule {identifier} has no docstring; it must state the rule")
        code = check.__code__
        setattr(
            check,
            _MARK,
            Rule(
                id=identifier,
                claim=claim,
                home="python",
                scope=scope,
                subject=on or over or "",
                check=check,
                where=f"{check.__module__}:{code.co_firstlineno}",
            ),
        )
        return check

    return declare


def rules_in(module: object) -> tuple[Rule, ...]:
    """Return the rules that a module declares, in the order of its lines."""
    return tuple(
        getattr(member, _MARK) for member in vars(module).values() if hasattr(member, _MARK)
    )


def kept(*seen: Look | Call | Exchange) -> Finding:
    """Say that the rule was met and kept."""
    return Finding(kept=True, exchanges=tuple(map(_exchange, seen)))


def broken(
    *seen: Look | Call | Exchange, at: str = "", expected: object, actual: object
) -> Finding:
    """Say that the rule was broken.

    `at` is a JSON Pointer below the last look's own place; strings stand in the report as
    they are, other values as JSON.
    """
    last = seen[-1]
    pointer = (last.pointer if isinstance(last, Look) else "") + at
    return Finding(
        kept=False,
        exchanges=tuple(map(_exchange, seen)),
        pointer=pointer,
        expected=show(expected),
        actual=show(actual),
    )


def judged(
    good: bool, *seen: Look | Call | Exchange, at: str = "", expected: object, actual: object
) -> Finding:
    """Say `kept` or `broken` by a condition."""
    return kept(*seen) if good else broken(*seen, at=at, expected=expected, actual=actual)


def _exchange(seen: Look | Call | Exchange) -> Exchange:
    return seen if isinstance(seen, Exchange) else seen.exchange


def show(value: object, most: int = 200) -> str:
    """Write a value for a report: text as it is, anything else as JSON, cut to `most`."""
    text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _json(value: object) -> str:
    try:
        return msgspec.json.encode(value, enc_hook=repr, order="deterministic").decode()
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return repr(value)
