"""A report as a table for a terminal; plain text where colours are not wanted."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOBase
from typing import IO, TextIO, cast
from urllib.parse import urlsplit

from attrs import evolve
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from runwright.history import Exchange
from runwright.render.curl import curl_line
from runwright.render.number import count
from runwright.report import Report, Result, Standing, Verdict, Violation

STYLES = {
    Verdict.HOLDS: "green",
    Verdict.UNKNOWN: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.BROKEN: "bold magenta",
    Verdict.VIOLATED: "bold red",
}
SERVER = {standing: standing.value.upper() for standing in Standing}
CLIENT = SERVER | {Standing.CONFORMS: "BEHAVES", Standing.VIOLATED: "DOES NOT BEHAVE"}
STANDING_STYLES = {
    Standing.CONFORMS: "bold green",
    Standing.OPEN: "bold yellow",
    Standing.VIOLATED: "bold red",
}

SPELLED = 3
"""Violations of one rule that are shown in full."""


_BLANKS = re.compile(r" +(?=\n)")

PLAIN_WIDTH = 140
"""Columns where no terminal says how many it has."""


def console(*, stderr: bool = False) -> Console:
    """Return a console: coloured in a terminal, plain and wide in a pipe or a file."""
    made = Console(stderr=stderr, highlight=False)
    if made.is_terminal:
        return made
    return Console(file=cast(IO[str], _Plain(stderr=stderr)), highlight=False, width=PLAIN_WIDTH)


class _Plain(TextIOBase):
    """Standard output or error without the blanks with which a table fills its lines."""

    def __init__(self, *, stderr: bool) -> None:
        self._stderr = stderr

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self._stderr else sys.stdout

    def write(self, text: str) -> int:
        return self._stream.write(_BLANKS.sub("", text))

    def flush(self) -> None:
        self._stream.flush()


def print_report(console: Console, report: Report, *, strict: bool = False) -> None:
    """Print verdicts by rule, then what was violated, then the verdict over all."""
    console.print()
    console.print(_heading(report))
    server, client = _sides(report)
    console.print(_table(server))
    if client:
        console.print(Text.assemble(("\nclient", "bold"), ": who sent these requests"))
        console.print(_table(client))
    print_evidence(console, report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN))
    for line in _unwitnessed(report):
        console.print(line)
    for fault in report.baseline_faults:
        console.print(Text.assemble(("\nbaseline: ", "bold red"), fault), soft_wrap=True)
    if report.cut_short:
        console.print(Text.assemble(("\ncut short: ", "bold yellow"), report.cut_short))
    console.print()
    console.print(summary(report, strict=strict), soft_wrap=True)


def print_verdicts(console: Console, reports: Iterable[Report], *, strict: bool = False) -> None:
    """Print the verdict over each of several reports, one below the other."""
    console.print()
    for report in reports:
        console.print(summary(report, strict=strict), soft_wrap=True)


def print_evidence(console: Console, results: Iterable[Result]) -> None:
    """Print the sentence behind each result, what was seen of it, and how to repeat that."""
    for result in results:
        console.print(_evidence(result))
        last = [e for violation in result.violations[:1] for e in violation.exchanges[-1:]]
        for exchange in result.smallest or last:
            # On one line however long, to be copied.
            repeat = Text.assemble(("  repeat  ", "dim"), curl_line(exchange))
            console.print(repeat, soft_wrap=True)


def _heading(report: Report) -> Text:
    target = f" at {report.target}" if report.target else ""
    return Text.assemble(
        (report.api, "bold"),
        f"{target}, reading “{report.reading}”: "
        f"{count(report.exchanges, 'exchange')}, {count(report.runs, 'run')} seen",
    )


def _sides(report: Report) -> tuple[tuple[Result, ...], tuple[Result, ...]]:
    """Return the results about the server, and those about who called it."""
    client = tuple(result for result in report.results if result.is_about_client)
    return tuple(result for result in report.results if not result.is_about_client), client


def _table(results: Iterable[Result]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("rule", overflow="fold")
    table.add_column("witnesses", justify="right", no_wrap=True)
    table.add_column("violations", justify="right", no_wrap=True)
    for result in results:
        if result.verdict is Verdict.NOT_APPLICABLE:
            continue
        table.add_row(
            Text(result.verdict.name, STYLES[result.verdict]),
            result.level.value,
            result.rule,
            str(result.witnesses),
            str(result.violation_count or ""),
        )
    return table


def _evidence(result: Result) -> RenderableType:
    """Return the sentence that was broken, and the exchanges that show it."""
    title = Text.assemble(
        "\n",
        (result.verdict.name, STYLES[result.verdict]),
        " ",
        (result.rule, "bold"),
        f" ({result.level.value})",
    )
    lines: list[RenderableType] = [title, Padding(Text(f"“{result.sentence}”"), (0, 0, 0, 2))]
    if result.source:
        lines.append(Padding(Text(f"— {result.source}", "dim"), (0, 0, 0, 2)))
    if result.known:
        known = f"known until {result.known.expires}: {result.known.reason}"
        lines.append(Padding(Text(known, "yellow"), (0, 0, 0, 2)))
    if result.failure:
        lines.append(Padding(Text(f"the rule itself failed: {result.failure}"), (0, 0, 0, 2)))
    for violation in result.violations[:SPELLED]:
        lines.append(Padding(_violation(violation), (0, 0, 0, 2)))
    hidden = result.violation_count - len(result.violations[:SPELLED])
    if hidden > 0:
        lines.append(Padding(Text(f"and {hidden} more", "dim"), (0, 0, 0, 2)))
    return Group(*lines)


def _violation(violation: Violation) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if violation.pointer:
        table.add_row("at", Text(violation.pointer))
    table.add_row("expected", Text(violation.expected))
    table.add_row("actual", Text(violation.actual))
    for exchange in violation.exchanges:
        table.add_row("seen", Text(_exchange(exchange)))
    return table


def _exchange(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = exchange.status if exchange.status is not None else exchange.error
    return f"{exchange.id}: {exchange.method} {path} → {answer}"


def _unwitnessed(report: Report) -> Iterator[Text]:
    quiet: dict[str, list[str]] = {}
    for result in report.with_verdict(Verdict.UNKNOWN):
        if result.unwitnessed:
            quiet.setdefault(result.unwitnessed, []).append(result.rule)
    if quiet:
        yield Text("\nNot to be witnessed here:", "bold")
    for why, rules in quiet.items():
        yield Text(f"  {', '.join(rules)}: {why}")


def summary(report: Report, *, strict: bool = False) -> Text:
    """Return the verdict over all in one line, and one about the client if it was judged."""
    server, client = _sides(report)
    line = _verdict_line(report.api, evolve(report, results=server), SERVER, strict=strict)
    if client:
        about = evolve(report, results=client, baseline_faults=())
        line += Text("\n") + _verdict_line(f"client of {report.api}", about, CLIENT, strict=strict)
    return line


def _verdict_line(
    name: str, report: Report, words: Mapping[Standing, str], *, strict: bool
) -> Text:
    counts = {
        verdict: len(report.with_verdict(verdict))
        for verdict in (Verdict.HOLDS, Verdict.UNKNOWN, Verdict.BROKEN)
    }
    violated = report.with_verdict(Verdict.VIOLATED)
    failing = [result for result in violated if result.fails_when(strict=strict)]
    known = [result for result in violated if result.known is not None]
    standing = report.standing(strict=strict)
    parts = [
        count(counts[Verdict.HOLDS], "rule holds", "rules hold"),
        count(report.witnesses, "witness", "witnesses"),
        f"{counts[Verdict.UNKNOWN]} not met",
    ]
    if failing:
        parts.append(f"{len(failing)} violated: {', '.join(r.rule for r in failing)}")
    if known:
        parts.append(f"{count(len(known), 'known violation')} accepted")
    if apart := len(violated) - len(failing) - len(known):
        parts.append(f"{count(apart, 'inferred rule')} violated, reported apart")
    if counts[Verdict.BROKEN]:
        parts.append(f"{count(counts[Verdict.BROKEN], 'rule')} failed to judge")
    if report.baseline_faults:
        parts.append("the baseline needs care")
    return Text.assemble(
        (name, "bold"),
        " ",
        (words[standing], STANDING_STYLES[standing]),
        f" ({'; '.join(parts)})",
    )


def print_table(
    console: Console, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    """Print rows of text under headings."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
