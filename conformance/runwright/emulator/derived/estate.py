"""What a tenant owns beside runs: whatever path parameters name, such as a project."""

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import define, field

from runwright.emulator.call import Call, Kind, Refused
from runwright.emulator.chance import Chance
from runwright.emulator.derived.album import Album
from runwright.emulator.derived.mint import mint
from runwright.emulator.derived.page import plain
from runwright.emulator.tenants import Tenant
from runwright.pointer import resolve
from runwright.spec import Operation, Spec
from runwright.validation import JSON

_LAST: Final = re.compile(r"\{([^}]+)\}/?$")


@define(eq=False)
class Estate:
    """The values of path parameters that name no run, by tenant; some tell places of the world.

    A parameter with an `enum` names nothing that is owned: all of its values are there for all.
    """

    spec: Spec
    album: Album
    seed: int
    tenants: tuple[Tenant, ...]
    _owned: dict[tuple[str, str], list[str | int]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        for tenant in self.tenants:
            for name in self.schemas():
                self._add(tenant.name, name)

    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the schemas of the path parameters that name something owned."""
        return {
            parameter["name"]: parameter.get("schema", {})
            for operation in self.spec.operations.values()
            for parameter in operation.parameters
            if parameter["in"] == "path"
            and parameter["name"] not in self.spec.identifying_parameters.values()
            and "enum" not in self.spec.deref(parameter.get("schema", {}))
        }

    def parameters(self, tenant: Tenant) -> Mapping[str, str]:
        """Return the first value of each parameter."""
        return {name: str(self._owned[tenant.name, name][0]) for name in self.schemas()}

    def check(self, call: Call) -> None:
        """Refuse a call whose path names what the caller does not own.

        Raises:
            Refused: there is no such thing.
        """
        for name, value in call.path.items():
            owned = self._owned.get((call.tenant.name, name))
            if owned is not None and value not in owned:
                raise Refused(Kind.NOT_FOUND, "There is nothing with this id.")

    def change(self, call: Call) -> Mapping[str, JSON]:
        """Let a call create or delete something; return what its answer must tell, by name."""
        made = self._collected(call.operation)
        if made is not None and call.operation.method == "POST":
            return {**call.path, made: self._add(call.tenant.name, made)}
        last = _LAST.search(call.operation.path)
        if last and call.operation.method == "DELETE":
            owned = self._owned.get((call.tenant.name, last[1]), [])
            if len(owned) > 1:  # one is left, so that something can still be run
                owned.remove(call.path[last[1]])
        return call.path

    def items(self, call: Call) -> tuple[Mapping[str, JSON], ...] | None:
        """Return what a list of owned things tells of each; None for what is no such list."""
        name = self._collected(call.operation)
        if name is None or not call.operation.is_safe:
            return None
        return tuple({name: value} for value in self._owned[call.tenant.name, name])

    def _collected(self, operation: Operation) -> str | None:
        """Return the parameter that names a member of the collection that an operation serves."""
        for other in self.spec.operations.values():
            base, mark, rest = other.path.removeprefix(operation.path.rstrip("/")).partition("/{")
            name = rest.partition("}")[0]
            below = other.path.startswith(f"{operation.path.rstrip('/')}/{{")
            if below and not base and mark and name in self.schemas():
                return name
        return None

    def _add(self, owner: str, name: str) -> str | int:
        owned = self._owned.setdefault((owner, name), [])
        taken = sum(len(values) for (_, other), values in self._owned.items() if other == name)
        chance = Chance(self.seed, owner, name, len(owned))
        like = self._shown(name)
        made = mint(self.album, self.schemas()[name], like=like, number=taken, chance=chance)
        owned.append(made)
        return made

    def _shown(self, name: str) -> JSON:
        """Return a value that an example shows of a parameter."""
        for operation in self.spec.operations.values():
            for parameter in operation.parameters:
                if parameter["name"] == name and self.album.values(parameter):
                    return self.album.values(parameter)[0]
        wanted = plain(name)
        for examples in self.album.examples.values():
            for example in examples:
                for member in example if isinstance(example, dict) else ():
                    if plain(member) == wanted:
                        return resolve(example, member)
        return None


def names_for(parameter: str, members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the members in which a body may tell the value of a path parameter."""
    wanted = plain(parameter)
    return tuple(name for name in members if plain(name) in (wanted, "id", "key", "slug"))
