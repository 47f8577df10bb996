"""The graph of a lifecycle: states in columns, edges as they were seen, nothing overlapping."""

from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import jobs
from hypothesis import given
from hypothesis import strategies as st
from runwright.coverage import LifecycleSeen, lifecycles_seen
from runwright.render import graph
from runwright.render.layout import PASSING, ROW, Edge, Passage, lay_out
from runwright.trace import Observation

STATES = tuple("abcdefgh")


@st.composite
def digraphs(draw: st.DrawFn) -> tuple[Sequence[str], list[Edge]]:
    """States and edges of any kind: cycles, loops, islands."""
    states = STATES[: draw(st.integers(1, len(STATES)))]
    node = st.sampled_from(states)
    edges = draw(st.lists(st.tuples(node, node), unique=True, max_size=16))
    return states, edges


@given(digraphs())
def test_every_state_and_edge_has_a_place(drawn: tuple[Sequence[str], list[Edge]]) -> None:
    states, edges = drawn
    layout = lay_out(states, edges)
    assert set(layout.columns) == set(states)
    assert set(states) <= set(layout.heights)
    assert set(layout.ways) <= set(edges)
    assert min(layout.columns.values()) == 0


@given(digraphs())
def test_ways_lead_to_the_right_column_by_column(drawn: tuple[Sequence[str], list[Edge]]) -> None:
    layout = lay_out(*drawn)
    for (source, target), way in layout.ways.items():
        columns = [
            slot.column if isinstance(slot, Passage) else layout.columns[slot] for slot in way
        ]
        assert (way[0], way[-1]) == (source, target)
        assert all(after - before == 1 for before, after in pairwise(columns))


@given(digraphs())
def test_nothing_stands_on_top_of_another(drawn: tuple[Sequence[str], list[Edge]]) -> None:
    layout = lay_out(*drawn)
    by_column: dict[int, list[tuple[float, float]]] = {}
    for slot, y in layout.heights.items():
        if isinstance(slot, Passage):
            by_column.setdefault(slot.column, []).append((y, PASSING))
        else:
            by_column.setdefault(layout.columns[slot], []).append((y, ROW))
    for slots in by_column.values():
        for (y1, room1), (y2, room2) in pairwise(sorted(slots)):
            assert y2 - y1 >= (room1 + room2) / 2 - 0.001


@given(digraphs())
def test_only_edges_of_a_cycle_are_left_out_of_the_layout(
    drawn: tuple[Sequence[str], list[Edge]],
) -> None:
    states, edges = drawn
    layout = lay_out(states, edges)
    for source, target in set(edges) - set(layout.ways):
        reached, frontier = {target}, [target]
        while frontier:
            here = frontier.pop()
            new = {end for start, end in edges if start == here} - reached
            reached |= new
            frontier += new
        assert source in reached


def test_ends_stand_in_the_last_column() -> None:
    layout = lay_out(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "d")])
    assert layout.columns == {"a": 0, "b": 1, "c": 2, "d": 2}


def seen(*statuses: str) -> LifecycleSeen:
    said = [jobs.look(at, jobs.job(status)) for at, status in enumerate(statuses)]
    found = lifecycles_seen(Observation(jobs.SPEC, jobs.history(said)))
    return next(lifecycle for lifecycle in found if lifecycle.thing == "job")


def picture(lifecycle: LifecycleSeen) -> Element:
    return fromstring(str(graph.draw(lifecycle, "g")))


def edges(svg: Element, kind: str) -> dict[str, Element]:
    """The edges of a kind by their titles' beginnings."""
    return {
        (group.findtext("title") or "").partition(":")[0]: group
        for group in svg.iter("g")
        if {"edge", kind} <= set(group.get("class", "").split())
    }


def test_every_edge_is_drawn_as_it_was_seen() -> None:
    lifecycle = seen("queued", "done")
    svg = picture(lifecycle)
    assert set(edges(svg, "implied")) == {"queued → running"}
    assert not edges(svg, "seen")
    assert not edges(svg, "fault")
    drawn = {**edges(svg, "implied"), **edges(svg, "never")}
    assert len(drawn) == len(lifecycle.edges)
    assert edges(svg, "inferred").keys() == {"paused → cancelled"}


def test_counts_stand_beside_edges_that_were_seen() -> None:
    svg = picture(seen("queued", "running", "paused", "running", "done"))
    assert set(edges(svg, "seen")) == {
        "queued → running",
        "running → paused",
        "paused → running",
        "running → done",
    }
    counts = [text.text for text in svg.iter("text") if text.get("class") == "count"]
    assert counts.count("1×") == 4


def test_a_change_that_nothing_leads_to_is_drawn_as_a_fault() -> None:
    svg = picture(seen("done", "running"))
    assert set(edges(svg, "fault")) == {"done → running"}
    assert "seen although nothing leads there: done to running" in (svg.findtext("desc") or "")


def test_states_that_were_never_seen_look_so() -> None:
    svg = picture(seen("queued", "done"))
    unseen = {
        (group.findtext("title") or "").partition(":")[0]
        for group in svg.iter("g")
        if "unseen" in group.get("class", "").split()
    }
    assert unseen == {"running", "paused", "failed", "retrying", "cancelled", "rejected"}


def test_the_picture_is_told_in_words() -> None:
    svg = picture(seen("queued", "running"))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "g-title"
    assert svg.findtext("title") == "Lifecycle of a job"
    description = svg.findtext("desc") or ""
    assert description.startswith("1 of 12 edges were seen in 1 view; never seen: ")
    assert "running to done" in description


def test_everything_stands_inside_the_picture() -> None:
    svg = picture(seen("done", "running", "done"))
    _, _, width, height = (float(part) for part in svg.get("viewBox", "").split())
    for rect in svg.iter("rect"):
        assert float(rect.get("x", "nan")) >= 0
        assert float(rect.get("x", "nan")) + float(rect.get("width", "nan")) <= width
        assert float(rect.get("y", "nan")) + float(rect.get("height", "nan")) <= height
