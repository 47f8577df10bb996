"""Clarifeye's emulator over a real connection: what only it does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import load_spec
from visitor import Visitor, visit

SPEC = load_spec("clarifeye")
PROJECT = "6f0c2c1e-7f6e-4d6b-9b1d-0a4f5f1d2e30"
CONTRACTS, INVOICES, REPORTS = (f"f0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
DOCUMENT = "d0000000-0000-4000-8000-000000000001"
NOBODYS = "00000000-0000-4000-8000-000000000000"
DONE = {"completed", "completed_with_warnings"}
ENDS = {*DONE, "failed", "aborted"}
NOT_FOUND = {"error": "Not found."}


@frozen(kw_only=True)
class Guest:
    """A tenant's connection to a running emulator, and the clock of both."""

    emulator: Emulator
    clock: ManualClock
    http: httpx.Client = field(repr=False)
    project: str = PROJECT

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/projects/{self.project}/{path}", params=query)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        url = f"/projects/{self.project}/{path}"
        return self.http.post(url) if body is None else self.http.post(url, json=body)

    def change(self, flow: str, body: Any) -> httpx.Response:
        url = f"/projects/{self.project}/extraction-flows/{flow}/"
        return self.http.patch(url, json=body)

    def start(self, flow: str = INVOICES, *documents: str, how: str = "run-sync") -> str:
        body = {"document_ids": documents} if documents else None
        answer = self.post(f"extraction-flows/{flow}/{how}/", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["pipeline_run_id"])

    def look(self, run: str) -> Any:
        return self.get(f"pipeline-runs/{run}/").json()

    def abort(self, run: str) -> httpx.Response:
        return self.post(f"pipeline-runs/{run}/abort/")

    def listing(self, **query: Any) -> Any:
        return self.get("pipeline-runs/", **query).json()

    def flows(self) -> Any:
        return self.get("extraction-flows/").json()

    def reach(self, run: str, *states: str) -> Any:
        """Wait until a run is in one of these states, and return it."""
        for _ in range(200):
            body = self.look(run)
            if body["status"] in states:
                return body
            self.clock.advance(0.4)
        raise AssertionError(f"{run} never was {' or '.join(states)}")


@contextmanager
def serving(seed: int = 0) -> Iterator[tuple[Guest, Guest]]:
    """Serve on loopback, by a clock that stands still, to both tenants."""
    clock = ManualClock()
    with running("clarifeye", seed=seed, clock=clock) as emulator:
        guests = []
        for tenant in emulator.tenants:
            headers = {"authorization": f"Bearer {tenant.token}"}
            http = httpx.Client(base_url=emulator.url, headers=headers, timeout=20)
            project = emulator.parameters[tenant.name]["project_id"]
            guests.append(Guest(emulator=emulator, clock=clock, http=http, project=project))
        yield guests[0], guests[1]
        for guest in guests:
            guest.http.close()


@pytest.fixture
def alice() -> Iterator[Guest]:
    with serving() as (alice, _):
        yield alice


@pytest.fixture(scope="module")
def still() -> Iterator[Guest]:
    """A tenant of a server on which nothing is ever changed."""
    with serving() as (alice, _):
        yield alice


# ---- runs ------------------------------------------------------------------------------------


def test_runs_move_by_the_clock_and_end_in_every_way(alice: Guest) -> None:
    runs = [alice.start() for _ in range(6)]
    ways: dict[str, list[str]] = {run: [] for run in runs}
    for _ in range(45):
        for run in runs:
            ways[run].append(alice.look(run)["status"])
        alice.clock.advance(0.7)

    seen = {tuple(dict.fromkeys(statuses)) for statuses in ways.values()}
    assert seen >= {
        ("pending", "running", "completed"),
        ("pending", "running", "completed_with_warnings"),
        ("pending", "running", "failed"),
        ("pending", "failed"),
    }


def test_looking_moves_nothing(alice: Guest) -> None:
    run = alice.start()
    alice.clock.advance(5)

    assert alice.look(run) == alice.look(run)


