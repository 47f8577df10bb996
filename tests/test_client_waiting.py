"""Waiting for runs: the core by itself, and the drivers against a server under a virtual clock."""

import asyncio
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import clarifeye_client
import pytest
from clarifeye_client import Clarifeye
from loopback import Loopback, Reply, Seen, serving
from pipe0_client import (
    UNSET,
    ApiError,
    AsyncPipe0,
    CallOptions,
    Look,
    Pace,
    Patience,
    Pipe0,
    Pipe0Error,
    RequestTimeoutError,
    RunCanceledError,
    RunFailedError,
    WaitError,
    WaitTimeoutError,
    errors,
    lifecycle,
)
from pipe0_client._runtime.waiting import LEAST_BUDGET, Failed, Finished, Reason, Sleep, Watch

TOKEN = "pk-very-secret-0815"


class VirtualClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        self.time += seconds
        self.sleeps.append(seconds)
        return stop is not None and stop.is_set()


class AsyncVirtualClock:
    """The same for event loops."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        self.time += seconds
        self.sleeps.append(seconds)
        await asyncio.sleep(0)
        return stop is not None and stop.is_set()


def run(status: str = "pending", **members: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "organization_id": "o1",
        "status": status,
        "order": [],
        "errors": [],
        "field_definitions": {},
        "records": {},
    } | members


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def api(server: Loopback, clock: VirtualClock) -> Iterator[Pipe0]:
    with Pipe0(TOKEN, base_url=server.url, clock=clock) as client:
        yield client


def statuses(*names: str) -> tuple[Reply, ...]:
    return tuple(Reply(body=run(name)) for name in names)


class TestCore:
    """`Watch` knows neither clock nor socket."""

    def watch(
        self, *, jitter: Callable[[], float] = lambda: 0.5, until: str | None = None, **options: Any
    ) -> Watch:
        patience = {
            k: options.pop(k) for k in ("deadline", "stall", "misses", "unknown") if k in options
        }
        return Watch(
            lifecycle.RUN,
            began=0.0,
            jitter=jitter,
            until=until,
            patience=Patience(**patience),
            **options,
        )

    def look(self, at: float, status: str | None = None, **facts: Any) -> Look:
        outcome = lifecycle.RUN.outcome(status)
        raw = str((status, facts.pop("raw", 0))).encode()
        return Look(began=at, at=at, status=status, outcome=outcome, raw=raw, **facts)

    def error(self, status: int, retry_after: float | None = None) -> ApiError:
        return ApiError("", status=status, method="GET", url="", retry_after=retry_after)

    def pauses(self, watch: Watch, count: int) -> list[float]:
        found, at = [], 0.0
        for _ in range(count):
            step = watch.see(self.look(at, "processing"))
            assert isinstance(step, Sleep)
            found.append(round(step.seconds, 3))
            at += step.seconds
        return found

    def test_the_pause_grows_within_the_specs_pace(self) -> None:
        assert self.pauses(self.watch(), 5) == [1.0, 1.5, 2.25, 3.0, 3.0]

    def test_jitter_never_leaves_the_pace(self) -> None:
        assert self.pauses(self.watch(jitter=lambda: 0.0), 4) == [1.0, 1.35, 2.025, 2.7]
        assert self.pauses(self.watch(jitter=lambda: 1.0), 4) == [1.1, 1.65, 2.475, 3.0]

    def test_a_new_status_starts_the_pause_anew(self) -> None:
        watch = self.watch()
        for at in (0, 1, 2, 3):
            watch.see(self.look(at, "pending"))
        assert watch.see(self.look(4, "processing")) == Sleep(1.0)
        assert watch.budget(5) == 3600 - 4 - 1

    def test_the_callers_pace_wins(self) -> None:
        watch = self.watch(pace=Pace(least=10, most=20, growth=2))
        assert self.pauses(watch, 3) == [10, 20, 20]
        assert self.pauses(self.watch(pace=Pace(most=0.05)), 2) == [0.05, 0.05]
        assert self.pauses(self.watch(pace=Pace(least=60)), 2) == [60, 60]
        with pytest.raises(ValueError, match="least must be at least 0 and at most 2, not 3"):
            Pace(least=3, most=2)

    def test_the_first_pause_may_be_another(self) -> None:
        watch = self.watch(pace=Pace(first=2, least=1, most=4, growth=1.5))
        assert watch.first == 2
        assert self.pauses(watch, 4) == [2, 3, 4, 4]
        assert watch.see(self.look(20, "pending")) == Sleep(2)
        assert watch.budget(22) == 3600 - 20 - 2
        assert self.pauses(self.watch(pace=Pace(first=0.1)), 1) == [1.0]
        assert self.pauses(self.watch(pace=Pace(first=60)), 2) == [60, 60]

    def test_an_end_is_the_end(self) -> None:
        for status in ("completed", "failed", "canceled"):
            look = self.look(0, status)
            assert self.watch().see(look) == Finished(look)

    def test_the_last_look_comes_before_the_deadline(self) -> None:
        watch = self.watch(deadline=10)
        step = watch.see(self.look(8.5, "pending"))
        assert step == Sleep(1.0)
        assert watch.budget(9.5) == 0.5
        step = watch.see(self.look(8.75, "pending"))
        assert step == Sleep(1.25)
        assert watch.budget(10.0) == LEAST_BUDGET
        assert not watch.is_over(10.0)
        assert watch.is_over(10.0 + LEAST_BUDGET)
        assert isinstance(watch.see(self.look(9.5, "pending")), Failed)

    def test_the_last_look_gets_the_time_that_looks_take(self) -> None:
        watch = self.watch(deadline=10)
        look = Look(began=6.0, at=6.5, status="pending", raw=b"x")
        step = watch.see(look)
        assert step == Sleep(1.0)
        assert watch.budget(7.5) == 2.5
        step = watch.see(Look(began=7.5, at=8.0, status="pending", raw=b"x"))
        assert step == Sleep(1.5)
        assert watch.budget(9.5) == 0.5

    def test_a_slow_look_leaves_another_what_is_left(self) -> None:
        watch = self.watch(deadline=10)
        step = watch.see(Look(began=0.0, at=8.5, status="pending", raw=b"x"))
        assert step == Sleep(1.0)
        assert watch.budget(9.5) == 0.5

    def test_a_look_that_failed_does_not_count_as_slow(self) -> None:
        watch = self.watch(deadline=10)
        assert watch.see(Look(began=0.0, at=5.0, error=self.error(504))) == Sleep(1.0)
        assert watch.see(Look(began=6.0, at=6.0, status="pending", raw=b"x")) == Sleep(1.0)
        assert watch.see(Look(began=7.0, at=7.0, status="pending", raw=b"x")) == Sleep(1.5)

    def test_slowness_is_forgotten(self) -> None:
        watch = self.watch(deadline=20)
        watch.see(Look(began=0.0, at=8.0, status="pending", raw=b"x"))
        for at in (9.0, 11.0, 13.5, 16.5):
            step = watch.see(Look(began=at, at=at, status="pending", raw=b"x"))
        assert step == Sleep(3.0)

    def test_a_look_that_the_deadline_cuts_off_is_no_miss(self) -> None:
        failed = self.watch(deadline=10, misses=0).see(
            Look(began=9.5, at=10.0, error=RequestTimeoutError("", method="GET", url=""))
        )
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.DEADLINE

    def test_failed_looks_use_up_the_misses(self) -> None:
        watch = self.watch(misses=2)
        for _ in range(3):
            assert isinstance(watch.see(self.look(0, error=self.error(503))), Sleep)
            assert isinstance(watch.see(self.look(0, error=self.error(500))), Sleep)
            assert isinstance(watch.see(self.look(0, "pending")), Sleep)
        watch.see(self.look(0, error=self.error(503)))
        watch.see(self.look(0, error=self.error(503)))
        failed = watch.see(self.look(0, error=self.error(503)))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.MISSES

    def test_a_busy_server_is_waited_for(self) -> None:
        watch = self.watch(misses=0)
        for at in range(20):
            step = watch.see(self.look(at, error=self.error(429, 7.0), hint=7.0))
            assert step == Sleep(7.0)
            assert watch.budget(at + 7) == 3600 - at - 7

    def test_a_hint_is_capped(self) -> None:
        watch = self.watch(pace=Pace(longest_hint=5))
        step = watch.see(self.look(0, error=self.error(503), hint=1e9))
        assert isinstance(step, Sleep)
        assert step.seconds == 5

    def test_a_hint_past_the_deadline_ends_it(self) -> None:
        failed = self.watch(deadline=10).see(self.look(0, error=self.error(429), hint=60.0))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.DEADLINE

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
    def test_a_refusal_ends_it_at_once(self, status: int) -> None:
        failed = self.watch().see(self.look(0, error=self.error(status)))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.REFUSED

    @pytest.mark.parametrize("status", [404, 410])
    def test_what_was_there_before_is_lost(self, status: int) -> None:
        for watch in (self.watch(), self.watch(seen="pending")):
            if watch.status is None:
                watch.see(self.look(0, "pending"))
            failed = watch.see(self.look(1, error=self.error(status)))
            assert isinstance(failed, Failed)
            assert failed.reason is Reason.LOST

    def test_what_has_just_begun_may_not_be_there_yet(self) -> None:
        watch = self.watch(just_started=True)
        watch.see(self.look(0, "pending"), is_start=True)
        assert isinstance(watch.see(self.look(1, error=self.error(404))), Sleep)
        watch.see(self.look(2, "pending"))
        failed = watch.see(self.look(3, error=self.error(404)))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.LOST

    def test_an_unknown_status_fails_or_is_put_up_with(self) -> None:
        strict = self.watch().see(self.look(0, "archived"))
        assert isinstance(strict, Failed)
        assert strict.reason is Reason.UNKNOWN_STATUS
        patient = self.watch(unknown=5)
        assert isinstance(patient.see(self.look(0, "archived")), Sleep)
        assert isinstance(patient.see(self.look(4, "pending")), Sleep)
        assert isinstance(patient.see(self.look(6, "archived")), Sleep)
        assert isinstance(patient.see(self.look(11, "archived")), Failed)
        endless = self.watch(unknown=None, deadline=None)
        assert isinstance(endless.see(self.look(0, "archived")), Sleep)
        assert endless.see(self.look(1e9, "archived")) == Sleep(1.5)

    def test_nothing_new_for_too_long_is_a_stall(self) -> None:
        watch = self.watch(stall=10)
        assert isinstance(watch.see(self.look(0, "pending")), Sleep)
        assert isinstance(watch.see(self.look(9, "pending", raw=1)), Sleep)
        assert isinstance(watch.see(self.look(18, "pending", raw=1)), Sleep)
        failed = watch.see(self.look(19, "pending", raw=1))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.STALLED

    def test_a_state_counts_when_it_was_passed(self) -> None:
        done = self.look(0, "completed")
        assert self.watch(until="processing").see(done) == Finished(done)
        assert self.watch(until="completed").see(done) == Finished(done)
        failed = self.watch(until="processing").see(self.look(0, "failed"))
        assert isinstance(failed, Failed), "a run may fail without having been processed"
        assert failed.reason is Reason.STATE_MISSED
        watch = self.watch(until="processing")
        assert isinstance(watch.see(self.look(0, "pending")), Sleep)
        assert isinstance(watch.see(self.look(1, "canceled")), Failed)
        with pytest.raises(ValueError, match="no state 'done'"):
            self.watch(until="done")


def _token(**members: Any) -> str:
    state = {"version": 2, "wait": "pipe0_client.wait", "key": {"run_id": "r1"}}
    return json.dumps(state | members)


class TestWait:
    def test_it_returns_the_run_when_it_has_ended(
        self, api: Pipe0, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(*statuses("pending", "processing", "processing", "completed"))
        looks: list[Look] = []
        done = api.wait("r1", timeout=300, on_look=looks.append)
        assert done.status == "completed"
        assert done.outcome == "success"
        assert [look.status for look in looks] == [
            "pending",
            "processing",
            "processing",
            "completed",
        ]
        assert len(clock.sleeps) == 3
        assert all(1 <= pause <= 3 for pause in clock.sleeps)

    def test_a_run_that_has_ended_is_not_waited_for(
        self, api: Pipe0, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(*statuses("completed"))
        api.wait("r1")
        assert clock.sleeps == []

    @pytest.mark.parametrize(
        ("status", "error"), [("failed", RunFailedError), ("canceled", RunCanceledError)]
    )
    def test_a_bad_end_is_an_error(
        self, api: Pipe0, server: Loopback, status: str, error: type[WaitError]
    ) -> None:
        problem = {"code": "c", "message": "m"}
        server.answer(Reply(body=run(status, errors=[problem])))
        with pytest.raises(error, match=f"run r1 has ended as '{status}'") as caught:
            api.wait("r1")
        assert caught.value.body.errors[0].message == "m"
        assert caught.value.look is not None
        assert caught.value.look.status == status

    def test_a_partial_success_is_a_success_with_a_flag(
        self, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(Reply(body=_clarifeye_run("completed_with_warnings")))
        with Clarifeye(TOKEN, base_url=server.url, clock=clock) as api:
            done = api.wait("p1", "r1")
        assert done.outcome == clarifeye_client.Outcome.PARTIAL
        assert server.seen[0].path == "/projects/p1/pipeline-runs/r1/"

    def test_looks_say_which_run_they_show(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=500), Reply(body=b"<html>"), *statuses("pending", "completed"))
        looks: list[Look] = []
        api.wait("r1", on_look=looks.append)
        assert [look.key for look in looks] == [{"run_id": "r1"}] * 4

    def test_the_deadline_ends_it(self, api: Pipe0, server: Loopback, clock: VirtualClock) -> None:
        server.answer(*statuses("processing"))
        with pytest.raises(WaitTimeoutError, match="last seen as 'processing'") as caught:
            api.wait("r1", timeout=20)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.body.status == "processing"
        assert 1018 <= clock.time <= 1020

    def test_an_unknown_status_is_named(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("archived"))
        with pytest.raises(errors.UnknownStatusError, match="'archived'"):
            api.wait("r1")

    def test_failed_looks_do_not_fail_the_run(self, api: Pipe0, server: Loopback) -> None:
        server.answer(
            Reply(status=500),
            Reply(body=b"<html>", headers={"Content-Type": "text/html"}),
            *statuses("pending"),
            Reply(body=run("completed"), cut=True),
            Reply(status=429, headers={"Retry-After": "4"}),
            Reply(body={"id": "r1"}),
            Reply(body=run("completed", id="another")),
            *statuses("completed"),
        )
        assert api.wait("r1").id == "r1"
        assert len(server.seen) == 8

    def test_too_many_of_them_do(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=502))
        with pytest.raises(errors.LooksFailedError, match="failed: 502 Bad Gateway") as caught:
            api.wait("r1", patience=Patience(misses=3))
        assert len(server.seen) == 4
        assert isinstance(caught.value.__cause__, ApiError)

    def test_a_refusal_is_raised_as_it_is(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending"), Reply(status=401))
        with pytest.raises(errors.UnauthorizedError) as caught:
            api.wait("r1")
        assert caught.value.look is not None
        assert caught.value.look.error is caught.value
        assert caught.value.token is not None
        assert '"r1"' in caught.value.token
        copied = pickle.loads(pickle.dumps(caught.value))
        assert copied.token == caught.value.token
        assert copied.look.error is copied
        server.answer(Reply(status=401))
        with pytest.raises(errors.UnauthorizedError) as caught:
            api.check_pipes_run("r1")
        assert caught.value.look is None
        assert caught.value.token is None

    def test_a_run_that_was_never_there_is_not_found(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=404))
        with pytest.raises(errors.NotFoundError):
            api.wait("r1")

    def test_a_run_that_vanishes_is_lost(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending"), Reply(status=404))
        with pytest.raises(errors.RunLostError, match="not known to the server any more") as caught:
            api.wait("r1")
        assert caught.value.body.status == "pending"

    def test_the_callers_event_stops_it(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending"))
        stop = threading.Event()
        with pytest.raises(errors.WaitStoppedError):
            api.wait("r1", stop=stop, on_look=lambda _: stop.set())
        assert len(server.seen) == 1

    def test_it_can_be_resumed_in_another_process(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("processing"))
        with pytest.raises(WaitTimeoutError) as caught:
            api.wait("r1", timeout=5)
        token = caught.value.token
        assert TOKEN not in token
        server.answer(*statuses("completed"))
        assert api.resume(token).status == "completed"
        assert server.seen[-1].path == "/v1/pipes/check/r1"
        server.answer(Reply(status=404))
        with pytest.raises(errors.RunLostError):
            api.resume(token)

    def test_a_token_knows_what_was_waited_for(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending"))
        with pytest.raises(WaitTimeoutError, match="not become 'processing'") as state:
            api.wait_until("r1", "processing", timeout=2)
        with pytest.raises(WaitTimeoutError) as canceling:
            api.cancel_and_wait("r1", timeout=2)
        server.answer(*statuses("processing", "completed"))
        assert api.resume(state.value.token).status == "processing"
        server.answer(*statuses("canceled"))
        assert api.resume(canceling.value.token).outcome == "canceled"
        with pytest.raises(errors.StateMissedError):
            api.resume(state.value.token)

    def test_a_token_of_the_first_version_is_read(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=404))
        with pytest.raises(errors.RunLostError):
            api.resume(_token(version=1, status="processing"))

    @pytest.mark.parametrize(
        "token",
        ["", "{}", "[1]", '{"version": 9, "wait": "x"}', "\ud800", '{"a":' + "[" * 9999]
        + [_token(key=key) for key in ({}, {"run_id": ""}, {"run_id": ".."}, {"run_id": 7}, "r1")]
        + [_token(until="archived"), _token(until=1), _token(wait="x"), _token(version=[])],
    )
    def test_a_strange_token_is_refused(self, api: Pipe0, token: str) -> None:
        with pytest.raises(errors.ResumeTokenError):
            api.resume(token)
        with pytest.raises(errors.ResumeTokenError):
            api.resume(None)  # type: ignore[arg-type]

    def test_a_state_can_be_waited_for(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending", "processing", "completed"))
        assert api.wait_until("r1", "processing").status == "processing"
        server.answer(*statuses("pending", "canceled"))
        with pytest.raises(
            errors.StateMissedError, match="'canceled' and cannot become 'completed'"
        ):
            api.wait_until("r1", "completed")

    def test_starting_and_waiting_go_together(
        self, api: Pipe0, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(*statuses("pending"), Reply(status=404), *statuses("completed"))
        done = api.run_pipes_and_wait(pipes=[{"pipe_id": "p"}], input=[{"id": 1}], timeout=60)
        assert done.status == "completed"
        assert [seen.method for seen in server.seen] == ["POST", "GET", "GET"]
        assert 1.0 <= clock.sleeps[0] <= 1.1

    def test_a_start_that_has_failed_is_not_polled(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("failed"))
        with pytest.raises(RunFailedError):
            api.run_pipes_and_wait(pipes=[], input=[])
        assert len(server.seen) == 1

    def test_a_synchronous_start_that_gives_up_is_waited_for(
        self, api: Pipe0, server: Loopback, clock: VirtualClock
    ) -> None:
        name = "k3v9m2q7x1c5b8n4t6w0z2aa"
        problem = {"type": "request-timeout", "detail": f"Run {name} has not ended yet"}
        server.answer(
            Reply(status=408, body=problem),
            Reply(body=run("processing", id=name)),
            Reply(body=run("completed", id=name)),
        )
        assert api.run_pipes_sync_and_wait(pipes=[], input=[]).id == name
        assert server.seen[1].path == f"/v1/pipes/check/{name}"
        assert clock.sleeps == [pytest.approx(1, abs=0.2)]
        server.answer(Reply(status=408, body=problem), Reply(status=404))
        with pytest.raises(errors.ServerGaveUpError):
            api.run_pipes_sync_and_wait(pipes=[], input=[])
        assert {seen.method for seen in server.seen[3:]} == {"POST", "GET"}
        server.answer(*statuses("completed"))
        assert api.run_pipes_sync_and_wait(pipes=[], input=[]).status == "completed"

    def test_what_a_refusal_tells_comes_before_its_other_ids(
        self, api: Pipe0, server: Loopback
    ) -> None:
        name = "k3v9m2q7x1c5b8n4t6w0z2aa"
        problem = {
            "instance": "urn:uuid:7b1c9d52-0c7e-4a53-9c55-0a9c0f2f1f11",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "request_id": "req_0123456789abcdef0123456789abcdef",
            "detail": f"Run {name} has not ended yet",
        }
        server.answer(Reply(status=408, body=problem), Reply(body=run("completed", id=name)))
        assert api.run_pipes_sync_and_wait(pipes=[], input=[]).id == name
        assert len(server.seen) == 2

    @pytest.mark.parametrize("repeat", [False, True])
    @pytest.mark.parametrize("status", [404, 429, 500, 503])
    def test_one_failed_look_does_not_lose_it(
        self, api: Pipe0, server: Loopback, status: int, repeat: bool
    ) -> None:
        name = "k3v9m2q7x1c5b8n4t6w0z2aa"
        gave_up = Reply(status=408, body={"detail": f"Run {name} has not ended yet"})
        server.answer(gave_up, Reply(status=status), Reply(body=run("completed", id=name)))
        options = CallOptions(repeat=repeat)
        assert api.run_pipes_sync_and_wait(pipes=[], input=[], options=options).id == name
        assert [seen.method for seen in server.seen] == ["POST", "GET", "GET"]

    def test_a_run_that_a_refusal_names_can_be_resumed(self, api: Pipe0, server: Loopback) -> None:
        name = "k3v9m2q7x1c5b8n4t6w0z2aa"
        gave_up = Reply(status=408, body={"detail": f"Run {name} has not ended yet"})
        server.answer(gave_up, Reply(status=503))
        with pytest.raises(errors.LooksFailedError) as caught:
            api.run_pipes_sync_and_wait(pipes=[], input=[])
        assert isinstance(caught.value.__cause__, errors.ServerGaveUpError)
        server.answer(Reply(body=run("completed", id=name)))
        assert api.resume(caught.value.token).id == name
        server.answer(gave_up, Reply(status=429, headers={"Retry-After": "60"}))
        with pytest.raises(WaitTimeoutError):
            api.run_pipes_sync_and_wait(pipes=[], input=[], timeout=10)

    def test_a_run_is_named_by_the_starts_arguments_too(
        self, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(
            Reply(body={"message": "Sync started.", "pipeline_run_id": "r1"}),
            Reply(body=_clarifeye_run("completed")),
        )
        with Clarifeye(TOKEN, base_url=server.url, clock=clock) as api:
            api.run_extraction_flow_and_wait("p1", "f1")
        assert server.seen[1].path == "/projects/p1/pipeline-runs/r1/"

    def test_canceling_and_waiting_go_together(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("canceled"))
        assert api.cancel_and_wait("r1").outcome == "canceled"
        conflict = Reply(status=409, body={"detail": "It is processing"})
        server.answer(conflict, *statuses("failed"))
        assert api.cancel_and_wait("r1").outcome == "failure"
        server.answer(conflict, *statuses("processing"))
        with pytest.raises(errors.ConflictError) as caught:
            api.cancel_and_wait("r1")
        assert caught.value.token is not None
        assert caught.value.look is not None
        assert caught.value.look.status == "processing"
        server.answer(conflict, Reply(status=503), *statuses("completed"))
        assert api.cancel_and_wait("r1").outcome == "success"
        server.answer(conflict, Reply(status=503))
        with pytest.raises(errors.LooksFailedError):
            api.cancel_and_wait("r1")

    def test_what_was_canceled_and_then_vanishes_is_lost(
        self, api: Pipe0, server: Loopback
    ) -> None:
        server.answer(*statuses("canceled"), Reply(status=404))
        with pytest.raises(errors.RunLostError):
            api.cancel_and_wait("r1")
        server.answer(Reply(status=404))
        with pytest.raises(errors.NotFoundError):
            api.cancel_and_wait("r1")

    @pytest.mark.parametrize("failure", [Reply(status=503), Reply(body=b"{", cut=True)])
    def test_a_cancellation_that_failed_can_be_resumed(
        self, api: Pipe0, server: Loopback, failure: Reply
    ) -> None:
        server.answer(failure, *statuses("canceled"))
        with pytest.raises(Pipe0Error) as caught:
            api.cancel_and_wait("r1")
        assert len(server.seen) == 1
        assert caught.value.token is not None
        assert api.resume(caught.value.token).outcome == "canceled"


def by_id(outcomes: dict[str, list[str]]) -> Callable[[Seen], Reply]:
    """Answer each run's looks by its own list."""
    left = {key: list(names) for key, names in outcomes.items()}
    lock = threading.Lock()

    def answer(request: Seen) -> Reply:
        key = request.path.rsplit("/", 1)[-1]
        with lock:
            names = left[key]
            name = names.pop(0) if len(names) > 1 else names[0]
        return Reply(status=int(name)) if name.isdecimal() else Reply(body=run(name, id=key))

    return answer


