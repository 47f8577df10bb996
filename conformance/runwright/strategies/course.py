"""The course of one run: the bodies that a conforming server shows of it over time."""

import copy
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

from attrs import frozen

from runwright.instance import Maker, write_time
from runwright.lifecycle import Lifecycle, Motion
from runwright.part import lifecycle_places
from runwright.pointer import MISSING, expand, resolve, tokens, unescape
from runwright.validation import structure_of

Script = tuple[tuple[float, str], ...]
"""The statuses that a run goes through, each with the second after its creation."""

DRIFT: Final = 0.2
"""How often a member that may change does."""

TRIES_OF_A_LIFE: Final = 50
"""How many lives of a part are drawn until one ends as it must."""


@frozen
class Course:
    """What a run shows from each second after its creation on."""

    scenes: tuple[tuple[float, Any], ...]

    def at(self, second: float) -> Any:
        """Return the body that the run shows at a time."""
        return next(
            (body for since, body in reversed(self.scenes) if since <= second), self.scenes[0][1]
        )


def make_course(maker: Maker, schema: str, script: Script, key: Any, created: float) -> Course:
    """Return a conforming course through one view of a run; `created` is in epoch seconds."""
    return _Director(maker, schema, script, created).shoot(key)


def walk(maker: Maker, lifecycle: Lifecycle, *, to_the_end: bool) -> Iterator[str]:
    """Yield the statuses of a legal life, by chance; `to_the_end` lets it stop only at an end."""
    chance = maker.chance
    status = chance.choice(lifecycle.initial or tuple(lifecycle.states))
    for step in range(20):
        yield status
        state = lifecycle.states[status]
        following = (*state.to, *state.inferred)
        if not following or (not to_the_end and chance.random() < 0.3):
            return
        if lifecycle.is_terminal(status) and (to_the_end or chance.random() < 0.5):
            return
        # A walk that goes on for long is led out of its circle.
        ends = [name for name in following if lifecycle.is_terminal(name)]
        status = chance.choice(ends if step > 5 and ends else following)


