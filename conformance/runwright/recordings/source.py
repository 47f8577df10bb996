"""Where a recording is read from: a file, standard input, or a pipe that is kept."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from attrs import frozen

from runwright.history import HistoryError

STDIN: Final = "-"


@frozen
class Kept:
    """What came through a pipe, to be read more than once, and the name to tell it by."""

    name: str
    content: IO[bytes]


@contextlib.contextmanager
def opened(source: str | Path | Kept) -> Iterator[tuple[IO[bytes], str]]:
    """Open a recording, and name it.

    Raises:
        HistoryError: there is no such file.
    """
    if isinstance(source, Kept):
        source.content.seek(0)
        yield source.content, source.name
    elif str(source) == STDIN:
        yield sys.stdin.buffer, "stdin"
    else:
        with _open(Path(source)) as stream:
            yield stream, str(source)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}") from None


@contextlib.contextmanager
def rereadable(source: str) -> Iterator[str | Kept]:
    """Return a source that can be read more than once.

    What comes through a pipe may hold secrets. It is kept in a file without a name, which nobody
    else can open and which is gone with the process.

    Raises:
        HistoryError: there is no such file.
    """
    if source != STDIN and (Path(source).is_file() or Path(source).is_dir()):
        yield source
        return
    with opened(source) as (stream, name), tempfile.TemporaryFile() as content:
        shutil.copyfileobj(stream, content)
        yield Kept(name, content)
