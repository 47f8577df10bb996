"""Rules about the parts of a run: its steps, or the fields of its records."""

from collections.abc import Iterator
from functools import cache

from runwright.history import SKEW
from runwright.lifecycle import Lifecycle
from runwright.part import lifecycle_places, parts_in
from runwright.pointer import ANY, place_of, pointer_to, resolve
from runwright.rule import Findings, broken, kept
from runwright.spec import Spec
from runwright.trace import Look, Trace


def _parts(look: Look, thing: str, spec: Spec) -> Iterator[tuple[str | None, Look, Lifecycle]]:
    for key, part in parts_in(look, spec):
        if part.lifecycle is not None and part.lifecycle.thing == thing:
            yield key, part, part.lifecycle


def judge_ends_with_run(trace: Trace, thing: str, spec: Spec) -> Findings:
    """When a run has ended, all its parts have."""
    first_end: Look | None = None
    for look in trace.looks:
        if not look.is_terminal or look.lifecycle is None:
            continue
        first_end = first_end or look
        met, good = False, True
        for _, part, lifecycle in _parts(look, thing, spec):
            if not lifecycle.ends_with_run or not lifecycle.is_known(part.status):
                continue
            if lifecycle.ends_with_run_for and look.status not in lifecycle.ends_with_run_for:
                continue
            if lifecycle.lag and not (
                # A run that was reopened may have ended anew a moment ago.
                look.lifecycle.is_final(look.status)
                and _seconds_between(first_end, look) > lifecycle.lag
            ):
                continue
            met = True
            if not part.is_terminal:
                good = False
                yield broken(
                    *((first_end, part) if lifecycle.lag else (part,)),
                    at=pointer_to(lifecycle.status),
                    expected=f"an ended {thing}, since the run is {look.status}",
                    actual=part.status,
                )
        if met and good:
            yield kept(look)


def _seconds_between(first: Look, look: Look) -> float:
    """Return how long after a look another surely was taken."""
    return look.exchange.at - (first.exchange.at + first.exchange.took) - SKEW


def judge_never_vanishes(trace: Trace, thing: str, spec: Spec) -> Findings:
    """A part that was seen in a run is there in every later look."""
    earlier: list[tuple[frozenset[str], Look]] = []
    for look in trace.looks:
        containers = _containers(spec, look.schema, thing)
        if not any(isinstance(resolve(look.body, place), dict | list) for place in containers):
            continue  # an answer may leave the whole of it out
        present = frozenset(
            key
            for key, _, lifecycle in _parts(look, thing, spec)
            if key is not None and not lifecycle.may_vanish
        )
        for keys, seen in earlier:
            if keys and seen.precedes(look):
                missing = sorted(keys - present)
                if missing:
                    name = missing[0].partition(":")[2]
                    yield broken(
                        seen,
                        look,
                        expected=f"the {thing} {name}, which was there before",
                        actual=f"{len(missing)} of {len(keys)} missing",
                    )
                else:
                    yield kept(seen, look)
        if all(keys != present for keys, _ in earlier):
            earlier.append((present, look))


@cache
def _containers(spec: Spec, schema: str, thing: str) -> frozenset[str]:
    """Return where a schema keeps all parts of a kind, such as its array of steps."""
    found = set()
    for pattern, name in lifecycle_places(spec, schema):
        if pattern and spec.lifecycles[name].thing == thing:
            outer = pattern[: pattern.index(ANY)] if ANY in pattern else pattern[:-1]
            found.add(place_of(*outer))
    return frozenset(found)
