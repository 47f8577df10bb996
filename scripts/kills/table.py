"""The matrix as text: a line for each mutant, then the medians, then what is wrong."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kills.tally import Median, findings, medians
from kills.trial import Trial

WIDTH = 220
"""Columns of a table that no terminal limits."""


def console_for(console: Console) -> Console:
    """Return a console that does not cut the lines of a file or a pipe."""
    return console if console.is_terminal else Console(file=console.file, width=WIDTH)


def print_matrix(console: Console, trials: Sequence[Trial], *, whole: bool) -> None:
    """Print everything that came of the trials."""
    style = box.SIMPLE_HEAD if console.is_terminal else None
    console.print(_mutants(trials, style))
    console.print(_medians(medians(trials), style))
    found = list(findings(trials, whole=whole))
    for finding in found:
        console.print(Text(finding, style="red"), soft_wrap=True)
    tried = sum(1 for trial in trials if trial.order.fault)
    console.print(f"{tried} mutants, {len(found)} finding{'' if len(found) == 1 else 's'}")


def _mutants(trials: Sequence[Trial], style: box.Box | None) -> Table:
    table = Table(box=style, pad_edge=False)
    for name in ("mutant", "family", "breaks", "caught"):
        table.add_column(name, overflow="fold")
    for name in ("requests", "seconds", "verdict"):
        table.add_column(name, justify="right")
    table.add_column("others", overflow="fold")
    for trial in trials:
        mutant, catch = trial.mutant, trial.caught
        is_caught = mutant is not None and mutant.breaks in trial.violated
        table.add_row(
            f"{trial.order.api} {trial.order.fault or f'honest ({trial.order.reading})'}",
            mutant.family if mutant else "",
            mutant.breaks.partition(".")[2] if mutant else "",
            _caught(is_caught) if mutant else Text(""),
            str(catch.requests) if catch else "",
            f"{catch.seconds:.1f}" if catch else "",
            f"{catch.verdict:.1f}" if catch else "",
            _others(trial),
        )
    return table


def _caught(is_caught: bool) -> Text:
    return Text("yes", style="green") if is_caught else Text("NO", style="bold red")


def _others(trial: Trial) -> Text:
    mutant = trial.mutant
    kin = sorted(trial.violated.keys() & (mutant.also.keys() if mutant else set()))
    text = Text(", ".join(f"kin {_short(rule)}" for rule in kin))
    if trial.unlisted:
        text.append("; " if kin else "")
        text.append(", ".join(map(_short, trial.unlisted)), style="bold red")
    return text


def _short(rule: str) -> str:
    return rule.partition(".")[2]


def _medians(found: Sequence[Median], style: box.Box | None) -> Table:
    table = Table(box=style, pad_edge=False)
    table.add_column("median of")
    for name in ("mutants", "caught", "requests", "seconds", "verdict", "slowest"):
        table.add_column(name, justify="right")
    for one in found:
        table.add_row(
            one.name,
            str(one.mutants),
            str(one.caught),
            "" if one.requests is None else f"{one.requests:.0f}",
            *(
                "" if number is None else f"{number:.2f}"
                for number in (one.seconds, one.verdict, one.slowest)
            ),
        )
    return table
