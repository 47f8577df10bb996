"""A tap on `http.client`, which requests, urllib3 and urllib.request send through."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from typing import Any

from .taken import TOO_LARGE, Taken, Tap

_HTTPS = 443

_numbers = itertools.count()


def install(tap: Tap) -> Callable[[], None]:
    """Let a tap take note of all requests of this process; return what undoes it.

    Taps may lie over each other, and be taken away in any order.
    """
    connection: Any = HTTPConnection
    number = next(_numbers)
    at_method, at_taken = f"_runwright_method_{number}", f"_runwright_taken_{number}"
    is_on = True
    names = ("putrequest", "send", "getresponse", "close")
    originals = {name: vars(connection)[name] for name in names}

    def leave(self: Any) -> None:
        """Take note that a connection is used otherwise before an answer came."""
        self.__dict__.pop(at_method, None)
        taken = self.__dict__.pop(at_taken, None)
        if taken is not None:
            tap.end(taken, error="the connection was closed before an answer came")

    def putrequest(self: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        leave(self)
        if is_on:
            setattr(self, at_method, method)
        return originals["putrequest"](self, method, *args, **kwargs)

    def send(self: Any, data: Any) -> Any:
        method = self.__dict__.pop(at_method, None)
        taken: Taken | None
        if method is not None:
            # The first thing that is sent is the request's line with all its headers.
            scheme = "https" if self.default_port == _HTTPS else "http"
            taken = tap.begin(method, scheme)
            taken.head = bytes(data)
        else:
            taken = self.__dict__.get(at_taken)
            data = data if taken is None else _noted(data, tap, taken, self.blocksize)
        # While it connects it may send for a tunnel, which is not part of the request.
        self.__dict__.pop(at_taken, None)
        try:
            return originals["send"](self, data)
        except BaseException as error:
            if taken is not None and not isinstance(error, BrokenPipeError):
                tap.fail(taken, error)
            raise
        finally:
            if taken is not None and taken.ended is None:
                setattr(self, at_taken, taken)

    def getresponse(self: Any, *args: Any, **kwargs: Any) -> Any:
        taken = self.__dict__.pop(at_taken, None)
        try:
            response = originals["getresponse"](self, *args, **kwargs)
        except BaseException as error:
            if taken is not None:
                tap.fail(taken, error)
            raise
        if taken is not None:
            _answer(tap, taken, response)
        return response

    def close(self: Any) -> Any:
        leave(self)
        return originals["close"](self)

    ours = {method.__name__: method for method in (putrequest, send, getresponse, close)}
    for name, method in ours.items():
        method.__doc__ = originals[name].__doc__
        setattr(connection, name, method)

    def undo() -> None:
        nonlocal is_on
        is_on = False
        # What others have put over ours since stays; theirs calls ours.
        if all(vars(connection)[name] is method for name, method in ours.items()):
            for name, original in originals.items():
                setattr(connection, name, original)

    return undo


def _noted(data: Any, tap: Tap, taken: Taken, size: int) -> Any:
    """Return what sends the same as some data, and is noted when it is sent."""
    if hasattr(data, "read"):
        return _pieces(_blocks(data, size), tap, taken)
    try:
        _keep(tap, taken, bytes(memoryview(data)))
    except TypeError:
        return _pieces(data, tap, taken) if isinstance(data, Iterable) else data
    return data


def _keep(tap: Tap, taken: Taken, piece: bytes) -> None:
    """Keep a piece of a request, or nothing of it once there is too much."""
    taken.sent += len(piece)
    if taken.sent <= tap.most:
        taken.request.append(piece)
    elif taken.error is None:
        taken.request.clear()
        taken.error = TOO_LARGE.format("request", tap.most)


def _blocks(stream: Any, size: int) -> Iterator[bytes]:
    encoding = "iso-8859-1" if isinstance(stream, io.TextIOBase) else None
    while True:
        block = stream.read(size)
        if not block:
            return
        yield block.encode(encoding) if encoding else block


def _pieces(data: Iterable[Any], tap: Tap, taken: Taken) -> Iterator[Any]:
    for piece in data:
        if isinstance(piece, (bytes, bytearray, memoryview)):
            _keep(tap, taken, bytes(piece))
        yield piece


def _answer(tap: Tap, taken: Taken, response: Any) -> None:
    """Listen to the answer from now on."""
    taken.status = response.status
    taken.response_headers = tuple(
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in response.getheaders()
    )
    if response.fp is None:
        taken.hit_end = True
        tap.end(taken)
    else:
        response.fp = _Tee(response.fp, tap, taken)


class _Tee:
    """The file of a connection; notes what is read of it, and that it is closed."""

    def __init__(self, inner: Any, tap: Tap, taken: Taken) -> None:
        self._inner, self._tap, self._taken = inner, tap, taken
        self._left = tap.most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, size: int | None = -1, /) -> bytes:
        return self._note(self._inner.read, size, ends=size is None or size < 0)

    def read1(self, size: int = -1, /) -> bytes:
        return self._note(self._inner.read1, size)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._note(self._inner.readline, size)

    def readinto(self, buffer: Any, /) -> int:
        count = self._try(self._inner.readinto, buffer)
        self._keep(bytes(memoryview(buffer)[:count]))
        if not count and len(buffer):
            self._taken.hit_end = True
        return int(count)

    def _note(self, read: Callable[..., bytes], size: int | None, *, ends: bool = False) -> bytes:
        piece: bytes = self._try(read, size)
        if piece:
            self._keep(piece)
        if ends or (not piece and size):
            self._taken.hit_end = True
        return piece

    def _keep(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left >= 0:
            self._taken.response.append(piece)
        elif self._taken.error is None:
            self._taken.response.clear()
            self._taken.error = TOO_LARGE.format("answer", self._tap.most)

    def _try(self, read: Callable[..., Any], argument: Any) -> Any:
        try:
            return read(argument)
        except Exception as error:
            self._tap.fail(self._taken, error)
            raise

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._tap.end(self._taken)
