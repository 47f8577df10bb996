"""Timing things side by side, so that what else the machine does hits all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping

from attrs import frozen

TURN = 0.002
"""Seconds: what takes less is repeated within its turn, so that the clock's own cost is lost."""
LONG = 0.02
"""Seconds: before a turn that takes longer, what others have left behind is collected."""
SLOW = 4.0
"""Times the first contender: who takes long and more than that has fewer rounds."""
FEW = 3
"""The rounds that slow contenders have, together with the first one."""

Heat = Mapping[str, tuple[float, ...]]
"""Seconds that one call of each contender took, round by round."""


@frozen
class Times:
    """What came of a race: a heat of those who are near the first contender, and one of others."""

    first: str
    heats: tuple[Heat, ...]

    def __contains__(self, name: str) -> bool:
        return any(name in heat for heat in self.heats)

    def median(self, name: str) -> float:
        """Return the seconds of one call, in the median."""
        return statistics.median(next(heat[name] for heat in self.heats if name in heat))

    def ratio(self, name: str, to: str) -> float:
        """Return how many times longer one takes than another, in the median of the rounds.

        Two turns of one round lie so close together that the machine is as busy in both.
        """
        for heat in self.heats:
            if name in heat and to in heat:
                pairs = zip(heat[name], heat[to], strict=True)
                return statistics.median(one / other for one, other in pairs)
        return self.ratio(name, self.first) * self.ratio(self.first, to)

    def ratio_of(self, name: str, to: str) -> float | None:
        """Return the ratio, or None if one of them did not take part."""
        return self.ratio(name, to) if name in self and to in self else None


def ratios(raced: Iterable[Times], name: str, to: str) -> tuple[float | None, ...]:
    """Return a contender's ratio in each of several races."""
    return tuple(times.ratio_of(name, to) for times in raced)


def race(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, collect: bool = True
) -> Times:
    """Let contenders take turns, and time them; everybody goes first equally often.

    What counts is the time of this thread on a processor: what else runs on the machine takes its
    share of the clock's. With `collect` false, the garbage collector is paused for all of them.
    """
    lasts = {name: _seconds(call) for name, call in contenders.items()}
    first = next(iter(contenders))
    slow = [name for name in lasts if lasts[name] > max(LONG, SLOW * lasts[first])]
    near = [name for name in lasts if name not in slow]
    heats = [_heat({name: contenders[name] for name in near}, lasts, rounds, collect=collect)]
    if slow:
        rest = {name: contenders[name] for name in (first, *slow)}
        heats.append(_heat(rest, lasts, min(FEW, rounds), collect=collect))
    return Times(first, tuple(heats))


def _heat(
    contenders: Mapping[str, Callable[[], object]],
    lasts: Mapping[str, float],
    rounds: int,
    *,
    collect: bool,
) -> Heat:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        gc.collect()
        start = number % len(names)
        for name in names[start:] + names[:start]:
            if lasts[name] > LONG:
                gc.collect()
            repeats = max(1, round(TURN / lasts[name]))
            times[name].append(_turn(contenders[name], repeats, collect=collect))
    return {name: tuple(found) for name, found in times.items()}


def _turn(call: Callable[[], object], repeats: int, *, collect: bool) -> float:
    if not collect:
        gc.disable()
    try:
        began = time.thread_time()
        for _ in range(repeats):
            call()
        return (time.thread_time() - began) / repeats
    finally:
        gc.enable()


def _seconds(call: Callable[[], object]) -> float:
    took = _turn(call, 1, collect=True)  # what is made once is made now
    return took if took > LONG else max(_turn(call, 1, collect=True), 1e-7)
