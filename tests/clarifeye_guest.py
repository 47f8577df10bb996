"""A guest of Clarifeye's emulator calls it over a real connection, by a clock of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from attrs import field, frozen
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running

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
