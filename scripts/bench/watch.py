"""How much slower a program is while it is watched, or recorded: a ratio for each way.

Blocks of requests with and without a tap take turns on one connection to a server on loopback:
the emulator of Pipe0, for which the aim is at most 1.05, and a server that does nothing but
answer, which is the worst that can be.
"""

import asyncio
import statistics
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

from bench.chapter import Chapter, Effort, Row, Table, Target

AIM = 1.05

EMULATOR = """
import sys
from runwright.emulator.server import running
with running("pipe0") as emulator:
    print(emulator.url + "/v1/pipes/check/0123456789abcdefghijklmn", flush=True)
    sys.stdin.read()
"""

ANSWERING = """
import asyncio, sys
body = sys.argv[1].encode()
head = b'HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n'
class Answer(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        if data.endswith(b'\\r\\n\\r\\n'):
            self.transport.write(head % len(body) + body)
async def main():
    server = await asyncio.get_running_loop().create_server(Answer, '127.0.0.1', 0)
    print('http://127.0.0.1:%d' % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

BARE = ANSWERING.replace(
    "sys.argv[1].encode()", """b'{"status":"running","text":"' + b'x' * int(sys.argv[1]) + b'"}'"""
)

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
    """Return how many times longer a block takes with a tap than without, in the median.

    What is compared are two blocks one after the other: the machine is as busy in both.
    """
    ratios = []
    for number in range(rounds):
        took: dict[Switch, float] = {}
        # Whoever goes first has the warmer machine, so they take turns at that, too.
        for switch in (nullcontext, tapped) if number % 2 else (tapped, nullcontext):
            with switch():
                began = time.perf_counter()
                block()
                took[switch] = time.perf_counter() - began
        ratios.append(took[tapped] / took[nullcontext])
    return statistics.median(ratios)


def measure_sync(url: str, requests: int, rounds: int) -> float:
    """Return the ratio of a watched `httpx.Client`."""
    with httpx.Client(headers={"authorization": "Bearer 0123456789abcdef"}) as client:

        def block() -> None:
            for _ in range(requests):
                client.get(url)

        watched = watch(client, api="pipe0")
        block()
        return compare(block, lambda: watched, rounds)


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

        watched = watch(client, api="pipe0")
        run(send)
        ratio = compare(lambda: run(send), lambda: watched, rounds)
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


SERVERS = (
    ("emulator", EMULATOR, 0, 10),
    ("bare, 2 KB", BARE, 2_000, 20),
    ("bare, 1 MB", BARE, 1_000_000, 4),
)
WAYS = {
    "watch, sync": measure_sync,
    "watch, async": measure_async,
    "record, sync": measure_record,
}


def chapter(effort: Effort) -> Chapter:
    """Measure how much longer requests take while somebody watches them, or records them."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _, code, size, requests in SERVERS:
        with process(code, str(size)) as url:
            for way, measure in WAYS.items():
                found[way].append(measure(url, requests, effort.rounds(80)))
    return Chapter(
        title="Watching a program",
        tables=(
            Table(
                title="Time of its requests while it is watched, times unwatched",
                columns=tuple(name for name, *_ in SERVERS),
                rows=tuple(Row(name=way, values=tuple(ratios)) for way, ratios in found.items()),
                digits=3,
                drawn=False,
            ),
        ),
        targets=tuple(
            Target(claim=f"{way}, before the emulator, times unwatched", value=ratios[0], most=AIM)
            for way, ratios in found.items()
        ),
    )
