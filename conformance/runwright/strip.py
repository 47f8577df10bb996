"""Strips: the lanes of a timeline while it is drawn, with the places that belong to each."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from runwright.history import Exchange
from runwright.pointer import ANY, resolve, tokens
from runwright.spec import Spec
from runwright.timeline import Lane, Span, Spot
from runwright.trace import Look, Trace, parts_of

MOST_CONSIDERED = 400
"""Parts of a run among which those are chosen that are shown."""


@frozen
class Axis:
    """Turns moments into seconds after the beginning."""

    began: float

    def seen(self, exchange: Exchange) -> float:
        """Return when the answer of an exchange had come."""
        return round(max(0.0, answered(exchange) - self.began), 3)


def answered(exchange: Exchange) -> float:
    """Return when an exchange was over, in seconds since the epoch."""
    return exchange.at + exchange.took


@frozen
class Strip:
    """A lane, the places in answers where its looks stand, and its rank among the parts."""

    lane: Lane
    places: Mapping[str, str]
    """The pointer to the lane's look in each exchange that has one."""
    rank: int = -1

    def depth(self, exchange: str, pointer: str) -> int:
        """Return how deep the lane's place is that a pointer leads into, -1 for elsewhere."""
        place = self.places.get(exchange)
        return len(place) if place is not None and leads_into(place, pointer) else -1


def leads_into(outer: str, inner: str) -> bool:
    """True if the inner JSON Pointer is the outer one, or leads below it."""
    return inner == outer or inner.startswith(outer + "/")


def window_strip(trace: Trace, axis: Axis, owner: str | None) -> Strip:
    """Return the strip of a run as one window shows it to one actor."""
    label = trace.thing if trace.is_whole else f"in {trace.window.partition('/')[0]}"
    label += f", as {trace.actor}" if trace.actor != owner else ""
    lane = Lane(thing=trace.thing, label=label, spans=_spans(trace.looks, trace.looks, axis))
    return Strip(lane, {look.exchange.id: look.pointer for look in trace.looks})


def part_strips(
    trace: Trace, axis: Axis, spec: Spec, spots: Iterable[Spot]
) -> tuple[tuple[Strip, ...], int]:
    """Return strips of a run's parts in the order in which they were seen first, and all there are.

    Of very many parts only the first are considered, and those where `spots` are.
    """
    wanted = places_above(spots)
    found: dict[str, list[Look | None]] = {}
    every: set[str] = set()
    before: Look | None = None
    for index, look in enumerate(trace.looks):
        for key, part in parts_of(look, spec, before):
            every.add(key)
            if key not in found:
                if len(found) >= MOST_CONSIDERED and (look.exchange.id, part.pointer) not in wanted:
                    continue
                found[key] = [None] * index
            if len(found[key]) == index:
                found[key].append(part)
        for seen in found.values():
            if len(seen) == index:
                seen.append(_again(seen[-1], look))
        before = look
    strips = tuple(
        _part_strip(key, looks, trace, axis, spec, rank)
        for rank, (key, looks) in enumerate(found.items())
    )
    return strips, len(every)


def places_above(spots: Iterable[Spot]) -> frozenset[tuple[str, str]]:
    """Return the places that hold a spot, each with its exchange: its own and all above."""
    return frozenset(
        (spot.exchange.id, spot.pointer[:end])
        for spot in spots
        for end, character in enumerate(spot.pointer + "/")
        if character == "/"
    )


def _again(part: Look | None, look: Look) -> Look | None:
    """Return a look at a part that is as it was in the look before, None if it is not there."""
    if part is None or resolve(look.call.body, part.pointer) is not part.body:
        return None
    return evolve(part, call=look.call)


def _part_strip(
    key: str, looks: Sequence[Look | None], trace: Trace, axis: Axis, spec: Spec, rank: int
) -> Strip:
    thing, _, identity = key.partition(":")
    shown = [look for look in looks if look is not None]
    lane = Lane(
        thing=thing,
        label=_label(thing, identity, shown[-1], trace, spec),
        spans=_spans(looks, trace.looks, axis),
        is_part=True,
    )
    return Strip(lane, {look.exchange.id: look.pointer for look in shown}, rank)


def _label(thing: str, identity: str, part: Look, trace: Trace, spec: Spec) -> str:
    """Name a part for people: by its name, what it is and its key, or the keys that lead to it."""
    name = part.body.get("name")
    if isinstance(name, str) and name:
        return name
    steps = tokens(identity)
    if part.lifecycle is not None and part.lifecycle.key is not None:
        return f"{thing} {' / '.join(steps)}"
    for place in spec.places(trace.looks[-1].schema):
        if place.schema == part.schema and len(place.pattern) == len(steps):
            free = [step for step, token in zip(steps, place.pattern, strict=True) if token == ANY]
            return " / ".join(free) or steps[-1]
    return identity


def _spans(looks: Sequence[Look | None], moments: Sequence[Look], axis: Axis) -> tuple[Span, ...]:
    """Join looks that show the same; `moments` tells when those were that show nothing."""
    spans: list[Span] = []
    timed = sorted(zip(looks, moments, strict=True), key=lambda pair: answered(pair[1].exchange))
    for look, moment in timed:
        if look is None and not spans:
            continue
        status = None if look is None else look.status or ""
        now = axis.seen(moment.exchange)
        if spans and spans[-1].status == status:
            spans[-1] = Span(status, spans[-1].start, now, spans[-1].looks + 1)
        else:
            spans.append(Span(status, now, now, 1))
    return tuple(spans)
