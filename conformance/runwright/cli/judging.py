"""Judging what was recorded."""

from typing import Annotated

import typer
from attrs import evolve

from runwright.cli.ending import finish
from runwright.cli.options import (
    BaselineOption,
    EvidenceOption,
    JsonOption,
    ReadingOption,
    ReportOption,
    StrictOption,
    UsageError,
    WriteBaselineOption,
)
from runwright.cli.writing import check_forms
from runwright.history import Exchange, History
from runwright.judge import judge as judge_history
from runwright.recordings import read_recording
from runwright.recordings.flaw import Flaw
from runwright.render.evidence import write_evidence
from runwright.render.terminal import console
from runwright.rulebook import load_rulebook, rulebook_at
from runwright.shrink import with_smallest


def judge(
    file: Annotated[
        list[str],
        typer.Argument(
            help="Recordings, or - for standard input: our NDJSON, HAR 1.2, reports of "
            "Schemathesis, VCR cassettes, a folder of JSON bodies; gzip or not."
        ),
    ],
    api: Annotated[str, typer.Option(help="The API that was recorded.")],
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

    Example: runwright judge history.ndjson traffic.har --api nekt
    """
    check_forms(report_to or ())
    rulebook = load_rulebook(api)
    if url is not None:
        rulebook = rulebook_at(rulebook, url)
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
    judged = judge_history(history, rulebook, reading=reading, conduct=conduct)
    report = with_smallest(judged, history, rulebook)
    if evidence is not None:
        write_evidence(report, evidence)
    finish(
        [report],
        as_json=as_json,
        strict=strict,
        files=report_to or (),
        baseline=baseline,
        new_baseline=new_baseline,
    )
