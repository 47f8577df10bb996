"""Hands: what another process sends is what this one would have sent, and got."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

import httpx
import pytest
from attrs import evolve
from loopback import Loopback, Reply, serving
from runwright.history import Exchange
from runwright.probe import NOBODY, Probe, Request, UnsendableError, open_session, through
from runwright.suite.hands import Hand, HandError, Place, lent

POST = Request(
    method="POST",
    path="/runs/a%2Fb",
    query=(("q", "ü &"),),
    headers=(("Content-Type", "application/json"), ("X-Twice", "1"), ("X-Twice", "2")),
    content=b'{"n": 1}',
)


@pytest.fixture
def wire() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def hand() -> Iterator[Hand]:
    with lent("gw1") as place, closing(Hand(place)) as found:
        yield found


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        (POST, Reply(status=201, body={"id": 1}, headers={"X-Trace": "t"})),
        (evolve(POST, method="GET", content=b""), Reply(status=404, body=b"\xff\x00")),
        (evolve(POST, method="HEAD", content=b""), Reply(headers={"Content-Length": "12"})),
        (evolve(POST, method="DELETE", headers=(), content=b""), Reply(status=204)),
        (POST, Reply(body=b"half of it", cut=True)),
    ],
    ids=["post", "no text", "head", "empty", "cut off"],
)
def test_a_hand_sends_and_gets_the_same(
    wire: Loopback, hand: Hand, asked: Request, reply: Reply
) -> None:
    wire.answer(reply)
    with closing(open_session(wire.url, now=lambda: 5.0, timeout=5)) as session:
        one = Probe(session, "w").send(asked, NOBODY)
        other = Probe(through(session, hand, clock="w"), "v").send(asked, NOBODY)
        assert session.recorder.exchanges == (one, other)
    assert wire.seen[0] == wire.seen[1]
    assert evolve(_undated(other), worker="w", clock=None) == _undated(one)
    assert (other.worker, other.clock) == ("v", "w")


def _undated(exchange: Exchange) -> Exchange:
    """Leave out when the server answered: a second may have passed."""
    answer = exchange.response
    headers = tuple(pair for pair in answer.headers if pair[0] != "date")
    return evolve(exchange, response=evolve(answer, headers=headers))


def test_what_fails_on_the_way_fails_the_same(hand: Hand) -> None:
    with closing(open_session("http://127.0.0.1:9", now=lambda: 5.0, timeout=5)) as session:
        one = Probe(session, "w").send(POST, NOBODY)
        other = Probe(through(session, hand, clock="w"), "w").send(POST, NOBODY)
    assert one.error == other.error
    assert one.error is not None
    assert one.error.startswith("ConnectError: ")


def test_what_is_no_http_is_not_sent(wire: Loopback, hand: Hand) -> None:
    wire.answer(Reply())
    with closing(open_session(wire.url, now=lambda: 5.0, timeout=5)) as session:
        probe = Probe(through(session, hand, clock="w"), "w")
        with pytest.raises(UnsendableError, match="Illegal header name"):
            probe.send(evolve(POST, headers=(("no name", "1"),)), NOBODY)
        assert probe.send(POST, NOBODY).status == 200
    assert len(wire.seen) == 1


def test_one_after_the_other_uses_a_hand(wire: Loopback) -> None:
    wire.answer(Reply(body={}))
    with lent("gw1") as place:
        for _ in range(2):
            with httpx.Client(transport=Hand(place)) as client:
                assert [client.get(wire.url).json() for _ in range(2)] == [{}, {}]
    assert len(wire.seen) == 4


def test_who_does_not_know_the_key_is_sent_away(wire: Loopback) -> None:
    wire.answer(Reply(body={}))
    with lent("gw1") as place:
        with pytest.raises(AuthenticationError):
            Client(place.address, authkey=b"a guess")
        with httpx.Client(transport=Hand(place)) as client:
            assert client.get(wire.url).status_code == 200


def test_a_hand_that_is_gone_is_no_fault_of_the_server() -> None:
    code = (
        "import json, attrs, runwright.suite.hands as h\n"
        "with h.lent('gw1') as place: print(json.dumps(attrs.asdict(place)), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        place = Place(**json.loads(process.stdout.readline()))
        with closing(Hand(place)) as hand:
            process.kill()
            process.wait()
            session = open_session("http://127.0.0.1:9", now=lambda: 5.0)
            with closing(session), pytest.raises(HandError, match="worker gw1 ended"):
                Probe(through(session, hand, clock="w"), "w").send(POST, NOBODY)
    with pytest.raises(HandError, match="worker gw1 ended"):
        Hand(place)