def test_steps_run_in_the_order_of_the_graph_and_the_log_tells_of_it(alice: Guest) -> None:
    run = alice.start(CONTRACTS)
    pending = alice.look(run)
    busy = alice.reach(run, "running")
    ended = alice.reach(run, *ENDS)

    assert [step["name"] for step in ended["steps"]] == ["parse", "chunk", "tag"]
    assert {step["status"] for step in pending["steps"]} == {"pending"}
    assert (pending["tables"], pending["raw_logs"]) == ({}, "")
    assert pending["steps"][1]["inputs"] == pending["steps"][0]["outputs"] == {"blocks": None}
    assert ended["status"] == "completed"
    assert set(ended["tables"]) == {"blocks", "chunks", "tags"}
    assert ended["steps"][1]["inputs"] == {"blocks": ended["tables"]["blocks"]}
    told = [line.partition(" ")[2] for line in ended["raw_logs"].splitlines()]
    assert [line for line in told if line.endswith((" started", " done")) and ":" not in line] == [
        "contracts-flow started",
        *(f"{name} {what}" for name in ("parse", "chunk", "tag") for what in ("started", "done")),
    ]
    assert ended["raw_logs"].startswith(busy["raw_logs"])


def test_what_is_behind_a_failure_stays_pending(alice: Guest) -> None:
    failed = [
        body
        for _ in range(6)
        if (body := alice.reach(alice.start(CONTRACTS), *ENDS))["status"] == "failed"
    ]
    states = {tuple(step["status"] for step in body["steps"]) for body in failed}

    assert len(failed) == 2
    assert ("pending", "pending", "pending") in states
    assert any("failed" in way and "pending" in way for way in states)
    assert all("error: " in body["raw_logs"] for body in failed)


def test_an_abort_ends_a_run_and_those_steps_that_have_not_ended(alice: Guest) -> None:
    waiting, busy = alice.start(), alice.start(CONTRACTS)
    assert alice.abort(waiting).json() == {"status": "aborted"}
    assert {step["status"] for step in alice.look(waiting)["steps"]} == {"aborted"}

    while [step["status"] for step in alice.look(busy)["steps"]][1] != "running":
        alice.clock.advance(0.2)
    assert alice.abort(busy).json() == {"status": "aborted"}
    after = alice.look(busy)
    assert [step["status"] for step in after["steps"]] == ["completed", "aborted", "aborted"]
    assert after["raw_logs"].endswith(" aborted by user\n")

    alice.clock.advance(600)
    assert alice.abort(busy).json() == {"status": "aborted"}
    assert alice.look(busy) == after


def test_an_abort_of_an_ended_run_tells_how_it_ended_and_changes_nothing(alice: Guest) -> None:
    ended = alice.reach(alice.start(), "completed", "completed_with_warnings", "failed")

    answer = alice.abort(ended["id"])

    assert (answer.status_code, answer.json()) == (200, {"status": ended["status"]})
    assert alice.look(ended["id"]) == ended


def test_a_run_is_about_the_documents_that_were_named(alice: Guest) -> None:
    some = alice.look(alice.start(INVOICES, DOCUMENT.upper(), NOBODYS, DOCUMENT))
    every = alice.look(alice.start(INVOICES))
    listed = {run["id"]: run for run in alice.listing()["results"]}

    assert some["document_ids"] == [DOCUMENT, NOBODYS]
    assert every["document_ids"] is None
    assert listed[some["id"]]["document_count"] == 2
    assert listed[every["id"]]["document_count"] == 12


# ---- lists -----------------------------------------------------------------------------------


def test_pages_lead_to_each_other_newest_first(alice: Guest) -> None:
    started = []
    for _ in range(5):
        started.append(alice.start())
        alice.clock.advance(1)
    page = alice.listing(limit=2)
    seen = [run["id"] for run in page["results"]]
    urls = []
    while page["next"]:
        urls.append(page["next"])
        page = alice.http.get(page["next"]).json()
        seen += [run["id"] for run in page["results"]]

    assert page["count"] == len(seen) == len(set(seen)) == 9
    assert seen[:5] == started[::-1]
    assert len(urls) == 4
    assert alice.http.get(page["previous"]).json()["next"] == urls[-1]
    assert alice.listing(offset=9**30)["results"] == []


def test_a_list_can_be_narrowed_to_a_status(alice: Guest) -> None:
    found = {status: alice.listing(status=status) for status in ("pending", *ENDS)}
    statuses = {name: {run["status"] for run in page["results"]} for name, page in found.items()}

    assert found["pending"]["count"] == 0
    assert all(statuses[end] == {end} for end in ENDS)
    alice.start()
    assert alice.listing(status="pending")["count"] == 1