@frozen
class _Director:
    maker: Maker
    schema: str
    script: Script
    created: float

    @property
    def lifecycle(self) -> Lifecycle:
        return self.maker.spec.lifecycles[self.schema]

    def shoot(self, key: Any) -> Course:
        """Write the bodies: first one that fits the schema, then what moves, member by member."""
        body = self.maker.make({"$ref": f"#/components/schemas/{self.schema}"})
        put(body, self.lifecycle.key or "id", key)
        put(body, self.lifecycle.status, self.script[0][1])
        bodies = [copy.deepcopy(body) for _ in self.script]
        statuses = self._shown(body)
        closed = [self._is_frozen(self.lifecycle, status) for status in statuses]
        self._move(bodies, self.schema, "", statuses, closed)
        for pattern, schema in lifecycle_places(self.maker.spec, self.schema):
            if pattern:
                for pointer, part in expand(body, pattern):
                    if isinstance(part, dict):
                        self._play_part(bodies, schema, pointer, closed)
                self._let_appear(bodies, body, pattern, closed)
        return Course(tuple(zip((second for second, _ in self.script), bodies, strict=True)))

    def _shown(self, body: Any) -> list[str]:
        """Return the statuses of the script, without those that the schema does not let in."""
        fits, probe = structure_of(self.maker.spec, self.schema), copy.deepcopy(body)
        shown: list[str] = []
        for _, status in self.script:
            put(probe, self.lifecycle.status, status)
            known = self.lifecycle.is_known(status) or fits.is_valid(probe)
            shown.append(status if known else shown[-1])
        return shown

    def _let_appear(
        self, bodies: list[Any], body: Any, pattern: tuple[str, ...], closed: Sequence[bool]
    ) -> None:
        """Take some parts out of the first bodies, as if they came later."""
        chance, last = self.maker.chance, sum(not shut for shut in closed[:-1])
        born = [
            (pointer, chance.randint(0, last) if chance.random() < DRIFT else 0)
            for pointer, _ in expand(body, pattern)
        ]
        for scene, shown in enumerate(bodies):
            for pointer, since in reversed(born):
                if scene < since:
                    above, _, name = pointer.rpartition("/")
                    place = resolve(shown, above)
                    del place[int(name) if isinstance(place, list) else unescape(name)]

    def _is_frozen(self, lifecycle: Lifecycle, status: str) -> bool:
        return lifecycle.after_end is not None and lifecycle.is_final(status)

    def _play_part(
        self, bodies: list[Any], schema: str, pointer: str, closed: Sequence[bool]
    ) -> None:
        """Let a part live inside its run, and end as its lifecycle says."""
        lifecycle = self.maker.spec.lifecycles[schema]
        last, must_end = self._deadline(lifecycle, closed)
        life = self._life_of(lifecycle, must_end)
        turns = sorted(self.maker.chance.randint(0, last) for _ in life[1:])
        statuses = [life[sum(turn <= scene for turn in turns)] for scene in range(len(bodies))]
        over = [
            shut or self._is_frozen(lifecycle, status)
            for shut, status in zip(closed, statuses, strict=True)
        ]
        self._move(bodies, schema, pointer, statuses, over)

    def _life_of(self, part: Lifecycle, must_end: bool) -> tuple[str, ...]:
        """Return a part's life, whose end agrees with each end of the run."""
        allowed = [part.ends_as[status] for _, status in self.script if status in part.ends_as]
        lives = (tuple(walk(self.maker, part, to_the_end=must_end)) for _ in range(TRIES_OF_A_LIFE))
        fitting = (life for life in lives if all(life[-1] in states for states in allowed))
        return next(fitting, tuple(states[0] for states in allowed[:1]))

    def _deadline(self, part: Lifecycle, closed: Sequence[bool]) -> tuple[int, bool]:
        """Return the last scene in which a part's status may change, and whether it must end."""
        run = self.lifecycle
        for scene, (second, status) in enumerate(self.script):
            applies = part.must_end_with(status) or status in part.ends_as
            if closed[scene] or (run.is_terminal(status) and applies):
                limit = second + part.lag
                last = max(i for i, (later, _) in enumerate(self.script) if later <= limit)
                return last, applies and run.is_terminal(status)
        return len(self.script) - 1, False

    def _move(
        self,
        bodies: list[Any],
        schema: str,
        pointer: str,
        statuses: Sequence[str],
        closed: Sequence[bool],
    ) -> None:
        """Write into all bodies what a thing shows over time: status, clock, motion, drift."""
        lifecycle = self.maker.spec.lifecycles[schema]
        things = [resolve(body, pointer) for body in bodies]
        for thing, status in zip(things, statuses, strict=True):
            put(thing, lifecycle.status, status)
        self._drift(things, schema, closed)
        for member, motion in lifecycle.motion.items():
            if member not in lifecycle.clock.values():
                self._write(bodies, things, member, self._values(things, member, motion, closed))
        self._set_clock(bodies, things, lifecycle, statuses, closed)

    def _drift(self, things: list[Any], schema: str, closed: Sequence[bool]) -> None:
        """Change what no declaration holds: anything while it lives, some of it after the end."""
        spec, chance = self.maker.spec, self.maker.chance
        lifecycle = spec.lifecycles[schema]
        held = {tokens(m)[0] for m in (lifecycle.key or "", lifecycle.status) if m}
        held |= {tokens(member)[0] for member in (*lifecycle.motion, *lifecycle.clock.values())}
        held |= {pattern[0] for pattern, _ in lifecycle_places(spec, schema) if pattern}
        loose = {member for member in lifecycle.after_end or () if not member.startswith("/")}
        members = self.maker.merged({"$ref": f"#/components/schemas/{schema}"}).get(
            "properties", {}
        )
        for member in members.keys() - held:
            value = things[0].get(member, MISSING)
            for before, thing in zip((False, *closed), things, strict=False):
                if member in thing and (member in loose or not before):
                    if chance.random() < DRIFT:
                        value = self.maker.make(members[member], 1)
                    thing[member] = copy.deepcopy(value)
                elif member in thing:
                    thing[member] = copy.deepcopy(value)

    def _values(
        self, things: list[Any], member: str, motion: Motion, closed: Sequence[bool]
    ) -> list[Any]:
        """Return a member's values over time, MISSING where it should not be set yet."""
        chance, count = self.maker.chance, len(things)
        value = resolve(things[0], member)
        steps = [0 if before else chance.randint(0, 2) for before in (True, *closed[:-1])]
        grown = list(accumulate(steps))
        if motion is Motion.SET_ONCE:
            since = chance.randint(0, sum(not shut for shut in closed))
            return [value if scene >= since else MISSING for scene in range(count)]
        if motion is Motion.NON_DECREASING and isinstance(value, int | float):
            return [value + size for size in grown]
        if motion is Motion.NON_DECREASING and isinstance(value, str):
            return [write_time(self.created + size) for size in grown]
        if motion is Motion.APPEND_ONLY and isinstance(value, str):
            return [value + "line\n" * size for size in grown]
        if motion is Motion.APPEND_ONLY and isinstance(value, list):
            return [value[:size] if size < grown[-1] else value for size in grown]
        return [value] * count

    def _set_clock(
        self,
        bodies: list[Any],
        things: list[Any],
        lifecycle: Lifecycle,
        statuses: Sequence[str],
        closed: Sequence[bool],
    ) -> None:
        seconds = [second for second, _ in self.script]
        begun = next((i for i, s in enumerate(statuses) if s not in lifecycle.initial), None)
        over = next((i for i, s in enumerate(statuses) if lifecycle.is_terminal(s)), None)
        changed = [0]
        for scene in range(1, len(things)):
            moves = not closed[scene - 1] and things[scene] != things[scene - 1]
            changed.append(scene if moves else changed[-1])
        times: dict[str, list[float | None]] = {
            "created": [0.0] * len(things),
            "started": [self._since(scene, begun, seconds) for scene in range(len(things))],
            "updated": [seconds[scene] for scene in changed],
            "ended": [self._since(scene, over, seconds) for scene in range(len(things))],
        }
        for name, member in lifecycle.clock.items():
            written = [
                MISSING if second is None else write_time(self.created + second)
                for second in times[name]
            ]
            self._write(bodies, things, member, written)

    def _since(self, scene: int, first: int | None, seconds: Sequence[float]) -> float | None:
        return seconds[first] if first is not None and scene >= first else None

    def _write(
        self, bodies: list[Any], things: list[Any], member: str, values: Sequence[Any]
    ) -> None:
        """Put a member's values into the bodies, if all of them fit the schema."""
        fits = structure_of(self.maker.spec, self.schema)
        olds = [resolve(thing, member) for thing in things]
        for unset in (None, MISSING):
            for thing, value in zip(things, values, strict=True):
                put(thing, member, unset if value is MISSING else copy.deepcopy(value))
            if all(fits.is_valid(body) for body in bodies):
                return
        for thing, old in zip(things, olds, strict=True):
            put(thing, member, old)


def put(thing: Any, member: str, value: Any) -> None:
    """Set a member below an object, or take it away; without its parent nothing is done."""
    *above, last = tokens(member)
    for token in above:
        thing = thing.get(token) if isinstance(thing, dict) else None
    if not isinstance(thing, dict):
        return
    if value is MISSING:
        thing.pop(last, None)
    else:
        thing[last] = value
