"""Lives along the edges of a declared lifecycle: by themselves, and after a cancel."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, field, frozen

from runwright.emulator.chance import Chance, deal
from runwright.emulator.script import Script
from runwright.lifecycle import Lifecycle, Outcome

MOST_WAYS: Final = 60
"""How many ways to an end are looked at."""
LOST: Final = (Outcome.CANCELED, Outcome.FAILURE, Outcome.PARTIAL, Outcome.SUCCESS)
"""How a part ends, by preference, whose run ends before it is done."""
PACES: Final = (1.0, 1.0, 0.04, 1.0, 2.0)
"""How long a run takes, in shuffled rounds; some are over before anybody looks."""


@frozen(kw_only=True)
class Life:
    """What becomes of a thing, and of its parts by their places."""

    lifecycle: Lifecycle
    script: Script[str]
    parts: Mapping[str, "Life"] = field(factory=dict)

    @property
    def created(self) -> float:
        """When it came to be."""
        return self.script.start

    def past(self, now: float) -> tuple[tuple[float, str], ...]:
        """Return the scenes that could have been seen by a moment; there is always one."""
        scenes = self.script.scenes
        seen = [
            scene
            for scene, after in zip(scenes, [*scenes[1:], None], strict=True)
            if scene[0] <= now and (after is None or after[0] > scene[0])
        ]
        return tuple(seen) or scenes[:1]

    def ended(self, now: float) -> float | None:
        """Return when it ended, None if it had not by then."""
        is_over = self.lifecycle.is_terminal(self.script.at(now))
        return self.script.since(now) if is_over else None

    def unmoved(self) -> "Life":
        """Return the life of what is from the beginning what it would have come to be."""
        script = Script([(self.script.start, self.script.last)])
        return evolve(
            self, script=script, parts={p: part.unmoved() for p, part in self.parts.items()}
        )

    def canceled(self, now: float, unit: float, chance: Chance) -> "Life | None":
        """Return the life after a cancel, None if it leads nowhere from where it is."""
        planned = self.lifecycle.states[self.script.last].outcome
        if planned is Outcome.CANCELED and self.ended(now) is None:
            return self  # it was canceled before, and is about to stop
        way = shortest(self.lifecycle, self.script.at(now), (Outcome.CANCELED,))
        if way is None:
            return None
        moment, scenes = now, []
        for state in way[1:]:
            scenes.append((moment, state))
            moment += chance.between(1.0, 3.0) * unit
        return self._cut(now, scenes)

    def following(self, script: Script[str], now: float) -> "Life":
        """Return the life that goes on from a moment with another script."""
        last, end = script.last, script.end
        parts = {place: part.stopped(now, end, last) for place, part in self.parts.items()}
        return evolve(self, script=script, parts=parts)

    def _cut(self, now: float, scenes: Sequence[tuple[float, str]]) -> "Life":
        return self.following(self.script.cut(now, *scenes), now)

    def stopped(self, now: float, end: float, run: str) -> "Life":
        """Return the life of a part whose run was stopped at one moment, and ends at another.

        `run` is the state in which the run ends.
        """
        agreeing = self.lifecycle.ends_as.get(run, ())
        way = shortest(self.lifecycle, self.script.at(now), LOST, among=agreeing) or ()
        return self._cut(now, [(end, state) for state in way[1:]])


def draw_run(lifecycle: Lifecycle, chance: Chance, *, number: int, created: float) -> Life:
    """Draw the life of a run, the number of which decides how it ends."""
    goal = deal(fates(lifecycle), number, *chance.name[:3], "fate")
    pace = deal(PACES, number, *chance.name[:3], "pace") * unit_of(lifecycle)
    moment, scenes = created, []
    for state in way_to(lifecycle, goal, chance):
        scenes.append((moment, state))
        low, high = (1.5, 3.0) if state in lifecycle.initial else (4.0, 9.0)
        moment += chance.between(low, high) * pace
    return Life(lifecycle=lifecycle, script=Script(scenes))


def unit_of(lifecycle: Lifecycle) -> float:
    """Return by how much slower than usual a run goes, so that polls at its pace see something."""
    return 1.0 if lifecycle.pace is None else min(5.0, max(1.0, lifecycle.pace.least))


def draw_parts(
    run: Life, parts: Mapping[str, tuple[Lifecycle, str | None]], chance: Chance
) -> Life:
    """Return a run with lives for its parts: one after the other, and over when it is.

    With each part's lifecycle stands the state in which it is to be at the end of the run.
    """
    work = next((at for at, state in run.script.scenes if state not in run.lifecycle.initial), None)
    begin, end = (run.script.end if work is None else work), run.script.end
    slot = (end - begin) / max(1, len(parts))
    drawn = {}
    for index, (place, (lifecycle, goal)) in enumerate(parts.items()):
        start = begin + index * slot
        known = _agreeing(lifecycle, goal, run)
        way = way_to(lifecycle, known, chance) if known else ()
        way = way or (known or _beginning(lifecycle),)
        moments = chance.moments(start, start + slot, len(way) - 1)
        script = Script([(run.created, way[0]), *zip(moments, way[1:], strict=True)])
        part = Life(lifecycle=lifecycle, script=script)
        is_over = lifecycle.is_terminal(script.last) or not lifecycle.ends_with_run
        drawn[place] = part if is_over else part.stopped(start + slot, end, run.script.last)
    return evolve(run, parts=drawn)


def _agreeing(lifecycle: Lifecycle, goal: str | None, run: Life) -> str | None:
    """Return the state in which a part is to be at the end of its run: the goal if that agrees.

    Else it is one that agrees, if possible one with the run's own outcome.
    """
    allowed = lifecycle.ends_as.get(run.script.last, ())
    if not allowed or goal in allowed:
        return goal if goal in lifecycle.states else None
    outcome = run.lifecycle.states[run.script.last].outcome
    return next((s for s in allowed if lifecycle.states[s].outcome is outcome), allowed[0])


def _beginning(lifecycle: Lifecycle) -> str:
    open_ = [state for state in lifecycle.initial if not lifecycle.is_terminal(state)]
    return (*open_, *lifecycle.initial, *lifecycle.states)[0]


def fates(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Return the ends that a thing comes to by itself, good ones first and twice.

    Canceled is what others make it, so it is among them only where there is no other end.
    """
    ends = {
        outcome: [
            state.name
            for state in lifecycle.states.values()
            if state.outcome is outcome and way_to(lifecycle, state.name, None)
        ]
        for outcome in Outcome
    }
    good, partial, bad = (ends[o] for o in (Outcome.SUCCESS, Outcome.PARTIAL, Outcome.FAILURE))
    return tuple([*good, *bad, *partial, *good] or ends[Outcome.CANCELED]) or (
        _beginning(lifecycle),
    )


