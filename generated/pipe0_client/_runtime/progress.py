# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Shows on a terminal, or in a notebook, how far the runs are that are waited for."""

from __future__ import annotations

import atexit
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .errors import ExtraMissingError
from .lifecycle import Outcome
from .look import Look
from .vigil import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Display
    from rich.progress import TaskID
    from rich.text import Text

Name = tuple[str, ...]

_STYLES = {
    Outcome.SUCCESS: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.FAILURE: "red",
    Outcome.CANCELED: "magenta",
}


def progress_bar(*, console: Console | None = None, transient: bool = False) -> ProgressBar:
    """Make a progress bar: `api.wait(run_id, on_look=progress_bar())`.

    It is for `wait` and all its kin, synchronous or not: with one run it shows the run's status,
    with many how many have ended and how. It writes to standard error, and nothing where that is
    neither a terminal nor a notebook. A `with` block lets several waits share one bar.

    Args:
        console: The rich console to write to instead.
        transient: Whether the bar disappears at the end.

    Raises:
        ExtraMissingError: rich is not installed.
    """
    return ProgressBar(console=console, transient=transient)


class ProgressBar(Progress):
    """A bar of rich's that goes on with each look, and closes when all runs have ended.

    In a narrow terminal its pieces get shorter; it never takes a second line.
    """

    def __init__(self, *, console: Console | None = None, transient: bool = False) -> None:
        try:
            from rich.console import Console
        except ImportError as error:
            raise ExtraMissingError(
                "This needs rich, which is not installed: pip install rich"
            ) from error
        self._console = console or Console(stderr=True)
        self._transient = transient
        self._lock = threading.RLock()
        self._display: Display | None = None
        self._task: TaskID | None = None
        self._is_held = False
        self._forget()

    def _forget(self) -> None:
        self._thing = "run"
        self._open: set[Name] = set()
        self._states: dict[Name, str] = {}
        self._counts: Counter[str] = Counter()
        self._styles: dict[str, str] = {}
        self._trouble = ""

    def begin(self, thing: str, keys: Iterable[Mapping[str, Any]]) -> None:
        """Take in runs that are waited for from now on."""
        with self._lock:
            self._thing = thing
            for key in keys:
                self._add(_name(key))
            self._draw()

    def __call__(self, look: Look) -> None:
        """Show what a look showed."""
        with self._lock:
            name = _name(look.key)
            self._add(name)
            self._trouble = type(look.error).__name__ if look.error is not None else ""
            if look.status is not None:
                self._counts[self._states[name]] -= 1
                self._states[name] = status = _printable(look.status)
                self._counts[status] += 1
                self._styles[status] = _STYLES[look.outcome] if look.outcome else ""
            self._draw()

    def end(self, key: Mapping[str, Any]) -> None:
        """Take in that a run is not waited for any more."""
        with self._lock:
            if _name(key) not in self._open:
                return
            self._open.discard(_name(key))
            self._draw()
            if not self._open and not self._is_held:
                self.close()

    def close(self) -> None:
        """Leave the bar as it is, and begin with another one next time."""
        with self._lock:
            display, self._display = self._display, None
            if display is not None:
                display.stop()
                atexit.unregister(self.close)
            self._forget()

    def __enter__(self) -> Self:
        self._is_held = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_held = False
        self.close()

    def _add(self, name: Name) -> None:
        if name not in self._states:
            self._open.add(name)
            self._states[name] = ""
            self._counts[""] += 1

    def _draw(self) -> None:
        if not (self._console.is_terminal or self._console.is_jupyter):
            return
        total, ended = len(self._states), len(self._states) - len(self._open)
        shown: dict[str, Any] = {
            # The way that one run has left is not known.
            "total": total if total > 1 or ended else None,
            "completed": ended,
            "head": self._head(total, ended),
            "tail": self._tail(total),
        }
        if self._display is None:
            self._display = _display(self._console, transient=self._transient)
            self._task = self._display.add_task("", **shown)
            self._display.start()
            # An exception that nobody catches may keep a wait from ending before the process.
            atexit.register(self.close)
        elif self._task is not None:
            self._display.update(self._task, refresh=not self._open, **shown)

    def _head(self, total: int, ended: int) -> str:
        if total == 1:
            ((*_, name),) = self._states
            return f"{self._thing} {_printable(name)}"
        return f"{ended} of {total} {self._thing}s"

    def _tail(self, total: int) -> Text:
        from rich.text import Text

        tail = Text()
        for status, count in self._counts.items():
            if status and count > 0:
                tail.append(" · " if tail else "")
                tail.append(status if total == 1 else f"{count} {status}", self._styles[status])
        if self._trouble:
            tail.append(f"{' ' if tail else ''}({self._trouble})", "dim")
        return tail


def _name(key: Mapping[str, Any]) -> Name:
    return tuple(map(str, key.values()))


def _printable(text: str) -> str:
    """Return a text that does no more to a terminal than appear on it."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _display(console: Console, *, transient: bool) -> Display:
    from rich.progress import BarColumn, ProgressColumn, Task, TimeElapsedColumn
    from rich.progress import Progress as Display
    from rich.table import Column
    from rich.text import Text

    class Told(ProgressColumn):
        def __init__(self, field: str) -> None:
            super().__init__(Column(no_wrap=True))
            self._field = field

        def render(self, task: Task) -> Text:
            told = task.fields[self._field]
            return told if isinstance(told, Text) else Text(told)

    return Display(
        Told("head"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(Column(no_wrap=True)),
        Told("tail"),
        console=console,
        transient=transient,
        # What is printed meanwhile appears above the bar, but what goes elsewhere is to get there.
        redirect_stdout=_is_terminal(sys.stdout),
        redirect_stderr=_is_terminal(sys.stderr),
    )


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)  # whoever replaces a stream may do without
    return isatty is not None and bool(isatty())
