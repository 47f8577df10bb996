"""Histories: the order of time, joining, and the NDJSON that they are written in."""

import json
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import SPEC, conforming
from runwright.history import (
    FORMAT,
    NOT_JSON,
    SKEW,
    Exchange,
    History,
    HistoryError,
    Message,
    dump_history,
    parse_exchange,
    parse_history,
    read_history,
    write_history,
)
from runwright.strategies import histories, mangled, samplings

SCHEMA = json.loads(files("runwright").joinpath("history.schema.json").read_text("utf-8"))


def _part(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{name}"}]})


HEADER, EXCHANGE = _part("header"), _part("exchange")


def exchange(worker: str = "w", seq: int = 0, at: float = 0.0, took: float = 0.0) -> Exchange:
    return Exchange(worker=worker, seq=seq, at=at, took=took, method="GET", url="http://a.example/")


def by_clock(clock: str, worker: str, at: float, took: float = 0.0) -> Exchange:
    return evolve(exchange(worker, at=at, took=took), clock=clock)


MESSAGES = st.builds(
    Message,
    st.lists(
        st.tuples(st.sampled_from(["content-type", "x-a"]), st.text(max_size=9)), max_size=2
    ).map(tuple),
    st.binary(max_size=20) | st.text(max_size=20).map(str.encode),
)
TIMES = st.floats(0, 2**32, allow_nan=False)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """Exchanges with anything in them."""
    status = draw(st.none() | st.integers(100, 599))
    return Exchange(
        worker=draw(st.text(max_size=3)),
        seq=draw(st.integers(0, 10**9)),
        at=draw(TIMES),
        took=draw(st.floats(0, 100)),
        method=draw(st.sampled_from(["GET", "POST"])),
        url=draw(st.text(max_size=9)),
        request=draw(MESSAGES),
        status=status,
        response=Message() if status is None else draw(MESSAGES),
        error=draw(st.none() | st.text(max_size=9)),
        actor=draw(st.none() | st.text(max_size=3)),
        credentials=draw(st.sampled_from(["valid", "missing", "wrong", "unknown"])),
        intent=draw(st.none() | st.text(max_size=3)),
        clock=draw(st.none() | st.text(max_size=3)),
    )


def by_name(found: list[Exchange]) -> tuple[Exchange, ...]:
    """Return exchanges that each have a name of their own."""
    return tuple({e.id: e for e in found}.values())


@st.composite
def any_history(draw: st.DrawFn) -> History:
    return History(
        exchanges=by_name(draw(st.lists(exchanges(), max_size=4))),
        api=draw(st.none() | st.text(max_size=5)),
        target=draw(st.none() | st.text(max_size=5)),
        notes=tuple(draw(st.lists(st.text(max_size=5), max_size=2))),
        cut_short=draw(st.none() | st.text(min_size=1, max_size=5)),
    )


@settings(max_examples=40, deadline=None)
@given(any_history())
def test_what_is_written_is_read_again(history: History) -> None:
    written = dump_history(history)
    assert parse_history(written) == history
    assert dump_history(parse_history(written)) == written
    header, *lines = written.splitlines()
    HEADER.validate(json.loads(header))
    for line in lines:
        EXCHANGE.validate(json.loads(line))


@settings(max_examples=15, deadline=None)
@given(histories(SPEC).flatmap(mangled))
def test_whatever_a_server_answered_is_read_again(history: History) -> None:
    assert parse_history(dump_history(history)) == history


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "seen.ndjson"
    write_history(conforming(), path)
    assert read_history(path) == conforming()


def test_content_that_is_no_text_keeps_every_byte() -> None:
    history = History(
        exchanges=(evolve(exchange(), status=200, response=Message((), b"\xff\x00\r\n")),)
    )
    written = dump_history(history)
    assert b"base64" in written
    assert parse_history(written) == history


def test_members_that_a_newer_version_adds_are_passed_over() -> None:
    line = b'{"worker":"w","seq":1,"at":5,"took":1,"request":{"method":"GET","url":"/","x":1},'
    found = parse_exchange(line + b'"response":{"status":200,"y":[]},"z":{}}', where="here")
    assert (found.at, found.status, found.credentials) == (5.0, 200, "unknown")
    assert isinstance(found.at, float)


def test_names_of_headers_are_read_in_lower_case() -> None:
    line = b'{"worker":"w","seq":1,"at":5,"took":1,"request":{"method":"GET","url":"/"},'
    more = b'"response":{"status":200,"headers":[["Content-Type","Text/HTML; charset=x"]]}}'
    found = parse_exchange(line + more, where="here")
    assert found.response.header("content-type") == "Text/HTML; charset=x"
    assert found.response.media_type == "text/html"


GOOD: dict[str, Any] = {
    "worker": "w",
    "seq": 1,
    "at": 5,
    "took": 1,
    "request": {"method": "GET", "url": "/"},
    "response": {"status": 200},
}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "input data was truncated"),
        ("[]", "expected `object`, got `array`"),
        (json.dumps({**GOOD, "at": "noon"}), "expected `float`, got `str` - at `$.at`"),
        (json.dumps({**GOOD, "seq": -1}), "expected `int` >= 0 - at `$.seq`"),
        (json.dumps({**GOOD, "took": -0.5}), "expected `float` >= 0.0 - at `$.took`"),
        (json.dumps({**GOOD, "worker": 7}), "expected `str`, got `int` - at `$.worker`"),
        (json.dumps({**GOOD, "request": "GET"}), "expected `object`, got `str` - at `$.request`"),
        (json.dumps({**GOOD, "response": {}}), "object missing required field `status`"),
        (
            json.dumps({**GOOD, "response": {"status": 200, "text": 5}}),
            "expected `str`, got `int` - at `$.response.text`",
        ),
        (
            json.dumps({**GOOD, "response": {"status": 200, "base64": "?"}}),
            "invalid base64 encoded string - at `$.response.base64`",
        ),
        (
            json.dumps({**GOOD, "response": {"status": 200, "headers": [["a"]]}}),
            "expected `array` of length 2 - at `$.response.headers[0]`",
        ),
        (json.dumps({**GOOD, "credentials": "stolen"}), "invalid enum value 'stolen'"),
        ("\ud800", "JSON is malformed"),
        ('{"x":' * 5000, "maximum recursion depth"),
    ],
)
def test_a_line_that_is_no_exchange_is_named(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ndjson"
    good = dump_history(conforming()).splitlines()[:3]
    path.write_bytes(b"\n".join([*good, b"", line.encode("utf-8", "surrogatepass")]))
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    found = str(caught.value)
    assert found.startswith(f"{path}:5: not an exchange: ")
    assert message.lower() in found.lower()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}", b'{"format": "runwright-history/2"}', b'{"format": 1}', b"\xff", b"["],
)
def test_what_does_not_begin_as_a_history_is_none(content: bytes) -> None:
    with pytest.raises(HistoryError) as caught:
        parse_history(content, name="seen.ndjson")
    assert str(caught.value) == f"seen.ndjson:1: not a history; the first line must say '{FORMAT}'"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"none.ndjson: No such file"):
        read_history(tmp_path / "none.ndjson")


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for text in (content, dump_history(History(exchanges=())) + content):
        problem = _problem(text)
        assert problem is None or problem.startswith("seen:")


