"""Waits end at once when somebody wants them to, whatever the server does meanwhile."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing, closing, contextmanager
from typing import Any

import pytest
from loopback import Loopback, Reply, Seen, serving
from pipe0_client import AsyncPipe0, Pipe0, errors
from test_client_waiting import run

ENDLESS = 60.0
"""Seconds that the server takes for an answer; no test waits for it."""


@contextmanager
def stalling() -> Iterator[tuple[Loopback, threading.Event]]:
    """Serve a server that lets its callers wait; the event says that one does."""
    asked, over = threading.Event(), threading.Event()

    def stall(_: Seen) -> Reply:
        asked.set()
        over.wait(ENDLESS)
        return Reply(status=503)

    with serving() as server:
        server.answer(stall)
        try:
            yield server, asked
        finally:
            over.set()


def set_after(asked: threading.Event, stop: threading.Event) -> None:
    """Set an event as soon as another one is set."""

    def pass_on() -> None:
        asked.wait(ENDLESS)
        stop.set()

    threading.Thread(target=pass_on, daemon=True).start()


class TestEvents:
    @pytest.mark.parametrize("in_flight", [1, 8])
    def test_a_look_at_many_is_given_up(self, in_flight: int) -> None:
        stop = threading.Event()
        with stalling() as (server, asked), Pipe0("k", base_url=server.url) as api:
            set_after(asked, stop)
            ended = list(api.wait_each(["r1", "r2"], stop=stop, in_flight=in_flight))
        assert [type(e.error) for e in ended] == [errors.WaitStoppedError] * 2

    def test_a_look_at_one_is_given_up(self) -> None:
        stop = threading.Event()
        with stalling() as (server, asked), Pipe0("k", base_url=server.url) as api:
            set_after(asked, stop)
            with pytest.raises(errors.WaitStoppedError, match="never seen"):
                api.wait("r1", stop=stop)

    @pytest.mark.parametrize("many", [False, True])
    async def test_in_an_event_loop_too(self, many: bool) -> None:
        stop = asyncio.Event()
        with stalling() as (server, asked):

            async def set_stop() -> None:
                await asyncio.to_thread(asked.wait, ENDLESS)
                stop.set()

            async with AsyncPipe0("k", base_url=server.url) as api, asyncio.TaskGroup() as group:
                group.create_task(set_stop())
                if many:
                    async with aclosing(api.wait_each(["r1", "r2"], stop=stop)) as waits:
                        ended = [e async for e in waits]
                    assert [type(e.error) for e in ended] == [errors.WaitStoppedError] * 2
                else:
                    with pytest.raises(errors.WaitStoppedError):
                        await api.wait("r1", stop=stop)

    async def test_an_event_that_would_hold_the_loop_is_refused(self) -> None:
        stop: Any = threading.Event()
        stop.wait = lambda: pytest.fail("it holds the loop")
        with serving() as server:
            server.answer(Reply(body=run("processing")))
            async with AsyncPipe0("k", base_url=server.url) as api:
                with pytest.raises(TypeError, match=r"asyncio\.Event, no .*threading\.Event"):
                    await api.wait("r1", stop=stop)
                with pytest.raises(TypeError, match=r"asyncio\.Event"):
                    await anext(api.wait_each(["r1"], stop=stop))
                with pytest.raises(TypeError, match=r"asyncio\.Event"):
                    await api.run_pipes_and_wait(pipes=[], input=[], stop=stop)
            assert server.seen == []


class TestRequests:
    """A start or a cancellation is given up like a look; what it did, nobody knows then."""

    BEGUN = "Starting a run was stopped; a run may have begun all the same"
    CANCELED = "Canceling the run r1 was stopped; it may be canceled all the same"

    def test_a_start_is_given_up(self) -> None:
        stop = threading.Event()
        with stalling() as (server, asked), Pipe0("k", base_url=server.url) as api:
            set_after(asked, stop)
            with pytest.raises(errors.WaitStoppedError, match=self.BEGUN):
                api.run_pipes_and_wait(pipes=[], input=[], stop=stop)
            with pytest.raises(errors.WaitStoppedError, match="nothing was sent"):
                api.run_pipes_sync_and_wait(pipes=[], input=[], stop=stop)
            assert len(server.seen) == 1

    def test_a_cancellation_is_given_up(self) -> None:
        stop = threading.Event()
        with stalling() as (server, asked), Pipe0("k", base_url=server.url) as api:
            set_after(asked, stop)
            with pytest.raises(errors.WaitStoppedError, match=self.CANCELED) as caught:
                api.cancel_and_wait("r1", stop=stop)
            server.answer(Reply(body=run("canceled")))
            assert api.resume(caught.value.token).outcome == "canceled"

    async def test_in_an_event_loop_too(self) -> None:
        stop, stop_too = asyncio.Event(), asyncio.Event()
        with stalling() as (server, asked):

            async def set_when_asked(event: asyncio.Event) -> None:
                await asyncio.to_thread(asked.wait, ENDLESS)
                event.set()

            async with AsyncPipe0("k", base_url=server.url) as api, asyncio.TaskGroup() as group:
                group.create_task(set_when_asked(stop))
                with pytest.raises(errors.WaitStoppedError, match=self.BEGUN):
                    await api.run_pipes_and_wait(pipes=[], input=[], stop=stop)
                asked.clear()
                group.create_task(set_when_asked(stop_too))
                with pytest.raises(errors.WaitStoppedError, match=self.CANCELED):
                    await api.cancel_and_wait("r1", stop=stop_too)
                with pytest.raises(errors.WaitStoppedError, match="nothing was sent"):
                    await api.cancel_and_wait("r1", stop=stop_too)

    def test_the_deadline_is_theirs_too(self) -> None:
        began = time.monotonic()
        with stalling() as (server, _), Pipe0("k", base_url=server.url) as api:
            with pytest.raises(errors.WaitTimeoutError, match="a run may have begun all the same"):
                api.run_pipes_and_wait(pipes=[], input=[], timeout=0.2)
            with pytest.raises(errors.WaitTimeoutError, match="it may be canceled all the same"):
                api.cancel_and_wait("r1", timeout=0.2)
        assert time.monotonic() - began < ENDLESS / 2

    @pytest.mark.parametrize("timeout", [float("inf"), 1e10])
    def test_a_deadline_may_be_very_far_away(self, timeout: float) -> None:
        with serving() as server, Pipe0("k", base_url=server.url) as api:
            server.answer(Reply(body=run("completed")))
            assert api.run_pipes_and_wait(pipes=[], input=[], timeout=timeout).outcome == "success"
            assert api.cancel_and_wait("r1", timeout=timeout).outcome == "success"

    async def test_in_an_event_loop_the_deadline_is_theirs_too(self) -> None:
        began = time.monotonic()
        with stalling() as (server, _):
            async with AsyncPipe0("k", base_url=server.url) as api:
                with pytest.raises(errors.WaitTimeoutError, match="a run may have begun"):
                    await api.run_pipes_and_wait(pipes=[], input=[], timeout=0.2)
                with pytest.raises(errors.WaitTimeoutError, match="it may be canceled"):
                    await api.cancel_and_wait("r1", timeout=0.2)
        assert time.monotonic() - began < ENDLESS / 2

    def test_leaving_many_closes_them(self) -> None:
        with stalling() as (server, _), Pipe0("k", base_url=server.url) as api:
            stop = threading.Event()
            stop.set()
            with closing(api.wait_each(["r1", "r2"], stop=stop)) as waits:
                assert type(next(waits).error) is errors.WaitStoppedError
            assert list(waits) == []


PROGRAM = """
import sys
from pipe0_client import Pipe0
with Pipe0("k", base_url=sys.argv[1], timeout=300) as api:
    {wait}
