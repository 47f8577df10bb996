"""The one module that talks HTTP to a server under test.

A `Probe` sends requests and records each as an `Exchange`. One `Gate` stands under all probes of
a session: it counts, and lets nothing through that the budget does not allow. Secrets are left
out or replaced before an exchange is made, so that no history can hold them.
"""

import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx
from attrs import evolve, field, frozen

from runwright.budget import Budget, Gate
from runwright.history import Credentials, Exchange, Message
from runwright.mask import Mask, ShortSecretError
from runwright.mistake import Mistake

TIMEOUT: Final = 30.0
"""Seconds that an answer may take, unless a probe is told otherwise."""

CONNECT_TIMEOUT: Final = 10.0
"""Seconds that a connection may take to be made."""

UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors after which the server has surely seen nothing of a request."""

PATIENCE: Final = 5
"""Requests that go without an answer before a server counts as silent."""

MANY: Final = 10
"""Requests in a row that go without an answer when a server that has answered is gone."""

OUTAGE: Final = 30.0
"""Seconds for which a server that has answered may go without: it may only have been restarted."""


class ProbeError(Mistake):
    """A request cannot be sent; the message says why."""


class UnsendableError(ProbeError):
    """A request cannot be put on the wire as HTTP, or would leave the server under test."""


@frozen(kw_only=True)
class Sender:
    """As whom a request is sent: the label of an actor, and what proves who that is."""

    credentials: Credentials
    actor: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)


NOBODY: Final = Sender(credentials="missing")
"""The sender of requests without credentials."""


@frozen(kw_only=True)
class Request:
    """A request below the base URL: `path` begins with a slash and is percent-encoded."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""

    @property
    def is_safe(self) -> bool:
        """True if HTTP calls the method safe."""
        return self.method in ("GET", "HEAD", "OPTIONS")


class Recorder:
    """Takes the exchanges of all probes of a session; safe to share between threads."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._answered = False
        self._unanswered: list[Exchange] = []
        self._statuses: dict[str | None, list[int | None]] = {}

    def add(self, exchange: Exchange) -> None:
        """Take an exchange."""
        with self._lock:
            self._exchanges.append(exchange)
            if exchange.status is None:
                self._unanswered.append(exchange)
            else:
                self._answered = True
                self._unanswered.clear()
            statuses = self._statuses.setdefault(exchange.actor, [])
            if exchange.credentials == "valid" and len(statuses) < PATIENCE:
                statuses.append(exchange.status)

    @property
    def is_silent(self) -> bool:
        """True if the first requests, or those of a good while, got no answer: nor will others."""
        with self._lock:
            if not self._answered or len(self._unanswered) < MANY:
                return not self._answered and len(self._unanswered) >= PATIENCE
            first, last = self._unanswered[0], self._unanswered[-1]
            return last.at + last.took - first.at >= OUTAGE

    def is_unknown(self, actor: str) -> bool:
        """True if the first requests with an actor's credentials were told that none knows them."""
        with self._lock:
            return self._statuses.get(actor) == [401] * PATIENCE

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was taken so far, in the order of completion."""
        with self._lock:
            return tuple(self._exchanges)


@frozen(kw_only=True, eq=False)
class Session:
    """What all probes share: where to, within what budget, into which recorder, by whose clock.

    ``now`` gives seconds since the epoch and must never go back; ``clock`` names that clock where
    several workers share it. ``starts_run`` tells by method and URL whether a request may start a
    run. No cookie is kept, no redirect followed, and no proxy or netrc file read from the
    environment.
    """

    base_url: str
    client: httpx.Client = field(repr=False)
    gate: Gate
    recorder: Recorder
    mask: Mask = field(repr=False)
    now: Callable[[], float]
    starts_run: Callable[[str, str], bool]
    timeout: float = TIMEOUT
    clock: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def open_session(
    base_url: str,
    *,
    budget: Budget | None = None,
    secrets: Mapping[str, str] | None = None,
    now: Callable[[], float],
    starts_run: Callable[[str, str], bool] = lambda method, url: False,
    timeout: float = TIMEOUT,
) -> Session:
    """Prepare to probe the server at a base URL; nothing is sent yet.

    Raises:
        ProbeError: the URL is not one of HTTP, or holds credentials, or a secret is too short.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"{base_url!r} is not the URL of a server; expected http(s)://host[/path]")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ProbeError("a base URL holds no user, password, query or fragment")
    try:
        mask = Mask(secrets)
    except ShortSecretError as error:
        raise ProbeError(str(error)) from None
    return Session(
        base_url=base_url.rstrip("/"),
        client=_client(timeout),
        gate=Gate(budget or Budget()),
        recorder=Recorder(),
        mask=mask,
        now=now,
        starts_run=starts_run,
        timeout=timeout,
    )


def through(session: Session, transport: httpx.BaseTransport, *, clock: str) -> Session:
    """Return a session that shares all but the connections, which a transport has made."""
    return evolve(session, client=_client(session.timeout, transport), clock=clock)


