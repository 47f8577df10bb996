"""Judgements about steps that depend on each other by name, as they stand in a run's `steps`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from runwright.pointer import escape, pointer_to
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.order import Frontier, instant
from runwright.rules.shape import as_array, as_object
from runwright.rules.states import CLOCK_TOLERANCE
from runwright.trace import Look

Step = Mapping[str, Any]

DONE = ("completed", "completed_with_warnings")
"""The states in which a step lets those behind it start."""
STARTED = ("running", *DONE)
"""The states that only a step has that was started."""


def steps_of(look: Look) -> tuple[tuple[str, Step], ...]:
    """Return the steps of a run, each with the pointer to it."""
    steps = enumerate(as_array(look.body.get("steps")))
    return tuple((f"/steps/{index}", step) for index, step in steps if isinstance(step, dict))


def _by_name(look: Look) -> Mapping[str, Step]:
    """Return the steps whose name no other step bears."""
    names = _names(look)
    named = ((step.get("name"), step) for _, step in steps_of(look))
    return {name: step for name, step in named if isinstance(name, str) and names[name] == 1}


def _names(look: Look) -> Counter[str]:
    names = (step.get("name") for _, step in steps_of(look))
    return Counter(name for name in names if isinstance(name, str))


def _dependencies(look: Look) -> Iterator[tuple[str, Step, str]]:
    """Yield each dependency: the pointer to it, the step that has it, the name in it."""
    for at, step in steps_of(look):
        for index, name in enumerate(as_array(step.get("depends_on"))):
            if isinstance(name, str):
                yield f"{at}/depends_on/{index}", step, name


def dependencies_exist(look: Look) -> Findings:
    """Each dependency is the name of just one step.

    While a run goes on, steps may still be added; one that depends on itself is a cycle.
    """
    names = _names(look)
    for at, _, name in _dependencies(look):
        if names[name] or look.is_terminal:
            yield judged(
                names[name] == 1,
                look,
                at=at,
                expected=f"the name of a step, one of: {', '.join(sorted(names))}",
                actual=f"{name}, the name of {names[name] or 'no'} steps",
            )


def dependencies_have_no_cycle(look: Look) -> Findings:
    """No step waits for itself, directly or through others."""
    known = _by_name(look)
    sorter: TopologicalSorter[str] = TopologicalSorter()
    met = False
    for _, step, name in _dependencies(look):
        bearer = step.get("name")
        if name in known and isinstance(bearer, str) and bearer in known:
            met = True
            sorter.add(bearer, name)
    if not met:
        return
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " ← ".join(error.args[1])
        yield broken(look, at="/steps", expected="dependencies without a cycle", actual=cycle)
    else:
        yield kept(look)


def runs_after_its_dependencies(look: Look) -> Findings:
    """A step is started only when all that it depends on is done."""
    known = _by_name(look)
    for at, step, name in _dependencies(look):
        other = known.get(name)
        if other is None or other is step or step.get("status") not in STARTED:
            continue
        status = other.get("status")
        if look.lifecycle is not None and look.lifecycle.is_known(status):
            yield judged(
                status in DONE,
                look,
                at=at.partition("/depends_on/")[0] + "/status",
                expected=f"not {step.get('status')} before {name} is done",
                actual=f"{step.get('status')}, and {name} is {status}",
            )


def ids_are_unique(look: Look) -> Findings:
    """No two steps have the same id."""
    ids = (step.get("id") for _, step in steps_of(look))
    counts = Counter(identifier for identifier in ids if isinstance(identifier, str))
    if counts.total() < 2:
        return
    shared = sorted(identifier for identifier, count in counts.items() if count > 1)
    yield judged(
        not shared,
        look,
        at="/steps",
        expected="each id once",
        actual=f"more than once: {', '.join(shared)}",
    )


def is_no_older_than_its_run(look: Look) -> Findings:
    """No step was created before its run; a second is forgiven."""
    created = instant(look.body.get("created_at"))
    for at, step in steps_of(look):
        own = instant(step.get("created_at"))
        if created is not None and own is not None:
            yield judged(
                created <= own + CLOCK_TOLERANCE,
                look,
                at=f"{at}/created_at",
                expected=f"not before the run ({look.body['created_at']})",
                actual=step["created_at"],
            )


def outputs_agree_with_tables(look: Look) -> Findings:
    """A table that just one step writes has, once this is done, the same version in the run."""
    tables = as_object(look.body.get("tables"))
    writers = Counter(table for _, step in steps_of(look) for table in _outputs(step))
    for at, step in steps_of(look):
        for table, version in _outputs(step).items() if step.get("status") in DONE else ():
            shown = tables.get(table)
            if writers[table] == 1 and isinstance(version, str) and isinstance(shown, str):
                yield judged(
                    shown.casefold() == version.casefold(),
                    look,
                    at=f"{at}/outputs/{escape(table)}",
                    expected=shown,
                    actual=version,
                )


def _outputs(step: Step) -> Mapping[str, Any]:
    return as_object(step.get("outputs"))


def failed_has_a_failed_step(looks: Iterable[Look]) -> Findings:
    """A failed run has a failed step, as far as the states of its steps are known.

    One that could not be started fails without.
    """
    started: Frontier[bool] = Frontier()
    for look in looks:
        if any(step.get("status") in STARTED for _, step in steps_of(look)):
            started.add(True, look)
        if look.status != "failed" or look.lifecycle is None:
            continue
        states = [step.get("status") for _, step in steps_of(look)]
        if not states or not all(map(look.lifecycle.is_known, states)):
            continue
        before = next((seen for _, seen in started.before(look)), None)
        now = any(state in STARTED for state in states)
        if "failed" in states or not (now or before):
            yield kept(look)
            continue
        yield broken(
            *((look,) if now or before is None else (before, look)),
            at="/steps",
            expected="a step that failed, since the run failed after a step was started",
            actual=", ".join(map(str, states)),
        )


def tables_stay_resolved(looks: Iterable[Look], *members: str) -> Findings:
    """A table version that a step has resolved is there in every later look at the step."""
    resolved: Frontier[tuple[str, str, str]] = Frontier()
    for look in looks:
        for (name, table, version), seen in resolved.before(look):
            if isinstance(look.body.get(name), dict):
                actual = look.body[name].get(table)
                at = f"{pointer_to(name)}/{escape(table)}"
                yield judged(actual == version, seen, look, at=at, expected=version, actual=actual)
        for name in members:
            for table, version in as_object(look.body.get(name)).items():
                if isinstance(version, str):
                    resolved.add((name, table, version), look)
