"""The items of a list in a JSON document, one at a time, however long it is."""

from collections.abc import Callable, Iterator
from typing import IO, Any

import ijson

from runwright.history import Exchange
from runwright.recordings.entry import UNREADABLE
from runwright.recordings.flaw import Flaw


def read_items(
    stream: IO[bytes], path: str, make: Callable[[Any, int], Exchange], *, name: str, kind: str
) -> Iterator[Exchange | Flaw]:
    """Yield what is made of each item at a path, such as ``log.entries``, and of its number."""
    number = -1
    try:
        for number, raw in enumerate(ijson.items(stream, f"{path}.item", use_float=True)):
            try:
                yield make(raw, number)
            except (*UNREADABLE, RecursionError) as error:
                yield Flaw(f"{name}: entry {number}", f"not {kind}: {error}")
    except (ijson.JSONError, UnicodeDecodeError) as error:
        place = f"after entry {number}" if number >= 0 else "before the first entry"
        # The further lines quote the file, secrets and all.
        yield Flaw(f"{name}: {place}", f"not JSON: {str(error).splitlines()[0].strip()}")
