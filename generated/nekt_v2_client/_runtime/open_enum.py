# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""An enum that newer servers may extend without breaking its readers."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """A string with known values; an unknown one is kept as itself.

    A value that the spec does not list prints as itself, equals its string, survives a round
    trip, and answers ``is_known`` with False.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[str]]:
        # Early releases of Python 3.11 pickle by name, and look that up among the known ones.
        return type(self), (str(self._value_),)

    @property
    def is_known(self) -> bool:
        """True if the spec lists this value."""
        return self._value_ in type(self)._value2member_map_

    def __repr__(self) -> str:
        if self.is_known:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__} {self._value_!r} (unknown)>"
