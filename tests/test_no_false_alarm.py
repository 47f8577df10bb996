"""Whoever keeps the promises is accused of nothing, and no answer makes a rule fail."""

import itertools
import json
import os
from functools import cache
from typing import Any

import pytest
from atelier import SPEC as ATELIER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import CONFORMING, SPEC, conforming, history, look
from runwright.history import History
from runwright.instance import STRANGER
from runwright.judge import judge
from runwright.ledger import Ledger
from runwright.report import Report, Verdict, dump_report, encode_report
from runwright.rulebook import Rulebook, make_rulebook
from runwright.spec import Spec, apis, load_spec
from runwright.strategies import bodies, histories, mangled, samplings, traces
from runwright.validation import structure_of

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
"""Histories that each property is tried on; EXAMPLES=2000 makes a long, thorough run."""

SPECS = {"jobs": SPEC, "atelier": ATELIER, **{api: load_spec(api) for api in apis()}}
PROMISES = ("lifecycle", "protocol")
"""The homes of the rules that a generated history keeps; what schemas and code say it may break."""

thoroughly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
each_api = pytest.mark.parametrize("api", SPECS)


@cache
def _rulebook(api: str) -> Rulebook:
    """Return all rules of an API; without a ledger none is left out by a reading."""
    spec = SPECS[api]
    return make_rulebook(spec, Ledger(api, {}, ()))


@cache
def _promises(api: str) -> Rulebook:
    book = _rulebook(api)
    kept = tuple(entry for entry in book.entries if entry.rule.home in PROMISES)
    return Rulebook(book.spec, book.ledger, kept)


def _accused(report: Report) -> list[Any]:
    """Return what a report says against anybody, with its evidence."""
    return [
        (
            result.rule,
            result.failure,
            [(v.pointer, v.expected, v.actual) for v in result.violations],
        )
        for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    ]


@each_api
@thoroughly
@given(st.data())
def test_a_server_that_keeps_its_promises_is_accused_of_nothing(
    api: str, data: st.DataObject
) -> None:
    seen = data.draw(histories(SPECS[api]))
    assert _accused(judge(seen, _promises(api))) == []


@each_api
@thoroughly
@given(st.data())
def test_neither_is_it_if_some_looks_are_left_out(api: str, data: st.DataObject) -> None:
    seen = data.draw(histories(SPECS[api]))
    first, *others = data.draw(samplings(seen))
    assert _accused(judge(first.merge(*others), _promises(api))) == []


@each_api
@thoroughly
@given(st.data())
def test_no_answer_makes_a_rule_fail_and_shards_may_come_in_any_order(
    api: str, data: st.DataObject
) -> None:
    seen = data.draw(mangled(data.draw(histories(SPECS[api], most_requests=10)), SPECS[api]))
    shards = data.draw(samplings(seen))
    report = judge(shards[0].merge(*shards[1:]), _rulebook(api))
    failures = [(r.rule, r.failure) for r in report.with_verdict(Verdict.BROKEN)]
    assert failures == []
    assert encode_report(report)
    again = judge(shards[-1].merge(*reversed(shards[:-1])), _rulebook(api))
    assert dump_report(again) == dump_report(report)


def _nested(depth: int, leaf: str) -> bytes:
    body = json.dumps(CONFORMING["late"].body)
    deep = f'{{"x": {"[" * depth}{leaf}{"]" * depth}}}'
    return body.replace('"result": {"size": 3}', f'"result": {deep}').encode()


@pytest.mark.parametrize("depth", [50, 400, 800, 5000])
def test_a_deep_body_makes_no_rule_fail(depth: int) -> None:
    told = [look(20 + at, _nested(depth, leaf)) for at, leaf in enumerate("123")]
    report = judge(history(told), _rulebook("jobs"))
    assert [(r.rule, r.failure) for r in report.with_verdict(Verdict.BROKEN)] == []
    assert encode_report(report)


@pytest.mark.parametrize("api", apis())
def test_the_rules_of_every_api_are_tried(api: str) -> None:
    homes = {entry.rule.home for entry in _rulebook(api).entries}
    assert homes >= {"schema", "lifecycle", "protocol", "python"}


@settings(thoroughly, max_examples=10)
@given(st.data())
def test_dropping_any_exchange_of_a_hand_written_history_accuses_nobody(
    data: st.DataObject,
) -> None:
    first, *others = data.draw(samplings(conforming()))
    assert _accused(judge(first.merge(*others), _rulebook("jobs"))) == []


# What the strategies make is worth something only if it is what they say.


@each_api
@thoroughly
@given(st.data())
def test_bodies_fit_their_schema(api: str, data: st.DataObject) -> None:
    spec = SPECS[api]
    name = data.draw(st.sampled_from(sorted(spec.lifecycles)))
    body = data.draw(bodies(spec, name, strange=0.2))
    assert list(structure_of(spec, name).errors(body)) == []


@each_api
@thoroughly
@given(st.data())
def test_lives_go_along_the_edges(api: str, data: st.DataObject) -> None:
    lifecycle = data.draw(st.sampled_from(list(SPECS[api].lifecycles.values())))
    life = data.draw(traces(lifecycle))
    known = [status for status in life if status != STRANGER]
    assert known[0] in lifecycle.initial
    for before, after in itertools.pairwise(known):
        state = lifecycle.states[before]
        assert after in (*state.to, *state.inferred)


def _witnessed(spec: Spec, book: Rulebook, examples: int) -> set[str]:
    """Return the rules that some history of a spec was seen to keep."""
    seen: set[str] = set()

    @settings(thoroughly, max_examples=examples, derandomize=True, database=None)
    @given(histories(spec))
    def collect(one: History) -> None:
        report = judge(one, book)
        seen.update(result.rule for result in report.with_verdict(Verdict.HOLDS))

    collect()
    return seen


def test_histories_meet_nearly_every_rule() -> None:
    """No malformed request and no list of a second tenant's is in them; all else must be."""
    book = _promises("jobs")
    beyond = {
        "jobs.protocol.malformed-input-is-refused",
        "jobs.protocol.wrong-content-type-is-refused",
        "jobs.protocol.malformed-id-is-refused",
        "jobs.security.lists-show-own-runs",
    }
    assert {entry.rule.id for entry in book.entries} - _witnessed(SPEC, book, 500) == beyond


def test_histories_have_shapes_of_all_kinds() -> None:
    shapes: set[str] = set()

    @settings(thoroughly, max_examples=100, derandomize=True, database=None)
    @given(histories(SPEC))
    def collect(one: History) -> None:
        exchanges = one.exchanges
        pairs = list(itertools.pairwise(exchanges))
        found = {
            "equal times": any(a.at == b.at for a, b in pairs),
            "overlap": any(a.worker == b.worker and a.at + a.took > b.at for a, b in pairs),
            "several workers": len({e.worker for e in exchanges}) > 1,
            "no answer": any(e.status is None for e in exchanges),
            "two tenants": len({e.actor for e in exchanges if e.credentials == "valid"}) > 1,
            "unknown member": any(STRANGER.encode() in e.response.content for e in exchanges),
            "gone": any(e.status == 404 and e.actor == "ada" for e in exchanges),
        }
        shapes.update(name for name, there in found.items() if there)

    collect()
    assert shapes == {
        "equal times",
        "overlap",
        "several workers",
        "no answer",
        "two tenants",
        "unknown member",
        "gone",
    }
