"""How a command that judges ends: reports are shown and written, and the exit code says it all."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import typer

from runwright.baseline import (
    Baseline,
    apply_baseline,
    make_baseline,
    read_baseline,
    unmet_entries,
    write_baseline,
)
from runwright.cli.options import CONFORMS, INTERRUPTED, VIOLATED, UnreachableError, UsageError
from runwright.cli.writing import check_outputs, write_report
from runwright.render.terminal import console, print_report, print_verdicts
from runwright.report import Report, Standing, encode_reports


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

    The closing lines go to standard error, after the reports; the verdicts of several reports
    stand together at the end. Files are written first: whoever reads what is printed may stop
    reading.

    Raises:
        UnreachableError: nothing was violated, but servers were gone before the end.
    """
    known = read_baseline(baseline) if baseline else None
    today = date.today()
    if new_baseline is not None:
        made = make_baseline(reports, today=today, before=known, strict=strict)
        _write(made, new_baseline)
    if known is not None:
        reports = apply_baseline(reports, known, today=today)
        closing = (*unmet_entries(reports, known), *closing)
    for path in files:
        write_report(reports, path, strict=strict)
    if as_json:
        sys.stdout.write(encode_reports(reports).decode() + "\n")
    for report in () if as_json else reports:
        print_report(console(), report, strict=strict)
    sys.stdout.flush()
    for line in closing:
        console(stderr=True).print(line, markup=False, soft_wrap=True)
    if len(reports) > 1 and not as_json:
        print_verdicts(console(), reports, strict=strict)
    standings = {report.standing(strict=strict) for report in reports}
    if Standing.VIOLATED in standings:
        raise typer.Exit(VIOLATED)
    if Standing.OPEN in standings:
        raise UnreachableError("; ".join(filter(None, (report.cut_short for report in reports))))
    raise typer.Exit(CONFORMS)


def check_ending(
    *,
    files: Sequence[Path] | None,
    baseline: Path | None,
    new_baseline: Path | None,
    save: Path | None = None,
    evidence: Path | None = None,
) -> None:
    """Refuse what would make a command fail in the end, before anything long is begun.

    Raises:
        UsageError: something cannot be written.
        BaselineError: the baseline cannot be read.
    """
    check_outputs(reports=files, files=(save, new_baseline), folder=evidence)
    if baseline is not None:
        read_baseline(baseline)


def _write(baseline: Baseline, path: Path) -> None:
    try:
        write_baseline(baseline, path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def leave_interrupted(told: str) -> NoReturn:
    """Say what became of an interrupted command, and end the process.

    It ends at once: threads that still wait for an answer would hold it up.
    """
    console(stderr=True).print(told, markup=False, soft_wrap=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
