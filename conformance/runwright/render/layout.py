"""Where the states of a lifecycle stand in a picture, column after column from left to right.

States stand as far right as their longest way from a beginning; those where nothing follows
stand in the last column. Edges over several columns pass through places of their own, so that
they run around the states between. States are few, so simple methods do.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from attrs import frozen

Edge = tuple[str, str]


@frozen
class Passage:
    """The place in a column where an edge runs between the states."""

    edge: Edge
    column: int


Slot = str | Passage

ROW, PASSING = 62.0, 28.0
SWEEPS = 12


@frozen
class Layout:
    """Columns of states, the height of every slot, and the slots that each edge runs through."""

    columns: Mapping[str, int]
    heights: Mapping[Slot, float]
    ways: Mapping[Edge, tuple[Slot, ...]]
    """For edges that lead to the right; others are not laid out."""

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(self.columns.values(), default=0) + 1


def lay_out(states: Sequence[str], edges: Iterable[Edge]) -> Layout:
    """Lay out states and edges."""
    known = [edge for edge in edges if edge[0] != edge[1]]
    forward = _forward(states, known)
    columns = _columns(states, forward, {source for source, _ in known})
    ways: dict[Edge, tuple[Slot, ...]] = {}
    for edge in forward:
        source, target = edge
        between = range(columns[source] + 1, columns[target])
        ways[edge] = (source, *(Passage(edge, column) for column in between), target)
    levels: list[list[Slot]] = [[] for _ in range(max(columns.values(), default=0) + 1)]
    for state in states:
        levels[columns[state]].append(state)
    for way in ways.values():
        for slot in way:
            if isinstance(slot, Passage):
                levels[slot.column].append(slot)
    links = [link for way in ways.values() for link in pairwise(way)]
    levels = _uncross(levels, links)
    return Layout(columns, _heights(levels, links), ways)


def _forward(states: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """Leave out the edges that lead back to a state on the way to them."""
    following = {state: [target for source, target in edges if source == state] for state in states}
    open_: set[str] = set()
    done: set[str] = set()
    back: set[Edge] = set()

    def visit(state: str) -> None:
        open_.add(state)
        for target in following[state]:
            if target in open_:
                back.add((state, target))
            elif target not in done:
                visit(target)
        open_.discard(state)
        done.add(state)

    for state in states:
        if state not in done:
            visit(state)
    return [edge for edge in edges if edge not in back]


def _columns(states: Sequence[str], forward: Sequence[Edge], moving: set[str]) -> dict[str, int]:
    columns = dict.fromkeys(states, 0)
    for _ in states:
        for source, target in forward:
            columns[target] = max(columns[target], columns[source] + 1)
    last = max(columns.values(), default=0)
    return {s: column if s in moving or column == 0 else last for s, column in columns.items()}


def _uncross(levels: list[list[Slot]], links: Sequence[tuple[Slot, Slot]]) -> list[list[Slot]]:
    """Order each column by where its neighbours stand, and keep the order that crosses least."""
    best, least = [list(level) for level in levels], _crossings(levels, links)
    for sweep in range(SWEEPS):
        to_right = sweep % 2 == 0
        order = range(1, len(levels)) if to_right else range(len(levels) - 2, -1, -1)
        for index in order:
            fixed = levels[index - 1 if to_right else index + 1]
            levels[index] = _ordered(levels[index], fixed, links)
        crossings = _crossings(levels, links)
        if crossings < least:
            best, least = [list(level) for level in levels], crossings
    return best


def _ordered(
    level: Sequence[Slot], fixed: Sequence[Slot], links: Sequence[tuple[Slot, Slot]]
) -> list[Slot]:
    rank = {slot: position for position, slot in enumerate(fixed)}
    pulls: dict[Slot, float] = {}
    for position, slot in enumerate(level):
        near = [rank[a] for a, b in links if b == slot and a in rank]
        near += [rank[b] for a, b in links if a == slot and b in rank]
        pulls[slot] = sum(near) / len(near) if near else float(position)
    return sorted(level, key=pulls.__getitem__)


def _crossings(levels: Sequence[Sequence[Slot]], links: Sequence[tuple[Slot, Slot]]) -> int:
    rank = {slot: position for level in levels for position, slot in enumerate(level)}
    column = {slot: index for index, level in enumerate(levels) for slot in level}
    return sum(
        (rank[a] - rank[c]) * (rank[b] - rank[d]) < 0
        for index, (a, b) in enumerate(links)
        for c, d in links[index + 1 :]
        if column[a] == column[c]
    )


def _heights(
    levels: Sequence[Sequence[Slot]], links: Sequence[tuple[Slot, Slot]]
) -> dict[Slot, float]:
    """Pull every slot towards its neighbours, as far as the order and the room allow."""
    heights: dict[Slot, float] = {}
    for level in levels:
        y = 0.0
        for slot in level:
            y += _room(slot)
            heights[slot] = y - _room(slot) / 2
        for slot in level:
            heights[slot] -= y / 2
    for sweep in range(SWEEPS * 2):
        for level in levels if sweep % 2 == 0 else reversed(levels):
            wish = {}
            for slot in level:
                near = [heights[a] for a, b in links if b == slot]
                near += [heights[b] for a, b in links if a == slot]
                wish[slot] = sum(near) / len(near) if near else heights[slot]
            heights.update(_spread(level, wish))
    top = min((y - _room(slot) / 2 for slot, y in heights.items()), default=0.0)
    return {slot: y - top for slot, y in heights.items()}


def _spread(level: Sequence[Slot], wish: Mapping[Slot, float]) -> dict[Slot, float]:
    """Give every slot its room, in order, as near as may be to what it wishes."""
    down, up = [], []
    edge = float("-inf")
    for slot in level:
        y = max(wish[slot], edge + _room(slot) / 2)
        down.append(y)
        edge = y + _room(slot) / 2
    edge = float("inf")
    for slot in reversed(level):
        y = min(wish[slot], edge - _room(slot) / 2)
        up.append(y)
        edge = y - _room(slot) / 2
    return {
        slot: (low + high) / 2 for slot, low, high in zip(level, down, reversed(up), strict=True)
    }


def _room(slot: Slot) -> float:
    return ROW if isinstance(slot, str) else PASSING
