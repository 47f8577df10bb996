"""The lanes of a timeline's picture: where each stands, its bars, and the texts on them."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple

from attrs import evolve, frozen
from markupsafe import Markup

from runwright.render.lettering import shorten, shown_from, width_of
from runwright.render.number import count
from runwright.render.scale import Scale, duration
from runwright.render.svg import element, percent
from runwright.render.tone import SIGNS, Tone
from runwright.timeline import Lane, Mark, Span, Timeline

TOP = 36
RUN_HEIGHT, PART_HEIGHT, GAP = 26, 18, 6

LABEL, SHORT_LABEL = 25, 15
"""Characters of a label beside the lanes of a wide and of a small picture."""

LETTERS = 12
"""Pixels of the letters on a bar."""

FEW = 3
"""Parts of which nothing is to be seen that have lanes of their own."""

Tones = Mapping[str, Mapping[str, Tone]]
"""The tones of states, by thing and status."""


@frozen
class Row:
    """A lane, and where it stands: its top and its height in pixels."""

    lane: Lane
    y: int
    height: int

    @property
    def middle(self) -> int:
        """The height at which it is halved."""
        return self.y + self.height // 2


class _Bar(NamedTuple):
    """A span as it stands on a scale, in percent: `until` the next look nothing else is known."""

    span: Span
    start: float
    end: float
    until: float


def gather(timeline: Timeline) -> tuple[tuple[Row, ...], tuple[Mark, ...]]:
    """Place the lanes below each other; parts that are many, never changed and have no mark
    share one.
    """
    marked = {mark.lane for mark in timeline.marks}
    still: dict[tuple[str, tuple[str | None, float, float]], list[int]] = {}
    for index, lane in enumerate(timeline.lanes):
        if lane.is_part and len(lane.spans) == 1 and index not in marked:
            still.setdefault((lane.thing, lane.spans[0][:3]), []).append(index)
    groups = {indices[0]: indices for indices in still.values() if len(indices) > FEW}
    joined = {index for indices in groups.values() for index in indices[1:]}
    lanes: list[Lane] = []
    places: dict[int, int] = {}
    for index, lane in enumerate(timeline.lanes):
        if index not in joined:
            places[index] = len(lanes)
            many = len(groups.get(index, ()))
            lanes.append(evolve(lane, label=f"{many} other {lane.thing}s") if many else lane)
    marks = tuple(mark._replace(lane=places[mark.lane]) for mark in timeline.marks)
    return tuple(_rows(lanes)), marks


def _rows(lanes: list[Lane]) -> Iterator[Row]:
    y = TOP
    for lane in lanes:
        height = PART_HEIGHT if lane.is_part else RUN_HEIGHT
        yield Row(lane, y, height)
        y += height + GAP


def draw_bars(row: Row, scale: Scale, tones: Tones) -> Iterator[Markup]:
    """Yield the bars of a lane, and dots where its part was not there."""
    for bar in _bars(row.lane, scale):
        span = bar.span
        if span.status is None:
            place = {"x1": percent(bar.start), "x2": percent(bar.until)}
            yield element("line", **place, y1=row.middle, y2=row.middle, class_="absent")
            continue
        room = bar.until - bar.start
        looks = count(span.looks, "look")
        times = f"from {duration(span.start)} to {duration(span.end)}"
        story = f"{row.lane.label}: {span.status or 'no status'}, seen {times}, {looks}"
        sure = percent(100 * (bar.end - bar.start) / room if room > 0 else 100)
        yield element(
            "svg",
            element("title", story),
            element("rect", width="100%", height=row.height, class_="maybe"),
            element("rect", width=sure, height=row.height, class_="sure"),
            element("rect", width=3, height=row.height, class_="edge"),
            x=percent(bar.start),
            y=row.y,
            width=percent(room) if room >= 0.6 else 4,
            height=row.height,
            class_=f"span {_tone(row.lane, span, tones)}",
        )


def draw_texts(row: Row, scale: Scale, tones: Tones) -> Iterator[Markup]:
    """Yield the label of a lane, and on its bars the signs and statuses for which there is room."""
    yield element(
        "g",
        element("title", row.lane.label),
        *draw_label(row.lane.label),
        transform=f"translate(0 {row.middle + 4})",
        class_="part" if row.lane.is_part else "run",
    )
    for bar in _bars(row.lane, scale):
        if bar.span.status is None:
            continue
        tone = _tone(row.lane, bar.span, tones)
        shapes = list(_text(row, bar, tone))
        if shapes:
            yield element("g", *shapes, class_=f"words {tone}")


def _text(row: Row, bar: _Bar, tone: Tone) -> Iterator[Markup]:
    sign, status = SIGNS.get(tone), bar.span.status or "no status"
    left, room = 25 if sign else 9, bar.until - bar.start
    place = percent(bar.start)
    if sign and (kind := shown_from(22, room)):
        size = {"y": row.middle - 6, "width": 12, "height": 12}
        shift = "translate(8 0)"
        yield element("use", href=f"#sign-{sign}", x=place, transform=shift, **size, class_=kind)
    if kind := shown_from(left + width_of(status, LETTERS) + 3, room):
        yield element("text", status, x=place, dx=left, y=row.middle + 4, class_=kind)


def draw_label(text: str) -> Iterator[Markup]:
    """Yield a label for wide pictures, and a shorter one for small ones if it needs that."""
    wide, small = shorten(text, LABEL), shorten(text, SHORT_LABEL)
    yield element("text", wide, class_="label" if wide == small else "label roomy")
    if wide != small:
        yield element("text", small, class_="label tight", aria_hidden="true")


def _bars(lane: Lane, scale: Scale) -> Iterator[_Bar]:
    for span, after in zip_longest(lane.spans, lane.spans[1:]):
        start, end = scale.place(span.start), scale.place(span.end)
        yield _Bar(span, start, end, scale.place(after.start) if after else end)


def _tone(lane: Lane, span: Span, tones: Tones) -> Tone:
    return tones.get(lane.thing, {}).get(span.status or "", Tone.STRANGER)


def course(lane: Lane) -> str:
    """Tell a lane in words, for those who do not see the picture."""
    told = []
    for span in lane.spans:
        times = duration(span.start)
        if span.end > span.start:
            times += f" to {duration(span.end)}"
        told.append(f"{_word(span)} ({times})")
    return ", then ".join(told)


def statuses(lane: Lane) -> str:
    """Name the statuses of a lane in order."""
    return " → ".join(map(_word, lane.spans))


def _word(span: Span) -> str:
    return "gone" if span.status is None else span.status or "no status"
