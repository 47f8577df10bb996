"""Judging what was recorded."""

import contextlib
import itertools
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from attrs import evolve

from runwright.cli.ending import check_ending, finish
from runwright.cli.options import (
    BaselineOption,
    EvidenceOption,
    JsonOption,
    ReadingOption,
    ReportOption,
    SpecOption,
    StrictOption,
    UsageError,
    WriteBaselineOption,
    chosen,
    complete_api,
)
from runwright.history import Exchange
from runwright.recordings import STDIN, read_recording
from runwright.recordings.flaw import Flaw
from runwright.render.evidence import write_evidence
from runwright.render.progress import counting
from runwright.render.terminal import console
from runwright.rulebook import Rulebook, rulebook_at
from runwright.sorting import sort_exchanges
from runwright.spec import Spec, apis
from runwright.streaming import StreamingJudge

AUTO: Final = "auto"


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
            autocompletion=complete_api,
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
    with _files(file, again=api == AUTO) as sources:
        if api is None and spec is None:
            raise UsageError(
                "say which API was recorded with --api (auto finds out), or name an OpenAPI file "
                "of your own with --spec"
            )
        if api == AUTO:
            shares = _sorted(sources, spec)
        else:
            (rulebook,) = chosen([api] if api else (), spec)
            rulebook = rulebook_at(rulebook, url) if url is not None else rulebook
            shares = {rulebook: _read(sources, rulebook.spec)}
        reports = []
        for rulebook, exchanges in shares.items():
            judging = StreamingJudge(
                rulebook, reading=reading, conduct=conduct, target=", ".join(file)
            )
            with counting(console(stderr=True), f"judging {rulebook.spec.api}") as count:
                for exchange in exchanges:
                    judging.add(exchange)
                    count()
                reports.append(judging.report())
            if evidence is not None:
                write_evidence(reports[-1], evidence)
    finish(
        reports,
        as_json=as_json,
        strict=strict,
        files=report_to or (),
        baseline=baseline,
        new_baseline=new_baseline,
    )


@contextlib.contextmanager
def _files(named: Sequence[str], *, again: bool) -> Iterator[Sequence[str]]:
    """Return the recordings, standard input as a file if they are to be read again."""
    if not again or STDIN not in named:
        yield named
        return
    with tempfile.NamedTemporaryFile(prefix="runwright-") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield [kept.name if name == STDIN else name for name in named]


def _sorted(sources: Sequence[str], own: Path | None) -> Mapping[Rulebook, Iterator[Exchange]]:
    """Return what was recorded of each API, told without being told; one's own may be among them.

    All is read twice: where a secret stands is known only when the API is.
    """
    books = {book.spec.api: book for book in chosen(apis(), None)}
    books |= {book.spec.api: book for book in (chosen((), own) if own else ())}
    seen = (found for found in _stream(sources, None) if not isinstance(found, Flaw))
    sorting = sort_exchanges(seen, [book.spec for book in books.values()])
    shares: dict[Rulebook, Iterator[Exchange]] = {}
    for name in sorting.found:
        wanted = [api == name for api in sorting.apis]
        shares[books[name]] = _read(sources, books[name].spec, wanted, quiet=bool(shares))
    counts = Counter(sorting.apis)
    told = [f"{name} ({counts[name]} exchanges)" for name in sorting.found]
    told += [f"left out: {server} ({count})" for server, count in sorting.strangers]
    console(stderr=True).print(f"recorded: {', '.join(told)}", markup=False, soft_wrap=True)
    return shares


def _stream(sources: Sequence[str], spec: Spec | None) -> Iterator[Exchange | Flaw]:
    return (found for source in sources for found in read_recording(source, spec))


def _read(
    sources: Sequence[str],
    spec: Spec,
    wanted: Sequence[bool] | None = None,
    *,
    quiet: bool = False,
) -> Iterator[Exchange]:
    """Yield the exchanges of recordings, or the wanted ones of them, each under its own name.

    Raises:
        UsageError: there is none.
    """
    seen: dict[str, dict[int, int]] = {}
    place = itertools.count()
    for number, source in enumerate(sources):
        for found in read_recording(source, spec):
            if isinstance(found, Flaw):
                if not quiet:
                    console(stderr=True).print(
                        f"{found}; passed over", markup=False, soft_wrap=True
                    )
            elif wanted is None or wanted[next(place)]:
                names = seen.setdefault(found.worker, {})
                digest = hash(found)
                if found.seq not in names:
                    names[found.seq] = digest
                    yield found
                elif names[found.seq] != digest:
                    # Recordings that know nothing of each other may use one name twice.
                    clock = None if found.clock is None else f"{found.clock}-{number}"
                    yield evolve(found, worker=f"{found.worker}-{number}", clock=clock)
    if not seen:
        raise UsageError(f"nothing to judge: no exchange could be read from {', '.join(sources)}")
