"""Two reports are compared rule by rule: what broke, what was mended, what was met or no more."""

import io
import json
from datetime import date
from typing import Any

import pytest
import told_reports as told
from attrs import evolve
from rich.console import Console
from runwright.comparison import Change, Comparison, Course, compare_reports, dump_comparison
from runwright.render.comparison import print_comparison, render_comparison
from runwright.report import Known, Report, Verdict
from runwright.rule import Level


def changed(**members: Any) -> Comparison:
    """Compare the conforming report with itself after one rule has changed."""
    before = told.conforming()
    return compare_reports(before, told.with_result(before, told.FINAL, **members))


def the_only(comparison: Comparison) -> tuple[Change, ...]:
    (difference,) = comparison.differences
    assert difference.rule == told.FINAL
    return difference.changes


def test_a_report_does_not_differ_from_itself() -> None:
    report = told.conforming()
    comparison = compare_reports(report, report)
    assert comparison.differences == ()
    assert comparison.same == len(report.results)
    assert not comparison.regresses(strict=True)


def test_what_breaks_is_newly_violated_and_worse() -> None:
    comparison = compare_reports(told.conforming(), told.violated())
    assert comparison.differences[0].changes == (Change.NEWLY_VIOLATED,)
    assert told.FINAL in {d.rule for d in comparison.with_change(Change.NEWLY_VIOLATED)}
    assert comparison.regresses()


def test_what_is_mended_is_fixed_and_not_worse() -> None:
    comparison = compare_reports(told.violated(), told.conforming())
    fixed = {difference.rule for difference in comparison.with_change(Change.FIXED)}
    assert {told.FINAL, told.LOG} <= fixed
    assert not comparison.regresses(strict=True)


def test_what_was_cut_short_is_worse_or_decides_nothing() -> None:
    mended = compare_reports(told.violated(), told.cut_short())
    assert mended.course(strict=True) is Course.OPEN
    assert compare_reports(told.cut_short(), told.conforming()).course() is Course.NOT_WORSE
    broken = evolve(told.violated(), cut_short="gone")
    assert compare_reports(told.conforming(), broken).course() is Course.WORSE
    said = "no verdict (cut short: http://jobs stopped answering after 9 of 20 requests)"
    assert said in render_comparison(mended)
    assert render_comparison(mended).startswith("### ❔ No verdict: ")


def test_inferred_rules_make_it_worse_only_strictly() -> None:
    comparison = changed(verdict=Verdict.VIOLATED, violation_count=1, level=Level.INFERRED)
    assert the_only(comparison) == (Change.NEWLY_VIOLATED, Change.LEVEL_CHANGED)
    assert not comparison.regresses()
    assert comparison.regresses(strict=True)


def test_known_violations_do_not_make_it_worse() -> None:
    known = Known("It is known.", date(2027, 3, 31))
    assert not changed(verdict=Verdict.VIOLATED, known=known).regresses(strict=True)


def test_witnesses_are_lost_and_won() -> None:
    lost = changed(verdict=Verdict.UNKNOWN, witnesses=0)
    assert the_only(lost) == (Change.WITNESS_LOST,)
    assert not lost.regresses()
    won = compare_reports(lost.after, lost.before)
    assert the_only(won) == (Change.NEWLY_WITNESSED,)


def test_a_rule_that_fails_to_judge_makes_it_worse() -> None:
    broken = changed(verdict=Verdict.BROKEN, failure="ZeroDivisionError: division by zero")
    assert the_only(broken) == (Change.NEWLY_BROKEN,)
    assert broken.regresses()
    assert compare_reports(broken.after, broken.after).differences == ()


def test_what_stays_violated_is_told_but_not_worse() -> None:
    comparison = compare_reports(told.violated(), told.violated())
    assert told.FINAL in {d.rule for d in comparison.with_change(Change.STILL_VIOLATED)}
    assert not comparison.regresses(strict=True)


def test_rules_of_one_report_only_are_told() -> None:
    report = told.conforming()
    less = report.without([told.FINAL])
    assert the_only(compare_reports(less, report)) == (Change.ADDED,)
    assert the_only(compare_reports(report, less)) == (Change.REMOVED,)
    broken = told.with_result(report, told.FINAL, verdict=Verdict.VIOLATED)
    new = compare_reports(less, broken)
    assert the_only(new) == (Change.NEWLY_VIOLATED, Change.ADDED)
    assert new.regresses()


def renamed(report: Report, api: str) -> Report:
    results = tuple(
        evolve(result, rule=result.rule.replace("jobs.", f"{api}.", 1)) for result in report.results
    )
    return evolve(report, api=api, results=results)


def test_generations_are_matched_without_their_names() -> None:
    comparison = compare_reports(told.conforming(), renamed(told.violated(), "jobs_v2"))
    rules = {difference.rule for difference in comparison.with_change(Change.NEWLY_VIOLATED)}
    assert "job.terminal-is-final" in rules
    assert not comparison.with_change(Change.ADDED)
    assert not comparison.with_change(Change.REMOVED)


def test_what_only_one_generation_promises_stands_apart() -> None:
    other = renamed(told.violated(), "jobs_v2").without([f"jobs_v2.{told.LOG.partition('.')[2]}"])
    comparison = compare_reports(told.conforming(), other)
    assert comparison.is_across
    assert [result.rule for result in comparison.only_before] == [told.LOG]
    assert comparison.only_after == ()
    for text in (printed(comparison), render_comparison(comparison)):
        assert "rules are compared by what follows the API's name" in text
        assert "1 only in jobs" in text
        assert told.LOG in text
    assert "Only in jobs: 1 rule<" in render_comparison(comparison)
    dumped = dump_comparison(comparison, strict=True)
    assert dumped["across_apis"] is True


def printed(comparison: Comparison) -> str:
    console = Console(file=io.StringIO(), width=140, highlight=False)
    print_comparison(console, comparison)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (told.conforming, told.violated, "WORSE"),
        (told.violated, told.conforming, "NOT WORSE"),
        (told.conforming, told.conforming, "NOT WORSE"),
        (told.violated, told.cut_short, "NO VERDICT"),
    ],
)
def test_a_terminal_shows_every_difference_and_the_verdict(
    before: Any, after: Any, word: str
) -> None:
    comparison = compare_reports(before(), after())
    text = printed(comparison)
    for difference in comparison.differences:
        line = next(line for line in text.splitlines() if difference.rule in line)
        assert difference.changes[0].value in line
    assert text.splitlines()[-1].startswith(f"{word} (")


def test_markdown_has_a_row_for_every_difference() -> None:
    comparison = compare_reports(told.conforming(), told.violated())
    text = render_comparison(comparison)
    assert text.startswith("### ❌ Worse: ")
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(comparison.differences)
    assert all(row.count("|") == 6 for row in rows)
    calm = render_comparison(compare_reports(told.conforming(), told.conforming()))
    assert calm.startswith("### ✅ Not worse: ")
    assert "| Change" not in calm


def test_json_tells_the_same() -> None:
    comparison = compare_reports(told.conforming(), told.violated())
    document = json.loads(json.dumps(dump_comparison(comparison)))
    assert document["regresses"] is True
    assert document["before"]["conforms"] is True
    first = document["differences"][0]
    assert first["changes"] == ["newly violated"]
    assert first["before"]["verdict"] == "HOLDS"
    assert first["after"]["verdict"] == "VIOLATED"
    assert len(document["differences"]) + document["same"] == len(comparison.after.results)
