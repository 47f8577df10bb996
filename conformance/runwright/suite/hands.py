"""Hands: processes that send, each over connections of its own, what another one has decided."""

import contextlib
import secrets
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from typing import Any

import httpx
from attrs import frozen


class HandError(Exception):
    """A hand is gone; the message says whose it was."""


@frozen(kw_only=True)
class Place:
    """Where a hand is found, and by which key it knows who may use it; both are JSON values."""

    owner: str
    address: str
    key: str


class Hand(httpx.BaseTransport):
    """Sends the requests of a client from another process, one after the other."""

    def __init__(self, place: Place) -> None:
        """Take hold of a hand.

        Raises:
            HandError: it is gone.
        """
        self._place = place
        with self._there():
            self._connection = Client(place.address, authkey=bytes.fromhex(place.key))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Have a request sent; what goes wrong on the way to the server is raised here.

        Raises:
            HandError: the hand is gone.
        """
        request.read()
        with self._there():
            self._connection.send((request, dict(request.extensions)))
            answer = self._connection.recv()
        if isinstance(answer, Exception):
            raise answer
        status, headers, content = answer
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError) as error:
            raise HandError(f"worker {self._place.owner} ended while it was needed") from error


@contextlib.contextmanager
def lent(owner: str) -> Iterator[Place]:
    """Be a hand, as long as the context lasts, to whoever knows the place, one at a time."""
    key = secrets.token_bytes(32)
    with Listener(authkey=key) as listener, httpx.HTTPTransport(trust_env=False) as transport:
        assert isinstance(listener.address, str)
        place = Place(owner=owner, address=listener.address, key=key.hex())
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, transport, over), daemon=True)
        thread.start()
        try:
            yield place
        finally:
            over.set()
            with contextlib.suppress(HandError):
                Hand(place).close()  # so that nobody is waited for any more
            thread.join()


def _serve(listener: Listener, transport: httpx.BaseTransport, over: threading.Event) -> None:
    # Who does not know the key is let go, as is who has no more to send.
    gone = contextlib.suppress(AuthenticationError, EOFError, OSError)
    while True:
        with gone, listener.accept() as connection:
            if over.is_set():
                return
            while True:
                connection.send(_answer(transport, *connection.recv()))


def _answer(
    transport: httpx.BaseTransport, told: httpx.Request, extensions: dict[str, Any]
) -> tuple[int, list[tuple[bytes, bytes]], bytes] | Exception:
    try:
        request = httpx.Request(
            told.method, told.url, headers=told.headers, content=told.content, extensions=extensions
        )
        response = transport.handle_request(request)
        with contextlib.closing(response):
            return response.status_code, response.headers.raw, b"".join(response.iter_raw())
    except Exception as error:  # noqa: BLE001  whoever uses the hand has to know, whatever it is
        return error
