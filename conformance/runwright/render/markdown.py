"""A report as Markdown for a pull request: the verdict first, evidence folded away below it."""

import re
from collections.abc import Iterator, Sequence

from runwright.history import Exchange
from runwright.render.curl import short_curl_line
from runwright.render.number import count
from runwright.render.tone import SHOWN_AS, WORDS
from runwright.report import Report, Result, Standing, Verdict, Violation
from runwright.rule import Level

MOST_CHARACTERS = 60_000
"""GitHub takes comments of 65,536 characters."""

SPELLED = 3
"""Violations of one rule that are spelled out."""

SIGNS = {
    Verdict.HOLDS: "✅",
    Verdict.VIOLATED: "❌",
    Verdict.UNKNOWN: "❔",
    Verdict.BROKEN: "⚠️",
    Verdict.NOT_APPLICABLE: "➖",
}


def render_markdown(reports: Sequence[Report], *, strict: bool = False) -> str:
    """Return the document; evidence that would make it too long for a comment is left out."""
    sections = [section for report in reports for section in _sections(report, strict)]
    kept: list[str] = []
    length = left_out = 0
    for section, is_needed in sections:
        if is_needed or length + len(section) <= MOST_CHARACTERS:
            kept.append(section)
            length += len(section) + 2
        else:
            left_out += 1
    if left_out:
        kept.append(
            f"*The evidence of {count(left_out, 'rule')} is left out; it would be too long here.*"
        )
    return "\n\n".join(kept) + "\n"


def _sections(report: Report, strict: bool) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a report, each with whether it must not be left out."""
    standing = report.about_server.standing(strict=strict)
    colon = ":" if standing is Standing.OPEN else ""
    title = f"{text(report.title or report.api)}{colon}"
    yield f"### {SIGNS[SHOWN_AS[standing]]} {title} {standing.value}", True
    facts = [f"`{report.api}`, reading “{report.reading}”"]
    facts += [f"at {code(report.target)}"] if report.target else []
    facts += [count(report.exchanges, "exchange"), count(report.runs, "run")]
    facts += [count(report.witnesses, "witness", "witnesses")]
    yield " · ".join(facts), True
    if report.about_client is not None:
        standing = report.about_client.standing(strict=strict)
        verdict = "does not behave" if standing is Standing.VIOLATED else "behaves"
        yield f"{SIGNS[SHOWN_AS[standing]]} The client that sent these requests {verdict}.", True
    if report.cut_short:
        yield "\n".join(["> [!WARNING]", f"> Cut short: {text(report.cut_short)}"]), True
    if report.baseline_faults:
        faults = [f"> - {text(fault)}" for fault in report.baseline_faults]
        yield "\n".join(["> [!WARNING]", "> The baseline needs care:", *faults]), True
    yield "\n".join(_levels(report)), True
    troubles = report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    for result in sorted(troubles, key=lambda result: not result.fails_when(strict=strict)):
        yield "\n".join(_trouble(result, strict)), False
    unmet = report.with_verdict(Verdict.UNKNOWN)
    if unmet:
        yield "\n".join(_unmet(unmet)), False


def _levels(report: Report) -> Iterator[str]:
    shown = (Verdict.VIOLATED, Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS)
    yield "| | " + " | ".join(f"{SIGNS[v]} {WORDS[v]}" for v in shown) + " |"
    yield "| :-- | " + " | ".join("--:" for _ in shown) + " |"
    for level in Level:
        counts = [
            sum(result.level is level for result in report.with_verdict(verdict))
            for verdict in shown
        ]
        yield f"| **{level.value}** | " + " | ".join(str(count or "") for count in counts) + " |"


def _trouble(result: Result, strict: bool) -> Iterator[str]:
    is_open = " open" if result.fails_when(strict=strict) or result.failure else ""
    sign = SIGNS[result.verdict] if not result.known else "📌"
    yield f"<details{is_open}>"
    yield f"<summary>{sign} <b>{result.level.value}</b> <code>{text(result.rule)}</code>"
    yield f"— {text(result.claim)}</summary>"
    yield ""
    yield f"> “{text(result.sentence)}”"
    if result.source:
        yield f"> — {text(result.source)}"
    yield ""
    if result.known:
        yield f"Known until {result.known.expires}: {text(result.known.reason)}\n"
    elif result.verdict is Verdict.VIOLATED and not result.fails_when(strict=strict):
        yield "Reported apart: no document promises this; it is our own conclusion.\n"
    if result.failure:
        yield f"The rule itself failed: {code(result.failure)}\n"
    for violation in result.violations[:SPELLED]:
        yield from _violation(violation)
        # What repeats a rule's first violation is its smallest history, where there is one.
        is_first = violation is result.violations[0]
        yield from _repeat((result.smallest if is_first else ()) or violation.exchanges[-1:])
    hidden = result.violation_count - min(SPELLED, len(result.violations))
    if hidden:
        yield f"and {hidden:,} more\n"
    yield "</details>"


def _violation(violation: Violation) -> Iterator[str]:
    if violation.pointer:
        yield f"- at {code(violation.pointer)}"
    yield f"- expected {code(violation.expected)}"
    yield f"- actual {code(violation.actual)}"
    yield from (f"- seen {_exchange(exchange)}" for exchange in violation.exchanges)
    yield ""


def _repeat(exchanges: Sequence[Exchange]) -> Iterator[str]:
    commands = [short_curl_line(exchange) for exchange in exchanges]
    if commands and None not in commands:
        yield from fence("\n".join(filter(None, commands)), "sh")
    elif commands:
        yield "The requests that show it are too large for here."
    yield ""


def _exchange(exchange: Exchange) -> str:
    answer = exchange.status if exchange.status is not None else exchange.error
    return f"{code(exchange.id)}: {code(f'{exchange.method} {exchange.url}')} → {code(str(answer))}"


def _unmet(results: Sequence[Result]) -> Iterator[str]:
    yield "<details>"
    noun = "rule was" if len(results) == 1 else "rules were"
    yield f"<summary>{SIGNS[Verdict.UNKNOWN]} {len(results)} {noun} not met</summary>"
    yield ""
    for result in results:
        why = f": {text(result.unwitnessed)}" if result.unwitnessed else ""
        yield f"- {code(result.rule)} ({result.level.value}){why}"
    yield ""
    yield "</details>"


def text(words: str) -> str:
    """Write words so that Markdown and HTML take none of them for a command."""
    flat = " ".join(_visible(words).split())
    return re.sub(r"([\\`*_\[\]<>|#~&@])", _escape, flat)


def _escape(found: re.Match[str]) -> str:
    # Entities hold in Markdown and in HTML alike, and never mention anybody.
    return f"&#{ord(found[1])};"


def code(words: str) -> str:
    """Write words as code on one line, whatever they hold."""
    flat = " ".join(_visible(words).split()) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def fence(words: str, language: str) -> Iterator[str]:
    """Write words as a block of code, whatever they hold."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", words)), default=0))
    yield f"{ticks}{language}"
    yield _visible(words)
    yield ticks


def _visible(words: str) -> str:
    """Replace the characters that move a cursor or hide."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", words)
