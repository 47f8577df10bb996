"""A badge is a small SVG that says the verdict in words and in colour."""

from xml.etree.ElementTree import Element, fromstring

import pytest
import told_reports as told
from attrs import evolve
from runwright.render.badge import render_badge
from runwright.report import Report, Verdict

SVG = "{http://www.w3.org/2000/svg}"


def badge(*reports: Report, strict: bool = False) -> Element:
    return fromstring(render_badge(reports, strict=strict))


def nothing_met(report: Report) -> Report:
    results = tuple(evolve(r, verdict=Verdict.UNKNOWN, witnesses=0) for r in report.results)
    return evolve(report, results=results)


def held(report: Report) -> int:
    return len(report.with_verdict(Verdict.HOLDS))


GOOD, BAD = told.conforming(), told.violated()
FAILING = sum(result.fails for result in BAD.results)


@pytest.mark.parametrize(
    ("reports", "title"),
    [
        ([GOOD], f"jobs: conforms, {held(GOOD)} rules hold"),
        ([GOOD, GOOD], f"conformance: conforms, {2 * held(GOOD)} rules hold"),
        ([BAD], f"jobs: {FAILING} violated"),
        ([GOOD, BAD], f"conformance: {FAILING} violated"),
        ([nothing_met(GOOD)], "jobs: nothing witnessed"),
        ([told.cut_short()], "jobs: no verdict"),
        (
            [told.with_result(GOOD, told.FINAL, verdict=Verdict.BROKEN)],
            "jobs: 1 could not judge",
        ),
        ([evolve(GOOD, baseline_faults=("stale",))], "jobs: baseline out of date"),
    ],
)
def test_it_says_the_verdict(reports: list[Report], title: str) -> None:
    found = badge(*reports)
    assert found.findtext(f"{SVG}title") == title
    assert found.get("aria-label") == title
    assert found.get("role") == "img"
    assert ": ".join(t.text or "" for t in found.iter(f"{SVG}text")) == title


def test_colour_tells_good_from_bad() -> None:
    fills = [
        [rect.get("fill") for rect in badge(report).iter(f"{SVG}rect")][-1]
        for report in (GOOD, BAD)
    ]
    assert fills[0] != fills[1]


def test_its_parts_fit() -> None:
    found = badge(BAD)
    rects = found.findall(f"{SVG}g/{SVG}rect")
    widths = [float(rect.get("width", "nan")) for rect in rects]
    assert sum(widths) == pytest.approx(float(found.get("width", "nan")))
    for text, width in zip(found.iter(f"{SVG}text"), widths, strict=True):
        assert float(text.get("textLength", "nan")) < width


def test_strictness_counts_inferred_rules() -> None:
    assert badge(BAD, strict=True).findtext(f"{SVG}title") == (
        f"jobs: {len(BAD.with_verdict(Verdict.VIOLATED))} violated"
    )


def test_names_are_escaped() -> None:
    assert badge(evolve(GOOD, api="<&>")).findtext(f"{SVG}title", "").startswith("<&>: ")
