"""A server on loopback that answers as it is told, for the clients' tests."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define, field, frozen


@frozen(kw_only=True)
class Reply:
    """One answer; `body` is sent as it is if it is bytes, else as JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = {}
    cut: bool = False
    """Break the connection off in the middle of the body."""

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@frozen(kw_only=True)
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


Answering = Reply | Callable[[Seen], Reply]


@define
class Loopback:
    """Answers requests by its script, one entry for each; the last one serves all that follow."""

    url: str
    script: list[Answering] = field(factory=list)
    seen: list[Seen] = field(factory=list)

    def answer(self, *script: Answering) -> "Loopback":
        """Set what to answer from now on."""
        self.script = list(script)
        return self

    def take(self, request: Seen) -> Reply:
        """Record a request and return its answer."""
        self.seen.append(request)
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return entry(request) if callable(entry) else entry


@contextmanager
def serving() -> Iterator[Loopback]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else each answer waits 40 ms for the caller's delayed ACK.
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length", 0))
            request = Seen(
                method=self.command,
                path=self.path,
                headers={k.lower(): v for k, v in self.headers.items()},
                body=self.rfile.read(length),
            )
            reply = loopback.take(request)
            content = reply.content
            self.send_response(reply.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
            for name, value in (headers | dict(reply.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            if request.method == "HEAD":
                return
            if reply.cut:
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            else:
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Stay silent; what came is in ``seen``."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Stay silent; clients may leave whenever they like."""

        daemon_threads = True
        # An accept queue of five resets connections when many clients come at once.
        request_queue_size = 256

    server = Server(("127.0.0.1", 0), Handler)
    loopback = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
