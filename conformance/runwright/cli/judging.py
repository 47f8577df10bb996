"""Judging what was recorded."""

import contextlib
from typing import Annotated, Final

import typer
from attrs import evolve

from runwright.census import Census
from runwright.cleaning import clean_report
from runwright.cli.ending import check_ending, finish
from runwright.cli.options import (
    AUTO,
    BaselineOption,
    EvidenceOption,
    JsonOption,
    ReadingOption,
    ReportOption,
    SpecOption,
    StrictOption,
    UsageError,
    WriteBaselineOption,
    checked_url,
    chosen,
    complete_api_or_auto,
)
from runwright.cli.sources import Share, share, sort_shares, tell
from runwright.recordings.source import rereadable
from runwright.render.evidence import write_evidence
from runwright.render.progress import counting
from runwright.render.terminal import console
from runwright.report import Report
from runwright.rulebook import rulebook_at
from runwright.streaming import StreamingJudge

REMEDY: Final = (
    "If that is the API behind another path, name its base URL with --url; if it is another API, "
    "say which with --api, or --spec"
)


def judge(
    file: Annotated[
        list[str],
        typer.Argument(
            help="Recordings, or - for standard input: our NDJSON, HAR 1.2, reports of "
            "Schemathesis, VCR cassettes, a folder of JSON bodies; gzip or not."
        ),
    ],
    api: Annotated[
        str | None,
        typer.Option(
            help="The API that was recorded, or auto: told by servers, paths and answers, several "
            "in one recording each for itself.",
            autocompletion=complete_api_or_auto,
        ),
    ] = None,
    spec: SpecOption = None,
    url: Annotated[
        str | None,
        typer.Option(help="The base URL, where none of the spec's servers has its path."),
    ] = None,
    reading: ReadingOption = "seed",
    conduct: Annotated[
        bool, typer.Option("--conduct", help="Judge the client that sent the requests, too.")
    ] = False,
    evidence: EvidenceOption = None,
    report_to: ReportOption = None,
    baseline: BaselineOption = None,
    new_baseline: WriteBaselineOption = None,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Judge recorded traffic, without any network.

    Examples:

    runwright judge history.ndjson traffic.har --api nekt

    runwright judge traffic.har.gz --api auto

    runwright judge history.ndjson --spec my/openapi.yaml
    """
    check_ending(files=report_to, baseline=baseline, new_baseline=new_baseline, evidence=evidence)
    if api is None and spec is None:
        raise UsageError(
            "say which API was recorded with --api (auto finds out), or name an OpenAPI file "
            "of your own with --spec"
        )
    if api == AUTO and url is not None:
        raise UsageError("--api auto finds out which servers are whose; name the API for --url")
    with contextlib.ExitStack() as stack:
        if api == AUTO:
            sources = [stack.enter_context(rereadable(name)) for name in file]
            shares = sort_shares(sources, spec)
        else:
            (rulebook,) = chosen([api] if api else (), spec)
            rulebook = rulebook_at(rulebook, checked_url(url)) if url else rulebook
            shares = (share(file, rulebook),)
        target = ", ".join(file)
        judged = [
            _judge(
                part,
                StreamingJudge(part.rulebook, reading=reading, conduct=conduct, target=target),
            )
            for part in shares
        ]
    reports = [report for report, _ in judged if not report.is_void]
    void = [census.why_void(report, REMEDY) for report, census in judged if report.is_void]
    if not reports:
        raise UsageError(void[0])
    for why in void:
        tell(why)
    if evidence is not None:
        for report in reports:
            write_evidence(report, evidence)
    finish(
        reports,
        as_json=as_json,
        strict=strict,
        files=report_to or (),
        baseline=baseline,
        new_baseline=new_baseline,
    )


def _judge(part: Share, judging: StreamingJudge) -> tuple[Report, Census]:
    """Judge what was recorded of an API, and count it."""
    api = part.rulebook.spec.api
    census = Census()
    with counting(console(stderr=True), f"judging {api}") as count:
        for exchange in part.exchanges:
            judging.add(exchange)
            census.add(exchange)
            count()
        # What was kept may hold what was learnt to be a secret later.
        report = clean_report(judging.report(), part.redactor)
    notes = tuple(map(part.redactor.clean, part.aside.notes))
    return evolve(report, cut_short=part.aside.cut_short, notes=notes), census
