"""What the commands share: options, exit codes, errors, and how they end."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

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
        help="Write the smallest history that shows each violated rule broken, as "
        "<rule>.ndjson, into this folder.",
        metavar="DIR",
        file_okay=False,
    ),
]


def finish(
    reports: list[Report], *, as_json: bool, strict: bool, closing: Iterable[str] = ()
) -> None:
    """Print reports and leave with the exit code that they amount to.

    The closing lines go to standard error, after the reports.
    """
    if as_json:
        for report in reports:
            sys.stdout.write(encode_report(report).decode() + "\n")
    else:
        for report in reports:
            print_report(console(), report, strict=strict)
    for line in closing:
        console(stderr=True).print(line, markup=False, soft_wrap=True)
    good = all(report.conforms(strict=strict) for report in reports)
    raise typer.Exit(CONFORMS if good else VIOLATED)
