"""Chapters of the benchmark as tables in a terminal, or plain where there is none."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from bench.chapter import Chapter, Table, Target

SAYS = {True: "[green]met[/]", False: "[bold red]MISSED[/]", None: "[yellow]not measured[/]"}


def print_chapter(console: Console, chapter: Chapter) -> None:
    """Print the tables of a chapter, its targets and its notes."""
    console.rule(escape(chapter.title), align="left", style="dim")
    for table in chapter.tables:
        console.print(f"\n  {escape(table.title)}", style="bold")
        console.print(_drawn(table))
    if chapter.targets:
        console.print(_goals(chapter.targets))
    for note in chapter.notes:
        console.print(f"  {escape(note)}", style="dim")
    console.print()


def print_summary(console: Console, chapters: Iterable[Chapter]) -> None:
    """Print how many targets are met, and which are not."""
    targets = [target for chapter in chapters for target in chapter.targets]
    met = sum(target.is_met is True for target in targets)
    console.print(f"{met} of {len(targets)} targets met.")
    for target in targets:
        if not target.is_met:
            console.print(f"  {SAYS[target.is_met]}: {escape(target.claim)} — {_against(target)}")


def number(value: float | None, digits: int = 2) -> str:
    """Write a figure; a dash is one that could not be had."""
    if value is None:
        return "–"
    if value and abs(value) < 10**-digits:
        return f"{value:.2g}"
    return f"{value:,.{digits if abs(value) < 100 else 0}f}"


def _drawn(table: Table) -> RichTable:
    made = RichTable(box=SIMPLE_HEAD)
    made.add_column("")
    for column in table.columns:
        made.add_column(escape(column), justify="right")
    for row in table.rows:
        made.add_row(escape(row.name), *(number(value, table.digits) for value in row.values))
    return made


def _goals(targets: Iterable[Target]) -> RichTable:
    made = RichTable(box=SIMPLE_HEAD)
    for heading in ("target", "is", "aim", ""):
        made.add_column(heading, justify="right" if heading in ("is", "aim") else "left")
    for target in targets:
        made.add_row(escape(target.claim), number(target.value), _aim(target), SAYS[target.is_met])
    return made


def _aim(target: Target) -> str:
    limits = (("≤", target.most), ("≥", target.least))
    return " ".join(f"{sign} {number(limit)}" for sign, limit in limits if limit is not None)


def _against(target: Target) -> str:
    return f"{number(target.value)}, aim {_aim(target)}"
