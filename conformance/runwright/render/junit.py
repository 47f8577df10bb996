"""A report as JUnit XML, as CI systems show it: a suite for each API, a test case for each rule.

A violation of a MUST or SHOULD rule is a failure, a rule that could not judge an error, as is a
server that went away, and a rule that was not met, or whose violation a baseline accepts, is
skipped with the reason. Violations of inferred rules stand in the output of a case that passes.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from runwright.history import Exchange
from runwright.render.curl import short_curl_line
from runwright.report import Report, Result, Verdict, Violation

SPELLED = 5
"""Violations of one rule that a case spells out."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def render_junit(reports: Sequence[Report], *, strict: bool = False) -> str:
    """Return the XML document; `strict` makes violations of inferred rules failures, too."""
    root = Element("testsuites", name="runwright")
    for report in reports:
        root.append(_suite(report, strict))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(report: Report, strict: bool) -> Element:
    suite = Element("testsuite", name=f"runwright.{report.api}")
    if report.began is not None:
        moment = datetime.fromtimestamp(report.began, UTC)
        suite.set("timestamp", moment.strftime("%Y-%m-%dT%H:%M:%S"))
    properties = SubElement(suite, "properties")
    facts = {
        "target": report.target,
        "reading": report.reading,
        "exchanges": report.exchanges,
        "runs": report.runs,
    }
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=_clean(str(value or "")))
    for result in report.results:
        if result.verdict is not Verdict.NOT_APPLICABLE:
            suite.append(_case(result, report, strict))
    for fault in report.baseline_faults:
        case = SubElement(
            suite, "testcase", classname=f"{report.api}.baseline", name=_clean(fault), time="0"
        )
        SubElement(case, "failure", message=_clean(fault), type="baseline").text = _clean(fault)
    if report.cut_short:
        case = SubElement(
            suite, "testcase", classname=f"{report.api}.server", name="answers to the end", time="0"
        )
        told = _clean(report.cut_short)
        SubElement(case, "error", message=told, type="cut short").text = told
    suite.set("tests", str(len(suite.findall("testcase"))))
    for count, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{child}"))))
    suite.set("time", "0" if report.began is None else f"{(report.ended or 0) - report.began:.3f}")
    return suite


def _case(result: Result, report: Report, strict: bool) -> Element:
    classname, _, claim = result.rule.rpartition(".")
    case = Element("testcase", classname=classname, name=claim, time="0")
    text = _clean("\n".join(_story(result)))
    if result.fails_when(strict=strict):
        message = f"{result.level} violated {result.violation_count}×: {result.sentence}"
        SubElement(
            case, "failure", message=_clean(message), type=f"{result.level.value}.violated"
        ).text = text
    elif result.verdict is Verdict.VIOLATED and result.known is not None:
        reason = f"known until {result.known.expires}: {result.known.reason}"
        SubElement(case, "skipped", message=_clean(reason))
        SubElement(case, "system-out").text = text
    elif result.verdict is Verdict.BROKEN:
        message = f"the rule could not judge: {result.failure}"
        SubElement(case, "error", message=_clean(message), type="rule.broken").text = text
    elif result.verdict is Verdict.UNKNOWN:
        reason = result.unwitnessed or f"not met in {report.exchanges} exchanges"
        SubElement(case, "skipped", message=_clean(reason))
    else:
        SubElement(case, "system-out").text = text
    return case


def _story(result: Result) -> Iterator[str]:
    """Yield the lines that say what was promised, what was seen, and how to see it again."""
    yield result.rule
    yield f"“{result.sentence}”"
    if result.source:
        yield f"— {result.source}"
    if result.claim != result.sentence:
        yield f"Checked: {result.claim}"
    if result.verdict is Verdict.HOLDS:
        yield f"Kept {result.witnesses} times."
        return
    if result.failure:
        yield f"The rule itself failed: {result.failure}"
    for violation in result.violations[:SPELLED]:
        yield ""
        yield from _evidence(violation)
        # What repeats a rule's first violation is its smallest history, where there is one.
        is_first = violation is result.violations[0]
        for exchange in (result.smallest if is_first else ()) or violation.exchanges[-1:]:
            command = short_curl_line(exchange)
            yield f"repeat   {command or 'the request is too large to be written here'}"
    hidden = result.violation_count - min(SPELLED, len(result.violations))
    if hidden:
        yield ""
        yield f"and {hidden} more"


def _evidence(violation: Violation) -> Iterator[str]:
    if violation.pointer:
        yield f"at       {violation.pointer}"
    yield f"expected {violation.expected}"
    yield f"actual   {violation.actual}"
    for exchange in violation.exchanges:
        yield f"seen     {_exchange(exchange)}"


def _exchange(exchange: Exchange) -> str:
    answer = exchange.status if exchange.status is not None else exchange.error
    return f"{exchange.id}: {exchange.method} {exchange.url} → {answer}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
