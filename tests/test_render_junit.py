"""JUnit XML says of each rule what a CI system can show: passed, failed, error, skipped."""

from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
import told_reports as told
from attrs import evolve
from runwright.render.junit import render_junit
from runwright.report import Known, Report, Verdict


def suite(report: Report, **options: Any) -> Element:
    found = fromstring(render_junit([report], **options)).find("testsuite")
    assert found is not None
    return found


def case(report: Report, rule: str, **options: Any) -> Element:
    classname, _, name = rule.rpartition(".")
    found = [
        case
        for case in suite(report, **options).findall("testcase")
        if (case.get("classname"), case.get("name")) == (classname, name)
    ]
    assert len(found) == 1
    return found[0]


def message(case: Element, kind: str) -> str:
    child = case.find(kind)
    assert child is not None
    return child.get("message", "")


def test_each_rule_is_a_case() -> None:
    report = told.violated()
    cases = suite(report).findall("testcase")
    assert len(cases) == len(report.results)


def test_a_violation_is_a_failure_with_sentence_evidence_and_curl() -> None:
    found = case(told.violated(), told.FINAL)
    assert message(found, "failure").endswith("A job that is over stays over.")
    text = found.findtext("failure") or ""
    assert "“A job that is over stays over.”\n— Jobs, “Manual”, 2025-01" in text
    assert "at       /status\nexpected done\nactual   running\n" in text
    assert "seen     main-" in text
    assert "repeat   curl -i https://jobs.example/api/jobs/" in text


def test_an_inferred_violation_passes_with_its_story_unless_strict() -> None:
    found = case(told.violated(), told.LOG)
    assert [child.tag for child in found] == ["system-out"]
    assert "actual " in (found.findtext("system-out") or "")
    strict = case(told.violated(), told.LOG, strict=True)
    assert message(strict, "failure").startswith("INFERRED violated")


def test_a_known_violation_is_skipped_with_its_reason() -> None:
    known = Known("It is known.", date(2027, 3, 31))
    found = case(told.with_result(told.violated(), told.FINAL, known=known), told.FINAL)
    assert message(found, "skipped") == "known until 2027-03-31: It is known."
    assert "actual   running" in (found.findtext("system-out") or "")


def test_a_rule_that_was_not_met_is_skipped_with_the_reason() -> None:
    report = told.conforming()
    unmet = told.with_result(report, told.FINAL, verdict=Verdict.UNKNOWN)
    assert message(case(unmet, told.FINAL), "skipped") == f"not met in {report.exchanges} exchanges"
    why = told.with_result(unmet, told.FINAL, unwitnessed="nothing ends")
    assert message(case(why, told.FINAL), "skipped") == "nothing ends"


def test_a_rule_that_could_not_judge_is_an_error() -> None:
    report = told.with_result(
        told.conforming(), told.FINAL, verdict=Verdict.BROKEN, failure="KeyError: 'x'"
    )
    assert message(case(report, told.FINAL), "error").endswith("KeyError: 'x'")


def test_a_rule_that_holds_passes_and_says_how_often() -> None:
    report = told.conforming()
    witnesses = told.result(report, told.FINAL).witnesses
    found = case(report, told.FINAL)
    assert [child.tag for child in found] == ["system-out"]
    assert f"Kept {witnesses} times." in (found.findtext("system-out") or "")


def test_what_does_not_apply_is_no_case() -> None:
    report = told.with_result(told.conforming(), told.FINAL, verdict=Verdict.NOT_APPLICABLE)
    assert len(suite(report).findall("testcase")) == len(report.results) - 1


def test_faults_of_the_baseline_fail() -> None:
    report = evolve(told.conforming(), baseline_faults=("a.b.c is no longer violated",))
    found = suite(report)
    assert found.get("failures") == "1"
    assert found.find("testcase[@classname='jobs.baseline']/failure") is not None


def test_a_server_that_went_away_is_an_error() -> None:
    found = suite(told.cut_short())
    assert (found.get("errors"), found.get("failures")) == ("1", "0")
    error = found.find("testcase[@classname='jobs.server']/error")
    assert error is not None
    assert error.get("message") == told.cut_short().cut_short


def test_counts_add_up_over_suites() -> None:
    first = told.violated()
    second = told.with_result(told.conforming(), told.FINAL, verdict=Verdict.UNKNOWN)
    root = fromstring(render_junit([first, second]))
    for count, child in (
        ("tests", "testcase"),
        ("failures", "testcase/failure"),
        ("errors", "testcase/error"),
        ("skipped", "testcase/skipped"),
    ):
        assert root.get(count) == str(len(root.findall(f"testsuite/{child}")))
        for one in root.findall("testsuite"):
            assert one.get(count) == str(len(one.findall(child)))
    assert root.get("failures") != "0"


@pytest.mark.parametrize("strict", [False, True])
def test_failures_say_what_conforms_says(strict: bool) -> None:
    for report in (told.conforming(), told.violated(), told.hostile()):
        root = fromstring(render_junit([report], strict=strict))
        failed = int(root.get("failures", "0")) + int(root.get("errors", "0"))
        assert (failed == 0) is report.conforms(strict=strict)


def test_what_xml_cannot_hold_is_replaced() -> None:
    text = render_junit([told.hostile()])
    assert "\x00" not in text
    assert "\x1b" not in text
    found = case(told.hostile(), told.FINAL)
    assert "<script>alert(1)</script>" in (found.findtext("failure") or "")