def _problem(text: bytes) -> str | None:
    try:
        parse_history(text, name="seen")
    except HistoryError as error:
        return str(error)
    return None


# Order of time


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        (exchange(seq=1, at=0, took=1), exchange(seq=2, at=1.1), True),
        (exchange(seq=1, at=0, took=1), exchange(seq=2, at=1.0), False),
        (exchange(seq=1, at=0, took=1), exchange(seq=2, at=0.5), False),
        (exchange(seq=2, at=0, took=1), exchange(seq=1, at=5), False),
        (exchange("a", at=0, took=1), exchange("b", at=1.5), False),
        (exchange("a", at=0, took=1), exchange("b", at=1 + SKEW), False),
        (exchange("a", at=0, took=1), exchange("b", at=1.1 + SKEW), True),
        (by_clock("c", "a", at=0, took=1), by_clock("c", "b", at=1.1), True),
        (by_clock("c", "a", at=0, took=1), by_clock("c", "b", at=1), False),
        (by_clock("c", "a", at=0, took=1), by_clock("d", "b", at=1.1), False),
        (by_clock("c", "a", at=0, took=1), exchange("b", at=1.1), False),
    ],
)
def test_an_exchange_precedes_another_only_if_that_is_certain(
    first: Exchange, second: Exchange, certain: bool
) -> None:
    assert first.precedes(second) is certain
    assert not second.precedes(first)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            exchange,
            st.sampled_from("ab"),
            st.integers(0, 3),
            st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.5]),
            st.sampled_from([0.0, 0.5, 1.0]),
        ),
        max_size=5,
    )
)
def test_precedence_is_an_order(found: list[Exchange]) -> None:
    for a in found:
        assert not a.precedes(a)
        for b in found:
            assert not (a.precedes(b) and b.precedes(a))
            if a.precedes(b):
                assert a.at <= b.at


