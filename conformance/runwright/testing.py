"""Assertions for tests of other programs, whatever runs them."""

import io
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from runwright.baseline import apply_baseline, read_baseline
from runwright.census import Census
from runwright.contract import contract_of
from runwright.history import History
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.render.terminal import print_evidence, summary
from runwright.report import Report, Verdict
from runwright.rulebook import Rulebook
from runwright.watched import Watched

REMEDY = (
    "If that is the API behind another path, watch it with url=…; if it is another API, say which "
    "with api=…"
)
WIDTH = 100
"""Columns of what a failed assertion prints."""


class UnknownApiError(Mistake):
    """Nothing says which API a history is of; the message says where to say it."""


def assert_conforms(
    history: History | Watched,
    *,
    api: str | Path | Rulebook | None = None,
    reading: Reading | None = None,
    strict: bool = False,
    baseline: str | Path | None = None,
) -> Report:
    """Judge what was seen of an API, and return the report.

    Args:
        history: A history, or a watch whose history so far is meant.
        api: The API's id, the path of an OpenAPI file of one's own, or a rulebook; by default what
            the history says that it is of.
        reading: The generation of the docs that judges; by default the watch's, or the seed.
        strict: Let inferred rules fail, too.
        baseline: A file of known violations.

    Raises:
        AssertionError: a rule was violated, or nothing was seen that could be judged, or the
            server went away before a saved session was over. The message has each sentence that
            was broken, the evidence, and curl commands.
        UnknownApiError: neither the history nor the caller names an API.
        BaselineError: the baseline cannot be read.
    """
    __tracebackhide__ = True
    seen = history.history if isinstance(history, Watched) else history
    rulebook = _rulebook(history, api)
    if not seen.exchanges:
        raise AssertionError(_nothing(history, rulebook))
    if reading is None:
        reading = history.reading if isinstance(history, Watched) else "seed"
    report = judge(seen, rulebook, reading=reading)
    if report.is_void:
        raise AssertionError(Census.of(seen.exchanges).why_void(report, REMEDY))
    if baseline is not None:
        today = datetime.now(UTC).date()
        (report,) = apply_baseline([report], read_baseline(Path(baseline)), today=today)
    if not report.conforms(strict=strict):
        raise AssertionError(explain(report, strict=strict))
    return report


def _rulebook(history: History | Watched, api: str | Path | Rulebook | None) -> Rulebook:
    if isinstance(api, Rulebook):
        return api
    if api is None and isinstance(history, Watched):
        return history.rulebook
    name = api or (history.api if isinstance(history, History) else None)
    if name is None:
        raise UnknownApiError("the history names no API; say which: assert_conforms(…, api=…)")
    return contract_of(name)


def _nothing(history: History | Watched, rulebook: Rulebook) -> str:
    text = f"nothing was seen of {rulebook.spec.api}, so nothing can be said of it"
    strangers = history.share().strangers if isinstance(history, Watched) else ()
    if strangers:
        servers = ", ".join(f"{server} ({count})" for server, count in strangers)
        return f"{text}; requests went to {servers}. If one of them is the API's, say so with url=…"
    if isinstance(history, Watched):
        text += (
            "; seen is what this process sends with httpx, requests, urllib3 and urllib.request"
            if history.everywhere
            else "; seen is what the watched clients send"
        )
    return text


def explain(report: Report, *, strict: bool = False) -> str:
    """Return in plain text why a report does not conform, with evidence."""
    text = io.StringIO()
    console = Console(file=text, width=WIDTH, highlight=False, no_color=True)
    failing = [
        result
        for result in report.results
        if result.fails_when(strict=strict) or result.verdict is Verdict.BROKEN
    ]
    console.print()
    console.print(summary(report, strict=strict), soft_wrap=True)
    print_evidence(console, failing)
    for fault in report.baseline_faults:
        console.print(f"\nbaseline: {fault}", markup=False, soft_wrap=True)
    if report.cut_short:
        console.print(f"\ncut short: {report.cut_short}", markup=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())
