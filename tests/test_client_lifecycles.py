"""A state that a run has passed counts as reached, in the lifecycles of all clients."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from runwright.lifecycle import Lifecycle, Outcome
from runwright.spec import apis, load_spec

ON_THE_WAY = {
    "pipe0": ["pending", "processing"],
    "pipe0_pipeline": ["pending", "processing"],
    "clarifeye": ["pending", "running"],
    "nekt": ["queued", "running"],
    "nekt_v2": ["queued", "running"],
}
"""The states that lie on every documented way from a run's beginning to its success."""


def lifecycles(api: str) -> tuple[Lifecycle, Any]:
    """Return how a run lives, as the spec says it and as the client has it."""
    spec = load_spec(api)
    (schema,) = set(spec.polls.values())
    return spec.lifecycles[schema], importlib.import_module(f"{api}_client.lifecycle").RUN


def paths(life: Lifecycle, start: str, *, inferred: bool) -> Iterator[tuple[str, ...]]:
    """Yield all ways from a state that come to no state twice, and all their beginnings."""
    ways: list[tuple[str, ...]] = [(start,)]
    while ways:
        way = ways.pop()
        yield way
        state = life.states[way[-1]]
        further = state.to + state.inferred if inferred else state.to
        ways += [(*way, target) for target in further if target not in way]


def common(ways: list[tuple[str, ...]]) -> set[str]:
    """Return the states that are on all of some ways."""
    return set.intersection(*map(set, ways)) if ways else set()


@pytest.mark.parametrize("api", apis())
class TestPassed:
    def test_whoever_has_succeeded_has_passed_what_is_on_the_way(self, api: str) -> None:
        life, made = lifecycles(api)
        ends = [s.name for s in life.states.values() if s.outcome is Outcome.SUCCESS]
        assert ends
        for end in ends:
            for state in ON_THE_WAY[api]:
                for earlier in (None, *ON_THE_WAY[api]):
                    assert made.passed(state, earlier, end), f"{state} before {end}"
            assert not made.passed("canceled", None, end)

    def test_it_agrees_with_all_ways_that_there_are(self, api: str) -> None:
        life, made = lifecycles(api)
        cut = (Outcome.FAILURE, Outcome.CANCELED)
        for later in life.states.values():
            inferred = later.outcome in cut
            ways = [
                way
                for start in life.initial
                for way in paths(life, start, inferred=inferred)
                if way[-1] == later.name
            ]
            for state in life.states:
                told = made.passed(state, None, later.name)
                assert told == (state in common(ways)), f"{state} before {later.name}"

    def test_whoever_failed_early_has_passed_nothing(self, api: str) -> None:
        life, made = lifecycles(api)
        failed = next(s.name for s in life.states.values() if s.outcome is Outcome.FAILURE)
        assert not made.passed(ON_THE_WAY[api][1], None, failed)
        assert made.passed(failed, None, failed)
