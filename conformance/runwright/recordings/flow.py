"""The bytes of a recording, as a stream: plain or gzip, with or without a byte order mark."""

import io
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import IO, Final

BEGINNING: Final = 4096
"""Bytes that are looked at to tell the form of a recording."""

_CHUNK: Final = 64 * 2**10
_GZIP: Final = b"\x1f\x8b"
_MARK: Final = b"\xef\xbb\xbf"


class Flow:
    """What a file holds, unpacked; gzip data that is damaged ends where the damage begins."""

    def __init__(self, raw: IO[bytes]) -> None:
        """Read the beginning of a file, which need not be one that can be rewound."""
        self.fault: str | None = None
        """What is wrong with the gzip data, once that was met."""
        chunks = iter(lambda: raw.read(_CHUNK), b"")
        first = next(chunks, b"")
        chunks = chain((first,), chunks)
        if first.startswith(_GZIP):
            chunks = self._unzipped(chunks)
        self.beginning, rest = _split(chunks)
        """The first bytes."""
        self.stream: IO[bytes] = io.BufferedReader(
            _Chunks(chain((self.beginning,), rest)), buffer_size=_CHUNK
        )

    def _unzipped(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        unpacker = _unpacker()
        try:
            for chunk in chunks:
                data = chunk
                while data:
                    if unpacker.eof:
                        unpacker = _unpacker()
                    yield unpacker.decompress(data, _CHUNK)
                    data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            yield unpacker.flush()
        except zlib.error as error:
            self.fault = f"broken gzip data: {error}"
        else:
            if not unpacker.eof:
                self.fault = "broken gzip data: it breaks off"


def _unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=31)


def _split(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the beginning, without a byte order mark, and what follows it."""
    beginning = b""
    for chunk in chunks:
        beginning += chunk
        if len(beginning) >= BEGINNING:
            break
    return beginning.removeprefix(_MARK), chunks


class _Chunks(io.RawIOBase):
    """A stream of what an iterator yields."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
