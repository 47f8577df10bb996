"""Testing a server, or the embedded emulator."""

import contextlib
import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runwright.cli.ending import check_ending, finish, leave_interrupted
from runwright.cli.options import (
    ApisArgument,
    BaselineOption,
    EvidenceOption,
    JsonOption,
    ReadingOption,
    ReportOption,
    SaveOption,
    SeedOption,
    SpecOption,
    StrictOption,
    UnreachableError,
    UsageError,
    WriteBaselineOption,
    chosen,
    complete_fault,
    complete_profile,
)
from runwright.cli.writing import save_history, write_report
from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE
from runwright.history import History
from runwright.render.evidence import write_evidence
from runwright.render.progress import show_progress
from runwright.render.terminal import console
from runwright.report import Standing
from runwright.rulebook import Rulebook

if TYPE_CHECKING:
    from runwright.budget import Budget
    from runwright.shard import Shard
    from runwright.suite.profile import Profile
    from runwright.suite.target import Target


def run_test(
    api: ApisArgument = None,
    spec: SpecOption = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="The server under test; the embedded emulator if left out. "
            f"Its credentials are read from {TOKEN_VARIABLE} and, for a second tenant, from "
            f"{OTHER_TOKEN_VARIABLE}."
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            help="How much to do: quick, default, or thorough.", autocompletion=complete_profile
        ),
    ] = "default",
    seed: SeedOption = 0,
    reading: ReadingOption = "seed",
    fault: Annotated[
        str | None,
        typer.Option(
            help="Test a mutant of the emulator, inferred rules included.",
            metavar="NAME",
            autocompletion=complete_fault,
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A parameter that cannot be found out, such as a workspace in the path or in a "
            "header of every request; other:K=V is the second tenant's.",
            metavar="K=V",
        ),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="The id of a run that exists, to observe it, too.")
    ] = None,
    observe_only: Annotated[bool, typer.Option(help="Start and change nothing.")] = False,
    max_requests: Annotated[int | None, typer.Option(min=0, help="Send at most so many.")] = None,
    max_runs: Annotated[int | None, typer.Option(min=0, help="Start at most so many.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Requests a second.")] = None,
    deadline: Annotated[float | None, typer.Option(min=1, help="Seconds, in all.")] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Do one part of the work, such as 2/5, or auto: the part that a CI system tells. "
            "Save the histories of all parts, `runwright merge` them and judge the whole.",
            metavar="I/N",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="A folder, or a Redis server such as redis://host:6379/0, that keeps what broke "
            "a rule; that is tried first in the next test.",
            metavar="PLACE",
            envvar="RUNWRIGHT_DATABASE",
        ),
    ] = None,
    save: SaveOption = None,
    evidence: EvidenceOption = None,
    report_to: ReportOption = None,
    baseline: BaselineOption = None,
    new_baseline: WriteBaselineOption = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="List what would be sent, and send nothing.")
    ] = False,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Test a server: start runs, watch them to their ends, and judge all that was seen.

    Examples:

    runwright test nekt

    runwright test nekt --fault cache-key-lacks-the-path

    RUNWRIGHT_TOKEN=… runwright test pipe0 --url https://staging.example.com --max-runs 5

    runwright test pipe0 --url https://staging.example.com --max-runs 5 --plan

    runwright test nekt --url https://staging.example.com --shard 2/5 --save 2.ndjson

    runwright test --spec my/openapi.yaml
    """
    from runwright.budget import Budget, tell_spent
    from runwright.shard import read_shard
    from runwright.suite.audit import run_suite
    from runwright.suite.memory import open_memory
    from runwright.suite.reach import ReachError, SilentError, check_reached

    check_ending(
        files=report_to,
        baseline=baseline,
        new_baseline=new_baseline,
        save=save,
        evidence=evidence,
    )
    books = chosen(api or (), spec)
    _check_together(
        tuple(book.spec.api for book in books),
        url=url,
        fault=fault,
        save=save,
        run=run,
        shard=shard,
    )
    budget = Budget(
        max_requests=max_requests,
        max_runs=max_runs,
        rate=rate,
        deadline=deadline,
        observe_only=observe_only,
    )
    settings = _settings(parameter or [])
    watch = tuple(run or ())
    part = read_shard(shard) if shard is not None else None
    size = _profile(profile)
    if plan:
        _plan(books, url, seed, size, budget, settings, watch, part, as_json=as_json)
        return
    memory = open_memory(database) if database else None
    reports, closing = [], []
    strict = strict or fault is not None
    target = _target(url, settings) if url else None
    for book in books:
        name = book.spec.api
        with _kept(save, book, url), show_progress(console(stderr=True), name) as tell:
            audit = run_suite(
                book,
                target=target,
                reading=reading,
                seed=seed,
                profile=size,
                budget=budget,
                fault=fault,
                watch=watch,
                shard=part,
                memory=memory,
                tell=tell,
            )
        if save is not None:
            save_history(audit.history, save)
        if not audit.history.exchanges:
            raise UsageError(f"{name}: nothing was judged, for these limits allow no request")
        try:
            check_reached(audit.history, target)
        except SilentError as error:
            # Who looks at the files only must not find those of an earlier test.
            for path in report_to or ():
                write_report([audit.report], path, strict=strict)
            raise UnreachableError(str(error)) from None
        except ReachError as error:
            raise UsageError(str(error)) from None
        report = audit.report
        for remark in audit.remarks:
            console(stderr=True).print(f"{name}: {remark}", markup=False)
        if evidence is not None:
            write_evidence(report, evidence)
        reports.append(report)
        closing.append(f"{name}: {tell_spent(audit.spent, budget)}")
        if audit.memory is not None:
            closing.append(f"{name}: {audit.memory}")
        if report.standing(strict=strict) is Standing.VIOLATED:
            closing.append(f"{name}: repeat with: {audit.command}")
    finish(
        reports,
        as_json=as_json,
        strict=strict,
        closing=closing,
        files=report_to or (),
        baseline=baseline,
        new_baseline=new_baseline,
    )


@contextlib.contextmanager
def _kept(save: Path | None, book: Rulebook, url: str | None) -> Iterator[None]:
    """Keep what was recorded if somebody stops the test, and leave."""
    from runwright.suite.observe import Interruption

    try:
        yield
    except Interruption as stop:
        count = len(stop.exchanges)
        told = f"{book.spec.api}: interrupted after {count} exchanges"
        if save is None:
            leave_interrupted(f"{told}; name a file with --save to keep them")
        api = book.spec.api
        notes = ("interrupted",)
        history = History(exchanges=stop.exchanges, api=api, target=url, notes=notes)
        save_history(history, save)
        named = ("--api", api) if book.spec.is_ours else ("--spec", book.spec.file)
        command = shlex.join(("runwright", "judge", str(save), *named))
        leave_interrupted(f"{told}, kept in {save}; judge it with: {command}")


def _plan(
    books: Sequence[Rulebook],
    url: str | None,
    seed: int,
    profile: "Profile",
    budget: "Budget",
    settings: Mapping[str, Mapping[str, str]],
    watch: tuple[str, ...],
    shard: "Shard | None",
    *,
    as_json: bool,
) -> None:
    from runwright.cli.planning import plan_test, print_plan
    from runwright.suite.forecast import dump_forecast

    found = [
        plan_test(
            book.spec,
            url=url,
            seed=seed,
            profile=profile,
            budget=budget,
            parameters=settings,
            watch=watch,
            shard=shard,
        )
        for book in books
    ]
    if as_json:
        dumped = list(map(dump_forecast, found))
        text = json.dumps(dumped[0] if len(dumped) == 1 else dumped, indent=2)
        sys.stdout.write(text + "\n")
    for forecast in () if as_json else found:
        print_plan(console(), forecast)


def _check_together(
    apis_named: Sequence[str],
    *,
    url: str | None,
    fault: str | None,
    save: Path | None,
    run: list[str] | None,
    shard: str | None,
) -> None:
    """Refuse options that do not go together."""
    if url and fault:
        raise UsageError("--fault is for the emulator; leave out --url")
    if run and not url:
        raise UsageError("--run names a run of a server; say which with --url")
    if shard and not url:
        raise UsageError(
            "--shard is a part of the work on one server, which all parts test; "
            "say which with --url (`runwright serve` starts an emulator)"
        )
    if len(apis_named) > 1:
        for option, value in (("--url", url), ("--fault", fault), ("--save", save)):
            if value is not None:
                raise UsageError(f"{option} goes with one API, not with {len(apis_named)}")


def _settings(settings: list[str]) -> Mapping[str, Mapping[str, str]]:
    from runwright.suite.target import SettingError, read_settings

    try:
        return read_settings(settings)
    except SettingError as error:
        raise UsageError(f"--set {error}") from None


def _target(url: str, parameters: Mapping[str, Mapping[str, str]]) -> "Target":
    from runwright.suite.target import Target, tenants_from_environment

    return Target(url=url, tenants=tenants_from_environment(), parameters=parameters)


def _profile(name: str) -> "Profile":
    from runwright.suite.profile import PROFILES

    if name not in PROFILES:
        raise UsageError(f"no profile is called {name!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[name]
