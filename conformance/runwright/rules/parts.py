"""Rules about the parts of a run: its steps, or the fields of its records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import evolve, frozen

from runwright.history import SKEW
from runwright.lifecycle import Lifecycle
from runwright.part import lifecycle_places, parts_in
from runwright.pointer import ANY, place_of, pointer_to, resolve, tokens
from runwright.rule import Findings, broken, kept
from runwright.spec import Spec
from runwright.trace import Look, Trace


def _parts(
    look: Look, thing: str, spec: Spec, before: Look | None = None
) -> Iterator[tuple[str | None, Look, Lifecycle]]:
    for key, part in parts_in(look, spec, before):
        if part.lifecycle is not None and part.lifecycle.thing == thing:
            yield key, part, part.lifecycle


def judge_ends_with_run(trace: Trace, thing: str, spec: Spec) -> Findings:
    """When a run has ended, all its parts have."""
    first_end: Look | None = None
    judged: dict[str | None, Look] = {}
    for look in trace.looks:
        if not look.is_terminal or look.lifecycle is None:
            continue
        first_end = first_end or look
        met, good = False, True
        before = judged.get(look.status)
        for _, part, lifecycle in _parts(look, thing, spec, before):
            if not lifecycle.must_end_with(look.status) or not lifecycle.is_known(part.status):
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
        if not any(lifecycle.lag for lifecycle in spec.lifecycles.values()):
            judged[look.status] = look


def judge_end_agrees(trace: Trace, thing: str, spec: Spec) -> Findings:
    """How the parts of a run have ended agrees with how the run has."""
    judged: dict[str | None, Look] = {}
    for look in trace.looks:
        met, good = False, True
        for _, part, lifecycle in _parts(look, thing, spec, judged.get(look.status)):
            allowed = lifecycle.ends_as.get(look.status or "")
            if allowed is None or not lifecycle.is_known(part.status):
                continue
            if not part.is_terminal and (lifecycle.lag or lifecycle.must_end_with(look.status)):
                continue  # it may still end, or should have: another rule's subject
            met = True
            if part.status not in allowed:
                good = False
                yield broken(
                    part,
                    at=pointer_to(lifecycle.status),
                    expected=f"{' or '.join(allowed)}, since the run is {look.status}",
                    actual=part.status,
                )
        if met and good:
            yield kept(look)
        judged[look.status] = look


def _seconds_between(first: Look, look: Look) -> float:
    """Return how long after a look another surely was taken."""
    return look.exchange.at - (first.exchange.at + first.exchange.took) - SKEW


def judge_never_vanishes(trace: Trace, thing: str, spec: Spec) -> Findings:
    """A part that was seen in a run is there in every later look."""
    earlier: list[_Roll] = []
    roll: _Roll | None = None
    for look in trace.looks:
        containers = _containers(spec, look.schema, thing)
        if not any(isinstance(resolve(look.body, place), dict | list) for place in containers):
            continue  # an answer may leave the whole of it out
        roll = _call_the_roll(look, thing, spec, roll)
        for before in earlier:
            if before.keys and before.look.precedes(look):
                missing = () if before.keys is roll.keys else sorted(before.keys - roll.keys)
                if missing:
                    name = missing[0].partition(":")[2]
                    yield broken(
                        before.look,
                        look,
                        expected=f"the {thing} {name}, which was there before",
                        actual=f"{len(missing)} of {len(before.keys)} missing",
                    )
                else:
                    yield kept(before.look, look)
        if all(before.keys is not roll.keys and before.keys != roll.keys for before in earlier):
            earlier.append(roll)


@frozen(eq=False)
class _Roll:
    """The parts that are there in a look, entry by entry of the maps and arrays that hold them."""

    look: Look
    entries: Mapping[str, frozenset[str]]
    keys: frozenset[str]


def _call_the_roll(look: Look, thing: str, spec: Spec, former: _Roll | None) -> _Roll:
    """Tell which parts are there; entries that are the same objects as before are not read."""
    containers = _containers(spec, look.schema, thing)
    entries: dict[str, frozenset[str]] = {}
    same: dict[str, Any] = {}
    for place in containers if former is not None else ():
        assert former is not None
        now, before = resolve(look.body, place), resolve(former.look.body, place)
        if isinstance(now, dict) and isinstance(before, dict):
            alike: Any = {name: entry for name, entry in now.items() if before.get(name) is entry}
            names = [place + place_of(name) for name in alike]
        elif isinstance(now, list) and now is before:
            alike, names = now, [place]
        else:
            continue
        _put(same, tokens(place), alike)
        entries.update({name: former.entries.get(name, frozenset()) for name in names})
    found: dict[str, set[str]] = {}
    for key, part, lifecycle in _parts(look, thing, spec, evolve(look, body=same)):
        if key is not None and not lifecycle.may_vanish:
            pointer = part.pointer.removeprefix(look.pointer)
            found.setdefault(_entry(pointer, containers, look), set()).add(key)
    entries.update({entry: frozenset(keys) for entry, keys in found.items()})
    if former is not None and entries == former.entries:
        return _Roll(look, entries, former.keys)
    return _Roll(look, entries, frozenset().union(*entries.values()))


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for token in path[:-1]:
        body = body.setdefault(token, {})
    body[path[-1]] = value


def _entry(pointer: str, containers: Iterable[str], look: Look) -> str:
    """Return the entry of a map that a part stands in, or the array."""
    place = max((c for c in containers if pointer.startswith(c + "/")), key=len)
    if isinstance(resolve(look.body, place), list):
        return place
    return place + "/" + pointer[len(place) + 1 :].partition("/")[0]


@cache
def _containers(spec: Spec, schema: str, thing: str) -> frozenset[str]:
    """Return where a schema keeps all parts of a kind, such as its array of steps."""
    found = set()
    for pattern, name in lifecycle_places(spec, schema):
        if pattern and spec.lifecycles[name].thing == thing:
            outer = pattern[: pattern.index(ANY)] if ANY in pattern else pattern[:-1]
            found.add(place_of(*outer))
    return frozenset(found)
