"""JSON Schema validators made from a spec, in which open enums are open.

A response is judged twice: by its *structure* (the schema without its ``x-rule`` members) and
by each ``x-rule`` member alone. So a fault is attributed to the rule it breaks even inside
``anyOf``, and a rule's ``if`` tells where it was witnessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs
from attrs import frozen

from runwright.narrowing import Reads, reads_of
from runwright.pointer import escape, expand
from runwright.spec import Operation, SchemaRule, Spec

JSON = Any
"""A decoded JSON value."""


@frozen
class SchemaError:
    """One way in which a value does not fit its schema."""

    pointer: str
    message: str


@frozen
class Validator:
    """A compiled schema; formats are asserted."""

    _compiled: jsonschema_rs.Draft202012Validator

    def is_valid(self, value: JSON) -> bool:
        """True if the value fits."""
        try:
            return self._compiled.is_valid(value)
        except ValueError:  # a number that the validator cannot hold
            return False

    def errors(self, value: JSON) -> Iterator[SchemaError]:
        """Yield what does not fit, with a JSON Pointer into the value."""
        try:
            for error in self._compiled.iter_errors(value):
                pointer = "".join("/" + escape(str(token)) for token in error.instance_path)
                yield SchemaError(pointer, _shorten(_told(error)))
        except ValueError as error:
            yield SchemaError("", str(error))


def _told(error: jsonschema_rs.ValidationError) -> str:
    """Return what is wrong, without the schema that must not fit."""
    if error.kind.name != "not":
        return error.message
    return f"{error.message.rpartition(' is not allowed for ')[2]} is not allowed here"


def _shorten(message: str, most: int = 300) -> str:
    return message if len(message) <= most else f"…{message[-most:]}"


NO_RULES = frozenset[str]()
ALL_RULES = None


def _transform(node: Any, rules: frozenset[str] | None) -> Any:
    """Copy a schema with open enums opened, and with just these ``x-rule`` members (None: all)."""
    if isinstance(node, list):
        return [_transform(member, rules) for member in node if _stays(member, rules)]
    if not isinstance(node, Mapping):
        return node
    dropped = {"enum"} if node.get("x-open-enum") else set()
    copy = {k: _transform(v, rules) for k, v in node.items() if k not in dropped}
    if copy.get("allOf") == []:
        del copy["allOf"]
    return copy


def _stays(member: Any, rules: frozenset[str] | None) -> bool:
    if rules is None or not isinstance(member, Mapping) or "x-rule" not in member:
        return True
    return member["x-rule"] in rules


@cache
def _components(spec: Spec, rules: frozenset[str] | None) -> Mapping[str, Any]:
    return {"schemas": _transform(dict(spec.schemas), rules)}


def compile_schema(
    spec: Spec, schema: Mapping[str, Any], rules: frozenset[str] | None = NO_RULES
) -> Validator:
    """Compile a schema that may refer to the spec's components, with the ``x-rule`` members
    of these ids (None: all of them).
    """
    root = {**_transform(schema, rules), "components": _components(spec, rules)}
    return Validator(jsonschema_rs.Draft202012Validator(root, validate_formats=True))


def structure_schemas(spec: Spec) -> Mapping[str, Any]:
    """Return the component schemas without their ``x-rule`` members, with open enums opened."""
    schemas: Mapping[str, Any] = _components(spec, NO_RULES)["schemas"]
    return schemas


@cache
def structure_of(spec: Spec, name: str) -> Validator:
    """Return the validator of a component schema without its ``x-rule`` members."""
    return compile_schema(spec, {"$ref": f"#/components/schemas/{name}"})


@cache
def whole_of(spec: Spec, name: str) -> Validator:
    """Return the validator of a component schema with all ``x-rule`` members."""
    return compile_schema(spec, {"$ref": f"#/components/schemas/{name}"}, ALL_RULES)


@cache
def request_validator(spec: Spec, operation: Operation) -> Validator | None:
    """Return the validator of an operation's request body, None if it takes none."""
    schema = spec.request_schema(operation)
    return None if schema is None else compile_schema(spec, schema, ALL_RULES)


@frozen(eq=False)
class RuleValidator:
    """One ``x-rule`` member: when it applies to an instance, and whether the instance keeps it."""

    rule: SchemaRule
    condition: Validator | None
    guards: Mapping[str, frozenset[str]]
    """Members, and the strings that they must be for the condition to hold."""
    member: Validator
    every: Validator
    reads: Reads
    """What condition and member read of an instance."""

    @property
    def says(self) -> str:
        """What the member's description demands."""
        return str(self.rule.member.get("description", "")).strip() or f"what {self.rule.id} says"

    def applies(self, instance: JSON) -> bool:
        """True if the rule's ``if`` holds, or it has an ``else`` or no ``if``."""
        return self.condition is None or self.condition.is_valid(instance)

    def may_apply(self, instance: Mapping[str, JSON]) -> bool:
        """False if it is plain, without a validator, that the rule does not apply."""
        for name, values in self.guards.items():
            value = instance.get(name)
            if not isinstance(value, str) or value not in values:
                return False
        return True

    def all_keep(self, instances: Sequence[JSON]) -> bool:
        """True if every instance keeps the rule."""
        return self.every.is_valid(list(instances))


@cache
def rule_validators(spec: Spec) -> tuple[RuleValidator, ...]:
    """Return a validator for each ``x-rule`` member of the spec."""
    return tuple(
        RuleValidator(
            rule,
            compile_schema(spec, rule.member["if"])
            if "if" in rule.member and "else" not in rule.member
            else None,
            {} if "else" in rule.member else _guards(rule.member.get("if", {})),
            compile_schema(spec, rule.member),
            compile_schema(spec, {"items": rule.member}),
            reads_of(rule.member),
        )
        for rule in spec.schema_rules
    )


def _guards(condition: Any) -> Mapping[str, frozenset[str]]:
    """Return the required members for which a condition lists the strings that they may be."""
    if not isinstance(condition, Mapping):
        return {}
    members = condition.get("properties", {})
    found = {}
    for name in condition.get("required", ()):
        member = members.get(name)
        if isinstance(member, Mapping):
            values = member.get("enum", [member["const"]] if "const" in member else None)
            if values and all(isinstance(value, str) for value in values):
                found[name] = frozenset(values)
    return found


def broken_rules(spec: Spec, name: str, value: JSON) -> frozenset[str]:
    """Return the ids of the ``x-rule`` members that a component schema's value breaks anywhere."""
    found = set()
    for place in spec.places(name):
        for validator in rule_validators(spec):
            if validator.rule.schema != place.schema:
                continue
            for _, instance in expand(value, place.pattern):
                if isinstance(instance, dict) and not validator.member.is_valid(instance):
                    found.add(validator.rule.id)
    return frozenset(found)
