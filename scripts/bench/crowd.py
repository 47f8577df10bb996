"""What it costs one process to wait for many runs at once, over HTTP on loopback."""

import json

from bench.chapter import Chapter, Effort, Row, Table, Target
from bench.fresh import run
from bench.watch import process

RUNS = 10_000
IN_FLIGHT = 16

SERVER = """
import json, sys
from runwright.emulator.call import RawRequest
from runwright.emulator.gate import Gate
from runwright.emulator.server import running

with running("pipe0", speed=4) as emulator:
    world, token, ids = emulator.world, emulator.tenants[0].token, []
    # What one organization may do in a minute, and has credits for, is less than this.
    world.admit = world.check_balance = lambda *given: None
    world.admission = lambda call: {}
    gate = Gate(world, world.spec.operations["runPipes"])
    for number in range(int(sys.argv[1])):
        rows = [{"id": number, "name": f"Person {number}", "company_domain": "example.com"}]
        body = {"pipes": [{"pipe_id": "person:workemail:waterfall@1"}], "input": rows}
        reply = gate.answer(RawRequest(
            method="POST", url="http://127.0.0.1/", path={}, query=(),
            headers={"authorization": "Bearer " + token, "content-type": "application/json"},
            content=json.dumps(body).encode(),
        ))
        ids.append(reply.body["id"])
    print(json.dumps({"url": emulator.url, "token": token, "ids": ids}), flush=True)
    sys.stdin.read()
"""

MEASURED = """
import asyncio, json, sys, time
from bench.fresh import now, peak
with open(sys.argv[1]) as file:
    server = json.load(file)
url, token, ids, in_flight = server["url"], server["token"], server["ids"], int(sys.argv[2])
looks = 0
{}
before = now()
began, cpu = time.perf_counter(), time.process_time()
ended = asyncio.run(main())
print(json.dumps([
    ended,
    looks,
    time.perf_counter() - began,
    time.process_time() - cpu,
    peak() - before,
]))
"""

OURS = """
from pipe0_client import AsyncPipe0, Pace

def count(look):
    global looks
    looks += 1

async def main():
    ended = 0
    async with AsyncPipe0(token, base_url=url) as api:
        waits = api.wait_each(ids, pace=Pace(least=2, most=5), on_look=count, in_flight=in_flight)
        async for one in waits:
            ended += one.outcome is not None
    return ended
"""

BY_HAND = """
import httpx

async def main():
    gate = asyncio.Semaphore(in_flight)

    async def wait(client, key):
        global looks
        while True:
            async with gate:
                answer = await client.get(f"/v1/pipes/check/{key}")
            answer.raise_for_status()
            looks += 1
            body = answer.json()
            if body["status"] in ("completed", "failed", "canceled"):
                return body
            await asyncio.sleep(2)

    headers = {"authorization": "Bearer " + token}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=None) as client:
        return len(await asyncio.gather(*(wait(client, key) for key in ids)))
"""

WAYS = {"our client, wait_each": OURS, "a poller by hand, on httpx": BY_HAND}


def chapter(effort: Effort) -> Chapter:
    """Wait for many runs, each way with a server of its own."""
    count = max(100, effort.rounds(RUNS))
    found = {way: _wait(code, count, effort) for way, code in WAYS.items()}
    return Chapter(
        title="Waiting for many",
        tables=(
            Table(
                title=f"Waiting for {count:,} runs at once, {IN_FLIGHT} looks in flight",
                columns=("ended", "looks", "seconds", "processor, ms a look", "memory, KB a run"),
                rows=tuple(
                    Row(
                        name=way,
                        values=(ended, looks, clock, 1e3 * cpu / looks, grown / 1024 / count),
                    )
                    for way, (ended, looks, clock, cpu, grown) in found.items()
                ),
                drawn=False,
            ),
        ),
        targets=(
            Target(
                claim=f"of {count:,} runs, lost by our client",
                value=count - next(iter(found.values()))[0],
                most=0,
            ),
        ),
        notes=("The emulator of Pipe0 serves from another process; a run has one row.",),
    )


def _wait(code: str, count: int, effort: Effort) -> tuple[float, ...]:
    with process(SERVER, str(count)) as line:
        place = effort.folder / "crowd.json"
        place.write_text(line, encoding="utf-8")
        assert len(json.loads(line)["ids"]) == count
        return run(
            MEASURED.replace("{}", code, 1), str(place), str(IN_FLIGHT), folder=effort.folder
        )
