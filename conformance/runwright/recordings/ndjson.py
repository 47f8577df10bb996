"""Our own histories: a header, then one exchange a line."""

from collections.abc import Callable, Iterator
from typing import IO

from runwright.history import Exchange, History, HistoryError, parse_exchange, parse_history
from runwright.recordings.flaw import Flaw


def read(
    stream: IO[bytes], name: str, tell: Callable[[History], object]
) -> Iterator[Exchange | Flaw]:
    """Yield the exchanges of a history; its secrets were left out when it was made.

    What its header says is told first, as a history without exchanges.

    Raises:
        HistoryError: the header is none of a history.
    """
    tell(parse_history(stream.readline(), name=name))
    for number, line in enumerate(stream, start=2):
        if not line.strip():
            continue
        try:
            yield parse_exchange(line, where=f"{name}:{number}")
        except HistoryError as error:
            where, _, message = str(error).removeprefix(f"{name}:").partition(": ")
            yield Flaw(f"{name}:{where}", message)
