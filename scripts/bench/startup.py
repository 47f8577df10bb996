"""What it costs to import a client, and to send its first request."""

from bench.bodies import small_bodies
from bench.chapter import Chapter, Effort, Row, Table, Target
from bench.contenders import OURS
from bench.fresh import turns
from bench.peers import MSGSPEC, OPENAPI_GENERATOR, PLAIN, PYDANTIC, generate
from bench.race import Times
from bench.watch import ANSWERING, process

HTTPX = "httpx"
API = "pipe0"

ALONE = "import sys; sys.modules['click'] = None\n"
"""Without click, httpx leaves out its command line, as where nothing but a client is installed."""

IMPORT = """
import json, time
began = time.process_time()
{}
print(json.dumps([time.process_time() - began]))
"""
IMPORTS = {
    OURS: "import pipe0_client",
    HTTPX: "import httpx",
    "httpx and msgspec": "import httpx, msgspec",
    PLAIN.name: "import plain_pipe0, plain_pipe0.models",
    OPENAPI_GENERATOR.name: "import openapi_pipe0, openapi_pipe0.models; openapi_pipe0.ApiClient",
    f"{PYDANTIC.name}, models only": "import pydantic_pipe0",
    f"{MSGSPEC.name}, models only": "import msgspec_pipe0",
}

FIRST = """
import json, sys, time
{}
url = sys.argv[1]
took = []
for number in range(2):
    began, cpu = time.perf_counter(), time.process_time()
    {}
    took += [time.process_time() - cpu, time.perf_counter() - began]
print(json.dumps(took))
"""
GET = "client.get(url + '/v1/pipes/check/r1', headers={'authorization': 'Bearer t'})"
FIRSTS = {
    OURS: FIRST.format(
        "import pipe0_client",
        "client = number and client or pipe0_client.Pipe0('t', base_url=url); "
        "client.check_pipes_run('r1')",
    ),
    HTTPX: FIRST.format("import httpx", f"client = number and client or httpx.Client(); {GET}"),
    "httpx, no certificates": FIRST.format(
        "import httpx, ssl",
        "client = number and client or httpx.Client(verify=ssl.SSLContext("
        f"ssl.PROTOCOL_TLS_CLIENT)); {GET}",
    ),
}


def chapter(effort: Effort) -> Chapter:
    """Measure imports and first requests in fresh processes, which take turns."""
    shelf = generate((API,), effort.folder)
    gone = [
        peer.name
        for peer in (PLAIN, OPENAPI_GENERATOR, PYDANTIC, MSGSPEC)
        if shelf.why_not(peer, API)
    ]
    codes = {
        name: IMPORT.format(code)
        for name, code in IMPORTS.items()
        if not any(name.startswith(absent) for absent in gone)
    }
    rounds = effort.rounds(15)
    (here,) = turns(codes, rounds=rounds, folder=effort.folder)
    lean = {name: ALONE + code for name, code in codes.items()}
    (alone,) = turns(lean, rounds=rounds, folder=effort.folder)
    with process(ANSWERING, small_bodies(API)[0].decode()) as url:
        firsts = turns(FIRSTS, url, rounds=rounds, folder=effort.folder)
    return Chapter(
        title="Starting",
        tables=(_imports(here, alone), _firsts(firsts)),
        targets=(
            Target(
                claim="import pipe0_client, times import httpx",
                value=here.ratio(OURS, HTTPX),
                most=1.3,
            ),
            Target(
                claim="import pipe0_client, times import httpx, where only the client is installed",
                value=alone.ratio(OURS, HTTPX),
                most=1.3,
            ),
            Target(
                claim="client and first request, times httpx's own",
                value=firsts[0].ratio(OURS, HTTPX),
                most=1.0,
            ),
        ),
        notes=(
            "Processor time of the import alone, in fresh processes with compiled modules.",
            "The first request goes to loopback: there our client reads no authorities.",
            *(f"{name}: not available, see above" for name in gone),
        ),
    )


def _imports(here: Times, alone: Times) -> Table:
    return Table(
        title="Importing, times `import httpx`",
        columns=("as installed here", "client alone", "client alone, ms"),
        rows=tuple(
            Row(
                name=name,
                values=(
                    here.ratio_of(name, HTTPX),
                    alone.ratio_of(name, HTTPX),
                    1e3 * alone.median(name) if name in alone else None,
                ),
            )
            for name in IMPORTS
        ),
        drawn=False,
    )


def _firsts(firsts: tuple[Times, ...]) -> Table:
    cpu, clock, again, _ = firsts
    return Table(
        title="Making a client and sending its first request, times httpx",
        columns=("processor", "clock", "processor, ms", "second request, processor, ms"),
        rows=tuple(
            Row(
                name=name,
                values=(
                    cpu.ratio(name, HTTPX),
                    clock.ratio(name, HTTPX),
                    1e3 * cpu.median(name),
                    1e3 * again.median(name),
                ),
            )
            for name in FIRSTS
        ),
        drawn=False,
    )
