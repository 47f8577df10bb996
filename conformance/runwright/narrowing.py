"""What a schema reads of a value: the members that can make a difference to whether it fits.

A condition such as "if the status is completed" reads one member of a body of megabytes; only
that much has to be handed to a validator, and only when it changed.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

ANNOTATIONS: Final = frozenset(
    {"$comment", "default", "deprecated", "description", "examples", "title"}
)
INDIFFERENT: Final = frozenset({"type"})
"""Keywords that need the value's kind and nothing in it."""

ABOUT_KEYS: Final = frozenset({"maxProperties", "minProperties", "propertyNames"})
BRANCHES: Final = ("allOf", "anyOf", "oneOf")
CONDITIONS: Final = ("if", "then", "else", "not")


@frozen
class Reads:
    """What is read of an object: each member named, and all its keys, or all of the value."""

    members: Mapping[str, "Reads"]
    keys: bool = False
    everything: bool = False

    def narrow(self, value: Any) -> Any:
        """Return as much of a value as is read; what else stands in it is left out."""
        if self.everything or not isinstance(value, dict):
            return value
        narrowed = dict.fromkeys(value) if self.keys else {}
        for name, reads in self.members.items():
            if name in value:
                member = value[name]
                # The kind of what is not looked into may count, too.
                narrowed[name] = reads.narrow(member) if isinstance(member, dict) else member
        return narrowed

    def same(self, value: Mapping[str, Any], former: Any) -> bool:
        """True if all that is read is the same object in both."""
        if value is former:
            return True
        if self.everything or self.keys or not isinstance(former, dict):
            return False
        return all(
            name in value and name in former and value[name] is former[name]
            if name in value or name in former
            else True
            for name in self.members
        )


ALL: Final = Reads({}, everything=True)
NOTHING: Final = Reads({})


def reads_of(schema: Any) -> Reads:
    """Return what a JSON Schema reads of a value; all of it where that is not plain."""
    if isinstance(schema, bool):
        return NOTHING
    if not isinstance(schema, Mapping):
        return ALL
    found = NOTHING
    for keyword, value in schema.items():
        if keyword in ANNOTATIONS or keyword in INDIFFERENT or keyword.startswith("x-"):
            continue
        if keyword == "properties":
            found = _join(found, Reads({name: reads_of(member) for name, member in value.items()}))
        elif keyword == "required":
            found = _join(found, Reads(dict.fromkeys(value, NOTHING)))
        elif keyword in ABOUT_KEYS:
            found = _join(found, Reads({}, keys=True))
        elif keyword in BRANCHES:
            for branch in value:
                found = _join(found, reads_of(branch))
        elif keyword in CONDITIONS:
            found = _join(found, reads_of(value))
        else:
            return ALL
    return found


def _join(one: Reads, other: Reads) -> Reads:
    if one.everything or other.everything:
        return ALL
    members = dict(one.members)
    for name, reads in other.members.items():
        members[name] = _join(members[name], reads) if name in members else reads
    return Reads(members, one.keys or other.keys)
