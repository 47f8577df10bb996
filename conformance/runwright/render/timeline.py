"""The timeline of a run as an SVG picture that fills whatever width it is given.

Places in time are percentages, so that text keeps its size on any screen. Labels stand beside the
lanes, in the left padding of the picture; on the bars of a narrow one only those texts are shown
for which there is room.
"""

from collections.abc import Callable, Iterator, Set

from attrs import frozen
from markupsafe import Markup

from runwright.render.lanes import GAP, TOP, Row, Tones, draw_bars, draw_label, draw_texts, gather
from runwright.render.lettering import apart
from runwright.render.scale import LABEL_WIDTH, Scale, duration, make_scale
from runwright.render.svg import element, percent
from runwright.timeline import Mark, Tick, Timeline, owner_of

AXIS_HEIGHT = 26

TIGHT = 29.0
"""Percent of a narrow screen that a time needs."""

SEEN_WAIT = 1.0
"""Percent of the width from which on the wait for an answer is drawn."""
LONG_WAIT = 1.0
"""Seconds from which on it is told."""

LOOK, OTHER = "look", "other"
"""Kinds of requests: looks by whose run it is, and by somebody else."""


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
    rows, marks = gather(timeline)
    marked = {mark.at for mark in marks}
    bottom = rows[-1].y + rows[-1].height + GAP if rows else TOP
    return element(
        "svg",
        element("title", words.title, id=f"{words.id}-title"),
        element("desc", words.description, id=f"{words.id}-desc"),
        *_axis(scale, bottom),
        *_ticks(timeline.ticks, marked, scale, words),
        *(shape for row in rows for shape in draw_bars(row, scale, tones)),
        *_cuts(scale, bottom),
        # What is cut short is hatched, but the texts on it stay legible.
        *(shape for row in rows for shape in draw_texts(row, scale, tones)),
        *_marks(marks, rows, scale, words),
        class_="timeline",
        width="100%",
        height=bottom + AXIS_HEIGHT,
        role="group",
        aria_labelledby=f"{words.id}-title",
        aria_describedby=f"{words.id}-desc",
    )


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


def _ticks(
    ticks: tuple[Tick, ...], marked: Set[float], scale: Scale, words: Words
) -> Iterator[Markup]:
    """Yield the requests; of looks that stand too close to each other only some.

    Below a violation's sign, at the times in `marked`, all are shown.
    """
    yield element("g", *draw_label("requests"), transform="translate(0 16)")
    owner = owner_of(ticks)
    kinds = [_kind(tick, owner, words) for tick in ticks]
    plain = [i for i, k in enumerate(kinds) if k in (LOOK, OTHER) and ticks[i].at not in marked]
    classes = dict(zip(plain, apart([scale.place(ticks[i].at) for i in plain]), strict=True))
    for index, (tick, kind) in enumerate(zip(ticks, kinds, strict=True)):
        shown = classes.get(index, "")
        if shown is not None:
            yield element(
                "g",
                element("title", _story(tick, owner)),
                *_tick(tick, kind, scale),
                class_=f"tick {kind} {shown}".rstrip(),
            )


def _story(tick: Tick, owner: str | None) -> str:
    answer = "no answer" if tick.status is None else str(tick.status)
    story = f"{duration(tick.at)}: {tick.operation} → {answer} ({tick.exchange})"
    if tick.actor is not None and tick.actor != owner:
        story += f", asked by {tick.actor}"
    return f"{story}, after {duration(tick.took)}" if tick.took >= LONG_WAIT else story


def _tick(tick: Tick, kind: str, scale: Scale) -> Iterator[Markup]:
    """Yield the sign of a request, and a line for as long as its answer took to come."""
    sent, place = scale.place(tick.at - tick.took), scale.place(tick.at)
    if place - sent >= SEEN_WAIT:
        yield element("line", x1=percent(sent), x2=percent(place), y1=12, y2=12, class_="wait")
    yield element("use", href=f"#tick-{kind}", x=percent(place), y=12)


def _kind(tick: Tick, owner: str | None, words: Words) -> str:
    if tick.status is None or tick.status >= 500:
        return "failed"
    if not tick.is_accepted:
        return "refused"
    if tick.operation in words.writes:
        return "write"
    return LOOK if tick.actor == owner else OTHER


def _marks(
    marks: tuple[Mark, ...], rows: tuple[Row, ...], scale: Scale, words: Words
) -> Iterator[Markup]:
    """Yield a sign for each violation; of those that follow each other the first is a link."""
    before: dict[tuple[int, str], float] = {}
    for mark in sorted(marks, key=lambda mark: (mark.at, mark.lane, mark.rule)):
        at = scale.place(mark.at)
        y = rows[mark.lane].y
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
