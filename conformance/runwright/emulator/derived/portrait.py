"""The body of a thing at a moment: a face for its state, and on it what its lifecycle declares."""

import copy
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from runwright.emulator.chance import Chance
from runwright.emulator.clock import stamp
from runwright.emulator.derived.album import Album, is_set
from runwright.emulator.derived.face import Sitter, face_of, put
from runwright.emulator.derived.life import Life, draw_parts, fates, unit_of
from runwright.lifecycle import Lifecycle, Motion, Outcome
from runwright.part import lifecycle_places
from runwright.pointer import ANY, MISSING, expand, resolve
from runwright.spec import Spec
from runwright.validation import JSON, whole_of

BEAT: Final = 2.0
"""Seconds, in the thing's own pace, between two signs of life while it is at work."""
NEAR: Final = 0.7
"""What part of the way to its largest value a number has still to go after each beat."""
MILLISECONDS: Final = 1e11
"""Times above it are no seconds since 1970, but milliseconds."""


def seat(
    album: Album, schema: str, life: Life, *, chance: Chance, key: JSON, said: Mapping[str, JSON]
) -> Sitter:
    """Return a run as one of its schemas shows it, with lives for the parts that it has there.

    They end as the answers that show the end of the run have them.
    """
    base = copy.deepcopy(chance.one_of(album.faces(schema, life.script.at(life.created))))
    for name, value in said.items():
        told = {**base, name: value}
        base = told if whole_of(album.spec, schema).is_valid(told) else base
    sitter = Sitter(schema=schema, life=life, chance=chance, base=base, cast={}, key=key, said=said)
    painter = _Painter(album, sitter, life.script.end, careful=False)
    states = (life.script.last, *life.lifecycle.states)
    faces = [painter.face(state) for state in states]
    places = _parts_below(album.spec, schema)

    def count(face: JSON) -> int:
        return sum(1 for pattern, _ in places for _ in expand(face, pattern))

    cast = faces[0] if count(faces[0]) else max(faces, key=count)
    fits, ended = whole_of(album.spec, schema), life.script.end
    for shown in (album.tells(schema, life.script.last), True):
        played = _with_parts(album.spec, schema, cast, life, chance.branch("parts"), shown=shown)
        sitter = evolve(sitter, life=played, cast=cast)
        if fits.is_valid(_Painter(album, sitter, ended, careful=False).paint()):
            break
    return _settled(album, sitter)


def _settled(album: Album, sitter: Sitter) -> Sitter:
    """Return a run whose parts that must be done from the beginning are.

    Such as a field of which a rule says that it is always complete.
    """
    fits, life = whole_of(album.spec, sitter.schema), sitter.life
    if fits.is_valid(_Painter(album, sitter, life.created, careful=False).paint()):
        return sitter
    done = {place: part.unmoved() for place, part in life.parts.items()}
    parts = dict(done)
    for place, part in life.parts.items():
        probe = evolve(sitter, life=evolve(life, parts={**done, place: part}))
        if fits.is_valid(_Painter(album, probe, life.created, careful=False).paint()):
            parts[place] = part
    return evolve(sitter, life=evolve(life, parts=parts))


def _with_parts(
    spec: Spec, schema: str, cast: JSON, life: Life, chance: Chance, *, shown: bool
) -> Life:
    """Return a life with lives for all parts that a body has, and for theirs.

    They end as they are `shown` there, or else well if the whole does.
    """
    well = life.lifecycle.states[life.script.last].outcome in (Outcome.SUCCESS, Outcome.PARTIAL)
    found = {
        pointer: (name, part)
        for pattern, name in _parts_below(spec, schema)
        for pointer, part in expand(cast, pattern)
        if isinstance(part, dict)
    }
    goals = {
        at: (
            spec.lifecycles[name],
            spec.lifecycles[name].status_of(part)
            if shown or not well
            else fates(spec.lifecycles[name])[0],
        )
        for at, (name, part) in found.items()
    }
    drawn = draw_parts(life, goals, chance)
    parts = {
        at: _with_parts(spec, name, part, drawn.parts[at], chance.branch(at), shown=shown)
        for at, (name, part) in found.items()
    }
    return evolve(drawn, parts=parts)


