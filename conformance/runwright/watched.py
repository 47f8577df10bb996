"""Watching a program of one's own: what its HTTP clients really send and get, judged."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio.to_thread
import httpx

from runwright.collection import Collection
from runwright.contract import contract_of
from runwright.history import History, write_history
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.redaction import Redactor, secrets_in
from runwright.report import Report
from runwright.rulebook import Rulebook
from runwright.scope import Share, share_of
from runwright.tap import connection
from runwright.tap.patch import install, remove
from runwright.tap.reach import client_in, wrap_transports
from runwright.tap.taken import LARGEST, Tap
from runwright.tap.transport import (
    IN_PROCESS,
    NETWORK,
    TappedAsyncTransport,
    TappedTransport,
)

EVERYWHERE = (*NETWORK, *IN_PROCESS)
"""The classes of transports that are tapped to see all traffic of a process."""


class WatchError(Mistake):
    """A watch cannot be set up; the message says what would do."""


def watch(
    *clients: object,
    api: str | Path | Rulebook,
    save: str | Path | None = None,
    url: str | None = None,
    everywhere: bool = False,
    reading: Reading = "seed",
    conduct: bool = False,
    secrets: Mapping[str, str] | None = None,
    largest: int = LARGEST,
    now: Callable[[], float] | None = None,
) -> "Watched":
    """Watch clients: record all that they send and get, and judge it.

    Use it in a `with` block, or an `async with` block::

        with runwright.watch(client, api="pipe0", save="history.ndjson") as watched:
            ...
        assert watched.report().conforms()

    The traffic is left as it is: bodies are noted while the program reads them, and errors
    pass through. Nothing else is done meanwhile; secrets are taken out when the history is
    asked for, before anything is stored or shown.

    Args:
        clients: `httpx.Client`, `httpx.AsyncClient`, or generated clients. What is made later
            is handed `watched.transport()` or `watched.async_transport()`.
        api: The API's id, the path of an OpenAPI file of one's own, or a rulebook.
        save: The file that gets the history, as NDJSON, when the block is left.
        url: The API's base URL. Without it, what counts is what was sent to the servers that
            the spec names or, if nothing was, to those that were asked for a path of the API.
        everywhere: Watch all that this process sends with httpx, requests, urllib3 and
            urllib.request, also through clients that others make.
        reading: The generation of the docs that judges.
        conduct: Judge the clients, too: their pace, their patience, and when they stop.
        secrets: Secrets by labels of one's own choice, beside those that are told by where they
            stand, and those in the environment.
        largest: Bytes of a body above which its exchange counts as unanswered.
        now: The time in seconds since the epoch, never going back; the machine's by default.

    Raises:
        UnreachableClientError: something is no client.
        WatchError: the file cannot be written to.
        SpecError: no API has that id.
        ShortSecretError: a secret is too short to be told from other text.
    """
    rulebook = api if isinstance(api, Rulebook) else contract_of(api)
    return Watched(
        rulebook,
        clients=tuple(map(client_in, clients)),
        save=_writable(save),
        url=url,
        everywhere=everywhere,
        reading=reading,
        conduct=conduct,
        given=secrets or {},
        largest=largest,
        now=now,
    )


class Watched:
    """What a watch has seen so far; safe to ask from any thread."""

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        clients: tuple[httpx.Client | httpx.AsyncClient, ...],
        save: Path | None,
        url: str | None,
        everywhere: bool,
        reading: Reading,
        conduct: bool,
        given: Mapping[str, str],
        largest: int,
        now: Callable[[], float] | None,
    ) -> None:
        name = secrets.token_hex(3)
        redactor = Redactor(
            rulebook.spec, secrets={**secrets_in(os.environ), **given}, namespace=name
        )
        self.rulebook = rulebook
        self.reading: Reading = reading
        self.conduct = conduct
        self._worker = f"watch-{name}"
        self._clients = clients
        self._save = save
        self._url = url
        self.everywhere = everywhere
        self._collection = Collection(redactor)
        self._tap = Tap(self._collection.sink(self._worker), now=now, most=largest)
        self._take_off: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<Watched {self.rulebook.spec.api}>"

    def transport(self, inner: httpx.BaseTransport | None = None) -> httpx.BaseTransport:
        """Return a transport for a client, which sends through another one or the network."""
        return TappedTransport(inner or httpx.HTTPTransport(), self._tap)

    def async_transport(
        self, inner: httpx.AsyncBaseTransport | None = None
    ) -> httpx.AsyncBaseTransport:
        """Return a transport for an asynchronous client, as `transport` does."""
        return TappedAsyncTransport(inner or httpx.AsyncHTTPTransport(), self._tap)

    def share(self) -> Share:
        """Return the exchanges with the API, and the servers that had others."""
        pending = [(self._worker, taken) for taken in self._tap.pending]
        exchanges = self._collection.exchanges(pending, until=self._tap.now)
        urls = () if self._url is None else (self._url,)
        return share_of(exchanges, self.rulebook.spec, urls)

    @property
    def history(self) -> History:
        """What was seen so far; a request without an answer yet counts as unanswered."""
        share = self.share()
        return History(
            exchanges=share.exchanges,
            api=self.rulebook.spec.api,
            target=", ".join(share.servers) or None,
        )

    def report(self) -> Report:
        """Judge what was seen so far."""
        return judge(self.history, self.rulebook, reading=self.reading, conduct=self.conduct)

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()
        self._write(error)

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()
        if self._save is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._write, error)

    def _begin(self) -> None:
        for client in self._clients:
            is_async = isinstance(client, httpx.AsyncClient)
            wrap = self.async_transport if is_async else self.transport
            self._take_off.append(wrap_transports(client, wrap))
        if self.everywhere:
            install(self._tap, EVERYWHERE)
            self._take_off.append(lambda: remove(self._tap, EVERYWHERE))
            self._take_off.append(connection.install(self._tap))

    def _end(self) -> None:
        while self._take_off:
            self._take_off.pop()()

    def _write(self, error: BaseException | None) -> None:
        if self._save is None:
            return
        try:
            write_history(self.history, self._save)
        except OSError as failure:
            if error is None:
                raise
            error.add_note(f"runwright could not write {self._save}: {failure}")


def _writable(save: str | Path | None) -> Path | None:
    """Return the file to write to.

    Raises:
        WatchError: it has no folder, or is one.
    """
    if save is None:
        return None
    path = Path(save)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise WatchError(f"{path}: no file can be written there; name one in a folder that exists")
    return path
