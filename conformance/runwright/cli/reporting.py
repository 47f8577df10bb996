"""What is done with reports and histories that were saved: showing, comparing, joining."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from runwright.cli.ending import check_ending, finish
from runwright.cli.options import (
    CONFORMS,
    VIOLATED,
    JsonOption,
    ReportOption,
    StrictOption,
    UnreachableError,
    UsageError,
)
from runwright.cli.writing import check_outputs, save_history, write_text
from runwright.comparison import Comparison, Course, compare_reports, dump_comparison
from runwright.recordings import read_shard
from runwright.render.comparison import print_comparison, render_comparison
from runwright.render.number import count
from runwright.render.terminal import console
from runwright.report import read_report, read_reports

COMPARISONS = (".md", ".json")


def report(
    file: Annotated[
        list[Path], typer.Argument(help="Reports in JSON, as `--json` or `--report` make them.")
    ],
    output: ReportOption = None,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Render saved reports: as tables here, or as files of another form.

    Example: runwright report verdict.json --report verdict.html --report junit.xml
    """
    check_ending(files=output, baseline=None, new_baseline=None)
    reports = [one for path in file for one in read_reports(path)]
    finish(reports, as_json=as_json, strict=strict, files=output or ())


def diff(
    before: Annotated[Path, typer.Argument(help="A report in JSON.")],
    after: Annotated[
        Path, typer.Argument(help="A later one, or one of another generation of the API.")
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            help="Write the comparison here, in the form that the name ends with: .md (Markdown, "
            "for a pull request) or .json. May be repeated.",
            metavar="FILE",
            dir_okay=False,
        ),
    ] = None,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare two reports: what is newly violated, what was repaired, what is no longer met.

    Of two APIs, those rules are compared whose ids are the same after the API's name.

    Exits with 1 if something fails that did not before, with 3 if the later server went away.

    Examples:

    runwright diff yesterday.json today.json

    runwright diff main.json branch.json --report comment.md

    runwright diff pipe0_pipeline.json pipe0.json
    """
    for path in output or ():
        if path.suffix not in COMPARISONS:
            raise UsageError(f"{path}: comparisons are written as {' and '.join(COMPARISONS)}")
    check_outputs(files=output or ())
    comparison = compare_reports(read_report(before), read_report(after))
    for path in output or ():
        as_text = _json if path.suffix == ".json" else render_comparison
        write_text(as_text(comparison, strict=strict), path)
    if as_json:
        sys.stdout.write(_json(comparison, strict=strict))
    else:
        print_comparison(console(), comparison, strict=strict)
    course = comparison.course(strict=strict)
    if course is Course.OPEN:
        raise UnreachableError(f"{after}: {comparison.after.cut_short}")
    raise typer.Exit(VIOLATED if course is Course.WORSE else CONFORMS)


def _json(comparison: Comparison, *, strict: bool) -> str:
    return json.dumps(dump_comparison(comparison, strict=strict), indent=2) + "\n"


def merge(
    file: Annotated[
        list[str],
        typer.Argument(help="Histories of one API, in NDJSON, gzip or not; - for standard input."),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="Where to write the joined history.",
            metavar="FILE",
            dir_okay=False,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Join histories from several machines; what stands in several of them counts once.

    Example: runwright merge one.ndjson two.ndjson --output all.ndjson
    """
    from runwright.shard import missing_shards

    check_outputs(files=[output])
    shards = [read_shard(source) for source in file]
    histories = [history for history, _ in shards]
    flaws = [str(flaw) for _, found in shards for flaw in found]
    named = {history.api for history in histories}
    if len(named) > 1:
        raise UsageError(
            f"these are histories of several APIs, {', '.join(sorted(map(str, named)))}; "
            "merge those of each by themselves"
        )
    joined = histories[0].merge(*histories[1:])
    save_history(joined, output)
    missing = list(map(str, missing_shards(joined.notes)))
    targets = sorted({history.target for history in histories if history.target})
    if as_json:
        told = {
            "format": "runwright-merge/1",
            "output": str(output),
            "api": joined.api,
            "exchanges": len(joined.exchanges),
            "targets": targets,
            "missing_shards": missing,
            "cut_short": joined.cut_short,
            "passed_over": flaws,
        }
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        _tell(f"{output}: {count(len(joined.exchanges), 'exchange')}")
    for flaw in flaws:
        _tell(f"passed over: {flaw}")
    if missing:
        listed = ", ".join(missing)
        _tell(f"warning: shards are missing: {listed}; rules that only they meet stay unknown")
    if joined.cut_short:
        _tell(f"warning: {joined.cut_short}")
    if len(targets) > 1:
        _tell(f"warning: these are of several servers, judged as one: {', '.join(targets)}")


def _tell(text: str) -> None:
    console(stderr=True).print(text, markup=False, soft_wrap=True)
