"""A proxy on loopback that lets one answer in five fail, each time in another way."""

import http.client
import itertools
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

IN_A_ROW = 3
"""No path fails more often than that in a row, whatever the dice say."""
HTML = {"Content-Type": "text/html"}
WAYS: Mapping[str, Callable[["_Handler", bytes], None]] = {
    "reset": lambda proxy, content: proxy.reset(),
    "cut off": lambda proxy, content: proxy.send(200, content, sent=len(content) // 2),
    "half of the JSON": lambda proxy, content: proxy.send(200, content[: len(content) // 2]),
    "slow": lambda proxy, content: proxy.dawdle(),
    "429, in seconds": lambda proxy, content: proxy.send(429, b"", {"Retry-After": "3"}),
    "429, as a date": lambda proxy, content: proxy.send(
        429, b"", {"Retry-After": formatdate(time.time() + 2, usegmt=True)}
    ),
    "429, past date": lambda proxy, content: proxy.send(
        429, b"", {"Retry-After": formatdate(time.time() - 2, usegmt=True)}
    ),
    "429, no number": lambda proxy, content: proxy.send(429, b"", {"Retry-After": "soon"}),
    "429, no hint": lambda proxy, content: proxy.send(429, b'{"detail": "Too many"}'),
    "500": lambda proxy, content: proxy.send(500, b'{"detail": "Oh no"}'),
    "502, HTML": lambda proxy, content: proxy.send(502, b"<h1>Bad Gateway</h1>", HTML),
    "503, in seconds": lambda proxy, content: proxy.send(503, b"", {"Retry-After": "2"}),
    "200, HTML": lambda proxy, content: proxy.send(200, b"<!doctype html><p>Log in", HTML),
}


@define
class Faults:
    """What a proxy has done, and what it will do next."""

    url: str
    upstream: str
    random: Random
    answers: int = 0
    made: Counter[str] = field(factory=Counter)
    _rows: dict[str, int] = field(factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(factory=threading.Lock)
    _next: Iterator[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._next = itertools.cycle(self.random.sample(sorted(WAYS), len(WAYS)))

    def draw(self, path: str) -> str | None:
        """Return how the next answer for a path fails, or None if it does not."""
        with self._lock:
            self.answers += 1
            if self._rows[path] >= IN_A_ROW or self.random.random() >= 1 / 5:
                self._rows[path] = 0
                return None
            self._rows[path] += 1
            way = next(self._next)
            self.made[way] += 1
            return way


class _Handler(BaseHTTPRequestHandler):
    faults: Faults
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        upstream = urlsplit(self.faults.upstream)
        connection = http.client.HTTPConnection(upstream.netloc)
        try:
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        way = self.faults.draw(self.path)
        if way is None:
            kind = answer.headers["Content-Type"]
            self.send(answer.status, content, {"Content-Type": kind})
        else:
            WAYS[way](self, content)

    def send(
        self,
        status: int,
        content: bytes,
        headers: Mapping[str, str] = {"Content-Type": "application/json"},
        *,
        sent: int | None = None,
    ) -> None:
        """Send an answer, or only the first bytes of its body."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:sent])
        self.close_connection = sent is not None

    def reset(self) -> None:
        """Answer with a reset of the connection."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def dawdle(self) -> None:
        """Answer nothing until nobody listens any more."""
        self.rfile.read(1)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def failing(upstream: str, *, seed: int) -> Iterator[Faults]:
    """Yield the faults of a proxy before a server, whose base URL is the proxy's as well."""
    faults = Faults("", upstream, Random(seed))
    handler = type("Handler", (_Handler,), {"faults": faults})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    path = urlsplit(upstream).path
    faults.url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
