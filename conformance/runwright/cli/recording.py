"""Recording a program, and judging what it did."""

import sys
from datetime import date
from typing import Annotated

import typer
from attrs import evolve
from rich.text import Text

from runwright.baseline import Baseline, apply_baseline, read_baseline, unmet_entries
from runwright.census import Census
from runwright.cli.ending import check_ending
from runwright.cli.options import (
    CONFORMS,
    VIOLATED,
    BaselineOption,
    EvidenceOption,
    ReadingOption,
    ReportOption,
    SaveOption,
    SpecOption,
    StrictOption,
    UsageError,
    checked_url,
    chosen,
    complete_api,
)
from runwright.cli.writing import save_history, write_report
from runwright.record.session import Recording, record_program
from runwright.render.evidence import write_evidence
from runwright.render.number import count
from runwright.render.terminal import console, print_evidence, summary
from runwright.report import Verdict, encode_report

SETTINGS = {"allow_interspersed_args": False}
"""For the command line: options that follow the program are the program's."""

REMEDY = "Name with --url the base URL that the API has, or with --api the API that has this one"


def record(
    command: Annotated[
        list[str], typer.Argument(help="A program and its arguments, after --.", metavar="-- …")
    ],
    api: Annotated[
        str | None,
        typer.Option(help="The API that the program uses.", autocompletion=complete_api),
    ] = None,
    spec: SpecOption = None,
    url: Annotated[
        list[str] | None,
        typer.Option(
            help="A base URL of the API. If left out: the servers that the spec names or, if "
            "nothing is sent to them, those that are asked for a path of the API."
        ),
    ] = None,
    save: SaveOption = None,
    report_to: ReportOption = None,
    reading: ReadingOption = "seed",
    conduct: Annotated[bool, typer.Option("--conduct", help="Judge the program, too.")] = False,
    evidence: EvidenceOption = None,
    baseline: BaselineOption = None,
    strict: StrictOption = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Give the verdict as JSON; on standard error, like all of it."),
    ] = False,
) -> None:
    """Run a Python program, record what it does over HTTP, and judge it.

    Recorded is what goes through httpx, requests, urllib3 and urllib.request, in the program and
    in every Python that it starts; secrets are replaced before anything is written. The program's
    input, output and signals are its own; the verdict goes to standard error. The exit code is
    the program's if that is not 0.

    Examples:

    runwright record --api pipe0 --save history.ndjson -- python my_script.py

    runwright record --api nekt --report verdict.html --report junit.xml -- python -m pytest
    """
    (rulebook,) = chosen([api] if api else (), spec)
    check_ending(
        files=report_to, save=save, evidence=evidence, baseline=baseline, new_baseline=None
    )
    urls = tuple(map(checked_url, url or ()))
    recording = record_program(command, rulebook, urls=urls, reading=reading, conduct=conduct)
    if save is not None:
        save_history(recording.history, save)
    is_void = recording.report.is_void
    if evidence is not None and not is_void:
        write_evidence(recording.report, evidence)
    if baseline is not None and not is_void:
        recording = _known(recording, read_baseline(baseline))
    for path in () if is_void else report_to or ():
        write_report([recording.report], path, strict=strict)
    if as_json and not is_void:
        sys.stderr.write(encode_report(recording.report).decode() + "\n")
    elif not as_json:
        _tell(recording, strict=strict)
    if recording.exit_code:
        raise typer.Exit(recording.exit_code)
    if recording.is_empty:
        raise UsageError(_why_empty(recording, rulebook.spec.api))
    if is_void:
        census = Census.of(recording.history.exchanges)
        raise UsageError(census.why_void(recording.report, REMEDY))
    raise typer.Exit(CONFORMS if recording.report.conforms(strict=strict) else VIOLATED)


def _tell(recording: Recording, *, strict: bool) -> None:
    out = console(stderr=True)
    exchanges = count(len(recording.history.exchanges), "exchange")
    where = f" with {recording.history.target}" if recording.history.target else ""
    out.print(
        f"\nrecorded {exchanges}{where}, "
        f"by {count(recording.processes, 'process', 'processes')} of: {recording.command}",
        markup=False,
        soft_wrap=True,
    )
    if recording.strangers:
        servers = ", ".join(f"{server} ({number})" for server, number in recording.strangers)
        out.print(f"left out, as not of the API: {servers}", markup=False, soft_wrap=True)
    if recording.exit_code:
        out.print(Text(f"the program ended with {recording.exit_code}", "bold red"))
    if not recording.report.is_void:
        violated = recording.report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
        print_evidence(out, violated)
        for fault in recording.report.baseline_faults:
            out.print(f"\nbaseline: {fault}", markup=False, soft_wrap=True)
        out.print()
        out.print(summary(recording.report, strict=strict), soft_wrap=True)


def _known(recording: Recording, baseline: Baseline) -> Recording:
    """Return a recording whose report knows what a baseline accepts."""
    (report,) = apply_baseline([recording.report], baseline, today=date.today())
    for line in unmet_entries([report], baseline):
        console(stderr=True).print(line, markup=False, soft_wrap=True)
    return evolve(recording, report=report)


def _why_empty(recording: Recording, api: str) -> str:
    if recording.strangers:
        return (
            f"nothing to judge: no request was one of {api}; if a server above is the API's, "
            "say so with --url"
        )
    return (
        "nothing to judge: no request was seen. Only Python programs are recorded, not those "
        "started with -E, -I or -S, and of HTTP libraries not aiohttp; in a program of your own, "
        "use runwright.watch"
    )