def test_exchanges_stand_in_the_order_of_time() -> None:
    late, early, tie = exchange("a", 1, at=2), exchange("b", 1, at=1), exchange("a", 0, at=2)
    assert History(exchanges=(late, early, tie)).exchanges == (early, tie, late)


# Joining


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_shards_are_joined_in_any_order(data: st.DataObject) -> None:
    shards = data.draw(samplings(conforming(), most=4))
    joined = shards[0].merge(*shards[1:])
    for order in (data.draw(st.permutations(shards)), shards[::-1]):
        assert order[0].merge(*order[1:]) == joined
    assert set(joined.exchanges) == {e for shard in shards for e in shard.exchanges}


def test_what_shards_disagree_about_is_left_out() -> None:
    nekt = partial(History, exchanges=(), api="nekt")
    one = nekt(target="http://a.example", notes=("b",), cut_short="y")
    two = nekt(target="http://b.example", notes=("a", "b"), cut_short="x")
    unsure = History(exchanges=())
    expected = nekt(target=None, notes=("a", "b"), cut_short="x; y")
    assert one.merge(two, unsure) == expected
    assert unsure.merge(two, one) == expected
    assert one.merge(unsure).target == "http://a.example"


def test_two_exchanges_of_one_name_are_refused() -> None:
    one, other = History(exchanges=(exchange(at=1),)), History(exchanges=(exchange(at=2),))
    with pytest.raises(HistoryError) as caught:
        one.merge(other)
    assert str(caught.value) == (
        "two different exchanges are called w-0; each worker needs a name of its own"
    )
    assert one.merge(one) == one


def test_a_file_with_two_exchanges_of_one_name_is_named() -> None:
    lines = dump_history(History(exchanges=(exchange(at=1),))).splitlines()
    again = lines[1].replace(b'"at":1', b'"at":2')
    with pytest.raises(HistoryError, match=r"^seen: two different exchanges are called w-0;"):
        parse_history(b"\n".join([*lines, again]), name="seen")


# Content


@pytest.mark.parametrize("content", [b"", b"<p>", b"{", b"\xff", b"NaN", b"{} {}", b"[" * 10**5])
def test_content_that_is_no_json_text(content: bytes) -> None:
    assert Message((), content).json is NOT_JSON


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"null", None), (b" [1] ", [1]), (b'"\\u00e9"', "é"), (b"1e3", 1000.0)],
)
def test_content_that_is_json(content: bytes, value: object) -> None:
    assert Message((), content).json == value
    assert repr(NOT_JSON) == "NOT_JSON"
