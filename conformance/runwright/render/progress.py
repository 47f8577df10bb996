"""How far a session is: a bar in a terminal, a line for each phase elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from runwright.render.number import count


class Spending(Protocol):
    """How many requests were sent, and how many of them may have started a run."""

    @property
    def requests(self) -> int:
        """Requests sent."""

    @property
    def runs(self) -> int:
        """Requests that may have started a run."""


class Step(Protocol):
    """One message about how far a session is."""

    @property
    def phase(self) -> str:
        """What is being done."""

    @property
    def done(self) -> int:
        """How much of it is done."""

    @property
    def total(self) -> int:
        """How much there is to do."""

    @property
    def spent(self) -> Spending:
        """What was spent so far."""


@contextmanager
def show_progress(console: Console, title: str) -> Iterator[Callable[[Step], object]]:
    """Show what the given function is told, for as long as the context lasts."""
    if not console.is_terminal:
        yield _lines(console, title)
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("[bold]{task.description}[/]"),
        BarColumn(),
        TextColumn("{task.fields[spent]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None, spent="")

        def tell(step: Step) -> None:
            bar.update(
                task,
                description=f"{title}: {step.phase}",
                completed=step.done,
                total=step.total,
                spent=_spent(step),
            )

        yield tell


@contextmanager
def counting(console: Console, title: str) -> Iterator[Callable[[], object]]:
    """Count in a terminal how often the given function is called; show nothing elsewhere."""
    if not console.is_terminal:
        yield lambda: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}[/]"),
        TextColumn("{task.completed:,} exchanges"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda: bar.advance(task)


def _lines(console: Console, title: str) -> Callable[[Step], object]:
    phases: list[str] = []

    def tell(step: Step) -> None:
        if step.phase not in phases:
            phases.append(step.phase)
            console.print(f"{title}: {step.phase} ({_spent(step)})", markup=False)

    return tell


def _spent(step: Step) -> str:
    return f"{count(step.spent.requests, 'request')}, {count(step.spent.runs, 'run')} started"
