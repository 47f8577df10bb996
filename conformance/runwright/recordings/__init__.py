"""Readers of recorded traffic: each yields exchanges one by one, and the flaws that it met.

A recording is never held in memory whole, so it may be larger than that. What is no history of
this project's own is cleaned of secrets while it is read.
"""

import gzip
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from runwright.history import Exchange, HistoryError
from runwright.recordings import bodies, har, ndjson, schemathesis, vcr
from runwright.recordings.flaw import Flaw
from runwright.redaction import Redactor
from runwright.spec import Spec

STDIN = "-"
PEEK = 4096
READERS = (
    (re.compile(rb'^\s*\{[^\n]*"format"\s*:\s*"runwright-history/'), ndjson.read),
    (re.compile(rb'^\s*\{\s*"Initialize"\s*:'), schemathesis.read),
    (re.compile(rb"^(?:command|recorded_with|http_interactions)\s*:", re.MULTILINE), vcr.read),
    (re.compile(rb'^\s*\{\s*"log"\s*:'), har.read),
)
FORMATS = (
    "a runwright history (NDJSON), a HAR 1.2 file, a Schemathesis report (NDJSON, VCR or HAR), "
    "or a folder of JSON bodies"
)


def read_recording(source: str | Path, spec: Spec | None = None) -> Iterator[Exchange | Flaw]:
    """Yield the exchanges of a recording, and a flaw for each piece that cannot be read.

    `source` is a file, gzip or not, a folder of JSON bodies, or ``-`` for standard input. The
    spec tells where credentials stand, and which operation bodies in a folder answer.

    Raises:
        HistoryError: there is no such file, or it has none of the known forms.
    """
    if str(source) == STDIN:
        yield from _read_stream(cast(io.BufferedReader, sys.stdin.buffer), "stdin", spec)
        return
    path = Path(source)
    if path.is_dir():
        if spec is None:
            raise HistoryError(f"{path}: which API the bodies are of must be said, with --api")
        yield from bodies.read(path, spec)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}") from None
    with stream:
        yield from _read_stream(stream, str(path), spec)


def _read_stream(raw: io.BufferedReader, name: str, spec: Spec | None) -> Iterator[Exchange | Flaw]:
    zipped = raw.peek(2)[:2] == b"\x1f\x8b"
    stream = gzip.GzipFile(fileobj=raw) if zipped else raw
    try:
        beginning = stream.peek(PEEK)
        for form, read in READERS:
            if form.search(beginning):
                yield from read(cast(IO[bytes], stream), name, Redactor(spec))
                return
    except (EOFError, gzip.BadGzipFile) as error:
        raise HistoryError(f"{name}: broken gzip data: {error}") from None
    raise HistoryError(f"{name}: no known form of recording; known are {FORMATS}")
