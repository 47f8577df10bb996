"""A verdict as a small SVG badge for a README."""

from collections.abc import Sequence

from runwright.render.number import count
from runwright.render.svg import NAMESPACE, element
from runwright.report import Report, Verdict

HEIGHT = 20
PADDING = 7.0
GREEN, RED, GREY, DARK = "#17693f", "#b3141d", "#5c616b", "#3a3f48"

NARROW, WIDE = frozenset("fijlrtI.,:;!|'()[] "), frozenset("mwMW@%—")
"""Characters of which the usual sans-serif fonts make less or more than an average of room."""


def render_badge(reports: Sequence[Report], *, strict: bool = False) -> str:
    """Return the badge of one or several reports."""
    label = reports[0].api if len(reports) == 1 else "conformance"
    message, colour = _verdict(reports, strict)
    left, right = (_width(text) + 2 * PADDING for text in (label, message))
    title = f"{label}: {message}"
    return str(
        element(
            "svg",
            element("title", title),
            element(
                "clipPath", element("rect", width=left + right, height=HEIGHT, rx=4), id="round"
            ),
            element(
                "g",
                element("rect", width=left, height=HEIGHT, fill=DARK),
                element("rect", x=left, width=right, height=HEIGHT, fill=colour),
                clip_path="url(#round)",
            ),
            element(
                "g",
                _text(label, left / 2, left),
                _text(message, left + right / 2, right),
                fill="#ffffff",
                text_anchor="middle",
                font_family="Verdana,DejaVu Sans,Geneva,sans-serif",
                font_size=11,
            ),
            xmlns=NAMESPACE,
            width=left + right,
            height=HEIGHT,
            role="img",
            aria_label=title,
        )
    )


def _verdict(reports: Sequence[Report], strict: bool) -> tuple[str, str]:
    # A badge is about the server, whoever called it.
    reports = [report.about_server for report in reports]
    violated = sum(r.fails_when(strict=strict) for report in reports for r in report.results)
    broken = sum(len(report.with_verdict(Verdict.BROKEN)) for report in reports)
    held = sum(len(report.with_verdict(Verdict.HOLDS)) for report in reports)
    if violated:
        return f"{violated} violated", RED
    if broken:
        return f"{broken} could not judge", GREY
    if any(report.baseline_faults for report in reports):
        return "baseline out of date", RED
    if any(report.cut_short for report in reports):
        return "no verdict", GREY
    if not held:
        return "nothing witnessed", GREY
    return f"conforms, {count(held, 'rule holds', 'rules hold')}", GREEN


def _text(words: str, middle: float, room: float) -> object:
    return element("text", words, x=middle, y=14, textLength=room - 2 * PADDING)


def _width(words: str) -> float:
    return sum(4.0 if c in NARROW else 10.0 if c in WIDE else 7.0 for c in words)
