"""The rules that follow from the lifecycles of a spec alone, for any API."""

import re
from collections.abc import Callable, Iterator

from runwright.lifecycle import Lifecycle, Motion
from runwright.rule import Findings, Rule
from runwright.rules.motion import MOTIONS, slug
from runwright.rules.parts import judge_end_agrees, judge_ends_with_run, judge_never_vanishes
from runwright.rules.states import (
    CLOCK_ORDER,
    Strand,
    deletions,
    judge_begins,
    judge_clock,
    judge_final,
    judge_forward,
    judge_frozen,
    judge_identity,
    judge_readable,
)
from runwright.spec import Spec, schema_name
from runwright.trace import Call, Observation, Trace


def lifecycle_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return the rules of every lifecycle that a spec declares, each id once."""
    made: dict[str, Rule] = {}
    parts = spec.part_things
    for schema, lifecycle in spec.lifecycles.items():
        for rule in _rules_of(spec, schema, lifecycle):
            made.setdefault(rule.id, rule)
        about = _part_rules if lifecycle.thing in parts else _run_rules
        for rule in about(spec, schema, lifecycle):
            made.setdefault(rule.id, rule)
    return tuple(made.values())


def _rule(
    spec: Spec,
    schema: str,
    lifecycle: Lifecycle,
    name: str,
    claim: str,
    check: Callable[[Observation], Findings],
) -> Rule:
    an = f"n {lifecycle.thing}" if lifecycle.thing[0] in "aeio" else f" {lifecycle.thing}"
    return Rule(
        id=f"{spec.api}.{lifecycle.thing}.{name}",
        claim=re.sub(rf"\b([Aa]) {lifecycle.thing}\b", rf"\1{an}", claim),
        home="lifecycle",
        scope="observation",
        subject=lifecycle.thing,
        check=check,
        where=f"{spec.file}#/components/schemas/{spec.declaring(schema)}/x-lifecycle",
    )


def _rules_of(spec: Spec, schema: str, lifecycle: Lifecycle) -> Iterator[Rule]:
    thing = lifecycle.thing

    def make(name: str, claim: str, judge: Callable[[Strand], Findings]) -> Rule:
        def check(observation: Observation) -> Findings:
            for strand in observation.strands(thing):
                yield from judge(strand)

        return _rule(spec, schema, lifecycle, name, claim, check)

    yield make(
        "terminal-is-final",
        f"A {thing} that has ended stays as it ended.",
        lambda looks: judge_final(_since_work_began(looks, spec)),
    )
    yield make(
        "states-move-forward", f"A {thing} moves only along the declared states.", judge_forward
    )
    if any(a in lifecycle.clock and b in lifecycle.clock for a, b in CLOCK_ORDER):
        yield make("clock-is-ordered", f"The times of a {thing} are in order.", judge_clock)
    if lifecycle.after_end is not None:
        yield make(
            "frozen-once-ended",
            f"A {thing} that has ended does not change.",
            lambda looks: judge_frozen(_since_work_began(looks, spec), spec),
        )
    for member, motion in lifecycle.motion.items():
        suffix, says, judge = MOTIONS[motion]
        yield make(
            f"{slug(member)}-{suffix}",
            f"{member} of a {thing} {says}.",
            _where_declared(member, motion, judge(member)),
        )


def _since_work_began(looks: Strand, spec: Spec) -> Strand:
    """Leave out looks at a part whose run has not begun: what it shows may still be put back."""
    return tuple(look for look in looks if not look.pointer or not _waits(look.call, spec))


def _waits(call: Call, spec: Spec) -> bool:
    """True if a call was answered with a run in a state in which runs begin, and do not end."""
    if call.operation is None or call.exchange.status is None:
        return False
    name = schema_name(spec.response_schema(call.operation, call.exchange.status))
    run = spec.lifecycles.get(name or "")
    status = run.status_of(call.body) if run else None
    return run is not None and status in run.initial and not run.is_terminal(status)


def _where_declared(
    member: str, motion: Motion, judge: Callable[[Strand], Findings]
) -> Callable[[Strand], Findings]:
    """Leave out the looks through which the thing's kind does not declare the motion."""

    def check(looks: Strand) -> Findings:
        declared = (
            look for look in looks if look.lifecycle and look.lifecycle.motion.get(member) is motion
        )
        yield from judge(tuple(declared))

    return check


def _run_rules(spec: Spec, schema: str, lifecycle: Lifecycle) -> Iterator[Rule]:
    thing = lifecycle.thing
    parameters = dict(spec.identifying_parameters)
    starters = spec.starters
    # A synchronous start links to no poll.
    creators = frozenset(
        operation.id
        for operation in spec.operations.values()
        if not operation.is_safe and operation.id not in parameters
    )

    def make(name: str, claim: str, judge: Callable[[Trace], Findings]) -> Rule:
        def check(observation: Observation) -> Findings:
            for trace in observation.traces:
                if trace.thing == thing and trace.is_whole:
                    yield from judge(trace)

        return _rule(spec, schema, lifecycle, name, claim, check)

    answered = {spec.answer_schema(spec.operations[name]) for name in starters}
    if lifecycle.initial and schema in answered:
        yield make(
            "begins-initial",
            f"The answer that starts a {thing} shows an initial state.",
            lambda trace: judge_begins(trace, starters),
        )
    if schema in spec.polls.values():
        yield make(
            "id-matches-path",
            f"The answer about a {thing} asked for by its id has that id.",
            lambda trace: judge_identity(trace, parameters),
        )
    if lifecycle.retention:

        def check_readable(observation: Observation) -> Findings:
            deleted = deletions(observation)
            for trace in observation.traces:
                if trace.thing == thing and trace.is_whole:
                    yield from judge_readable(trace, creators, deleted.get(trace.key))

        yield _rule(
            spec,
            schema,
            lifecycle,
            "stays-readable",
            f"A {thing} that was seen is found again as long as it is retained.",
            check_readable,
        )


def _part_rules(spec: Spec, schema: str, lifecycle: Lifecycle) -> Iterator[Rule]:
    thing = lifecycle.thing

    def make(name: str, claim: str, judge: Callable[[Trace, str, Spec], Findings]) -> Rule:
        def check(observation: Observation) -> Findings:
            for trace in observation.traces:
                yield from judge(trace, thing, spec)

        return _rule(spec, schema, lifecycle, name, claim, check)

    if lifecycle.ends_with_run:
        yield make(
            "ends-with-run", f"When a run has ended, every {thing} has.", judge_ends_with_run
        )
    if lifecycle.ends_as:
        yield make(
            "end-agrees-with-run",
            f"How a {thing} ends agrees with how its run does.",
            judge_end_agrees,
        )
    if not lifecycle.may_vanish:
        yield make(
            "never-vanishes",
            f"A {thing} that was seen is there in every later look.",
            judge_never_vanishes,
        )
