"""Whatever goes wrong on the way, a run's outcome is the one that the server gave it."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import clarifeye_client
import nekt_client
import nekt_v2_client
import pipe0_client
import pipe0_pipeline_client
import pytest
from attrs import frozen
from fault_proxy import WAYS, Faults, failing
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running
from runwright.spec import apis

RUNS = 8
ERRORS = {
    "success": "NoneType",
    "partial": "NoneType",
    "failure": "RunFailedError",
    "canceled": "RunCanceledError",
}
TIMEOUT = 0.6
"""Seconds after which a client takes an answer for one that will not come."""
CLIENTS: Mapping[str, tuple[Any, Any]] = {
    "pipe0": (pipe0_client.Pipe0, pipe0_client.AsyncPipe0),
    "pipe0_pipeline": (
        pipe0_pipeline_client.Pipe0Pipeline,
        pipe0_pipeline_client.AsyncPipe0Pipeline,
    ),
    "clarifeye": (clarifeye_client.Clarifeye, clarifeye_client.AsyncClarifeye),
    "nekt": (nekt_client.Nekt, nekt_client.AsyncNekt),
    "nekt_v2": (nekt_v2_client.NektV2, nekt_v2_client.AsyncNektV2),
}


@frozen
class SharedClock:
    """The waiter's clock, which is the emulator's: when one sleeps, the other goes on."""

    clock: ManualClock

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        self.clock.advance(seconds)
        return stop is not None and stop.is_set()


@frozen
class AsyncSharedClock:
    """The same within an event loop."""

    clock: ManualClock

    def now(self) -> float:
        return self.clock.now()

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        self.clock.advance(seconds)
        return stop is not None and stop.is_set()


def start(api: str, client: Any, emulator: Emulator) -> tuple[tuple[Any, ...], str]:
    """Start a run; return what else names it, and its id."""
    pipe = {"pipe_id": "person:workemail:waterfall@1"}
    rows = [{"id": 1, "name": "Ada Example", "company_domain": "example.com"}]
    if api == "pipe0":
        return (), client.run_pipes(pipes=[pipe], input=rows).id
    if api == "pipe0_pipeline":
        return (), client.run_pipeline(pipes=[pipe], input=rows).id
    if api == "clarifeye":
        project = emulator.parameters[emulator.tenants[0].name]["project_id"]
        flow = client.list_extraction_flows(project)[0]
        return (project,), client.run_extraction_flow(project, flow.id).pipeline_run_id
    if api == "nekt":
        return (), client.trigger_pipeline(client.list_runs().results[0].pipeline.slug).id
    return (), client.trigger_pipeline(client.list_sources().results[0].slug).id


def look(api: str, client: Any, given: tuple[Any, ...], run_id: str) -> Any:
    """Return a run as the server itself tells it."""
    if api == "pipe0":
        return client.check_pipes_run(run_id)
    if api == "pipe0_pipeline":
        return client.check_pipeline(id=run_id)
    if api == "clarifeye":
        return client.get_pipeline_run(*given, run_id)
    return client.get_run(run_id)


@frozen(kw_only=True)
class Stage:
    """An emulator with runs, and a proxy before it."""

    api: str
    token: str
    clock: ManualClock
    calm: Any
    """A client that goes round the proxy."""
    given: tuple[Any, ...]
    ids: tuple[str, ...]
    faults: Faults

    def client(self, clock: Any) -> Any:
        """Return a client that goes through the proxy, of the kind that the clock is for."""
        kind = CLIENTS[self.api][isinstance(clock, AsyncSharedClock)]
        return kind(self.token, base_url=self.faults.url, timeout=TIMEOUT, clock=clock)

    def check(self, ends: Sequence[Any]) -> None:
        """Compare how waits have ended with what the server says."""
        told = {key: look(self.api, self.calm, self.given, key).outcome for key in self.ids}
        assert None not in told.values()
        assert {end.key[next(reversed(end.key))]: end.outcome for end in ends} == told
        assert len(ends) == len(told) == RUNS
        for end in ends:
            assert type(end.error).__name__ == ERRORS[end.outcome]
        assert self.faults.answers > RUNS
        assert sum(self.faults.made.values()) >= 1


@contextmanager
def staged(api: str, seed: int) -> Iterator[Stage]:
    """Start runs and put a proxy before them."""
    clock = ManualClock()
    with (
        running(api, clock=clock, seed=seed) as emulator,
        CLIENTS[api][0](emulator.tenants[0].token, base_url=emulator.url) as calm,
        failing(emulator.url, seed=seed) as faults,
    ):
        runs = [start(api, calm, emulator) for _ in range(RUNS)]
        yield Stage(
            api=api,
            token=emulator.tenants[0].token,
            clock=clock,
            calm=calm,
            given=runs[0][0],
            ids=tuple(run_id for _, run_id in runs),
            faults=faults,
        )


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("api", apis())
class TestEveryRunEndsAsTheServerSays:
    def test_by_the_clock(self, api: str, seed: int) -> None:
        with staged(api, seed) as stage, stage.client(SharedClock(stage.clock)) as client:
            many = 1 + 3 * seed
            ends = client.wait_each(*stage.given, stage.ids, timeout=None, in_flight=many)
            stage.check(list(ends))

    async def test_in_an_event_loop(self, api: str, seed: int) -> None:
        with staged(api, seed) as stage:
            async with stage.client(AsyncSharedClock(stage.clock)) as client:
                ends = client.wait_each(*stage.given, stage.ids, timeout=None, in_flight=4)
                stage.check([end async for end in ends])


def test_every_way_to_fail_comes_up() -> None:
    made: set[str] = set()
    for seed in range(10, 20):
        with staged("pipe0", seed) as stage, stage.client(SharedClock(stage.clock)) as client:
            stage.check(list(client.wait_each(stage.ids, timeout=None)))
            made |= set(stage.faults.made)
        if made == set(WAYS):
            break
    assert made == set(WAYS)
