"""What a chapter of the benchmark says: tables of figures, and targets that are met or missed."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from attrs import field, frozen
from attrs.validators import min_len

CHAPTERS = (
    "decode",
    "encode",
    "peek",
    "memory",
    "startup",
    "crowd",
    "judging",
    "watch",
)
"""The modules here that have a `chapter`, in the order in which they run and are printed."""


@frozen(kw_only=True)
class Effort:
    """How much to measure, and where files go.

    ``share`` is the part of the usual rounds to run: 1 for figures, 0.01 to see that it works.
    """

    folder: Path
    share: float = 1.0

    def rounds(self, usual: int) -> int:
        """Return how many rounds to run where `usual` are enough for figures; at least 2."""
        return max(2, round(usual * self.share))


@frozen(kw_only=True)
class Row:
    """The figures of one contender; None is one that could not be had."""

    name: str
    values: tuple[float | None, ...]


@frozen(kw_only=True)
class Table:
    """Figures of one kind: contenders down, subjects across. The title says their unit."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    digits: int = 2
    drawn: bool = True
    """Whether the picture shows it, too."""

    def __attrs_post_init__(self) -> None:
        for row in self.rows:
            if len(row.values) != len(self.columns):
                raise ValueError(f"{self.title}: the row {row.name} has not a value per column.")


@frozen(kw_only=True)
class Target:
    """What a figure is to be, at most or at least; a value of None could not be measured."""

    claim: str
    value: float | None
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it is; None if that could not be measured."""
        if self.value is None:
            return None
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )


@frozen(kw_only=True)
class Chapter:
    """What was measured of one subject."""

    title: str
    tables: tuple[Table, ...] = field(validator=min_len(1))
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


def load_chapter(name: str) -> Callable[[Effort], Chapter]:
    """Return the function that measures a chapter, and import no other chapter's libraries."""
    module = import_module(f"bench.{name}")
    return cast(Callable[[Effort], Chapter], module.chapter)