def _parts_below(spec: Spec, schema: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the outermost places of parts below a schema."""
    found: list[tuple[tuple[str, ...], str]] = []
    for pattern, name in lifecycle_places(spec, schema):
        if pattern and not any(pattern[: len(above)] == above for above, _ in found):
            found.append((pattern, name))
    return tuple(found)


def draw(album: Album, sitter: Sitter, now: float) -> dict[str, Any]:
    """Return the body of a thing at a moment."""
    body = _Painter(album, sitter, now, careful=False).paint()
    if whole_of(album.spec, sitter.schema).is_valid(body):
        return body
    # Something that is put on the face does not fit: find out what, and leave that as it was.
    return _Painter(album, sitter, now, careful=True).paint()


@frozen(eq=False)
class _Painter:
    album: Album
    sitter: Sitter
    now: float
    careful: bool

    @property
    def lifecycle(self) -> Lifecycle:
        return self.sitter.life.lifecycle

    def paint(self) -> dict[str, Any]:
        past = self.sitter.life.past(self.now)
        faces = [self.face(state) for _, state in past]
        body: dict[str, Any] = copy.deepcopy(faces[-1])
        for place, value in self.values(past, faces):
            self.settle(body, place, value)
        self.put_parts(body)
        return body

    def face(self, state: str) -> JSON:
        return face_of(self.album, self.sitter, state)

    def values(
        self, past: tuple[tuple[float, str], ...], faces: list[JSON]
    ) -> Iterator[tuple[str, JSON]]:
        """Yield what the declaration has of each member, in the order in which it counts."""
        lifecycle, sitter = self.lifecycle, self.sitter
        timed = set(lifecycle.clock.values())
        yield from sitter.said.items()
        for member, motion in lifecycle.motion.items():
            if member in timed or member in sitter.said:
                continue
            shown = [resolve(face, member) for face in faces]
            match motion:
                case Motion.SET_ONCE:
                    yield member, next((value for value in shown if is_set(value)), shown[-1])
                case Motion.NON_DECREASING:
                    yield member, self.grown(member, past, shown)
                case Motion.APPEND_ONLY:
                    yield member, self.appended(past, shown)
        yield from self.times(past, faces)
        if lifecycle.key is not None and sitter.key is not MISSING:
            yield lifecycle.key, sitter.key

    def grown(self, member: str, past: tuple[tuple[float, str], ...], shown: list[JSON]) -> JSON:
        """Return a number that comes ever nearer to the largest that the examples show."""
        if isinstance(shown[-1], str):
            return stamp(self.changed(past))
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in shown):
            return shown[0]
        schema = self.sitter.schema
        faces = (f for s in self.lifecycle.states for f in self.album.faces(schema, s))
        told = [
            value for value in (resolve(f, member) for f in faces) if type(value) in (int, float)
        ]
        top, value = max(told), shown[0]
        for index, least in enumerate(shown):
            value = max(value, least)
            value = max(value, top - (top - value) * NEAR ** self.beats(past, index))
        return value if isinstance(top, float) else math.floor(value)

    def appended(self, past: tuple[tuple[float, str], ...], shown: list[JSON]) -> JSON:
        """Return what has been added so far: all that earlier states show, and some of this one."""
        value: list[JSON] = []
        is_text = any(isinstance(v, str) for v in shown)
        for index, whole in enumerate(shown):
            said = whole.splitlines(keepends=True) if isinstance(whole, str) else whole
            new = [piece for piece in said if piece not in value] if isinstance(said, list) else []
            is_last = index == len(shown) - 1
            over = self.lifecycle.is_terminal(past[index][1])
            value += new if not is_last or over else new[: 1 + self.beats(past, index)]
        if not value:
            return shown[-1]
        return "".join(map(str, value)) if is_text else value

    def beats(self, past: tuple[tuple[float, str], ...], index: int) -> int:
        """Return how many signs of life there were in a scene."""
        begun, state = past[index]
        if state in self.lifecycle.initial or self.lifecycle.is_terminal(state):
            return 0
        until = past[index + 1][0] if index + 1 < len(past) else self.now
        return max(0, int((until - begun) / (BEAT * unit_of(self.lifecycle))))

    def changed(self, past: tuple[tuple[float, str], ...]) -> float:
        """Return when the thing last changed."""
        last = past[-1][0]
        moments = [last + self.beats(past, len(past) - 1) * BEAT * unit_of(self.lifecycle)]
        moments += [part.past(self.now)[-1][0] for part in self.sitter.life.parts.values()]
        return max(moments)

    def times(
        self, past: tuple[tuple[float, str], ...], faces: list[JSON]
    ) -> Iterator[tuple[str, JSON]]:
        """Yield the members of the clock, as far as their times have come."""
        life, lifecycle = self.sitter.life, self.lifecycle
        begun = (
            moment
            for moment, state in past
            if state not in lifecycle.initial and not lifecycle.is_terminal(state)
        )
        moments = {
            "created": life.created,
            "started": next(begun, None),
            "updated": self.changed(past),
            "ended": life.ended(self.now),
        }
        for name, member in lifecycle.clock.items():
            moment, shown = moments[name], resolve(faces[-1], member)
            if moment is not None:
                yield member, self.written(member, moment)
            elif is_set(shown):
                # The face is of a thing that was there already: null, or nothing, if that fits.
                yield member, MISSING if self._may_lack(member) else None

    def _may_lack(self, member: str) -> bool:
        probe = copy.deepcopy(self.face(self.sitter.life.past(self.now)[-1][1]))
        put(probe, member, None)
        return not whole_of(self.album.spec, self.sitter.schema).is_valid(probe)

    def written(self, member: str, moment: float) -> JSON:
        """Return a time in the way in which the examples, or else the schema, write it."""
        schema = self.sitter.schema
        faces = (f for s in self.lifecycle.states for f in self.album.faces(schema, s))
        told = next((v for v in (resolve(f, member) for f in faces) if is_set(v)), None)
        if isinstance(told, int | float):
            scaled = moment * 1000 if told > MILLISECONDS else moment
            return math.floor(scaled) if isinstance(told, int) else scaled
        return stamp(moment)[:10] if isinstance(told, str) and len(told) == 10 else stamp(moment)

    def put_parts(self, body: dict[str, Any]) -> None:
        """Put the parts into their places, each as it is by now."""
        sitter = self.sitter
        places = _parts_below(self.album.spec, sitter.schema) if sitter.life.parts else ()
        for pattern, _ in places:
            _carry(
                body, sitter.cast, tuple(itertools.takewhile(lambda token: token != ANY, pattern))
            )
        for pattern, name in places:
            for pointer, base in expand(sitter.cast, pattern):
                life = sitter.life.parts.get(pointer)
                if life is not None:
                    part = Sitter(
                        schema=name,
                        life=life,
                        chance=sitter.chance.branch(sitter.schema, pointer),
                        key=resolve(base, life.lifecycle.key) if life.lifecycle.key else MISSING,
                        base=base,
                        cast=base,
                        is_part=True,
                    )
                    put(body, pointer, draw(self.album, part, self.now))

    def settle(self, body: dict[str, Any], member: str, value: JSON) -> None:
        """Set a member, if the body then still keeps its schema."""
        old = resolve(body, member)
        put(body, member, copy.deepcopy(value))
        if self.careful and not whole_of(self.album.spec, self.sitter.schema).is_valid(body):
            put(body, member, old)


def _carry(body: dict[str, Any], cast: JSON, way: tuple[str, ...]) -> None:
    """Give a body what the cast has at the end of a way, and nothing else that it has already."""
    token, *further = way
    if not isinstance(cast, dict) or token not in cast:
        return
    if further and isinstance(body.get(token), dict):
        _carry(body[token], cast[token], tuple(further))
    else:
        body[token] = copy.deepcopy(cast[token])
