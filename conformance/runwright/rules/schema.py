"""The rules that stand in a spec's schemas as ``x-rule`` members of ``allOf``."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from runwright.rule import Findings, Rule, broken, kept
from runwright.spec import Spec
from runwright.trace import Look, Observation
from runwright.validation import RuleValidator, rule_validators

ENOUGH = 1000
"""Witnesses after which a rule stops looking for more in answers that keep it."""


def schema_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return a rule for each id that ``x-rule`` members have; members may share one."""
    members: dict[str, list[RuleValidator]] = {}
    for validator in rule_validators(spec):
        members.setdefault(validator.rule.id, []).append(validator)
    return tuple(_rule(spec, name, tuple(group)) for name, group in members.items())


def _rule(spec: Spec, name: str, members: tuple[RuleValidator, ...]) -> Rule:
    first = members[0].rule

    def check(observation: Observation) -> Findings:
        return _findings(observation, members)

    return Rule(
        id=name,
        claim=str(first.member.get("description", "")).strip(),
        home="schema",
        scope="observation",
        subject=first.schema,
        check=check,
        where=f"{spec.file}#/components/schemas/{first.schema}/allOf/{first.index}",
    )


def _findings(observation: Observation, members: tuple[RuleValidator, ...]) -> Findings:
    for member in members:
        looks = (
            look
            for look in observation.looks(member.rule.schema)
            if member.may_apply(look.body) and not member.reads.same(look.body, look.former)
        )
        witnesses = 0
        while batch := tuple(islice(looks, ENOUGH)):
            if witnesses >= ENOUGH and member.all_keep([_read(member, look) for look in batch]):
                continue
            for finding in _judge(member, batch):
                witnesses += finding.kept
                yield finding


def _judge(member: RuleValidator, looks: Iterable[Look]) -> Findings:
    for look in looks:
        read = _read(member, look)
        if not member.applies(read):
            continue
        if member.member.is_valid(read):
            yield kept(look)
            continue
        error = next(member.member.errors(look.body))
        yield broken(look, at=error.pointer, expected=member.says, actual=error.message)


def _read(member: RuleValidator, look: Look) -> Any:
    return member.reads.narrow(look.body)
