"""A report says, rule by rule, whether a promise was seen to be kept."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

import msgspec
from attrs import evolve, frozen

from runwright.history import Exchange, encode_exchange
from runwright.ledger import Reading
from runwright.rule import Level

FORMAT: Final = "runwright-report/1"


class Verdict(Enum):
    """What is known of a rule; a merge of shards takes the greatest."""

    NOT_APPLICABLE = 0
    HOLDS = 1
    UNKNOWN = 2
    BROKEN = 3
    VIOLATED = 4


@frozen(kw_only=True)
class Violation:
    """One place where a rule was broken, with the exchanges that show it.

    ``pointer`` leads into the body of the last exchange.
    """

    exchanges: tuple[Exchange, ...]
    pointer: str
    expected: str
    actual: str


@frozen(kw_only=True)
class Result:
    """What was found of one rule."""

    rule: str
    level: Level
    verdict: Verdict
    claim: str
    sentence: str
    source: str
    where: str
    witnesses: int = 0
    violation_count: int = 0
    violations: tuple[Violation, ...] = ()
    failure: str | None = None
    unwitnessed: str | None = None

    @property
    def fails(self) -> bool:
        """True if the rule is one whose violation fails a run, and it was violated."""
        return self.verdict is Verdict.VIOLATED and self.level is not Level.INFERRED


@frozen(kw_only=True)
class Report:
    """The verdicts over one history."""

    api: str
    reading: Reading
    target: str | None
    exchanges: int
    runs: int
    results: tuple[Result, ...]

    def with_verdict(self, *verdicts: Verdict) -> tuple[Result, ...]:
        """Return the results that have one of these verdicts."""
        return tuple(result for result in self.results if result.verdict in verdicts)

    def conforms(self, *, strict: bool = False) -> bool:
        """True if no MUST or SHOULD rule (with `strict`: no rule) was violated, none broken."""
        return not any(
            result.fails
            or result.verdict is Verdict.BROKEN
            or (strict and result.verdict is Verdict.VIOLATED)
            for result in self.results
        )

    @property
    def witnesses(self) -> int:
        """How often rules were seen to be kept."""
        return sum(result.witnesses for result in self.results)

    def without(self, rules: Iterable[str]) -> "Report":
        """Return the report without some rules."""
        left_out = set(rules)
        return evolve(self, results=tuple(r for r in self.results if r.rule not in left_out))


def dump_report(report: Report) -> dict[str, Any]:
    """Return a report as JSON values, as ``report.schema.json`` describes them."""
    return {
        "format": FORMAT,
        "api": report.api,
        "reading": report.reading,
        "target": report.target,
        "conforms": report.conforms(),
        "exchanges": report.exchanges,
        "runs": report.runs,
        "results": [_dump_result(result) for result in report.results],
    }


def _dump_result(result: Result) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "level": result.level.value,
        "verdict": result.verdict.name,
        "claim": result.claim,
        "sentence": result.sentence,
        "source": result.source,
        "where": result.where,
        "witnesses": result.witnesses,
        "violation_count": result.violation_count,
        "violations": [
            {
                "pointer": violation.pointer,
                "expected": violation.expected,
                "actual": violation.actual,
                "exchanges": [msgspec.Raw(encode_exchange(e)) for e in violation.exchanges],
            }
            for violation in result.violations
        ],
        "failure": result.failure,
        "unwitnessed": result.unwitnessed,
    }


def encode_report(report: Report) -> bytes:
    """Return a report as a JSON text."""
    return msgspec.json.format(msgspec.json.encode(dump_report(report)), indent=2)
