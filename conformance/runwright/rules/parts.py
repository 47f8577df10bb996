"""Rules about the parts of a run: its steps, or the fields of its records."""

from runwright.pointer import pointer_to
from runwright.rule import Findings, broken, kept
from runwright.spec import Spec
from runwright.part import parts_of
from runwright.trace import Look, Trace


def judge_ends_with_run(trace: Trace, thing: str, spec: Spec) -> Findings:
    """When a run has ended, all its parts have."""
    first_end: Look | None = None
    for look in trace.looks:
        if not look.is_terminal:
            continue
        first_end = first_end or look
        met = False
        for _, part in parts_of(look, spec):
            lifecycle = part.lifecycle
            if lifecycle is None or lifecycle.thing != thing:
                continue
            if lifecycle.ends_with_run_for and look.status not in lifecycle.ends_with_run_for:
                continue
            waited = look.exchange.at - (first_end.exchange.at + first_end.exchange.took)
            if lifecycle.lag and waited <= lifecycle.lag:
                continue
            if not lifecycle.is_known(part.status):
                continue
            met = True
            if not part.is_terminal:
                yield broken(
                    part,
                    at=pointer_to(lifecycle.status),
                    expected=f"an ended {thing}, since the run is {look.status}",
                    actual=part.status,
                )
        if met:
            yield kept(look)


def judge_never_vanishes(trace: Trace, thing: str, spec: Spec) -> Findings:
    """A part that was seen in a run is there in every later look."""
    earlier: list[tuple[frozenset[str], Look]] = []
    for look in trace.looks:
        present = frozenset(
            key
            for key, part in parts_of(look, spec)
            if part.lifecycle is not None and part.lifecycle.thing == thing
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
