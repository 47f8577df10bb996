"""What the commands share: options, exit codes, errors, and how they end."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from runwright.baseline import apply_baseline, make_baseline, read_baseline, write_baseline
from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.render.terminal import console, print_report
from runwright.report import Report, encode_report
from runwright.spec import apis

CONFORMS, VIOLATED, USAGE, UNREACHABLE = 0, 1, 2, 3


class UnreachableError(Exception):
    """No request got an answer from the server under test."""


class UsageError(Mistake):
    """The command cannot do what was asked; the message says why, and what would do."""


def complete_api(incomplete: str) -> list[str]:
    """Complete the id of an API for a shell."""
    return [api for api in apis() if api.startswith(incomplete)]


ApiArgument = Annotated[
    str, typer.Argument(help="An API: see `runwright apis`.", autocompletion=complete_api)
]
ApisArgument = Annotated[
    list[str], typer.Argument(help="One API, or several.", autocompletion=complete_api)
]
ReadingOption = Annotated[
    Reading, typer.Option(help="Which generation of the docs judges: seed, or current.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Let inferred rules fail, too.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SeedOption = Annotated[int, typer.Option(help="The same seed makes the same requests.")]


EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        help="Write the smallest history that shows each violated rule broken, as "
        "<rule>.ndjson, into this folder.",
        metavar="DIR",
        file_okay=False,
    ),
]
ReportOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Write the report here, in the form that the name ends with: .json, .html, "
        ".xml (JUnit), .md (Markdown) or .svg (a badge). May be repeated.",
        metavar="FILE",
        dir_okay=False,
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        help="Known violations, each with a reason and a day on which it expires; they do not "
        "fail. Entries that are stale or expired do.",
        metavar="FILE",
        dir_okay=False,
    ),
]
WriteBaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--write-baseline",
        help="Write a baseline of what fails now, for you to say why.",
        metavar="FILE",
        dir_okay=False,
    ),
]


def finish(
    reports: Sequence[Report],
    *,
    as_json: bool,
    strict: bool,
    closing: Iterable[str] = (),
    files: Sequence[Path] = (),
    baseline: Path | None = None,
    new_baseline: Path | None = None,
) -> None:
    """Print and write reports, and leave with the exit code that they amount to.

    The closing lines go to standard error, after the reports.
    """
    from runwright.cli.writing import write_report

    known = read_baseline(baseline) if baseline else None
    today = date.today()
    if new_baseline is not None:
        made = make_baseline(reports, today=today, before=known, strict=strict)
        write_baseline(made, new_baseline)
    if known is not None:
        reports = apply_baseline(reports, known, today=today)
    if as_json:
        for report in reports:
            sys.stdout.write(encode_report(report).decode() + "\n")
    else:
        for report in reports:
            print_report(console(), report, strict=strict)
    for path in files:
        write_report(reports, path, strict=strict)
    for line in closing:
        console(stderr=True).print(line, markup=False, soft_wrap=True)
    good = all(report.conforms(strict=strict) for report in reports)
    raise typer.Exit(CONFORMS if good else VIOLATED)
