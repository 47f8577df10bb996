"""Clarifeye's flows over a real connection, and runs of whatever graph they have."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from clarifeye_guest import (
    CONTRACTS,
    DOCUMENT,
    DONE,
    ENDS,
    INVOICES,
    REPORTS,
    Guest,
    serving,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from visitor import Visitor, visit


@pytest.fixture
def alice() -> Iterator[Guest]:
    with serving() as (alice, _):
        yield alice


@pytest.fixture(scope="module")
def still() -> Iterator[Guest]:
    """A tenant of a server on which nothing is ever changed."""
    with serving() as (alice, _):
        yield alice


def test_flows_come_last_updated_first(alice: Guest) -> None:
    before = [flow["id"] for flow in alice.flows()]
    changed = alice.change(REPORTS, {"name": " annual-reports "}).json()

    assert before == [INVOICES, CONTRACTS, REPORTS]
    assert changed["name"] == "annual-reports"
    assert [flow["id"] for flow in alice.flows()] == [REPORTS, INVOICES, CONTRACTS]
    assert alice.flows()[0] == changed
    assert alice.look(alice.start(REPORTS))["pipeline_name"] == "annual-reports"


def test_a_flow_publishes_by_itself_or_when_told(alice: Guest) -> None:
    refused = alice.post(f"extraction-flows/{CONTRACTS}/publish/")
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "The flow publishes by itself."},
    )

    for flow, how in ((CONTRACTS, "run-sync"), (REPORTS, "run-sync"), (REPORTS, "publish")):
        before = pushed(alice, flow)
        while alice.reach(alice.start(flow, how=how), *ENDS)["status"] not in DONE:
            assert pushed(alice, flow) == before
        assert (pushed(alice, flow) == before) == ((flow, how) == (REPORTS, "run-sync"))
    assert alice.flows()[0]["id"] == REPORTS


def pushed(guest: Guest, flow: str) -> Any:
    return next(f["last_pushed_to_tpuf"] for f in guest.flows() if f["id"] == flow)


def test_a_publishing_run_extracts_nothing_and_is_about_chunks(alice: Guest) -> None:
    run = alice.look(alice.start(INVOICES, how="publish"))

    assert {step["step"] for step in run["steps"]} == {"publishing"}
    assert len(run["chunk_ids"]) == len(set(run["chunk_ids"])) > 1


def test_statistics_count_what_runs_have_done_and_start_none(alice: Guest) -> None:
    path = f"extraction-flows/{REPORTS}/node-stats/"
    nothing = {"reused": 0, "recomputed": 12}
    assert alice.post(path).json() == {"parse": nothing, "chunk": nothing}
    assert alice.listing()["count"] == 4

    alice.reach(alice.start(REPORTS, DOCUMENT), "completed")
    assert alice.post(path).json()["chunk"] == {"reused": 1, "recomputed": 11}
    assert alice.post(path, {"document_ids": [DOCUMENT]}).json()["parse"] == {
        "reused": 1,
        "recomputed": 0,
    }


NODE = {"name": "a", "step": "parsing"}


@pytest.mark.parametrize(
    "dag",
    [
        {"name": "no nodes"},
        {"nodes": "all"},
        {"nodes": ["parse"]},
        {"nodes": [{"name": "parse"}]},
        {"nodes": [{**NODE, "depends_on": [7]}]},
        {"nodes": [{**NODE, "params": []}]},
    ],
)
def test_a_malformed_graph_is_refused_and_changes_nothing(still: Guest, dag: Any) -> None:
    before = still.flows()
    answer = still.change(CONTRACTS, {"dag": dag})

    assert answer.status_code == 400
    assert still.flows() == before


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        [{**NODE, "depends_on": ["b"]}],
        [{**NODE, "depends_on": ["a"]}],
        [NODE, NODE],
        [{**NODE, "depends_on": ["b"]}, {**NODE, "name": "b", "depends_on": ["a"]}],
    ],
)
def test_an_empty_or_inconsistent_graph_cannot_be_run(alice: Guest, nodes: Any) -> None:
    assert alice.change(INVOICES, {"dag": {"nodes": nodes}}).status_code == 200

    for how in ("run-sync", "publish", "node-stats"):
        answer = alice.post(f"extraction-flows/{INVOICES}/{how}/")
        assert answer.status_code == 400
        assert answer.json().keys() == {"error"}
    assert alice.listing()["count"] == 4


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"publish_mode": "sometimes"}, "publish_mode"),
        ({"name": 7}, "name"),
        ([], "non_field_errors"),
        ({"name": "  "}, "error"),
    ],
)
def test_a_bad_update_is_refused_by_the_member(still: Guest, body: Any, member: str) -> None:
    answer = still.change(CONTRACTS, body)

    assert answer.status_code == 400
    assert answer.json().keys() == {member}


@pytest.mark.parametrize("how", ["run-sync", "publish", "node-stats"])
def test_bad_documents_are_refused_by_name(still: Guest, how: str) -> None:
    answer = still.post(f"extraction-flows/{INVOICES}/{how}/", {"document_ids": ["x"]})

    assert (answer.status_code, list(answer.json())) == (400, ["document_ids"])
    assert still.listing()["count"] == 4


# ---- whatever the graph ----------------------------------------------------------------------

NAMES = st.text(min_size=1, max_size=4)
STEPS = st.sampled_from(["parsing", "chunking", "tag-extraction", "object-extraction", "x", "é"])


@st.composite
def graphs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Graphs that can be run, their nodes in any order."""
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    nodes = [
        {
            "name": name,
            "step": draw(STEPS),
            "depends_on": draw(st.lists(st.sampled_from(names[:i]), max_size=3)) if i else [],
            "params": draw(st.dictionaries(NAMES, st.integers(), max_size=1)),
        }
        for i, name in enumerate(names)
    ]
    return draw(st.permutations(nodes))


def live(visitor: Visitor, tenant: Tenant, flow: Mapping[str, str]) -> None:
    """Start six runs of a flow and look at them until they have ended."""
    started = [visitor.call("runExtractionFlow", flow, tenant=tenant) for _ in range(6)]
    for _ in range(9):
        for answer in started:
            run = {**flow, "pipeline_run_id": answer.body["pipeline_run_id"]}
            del run["flow_id"]
            visitor.call("getPipelineRun", run, tenant=tenant)
        visitor.call("listPipelineRuns", {"project_id": flow["project_id"]}, tenant=tenant)
        visitor.clock.advance(3.4)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes=graphs(), seed=st.integers(0, 99), tenant=st.sampled_from([ALICE, BOB]))
def test_runs_of_any_graph_keep_every_rule(
    nodes: list[dict[str, Any]], seed: int, tenant: Tenant
) -> None:
    visitor = visit("clarifeye", seed=seed)
    place = visitor.world.parameters(tenant)
    known = visitor.call("listExtractionFlows", place, tenant=tenant).body
    flow = {**place, "flow_id": known[0]["id"]}
    changed = visitor.call(
        "updateExtractionFlow", flow, body={"dag": {"nodes": nodes}}, tenant=tenant
    )
    assert changed.status == 200
    live(visitor, tenant, flow)

    report = judge(visitor.history, load_rulebook("clarifeye"))

    assert [r.rule for r in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)] == []
