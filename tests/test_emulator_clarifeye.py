"""Clarifeye's emulator over a real connection: what only it does."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from clarifeye_guest import (
    CONTRACTS,
    DOCUMENT,
    ENDS,
    INVOICES,
    NOBODYS,
    NOT_FOUND,
    PROJECT,
    Guest,
    serving,
)
from runwright.emulator.tenants import ALICE
from runwright.spec import load_spec

SPEC = load_spec("clarifeye")


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
