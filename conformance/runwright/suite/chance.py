"""Draws from Hypothesis strategies that a seed decides, outside any test."""

import contextlib
from collections.abc import Iterator
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

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
        with _nothing_from_sources():
            try:
                collect()
            except Unsatisfiable:
                return ()
    return tuple(found[:most])


@contextlib.contextmanager
def _nothing_from_sources() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that stand in the sources of loaded modules.

    Draws would depend on what else the process does, and a tenant's token might be among them.
    """
    cache = type(providers.CONSTANTS_CACHE)(1024)
    empty = Constants()
    with (
        patch.object(providers, "_get_local_constants", lambda: empty),
        patch.object(providers, "CONSTANTS_CACHE", cache),
    ):
        yield
