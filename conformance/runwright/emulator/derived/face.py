"""What one thing looks like in each of its states: always like itself."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from runwright.emulator.chance import Chance
from runwright.emulator.derived.album import Album
from runwright.emulator.derived.life import Life
from runwright.lifecycle import Motion
from runwright.pointer import MISSING, place_of, resolve, tokens
from runwright.validation import JSON, Validator, whole_of

MENDINGS: Final = 6
"""How many members of a body are replaced, at most, so that it fits."""


@frozen(kw_only=True)
class Sitter:
    """Whose portrait is drawn: its life, what it is known by, and what was said at its start.

    ``base`` is what it looks like apart from its state; ``cast`` is a body that has all its parts.
    """

    schema: str
    life: Life
    chance: Chance
    base: JSON
    cast: JSON
    key: JSON = MISSING
    said: Mapping[str, JSON] = field(factory=dict)
    is_part: bool = False


def face_of(album: Album, sitter: Sitter, state: str) -> JSON:
    """Return what a thing looks like in a state, with all that is constant about it."""
    place = (*sitter.chance.name, sitter.schema, state)
    if place not in album.kept:
        album.kept[place] = _find_face(album, sitter, state)
    return album.kept[place]


def _find_face(album: Album, sitter: Sitter, state: str) -> JSON:
    shown = album.faces(sitter.schema, state)
    own = [face for face in shown if _is_own(sitter, face)]
    best = own[0] if own else sitter.chance.branch(state).one_of(shown)
    # What a part is called, for one, is its own, even where that is not declared.
    order = -1 if sitter.is_part and not own else 1
    fits = whole_of(album.spec, sitter.schema)
    blends = (blend for face in (best, *shown) for blend in _blends(sitter, face, state)[::order])
    mended = (_mended(made, other, fits) for made, other in blends)
    return next((face for face in mended if fits.is_valid(face)), best)


def _is_own(sitter: Sitter, face: JSON) -> bool:
    key = sitter.life.lifecycle.key
    return key is not None and resolve(face, key) == resolve(sitter.base, key)


def _blends(sitter: Sitter, face: JSON, state: str) -> tuple[tuple[JSON, JSON], tuple[JSON, JSON]]:
    """Return a face with what is constant about the thing, and the thing as it is in a state.

    With each stands what it may take a member from that does not fit.
    """
    base, lifecycle = sitter.base, sitter.life.lifecycle
    overlaid, adapted = copy.deepcopy(face), copy.deepcopy(base)
    put(adapted, lifecycle.status, state)
    for member, motion in lifecycle.motion.items():
        if motion is Motion.CONSTANT:
            put(overlaid, member, copy.deepcopy(resolve(base, member)))
        else:
            put(adapted, member, copy.deepcopy(resolve(face, member)))
    return (overlaid, base), (adapted, face)


def _mended(made: JSON, other: JSON, fits: Validator) -> JSON:
    """Return a body in which members that do not fit are those of another one."""
    for _ in range(MENDINGS):
        error = next(fits.errors(made), None)
        member = place_of(*tokens(error.pointer)[:1]) if error else ""
        if not member or resolve(made, member) == resolve(other, member):
            break
        put(made, member, copy.deepcopy(resolve(other, member)))
    return made


def put(thing: Any, member: str, value: JSON) -> None:
    """Set what stands at a place that exists, or take it away; else do nothing."""
    *above, last = tokens(member)
    place = resolve(thing, place_of(*above))
    if isinstance(place, list) and last.isdecimal() and int(last) < len(place):
        place[int(last)] = value
    elif isinstance(place, dict) and value is MISSING:
        place.pop(last, None)
    elif isinstance(place, dict):
        place[last] = value
