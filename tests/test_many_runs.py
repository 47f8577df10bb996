"""Ten thousand runs, waited for at once by one process against the emulator.

The emulator is asked in process and its clock is the waiter's, so it is exact who looked when.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from attrs import define, field
from pipe0_client import AsyncPipe0, Ended, Pace
from runwright.emulator.app import base_path, create_app
from runwright.emulator.call import Call, RawRequest, Reply
from runwright.emulator.clock import ManualClock
from runwright.emulator.gate import Gate
from runwright.emulator.server import build_world
from runwright.emulator.world import World

RUNS = 10_000
LEAST, MOST = 8.0, 20.0
OUTCOMES = {"completed": "success", "failed": "failure", "canceled": "canceled"}


class SharedClock:
    """The waiter's clock, which is the emulator's: when one sleeps, the other goes on."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        self._clock.advance(seconds)
        await asyncio.sleep(0)
        return stop is not None and stop.is_set()


@define
class Crowd:
    """An emulator with many runs, and when it was asked for each."""

    clock: ManualClock
    world: World[Any]
    ids: list[str] = field(factory=list)
    gates: dict[str, Gate] = field(factory=dict)
    looks: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    most_at_once: int = 0

    @property
    def token(self) -> str:
        return self.world.tenants[0].token

    def start(self, count: int) -> None:
        """Start runs, and cancel every tenth of those that have not begun."""
        for number in range(count):
            name = f"Person {number}"
            body = {
                "pipes": [{"pipe_id": "person:workemail:waterfall@1"}],
                "input": [{"id": number, "name": name, "company_domain": "example.com"}],
            }
            run = self._send("runPipes", {}, json.dumps(body).encode())
            self.ids.append(run["id"])
            if number % 10 == 0 and run["status"] == "pending":
                self._send("cancelPipesRun", {"run_id": run["id"]}, b"")

    def _send(self, name: str, path: dict[str, str], content: bytes) -> Any:
        operation = self.world.spec.operations[name]
        if name not in self.gates:
            self.gates[name] = Gate(self.world, operation)
        reply = self.gates[name].answer(
            RawRequest(
                method=operation.method,
                url="http://127.0.0.1/",
                path=path,
                query=(),
                headers={
                    "authorization": f"Bearer {self.token}",
                    "content-type": "application/json",
                },
                content=content,
            )
        )
        assert isinstance(reply, Reply)
        assert reply.status == 200
        return reply.body

    def status_of(self, run_id: str) -> str:
        """Return the state of a run, as the server itself knows it."""
        now = self.clock.now()
        run = self.world.store.find(self.world.tenants[0].name, run_id, now)
        assert run is not None
        return str(run.script.at(now))


class Doorway(httpx.ASGITransport):
    """The way to the emulator, which counts who is in it."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(app=create_app(crowd.world))
        self._crowd = crowd
        self._inside = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._inside += 1
        self._crowd.most_at_once = max(self._crowd.most_at_once, self._inside)
        try:
            await asyncio.sleep(0)  # as a network would, it lets others go first
            return await super().handle_async_request(request)
        finally:
            self._inside -= 1


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    clock = ManualClock()
    world = build_world("pipe0", clock=clock)
    found = Crowd(clock, world)

    def note(call: Call) -> None:
        if call.operation.id == "checkPipesRun":
            found.looks[call.path["run_id"]].append(clock.now())

    # Neither the requests a minute nor the credits and the queue of one organization are enough.
    monkeypatch.setattr(world, "admit", note)
    monkeypatch.setattr(world, "admission", lambda call: {})
    monkeypatch.setattr(world, "check_balance", lambda call, run: None)
    return found


async def wait_for(crowd: Crowd, ids: list[str], **options: Any) -> dict[str, Ended[Any]]:
    url = f"http://127.0.0.1{base_path(crowd.world.spec)}"
    async with AsyncPipe0(
        crowd.token, base_url=url, transport=Doorway(crowd), clock=SharedClock(crowd.clock)
    ) as api:
        waits: AsyncIterator[Ended[Any]] = api.wait_each(ids, timeout=None, **options)
        return {ended.key["run_id"]: ended async for ended in waits}


async def test_ten_thousand_runs_end_as_the_server_says_at_their_pace(crowd: Crowd) -> None:
    # Most have ended when they are first looked at, the others are looked at until they do.
    crowd.start(RUNS * 3 // 4)
    crowd.clock.advance(120)
    crowd.start(RUNS // 4)
    ids = random.Random(0).sample(crowd.ids, RUNS)
    pace = Pace(least=LEAST, most=MOST)
    ended = await wait_for(crowd, ids, pace=pace, in_flight=32)
    assert len(set(ids)) == RUNS
    assert ended.keys() == set(ids)
    told = {key: OUTCOMES[crowd.status_of(key)] for key in ids}
    assert {key: one.outcome for key, one in ended.items()} == told
    assert set(told.values()) == set(OUTCOMES.values())
    assert crowd.looks.keys() == set(ids)
    gaps = [b - a for looks in crowd.looks.values() for a, b in pairwise(looks)]
    assert len(gaps) >= RUNS // 8
    assert min(gaps) >= LEAST
    assert max(gaps) <= MOST + 1e-6
    assert 2 <= crowd.most_at_once <= 32
