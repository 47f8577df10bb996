"""Decoding that shares what did not change, and validation that reads only what did."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.history import History
from runwright.judge import judge
from runwright.narrowing import reads_of
from runwright.piecewise import piecewise
from runwright.pointer import MISSING, expand
from runwright.report import Report, Verdict
from runwright.rulebook import load_rulebook
from runwright.sharing import LEAST, MOST, Sharing
from runwright.spec import apis, load_spec
from runwright.strategies import histories, json_values, mangled
from runwright.trace import Observation
from runwright.validation import rule_validators, structure_of

each_api = pytest.mark.parametrize("api", apis())
few = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))


def _long(value: Any) -> Any:
    """Make a value long enough to be looked into."""
    return {"pad": "x" * LEAST, "rows": {"a": {"pad": "y" * LEAST, "value": value}, "b": [value]}}


@given(st.lists(json_values(), min_size=1, max_size=5), st.booleans())
def test_what_is_shared_is_what_the_texts_say(values: list[Any], large: bool) -> None:
    sharing = Sharing()
    for value in values:
        body = {**_long(value), "far": "z" * (MOST if large else 0)}
        text = msgspec.json.encode(body)
        assert sharing.decode(b" " + text + b"\n") == msgspec.json.decode(text)


@pytest.mark.parametrize("pad", [LEAST, MOST])
def test_what_did_not_change_is_the_same_object(pad: int) -> None:
    sharing = Sharing()
    body = {"rows": {"a": {"pad": "x" * pad, "n": [1]}, "b": {"pad": "x" * pad, "n": [2]}}}
    first = sharing.decode(msgspec.json.encode(body))
    body["rows"]["b"]["n"] = [3]
    second = sharing.decode(msgspec.json.encode(body))
    assert second == body
    assert second["rows"]["a"] is first["rows"]["a"]
    assert second["rows"]["b"] is not first["rows"]["b"]
    assert sharing.decode(msgspec.json.encode(body)) is second


def test_a_true_is_not_a_one() -> None:
    sharing = Sharing()
    for value in (1, True, 1.0, "1"):
        read = sharing.decode(msgspec.json.encode(_long(value)))["rows"]["a"]["value"]
        assert type(read) is type(value)


def test_a_text_that_is_no_json_is_refused_and_forgotten() -> None:
    sharing = Sharing()
    text = msgspec.json.encode(_long(1))
    first = sharing.decode(text)
    for garbage in (b"", b"\x0b{}", text[:-1], text.replace(b"1", b"01"), b"\xff"):
        with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
            sharing.decode(garbage)
    assert sharing.decode(text) is first


def _answers(api: str, data: st.DataObject) -> list[tuple[str, Any]]:
    """Draw answers, sound ones and mangled ones, each with the name of its schema."""
    spec = load_spec(api)
    seen = data.draw(mangled(data.draw(histories(spec, most_requests=6)), spec))
    return [(name, call.body) for call, name in Observation(spec, seen).answers]


@each_api
@few
@given(data=st.data())
def test_pieces_and_the_whole_are_judged_alike(api: str, data: st.DataObject) -> None:
    former: dict[str, Any] = {}
    for name, body in _answers(api, data):
        whole, pieces = structure_of(load_spec(api), name), piecewise(load_spec(api), name)
        fits = whole.is_valid(body)
        assert pieces.is_valid(body) == fits
        assert pieces.is_valid(body, former.get(name, MISSING)) == fits
        assert (list(pieces.errors(body)) == []) == fits
        if fits:
            former[name] = body


@each_api
@few
@given(data=st.data())
def test_what_a_rule_reads_is_all_that_counts(api: str, data: st.DataObject) -> None:
    spec = load_spec(api)
    for name, answer in _answers(api, data):
        for place in spec.places(name):
            for _, body in expand(answer, place.pattern):
                for validator in rule_validators(spec):
                    if validator.rule.schema == place.schema and isinstance(body, dict):
                        read = validator.reads.narrow(body)
                        assert validator.member.is_valid(read) == validator.member.is_valid(body)
                        assert validator.applies(read) == validator.applies(body)


def test_a_condition_reads_the_members_that_it_names() -> None:
    reads = reads_of(
        {
            "description": "An ended job has a result.",
            "if": {"properties": {"status": {"const": "done"}}, "required": ["status"]},
            "then": {"required": ["result"], "properties": {"log": {"type": "object"}}},
        }
    )
    body = {"status": "done", "result": 5, "log": {"lines": 7}, "rows": [1, 2, 3]}
    assert reads.narrow(body) == {"status": "done", "result": 5, "log": {}}
    assert reads.same(body, {**body, "rows": []})
    assert not reads.same(body, {**body, "log": {"lines": 8}})
    assert not reads.same({"status": "done"}, body)
    assert reads_of({"items": {"type": "string"}}).narrow([1, {"a": 2}]) == [1, {"a": 2}]


def _violated(report: Report) -> set[str]:
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)}


@each_api
@few
@given(data=st.data())
def test_what_is_read_once_hides_no_fault(api: str, data: st.DataObject) -> None:
    """Answers judged together are accused of all that each is accused of alone."""
    rulebook = load_rulebook(api)
    spec = rulebook.spec
    seen = data.draw(mangled(data.draw(histories(spec, most_requests=8)), spec))
    together = _violated(judge(seen, rulebook))
    for exchange in seen.exchanges:
        assert _violated(judge(History(exchanges=(exchange,)), rulebook)) <= together
