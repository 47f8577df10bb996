"""What is done with reports and histories that were saved: showing, comparing, joining."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from runwright.cli.ending import finish
from runwright.cli.options import (
    CONFORMS,
    VIOLATED,
    JsonOption,
    ReportOption,
    StrictOption,
    UsageError,
)
from runwright.comparison import compare_reports, dump_comparison
from runwright.history import read_history, write_history
from runwright.render.comparison import print_comparison
from runwright.render.terminal import console
from runwright.report import read_report, read_reports


def report(
    file: Annotated[
        list[Path], typer.Argument(help="Reports in JSON, as `--json` or `--report` make them.")
    ],
    output: ReportOption = None,
    strict: StrictOption = False,
) -> None:
    """Render saved reports: as tables here, or as files of another form.

    Example: runwright report verdict.json --report verdict.html --report junit.xml
    """
    reports = [one for path in file for one in read_reports(path)]
    finish(reports, as_json=False, strict=strict, files=output or ())


def diff(
    before: Annotated[Path, typer.Argument(help="A report in JSON.")],
    after: Annotated[Path, typer.Argument(help="A later one, or one of another generation.")],
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare two reports: what is newly violated, what was repaired, what is no longer met.

    Exits 1 if something fails that did not fail before.

    Example: runwright diff yesterday.json today.json
    """
    comparison = compare_reports(read_report(before), read_report(after))
    if as_json:
        sys.stdout.write(json.dumps(dump_comparison(comparison), indent=2) + "\n")
    else:
        print_comparison(console(), comparison, strict=strict)
    raise typer.Exit(VIOLATED if comparison.regresses(strict=strict) else CONFORMS)


def merge(
    file: Annotated[list[Path], typer.Argument(help="Histories of one API, in NDJSON.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the joined history.")
    ],
) -> None:
    """Join histories from several machines; what stands in several of them counts once.

    Example: runwright merge one.ndjson two.ndjson --output all.ndjson
    """
    from runwright.suite.shard import missing_shards

    first, *others = (read_history(path) for path in file)
    named = {history.api for history in (first, *others)}
    if len(named) > 1:
        raise UsageError(f"these are histories of several APIs: {', '.join(map(str, named))}")
    joined = first.merge(*others)
    write_history(joined, output)
    out = console(stderr=True)
    out.print(f"{output}: {len(joined.exchanges)} exchanges", markup=False)
    if missing := missing_shards(joined.notes):
        listed = ", ".join(map(str, missing))
        out.print(
            f"warning: shards are missing: {listed}; rules that only they meet stay unknown",
            markup=False,
            soft_wrap=True,
        )
