"""Timing things side by side, so that what else the machine does hits all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

TARGET_SECONDS = 0.002
"""A turn shorter than this is repeated within its round, so that the clock's own cost is lost."""


def race(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, collect: bool = True
) -> dict[str, float]:
    """Return the median seconds of one call of each contender; they take turns in every round.

    Everybody goes first equally often. With `collect` false, the garbage collector is paused for
    all of them, and made to run between their turns.
    """
    repeats = {name: _repeats(call) for name, call in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    with quiet():
        for number in range(rounds):
            start = number % len(names)
            for name in names[start:] + names[:start]:
                times[name].append(_turn(contenders[name], repeats[name], collect))
    return {name: statistics.median(found) for name, found in times.items()}


@contextmanager
def quiet() -> Iterator[None]:
    """Put what exists already out of the collector's sight, so that it slows no contender down."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _turn(call: Callable[[], object], repeats: int, collect: bool) -> float:
    gc.collect()
    if not collect:
        gc.disable()
    try:
        began = time.perf_counter()
        for _ in range(repeats):
            call()
        return (time.perf_counter() - began) / repeats
    finally:
        gc.enable()


def _repeats(call: Callable[[], object]) -> int:
    call()  # what is made once is made now
    began = time.perf_counter()
    call()
    took = time.perf_counter() - began
    return max(1, min(1000, round(TARGET_SECONDS / max(took, 1e-7))))
