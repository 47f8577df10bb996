"""Every API's emulator: honest, deterministic, and within its spec whatever it is asked."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import pytest
from bodies import JSON, bodies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.history import Exchange
from runwright.judge import judge
from runwright.ledger import READINGS, Reading
from runwright.piecewise import response_validator
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import Operation, apis, load_spec, schema_name
from runwright.validation import broken_rules
from tour import NOBODYS_ID, Tour, examples, tour
from visitor import Visitor, visit

APIS = apis()


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("api", APIS)
def test_an_honest_world_keeps_every_rule(api: str, reading: Reading) -> None:
    visitor = visit(api, seed=5, reading=reading)
    tour(visitor)
    report = judge(visitor.history, load_rulebook(api), reading=reading)
    faults = {
        result.rule: result.violations or result.failure
        for result in report.results
        if result.verdict in (Verdict.VIOLATED, Verdict.BROKEN)
    }
    assert faults == {}
    held = {result.rule for result in report.results if result.verdict is Verdict.HOLDS}
    assert f"{api}.security.foreign-run-looks-unknown" in held
    assert f"{api}.run.terminal-is-final" in held


@pytest.mark.parametrize("api", APIS)
def test_runs_end_in_every_way_within_a_handful(api: str) -> None:
    visitor = visit(api, seed=1)
    whole = Tour(visitor)
    whole.live(least=12)
    seen = {str(e.body.get("status")) for e in visitor.exchanges if _is_poll(visitor, e)}
    lifecycle = next(visitor.spec.lifecycles[name] for name in visitor.spec.polls.values())
    ends = {name for name, state in lifecycle.states.items() if state.outcome}
    assert seen <= set(lifecycle.states)
    assert ends <= seen


def _is_poll(visitor: Visitor, exchange: Exchange) -> bool:
    match = visitor.spec.match(exchange.method, exchange.url)
    return match is not None and match.operation.id in visitor.spec.polls and exchange.succeeded


@pytest.mark.parametrize("api", APIS)
def test_the_same_requests_get_the_same_answers(api: str) -> None:
    first, second, other = visit(api, seed=2), visit(api, seed=2), visit(api, seed=3)
    for visitor in (first, second, other):
        Tour(visitor).live(least=3)
    assert [e.response for e in first.exchanges] == [e.response for e in second.exchanges]
    assert [e.response for e in first.exchanges] != [e.response for e in other.exchanges]


@pytest.mark.parametrize("api", APIS)
def test_looking_changes_nothing(api: str) -> None:
    idle, busy = visit(api), visit(api)
    tours = [Tour(idle), Tour(busy)]
    operation = load_spec(api).operations[sorted(load_spec(api).starters)[0]]
    for whole in tours:
        whole.values(operation)
        whole.start(operation, examples(whole.spec, operation)[0])
        moment = whole.visitor.clock.now()
    for _ in range(20):
        tours[1].look()
    for whole in tours:
        whole.visitor.clock.reach(moment + 4)
        whole.look()
    assert idle.exchanges[-1].body == busy.exchanges[-1].body


# ---- generated requests ----------------------------------------------------------------------


@st.composite
def calls(draw: st.DrawFn, api: str) -> list[tuple[Operation, Mapping[str, Any]]]:
    """Draw operations with parameters and bodies that fit, and now and then some that do not."""
    spec = load_spec(api)
    operations = st.sampled_from(list(spec.operations.values()))
    found: list[tuple[Operation, Mapping[str, Any]]] = []
    for operation in draw(st.lists(operations, min_size=4, max_size=12)):
        drawn: dict[str, Any] = {"tenant": draw(st.sampled_from([ALICE, ALICE, ALICE, BOB]))}
        drawn["query"] = [
            (parameter["name"], draw(_text_of(spec.deref(parameter["schema"]))))
            for parameter in operation.parameters
            if parameter["in"] == "query" and draw(st.booleans())
        ]
        body = _body_of(api, operation.id)
        if body is not None:
            drawn["body"] = draw(body)
        drawn["wait"] = draw(st.sampled_from([0.0, 0.5, 3.0]))
        found.append((operation, drawn))
    return found


@cache
def _body_of(api: str, operation: str) -> st.SearchStrategy[Any] | None:
    spec = load_spec(api)
    schema = spec.request_schema(spec.operations[operation])
    if schema is None:
        return None
    fitting = bodies(spec, schema)
    return st.one_of(fitting, fitting, fitting, JSON)


def _text_of(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    item = schema.get("items", {}) if schema.get("type") == "array" else schema
    if "enum" in item:
        return st.sampled_from([*map(str, item["enum"]), "else"])
    if item.get("type") == "integer":
        return st.integers(-1, 40).map(str) | st.just("many")
    return st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=6)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("api", APIS)
def test_every_answer_fits_the_spec(api: str, reading: Reading) -> None:
    book = load_rulebook(api)
    judged = {entry.rule.id for entry in book.entries if entry.holds_under(reading)}

    @settings(
        max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(calls(api))
    def answers_fit(drawn: list[tuple[Operation, Mapping[str, Any]]]) -> None:
        visitor = visit(api, reading=reading)
        whole = Tour(visitor)
        for operation, how in drawn:
            exchange = _make(whole, operation, how)
            assert_documented(visitor, operation, exchange, judged)
            visitor.clock.advance(how["wait"])
        whole.look()
        for exchange in visitor.exchanges[-len(whole.runs) :] if whole.runs else ():
            match = visitor.spec.match(exchange.method, exchange.url)
            assert match is not None
            assert_documented(visitor, match.operation, exchange, judged)

    answers_fit()


def _make(whole: Tour, operation: Operation, how: Mapping[str, Any]) -> Exchange:
    tenant = cast(Tenant, how["tenant"])
    visitor = whole.visitor
    name = visitor.spec.identifying_parameters.get(operation.id)
    run = whole.runs[-1].id if whole.runs else NOBODYS_ID
    values = {
        **dict(how["query"]),
        **whole.values(operation, tenant),
        **({name: run} if name else {}),
    }
    if operation.id in visitor.spec.starters and tenant is ALICE:
        whole.start(operation, how.get("body"))
        return visitor.exchanges[-1]
    return visitor.call(operation, values, tenant=tenant, body=how.get("body"))


def assert_documented(
    visitor: Visitor, operation: Operation, exchange: Exchange, judged: set[str]
) -> None:
    """Assert that an answer has a documented status and body, and breaks no rule of the schema."""
    assert exchange.status is not None
    assert exchange.status < 500
    assert operation.documents(exchange.status), exchange
    validator = response_validator(visitor.spec, operation, exchange.status)
    assert validator is None or list(validator.errors(exchange.body)) == []
    name = schema_name(visitor.spec.response_schema(operation, exchange.status))
    if name is not None:
        assert broken_rules(visitor.spec, name, exchange.body) & judged == set()
