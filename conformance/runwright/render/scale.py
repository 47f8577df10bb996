"""A time scale in percent of a width, with long waits cut short, and times in words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from attrs import frozen

LONG = 8.0
"""A wait is cut short if it is so many times the usual one, and a third of the whole."""

CUT_WIDTH = 7.0
LABEL_WIDTH = 9.0
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400)


@frozen
class Cut:
    """A long wait that the scale shows as short: from where to where, in percent, and how long."""

    start: float
    end: float
    seconds: float


@frozen
class Scale:
    """A piecewise linear map from seconds to percent."""

    knots: tuple[tuple[float, float], ...]
    """Seconds and percent, both ascending."""
    cuts: tuple[Cut, ...] = ()

    def place(self, seconds: float) -> float:
        """Return the percent at which a time stands."""
        for (start, left), (end, right) in pairwise(self.knots):
            if seconds <= end:
                share = (seconds - start) / (end - start)
                return left + max(0.0, share) * (right - left)
        return self.knots[-1][1]

    def labels(self) -> Iterator[tuple[float, str]]:
        """Yield places and texts for an axis, far enough from each other to be read."""
        taken = -LABEL_WIDTH
        whole = self.knots[-1][0] - sum(cut.seconds for cut in self.cuts)
        step = next((s for s in STEPS if whole / s <= 8), STEPS[-1])
        inside = [
            (start, end)
            for (start, left), (end, _) in pairwise(self.knots)
            if not any(cut.start == left for cut in self.cuts)
        ]
        for start, end in inside:
            first = -(-start // step) * step
            count = int((end - first) // step) + 1 if end >= first else 0
            times = [start] if start > 0 else []
            times += [first + index * step for index in range(count)]
            for seconds in times:
                at = self.place(seconds)
                if at - taken >= LABEL_WIDTH and at <= 100 - LABEL_WIDTH / 2:
                    taken = at
                    yield at, duration(seconds)


def make_scale(times: Iterable[float], lasted: float) -> Scale:
    """Return a scale from 0 to `lasted` seconds; waits between `times` may be cut short."""
    lasted = max(lasted, 0.001)
    moments = sorted({0.0, lasted, *(t for t in times if 0 <= t <= lasted)})
    waits = [after - before for before, after in pairwise(moments)]
    usual = median(waits)
    long = [wait > LONG * usual and wait > 0.35 * lasted for wait in waits]
    if not any(long):
        return Scale(((0.0, 0.0), (lasted, 100.0)))
    return _cut(moments, waits, long)


def _cut(moments: Sequence[float], waits: Sequence[float], long: Sequence[bool]) -> Scale:
    rest = sum(wait for wait, is_long in zip(waits, long, strict=True) if not is_long)
    room = 100.0 - CUT_WIDTH * sum(long)
    knots = [(moments[0], 0.0)]
    cuts = []
    place = 0.0
    for (before, after), wait, is_long in zip(pairwise(moments), waits, long, strict=True):
        if is_long:
            knots += [(before, place)] if before > knots[-1][0] else []
            knots.append((after, place + CUT_WIDTH))
            cuts.append(Cut(place, place + CUT_WIDTH, wait))
            place += CUT_WIDTH
        else:
            place += room * wait / rest
    if moments[-1] > knots[-1][0]:
        knots.append((moments[-1], 100.0))
    return Scale(tuple(knots), tuple(cuts))


def duration(seconds: float) -> str:
    """Write a duration for people: ``0.4 s``, ``12 s``, ``2 min 5 s``, ``3 h``, ``2 d 1 h``."""
    if seconds < 60:
        return f"{round(seconds, 1 if seconds < 10 else 0):g} s"
    whole = round(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if whole >= size:
            parts.append(f"{whole // size} {unit}")
            whole %= size
    return " ".join(parts[:2])


def moment(seconds: float) -> str:
    """Write a time of the epoch for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
