"""The timeline of a run as an SVG picture that fills whatever width it is given.

Places in time are percentages, so that text keeps its size on any screen; labels stand in the
left padding of the picture, or above the lanes where the screen is narrow.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from attrs import evolve, frozen
from markupsafe import Markup

from runwright.render.scale import LABEL_WIDTH, Scale, duration, make_scale
from runwright.render.svg import element, percent
from runwright.render.tone import SIGNS, Tone
from runwright.timeline import Lane, Mark, Tick, Timeline

TOP = 36
RUN_HEIGHT, PART_HEIGHT, GAP = 26, 18, 6
AXIS_HEIGHT = 26
LABEL, SHORT_LABEL = 25, 15
"""Characters of a label on a wide and on a narrow screen."""
CHARACTER = 7.4
WIDE, NARROW = 860, 330
"""Pixels that the lanes have on a wide and on a narrow screen, to tell which texts fit."""

TIGHT = 29.0
"""Percent of a narrow screen that a time needs."""

LONG_WAIT = 1.0
"""Percent of the width from which on the wait for an answer is drawn."""

FEW = 3
"""Parts of which nothing is to be seen that have lanes of their own."""

Tones = Mapping[str, Mapping[str, Tone]]
"""The tones of states, by thing and status."""


@frozen(kw_only=True)
class Words:
    """What a picture says beside its drawing: the ids to hang it on, and where marks lead."""

    id: str
    title: str
    description: str
    link: Callable[[Mark], str | None]
    writes: frozenset[str]
    """The operations that change something."""


def draw(timeline: Timeline, tones: Tones, words: Words) -> Markup:
    """Return the picture of a timeline."""
    times = (tick.at for tick in timeline.ticks)
    scale = make_scale(times, timeline.lasted)
    lanes, marks = _gather(timeline)
    rows = list(_rows(lanes))
    bottom = rows[-1][0] + rows[-1][1] + GAP if rows else TOP
    return element(
        "svg",
        element("title", words.title, id=f"{words.id}-title"),
        element("desc", words.description, id=f"{words.id}-desc"),
        *_axis(scale, bottom),
        *_ticks(timeline.ticks, scale, words),
        *(
            shape
            for lane, (y, height) in zip(lanes, rows, strict=True)
            for shape in _lane(lane, y, height, scale, tones.get(lane.thing, {}))
        ),
        *_cuts(scale, bottom),
        *_marks(marks, rows, scale, words),
        class_="timeline",
        width="100%",
        height=bottom + AXIS_HEIGHT,
        role="group",
        aria_labelledby=f"{words.id}-title",
        aria_describedby=f"{words.id}-desc",
    )


def _gather(timeline: Timeline) -> tuple[tuple[Lane, ...], tuple[Mark, ...]]:
    """Join the lanes of parts that never changed and have no mark, if they are many."""
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
            count = len(groups.get(index, ()))
            lanes.append(evolve(lane, label=f"{count} other {lane.thing}s") if count else lane)
    return tuple(lanes), tuple(mark._replace(lane=places[mark.lane]) for mark in timeline.marks)


def _rows(lanes: tuple[Lane, ...]) -> Iterator[tuple[int, int]]:
    """Yield the top and the height of every lane."""
    y = TOP
    for lane in lanes:
        height = PART_HEIGHT if lane.is_part else RUN_HEIGHT
        yield y, height
        y += height + GAP


def _axis(scale: Scale, bottom: int) -> Iterator[Markup]:
    cuts = [(cut.start + cut.end) / 2 for cut in scale.cuts]
    shown = [-TIGHT]
    for at, text in scale.labels():
        if any(abs(at - cut) < LABEL_WIDTH + 2 for cut in cuts):
            continue
        is_tight = at - shown[-1] < TIGHT
        if not is_tight:
            shown.append(at)
        place = percent(at)
        yield element("line", x1=place, x2=place, y1=TOP - 6, y2=bottom, class_="grid")
        kind = "time roomy" if is_tight else "time"
        yield element("text", text, x=place, y=bottom + 17, class_=kind)


def _cuts(scale: Scale, bottom: int) -> Iterator[Markup]:
    for cut in scale.cuts:
        yield element(
            "rect",
            element("title", f"{duration(cut.seconds)} without a request"),
            x=percent(cut.start + 0.6),
            y=TOP - 4,
            width=percent(cut.end - cut.start - 1.2),
            height=bottom - TOP + 4,
            class_="cut",
        )
        is_last = cut.end > 100 - LABEL_WIDTH
        yield element(
            "text",
            f"… {duration(cut.seconds)} …",
            x="100%" if is_last else percent((cut.start + cut.end) / 2),
            y=bottom + 17,
            class_="time skipped roomy last" if is_last else "time skipped roomy",
        )


def _ticks(ticks: tuple[Tick, ...], scale: Scale, words: Words) -> Iterator[Markup]:
    yield element("g", *_labels("requests"), transform="translate(0 16)")
    owner = ticks[0].actor if ticks else None
    for tick in ticks:
        kind = _kind(tick, owner, words)
        story = f"{duration(tick.at)}: {tick.operation} → {_answer(tick)} ({tick.exchange})"
        if tick.actor is not None and tick.actor != owner:
            story += f", asked by {tick.actor}"
        sent, place = scale.place(tick.at - tick.took), scale.place(tick.at)
        wait = None
        if place - sent >= LONG_WAIT:
            story += f", after {duration(tick.took)}"
            wait = element("line", x1=percent(sent), x2=percent(place), y1=12, y2=12, class_="wait")
        shape = element("use", href=f"#tick-{kind}", x=percent(place), y=12)
        yield element("g", element("title", story), wait, shape, class_=f"tick {kind}")


def _kind(tick: Tick, owner: str | None, words: Words) -> str:
    if tick.status is None or tick.status >= 400:
        return "refused"
    if tick.operation in words.writes:
        return "write"
    return "look" if tick.actor == owner else "other"


def _answer(tick: Tick) -> str:
    return "no answer" if tick.status is None else str(tick.status)


def _lane(
    lane: Lane, y: int, height: int, scale: Scale, tones: Mapping[str, Tone]
) -> Iterator[Markup]:
    yield element(
        "g",
        element("title", lane.label),
        *_labels(lane.label),
        transform=f"translate(0 {y + height // 2 + 4})",
        class_="part" if lane.is_part else "run",
    )
    for span, after in zip_longest(lane.spans, lane.spans[1:]):
        start, end = scale.place(span.start), scale.place(span.end)
        # Until the next look it is not known whether the status still stood.
        until = scale.place(after.start) if after else end
        if span.status is None:
            yield element(
                "line",
                x1=percent(start),
                x2=percent(until),
                y1=y + height // 2,
                y2=y + height // 2,
                class_="absent",
            )
            continue
        tone = tones.get(span.status, Tone.STRANGER)
        status = span.status or "no status"
        looks = "1 look" if span.looks == 1 else f"{span.looks} looks"
        story = f"{lane.label}: {status}, seen from {duration(span.start)} to {duration(span.end)}"
        yield element(
            "svg",
            element("title", f"{story}, {looks}"),
            element("rect", width="100%", height=height, class_="maybe"),
            element(
                "rect",
                width=percent(100 * (end - start) / (until - start) if until > start else 100),
                height=height,
                class_="sure",
            ),
            element("rect", width=3, height=height, class_="edge"),
            *_text(tone, status, height, until - start),
            x=percent(start),
            y=y,
            width=percent(until - start) if until - start >= 0.6 else 4,
            height=height,
            class_=f"span {tone}",
        )


def _text(tone: Tone, status: str, height: int, width: float) -> Iterator[Markup]:
    """Yield the sign and the text of a span, as far as there is room for them."""
    sign = SIGNS.get(tone)
    left = 25 if sign else 9
    needed = left + len(status) * CHARACTER
    if sign and width * WIDE / 100 >= 22:
        kind = None if width * NARROW / 100 >= 22 else "roomy"
        y = height / 2 - 6
        yield element("use", href=f"#sign-{sign}", x=8, y=y, width=12, height=12, class_=kind)
    if width * WIDE / 100 >= needed:
        kind = None if width * NARROW / 100 >= needed else "roomy"
        yield element("text", status, x=left, y=height / 2 + 4, class_=kind)


def _marks(
    marks: tuple[Mark, ...], rows: list[tuple[int, int]], scale: Scale, words: Words
) -> Iterator[Markup]:
    """Yield a sign for each violation; of those that follow each other the first is a link."""
    before: dict[tuple[int, str], float] = {}
    for mark in sorted(marks, key=lambda mark: (mark.at, mark.lane, mark.rule)):
        at = scale.place(mark.at)
        y = rows[mark.lane][0]
        key = (mark.lane, mark.rule)
        is_first = key not in before
        if not is_first and at - before[key] < 0.8:
            continue
        before[key] = at
        place = percent(at)
        story = element("title", f"{mark.rule} violated at {duration(mark.at)}")
        shape = element("use", href="#mark" if is_first else "#mark-again", x=place, y=y)
        if is_first:
            yield element("line", x1=place, x2=place, y1=20, y2=y, class_="lead")
        target = words.link(mark) if is_first else None
        name = "mark" if is_first else "mark again"
        if target is None:
            yield element("g", story, shape, class_=name)
        else:
            label = f"{mark.rule} violated at {duration(mark.at)}: show the violation"
            yield element("a", story, shape, href=target, aria_label=label, class_=name)


def _labels(text: str) -> Iterator[Markup]:
    wide, narrow = shorten(text, LABEL), shorten(text, SHORT_LABEL)
    yield element("text", wide, class_="label" if wide == narrow else "label roomy")
    if wide != narrow:
        yield element("text", narrow, class_="label tight", aria_hidden="true")


def shorten(label: str, most: int) -> str:
    """Shorten a label in the middle of its longest word."""
    if len(label) <= most:
        return label
    words = label.split(" / ")
    longest = max(words, key=len)
    room = max(5, most - (len(label) - len(longest)))
    if len(longest) > room:
        tail = (room - 1) // 2
        words[words.index(longest)] = f"{longest[: room - 1 - tail]}…{longest[-tail:]}"
    text = " / ".join(words)
    return text if len(text) <= most else f"…{text[1 - most :]}"


def course(lane: Lane) -> str:
    """Tell a lane in words, for those who do not see the picture."""
    told = []
    for span in lane.spans:
        status = "gone" if span.status is None else span.status or "no status"
        times = duration(span.start)
        if span.end > span.start:
            times += f" to {duration(span.end)}"
        told.append(f"{status} ({times})")
    return ", then ".join(told)


def statuses(lane: Lane) -> str:
    """Name the statuses of a lane in order."""
    return " → ".join(
        "gone" if span.status is None else span.status or "no status" for span in lane.spans
    )
