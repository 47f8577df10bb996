"""How a command that judges ends: reports are shown and written, and the exit code says it all."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import typer

from runwright.baseline import apply_baseline, make_baseline, read_baseline, write_baseline
from runwright.cli.options import CONFORMS, VIOLATED
from runwright.cli.writing import write_report
from runwright.render.terminal import console, print_report
from runwright.report import Report, encode_report


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
