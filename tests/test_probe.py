"""The probe over loopback: what it sends, what it records, what it keeps to itself."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Protocol
from urllib.parse import quote

import pytest
from loopback import Loopback, Reply, Seen, serving
from runwright.budget import Budget, BudgetSpentError, Gate, NotAdmittedError, ObserveOnlyError
from runwright.history import (
    Credentials,
    Exchange,
    History,
    dump_history,
    parse_history,
    placeholder,
)
from runwright.probe import (
    NOBODY,
    Probe,
    ProbeError,
    Recorder,
    Request,
    Sender,
    Session,
    UnsendableError,
    open_session,
)

SECRET = 'tö"ken/with+odd&signs'
PLAIN = "plain-token-0123456789"
ALICE = Sender(credentials="valid", actor="alice", headers=(("authorization", f"Bearer {PLAIN}"),))


@pytest.fixture
def wire() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback.answer(Reply(body={}))


class Opener(Protocol):
    def __call__(
        self,
        url: str,
        budget: Budget | None = None,
        starts_run: Callable[[str, str], bool] = lambda method, url: False,
    ) -> Session: ...


@pytest.fixture
def session_at() -> Iterator[Opener]:
    """Open sessions that are closed after the test; their clock counts how often it is read."""
    with ExitStack() as stack:

        def open_at(
            url: str,
            budget: Budget | None = None,
            starts_run: Callable[[str, str], bool] = lambda method, url: False,
        ) -> Session:
            ticks = itertools.count()
            session = open_session(
                url,
                budget=budget,
                secrets={"alice": PLAIN, "odd": SECRET},
                now=lambda: float(next(ticks)),
                starts_run=starts_run,
                timeout=5,
            )
            return stack.enter_context(closing(session))

        yield open_at


def get(path: str = "/runs") -> Request:
    return Request(method="GET", path=path)


def test_an_exchange_has_all_that_was_said(wire: Loopback, session_at: Opener) -> None:
    wire.answer(Reply(status=201, body={"id": 1}, headers={"X-Trace": "t"}))
    session = session_at(wire.url + "/base/")
    request = Request(
        method="POST",
        path="/runs/a%2Fb",
        query=(("q", "ü &"), ("q", "2")),
        headers=(("Content-Type", "application/json"),),
        content=b'{"n": 1}',
    )
    exchange = Probe(session, "w").send(request, ALICE, intent="just so")
    (seen,) = wire.seen
    assert (seen.method, seen.path, seen.body) == (
        "POST",
        "/base/runs/a%2Fb?q=%C3%BC+%26&q=2",
        b'{"n": 1}',
    )
    assert seen.headers["authorization"] == f"Bearer {PLAIN}"
    assert exchange.url == wire.url + seen.path
    assert exchange.request.json == {"n": 1}
    assert exchange.request.media_type == "application/json"
    assert (exchange.status, exchange.body) == (201, {"id": 1})
    assert exchange.response.header("x-trace") == "t"
    assert (exchange.actor, exchange.credentials, exchange.intent) == ("alice", "valid", "just so")
    assert (exchange.worker, exchange.seq, exchange.took) == ("w", 1, 1.0)
    assert session.recorder.exchanges == (exchange,)


def test_workers_count_on_their_own(wire: Loopback, session_at: Opener) -> None:
    session = session_at(wire.url)
    one, two = Probe(session, "one"), Probe(session, "two")
    for probe in (one, two, one):
        probe.send(get(), NOBODY)
    history = History(exchanges=session.recorder.exchanges)
    assert [exchange.id for exchange in history.exchanges] == ["one-1", "two-1", "one-2"]


@pytest.mark.parametrize("secret", [PLAIN, SECRET])
def test_no_secret_enters_a_history(wire: Loopback, session_at: Opener, secret: str) -> None:
    def echo(seen: Seen) -> Reply:
        told = {"you sent": secret, "also": [secret, {secret: secret}]}
        return Reply(body=told, headers={"X-Echo": quote(secret), "Set-Cookie": "id=abc; Path=/"})

    wire.answer(echo)
    session = session_at(wire.url)
    sender = Sender(credentials="valid", actor="a", query=(("key", secret),))
    request = Request(
        method="POST",
        path=f"/runs/{quote(secret, safe='')}",
        query=(("again", secret),),
        headers=(("x-note", quote(secret)), ("content-type", "text/plain")),
        content=secret.encode(),
    )
    exchange = Probe(session, "w").send(request, sender)
    label = "alice" if secret == PLAIN else "odd"
    dumped = dump_history(History(exchanges=(exchange,))).decode()
    assert secret not in dumped
    assert quote(secret, safe="") not in dumped
    assert quote(secret) not in dumped
    assert "id=abc" not in dumped
    mark = placeholder(label)
    assert exchange.body == {"you sent": mark, "also": [mark, {mark: mark}]}
    assert exchange.request.content.decode() == mark
    assert parse_history(dumped.encode()).exchanges == (exchange,)


def test_the_senders_query_is_sent_but_not_recorded(wire: Loopback, session_at: Opener) -> None:
    session = session_at(wire.url)
    sender = Sender(credentials="valid", actor="a", query=(("key", PLAIN),))
    exchange = Probe(session, "w").send(get(), sender)
    assert wire.seen[0].path == f"/runs?key={PLAIN}"
    assert exchange.url == f"{wire.url}/runs"


def test_no_redirect_is_followed_and_no_cookie_kept(wire: Loopback, session_at: Opener) -> None:
    away = {"Location": "http://127.0.0.1:1/elsewhere", "Set-Cookie": "id=abc"}
    wire.answer(Reply(status=302, headers=away), Reply(body={}))
    probe = Probe(session_at(wire.url), "w")
    assert probe.send(get(), NOBODY).status == 302
    probe.send(get(), NOBODY)
    assert len(wire.seen) == 2
    assert "cookie" not in wire.seen[1].headers


def test_a_broken_connection_is_an_exchange(wire: Loopback, session_at: Opener) -> None:
    wire.answer(Reply(body={"long": "x" * 1000}, cut=True))
    session = session_at(wire.url)
    exchange = Probe(session, "w").send(get(), ALICE)
    assert exchange.status is None
    assert exchange.error is not None
    assert exchange.error.startswith("RemoteProtocolError: ")
    assert session.recorder.exchanges == (exchange,)


def test_nobody_listening_is_an_exchange(session_at: Opener) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        exchange = Probe(session_at(url), "w").send(get(), NOBODY)
    assert exchange.status is None
    assert exchange.error is not None
    assert exchange.error.startswith("ConnectError: ")


@pytest.mark.parametrize(
    "request_",
    [
        get("@127.0.0.1:1/runs"),
        get("runs"),
        Request(method="GET", path="/", headers=(("x-note", "two\nlines"),)),
        Request(method="GET", path="/", headers=(("x-note", "日本"),)),
        Request(method="GET", path="/", headers=(("x-note", " padded"),)),
        Request(method="GET", path="/", headers=(("not a name", "x"),)),
        Request(method="GET", path="/" + "a" * 70_000),
    ],
)
def test_what_is_no_http_is_neither_sent_nor_counted(
    wire: Loopback, session_at: Opener, request_: Request
) -> None:
    session = session_at(wire.url)
    with pytest.raises(UnsendableError):
        Probe(session, "w").send(request_, NOBODY)
    assert wire.seen == []
    assert session.recorder.exchanges == ()
    assert session.gate.spent.requests == 0


@pytest.mark.parametrize(
    ("link", "path", "query"),
    [
        ("{url}/base/runs?page=2&q=a+b", "/runs", (("page", "2"), ("q", "a b"))),
        ("{url}/base/runs/", "/runs/", ()),
        ("{url}/elsewhere/runs", None, None),
        ("{url}/baseless", None, None),
        ("http://127.0.0.2/base/runs", None, None),
        ("/base/runs", None, None),
        ("not a url", None, None),
        ("http://[::1", None, None),
    ],
)
def test_only_links_to_the_same_server_are_followed(
    wire: Loopback,
    session_at: Opener,
    link: str,
    path: str | None,
    query: tuple[tuple[str, str], ...] | None,
) -> None:
    found = Probe(session_at(wire.url + "/base"), "w").below(link.format(url=wire.url))
    assert (found and found.path) == path
    assert (found and found.query) == query


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host/path",
        "http://",
        "http://user:word@host",
        "http://host/?q=1",
        "http://host/#f",
    ],
)
def test_a_url_that_is_no_base_is_refused(session_at: Opener, url: str) -> None:
    with pytest.raises(ProbeError):
        session_at(url)


def test_a_secret_that_could_be_any_text_is_refused() -> None:
    with pytest.raises(ProbeError, match="the secret of alice has 4 characters"):
        open_session("http://h", secrets={"alice": "test"}, now=lambda: 0.0)


def test_the_budget_of_requests_is_kept_exactly_by_many_threads(
    wire: Loopback, session_at: Opener
) -> None:
    session = session_at(wire.url, Budget(max_requests=25))
    refused = []

    def work(name: str) -> None:
        probe = Probe(session, name)
        for _ in range(10):
            try:
                probe.send(get(), NOBODY)
            except NotAdmittedError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wire.seen) == 25
    assert len(session.recorder.exchanges) == 25
    assert refused == ["the budget of 25 requests is spent"] * 25


@pytest.mark.parametrize(
    ("status", "spent"), [(201, 1), (200, 1), (408, 1), (500, 1), (503, 1), (422, 0), (401, 0)]
)
def test_only_what_may_have_started_a_run_counts_as_one(
    wire: Loopback, session_at: Opener, status: int, spent: int
) -> None:
    wire.answer(Reply(status=status))
    session = session_at(wire.url, Budget(max_runs=1), lambda method, url: method == "POST")
    probe = Probe(session, "w")
    probe.send(Request(method="POST", path="/runs"), NOBODY)
    assert (session.gate.spent.requests, session.gate.spent.runs) == (1, spent)
    if spent:
        with pytest.raises(BudgetSpentError, match="the budget of 1 run-starting requests"):
            probe.send(Request(method="POST", path="/runs"), NOBODY)
    probe.send(get(), NOBODY)
    assert len(wire.seen) == 2


def test_an_observer_sends_nothing_that_is_not_safe(wire: Loopback, session_at: Opener) -> None:
    probe = Probe(session_at(wire.url, Budget(observe_only=True)), "w")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        with pytest.raises(ObserveOnlyError):
            probe.send(Request(method=method, path="/"), NOBODY)
    probe.send(get(), NOBODY)
    assert [seen.method for seen in wire.seen] == ["GET"]


def test_the_rate_spaces_requests_out() -> None:
    time = [100.0]
    waits: list[float] = []
    gate = Gate(Budget(rate=4), now=lambda: time[0], sleep=waits.append)
    for _ in range(3):
        gate.admit(is_safe=True, starts_run=False)
    time[0] += 10
    gate.admit(is_safe=True, starts_run=False)
    assert waits == [0.25, 0.5]


def test_the_deadline_counts_from_the_first_request() -> None:
    time = [100.0]
    gate = Gate(Budget(deadline=5), now=lambda: time[0])
    gate.admit(is_safe=True, starts_run=False)
    time[0] = 104.9
    gate.admit(is_safe=True, starts_run=False)
    time[0] = 105.0
    with pytest.raises(BudgetSpentError, match="the budget of 5 seconds is spent"):
        gate.admit(is_safe=True, starts_run=False)
    assert gate.spent.requests == 2


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """Serve an answer that never ends, byte by byte; yield the URL."""
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            line, _ = listener.accept()
            with line, suppress(OSError):
                line.sendall(head)
                while not gone.wait(0.01):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            gone.set()
            thread.join()


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx-long: "],
    ids=["body", "headers"],
)
def test_an_answer_that_drips_is_given_up_at_the_deadline(session_at: Opener, head: bytes) -> None:
    with dripping(head) as url:
        probe = Probe(session_at(url, Budget(deadline=0.3)), "w")
        exchange = probe.send(get(), NOBODY)
        assert exchange.status is None
        assert exchange.error is not None
        assert exchange.error.startswith("ReadTimeout: no whole answer")
        with pytest.raises(BudgetSpentError):
            probe.send(get(), NOBODY)


@pytest.mark.parametrize(
    "limits", [{"max_requests": -1}, {"max_runs": -1}, {"rate": 0}, {"deadline": -0.5}]
)
def test_limits_make_sense(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(limits))):
        Budget(**limits)  # type: ignore[arg-type]


def test_a_server_that_went_away_is_told_from_one_that_was_restarted() -> None:
    recorder = Recorder()

    def taken(at: float, status: int | None) -> bool:
        took = 1.0
        recorder.add(Exchange(worker="a", seq=1, at=at, took=took, method="GET", url="http://x/",
                              status=status, error=None if status else "ConnectError"))  # fmt: skip
        return recorder.is_silent

    assert not any(taken(float(at), None) for at in range(4))
    assert not taken(4.0, 200)
    restarted = [taken(5.0 + at, None) for at in range(29)]
    assert not any(restarted)
    assert not taken(34.0, 503)
    assert [taken(40.0 + at, None) for at in range(31)] == [False] * 29 + [True] * 2
    few = Recorder()
    few.add(Exchange(worker="a", seq=1, at=0.0, took=1.0, method="GET", url="/", status=200))
    for at in (100.0, 200.0, 300.0):
        few.add(Exchange(worker="a", seq=2, at=at, took=30.0, method="GET", url="/", error="x"))
    assert not few.is_silent


def test_who_is_unknown_is_told_from_others_and_from_one_who_was_let_in() -> None:
    recorder = Recorder()

    def taken(actor: str, status: int, credentials: Credentials = "valid") -> None:
        recorder.add(Exchange(worker="a", seq=1, at=0.0, took=0.1, method="GET", url="http://x/",
                              status=status, actor=actor, credentials=credentials))  # fmt: skip

    for _ in range(9):
        taken("bob", 401)
        taken("alice", 401, "wrong")
    taken("carol", 200)
    for _ in range(4):
        taken("alice", 401)
        taken("carol", 401)
    assert recorder.is_unknown("bob")
    assert not recorder.is_unknown("alice")
    taken("alice", 401)
    taken("carol", 401)
    assert recorder.is_unknown("alice")
    assert not recorder.is_unknown("carol")
