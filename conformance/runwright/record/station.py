"""Where recorded processes send what they take: a socket, read by one thread a process."""

import contextlib
import json
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
from runwright.tap.agent import FRAME, open_line
from runwright.tap.taken import Taken

PATIENCE: Final = 5.0
"""Seconds for which what a program left running may still send."""

KEY_LENGTH: Final = 32


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
        with line, line.makefile("rb") as stream:
            if key and not secrets.compare_digest(stream.read(len(key)), key.encode()):
                return
            while len(sizes := stream.read(FRAME.size)) == FRAME.size:
                expected = FRAME.unpack(sizes)
                pieces = [stream.read(size) for size in expected]
                if tuple(map(len, pieces)) != expected:
                    return  # the process ended in the middle of it
                worker, taken = _taken(json.loads(pieces[0]), pieces[1], pieces[2])
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


def _taken(raw: dict[str, Any], request: bytes, response: bytes) -> tuple[str, Taken]:
    """Return the name of a worker, and what it took, as `encode` of the agent described it."""
    taken = Taken(seq=raw["seq"], at=raw["at"], method=raw["method"], url=raw["url"])
    taken.ended = raw["ended"]
    taken.head = None if raw["head"] is None else raw["head"].encode("latin-1")
    taken.request.add(request)
    taken.request_headers = _headers(raw["request_headers"])
    taken.status = raw["status"]
    taken.response.add(response)
    taken.response_headers = _headers(raw["response_headers"])
    taken.error = raw["error"]
    taken.hit_end, taken.is_decoded = raw["hit_end"], raw["is_decoded"]
    return raw["worker"], taken


def _headers(pairs: list[list[str]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs)


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
