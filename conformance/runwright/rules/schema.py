"""The rules that stand in a spec's schemas as ``x-rule`` members of ``allOf``."""

from runwright.pointer import expand
from runwright.rule import Findings, Rule, broken, kept
from runwright.spec import Spec
from runwright.trace import Look, Observation
from runwright.validation import RuleValidator, rule_validators, with_rule

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
        return _findings(observation, spec, name, members)

    return Rule(
        id=name,
        claim=str(first.member.get("description", "")).strip(),
        home="schema",
        scope="observation",
        subject=first.schema,
        check=check,
        where=f"{spec.file}#/components/schemas/{first.schema}/allOf/{first.index}",
    )


def _findings(
    observation: Observation,
    spec: Spec,
    name: str,
    members: tuple[RuleValidator, ...],
) -> Findings:
    witnesses = 0
    for call, root in observation.answers:
        if witnesses >= ENOUGH and with_rule(spec, root, name).is_valid(call.exchange.body):
            continue
        for place in spec.places(root):
            for member in members:
                if member.rule.schema != place.schema:
                    continue
                for pointer, body in expand(call.exchange.body, place.pattern):
                    if not isinstance(body, dict) or not member.applies(body):
                        continue
                    look = Look(call, place.schema, pointer, body)
                    error = next(member.member.errors(body), None)
                    if error is None:
                        witnesses += 1
                        yield kept(look)
                    else:
                        yield broken(
                            look, at=error.pointer, expected=member.says, actual=error.message
                        )
