"""What runs inside a recorded program: taps its HTTP libraries, and sends what they take home.

The address to send to is in the environment; forked and spawned processes find it there, too.
"""

from __future__ import annotations

import atexit
import functools
import importlib.abc
import importlib.machinery
import os
import queue
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .frame import pack
from .taken import Taken, Tap

ADDRESS = "RUNWRIGHT_RECORD"
"""The variable that has the address: ``unix:PATH``, or ``tcp:PORT:KEY`` on loopback."""

PATIENCE = 10.0
"""Seconds for which the end of a process waits until all is sent."""

SMALL = 64 * 1024
"""Bytes of an answer that are sent at once; more is sent from a thread."""

NAP = 0.02
"""Seconds: what follows so soon after something that was sent is sent from a thread, together."""

LAST_WORDS = ("_exit", "execv", "execve")
"""The functions of `os` that end a program without another word."""

_AT_ONCE = getattr(socket, "MSG_DONTWAIT", None)


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


class Agent:
    """Sends what taps take, so that the program never waits for whoever collects.

    What is small goes into the socket's buffer at once: that takes less time than to wake a
    thread, and nothing is lost if the process is killed. A thread sends what is large, or does
    not fit. Where requests follow each other quickly it also sends them, all of a nap together:
    so they cost the program next to nothing, and no more than those of a nap can be lost.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._line: socket.socket | None = None
        self._begin()
        self.tap = Tap(self._take)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)
        atexit.register(self.finish)
        for name in LAST_WORDS:
            if hasattr(os, name):
                setattr(os, name, self._finishing(getattr(os, name)))

    def _begin(self) -> None:
        self._worker = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._lock = threading.RLock()
        self._is_busy = False
        self._queue: queue.SimpleQueue[Taken | bytes] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_lost = False
        self._is_ending = threading.Event()
        self._sent_at = 0.0

    def _after_fork(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
        self._begin()
        self.tap.reset()

    def _take(self, taken: Taken) -> None:
        with self._lock:
            if self._is_lost:
                return
            if self._is_busy:
                # An answer that was dropped has been found while another one is being sent.
                self._queue.put(taken)
                return
            self._is_busy = True
            try:
                if self._line is None:
                    self._line = open_line(self._address)
                rest = self._send_at_once(self._line, taken)
                if rest is not None:
                    self._queue.put(rest)
                if self._thread is None and not self._queue.empty():
                    self._start(self._line)
            except Exception:  # noqa: BLE001  a recorder must not break what it records
                self._is_lost = True
            finally:
                self._is_busy = False

    def _send_at_once(self, line: socket.socket, taken: Taken) -> Taken | bytes | None:
        """Send what there is room for; return what is left."""
        now = time.monotonic()
        is_large = len(taken.response) > 1 and sum(map(len, taken.response)) > SMALL
        if _AT_ONCE is None or self._thread is not None or is_large or now - self._sent_at < NAP:
            return taken
        self._sent_at = now
        frame = pack(self._worker, taken)
        try:
            sent = line.send(frame, _AT_ONCE)
        except BlockingIOError:
            sent = 0
        return frame[sent:] if sent < len(frame) else None

    def _start(self, line: socket.socket) -> None:
        thread = threading.Thread(
            target=self._send_rest, args=(line,), name="runwright-record", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            # The interpreter goes down and lets no thread begin.
            self._send_rest(line, is_locked=True)
        else:
            self._thread = thread

    def _send_rest(self, line: socket.socket, *, is_locked: bool = False) -> None:
        """Send all that is waiting, and end once nothing more has come during a nap."""
        try:
            while True:
                if not is_locked:
                    self._is_ending.wait(NAP)
                if self._send_waiting(line):
                    continue
                if is_locked:
                    return
                with self._lock:
                    if self._queue.empty():
                        self._thread = None
                        return
        except Exception:  # noqa: BLE001  as above
            self._is_lost = True

    def _send_waiting(self, line: socket.socket) -> int:
        """Send all that is waiting, what is small together; return how many bytes it were."""
        size = 0
        frames = bytearray()
        while not self._queue.empty():
            rest = self._queue.get()
            frames += rest if isinstance(rest, bytes) else pack(self._worker, rest)
            if len(frames) > SMALL or self._queue.empty():
                line.sendall(frames)
                size += len(frames)
                frames.clear()
        return size

    def finish(self) -> None:
        """Send all that is left, and what is still under way."""
        for taken in self.tap.pending:
            self._take(taken)
        self._is_ending.set()
        thread = self._thread
        if thread is not None:
            thread.join(PATIENCE)

    def _finishing(self, end: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(end)
        def finish_and_end(*args: Any, **kwargs: Any) -> Any:
            self.finish()
            return end(*args, **kwargs)

        return finish_and_end


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
