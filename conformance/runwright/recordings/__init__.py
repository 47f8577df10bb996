"""Readers of recorded traffic: each yields exchanges one by one, and the flaws that it met.

A recording is never held in memory whole, so it may be larger than that. What is no history of
this project's own is cleaned of secrets while it is read.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from attrs import evolve

from runwright.history import Exchange, History, HistoryError
from runwright.recordings import bodies, har, ndjson, schemathesis, vcr
from runwright.recordings.flaw import Flaw
from runwright.recordings.flow import Flow
from runwright.recordings.source import STDIN, Kept, opened
from runwright.redaction import Redactor
from runwright.spec import Spec

Reader = Callable[[IO[bytes], str, Redactor], Iterator[Exchange | Flaw]]
HISTORY = re.compile(rb'^\s*\{[^\n]*"format"\s*:\s*"runwright-history/')
READERS: tuple[tuple[re.Pattern[bytes], Reader], ...] = (
    (re.compile(rb'^\s*\{\s*"Initialize"\s*:'), schemathesis.read),
    *(
        (
            re.compile(rb'^\s*\{\s*(?:"version"\s*:\s*\d+\s*,\s*)?"%s"\s*:' % member.encode()),
            partial(vcr.read_json, member=member),
        )
        for member in ("interactions", "http_interactions")
    ),
    (
        re.compile(rb"^(?:command|recorded_with|(?:http_)?interactions)\s*:", re.MULTILINE),
        vcr.read,
    ),
    # Before `log` there may be members of the writer's own, such as a comment.
    (
        re.compile(rb'^\s*\{(?:\s*"[^"]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*,)*\s*"log"\s*:'),
        har.read,
    ),
)
"""The forms but for our own, each told by the beginning of a file."""
FORMATS = (
    "a runwright history (NDJSON), a HAR 1.2 file, a Schemathesis report (NDJSON, VCR or HAR), "
    "a VCR cassette, or a folder of JSON bodies"
)


def read_recording(
    source: str | Path | Kept,
    spec: Spec | None = None,
    *,
    redactor: Redactor | None = None,
    tell: Callable[[History], object] = lambda heading: None,
) -> Iterator[Exchange | Flaw]:
    """Yield the exchanges of a recording, and a flaw for each piece that cannot be read.

    `source` is a file, gzip or not, a folder of JSON bodies, or ``-`` for standard input. The
    spec tells where credentials stand, and which operation bodies in a folder answer. A redactor
    that is given has met the secrets of what was read, in the end. Of a history, `tell` is told
    what stands in its header.

    Raises:
        HistoryError: there is no such file, or it has none of the known forms.
    """
    redactor = redactor or Redactor(spec)
    if not isinstance(source, Kept) and str(source) != STDIN and Path(source).is_dir():
        path = Path(source)
        if spec is None:
            raise HistoryError(f"{path}: which API the bodies are of must be said, with --api")
        yield from bodies.read(path, spec, redactor)
        return
    with opened(source) as (raw, name):
        yield from _read_stream(raw, name, redactor, tell)


def read_shard(source: str | Path) -> tuple[History, tuple[Flaw, ...]]:
    """Read a whole history of this project's own, gzip or not, as far as it can be read.

    Raises:
        HistoryError: there is no such file, it is no history, or names in it are given twice.
    """
    headings: list[History] = []
    found = tuple(read_recording(source, tell=headings.append))
    if not headings:
        raise HistoryError(f"{source}: this is no runwright history (NDJSON)")
    try:
        exchanges = tuple(one for one in found if isinstance(one, Exchange))
        history = evolve(headings[0], exchanges=exchanges)
    except HistoryError as error:
        raise HistoryError(f"{source}: {error}") from None
    return history, tuple(one for one in found if isinstance(one, Flaw))


def _read_stream(
    raw: IO[bytes], name: str, redactor: Redactor, tell: Callable[[History], object]
) -> Iterator[Exchange | Flaw]:
    flow = Flow(raw)
    if HISTORY.search(flow.beginning):
        yield from ndjson.read(flow.stream, name, tell)
    else:
        found = (read for form, read in READERS if form.search(flow.beginning))
        read = next(found, None)
        if read is None:
            why = flow.fault or f"no known form of recording; known are {FORMATS}"
            raise HistoryError(f"{name}: {why}")
        yield from read(flow.stream, name, redactor)
    if flow.fault:
        yield Flaw(name, f"{flow.fault}; what follows is lost")
