"""How one process tells another what a tap took: a length, then plain values, pickled."""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any, Protocol

from .taken import Headers, Taken

LENGTH = struct.Struct(">Q")


class Stream(Protocol):
    """What can be read from to its end."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, or fewer at the end."""


def pack(worker: str, taken: Taken) -> bytes:
    """Return the frame that tells of an exchange."""
    values = (
        worker,
        taken.seq,
        taken.at,
        taken.method,
        str(taken.url),
        taken.head,
        _flat(taken.request_headers),
        b"".join(taken.request),
        taken.ended,
        taken.status,
        _flat(taken.response_headers),
        b"".join(taken.response),
        taken.error,
        taken.hit_end,
        taken.is_decoded,
    )
    content = pickle.dumps(values, 4)
    return LENGTH.pack(len(content)) + content


def unpack(stream: Stream) -> tuple[str, Taken] | None:
    """Read the next exchange and the name of its worker; None if there is no whole one.

    Raises:
        pickle.UnpicklingError: something else than plain values was sent.
    """
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(length)
    content = stream.read(size)
    if len(content) < size:
        return None
    worker, seq, at, method, url, *rest = _Plain(io.BytesIO(content)).load()
    taken = Taken(seq, at, method, url)
    (
        taken.head,
        sent,
        request,
        taken.ended,
        taken.status,
        received,
        response,
        taken.error,
        taken.hit_end,
        taken.is_decoded,
    ) = rest
    taken.request, taken.response = [request], [response]
    taken.request_headers, taken.response_headers = _pairs(sent), _pairs(received)
    return worker, taken


def _flat(headers: Headers) -> bytes:
    """Return headers in one piece, which is pickled much faster than many."""
    return b"\0".join([piece for pair in headers for piece in pair])


def _pairs(flat: bytes) -> Headers:
    pieces = flat.split(b"\0") if flat else []
    return tuple(zip(pieces[::2], pieces[1::2]))  # noqa: B905  older Pythons have no strict


class _Plain(pickle.Unpickler):
    """Makes numbers, texts, bytes and tuples, and nothing that could do anything."""

    def find_class(self, module: str, name: str, /) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
