"""Where two JSON values differ that should say the same."""

from collections.abc import Collection
from typing import Any, NamedTuple

from runwright.pointer import ANY, place_of
from runwright.rules.order import instant


class Difference(NamedTuple):
    """A place where two values differ, and both values there."""

    at: str
    before: Any
    after: Any


def alike(before: object, after: object) -> bool:
    """True for equal values, and for the same moment written in two ways."""
    if before == after:
        return True
    moment = instant(before)
    return moment is not None and moment == instant(after)


def difference(
    before: object,
    after: object,
    loose: Collection[tuple[str, ...]] = (),
    at: tuple[str, ...] = (),
) -> Difference | None:
    """Return the first place where two JSON values differ, None if they say the same.

    Places that a pattern in `loose` matches are passed over, and so are members that only one
    of them has: an answer may leave members out, and a newer server may add some.
    """
    if alike(before, after) or any(_matches(pattern, at) for pattern in loose):
        return None
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [(key, before[key], after[key]) for key in before if key in after]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(str(i), *pair) for i, pair in enumerate(zip(before, after, strict=True))]
    else:
        return Difference(place_of(*at), before, after)
    for key, old, new in pairs:
        found = difference(old, new, loose, (*at, key))
        if found:
            return found
    return None


def _matches(pattern: tuple[str, ...], at: tuple[str, ...]) -> bool:
    return len(pattern) == len(at) and all(
        token in (ANY, key) for token, key in zip(pattern, at, strict=True)
    )
