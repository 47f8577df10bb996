"""Draws from Hypothesis strategies that a seed decides, outside any test."""

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

T = TypeVar("T")


def draw_some(strategy: st.SearchStrategy[T], most: int, seed: int) -> tuple[T, ...]:
    """Draw up to `most` values; fewer if the strategy has not so many."""
    found: list[T] = []

    @with_seed(seed)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    if most > 0:
        try:
            collect()
        except Unsatisfiable:
            return ()
    return tuple(found[:most])