def test_a_list_shows_counts_and_the_end_of_the_log(alice: Guest) -> None:
    ended = alice.reach(alice.start(CONTRACTS, DOCUMENT), "completed")
    item = alice.listing(limit=1)["results"][0]

    differing = {"document_ids", "chunk_ids", "document_count", "chunk_count", "raw_logs"}
    assert item.keys() ^ ended.keys() == differing - {"raw_logs"}
    assert all(item[name] == ended[name] for name in ended.keys() - differing)
    assert ended["raw_logs"].endswith(item["raw_logs"])
    assert len(item["raw_logs"]) < len(ended["raw_logs"])


@pytest.mark.parametrize(
    "query", [{"status": "done"}, {"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"offset": -1}]
)
def test_a_bad_query_is_refused_by_its_name(still: Guest, query: Mapping[str, Any]) -> None:
    answer = still.get("pipeline-runs/", **query)

    assert answer.status_code == 400
    assert answer.json().keys() == query.keys()


# ---- flows -----------------------------------------------------------------------------------


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


# ---- who may do what -------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["Bearer", "Token"])
def test_both_prefixes_of_a_token_are_taken(still: Guest, word: str) -> None:
    url = f"{still.emulator.url}/projects/{PROJECT}/extraction-flows/"

    def ask(**headers: str) -> httpx.Response:
        return httpx.get(url, headers=headers)

    assert ask(authorization=f"{word} {ALICE.token}").status_code == 200
    assert ask(authorization=f"{word} {ALICE.token}x").json() == {"error": "Invalid token."}
    assert ask(authorization=f"{word} {ALICE.token}x").status_code == 401
    assert ask().json() == {"error": "Authentication credentials were not provided."}
    assert ask().status_code == 401


def test_tenants_have_projects_of_their_own() -> None:
    with serving() as (alice, bob):
        run = alice.start()
        own = bob.start(bob.flows()[0]["id"])
        url = f"/projects/{alice.project}/pipeline-runs/"
        foreign = [bob.http.get(url), bob.http.get(f"{url}{run}/"), bob.http.get(f"{url}{own}/")]
        foreign += [bob.http.post(f"{url}{run}/abort/"), bob.http.get(f"{url}{NOBODYS}/")]
        moved = [bob.get(f"pipeline-runs/{run}/"), bob.get(f"pipeline-runs/{NOBODYS}/")]
        nowhere = bob.http.get(f"/projects/{NOBODYS}/pipeline-runs/")
        listed = {item["id"] for item in bob.listing()["results"]}

        assert {answer.status_code for answer in foreign} == {403}
        assert len({answer.content for answer in foreign}) == 1
        assert [answer.status_code for answer in moved] == [404, 404]
        assert moved[0].json() == moved[1].json() == nowhere.json() == NOT_FOUND
        assert own in listed
        assert run not in listed
        assert alice.look(run)["status"] == "pending"
        assert alice.look(run)["user"] != bob.look(own)["user"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/projects/{PROJECT}/pipeline-runs/nonsense/", 404),
        ("GET", f"/projects/{PROJECT}/pipeline-runs", 404),
        ("POST", f"/projects/{PROJECT}/extraction-flows/{NOBODYS}/run-sync/", 404),
        ("GET", f"/projects/{PROJECT}/extraction-flows/{CONTRACTS}/", 405),
        ("DELETE", f"/projects/{PROJECT}/pipeline-runs/", 405),
    ],
)
def test_what_is_not_there_is_said_in_error(
    still: Guest, method: str, path: str, status: int
) -> None:
    answer = still.http.request(method, path)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_the_examples_of_the_spec_lead_to_something(alice: Guest) -> None:
    parameters = SPEC.document["components"]["parameters"]
    values = {p["name"]: p["example"] for p in parameters.values()}
    for operation in SPEC.operations.values():
        if operation.id == "publishExtractionFlow":
            continue  # the flow of the example publishes by itself
        path = operation.path.format(**values)
        body: Any = {} if operation.request_body else None
        answer = alice.http.request(operation.method, path, json=body)
        assert answer.status_code == 200, operation.id


def test_a_seed_decides_everything() -> None:
    def told(seed: int) -> list[Any]:
        with serving(seed) as (alice, _):
            runs = [alice.start(CONTRACTS) for _ in range(3)]
            alice.clock.advance(7)
            return [*map(alice.look, runs), alice.listing(limit=5)["results"], alice.flows()]

    assert told(4) == told(4)
    assert told(4) != told(5)


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
