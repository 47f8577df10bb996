"""Serving an emulator."""

import json
import sys
from typing import Annotated

import typer

from runwright.cli.options import (
    ApiArgument,
    JsonOption,
    SpecOption,
    UsageError,
    chosen,
    complete_fault,
)
from runwright.ledger import Reading
from runwright.render.terminal import console, print_table


def serve(
    api: ApiArgument = None,
    spec: SpecOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same answers to the same requests.")
    ] = 0,
    speed: Annotated[float, typer.Option(min=0.01, help="How fast its clock runs.")] = 1.0,
    reading: Annotated[
        Reading, typer.Option(help="Which generation of the docs it keeps: seed, or current.")
    ] = "seed",
    fault: Annotated[
        str | None,
        typer.Option(
            help="Serve a mutant that breaks one rule.",
            metavar="NAME",
            autocompletion=complete_fault,
        ),
    ] = None,
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help="List the mutants of the API and stop.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve an emulator of an API on loopback, to develop against without spending credits.

    Examples:

    runwright serve pipe0 --port 8080 --speed 10

    runwright serve nekt --list-faults

    runwright serve --spec my/openapi.yaml --port 8080
    """
    from runwright.emulator.mutant import mutants_of
    from runwright.emulator.server import serve as serve_emulator

    served = chosen([api] if api else (), spec)[0].spec
    if list_faults and not served.is_ours:
        raise UsageError(
            f"{served.file} has no faults to serve: they are written by hand, for the APIs that "
            "`runwright apis` lists; its emulator is honest"
        )
    if list_faults:
        faults = mutants_of(served.api).values()
        if as_json:
            told = [
                {"fault": m.name, "family": m.family, "breaks": m.breaks, "story": m.story}
                for m in faults
            ]
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
            return
        rows = [(m.family, m.name, m.story) for m in faults]
        print_table(console(), ("family", "fault", "how it comes about"), rows)
        return
    serve_emulator(
        served,
        host=host,
        port=port,
        seed=seed,
        speed=speed,
        reading=reading,
        fault=fault,
        as_json=as_json,
        say=_say,
    )


def _say(line: str) -> None:
    # At once, for whoever waits for the URL in a pipe.
    print(line, flush=True)
