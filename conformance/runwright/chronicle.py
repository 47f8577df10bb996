"""Chronicles: which runs of an observation get a timeline, and the drawing of it."""

from collections.abc import Iterable, Mapping, Sequence

from runwright.spec import Spec
from runwright.strip import (
    Axis,
    Strip,
    answered,
    leads_into,
    part_strips,
    places_above,
    window_strip,
)
from runwright.timeline import Mark, Spot, Tick, Timeline, owner_of
from runwright.trace import Call, Observation, Trace

MOST_RUNS = 24
MOST_PARTS = 30
MOST_TICKS = 120
MOST_MARKS = 120

Run = tuple[str, str]
"""Thing and key."""


def draw_timelines(observation: Observation, spots: Sequence[Spot]) -> tuple[Timeline, ...]:
    """Return the timelines of the runs that are worth a look, in the order of time.

    Runs with a violation come first, in the order of `spots`, then those whose course is new.
    """
    traces: dict[Run, list[Trace]] = {}
    for trace in observation.traces:
        traces.setdefault((trace.thing, trace.key), []).append(trace)
    about = _calls_about(observation, traces)
    places = _places(traces, about, {spot.exchange.id for spot in spots})
    marked: dict[Run, list[Spot]] = {}
    for spot in spots:
        for run in _runs_at(spot, places):
            marked.setdefault(run, []).append(spot)
    chosen = _choose(traces, marked)
    drawn = [
        _draw(run, traces[run], about.get(run, ()), marked.get(run, []), observation.spec)
        for run in chosen
    ]
    return tuple(sorted(drawn, key=lambda timeline: (timeline.began, timeline.key)))


def _calls_about(observation: Observation, runs: Iterable[Run]) -> Mapping[Run, Sequence[Call]]:
    """Return the calls that named a run in their request."""
    spec = observation.spec
    things: dict[str, list[str]] = {}
    for thing, key in runs:
        things.setdefault(key, []).append(thing)
    found: dict[Run, list[Call]] = {}
    for call in observation.calls:
        if call.operation is None or call.operation.id not in spec.identifying_parameters:
            continue
        key = call.parameter(spec.identifying_parameters[call.operation.id]) or ""
        polled = spec.polls.get(call.operation.id)
        for thing in things.get(key, ()):
            # Two kinds of things may use the same keys.
            if polled is None or spec.lifecycles[polled].thing == thing:
                found.setdefault((thing, key), []).append(call)
    return found


def _places(
    traces: Mapping[Run, list[Trace]],
    about: Mapping[Run, Sequence[Call]],
    exchanges: set[str],
) -> Mapping[str, list[tuple[str, Run]]]:
    """Return where runs stand in the answers of some exchanges: pointer and run."""
    found: dict[str, list[tuple[str, Run]]] = {}
    for run, windows in traces.items():
        seen = set()
        for look in (look for trace in windows for look in trace.looks):
            if look.exchange.id in exchanges:
                found.setdefault(look.exchange.id, []).append((look.pointer, run))
                seen.add(look.exchange.id)
        for call in about.get(run, ()):
            if call.exchange.id in exchanges - seen:
                found.setdefault(call.exchange.id, []).append(("", run))
    return found


def _runs_at(spot: Spot, places: Mapping[str, list[tuple[str, Run]]]) -> list[Run]:
    """Return the run that a violation's pointer leads into, if there is one."""
    held = [
        (len(pointer), run)
        for pointer, run in places.get(spot.exchange.id, ())
        if leads_into(pointer, spot.pointer)
    ]
    longest = max((length for length, _ in held), default=0)
    return [run for length, run in held if length == longest]


