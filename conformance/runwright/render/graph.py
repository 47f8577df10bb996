"""The graph of a lifecycle as an SVG picture: states, and which edges were seen."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen
from markupsafe import Markup

from runwright.coverage import EdgeSeen, Leap, LifecycleSeen, StateSeen
from runwright.render.layout import Edge, Layout, Slot, lay_out
from runwright.render.lettering import width_of
from runwright.render.number import count
from runwright.render.svg import element
from runwright.render.tone import SIGNS, tone_of_state

HEIGHT = 34.0
LETTERS = 13.0
COLUMN_GAP = 88.0
MARGIN = 18.0
RETURN = 16.0
"""The distance between the ways of edges that lead back, below and beside the states."""
CORNER = 8.0


@frozen
class _Frame:
    """Where everything stands, in pixels."""

    layout: Layout
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    widths: dict[str, float]

    @property
    def floor(self) -> float:
        return max(self.layout.heights.values(), default=0.0) + HEIGHT / 2 + MARGIN

    def stands_free(self, state: str) -> bool:
        """True if no state stands below this one."""
        column = self.layout.columns[state]
        return not any(
            other == column and self.y(name) > self.y(state)
            for name, other in self.layout.columns.items()
        )

    def middle(self, state: str) -> float:
        column = self.layout.columns[state]
        return (self.lefts[column] + self.rights[column]) / 2

    def left(self, state: str) -> float:
        return self.middle(state) - self.widths[state] / 2

    def right(self, state: str) -> float:
        return self.middle(state) + self.widths[state] / 2

    def y(self, slot: Slot) -> float:
        return self.layout.heights[slot] + MARGIN


def draw(lifecycle: LifecycleSeen, identifier: str) -> Markup:
    """Return the picture; `identifier` begins the ids inside it."""
    frame = _frame(lifecycle)
    back = [edge for edge in lifecycle.edges if _way(edge, frame) is None]
    faults = [leap for leap in lifecycle.leaps if not leap.allowed]
    changes: tuple[EdgeSeen | Leap, ...] = (*back, *faults)
    returns = len(changes)
    height = frame.floor + MARGIN + (returns + 0.5) * RETURN * (returns > 0)
    width = frame.rights[-1] + MARGIN + returns * RETURN
    return element(
        "svg",
        element("title", f"Lifecycle of a {lifecycle.thing}", id=f"{identifier}-title"),
        element("desc", describe(lifecycle), id=f"{identifier}-desc"),
        *(_return(change, rank, frame) for rank, change in enumerate(changes)),
        *(shape for edge in lifecycle.edges for shape in _edge(edge, frame)),
        *(shape for state in lifecycle.states for shape in _state(state, frame)),
        class_="graph",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width),
        height=round(height),
        role="img",
        aria_labelledby=f"{identifier}-title",
        aria_describedby=f"{identifier}-desc",
    )


def describe(lifecycle: LifecycleSeen) -> str:
    """Tell the graph in words."""
    seen = [edge for edge in lifecycle.edges if edge.seen]
    views = count(lifecycle.things, "view")
    told = f"{len(seen)} of {len(lifecycle.edges)} edges were seen in {views}"
    never = [f"{e.source} to {e.target}" for e in lifecycle.edges if not e.seen and not e.implied]
    faults = [f"{leap.source} to {leap.target}" for leap in lifecycle.leaps if not leap.allowed]
    if never:
        told += f"; never seen: {', '.join(never)}"
    if faults:
        told += f"; seen although nothing leads there: {', '.join(faults)}"
    return told + "."


def _frame(lifecycle: LifecycleSeen) -> _Frame:
    edges: Sequence[Edge] = [(edge.source, edge.target) for edge in lifecycle.edges]
    layout = lay_out([state.name for state in lifecycle.states], edges)
    widths = {
        state.name: width_of(state.name, LETTERS) + (46 if state.outcome else 26)
        for state in lifecycle.states
    }
    lefts, rights = [], []
    x = MARGIN + 20
    for column in range(layout.width):
        widest = max((widths[s] for s, c in layout.columns.items() if c == column), default=0.0)
        lefts.append(x)
        rights.append(x + widest)
        x += widest + COLUMN_GAP
    return _Frame(layout, tuple(lefts), tuple(rights), widths)


def _state(state: StateSeen, frame: _Frame) -> Iterator[Markup]:
    x, y, width = frame.left(state.name), frame.y(state.name), frame.widths[state.name]
    tone = tone_of_state(state)
    views = "never seen" if not state.seen else f"seen {state.seen}×"
    kinds = ["state", tone.value, *([] if state.seen else ["unseen"])]
    if state.initial and frame.layout.columns[state.name] == 0:
        yield element("circle", cx=x - 18, cy=y, r=4.5, class_="start")
        yield element("path", d=f"M{x - 13:.1f} {y:.1f}H{x - 1:.1f}", class_="start")
    elif state.initial:
        top = y - HEIGHT / 2
        yield element("circle", cx=x + 14, cy=top - 10, r=4.5, class_="start")
        yield element("path", d=f"M{x + 14:.1f} {top - 6:.1f}V{top - 1:.1f}", class_="start")
    sign = SIGNS.get(tone)
    yield element(
        "g",
        element("title", f"{state.name}: {views}"),
        element("rect", x=x, y=y - HEIGHT / 2, width=width, height=HEIGHT, rx=8.0),
        element("rect", x=x + 3, y=y - HEIGHT / 2 + 3, width=width - 6, height=HEIGHT - 6, rx=5.5)
        if state.outcome
        else None,
        element("use", href=f"#sign-{sign}", x=x + 10, y=y - 6, width=12, height=12)
        if sign
        else None,
        element("text", state.name, x=x + width / 2 + (9 if sign else 0), y=y + 4.5),
        class_=" ".join(kinds),
    )


def _way(edge: EdgeSeen, frame: _Frame) -> tuple[Slot, ...] | None:
    return frame.layout.ways.get((edge.source, edge.target))


def _edge(edge: EdgeSeen, frame: _Frame) -> Iterator[Markup]:
    """Draw an edge that leads to the right, with its count where it leaves the state."""
    way = _way(edge, frame)
    if way is None:
        return
    end = _port(way, -1, frame)
    points = [_port(way, 0, frame), *(_passing(slot, frame) for slot in way[1:-1])]
    points.append((end[0] - 7, end[1]))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(points):
        reach = (x2 - x1) / 2
        path += f"C{x1 + reach:.1f} {y1:.1f} {x2 - reach:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    yield element(
        "g",
        element("title", f"{edge.source} → {edge.target}: {told(edge)}"),
        element("path", d=path, class_="line"),
        element("path", d=f"M{end[0] - 9:.1f} {end[1] - 4.5:.1f}l8 4.5l-8 4.5z", class_="head"),
        class_=_kind(edge),
    )
    if edge.seen:
        (x1, y1), (x2, y2) = points[:2]
        yield element("text", f"{edge.seen}×", x=(x1 + x2) / 2, y=(y1 + y2) / 2 + 4, class_="count")


def _kind(edge: EdgeSeen) -> str:
    seen = "seen" if edge.seen else "implied" if edge.implied else "never"
    return f"edge {seen} inferred" if edge.inferred else f"edge {seen}"


def _passing(slot: Slot, frame: _Frame) -> tuple[float, float]:
    assert not isinstance(slot, str)
    return (frame.lefts[slot.column] + frame.rights[slot.column]) / 2, frame.y(slot)


def _port(way: tuple[Slot, ...], end: int, frame: _Frame) -> tuple[float, float]:
    """Return where an edge touches a state; several edges share a side from top to bottom."""
    state = way[end]
    assert isinstance(state, str)
    near = 1 if end == 0 else -2
    sharing = sorted(
        (w for w in frame.layout.ways.values() if w[end] == state),
        key=lambda w: frame.y(w[near]),
    )
    step = min(9.0, (HEIGHT - 10) / max(1, len(sharing)))
    shift = (sharing.index(way) - (len(sharing) - 1) / 2) * step
    x = frame.right(state) if end == 0 else frame.left(state)
    return x, frame.y(state) + shift


def _return(change: EdgeSeen | Leap, rank: int, frame: _Frame) -> Markup:
    """Draw a change that leads back, or to the same column, around below all states."""
    source, target = change.source, change.target
    if isinstance(change, EdgeSeen):
        kind, said = _kind(change), told(change)
    else:
        kind = "edge fault"
        said = f"seen {change.seen}×, though nothing leads there"
    x1, y1 = frame.right(source), frame.y(source)
    out = frame.rights[frame.layout.columns[source]] + (rank + 1) * RETURN
    low = frame.floor + (rank + 1) * RETURN
    path = f"M{x1:.1f} {y1:.1f}" + _turns((out, y1), (out, low))
    if frame.stands_free(target):
        x2, y2 = frame.middle(target) - rank * 6, frame.y(target) + HEIGHT / 2
        path += _turns((out, low), (x2, low), (x2, y2 + 8)) + f"V{y2 + 8:.1f}"
        head = f"M{x2 - 4.5:.1f} {y2 + 9:.1f}l4.5 -8l4.5 8z"
    else:
        x2, y2 = frame.left(target), frame.y(target) + 8
        up = frame.lefts[frame.layout.columns[target]] - 12 - rank * 6
        path += _turns((out, low), (up, low), (up, y2), (x2 - 8, y2)) + f"H{x2 - 8:.1f}"
        head = f"M{x2 - 9:.1f} {y2 - 4.5:.1f}l8 4.5l-8 4.5z"
    return element(
        "g",
        element("title", f"{source} → {target}: {said}"),
        element("path", d=path, class_="line"),
        element("path", d=head, class_="head"),
        element("text", f"{change.seen}×", x=(out + x2) / 2, y=low + 4, class_="count")
        if change.seen
        else None,
        class_=kind,
    )


def _turns(*corners: tuple[float, float]) -> str:
    """Lead a way of straight lines around corners, all but the last of which are rounded off."""
    path = ""
    for (x1, y1), (x2, y2) in pairwise(corners):
        # Stop a little before the corner, and go around it when the next line is known.
        length = max(abs(x2 - x1), abs(y2 - y1), 0.1)
        short = min(CORNER, length / 2)
        dx, dy = (x2 - x1) / length, (y2 - y1) / length
        path += f"Q{x1:.1f} {y1:.1f} {x1 + dx * short:.1f} {y1 + dy * short:.1f}"
        path += f"L{x2 - dx * short:.1f} {y2 - dy * short:.1f}"
    return path


def told(edge: EdgeSeen) -> str:
    """Say how well an edge was seen."""
    if edge.seen:
        return f"seen {edge.seen}×"
    if edge.implied:
        return f"passed {edge.implied}× between two looks"
    return "never seen"
