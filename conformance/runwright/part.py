"""The parts of a run, such as its steps or the fields of its records, and what identifies them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from attrs import frozen

from runwright.lifecycle import Lifecycle
from runwright.look import Look, identity
from runwright.pointer import ANY, MISSING, escape, place_of
from runwright.spec import Spec


@cache
def lifecycle_places(spec: Spec, schema: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return where things with a lifecycle stand below a schema: each pattern, and the schema.

    Where a place fits several schemas, such as one that extends another, the first counts. An
    envelope is the thing that it is about.
    """
    found: dict[tuple[str, ...], str] = {}
    inside = spec.envelopes.get(schema)
    for place in spec.places(schema):
        if place == inside:
            found.setdefault((), schema)
        elif place.schema in spec.declared:
            found.setdefault(place.pattern, place.schema)
    return tuple(found.items())


@cache
def outermost_places(spec: Spec, root: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return where the things stand that an answer shows, not their parts: pattern and schema.

    The thing of an envelope stands inside it.
    """
    if root in spec.envelopes:
        inside = spec.envelopes[root]
        return ((inside.pattern, inside.schema),)
    found: list[tuple[tuple[str, ...], str]] = []
    for pattern, schema in lifecycle_places(spec, root):
        if not any(pattern[: len(above)] == above for above, _ in found):
            found.append((pattern, schema))
    return tuple(found)


def parts_in(
    look: Look, spec: Spec, before: Look | None = None
) -> Iterator[tuple[str | None, Look]]:
    """Yield the parts in a look at a run, each with its identity inside the run, None if unclear.

    A part is an instance of another schema with a lifecycle. It is known by its key and the
    keys of what it stands in, or, if its kind has no key, by its place. An index in an array
    tells nothing, since items may come before it.

    Parts that are the same object in the look `before` are passed over; of an array that is
    another one, all are yielded, since only together they show which are clear.
    """
    places = dict(lifecycle_places(spec, look.schema))
    former = MISSING if before is None or before.schema != look.schema else before.body
    for pattern, schema in places.items():
        lifecycle = spec.lifecycles[schema]
        if not pattern or look.body is former:
            continue
        walk = _Walk(pattern, places, spec, keyed=lifecycle.key is not None)
        for pointer, place, trail, body, was in walk.follow(look.body, former):
            if isinstance(body, dict):
                if lifecycle.key is not None:
                    place = _keyed(body, lifecycle, pattern, trail)
                key = None if place is None else f"{lifecycle.thing}:{place}"
                yield key, Look(look.call, schema, look.pointer + pointer, body, lifecycle, was)


def parts_of(look: Look, spec: Spec, before: Look | None = None) -> Iterator[tuple[str, Look]]:
    """Yield the parts in a look at a run that can be told from all others, with their identity.

    Those that are the same object in the look `before` are passed over.
    """
    found: dict[str, Look | None] = {}
    for key, part in parts_in(look, spec, before):
        if key is not None:
            found[key] = None if key in found else part
    for key, only in found.items():
        if only is not None:
            yield key, only


Trail = tuple[str | None, ...]
"""What each token of a pattern stands for in a body; None for an index without a key."""


def _keyed(body: Any, lifecycle: Lifecycle, pattern: Trail, trail: Trail) -> str | None:
    """Return the place of a part in terms of its key and of those around it."""
    around = zip(pattern[:-1], trail[:-1], strict=True)
    keys = [name for token, name in around if token == ANY and name is not None]
    own = identity(body, lifecycle)
    return None if own is None else place_of(*keys, own)


@frozen
class _Walk:
    """A way down a body along a pattern."""

    pattern: tuple[str, ...]
    places: Mapping[tuple[str, ...], str]
    spec: Spec
    keyed: bool

    def follow(
        self,
        body: Any,
        former: Any,
        at: str = "",
        place: str | None = "",
        trail: Trail = (),
        inside: bool = False,
    ) -> Iterator[tuple[str, str | None, Trail, Any, Any]]:
        """Yield (pointer, place, trail, value, former value) wherever the pattern matches.

        A place is a pointer in which a key stands for an index; None where an item has no key.
        """
        depth = len(trail)
        if depth == len(self.pattern):
            yield at, place, trail, body, former
            return
        known = self._known(former, depth)
        in_array = isinstance(body, list)
        # What is known by its key is clear only beside all others that may have the same.
        inside = inside or (self.pattern[depth] == ANY and (self.keyed or in_array))
        for token, key, value in self._steps(body, depth):
            was = known.get(key if isinstance(former, list) else token, MISSING)
            if inside or was is MISSING or was is not value:
                here = f"{at}/{escape(token)}"
                there: str | None = here
                if in_array or place is not at:
                    there = None if place is None or key is None else f"{place}/{escape(key)}"
                yield from self.follow(value, was, here, there, (*trail, key), inside)

    def _steps(self, body: Any, depth: int) -> Iterator[tuple[str, str | None, Any]]:
        """Yield (token, what it stands for, value) for every step down from a depth."""
        token = self.pattern[depth]
        if isinstance(body, dict):
            if token == ANY:
                yield from ((name, name, value) for name, value in body.items())
            elif token in body:
                yield token, token, body[token]
        elif isinstance(body, list) and token == ANY:
            for index, value in enumerate(body):
                yield str(index), self._key(value, depth), value

    def _known(self, former: Any, depth: int) -> Mapping[str | None, Any]:
        """Return what stood at the steps down from a depth; items of an array by their keys."""
        if isinstance(former, list):
            keyed = ((self._key(item, depth), item) for item in former)
            return {key: item for key, item in keyed if key is not None}
        return former if isinstance(former, dict) else {}

    def _key(self, item: Any, depth: int) -> str | None:
        schema = self.places.get(self.pattern[: depth + 1])
        return identity(item, self.spec.lifecycles[schema]) if schema else None