def _client(timeout: float, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"accept": "application/json", "accept-encoding": "identity"},
    )


class Probe:
    """One worker that sends requests one after the other and records what comes of them."""

    def __init__(self, session: Session, worker: str) -> None:
        """Send as a worker whose name no other probe of the session has."""
        self.session = session
        self.worker = worker
        self._seq = 0

    def send(self, request: Request, sender: Sender, *, intent: str | None = None) -> Exchange:
        """Send a request and return the recorded exchange; a network error is part of it.

        Raises:
            NotAdmittedError: the budget does not allow the request.
            UnsendableError: it is no HTTP, or would leave the server under test.
        """
        session = self.session
        prepared = self._prepare(request, sender)
        starts_run = session.starts_run(request.method, str(prepared.url))
        session.gate.admit(is_safe=request.is_safe, starts_run=starts_run)
        self._seq += 1
        at = session.now()
        exchange = Exchange(
            worker=self.worker,
            clock=session.clock,
            seq=self._seq,
            at=at,
            took=0.0,
            method=request.method,
            url=session.mask.text(self._address(request)),
            request=self._mask((*request.headers, *sender.headers), request.content),
            actor=sender.actor,
            credentials=sender.credentials,
            intent=intent,
        )
        left = session.gate.left
        try:
            response = (
                session.client.send(prepared)
                if left is None
                else _within(left, lambda: session.client.send(prepared))
            )
        except httpx.LocalProtocolError as error:
            session.gate.give_back_request(starts_run=starts_run)
            self._seq -= 1
            raise UnsendableError(f"{request.method} {request.path}: {error}") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            reason = session.mask.text(f"{type(error).__name__}: {error}")
            exchange = evolve(exchange, took=session.now() - at, error=reason)
            if starts_run and isinstance(error, UNSENT):
                session.gate.give_back_run()
        else:
            exchange = evolve(
                exchange,
                took=session.now() - at,
                status=response.status_code,
                response=self._mask(_headers_of(response), response.content),
            )
            # A 408 says that the run takes longer than the answer may; it goes on.
            if starts_run and 400 <= response.status_code < 500 and response.status_code != 408:
                session.gate.give_back_run()
        session.recorder.add(exchange)
        return exchange

    def below(self, url: str) -> Request | None:
        """Return a GET for a URL that the server named, None if it leads elsewhere."""
        base = urlsplit(self.session.base_url)
        try:
            target = urlsplit(url)
        except ValueError:
            return None
        if (target.scheme, target.netloc) != (base.scheme, base.netloc):
            return None
        if not target.path.startswith(f"{base.path}/"):
            return None
        query = tuple(httpx.QueryParams(target.query).multi_items())
        return Request(method="GET", path=target.path.removeprefix(base.path), query=query)

    def _address(self, request: Request) -> str:
        """Return the URL as it is recorded, without the sender's credentials."""
        url = self.session.base_url + request.path
        return f"{url}?{httpx.QueryParams(request.query)}" if request.query else url

    def _prepare(self, request: Request, sender: Sender) -> httpx.Request:
        if not request.path.startswith("/"):
            raise UnsendableError(f"{request.path!r} does not begin with a slash")
        query = (*request.query, *sender.query)
        text = self.session.base_url + request.path
        try:
            url = httpx.URL(f"{text}?{httpx.QueryParams(query)}" if query else text)
            prepared = self.session.client.build_request(
                request.method,
                url,
                headers=[
                    (name.encode("ascii"), _latin(value))
                    for name, value in (*request.headers, *sender.headers)
                ],
                content=request.content,
            )
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise UnsendableError(f"{request.method} {text}: {error}") from None
        base = httpx.URL(self.session.base_url)
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise UnsendableError(f"{text} is not on {base.host}")
        return prepared

    def _mask(self, headers: tuple[tuple[str, str], ...], content: bytes) -> Message:
        mask = self.session.mask
        return Message(
            tuple((name.lower(), mask.text(value)) for name, value in headers),
            mask.content(content),
        )


def _within(seconds: float, send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send a request, and give up when so many seconds have passed.

    The library's own limits are for each piece of an answer, however many there are.

    Raises:
        httpx.ReadTimeout: no whole answer was there in time.
    """
    future: Future[httpx.Response] = Future()

    def answer() -> None:
        try:
            future.set_result(send())
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            future.set_exception(error)

    # A thread that is given up must not keep the process alive.
    threading.Thread(target=answer, name="probe", daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError:
        raise httpx.ReadTimeout("no whole answer when the time for the session was over") from None


def _latin(value: str) -> bytes:
    """Encode a header's value.

    Raises:
        ValueError: it holds what no header may hold, or what HTTP would strip.
    """
    if value != value.strip() or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        raise ValueError(f"{value!r} cannot be a header's value")
    return value.encode("latin-1")


def _headers_of(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """Return an answer's headers; a cookie's value is a secret of the server's and is left out."""
    return tuple(
        (name, "[cookie]" if name.lower() == "set-cookie" else value)
        for name, value in response.headers.multi_items()
    )
