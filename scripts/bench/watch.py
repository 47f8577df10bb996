"""How much slower a program is while it is watched, or recorded: a ratio for each way.

    python scripts/bench/watch.py

Blocks of requests with and without a tap take turns on one connection to a server on loopback
that does nothing but answer; so what is measured is the worst case. Each way is taken at its
best block, since whatever else the machine does only adds to the time. The aim is at most 1.05.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import httpx
from runwright.tap.agent import Agent
from runwright.tap.patch import install, remove
from runwright.tap.transport import NETWORK
from runwright.watched import watch

SIZES = {"2 KB": 2_000, "1 MB": 1_000_000}
AIM = 1.05

SERVER = """
import asyncio, sys
body = b'{"status":"running","text":"' + b'x' * int(sys.argv[1]) + b'"}'
head = b'HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n'
class Answer(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        if data.endswith(b'\\r\\n\\r\\n'):
            self.transport.write(head % len(body) + body)
async def main():
    server = await asyncio.get_running_loop().create_server(Answer, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

STATION = """
import sys
from runwright.collection import Collection
from runwright.record.station import open_station
from runwright.redaction import Redactor
with open_station(Collection(Redactor())) as station:
    print(station.address, flush=True)
    sys.stdin.read()
"""

Switch = Callable[[], AbstractContextManager[object]]


@contextmanager
def process(code: str, *arguments: str) -> Iterator[str]:
    """Run Python code in another process; yield the first line that it prints."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.communicate()


def compare(block: Callable[[], object], tapped: Switch, rounds: int) -> float:
    """Return how many times longer a block takes with a tap than without, at its best."""

    def timed(switch: Switch) -> float:
        with switch():
            began = time.perf_counter()
            block()
            return time.perf_counter() - began

    best: dict[Switch, float] = {}
    for number in range(rounds):
        # Whoever goes first has the warmer machine, so they take turns at that, too.
        order: tuple[Switch, ...] = (nullcontext, tapped) if number % 2 else (tapped, nullcontext)
        for switch in order:
            best[switch] = min(timed(switch), best.get(switch, float("inf")))
    return best[tapped] / best[nullcontext]


def measure_sync(url: str, requests: int, rounds: int) -> float:
    """Return the ratio of a watched `httpx.Client`."""
    with httpx.Client(headers={"authorization": "Bearer 0123456789abcdef"}) as client:

        def block() -> None:
            for _ in range(requests):
                client.get(url)

        block()
        return compare(block, lambda: watch(client, api="pipe0"), rounds)


def measure_async(url: str, requests: int, rounds: int) -> float:
    """Return the ratio of a watched `httpx.AsyncClient`, which runs on one loop all the time."""
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(headers={"authorization": "Bearer 0123456789abcdef"})

        async def send() -> None:
            for _ in range(requests):
                await client.get(url)

        def run(make: Callable[[], Awaitable[None]]) -> None:
            async def main() -> None:
                await make()

            runner.run(main())

        run(send)
        ratio = compare(lambda: run(send), lambda: watch(client, api="pipe0"), rounds)
        run(client.aclose)
    return ratio


def measure_record(url: str, requests: int, rounds: int) -> float:
    """Return the ratio of a client in a recorded process."""
    with process(STATION) as address, httpx.Client() as client:
        agent = Agent(address)

        @contextmanager
        def tapped() -> Iterator[None]:
            install(agent.tap, NETWORK)
            try:
                yield
            finally:
                remove(agent.tap, NETWORK)

        def block() -> None:
            for _ in range(requests):
                client.get(url)

        block()
        return compare(block, tapped, rounds)


def main() -> int:
    """Print the ratios; return 1 if one is above the aim."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=100, help="blocks of each kind")
    rounds = parser.parse_args().rounds
    worst = 0.0
    for name, size in SIZES.items():
        with process(SERVER, str(size)) as port:
            url = f"http://127.0.0.1:{port}/v1/pipes/check/bench"
            requests = 20 if size < 100_000 else 4
            for way, measure in (
                ("watch, sync", measure_sync),
                ("watch, async", measure_async),
                ("record, sync", measure_record),
            ):
                ratio = measure(url, requests, rounds)
                worst = max(worst, ratio)
                print(f"{way:13} {name}  {ratio:.3f}", flush=True)
    print(f"worst {worst:.3f}, aim {AIM}")
    return int(worst > AIM)


if __name__ == "__main__":
    sys.exit(main())
