"""A comparison of two reports for a terminal, and as Markdown for a pull request."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runwright.comparison import Change, Comparison, Course, Difference
from runwright.render.markdown import code, text
from runwright.render.number import count
from runwright.render.tone import WORDS
from runwright.report import Report, Result, Verdict

STYLES = {
    Change.NEWLY_VIOLATED: "bold red",
    Change.NEWLY_BROKEN: "bold magenta",
    Change.WITNESS_LOST: "yellow",
    Change.FIXED: "bold green",
    Change.NEWLY_WITNESSED: "green",
    Change.STILL_VIOLATED: "red",
}
SIGNS = {
    Change.NEWLY_VIOLATED: "❌",
    Change.NEWLY_BROKEN: "⚠️",
    Change.WITNESS_LOST: "❔",
    Change.FIXED: "✅",
    Change.NEWLY_WITNESSED: "✅",
    Change.STILL_VIOLATED: "❌",
}

COURSES = {
    Course.WORSE: ("❌", "bold red"),
    Course.NOT_WORSE: ("✅", "bold green"),
    Course.OPEN: ("❔", "bold yellow"),
}


def print_comparison(console: Console, comparison: Comparison, *, strict: bool = False) -> None:
    """Print what changed, the gravest first, and a line that sums it up."""
    before, after = comparison.before, comparison.after
    console.print()
    console.print(Text.assemble(("before  ", "dim"), _side(before)), soft_wrap=True)
    console.print(Text.assemble(("after   ", "dim"), _side(after)), soft_wrap=True)
    if comparison.is_across:
        console.print(f"\n{across(comparison)}", markup=False, soft_wrap=True)
    if shown := _shown(comparison):
        console.print()
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("change", no_wrap=True)
        table.add_column("level", no_wrap=True)
        table.add_column("rule", overflow="fold")
        table.add_column("before")
        table.add_column("after")
        for difference in shown:
            table.add_row(
                Text("\n").join(Text(c.value, STYLES.get(c, "")) for c in difference.changes),
                _level(difference),
                difference.rule,
                _state(difference.before),
                _state(difference.after),
            )
        console.print(table)
    for api, results in _only(comparison):
        console.print(f"\nonly in {api}", style="bold")
        table = Table(box=None, pad_edge=False, show_header=False)
        for result in results:
            style = "bold red" if result.verdict is Verdict.VIOLATED else ""
            table.add_row(result.level.value, result.rule, Text(_state(result), style))
        console.print(table)
    console.print()
    course = comparison.course(strict=strict)
    console.print(
        Text(course.value.upper(), COURSES[course][1]),
        f"({summary(comparison)})",
        soft_wrap=True,
    )


def render_comparison(comparison: Comparison, *, strict: bool = False) -> str:
    """Return the comparison as Markdown."""
    return "\n".join(_lines(comparison, strict)) + "\n"


def _lines(comparison: Comparison, strict: bool) -> Iterator[str]:
    course = comparison.course(strict=strict)
    yield f"### {COURSES[course][0]} {course.value.capitalize()}: {summary(comparison)}"
    yield ""
    yield f"- before: {text(_side(comparison.before))}"
    yield f"- after: {text(_side(comparison.after))}"
    if comparison.is_across:
        yield ""
        yield text(across(comparison))
    if shown := _shown(comparison):
        yield ""
        yield "| Change | Level | Rule | Before | After |"
        yield "| :-- | :-- | :-- | :-- | :-- |"
        for difference in shown:
            yield _row(difference)
    for api, results in _only(comparison):
        yield ""
        yield "<details>"
        yield f"<summary>Only in {text(api)}: {count(len(results), 'rule')}</summary>"
        yield ""
        yield "| Level | Rule | Verdict |"
        yield "| :-- | :-- | :-- |"
        for result in results:
            sign = "❌ " if result.verdict is Verdict.VIOLATED else ""
            state = text(_state(result))
            yield f"| {result.level.value} | {code(result.rule)} | {sign}{state} |"
        yield ""
        yield "</details>"


def _row(difference: Difference) -> str:
    signs = " ".join(dict.fromkeys(SIGNS.get(change, "") for change in difference.changes))
    changes = ", ".join(change.value for change in difference.changes)
    return (
        f"| {f'{signs} {changes}'.strip()} | {_level(difference)} | {code(difference.rule)} "
        f"| {text(_state(difference.before))} | {text(_state(difference.after))} |"
    )


def _shown(comparison: Comparison) -> tuple[Difference, ...]:
    """Return the differences of one table: between two APIs, those about rules of both."""
    return comparison.shared if comparison.is_across else comparison.differences


def _only(comparison: Comparison) -> Iterator[tuple[str, tuple[Result, ...]]]:
    """Yield the rules that only one of two APIs has."""
    if comparison.is_across:
        for report, results in (
            (comparison.before, comparison.only_before),
            (comparison.after, comparison.only_after),
        ):
            if results:
                yield report.api, results


def across(comparison: Comparison) -> str:
    """Return what is compared where two APIs are."""
    both = comparison.same + len(comparison.shared)
    alone = [f", {len(results)} only in {api}" for api, results in _only(comparison)]
    return (
        f"two APIs, {comparison.before.api} and {comparison.after.api}: rules are compared by "
        f"what follows the API's name; {both} are in both{''.join(alone)}"
    )


def summary(comparison: Comparison) -> str:
    """Return the numbers of each change in one line."""
    counts = [
        f"{len(found)} {change.value}"
        for change in Change
        if (found := comparison.with_change(change))
    ]
    return "; ".join([*counts, f"{count(comparison.same, 'rule')} the same"])


def _side(report: Report) -> str:
    where = f" at {report.target}" if report.target else ""
    cut = f" (cut short: {report.cut_short})" if report.cut_short else ""
    return f"{report.api}{where}, reading “{report.reading}”: {report.standing().value}{cut}"


def _level(difference: Difference) -> str:
    before, after = difference.before, difference.after
    if before and after and before.level is not after.level:
        return f"{before.level.value} → {after.level.value}"
    return difference.level.value


def _state(result: Result | None) -> str:
    if result is None:
        return "no such rule"
    word = WORDS[result.verdict]
    if result.verdict is Verdict.VIOLATED:
        return f"{word} {result.violation_count}×"
    return f"{word} {result.witnesses}×" if result.verdict is Verdict.HOLDS else word