RUNS = {
    "a": ["pending", "completed"],
    "b": ["404"],
    "c": ["pending", "pending", "500", "pending", "failed"],
    "d": ["completed"],
    "e": ["processing", "archived"],
}
ENDS = {"a": "success", "b": None, "c": "failure", "d": "success", "e": None}


class TestWaitEach:
    def test_each_is_yielded_as_it_ends(self, api: Pipe0, server: Loopback) -> None:
        server.answer(by_id(RUNS))
        ended = list(api.wait_each(RUNS))
        assert {e.key["run_id"]: e.outcome for e in ended} == ENDS
        by_key = {e.key["run_id"]: e for e in ended}
        assert by_key["a"].result().status == "completed"
        assert isinstance(by_key["b"].error, errors.NotFoundError)
        assert isinstance(by_key["c"].error, RunFailedError)
        with pytest.raises(errors.UnknownStatusError):
            by_key["e"].result()
        assert [e.key["run_id"] for e in ended].index("d") < 2
        assert [e.key["run_id"] for e in ended][-1] == "c"

    async def test_in_an_event_loop_too(self, server: Loopback) -> None:
        server.answer(by_id(RUNS))
        clock = AsyncVirtualClock()
        async with AsyncPipe0(TOKEN, base_url=server.url, clock=clock) as api:
            ended = {e.key["run_id"]: e.outcome async for e in api.wait_each(RUNS, in_flight=2)}
        assert ended == ENDS

    def test_the_rate_is_for_all_together(
        self, api: Pipe0, server: Loopback, clock: VirtualClock
    ) -> None:
        server.answer(by_id({key: ["completed"] for key in "abcdefgh"}))
        ended = list(api.wait_each([*"abcdefgh"], rate=4))
        assert len(ended) == 8
        assert clock.time >= 1000 + 7 / 4

    @pytest.mark.parametrize("broken", ["", "..", "\ud800"])
    def test_a_name_that_makes_no_sense_stops_no_other(
        self, api: Pipe0, server: Loopback, broken: str
    ) -> None:
        server.answer(by_id({key: ["completed"] for key in "ab"}))
        ended = {e.key["run_id"]: e for e in api.wait_each(["a", broken, "b"])}
        assert [ended[key].outcome for key in ("a", broken, "b")] == ["success", None, "success"]
        assert isinstance(ended[broken].error, ValueError)
        with pytest.raises(ValueError):
            api.wait(broken)

    def test_what_failed_is_shown(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=503))
        (ended,) = api.wait_each(["a"], patience=Patience(misses=0))
        assert ended.look is not None
        assert isinstance(ended.look.error, ApiError)
        assert ended.outcome is None

    @pytest.mark.parametrize("missing", [None, UNSET])
    def test_a_name_that_was_left_out_is_not_asked_for(
        self, api: Pipe0, server: Loopback, missing: Any
    ) -> None:
        (ended,) = api.wait_each([missing])
        for asking in (
            ended.result,
            lambda: api.wait(missing),
            lambda: api.check_pipes_run(missing),
        ):
            with pytest.raises(ValueError, match="run_id must not be ''"):
                asking()
        assert server.seen == []

    def test_options_are_checked_before_any_wait_begins(self, api: Pipe0) -> None:
        for in_flight in (0, float("nan")):
            with pytest.raises(ValueError, match="At least 1 look"):
                api.wait_each(["a"], in_flight=in_flight)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="more than 0 looks"):
            api.wait_each(["a"], rate=0)

    def test_stopping_yields_what_is_left(self, api: Pipe0, server: Loopback) -> None:
        server.answer(by_id(RUNS | {"z": ["pending"]}))
        stop = threading.Event()
        ended = []
        for one in api.wait_each([*RUNS, "z"], stop=stop):
            ended.append(one)
            stop.set()
        assert sorted(e.key["run_id"] for e in ended) == [*sorted(RUNS), "z"]
        assert any(isinstance(e.error, errors.WaitStoppedError) for e in ended)

    def test_a_caller_may_leave_early(self, api: Pipe0, server: Loopback) -> None:
        server.answer(by_id(RUNS))
        for _ in api.wait_each(RUNS):
            break
        server.answer(*statuses("completed"))
        assert api.wait("r1").status == "completed"


