"""Where recorded processes send what they take: a socket, read by one thread a process."""

import contextlib
import io
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from runwright.collection import Collection
from runwright.tap.agent import open_line
from runwright.tap.frame import unpack

PATIENCE: Final = 5.0
"""Seconds for which what a program left running may still send."""

PAUSE: Final = 0.01
"""Seconds between two looks at what a process has sent."""

BUFFER: Final = 1 << 16

KEY_LENGTH: Final = 32


class _Unhurried(io.RawIOBase):
    """Reads a socket now and then, and so seldom has to be woken by who writes to it.

    To wake another process takes a program longer than all the rest of being recorded.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._was_full = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._was_full:
            time.sleep(PAUSE)
        count = self._line.recv_into(buffer)
        self._was_full = count == len(buffer)
        return count


@define
class Station:
    """An open station: the address that processes send to, and who has sent something."""

    address: str
    collection: Collection
    workers: set[str] = field(factory=set)
    _readers: list[threading.Thread] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)

    def serve(self, listener: socket.socket, key: str) -> None:
        """Take in processes until the listener is closed."""
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            reader = threading.Thread(
                target=self._read, args=(line, key), name="runwright-station", daemon=True
            )
            with self._lock:
                self._readers.append(reader)
            reader.start()

    def _read(self, line: socket.socket, key: str) -> None:
        with line, io.BufferedReader(_Unhurried(line), BUFFER) as stream:
            if key and not secrets.compare_digest(stream.read(len(key)), key.encode()):
                return
            while (found := unpack(stream)) is not None:
                worker, taken = found
                self.collection.add(worker, taken)
                self.workers.add(worker)

    def drain(self) -> None:
        """Wait until the processes that have ended have told everything."""
        with open_line(self.address) as line:
            line.shutdown(socket.SHUT_WR)
            # Whoever came before has been let in when this line is closed.
            line.recv(1)
        with self._lock:
            readers = tuple(self._readers)
        latest = time.monotonic() + PATIENCE
        for reader in readers:
            reader.join(max(0.0, latest - time.monotonic()))


@contextlib.contextmanager
def open_station(collection: Collection, *, over_tcp: bool | None = None) -> Iterator[Station]:
    """Open a station for as long as the context lasts; by default on a socket in a file."""
    if over_tcp is None:
        over_tcp = not hasattr(socket, "AF_UNIX")
    with contextlib.ExitStack() as stack:
        key = secrets.token_hex(KEY_LENGTH // 2) if over_tcp else ""
        if over_tcp:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            address = f"tcp:{listener.getsockname()[1]}:{key}"
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="runwright-"))
            place = str(Path(folder) / "station")
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            listener.bind(place)
            listener.listen(socket.SOMAXCONN)
            address = f"unix:{place}"
        station = Station(address, collection)
        server = threading.Thread(
            target=station.serve, args=(listener, key), name="runwright-station", daemon=True
        )
        server.start()
        yield station
        # A closed socket alone does not wake who waits for it.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
