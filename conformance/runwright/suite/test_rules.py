"""Each rule of an API as a test: the session runs once, and each rule says what came of it."""

import pytest

from runwright.render.curl import curl_line
from runwright.report import Report, Result, Standing, Verdict
from runwright.rule import Level
from runwright.suite.assignment import Outcome
from runwright.suite.conftest import Examine


def test_rule(api: str, rule: str, examine: Examine, pytestconfig: pytest.Config) -> None:
    """The rule was seen to be kept."""
    outcome = examine(api)
    report, result = outcome.report, _result(outcome.report, rule)
    if report.standing(strict=_is_strict(pytestconfig)) is Standing.OPEN:
        pytest.fail(f"{report.cut_short}", pytrace=False)
    if result.verdict is Verdict.HOLDS:
        return
    if result.verdict is Verdict.UNKNOWN:
        pytest.skip(result.unwitnessed or _unmet(outcome))
    told = f"{tell(result)}\n  or all:   {outcome.command}"
    is_ours = result.verdict is Verdict.BROKEN
    if result.level is Level.INFERRED and not is_ours and not _is_strict(pytestconfig):
        pytest.xfail(told)
    pytest.fail(told, pytrace=False)


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getoption("--runwright-strict"))


def _result(report: Report, rule: str) -> Result:
    return next(result for result in report.results if result.rule == rule)


def _unmet(outcome: Outcome) -> str:
    said = "; ".join(outcome.remarks)
    return f"nothing was seen that the rule is about{f' ({said})' if said else ''}"


def tell(result: Result) -> str:
    """Return what broke a rule: the promise, the evidence, and the request that repeats it."""
    lines = [f"{result.rule} ({result.level.value}): {result.claim}"]
    if result.source:
        lines.append(f"  promised: “{result.sentence}” — {result.source}")
    if result.failure:
        lines.append(f"  the rule itself failed: {result.failure}")
    if result.violation_count:
        lines.append(f"  broken {result.violation_count} times, kept {result.witnesses} times")
    for violation in result.violations[:1]:
        lines += [
            f"  at:       {violation.pointer or 'the answer'}",
            f"  expected: {violation.expected}",
            f"  actual:   {violation.actual}",
        ]
        for exchange in violation.exchanges:
            outcome = exchange.status if exchange.error is None else exchange.error
            lines.append(f"  seen in:  {exchange.id} {exchange.method} {exchange.url} → {outcome}")
        for exchange in result.smallest or violation.exchanges[-1:]:
            lines.append(f"  repeat:   {curl_line(exchange)}")
    return "\n".join(lines)
