"""The command line: serve an emulator, test a server, judge a recording, look up a rule.

Exit codes: 0 conforms, 1 violated, 2 usage or input, 3 could not reach the server.
"""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from runwright.history import HistoryError, read_history
from runwright.judge import judge as judge_history
from runwright.ledger import Reading
from runwright.render.terminal import print_report, print_table
from runwright.report import Report, encode_report
from runwright.rulebook import load_rulebook
from runwright.spec import SpecError, apis, load_spec

CONFORMS, VIOLATED, USAGE, UNREACHABLE = 0, 1, 2, 3

app = typer.Typer(
    name="runwright",
    help="Contracts for APIs that report asynchronous runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
errors = Console(stderr=True)


class UsageError(Exception):
    """The command cannot do what was asked; the message says why, and what would do."""


def run() -> int:
    """Run the command line and return its exit code."""
    from runwright.probe import UnreachableError

    try:
        app(standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        return 130
    except typer.TyperException as error:
        error.show()
        return error.exit_code
    except (UsageError, SpecError, HistoryError) as error:
        errors.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        return USAGE
    except UnreachableError as error:
        errors.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        return UNREACHABLE
    except KeyboardInterrupt:
        return 130
    return CONFORMS


def _version(wanted: bool) -> None:
    if wanted:
        print(f"runwright {version('runwright')}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Contracts for APIs that report asynchronous runs."""


def _complete_api(incomplete: str) -> list[str]:
    return [api for api in apis() if api.startswith(incomplete)]


ApiArgument = Annotated[
    str, typer.Argument(help="An API: see `runwright apis`.", autocompletion=_complete_api)
]
ReadingOption = Annotated[
    Reading, typer.Option(help="Which generation of the docs judges: seed, or current.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SeedOption = Annotated[int, typer.Option(help="The same seed makes the same requests.")]


@app.command("apis")
def list_apis(as_json: JsonOption = False) -> None:
    """List the APIs that have a spec.

    Example: runwright apis
    """
    console = Console(highlight=False)
    if as_json:
        console.print_json(data={api: load_spec(api).title for api in apis()})
        return
    for api in apis():
        console.print(f"[bold]{api}[/]  {load_spec(api).title}")


@app.command()
def serve(
    api: ApiArgument,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    seed: SeedOption = 0,
    speed: Annotated[float, typer.Option(min=0.01, help="How fast its clock runs.")] = 1.0,
    reading: ReadingOption = "seed",
    fault: Annotated[
        str | None, typer.Option(help="Serve a mutant that breaks one rule.", metavar="NAME")
    ] = None,
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help="List the mutants of the API and stop.")
    ] = False,
) -> None:
    """Serve an emulator of an API on loopback, to develop against without spending credits.

    Example: runwright serve pipe0 --port 8080 --speed 10
    """
    from runwright.emulator.mutant import mutants_of
    from runwright.emulator.server import serve as serve_emulator

    load_spec(api)
    if list_faults:
        rows = [(m.family, m.name, m.story) for m in mutants_of(api).values()]
        print_table(Console(highlight=False), ("family", "fault", "how it comes about"), rows)
        return
    serve_emulator(api, host=host, port=port, seed=seed, speed=speed, reading=reading, fault=fault)


@app.command()
def judge(
    file: Annotated[Path, typer.Argument(help="A history, as `runwright test --save` writes it.")],
    api: Annotated[
        str | None, typer.Option(help="The API; read from the file's header if it says.")
    ] = None,
    reading: ReadingOption = "seed",
    strict: Annotated[bool, typer.Option(help="Let inferred rules fail, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge a recorded history, without any network.

    Example: runwright judge history.ndjson --api nekt
    """
    history = read_history(file)
    name = api or history.api
    if name is None:
        raise UsageError(f"{file} does not say which API it is of; say it with --api NAME")
    report = judge_history(history, load_rulebook(name), reading=reading)
    _finish([report], as_json=as_json, strict=strict)


def _finish(reports: list[Report], *, as_json: bool, strict: bool) -> None:
    """Print reports and leave with the exit code that they amount to."""
    if as_json:
        for report in reports:
            sys.stdout.write(encode_report(report).decode() + "\n")
    else:
        console = Console(highlight=False)
        for report in reports:
            print_report(console, report, strict=strict)
    good = all(report.conforms(strict=strict) for report in reports)
    raise typer.Exit(CONFORMS if good else VIOLATED)


@app.command()
def rules(
    api: Annotated[
        list[str] | None, typer.Argument(help="APIs; all by default.", autocompletion=_complete_api)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules of an API, with their levels.

    Example: runwright rules nekt
    """
    entries = [entry for name in api or apis() for entry in load_rulebook(name).entries]
    if as_json:
        Console().print_json(
            data=[
                {"rule": e.rule.id, "level": e.level.value, "claim": e.rule.claim} for e in entries
            ]
        )
        return
    print_table(
        Console(highlight=False),
        ("level", "rule", "claim"),
        [(e.level.value, e.rule.id, e.rule.claim) for e in entries],
    )