class TestAsync:
    @pytest.fixture
    def clock(self) -> AsyncVirtualClock:
        return AsyncVirtualClock()

    async def test_it_waits(self, server: Loopback, clock: AsyncVirtualClock) -> None:
        server.answer(*statuses("pending", "pending", "completed"))
        async with AsyncPipe0(TOKEN, base_url=server.url, clock=clock) as api:
            done = await api.run_pipes_and_wait(pipes=[], input=[])
            assert done.outcome == "success"
            server.answer(*statuses("canceled"))
            assert (await api.cancel_and_wait("r1")).outcome == "canceled"
            server.answer(*statuses("pending"))
            with pytest.raises(WaitTimeoutError) as caught:
                await api.wait("r1", timeout=9)
            server.answer(*statuses("failed"))
            with pytest.raises(RunFailedError):
                await api.resume(caught.value.token)
            assert (await api.wait_until("r1", "failed")).status == "failed"
        assert all(pause <= 3 for pause in clock.sleeps)

    async def test_cancelling_the_task_stops_it(self, server: Loopback) -> None:
        server.answer(*statuses("pending"))
        looked = asyncio.Event()
        async with AsyncPipe0(TOKEN, base_url=server.url) as api:
            task = asyncio.create_task(api.wait("r1", on_look=lambda _: looked.set()))
            await looked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


def _clarifeye_run(status: str) -> dict[str, Any]:
    return {
        "id": "r1",
        "created_at": "2026-05-02T08:00:00Z",
        "updated_at": "2026-05-02T08:00:00.120Z",
        "status": status,
        "project": "p1",
        "pipeline_name": "n",
        "mode": "upsert-all",
        "celery_task_id": "t",
        "user": None,
        "tables": {},
        "steps": [],
        "document_ids": None,
        "chunk_ids": None,
        "raw_logs": "",
    }
