"""The parts of a run, such as its steps or the fields of its records, and what identifies them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from runwright.lifecycle import Lifecycle
from runwright.look import Look, identity
from runwright.pointer import ANY, escape, place_of
from runwright.spec import Spec


@cache
def lifecycle_places(spec: Spec, schema: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return where things with a lifecycle stand below a schema: each pattern, and the schema.

    Where a place fits several schemas, such as one that extends another, the first counts.
    """
    found: dict[tuple[str, ...], str] = {}
    for place in spec.places(schema):
        if place.schema in spec.lifecycles:
            found.setdefault(place.pattern, place.schema)
    return tuple(found.items())


def parts_in(look: Look, spec: Spec) -> Iterator[tuple[str | None, Look]]:
    """Yield the parts in a look at a run, each with its identity inside the run, None if unclear.

    A part is an instance of another schema with a lifecycle. It is known by its key and the
    keys of what it stands in, or, if its kind has no key, by its place. An index in an array
    tells nothing, since items may come before it.
    """
    places = dict(lifecycle_places(spec, look.schema))
    for pattern, schema in places.items():
        lifecycle = spec.lifecycles[schema]
        if not pattern:
            continue
        for pointer, trail, body in _follow(look.body, pattern, places, spec):
            if isinstance(body, dict):
                key = _part_key(body, lifecycle, pattern, trail)
                yield key, Look(look.call, schema, look.pointer + pointer, body, lifecycle)


def parts_of(look: Look, spec: Spec) -> Iterator[tuple[str, Look]]:
    """Yield the parts in a look at a run that can be told from all others, with their identity."""
    found: dict[str, Look | None] = {}
    for key, part in parts_in(look, spec):
        if key is not None:
            found[key] = None if key in found else part
    for key, only in found.items():
        if only is not None:
            yield key, only


Trail = tuple[str | None, ...]
"""What each token of a pattern stands for in a body; None for an index without a key."""


def _part_key(body: Any, lifecycle: Lifecycle, pattern: Trail, trail: Trail) -> str | None:
    if lifecycle.key is None:
        names = trail
    else:
        around = zip(pattern[:-1], trail[:-1], strict=True)
        keys = [name for token, name in around if token == ANY and name is not None]
        names = (*keys, identity(body, lifecycle))
    known = [name for name in names if name is not None]
    return f"{lifecycle.thing}:{place_of(*known)}" if len(known) == len(names) else None


def _follow(
    body: Any,
    pattern: tuple[str, ...],
    places: Mapping[tuple[str, ...], str],
    spec: Spec,
    at: str = "",
    trail: Trail = (),
) -> Iterator[tuple[str, Trail, Any]]:
    """Yield (pointer, trail, value) for every place in a body that a pattern matches."""
    depth = len(trail)
    if depth == len(pattern):
        yield at, trail, body
    elif pattern[depth] != ANY:
        if isinstance(body, dict) and pattern[depth] in body:
            name = pattern[depth]
            yield from _follow(
                body[name], pattern, places, spec, f"{at}/{escape(name)}", (*trail, name)
            )
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from _follow(value, pattern, places, spec, f"{at}/{escape(name)}", (*trail, name))
    elif isinstance(body, list):
        schema = places.get(pattern[: depth + 1])
        for index, value in enumerate(body):
            key = identity(value, spec.lifecycles[schema]) if schema else None
            yield from _follow(value, pattern, places, spec, f"{at}/{index}", (*trail, key))
