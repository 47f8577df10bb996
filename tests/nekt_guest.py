"""A guest calls an emulator of Nekt over loopback HTTP, by a manual clock, and records it all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from attrs import define, field
from runwright.emulator.clock import EPOCH, ManualClock
from runwright.emulator.server import Emulator, running
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.history import MALFORMED_ID, UNKNOWN_ID, Exchange, History, Message, placeholder
from runwright.ledger import Reading

STRANGER = Tenant("stranger", "nobody-knows-this-token")
NOWHERE = "00000000-0000-4000-8000-000000000000"
START = EPOCH + 100.0
LATENCY = 0.01
"""Virtual seconds that each call takes."""


@define(eq=False)
class Guest:
    """Calls by any tenant; `exchanges` keeps them in order."""

    emulator: Emulator
    clock: ManualClock
    client: httpx.Client
    exchanges: list[Exchange] = field(factory=list)

    @property
    def api(self) -> str:
        return self.emulator.api

    @property
    def history(self) -> History:
        return History(exchanges=tuple(self.exchanges), api=self.api)

    def send(
        self,
        method: str,
        path: str,
        query: tuple[tuple[str, Any], ...] = (),
        *,
        form: Mapping[str, str] | None = None,
        body: Any = None,
        media: str = "application/json",
        tenant: Tenant | None = ALICE,
        intent: str | None = None,
    ) -> Exchange:
        """Send a request to a path below ``/api/v1``."""
        headers, content = {}, b""
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        elif body is not None:
            headers["content-type"] = media
            content = msgspec.json.encode(body)
        key = {} if tenant is None else {"x-api-key": tenant.token}
        target = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        at = self.clock.now()
        answer = self.client.request(method, target, headers=headers | key, content=content)
        self.clock.advance(LATENCY)
        exchange = Exchange(
            worker="guest",
            seq=len(self.exchanges),
            at=at,
            took=LATENCY,
            method=method,
            url=str(answer.url),
            request=Message(tuple(headers.items()), content),
            status=answer.status_code,
            response=Message(
                tuple((name.lower(), _masked(value)) for name, value in answer.headers.items()),
                _masked(answer.text).encode(),
            ),
            actor=tenant.name if tenant else None,
            credentials=_credentials(tenant),
            intent=intent,
        )
        self.exchanges.append(exchange)
        return exchange

    def get(self, path: str, *query: tuple[str, Any], tenant: Tenant | None = ALICE) -> Any:
        """Return the body of a GET that succeeds."""
        answer = self.send("GET", path, query, tenant=tenant)
        assert answer.status == 200, answer.response.content
        return answer.body

    def look(self, run_id: str) -> Any:
        """Return a run as it is."""
        return self.get(f"/runs/{run_id}/")

    def slugs(self, tenant: Tenant = ALICE, kind: str = "sources") -> list[str]:
        """Return the slugs of a tenant's pipelines of a kind."""
        owners = self.get(f"/{kind}/", tenant=tenant)["results"]
        return [owner.get("slug") or owner["pipeline_slug"] for owner in owners]

    def trigger(self, slug: str, tenant: Tenant = ALICE, **form: str) -> Any:
        """Start a run and return it; None if the answer has no body to read."""
        answer = self.send("POST", f"/pipelines/{slug}/trigger/", form=form, tenant=tenant)
        return answer.body

    def cancel(self, run_id: str, tenant: Tenant = ALICE) -> Exchange:
        """Cancel a run."""
        return self.send("POST", f"/runs/{run_id}/cancel/", body={}, tenant=tenant)


@contextmanager
def staying(
    api: str, *, seed: int = 0, reading: Reading = "seed", fault: str | None = None
) -> Iterator[Guest]:
    """Serve an API by a clock that only the guest moves."""
    clock = ManualClock(START)
    with (
        running(api, seed=seed, reading=reading, fault=fault, clock=clock) as emulator,
        httpx.Client(base_url=emulator.url, trust_env=False) as client,
    ):
        yield Guest(emulator, clock, client)


def tour(guest: Guest) -> None:
    """Live through whole lives of runs, and see everything that there is to see beside them."""
    sources, transformations = guest.slugs(), guest.get("/transformations/")["results"]
    guest.get("/destinations/")
    guest.get(f"/transformations/{transformations[0]['id']}/")
    guest.get("/runs/", ("page_size", 5), ("page", 2))
    transformation = guest.slugs(kind="transformations")[0]
    starts = [sources[0], sources[0], sources[1], sources[2], transformation, sources[0]]
    runs = [
        guest.trigger(slug, full_sync=("true", "0")[i % 2])["id"] for i, slug in enumerate(starts)
    ]
    foreign = guest.trigger(guest.slugs(BOB)[0], BOB)["id"]
    guest.cancel(runs[0])
    for step in range(13):
        for run in (*runs, runs[0]):
            guest.look(run)
        if step % 4 == 1:
            guest.get("/runs/")
            guest.send("GET", f"/runs/{runs[4]}/cancel/")
        if step == 3:
            for run in runs[1:3]:
                guest.cancel(run)
        if step == 4:
            runs.append(guest.trigger(sources[1])["id"])
        guest.clock.advance(1.9 if step < 8 else 8.0)
    for run in runs[:2]:
        guest.cancel(run)
        guest.look(run)
    for item in guest.get("/runs/", ("page_size", 100))["results"][-20::4]:
        guest.look(item["id"])
    if guest.api == "nekt_v2":
        _expansions(guest, runs[3:])
    else:
        guest.get(f"/pipelines/{sources[0]}/")
    _strangers(guest, runs[3], foreign)


def _expansions(guest: Guest, runs: list[str]) -> None:
    guest.get(f"/sources/{guest.slugs()[0]}/", ("expand[]", "last_run.source"))
    for run in runs:
        guest.get(
            f"/runs/{run}/",
            *(
                ("expand[]", name)
                for name in ("source", "triggered_by_token", "transformation.last_run")
            ),
        )
    guest.send("GET", "/runs/", (("expand[]", "nothing_such"), ("page_size", 1)))


def _strangers(guest: Guest, own: str, foreign: str) -> None:
    for tenant in (None, STRANGER):
        for path in ("/runs/", f"/runs/{own}/", "/sources/"):
            guest.send("GET", path, tenant=tenant)
        guest.cancel(own, tenant) if tenant else None
    guest.send("GET", f"/runs/{foreign}/", tenant=BOB)
    for tenant in (ALICE, BOB):
        for method, path in (("GET", "/runs/{}/"), ("POST", "/runs/{}/cancel/")):
            guest.send(method, path.format(NOWHERE), tenant=tenant, intent=UNKNOWN_ID)
    for run, tenant in ((own, BOB), (foreign, ALICE)):
        guest.send("GET", f"/runs/{run}/", tenant=tenant)
        guest.cancel(run, tenant)
    guest.get("/runs/", tenant=BOB)
    guest.send("GET", "/runs/42-or-so/", intent=MALFORMED_ID)
    guest.send("POST", f"/runs/{own}/cancel/", body={}, media="text/plain")
    guest.send("POST", f"/runs/{own}/cancel/", body=[])
    guest.send("DELETE", f"/runs/{own}/")


def _credentials(tenant: Tenant | None) -> Any:
    return "missing" if tenant is None else "valid" if tenant in (ALICE, BOB) else "wrong"


def _masked(text: str) -> str:
    for tenant in (ALICE, BOB, STRANGER):
        text = text.replace(tenant.token, placeholder(tenant.name))
    return text
