"""A ledger holds every sentence in an API's docs that promises something.

A line whose promise is checked has the id of the rule that checks it; a line with ``excluded``
says why no rule can. The format is described in ``specs/README.md``.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from runwright.rule import Level
from runwright.spec import SpecError, load_yaml, specs_folder

Reading = Literal["seed", "current"]
READINGS: tuple[Reading, ...] = ("seed", "current")


@frozen
class Source:
    """A document that promises something."""

    id: str
    title: str
    publisher: str | None = None
    date: str | None = None
    is_seed: bool = False

    def __str__(self) -> str:
        # What nobody has published is no title.
        title = f"“{self.title}”" if self.publisher else self.title
        parts = [self.publisher, title, self.date]
        return ", ".join(part for part in parts if part)


@frozen
class Sentence:
    """What a source says, quoted or paraphrased."""

    text: str
    source: Source


@frozen(kw_only=True)
class Line:
    """One promise: its level, its sentences, and the reading it belongs to (None: to all)."""

    id: str
    level: Level
    sentences: tuple[Sentence, ...]
    reading: Reading | None = None
    conflicts_with: tuple[str, ...] = ()
    excluded: str | None = None
    unwitnessed: str | None = None

    @property
    def sentence(self) -> Sentence:
        """The sentence that says it best."""
        return self.sentences[0]

    def holds_under(self, reading: Reading) -> bool:
        """True if the promise is part of that reading."""
        return self.reading in (None, reading)


@frozen
class Ledger:
    """The promises of one API."""

    api: str
    sources: Mapping[str, Source]
    lines: tuple[Line, ...] = field(factory=tuple)

    def line(self, identifier: str) -> Line | None:
        """Return the line with that id."""
        return next((line for line in self.lines if line.id == identifier), None)


class LedgerError(SpecError):
    """A ledger cannot be read; the message names file, line id and remedy."""


_LINE_KEYS = {
    "id",
    "level",
    "sentence",
    "source",
    "also",
    "reading",
    "conflicts_with",
    "excluded",
    "unwitnessed",
}


@cache
def load_ledger(api: str) -> Ledger:
    """Load the ledger of one of the project's APIs."""
    return read_ledger(specs_folder() / api / "ledger.yaml")


def read_ledger(path: Path) -> Ledger:
    """Read a ledger file.

    Raises:
        LedgerError: the file does not have the form of a ledger.
    """
    raw = load_yaml(path)
    if not isinstance(raw, dict) or not {"api", "sources", "lines"} <= set(raw):
        raise LedgerError(f"{path}: a ledger has the members api, sources and lines")
    sources = {
        key: Source(
            key,
            str(body["title"]),
            body.get("publisher"),
            None if body.get("date") is None else str(body["date"]),
            bool(body.get("seed", False)),
        )
        for key, body in raw["sources"].items()
    }
    lines = tuple(_read_line(entry, sources, path) for entry in raw["lines"] or ())
    return Ledger(raw["api"], sources, lines)


def _read_line(entry: Mapping[str, Any], sources: Mapping[str, Source], path: Path) -> Line:
    name = entry.get("id", "a line without id")
    unknown = set(entry) - _LINE_KEYS
    if unknown:
        raise LedgerError(f"{path}: {name}: unknown member {', '.join(sorted(unknown))}")
    try:
        sentences = tuple(
            Sentence(str(said["sentence"]), sources[said["source"]])
            for said in (entry, *entry.get("also", ()))
        )
        level = Level(entry["level"])
        identifier = entry["id"]
    except KeyError as error:
        raise LedgerError(f"{path}: {name}: {error} is missing or is no source") from None
    except ValueError as error:
        raise LedgerError(f"{path}: {name}: {error}") from None
    if entry.get("reading") not in (None, *READINGS):
        raise LedgerError(f"{path}: {name}: reading is one of {', '.join(READINGS)}")
    return Line(
        id=identifier,
        level=level,
        sentences=sentences,
        reading=entry.get("reading"),
        conflicts_with=tuple(entry.get("conflicts_with", ())),
        excluded=entry.get("excluded"),
        unwitnessed=entry.get("unwitnessed"),
    )