def _choose(traces: Mapping[Run, list[Trace]], marked: Mapping[Run, list[Spot]]) -> list[Run]:
    chosen = list(marked)[:MOST_RUNS]
    courses: set[tuple[str | None, ...]] = set()
    fresh: list[Run] = []
    familiar: list[Run] = []
    for run, windows in traces.items():
        if run not in marked:
            course = tuple(dict.fromkeys(look.status for t in windows for look in t.looks))
            (familiar if course in courses else fresh).append(run)
            courses.add(course)
    familiar.sort(key=lambda run: -sum(len(trace.looks) for trace in traces[run]))
    return [*chosen, *fresh, *familiar][:MOST_RUNS]


def _draw(
    run: Run, windows: list[Trace], about: Sequence[Call], spots: Sequence[Spot], spec: Spec
) -> Timeline:
    calls = {call.exchange.id: call for call in about}
    calls |= {look.exchange.id: look.call for trace in windows for look in trace.looks}
    in_order = sorted(calls.values(), key=lambda call: (answered(call.exchange), call.exchange.id))
    axis = Axis(min(call.exchange.at for call in in_order))
    ticks = [
        Tick(
            axis.seen(call.exchange),
            round(call.exchange.took, 3),
            call.exchange.id,
            call.operation.id if call.operation else "",
            call.exchange.status,
            call.exchange.actor,
        )
        for call in in_order
    ]
    owner = owner_of(ticks)
    windows = sorted(windows, key=lambda trace: (trace.actor != owner, not trace.is_whole))
    parts, count = part_strips(windows[0], axis, spec, spots)
    shown = _best(parts, spots)
    strips = [*(window_strip(trace, axis, owner) for trace in windows), *shown]
    marks = _thin_marks(
        [
            Mark(axis.seen(spot.exchange), _lane_of(spot, strips), spot.rule, spot.violation)
            for spot in spots
        ]
    )
    kept = _thin(ticks, {mark.at for mark in marks}, owner)
    return Timeline(
        thing=run[0],
        key=run[1],
        began=axis.began,
        lasted=max(tick.at for tick in ticks),
        lanes=tuple(strip.lane for strip in strips),
        ticks=kept,
        marks=marks,
        parts_left_out=count - len(shown),
        ticks_left_out=len(ticks) - len(kept),
        marks_left_out=len(spots) - len(marks),
    )


def _best(parts: Sequence[Strip], spots: Iterable[Spot]) -> list[Strip]:
    """Return as many parts as can be shown: those with a violation, then the liveliest."""
    held = places_above(spots)

    def worth(strip: Strip) -> tuple[bool, int, int]:
        has_violation = any(place in held for place in strip.places.items())
        return not has_violation, -len(strip.lane.spans), strip.rank

    return sorted(sorted(parts, key=worth)[:MOST_PARTS], key=lambda strip: strip.rank)


def _lane_of(spot: Spot, strips: Sequence[Strip]) -> int:
    depths = [strip.depth(spot.exchange.id, spot.pointer) for strip in strips]
    return depths.index(max(depths))


def _thin_marks(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Keep so many marks as can be shown: firsts, those of violations spelled out, some others."""
    firsts: dict[tuple[int, str], Mark] = {}
    for mark in sorted(marks, key=lambda mark: mark.at):
        firsts.setdefault((mark.lane, mark.rule), mark)
    first = set(firsts.values())
    ranked = sorted(
        enumerate(marks), key=lambda pair: (pair[1] not in first, pair[1].violation is None)
    )
    return tuple(mark for _, mark in sorted(ranked[:MOST_MARKS]))


def _thin(ticks: Sequence[Tick], needed: set[float], owner: str | None) -> tuple[Tick, ...]:
    """Keep an even choice of the ticks, the owner's first, and those that marks stand below."""
    if len(ticks) <= MOST_TICKS:
        return tuple(ticks)
    first = next((t for t in ticks if t.is_accepted and t.actor == owner), ticks[0])
    step = (len(ticks) - 1) / (MOST_TICKS - 1)
    even = {round(index * step) for index in range(MOST_TICKS)}
    return tuple(t for i, t in enumerate(ticks) if i in even or t is first or t.at in needed)
