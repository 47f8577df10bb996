"""Markdown for a pull request: the verdict, a table, evidence folded away, and nothing hostile."""

import re
from datetime import date
from typing import Any

import pytest
import told_reports as told
from attrs import evolve
from runwright.render.markdown import MOST_CHARACTERS, code, fence, render_markdown, text
from runwright.report import Known, Verdict
from runwright.rule import Level


def test_the_verdict_comes_first() -> None:
    assert render_markdown([told.conforming()]).startswith("### ✅ Jobs conforms\n")
    assert render_markdown([told.violated()]).startswith("### ❌ Jobs does not conform\n")


def test_a_table_counts_verdicts_by_level() -> None:
    report = told.violated()
    lines = render_markdown([report]).splitlines()
    for level in Level:
        row = next(line for line in lines if line.startswith(f"| **{level.value}** |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        verdicts = (Verdict.VIOLATED, Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS)
        counts = [sum(r.level is level for r in report.with_verdict(v)) for v in verdicts]
        assert cells == [str(count or "") for count in counts]


def test_what_fails_is_open_and_what_is_reported_apart_is_folded() -> None:
    content = render_markdown([told.violated()])
    blocks = re.findall(r"<details( open)?>\n<summary>❌ <b>\w+</b> <code>(.*?)</code>", content)
    assert {rule: bool(is_open) for is_open, rule in blocks}[told.FINAL] is True
    assert {rule: bool(is_open) for is_open, rule in blocks}[told.LOG] is False
    assert blocks[0][1] == told.FINAL
    assert content.count("<details") == content.count("</details>")


def test_evidence_has_expected_actual_exchanges_and_curl() -> None:
    content = render_markdown([told.violated()])
    assert "- at `/status`\n- expected `done`\n- actual `running`\n- seen `main-" in content
    assert "```sh\ncurl -i https://jobs.example/api/jobs/" in content


def test_known_violations_say_until_when() -> None:
    known = Known("It is known.", date(2027, 3, 31))
    content = render_markdown([told.with_result(told.violated(), told.FINAL, known=known)])
    assert "📌 <b>MUST</b> <code>jobs.job.terminal-is-final</code>" in content
    assert "Known until 2027-03-31: It is known." in content


def test_faults_of_the_baseline_are_a_warning() -> None:
    report = evolve(told.conforming(), baseline_faults=("a.b.c is no longer violated",))
    content = render_markdown([report])
    assert content.startswith("### ❌ Jobs does not conform")
    assert "> [!WARNING]\n> The baseline needs care:\n> - a.b.c is no longer violated" in content


def test_a_history_that_was_cut_short_has_no_verdict() -> None:
    content = render_markdown([told.cut_short()])
    assert content.startswith("### ❔ Jobs: no verdict")
    assert "> Cut short: http://jobs stopped answering after 9 of 20 requests" in content


def test_rules_that_were_not_met_are_listed_with_the_reason() -> None:
    report = told.with_result(
        told.conforming(), told.FINAL, verdict=Verdict.UNKNOWN, unwitnessed="nothing ends"
    )
    assert f"- `{told.FINAL}` (MUST): nothing ends" in render_markdown([report])


def test_it_fits_into_a_comment_and_says_what_was_left_out() -> None:
    report = told.violated()
    many = [evolve(told.result(report, told.FINAL), rule=f"jobs.job.rule-{n}") for n in range(400)]
    content = render_markdown([evolve(report, results=tuple(many))])
    assert len(content) < 65_536
    assert len(content) > MOST_CHARACTERS / 2
    left_out = re.search(r"The evidence of (\d+) rules is left out", content)
    assert left_out
    assert int(left_out[1]) + content.count("<details open>") == len(many)


def test_nothing_hostile_gets_out() -> None:
    content = render_markdown([told.hostile()])
    outside_code = re.sub(r"```sh\n.*?\n```|(`+)[^`\n].*?\1", "", content, flags=re.DOTALL)
    assert "<script" not in outside_code
    assert "@everyone" not in outside_code
    assert "\x1b" not in content
    assert "\x00" not in content
    assert set(re.findall(r"</?(\w+)", outside_code)) <= {"details", "summary", "b", "code"}


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a``", "``` `a`` ```"),
        ("two\nlines", "`two lines`"),
        ("", "` `"),
    ],
)
def test_code_holds_whatever_it_is_given(words: str, written: str) -> None:
    assert code(words) == written


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert list(fence("a ```` b", "sh")) == ["`````sh", "a ```` b", "`````"]


def test_text_has_no_commands() -> None:
    assert text("a *b* <i> & #1 @me\n|") == (
        "a &#42;b&#42; &#60;i&#62; &#38; &#35;1 &#64;me &#124;"
    )


@pytest.mark.parametrize("strict", [False, True])
def test_strictness_decides_as_conforms_does(strict: bool) -> None:
    for report in (told.conforming(), told.violated(), told.hostile()):
        good = "### ✅" in render_markdown([report], strict=strict)
        assert good is report.conforms(strict=strict)


def test_several_reports_follow_each_other() -> None:
    content: Any = render_markdown([told.violated(), told.conforming()])
    assert re.findall(r"^### (.)", content, re.MULTILINE) == ["❌", "✅"]
