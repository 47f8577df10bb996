"""A deadline is an instant, whatever is in the way: other runs, redirects, slow servers."""

import asyncio
import importlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pipe0_client import (
    NO_RETRIES,
    AsyncPipe0,
    Ended,
    Look,
    Pace,
    Patience,
    Pipe0,
    RequestTimeoutError,
    WaitTimeoutError,
)
from test_client_waiting import AsyncVirtualClock, VirtualClock, run

ENDLESS = 60.0
"""Seconds for which a server trickles; no test waits so long."""

Answering = Callable[[httpx.Request], httpx.Response]


def by_path(status: str, lasting: float, clock: Any, budgets: list[float]) -> Answering:
    """Answer each look after some time of a virtual clock; note how long it was given."""

    def answer(request: httpx.Request) -> httpx.Response:
        budget = request.extensions["timeout"]["read"]
        budgets.append(budget)
        clock.time += min(lasting, budget)
        if lasting > budget + 0.1:
            raise httpx.ReadTimeout("too slow", request=request)
        return httpx.Response(200, json=run(status, id=request.url.path.rsplit("/", 1)[-1]))

    return answer


@contextmanager
def calling(answer: Answering, clock: VirtualClock) -> Iterator[Pipe0]:
    """Make a client whose requests a function answers."""
    transport = httpx.MockTransport(answer)
    with Pipe0("k", transport=transport, clock=clock, retries=NO_RETRIES) as api:
        yield api


@asynccontextmanager
async def calling_in_loop(answer: Answering, clock: AsyncVirtualClock) -> AsyncIterator[AsyncPipe0]:
    """Make the same for an event loop."""
    transport = httpx.MockTransport(answer)
    async with AsyncPipe0("k", transport=transport, clock=clock, retries=NO_RETRIES) as api:
        yield api


class TestManyRuns:
    IDS = tuple(f"r{number}" for number in range(12))

    def check(self, ended: list[Ended[Any]], budgets: list[float], now: float) -> None:
        assert sorted(e.key["run_id"] for e in ended) == sorted(self.IDS)
        assert {type(e.error) for e in ended} == {WaitTimeoutError}
        assert any(e.look is None for e in ended), "there was time for a look at each"
        assert len(budgets) < len(self.IDS)
        assert 1001.5 <= now <= 1002.1

    @pytest.mark.parametrize("options", [{"rate": 2}, {"in_flight": 1}])
    def test_the_deadline_ends_those_that_wait_for_a_turn(self, options: Any) -> None:
        clock, budgets = VirtualClock(), list[float]()
        lasting = 0.0 if "rate" in options else 0.5
        with calling(by_path("processing", lasting, clock, budgets), clock) as api:
            ended = list(api.wait_each(self.IDS, timeout=2, **options))
        self.check(ended, budgets, clock.time)

    @pytest.mark.parametrize("options", [{"rate": 2}, {"in_flight": 1}])
    async def test_in_an_event_loop_too(self, options: Any) -> None:
        clock, budgets = AsyncVirtualClock(), list[float]()
        lasting = 0.0 if "rate" in options else 0.5
        async with calling_in_loop(by_path("processing", lasting, clock, budgets), clock) as api:
            ended = [e async for e in api.wait_each(self.IDS, timeout=2, **options)]
        self.check(ended, budgets, clock.time)

    def test_a_look_gets_what_is_left_when_it_begins(self) -> None:
        clock, budgets = VirtualClock(), list[float]()
        with calling(by_path("completed", 0.5, clock, budgets), clock) as api:
            ended = list(api.wait_each(self.IDS[:4], timeout=2, in_flight=1))
        assert [e.outcome for e in ended] == ["success"] * 4
        assert budgets == [pytest.approx(left, abs=0.1) for left in (2.0, 1.5, 1.0, 0.5)]


class TestOneRun:
    def test_a_slow_first_look_is_not_the_last(self) -> None:
        clock = VirtualClock()
        looks: list[Look] = []

        def answer(request: httpx.Request) -> httpx.Response:
            if len(looks) == 0:
                clock.time += 2
                raise httpx.ReadTimeout("too slow", request=request)
            return httpx.Response(200, json=run("completed"))

        with calling(answer, clock) as api:
            assert api.wait("r1", timeout=4, on_look=looks.append).status == "completed"
        assert len(looks) == 2
        assert clock.time <= 1004

    def test_a_late_callback_leaves_no_time_for_a_look(self) -> None:
        clock, budgets = VirtualClock(), list[float]()

        def dawdle(_: Look) -> None:
            clock.time += 60

        with (
            calling(by_path("processing", 0.0, clock, budgets), clock) as api,
            pytest.raises(WaitTimeoutError, match="last seen as 'processing'"),
        ):
            api.wait("r1", timeout=20, on_look=dawdle)
        assert len(budgets) == 1

    def test_a_start_that_shows_nothing_is_not_looked_at_past_the_deadline(self) -> None:
        from clarifeye_client import Clarifeye, errors

        clock = VirtualClock()
        seen = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request.method)
            return httpx.Response(200, json={"message": "ok", "pipeline_run_id": "r1"})

        with (
            Clarifeye("k", transport=httpx.MockTransport(answer), clock=clock) as api,
            pytest.raises(errors.WaitTimeoutError, match="never seen") as caught,
        ):
            api.run_extraction_flow_and_wait("p1", "f1", timeout=0.3)
        assert seen == ["POST"]
        assert clock.time == 1000
        assert '"r1"' in caught.value.token


