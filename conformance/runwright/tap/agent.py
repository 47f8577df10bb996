"""What runs inside a recorded program: taps its HTTP libraries, and sends what they take home.

The address to send to is in the environment; forked and spawned processes find it there, too.
"""

from __future__ import annotations

import atexit
import importlib.abc
import importlib.machinery
import json
import os
import queue
import secrets
import socket
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .taken import Taken, Tap

ADDRESS = "RUNWRIGHT_RECORD"
"""The variable that has the address: ``unix:PATH``, or ``tcp:PORT:KEY`` on loopback."""

FRAME = struct.Struct(">QQQ")
"""Before each exchange: the bytes of its description, of the request's and the answer's body."""

PATIENCE = 10.0
"""Seconds for which the end of a process waits until all is sent."""


def open_line(address: str) -> socket.socket:
    """Connect to whoever collects."""
    kind, _, place = address.partition(":")
    if kind == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(place)
        return line
    port, _, key = place.partition(":")
    line = socket.create_connection(("127.0.0.1", int(port)))
    line.sendall(key.encode())
    return line


def encode(taken: Taken, worker: str) -> tuple[bytes, bytes, bytes]:
    """Return the description of an exchange, and its two bodies."""
    request, response = taken.request.content, taken.response.content
    described = {
        "worker": worker,
        "seq": taken.seq,
        "at": taken.at,
        "ended": taken.ended,
        "method": taken.method,
        "url": str(taken.url),
        "head": None if taken.head is None else taken.head.decode("latin-1"),
        "request_headers": _text(taken.request_headers),
        "status": taken.status,
        "response_headers": _text(taken.response_headers),
        "error": taken.failure,
        "hit_end": taken.hit_end,
        "is_decoded": taken.is_decoded,
    }
    return json.dumps(described).encode(), request, response


def _text(headers: tuple[tuple[bytes, bytes], ...]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


class Agent:
    """Sends what taps take from a thread of its own, so that the program never waits."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._begin()
        self.tap = Tap(self._take)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)
        atexit.register(self.finish)

    def _begin(self) -> None:
        self._worker = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._queue: queue.SimpleQueue[Taken | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_lost = False

    def _after_fork(self) -> None:
        self._begin()
        self.tap.reset()

    def _take(self, taken: Taken) -> None:
        # What a fork copied from its parent is the parent's to tell.
        if self._is_lost or taken.pid != os.getpid():
            return
        self._queue.put(taken)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._send_all, name="runwright-record", daemon=True
                )
                try:
                    self._thread.start()
                except RuntimeError:
                    # The interpreter is going down; `finish` sends what is left.
                    self._thread = None

    def _send_all(self) -> None:
        """Send until there is a None; if nobody listens, stop listening, too."""
        try:
            with open_line(self._address) as line:
                while True:
                    taken = self._queue.get()
                    if taken is None:
                        return
                    pieces = encode(taken, self._worker)
                    line.sendall(FRAME.pack(*map(len, pieces)) + pieces[0])
                    for body in pieces[1:]:
                        if body:
                            line.sendall(body)
        except OSError:
            self._is_lost = True

    def finish(self) -> None:
        """Send all that is left, and what is still under way."""
        for taken in self.tap.pending:
            self._take(taken)
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join(PATIENCE)
        elif not self._queue.empty():
            self._queue.put(None)
            self._send_all()


def start(address: str) -> Agent:
    """Tap what the program has imported, and what it will import."""
    agent = Agent(address)

    def tap_httpx(module: ModuleType) -> None:
        from .patch import install
        from .transport import NETWORK

        install(agent.tap, NETWORK)

    def tap_connections(module: ModuleType) -> None:
        from .connection import install

        install(agent.tap)

    def tell_children(module: Any) -> None:
        # Forked workers end without what is registered for the exit of their parent.
        module.register_after_fork(
            agent, lambda agent: module.Finalize(None, agent.finish, exitpriority=-1000)
        )

    after_import("httpx", tap_httpx)
    after_import("http.client", tap_connections)
    after_import("multiprocessing.util", tell_children)
    return agent


def after_import(name: str, react: Callable[[ModuleType], None]) -> None:
    """Do something once a module is imported, or at once if it is."""
    if name in sys.modules:
        _react(react, sys.modules[name])
    else:
        sys.meta_path.insert(0, _Listener(name, react))


def _react(react: Callable[[ModuleType], None], module: ModuleType) -> None:
    try:
        react(module)
    except Exception as error:  # noqa: BLE001  a recorder must not break what it records
        print(f"runwright: {module.__name__} is not recorded: {error!r}", file=sys.stderr)


class _Listener(importlib.abc.MetaPathFinder):
    """Finds one module as the others do, and makes it tell when it is executed."""

    def __init__(self, name: str, react: Callable[[ModuleType], None]) -> None:
        self._name, self._reaction = name, react

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, (_find(one, name, path, target) for one in others)), None)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _react(self._reaction, module)

        # To look for a module is not to import it: nothing happens before it is executed.
        loader.exec_module = exec_module
        return spec


def _find(
    finder: Any, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> importlib.machinery.ModuleSpec | None:
    find = getattr(finder, "find_spec", None)
    found: importlib.machinery.ModuleSpec | None = find(name, path, target) if find else None
    return found
