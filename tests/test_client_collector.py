"""Large bodies are decoded with the garbage collector paused, and no garbage piles up for that."""

import gc
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest
from pipe0_client import DecodeError, models
from pipe0_client._runtime.codec import Codec
from pipe0_client._runtime.collector import LARGE
from test_client_bodies import RUN, RUN_CODEC

PROGRAM = """
import gc
import json
import threading
import httpx
from pipe0_client import Pipe0

BODY = json.dumps({body}).encode()

class Node:
    alive = most = made = 0

    def __init__(self):
        Node.made += 1
        Node.alive += 1
        Node.most = max(Node.most, Node.alive)

    def __del__(self):
        Node.alive -= 1

def litter():
    for _ in range(60):
        one, other = Node(), Node()
        one.other, other.one = other, one

def full_passes():
    return gc.get_stats()[2]["collections"]

def tell(**found):
    print(json.dumps(found))

def respond(request):
    return httpx.Response(200, content=BODY)

api = Pipe0("k", base_url="https://x.example", transport=httpx.MockTransport(respond))
api.check_pipes_run("r1")
before = full_passes()
"""


def told(work: str) -> Mapping[str, int]:
    """Run a program that calls a client, and return what it prints at the end."""
    record = RUN["records"]["1"]
    body = RUN | {"records": {str(n): record for n in range(400)}}
    program = PROGRAM.replace("{body}", repr(body)) + dedent(work)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    found: Mapping[str, int] = json.loads(done.stdout)
    return found


class TestPauses:
    def test_it_runs_again_after_a_large_body(self) -> None:
        large = json.dumps(RUN | {"padding": "x" * LARGE}).encode()
        assert gc.isenabled()
        RUN_CODEC.decode(large)
        assert gc.isenabled()
        with pytest.raises(DecodeError):
            RUN_CODEC.decode(large[:-1])
        assert gc.isenabled()

    def test_it_stays_off_if_it_was(self) -> None:
        gc.disable()
        try:
            RUN_CODEC.decode(json.dumps(RUN | {"padding": "x" * LARGE}).encode())
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_threads_may_decode_at_once(self) -> None:
        large = json.dumps(RUN | {"padding": ["x"] * LARGE}).encode()
        threads = [
            threading.Thread(target=lambda: [RUN_CODEC.decode(large) for _ in range(5)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gc.isenabled()

    def test_a_finalizer_may_decode(self) -> None:
        """A pass runs finalizers, and one that came back here must not wait for itself."""
        large = json.dumps(RUN | {"padding": "x" * LARGE}).encode()
        codec: Any = Codec(models.PipesResponse)

        class Last:
            made = None

            def __del__(self) -> None:
                Last.made = codec.decode(large)

        last = Last()
        vars(last)["itself"] = last
        del last
        gc.collect()
        assert Last.made is not None
        assert gc.isenabled()


class TestGarbage:
    def test_it_does_not_pile_up(self) -> None:
        found = told("""
            for _ in range(1200):
                api.check_pipes_run("r1")
                litter()
            tell(made=Node.made, most=Node.most, full=full_passes() - before)
        """)
        assert found["made"] == 144_000
        assert found["most"] < 60_000
        assert 2 <= found["full"] < 20

    def test_nor_where_some_thread_is_always_decoding(self) -> None:
        found = told("""
            def work():
                for _ in range(800):
                    api.check_pipes_run("r1")
                    litter()

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            tell(made=Node.made, most=Node.most, full=full_passes() - before)
        """)
        assert found["made"] == 384_000
        # While one thread's pass still runs finalizers, the others make garbage anew.
        assert found["most"] < 192_000
        assert 2 <= found["full"] < 30

    def test_what_is_kept_is_passed_over_a_few_times(self) -> None:
        """Four times as many answers take two or three passes more, not four times as many."""
        found = told("""
            kept = [api.check_pipes_run("r1") for _ in range(300)]
            few = full_passes() - before
            kept += [api.check_pipes_run("r1") for _ in range(900)]
            tell(few=few, many=full_passes() - before)
        """)
        assert 1 <= found["few"] < 10
        assert found["many"] <= found["few"] + 5

    def test_whoever_turned_it_off_is_heeded(self) -> None:
        found = told("""
            gc.set_threshold(0)
            kept = [api.check_pipes_run("r1") for _ in range(300)]
            gc.disable()
            kept += [api.check_pipes_run("r1") for _ in range(300)]
            tell(full=full_passes() - before)
        """)
        assert found["full"] == 0
