"""The timeline of a run as a picture: what stands where, and how times are written."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import jobs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runwright.judge import judge
from runwright.render import lanes, timeline
from runwright.render.lettering import shorten
from runwright.render.scale import LABEL_WIDTH, duration, make_scale
from runwright.render.tone import tones
from runwright.report import Report
from runwright.timeline import Timeline


def words(**changes: Any) -> timeline.Words:
    given: dict[str, Any] = {
        "id": "t",
        "title": "Timeline of a job",
        "description": "what it shows",
        "link": lambda mark: f"#{mark.rule}",
        "writes": frozenset({"startJob", "cancelJob"}),
    }
    return timeline.Words(**{**given, **changes})


def report_of(*said: jobs.Said) -> Report:
    return judge(jobs.history(said), jobs.ALL_RULES)


def draw(report: Report, **changes: Any) -> Element:
    (drawn,) = report.timelines
    by_thing = {cycle.thing: tones(cycle) for cycle in report.lifecycles}
    return fromstring(str(timeline.draw(drawn, by_thing, words(**changes))))


def looks(*statuses: tuple[float, str], **more: Any) -> list[jobs.Said]:
    return [jobs.look(at, jobs.job(status), **more) for at, status in statuses]


def spans(svg: Element) -> Iterator[tuple[str, float, float]]:
    """Yield class, left and right of every span, in percent."""
    for span in svg.iter("svg"):
        if "span" in span.get("class", "").split():
            left = float(span.get("x", "").rstrip("%"))
            width = span.get("width", "")
            right = left + float(width.rstrip("%")) if width.endswith("%") else left
            yield span.get("class", ""), left, right


def test_spans_stand_where_their_looks_were() -> None:
    svg = draw(report_of(*looks((0, "queued"), (5, "running"), (9.9, "done"))))
    found = list(spans(svg))
    assert [kind for kind, _, _ in found] == ["span waiting", "span active", "span success"]
    assert [left for _, left, _ in found] == pytest.approx([1, 51, 100], abs=0.1)
    # What is not known to have ended reaches to the next look.
    assert [right for _, _, right in found[:2]] == pytest.approx([51, 100], abs=0.1)


def test_a_status_that_no_spec_knows_is_a_stranger() -> None:
    kinds = [kind for kind, _, _ in spans(draw(report_of(*looks((0, "on-holiday"), (9, "done")))))]
    assert kinds == ["span stranger", "span success"]


def test_requests_are_ticks_of_their_kind() -> None:
    report = report_of(
        *looks((0, "queued")),
        *looks((1, "queued"), actor="bob"),
        jobs.refused(2, "GET", f"/jobs/{jobs.JOB}", 404, "none"),
        jobs.refused(3, "POST", f"/jobs/{jobs.JOB}/cancel", 409, "over"),
        jobs.refused(4, "GET", f"/jobs/{jobs.JOB}", 500, "crashed"),
        jobs.look(9, jobs.job("running"), took=4),
    )
    svg = draw(report)
    ticks = [g for g in svg.iter("g") if g.get("class", "").startswith("tick ")]
    kinds = [tick.get("class", "").split()[1] for tick in ticks]
    assert kinds == ["look", "other", "refused", "refused", "failed", "look"]
    assert "asked by bob" in (ticks[1].findtext("title") or "")
    assert (ticks[-1].findtext("title") or "").endswith(", after 4 s")
    assert ticks[-1].find("line") is not None


def classes(svg: Element, word: str) -> list[str]:
    return [c for e in svg.iter() if word in (c := e.get("class", "")).split()]


def test_who_is_refused_owns_no_run() -> None:
    said = jobs.refused(0, "GET", f"/jobs/{jobs.JOB}", 404, "none", actor="bob")
    svg = draw(report_of(said, *looks((1, "queued"), (9, "done"))))
    labels = [text.text for text in svg.iter("text") if "label" in text.get("class", "").split()]
    assert labels == ["requests", "job"]
    assert [kind.split()[1] for kind in classes(svg, "tick")] == ["refused", "look", "look"]


def test_looks_in_quick_succession_are_as_many_as_can_be_told_apart() -> None:
    svg = draw(report_of(*looks(*((at, "running") for at in range(100)))))
    widths = [int(kind.partition("at-")[2]) for kind in classes(svg, "tick")]

    assert (widths.count(260), len(widths)) == (34, 100)


def test_what_was_cut_short_is_hatched_below_the_texts() -> None:
    svg = draw(report_of(*looks((0, "queued"), (1, "running"), (2, "running"), (900, "done"))))
    order = [e.get("class", "").split()[0] for e in svg if e.get("class")]
    bars = [index for index, kind in enumerate(order) if kind == "span"]
    texts = [index for index, kind in enumerate(order) if kind == "words"]
    assert max(bars) < order.index("cut") < min(texts)


def test_a_text_is_shown_from_the_width_on_that_has_room_for_it() -> None:
    svg = draw(report_of(*looks((0, "queued"), (2, "running"), (3, "failed"), (9.9, "failed"))))
    shown = {text.text: text.get("class") for text in svg.iter("text") if text.get("dx")}
    assert shown == {"queued": "at-440", "running": "at-880", "failed": "at-260"}


def test_marks_stand_above_their_tick_and_lead_to_the_violation() -> None:
    svg = draw(report_of(*looks((0, "done"), (5, "running"), (6, "running"), (9, "running"))))
    marks = [
        mark
        for mark in svg.iter("a")
        if (mark.get("aria-label") or "").startswith("jobs.job.terminal-is-final ")
    ]
    (mark,) = marks
    assert mark.get("href") == "#jobs.job.terminal-is-final"
    assert mark.get("aria-label") == (
        "jobs.job.terminal-is-final violated at 5.1 s: show the violation"
    )
    ticks = [g for g in svg.iter("g") if g.get("class") == "tick look"]
    use, tick = mark.find("use"), ticks[1].find("use")
    assert use is not None
    assert tick is not None
    assert use.get("x") == tick.get("x")
    again = [g for g in svg.iter("g") if g.get("class") == "mark again"]
    assert sum("terminal-is-final" in (g.findtext("title") or "") for g in again) == 2


def test_a_mark_that_leads_nowhere_is_no_link() -> None:
    svg = draw(report_of(*looks((0, "done"), (5, "running"))), link=lambda mark: None)
    assert list(svg.iter("a")) == []
    assert any(g.get("class") == "mark" for g in svg.iter("g"))


def test_parts_that_never_change_share_a_lane() -> None:
    cells = {name: jobs.cell("filled", 1) for name in "abcdef"}
    one = jobs.job("running", cells={**cells, "z": jobs.cell("computing")})
    two = jobs.job("running", cells={**cells, "z": jobs.cell("filled", 2)})
    report = report_of(jobs.look(0, one), jobs.look(5, two))
    labels = [t.text for t in draw(report).iter("text") if "label" in t.get("class", "").split()]
    assert labels == ["requests", "job", "6 other cells", "z"]
    (drawn,) = report.timelines
    assert len(drawn.lanes) == 8


def test_the_picture_has_a_title_and_a_description() -> None:
    svg = draw(report_of(*looks((0, "queued"))))
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == ("t-title", "t-desc")
    assert svg.findtext("title") == "Timeline of a job"
    assert svg.findtext("desc") == "what it shows"


def test_a_lane_is_told_in_words() -> None:
    (drawn,) = report_of(*looks((0, "queued"), (5, "running"), (9, "running"))).timelines
    assert lanes.course(drawn.lanes[0]) == "queued (0.1 s), then running (5.1 s to 9.1 s)"
    assert lanes.statuses(drawn.lanes[0]) == "queued → running"


def test_hostile_statuses_are_escaped() -> None:
    svg = draw(report_of(*looks((0, "</svg><script>"), (9, "done"))))
    assert not list(svg.iter("script"))
    assert any(text.text == "</svg><script>" for text in svg.iter("text"))


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
    st.floats(0, 1e6),
)
def test_a_scale_keeps_order_and_fills_the_width(times: list[float], lasted: float) -> None:
    scale = make_scale(times, lasted)
    inside = sorted({0.0, lasted, *(time for time in times if time <= lasted)})
    places = [scale.place(time) for time in inside]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == pytest.approx(100 if lasted >= 0.001 else places[-1])
    assert all(0 <= place <= 100.0001 for place in places)


@given(st.lists(st.floats(0, 1e6), max_size=30), st.floats(0.1, 1e6))
def test_labels_never_run_into_each_other(times: list[float], lasted: float) -> None:
    places = [place for place, _ in make_scale(times, lasted).labels()]
    assert all(after - before >= LABEL_WIDTH for before, after in pairwise(places))
    assert all(0 <= place <= 100 for place in places)


def test_a_long_wait_is_cut_short() -> None:
    scale = make_scale([0, 1, 2, 3, 4, 3604, 3605], 3605)
    (cut,) = scale.cuts
    assert cut.seconds == 3600
    assert scale.place(4) == pytest.approx(cut.start)
    assert scale.place(3604) == pytest.approx(cut.end)
    assert cut.end - cut.start < 10
    assert [text for _, text in scale.labels()][:3] == ["0 s", "1 s", "2 s"]


def test_even_waits_are_not_cut() -> None:
    assert make_scale(range(0, 100, 10), 100).cuts == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (1.26, "1.3 s"),
        (12.4, "12 s"),
        (59.6, "60 s"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3675, "1 h 1 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("label", "most", "short"),
    [
        ("work_email", 15, "work_email"),
        ("1927a162-7eb9-44bf-a32e-e84fb1d11ab6 / name", 25, "1927a162-…b1d11ab6 / name"),
        ("2 / a_very_long_name_of_a_field", 15, "2 / a_ver…field"),
    ],
)
def test_labels_are_shortened_in_the_middle(label: str, most: int, short: str) -> None:
    assert shorten(label, most) == short
    assert len(short) <= most


@given(st.text(min_size=1), st.integers(10, 30))
def test_labels_always_fit(label: str, most: int) -> None:
    assert len(shorten(label, most)) <= most


def test_a_run_of_one_moment_can_be_drawn() -> None:
    empty = Timeline(thing="job", key="k", began=0.0, lasted=0.0, lanes=(), ticks=(), marks=())
    assert fromstring(str(timeline.draw(empty, {}, words()))).get("class") == "timeline"