"""


class TestInterrupts:
    """A real process, a real SIGINT."""

    @pytest.mark.parametrize(
        "wait", ['api.wait("r1")', 'list(api.wait_each(["r1", "r2"]))', 'api.cancel_and_wait("r1")']
    )
    def test_the_process_ends_at_once(self, wait: str) -> None:
        with stalling() as (server, asked):
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM.format(wait=wait), server.url],
                stderr=subprocess.PIPE,
                text=True,
            )
            try:
                assert asked.wait(ENDLESS)
                process.send_signal(signal.SIGINT)
                began = time.monotonic()
                _, said = process.communicate(timeout=ENDLESS)
                took = time.monotonic() - began
            finally:
                process.kill()
        assert "KeyboardInterrupt" in said
        assert took < ENDLESS / 2, "it waited for the server"

    def test_leaving_a_loop_early_waits_for_no_look(self) -> None:
        over = threading.Event()

        def answer(seen: Seen) -> Reply:
            if seen.path.endswith("/slow"):
                over.wait(ENDLESS)
            return Reply(status=404)

        with serving() as server, Pipe0("k", base_url=server.url, timeout=300) as api:
            server.answer(answer)
            began = time.monotonic()
            for ended in api.wait_each(["slow", "quick"]):
                assert ended.key == {"run_id": "quick"}
                break
            took = time.monotonic() - began
            over.set()
        assert took < ENDLESS / 2, "it waited for the server"
