"""What things look like: the examples of a spec, sorted by state, and what has to be made up."""

import copy
import itertools
import random
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from runwright.emulator.world import WorldError
from runwright.instance import Maker
from runwright.lifecycle import Lifecycle
from runwright.pointer import MISSING, expand, tokens
from runwright.spec import Spec, schema_name
from runwright.validation import ALL_RULES, JSON, Validator, compile_schema, whole_of

TRIES: Final = 400
"""How often something that fits is looked for by chance."""
CHOICE: Final = 12
"""Of how many that were made one is taken."""
WORDS: Final = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")


@frozen(eq=False)
class Album:
    """The instances of a spec's schemas that its examples show, and more of the kind.

    Where the examples leave a gap, it is filled by chance, the same each time.
    """

    spec: Spec
    kept: dict[tuple[object, ...], JSON] = field(factory=dict, init=False, repr=False)
    """What somebody who draws has found out, and will need again."""
    _validators: dict[str, Validator] = field(factory=dict, init=False, repr=False)
    _found: dict[tuple[str, str], tuple[JSON, ...]] = field(factory=dict, init=False, repr=False)

    @cached_property
    def examples(self) -> Mapping[str, tuple[JSON, ...]]:
        """The valid instances that the spec's examples show, by the name of their schema."""
        found: dict[str, list[JSON]] = {}
        for schema, value in self._told():
            for place in self.spec.places(schema):
                for _, instance in expand(value, place.pattern):
                    seen = found.setdefault(place.schema, [])
                    if instance not in seen and whole_of(self.spec, place.schema).is_valid(
                        instance
                    ):
                        seen.append(instance)
        return {name: tuple(instances) for name, instances in found.items()}

    def _told(self) -> Iterator[tuple[str, JSON]]:
        for operation in self.spec.operations.values():
            for response in operation.responses.values():
                for media in response.get("content", {}).values():
                    name = schema_name(media.get("schema"))
                    for value in self.values(media) if name else ():
                        yield str(name), value
        for name, schema in self.spec.schemas.items():
            for value in schema.get("examples", ()):
                yield name, value

    def values(self, carrier: Mapping[str, Any]) -> tuple[JSON, ...]:
        """Return the values of the examples that stand beside a schema."""
        shown = [self.spec.deref(e).get("value") for e in carrier.get("examples", {}).values()]
        return (*shown, *([carrier["example"]] if "example" in carrier else []))

    def faces(self, schema: str, status: str) -> tuple[JSON, ...]:
        """Return instances of a schema with a lifecycle that show a state; there is always one.

        Raises:
            WorldError: none is shown, and none could be made.
        """
        place = (schema, status)
        if place not in self._found:
            lifecycle = self.spec.lifecycles[schema]
            shown = [e for e in self.examples.get(schema, ()) if lifecycle.status_of(e) == status]
            self._found[place] = tuple(shown) or (self._face(schema, status),)
        return self._found[place]

    def tells(self, schema: str, status: str) -> bool:
        """True if an example shows the state."""
        lifecycle = self.spec.lifecycles[schema]
        return any(lifecycle.status_of(e) == status for e in self.examples.get(schema, ()))

    def _face(self, schema: str, status: str) -> JSON:
        lifecycle, fits = self.spec.lifecycles[schema], whole_of(self.spec, schema)
        alike = sorted(
            self.examples.get(schema, ()),
            key=lambda example: _strangeness(lifecycle, lifecycle.status_of(example), status),
        )
        told = (with_member(instance, lifecycle.status, status) for instance in alike)
        found = next((instance for instance in told if fits.is_valid(instance)), None)
        if found is None:
            node = {"$ref": f"#/components/schemas/{schema}"}
            made = (with_member(i, lifecycle.status, status) for i in self._made(node, schema))
            fitting = itertools.islice((i for i in made if fits.is_valid(i)), CHOICE)
            # The richest has most of what there is to see.
            found = max(fitting, key=lambda instance: len(repr(instance)), default=None)
        if found is None:
            raise WorldError(
                f"{self.spec.file}: no {schema} in the state {status} could be made that keeps "
                "the schema; give the answer that shows it an example in that state"
            )
        return found

    def fits(self, carrier: Mapping[str, Any]) -> Validator:
        """Return what tells whether a value fits the schema of a response or parameter."""
        schema = carrier.get("schema", {})
        place = repr(schema)
        if place not in self._validators:
            self._validators[place] = compile_schema(self.spec, schema, ALL_RULES)
        return self._validators[place]

    def sample(self, carrier: Mapping[str, Any], *name: object) -> JSON:
        """Return what fits the schema of a response or parameter: an example of it, or made up.

        Raises:
            WorldError: there is no example, and nothing that fits could be made.
        """
        if name not in self.kept:
            self.kept[name] = self._sample(carrier, name)
        return copy.deepcopy(self.kept[name])

    def _sample(self, carrier: Mapping[str, Any], name: tuple[object, ...]) -> JSON:
        schema, fits = carrier.get("schema", {}), self.fits(carrier)
        shown = (*self.values(carrier), *self.examples.get(schema_name(schema) or "", ()))
        for value in itertools.chain(shown, self._made(schema, name)):
            if fits.is_valid(value):
                return value
        raise WorldError(
            f"{self.spec.file}: nothing could be made that fits the schema of "
            f"{' '.join(map(str, name))}; give it an example"
        )

    def _made(self, schema: Any, place: object) -> Iterator[JSON]:
        chance = random.Random(repr(place))
        whole, part = (
            Maker(self.spec, chance, strange=0.0, presence=presence, words=WORDS)
            for presence in (1.0, 0.7)
        )
        for number in range(TRIES):
            try:
                yield (part if number % 2 else whole).make(schema)
            except LookupError:
                return  # a pattern that no text of the document shows


def _strangeness(lifecycle: Lifecycle, shown: str | None, wanted: str) -> int:
    """Return how far the look of a thing in one state is from what it may be in another."""
    if shown is None or shown not in lifecycle.states:
        return 9
    one, other = lifecycle.states[shown], lifecycle.states[wanted]
    if one.outcome is None:
        leads_on = wanted in (*one.to, *one.inferred)
        return 1 if leads_on else 2
    return 0 if one.outcome is other.outcome else 3


def with_member(instance: JSON, member: str, value: JSON) -> JSON:
    """Return a copy of an instance in which a member has a value; its parents are made."""
    changed = copy.deepcopy(instance)
    place = changed
    *above, last = tokens(member)
    for token in above:
        if not isinstance(place, dict):
            return changed
        place = place.setdefault(token, {})
    if isinstance(place, dict):
        place[last] = value
    return changed


def is_set(value: object) -> bool:
    """True for a value that says something: not null, not empty, not missing."""
    return value is not MISSING and value is not None and value not in ("", [], {})
