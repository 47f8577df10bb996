"""Our own histories: a header, then one exchange a line."""

from collections.abc import Iterator
from typing import IO

from runwright.history import Exchange, HistoryError, parse_exchange
from runwright.recordings.flaw import Flaw
from runwright.redaction import Redactor


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the exchanges of a history; its secrets were left out when it was made."""
    for number, line in enumerate(stream, start=1):
        if number == 1 or not line.strip():
            continue
        try:
            yield parse_exchange(line, where=f"{name}:{number}")
        except HistoryError as error:
            where, _, message = str(error).removeprefix(f"{name}:").partition(": ")
            yield Flaw(f"{name}:{where}", message)