def way_to(lifecycle: Lifecycle, goal: str, chance: Chance | None) -> tuple[str, ...]:
    """Return states that lead from a beginning to an end; empty if none do.

    A good end is reached by the longest way, so that all there is can be seen; others by any.
    """
    ways = list(_ways(lifecycle, goal))
    stops = {name for name in lifecycle.states if _only_stops(lifecycle, name)}
    straight = [way for way in ways if not stops & set(way[:-1])] or ways
    if chance is None or not straight:
        return straight[0] if straight else ()
    longest = max(straight, key=len)
    is_good = lifecycle.states[goal].outcome is Outcome.SUCCESS
    return _with_turns(lifecycle, longest if is_good else chance.one_of(straight), chance)


def _ways(lifecycle: Lifecycle, goal: str) -> Iterator[tuple[str, ...]]:
    """Yield ways without a circle, by documented edges; by inferred ones only if there are none."""
    found = 0
    for inferred in (False, True):
        starts = lifecycle.initial or tuple(lifecycle.states)[:1]
        queue: deque[tuple[str, ...]] = deque((state,) for state in starts)
        while queue and found < MOST_WAYS:
            way = queue.popleft()
            if way[-1] == goal:
                found += 1
                yield way
            elif not lifecycle.is_terminal(way[-1]):
                state = lifecycle.states[way[-1]]
                following = (*state.to, *(state.inferred if inferred else ()))
                queue.extend((*way, name) for name in dict.fromkeys(following) if name not in way)
        if found:
            return


def _only_stops(lifecycle: Lifecycle, name: str) -> bool:
    """True for a state such as `stopping`, which nothing enters that was not canceled."""
    state = lifecycle.states[name]
    canceled = all(lifecycle.states[to].outcome is Outcome.CANCELED for to in state.to)
    return state.outcome is None and name not in lifecycle.initial and canceled


def _with_turns(lifecycle: Lifecycle, way: tuple[str, ...], chance: Chance) -> tuple[str, ...]:
    """Let a way turn back once where the declaration lets it, as by a pause or a retry."""
    for index, name in enumerate(way[:-1]):
        for other in lifecycle.states[name].to:
            returns = name in lifecycle.states[other].to and not lifecycle.is_terminal(other)
            if returns and other not in way and chance.happens(0.5):
                return (*way[: index + 1], other, *way[index:])
    return way


def shortest(
    lifecycle: Lifecycle, start: str, outcomes: Sequence[Outcome], *, among: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """Return the shortest way from a state to an end, of the first outcome that can be reached.

    Only ends `among` some count, if there are any. A thing that has ended goes nowhere.
    """
    if lifecycle.is_terminal(start):
        return None
    reached: dict[Outcome, tuple[str, ...]] = {}
    queue: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while queue:
        way = queue.popleft()
        state = lifecycle.states[way[-1]]
        if state.outcome is not None:
            if not among or way[-1] in among:
                reached.setdefault(state.outcome, way)
            continue
        for name in (*state.to, *state.inferred):
            if name not in seen:
                seen.add(name)
                queue.append((*way, name))
    return next((reached[outcome] for outcome in outcomes if outcome in reached), None)
