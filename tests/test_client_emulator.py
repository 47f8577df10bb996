"""The clients against the emulators, on one clock: only waiting makes the runs advance."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import clarifeye_client
import nekt_client
import nekt_v2_client
import pipe0_client
import pipe0_pipeline_client
import pytest
from pipe0_client.inputs import PipeDict
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running
from runwright.spec import apis

PIPE: PipeDict = {"pipe_id": "person:workemail:waterfall@1"}
ROWS = [{"id": n, "name": f"Person {n}", "company_domain": "example.com"} for n in (3, 1, 2)]
CLASSES: dict[str, Any] = {
    "pipe0": pipe0_client.Pipe0,
    "pipe0_pipeline": pipe0_pipeline_client.Pipe0Pipeline,
    "clarifeye": clarifeye_client.Clarifeye,
    "nekt": nekt_client.Nekt,
    "nekt_v2": nekt_v2_client.NektV2,
}


class SharedClock:
    """The waiter's clock, which is the emulator's: when one sleeps, the other goes on."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        self._clock.advance(seconds)
        return stop is not None and stop.is_set()


@contextmanager
def calling(api: str, **options: Any) -> Iterator[tuple[Any, Emulator, ManualClock]]:
    """Serve an API and yield a client of its first tenant."""
    clock = ManualClock()
    with (
        running(api, clock=clock, **options) as emulator,
        CLASSES[api](
            emulator.tenants[0].token,
            base_url=emulator.url,
            clock=SharedClock(clock),
        ) as client,
    ):
        yield client, emulator, clock


def start_and_wait(api: str, client: Any, emulator: Emulator, **options: Any) -> Any:
    """Start a run in the way of an API, and wait for it."""
    known = emulator.parameters[emulator.tenants[0].name]
    if api == "pipe0":
        return client.run_pipes_and_wait(pipes=[PIPE], input=ROWS, **options)
    if api == "pipe0_pipeline":
        return client.run_pipeline_and_wait(pipes=[PIPE], input=ROWS, **options)
    if api == "clarifeye":
        project = known["project_id"]
        flow = client.list_extraction_flows(project)[0]
        return client.run_extraction_flow_and_wait(project, flow.id, **options)
    pipeline = client.list_runs().results[0]
    if api == "nekt":
        return client.trigger_pipeline_and_wait(pipeline.pipeline.slug, **options)
    slug = client.list_sources().results[0].slug
    return client.trigger_pipeline_and_wait(slug, **options)


@pytest.mark.parametrize("api", apis())
class TestEveryApi:
    def test_a_run_is_started_and_waited_for(self, api: str) -> None:
        module = __import__(f"{api}_client")
        ends = set()
        with calling(api) as (client, emulator, _):
            for _ in range(6):
                try:
                    done = start_and_wait(api, client, emulator, timeout=None)
                except (module.RunFailedError, module.RunCanceledError) as error:
                    done = error.body
                assert done.is_ended
                assert not module.unknown(done)
                ends.add(done.outcome)
        assert ends & {"success", "partial"}

    def test_looks_keep_the_recommended_pace(self, api: str) -> None:
        module = __import__(f"{api}_client")
        looks: list[Any] = []
        with calling(api) as (client, emulator, _):
            try:
                start_and_wait(api, client, emulator, timeout=None, on_look=looks.append)
            except module.WaitError:
                assert looks[-1].outcome in ("failure", "canceled")
        gaps = [after.began - before.at for before, after in pairwise(looks)]
        assert all(1 <= gap <= 15 for gap in gaps)

    def test_a_stranger_is_refused_by_name(self, api: str) -> None:
        module = __import__(f"{api}_client")
        with (
            running(api) as emulator,
            CLASSES[api]("wrong-token", base_url=emulator.url) as client,
            pytest.raises(module.errors.UnauthorizedError) as caught,
        ):
            start_and_wait(api, client, emulator)
        assert caught.value.body is not None
        assert "wrong-token" not in str(caught.value)


class TestCancel:
    def test_a_queued_run_is_canceled(self) -> None:
        with calling("pipe0") as (api, _, _):
            run = api.run_pipes(pipes=[PIPE], input=ROWS)
            assert api.cancel_and_wait(run.id).outcome == "canceled"
            assert api.cancel_and_wait(run.id).outcome == "canceled"
            with pytest.raises(pipe0_client.RunCanceledError):
                api.wait(run.id)

    def test_canceling_takes_its_time(self) -> None:
        with calling("clarifeye") as (api, emulator, _):
            project = emulator.parameters["alice"]["project_id"]
            flow = api.list_extraction_flows(project)[0]
            run_id = api.run_extraction_flow(project, flow.id).pipeline_run_id
            assert api.cancel_and_wait(project, run_id).status == "aborted"


class TestResume:
    def test_another_client_goes_on(self) -> None:
        with calling("nekt_v2") as (api, emulator, clock):
            slug = api.list_sources().results[0].slug
            with pytest.raises(nekt_v2_client.WaitTimeoutError) as caught:
                api.trigger_pipeline_and_wait(slug, timeout=1.5)
            with nekt_v2_client.NektV2(
                emulator.tenants[0].token, base_url=emulator.url, clock=SharedClock(clock)
            ) as other:
                try:
                    done = other.resume(caught.value.token, timeout=None)
                except nekt_v2_client.WaitError as error:
                    done = error.body
            assert done.is_ended


class TestPages:
    def test_all_pages_of_a_list_are_gone_through(self) -> None:
        with calling("clarifeye") as (api, emulator, _):
            project = emulator.parameters["alice"]["project_id"]
            flow = api.list_extraction_flows(project)[0]
            for _ in range(5):
                api.run_extraction_flow(project, flow.id)
            every = list(api.iter_pipeline_runs(project, limit=2))
            count = api.list_pipeline_runs(project).count
        assert len({run.id for run in every}) == len(every) == count >= 5