@contextmanager
def trickling(head: bytes) -> Iterator[str]:
    """Serve a server that sends a few bytes of its answer now and then, and never all."""
    over = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with connection, memoryview(head) as rest:
            connection.recv(65536)
            end = time.monotonic() + ENDLESS
            try:
                for byte in rest:
                    connection.sendall(bytes((byte,)))
                while time.monotonic() < end and not over.wait(0.02):
                    connection.sendall(b"x")
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=trickle, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
    ids=["headers", "body"],
)
class TestTrickle:
    def test_a_request_takes_no_longer_than_its_timeout(self, head: bytes) -> None:
        began = time.monotonic()
        with (
            trickling(head) as url,
            Pipe0("k", base_url=url, timeout=0.3, retries=NO_RETRIES) as api,
        ):
            with pytest.raises(RequestTimeoutError, match=r"no complete answer within 0\.3 s"):
                api.check_pipes_run("r1")
            with pytest.raises(WaitTimeoutError):
                api.wait("r1", timeout=0.3)
        assert time.monotonic() - began < ENDLESS / 2

    async def test_in_an_event_loop_too(self, head: bytes) -> None:
        began = time.monotonic()
        with trickling(head) as url:
            async with AsyncPipe0("k", base_url=url, timeout=0.3, retries=NO_RETRIES) as api:
                with pytest.raises(RequestTimeoutError, match=r"no complete answer within 0\.3 s"):
                    await api.check_pipes_run("r1")
                with pytest.raises(WaitTimeoutError):
                    await api.wait("r1", timeout=0.3)
        assert time.monotonic() - began < ENDLESS / 2


class TestRedirects:
    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """Stop the client's watch, which then shows what is in a list."""
        now = [1000.0]
        watch = SimpleNamespace(monotonic=lambda: now[0], perf_counter=lambda: now[0])
        for name in ("session", "time_limit"):
            module = importlib.import_module(f"pipe0_client._runtime.{name}")
            monkeypatch.setattr(module, "time", watch)
        return now

    def redirecting(self, now: list[float], budgets: list[float]) -> Answering:
        def answer(request: httpx.Request) -> httpx.Response:
            budgets.append(request.extensions["timeout"]["read"])
            now[0] += 8
            return httpx.Response(302, headers={"Location": f"/hop{len(budgets)}"})

        return answer

    def test_all_hops_together_have_the_requests_time(self, now: list[float]) -> None:
        budgets: list[float] = []
        with (
            calling(self.redirecting(now, budgets), VirtualClock()) as api,
            pytest.raises(RequestTimeoutError, match="/hop4: no complete answer within 30 s"),
        ):
            api.check_pipes_run("r1")
        assert budgets == [30, 22, 14, 6]

    async def test_in_an_event_loop_too(self, now: list[float]) -> None:
        budgets: list[float] = []
        async with calling_in_loop(self.redirecting(now, budgets), AsyncVirtualClock()) as api:
            with pytest.raises(RequestTimeoutError, match="/hop4: no complete answer within 30 s"):
                await api.check_pipes_run("r1")
        assert budgets == [30, 22, 14, 6]


class TestPool:
    async def test_in_flight_alone_bounds_the_looks(self) -> None:
        """Hold answers back until all looks are under way."""
        many = 150
        waiting, release = list[int](), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            waiting.append(1)
            if len(waiting) == many:
                release.set()
            await release.wait()
            name = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1].decode()
            content = httpx.Response(200, json=run("completed", id=name)).content
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, AsyncPipe0("k", base_url=url, timeout=20) as api:
            ids = [f"r{number}" for number in range(many)]
            ended = [
                e
                async for e in api.wait_each(
                    ids, in_flight=many, patience=Patience(misses=0), pace=Pace(least=1)
                )
            ]
        assert [e.error for e in ended] == [None] * many
