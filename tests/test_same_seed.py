"""The same seed against the same server sends the same requests in the same order."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import strategies as st
from job_server import ADA, BEN, SPEED, JobServer
from jobs import SPEC as JOBS
from loopback import Reply, Seen, serving
from runwright.emulator.tenants import TENANTS
from runwright.history import read_history
from runwright.spec import apis
from runwright.suite.audit import Audit, explore, run_suite
from runwright.suite.chance import draw_some
from runwright.suite.draft import Draft
from runwright.suite.errands import Errands
from runwright.suite.plan import Plan
from runwright.suite.profile import QUICK
from runwright.suite.runner import Runner
from runwright.suite.target import Target

SMALL = evolve(QUICK, name="small", plans=7, others=1, spread=4, bodies=3)
HOST = re.compile(rb"http://127\.0\.0\.1:\d+")
FAST = 25.0
"""How fast the clocks of a server in a process of its own, and of who tests it, run."""


def sent(audit: Audit) -> list[tuple[object, ...]]:
    """Return what was asked and answered, and when, but for the port."""
    return [
        (
            exchange.id,
            exchange.at,
            exchange.actor,
            exchange.method,
            HOST.sub(b"", exchange.url.encode()),
            exchange.request.content,
            exchange.status,
            HOST.sub(b"", exchange.response.content),
        )
        for exchange in audit.history.exchanges
    ]


@pytest.mark.parametrize("api", apis())
def test_a_session_with_the_emulator_is_the_same_each_time(api: str) -> None:
    one, two = (run_suite(api, profile=SMALL, seed=3) for _ in range(2))
    assert sent(one) == sent(two)
    assert one.spent == two.spent


def test_a_process_of_its_own_sends_the_same(tmp_path: Path) -> None:
    told = []
    for hashes in ("1", "2"):
        path = tmp_path / f"{hashes}.ndjson"
        words = ("test", "pipe0", "--profile", "quick", "--save", str(path), "--json")
        done = subprocess.run(
            [sys.executable, "-m", "runwright", *words],
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            check=True,
        )
        report = json.loads(done.stdout)
        content = HOST.sub(b"", path.read_bytes()), HOST.sub(b"", json.dumps(report).encode())
        told.append(content)
        assert len(read_history(path).exchanges) > 100
    assert told[0] == told[1]


def test_what_is_drawn_does_not_depend_on_what_else_is_loaded(tmp_path: Path) -> None:
    """Hypothesis would draw constants out of the sources of a program of one's own."""
    texts = st.lists(st.text(), min_size=20, max_size=20)
    before = draw_some(texts, 40, seed=5)
    source = tmp_path / "of_ones_own.py"
    source.write_text("WORDS = " + repr([f"constant {number}" for number in range(500)]))
    found = spec_from_file_location("of_ones_own", source)
    assert found is not None
    sys.modules["of_ones_own"] = module_from_spec(found)
    try:
        assert draw_some(texts, 40, seed=5) == before
    finally:
        del sys.modules["of_ones_own"]
    drawn = "".join(text for value in before for text in value)
    assert not any(tenant.token in drawn for tenant in TENANTS)


# ---- a server elsewhere --------------------------------------------------------------------------


@contextmanager
def served_elsewhere(api: str) -> Iterator[Target]:
    """Serve an emulator in a process of its own, by a clock that nobody here can move."""
    code = f"from runwright.emulator.server import serve; serve({api!r}, speed={FAST})"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            yield Target(
                url=url,
                tenants=TENANTS,
                parameters={tenant.name: {} for tenant in TENANTS},
                speed=FAST,
                patience=10_000.0,
            )
        finally:
            process.terminate()


Done = list[tuple[object, ...]]


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> Done:
    """The runs that are started and the probes that are sent, in order, as they are decided."""
    done: Done = []
    begin, send = Runner.begin, Errands._send

    def begun(runner: Runner, plan: Plan, attempt: int = 0) -> None:
        done.append(("start", str(plan), plan.body.content, attempt))
        begin(runner, plan, attempt)

    def sending(errands: Errands, draft: Draft, values: Mapping[str, Any]) -> None:
        done.append(("probe", str(draft), draft.query, draft.headers, draft.content, draft.who))
        send(errands, draft, values)

    monkeypatch.setattr(Runner, "begin", begun)
    monkeypatch.setattr(Errands, "_send", sending)
    return done


def asked_of_a_server_that_dawdles(chance: Random) -> list[tuple[object, ...]]:
    """Return what a session asks of a server whose answers depend on the requests alone."""
    never = threading.Event()
    with serving() as loopback:
        jobs = JobServer(lambda: 1e9 + len(loopback.seen) / 4)

        def take_time(seen: Seen) -> Reply:
            never.wait(chance.random() / 50)
            return jobs(seen)

        loopback.answer(take_time)
        target = Target(
            url=f"{loopback.url}/api",
            tenants=(ADA, BEN),
            parameters={},
            speed=SPEED,
        )
        explore(JOBS, target, seed=3, profile=SMALL)
    return [(s.method, s.path, s.headers.get("x-key"), s.body) for s in loopback.seen]


def test_the_same_answers_are_followed_by_the_same_requests_however_long_they_take() -> None:
    one, two = (asked_of_a_server_that_dawdles(Random(number)) for number in range(2))
    assert len(one) > 100
    assert one == two


@pytest.mark.parametrize("api", ["nekt", "pipe0"])
def test_what_is_decided_comes_in_the_same_order_by_any_clock(api: str, decided: Done) -> None:
    found = []
    for _ in range(2):
        decided.clear()
        with served_elsewhere(api) as target:
            run_suite(api, target=target, profile=SMALL, seed=3)
        found.append(list(decided))
    assert found[0] == found[1]
    assert {kind for kind, *_ in found[0]} == {"start", "probe"}
