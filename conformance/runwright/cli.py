"""The command line: serve an emulator, test a server, judge a recording, look up a rule.

Exit codes: 0 conforms, 1 violated, 2 usage or input, 3 could not reach the server.
"""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import evolve

from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE
from runwright.history import Exchange, History, HistoryError, write_history
from runwright.judge import judge as judge_history
from runwright.ledger import Reading
from runwright.recordings import read_recording
from runwright.recordings.flaw import Flaw
from runwright.render.progress import show_progress
from runwright.render.terminal import console, print_report, print_table
from runwright.report import Report, encode_report
from runwright.rulebook import load_rulebook
from runwright.spec import SpecError, apis, load_spec

if TYPE_CHECKING:
    from runwright.suite.audit import Target
    from runwright.suite.profile import Profile

CONFORMS, VIOLATED, USAGE, UNREACHABLE = 0, 1, 2, 3

app = typer.Typer(
    name="runwright",
    help="Contracts for APIs that report asynchronous runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class UnreachableError(Exception):
    """No request got an answer from the server under test."""


class UsageError(Exception):
    """The command cannot do what was asked; the message says why, and what would do."""


def run() -> int:
    """Run the command line and return its exit code."""
    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else CONFORMS
    except UnreachableError as error:
        return _fail(error, UNREACHABLE)
    except Exception as error:
        if not _is_input_error(error):
            raise
        return _fail(error, USAGE)
    return CONFORMS


def _is_input_error(error: Exception) -> bool:
    """True for the errors that say what is wrong with what the caller gave."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, UsageError | SpecError | HistoryError) or bool(
        # Their modules are heavy, and only loaded by the commands that can raise them.
        names & {"ProbeError", "CredentialsError", "MutantError", "WorldError", "ServerError"}
    )


def _fail(error: Exception, code: int) -> int:
    console(stderr=True).print(f"error: {error}", style="bold red", markup=False, soft_wrap=True)
    return code


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
    out = console()
    if as_json:
        out.print_json(data={api: load_spec(api).title for api in apis()})
        return
    for api in apis():
        out.print(f"[bold]{api}[/]  {load_spec(api).title}")


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
        print_table(console(), ("family", "fault", "how it comes about"), rows)
        return
    serve_emulator(api, host=host, port=port, seed=seed, speed=speed, reading=reading, fault=fault)


@app.command("test")
def run_test(
    api: Annotated[
        list[str], typer.Argument(help="One API, or several.", autocompletion=_complete_api)
    ],
    url: Annotated[
        str | None,
        typer.Option(
            help="The server under test; the embedded emulator if left out. "
            f"Its credentials are read from {TOKEN_VARIABLE} and, for a second tenant, from "
            f"{OTHER_TOKEN_VARIABLE}."
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="quick, default, or thorough.")] = "default",
    seed: SeedOption = 0,
    reading: ReadingOption = "seed",
    fault: Annotated[
        str | None, typer.Option(help="Test a mutant of the emulator.", metavar="NAME")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--set", help="A path parameter that cannot be found out.", metavar="K=V"),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="The id of a run that exists, to observe it, too.")
    ] = None,
    observe_only: Annotated[bool, typer.Option(help="Start and change nothing.")] = False,
    max_requests: Annotated[int | None, typer.Option(min=0, help="Send at most so many.")] = None,
    max_runs: Annotated[int | None, typer.Option(min=0, help="Start at most so many.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Requests a second.")] = None,
    deadline: Annotated[float | None, typer.Option(min=1, help="Seconds, in all.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the history here, as NDJSON.", metavar="FILE")
    ] = None,
    strict: Annotated[bool, typer.Option(help="Let inferred rules fail, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Test a server: start runs, watch them to their ends, and judge all that was seen.

    Examples:

    runwright test nekt

    runwright test nekt --fault stale-replica

    RUNWRIGHT_TOKEN=… runwright test pipe0 --url https://staging.example.com --max-runs 5
    """
    from runwright.budget import Budget
    from runwright.suite.audit import run_suite

    _check_together(api, url=url, fault=fault, save=save, run=run)
    for name in api:
        load_spec(name)
    budget = Budget(
        max_requests=max_requests,
        max_runs=max_runs,
        rate=rate,
        deadline=deadline,
        observe_only=observe_only,
    )
    reports = []
    for name in api:
        with show_progress(console(stderr=True), name) as tell:
            audit = run_suite(
                name,
                target=_target(url, parameter or []) if url else None,
                reading=reading,
                seed=seed,
                profile=_profile(profile),
                budget=budget,
                fault=fault,
                watch=tuple(run or ()),
                tell=tell,
            )
        if all(exchange.status is None for exchange in audit.history.exchanges):
            raise UnreachableError(_why_silent(url or name, audit.history))
        if save is not None:
            write_history(audit.history, save)
        for remark in audit.remarks:
            console(stderr=True).print(f"{name}: {remark}", markup=False)
        reports.append(audit.report)
    _finish(reports, as_json=as_json, strict=strict)


def _check_together(
    apis_named: list[str],
    *,
    url: str | None,
    fault: str | None,
    save: Path | None,
    run: list[str] | None,
) -> None:
    """Refuse options that do not go together."""
    if url and fault:
        raise UsageError("--fault is for the emulator; leave out --url")
    if run and not url:
        raise UsageError("--run names a run of a server; say which with --url")
    if len(apis_named) > 1:
        for option, value in (("--url", url), ("--fault", fault), ("--save", save)):
            if value is not None:
                raise UsageError(f"{option} goes with one API, not with {len(apis_named)}")


def _target(url: str, settings: list[str]) -> "Target":
    from runwright.suite.audit import Target, tenants_from_environment

    values = {}
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name:
            raise UsageError(f"--set {setting}: write it as NAME=VALUE")
        values[name] = value
    tenants = tenants_from_environment()
    return Target(url=url, tenants=tenants, parameters={tenant.name: values for tenant in tenants})


def _profile(name: str) -> "Profile":
    from runwright.suite.profile import PROFILES

    if name not in PROFILES:
        raise UsageError(f"no profile is called {name!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[name]


def _why_silent(target: str, history: History) -> str:
    reason = next((e.error for e in history.exchanges if e.error), "no request was sent")
    return f"{target} did not answer: {reason}"


@app.command()
def judge(
    file: Annotated[
        list[str],
        typer.Argument(
            help="Recordings, or - for standard input: our NDJSON, HAR 1.2, reports of "
            "Schemathesis, VCR cassettes, a folder of JSON bodies; gzip or not."
        ),
    ],
    api: Annotated[str, typer.Option(help="The API that was recorded.")],
    reading: ReadingOption = "seed",
    strict: Annotated[bool, typer.Option(help="Let inferred rules fail, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge recorded traffic, without any network.

    Example: runwright judge history.ndjson traffic.har --api nekt
    """
    rulebook = load_rulebook(api)
    exchanges: dict[str, Exchange] = {}
    for number, source in enumerate(file):
        for found in read_recording(source, rulebook.spec):
            if isinstance(found, Flaw):
                console(stderr=True).print(f"{found}; passed over", markup=False, soft_wrap=True)
            else:
                known = found.id in exchanges and exchanges[found.id] != found
                kept = evolve(found, worker=f"{found.worker}-{number}") if known else found
                exchanges[kept.id] = kept
    if not exchanges:
        raise UsageError(f"nothing to judge: no exchange could be read from {', '.join(file)}")
    history = History(exchanges=tuple(exchanges.values()), api=api, target=", ".join(file))
    _finish([judge_history(history, rulebook, reading=reading)], as_json=as_json, strict=strict)


def _finish(reports: list[Report], *, as_json: bool, strict: bool) -> None:
    """Print reports and leave with the exit code that they amount to."""
    if as_json:
        for report in reports:
            sys.stdout.write(encode_report(report).decode() + "\n")
    else:
        for report in reports:
            print_report(console(), report, strict=strict)
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
        console().print_json(
            data=[
                {"rule": e.rule.id, "level": e.level.value, "claim": e.rule.claim} for e in entries
            ]
        )
        return
    print_table(
        console(),
        ("level", "rule", "claim"),
        [(e.level.value, e.rule.id, e.rule.claim) for e in entries],
    )
