"""What is seen of a run at one time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from .lifecycle import Outcome
from .model import Answer


class Look(Struct, frozen=True, kw_only=True):
    """What one look at a run showed; times in seconds on the waiter's clock.

    Either there is a `status`, or an `error` says why not. `key` names the run, parameter by
    parameter.
    """

    key: Mapping[str, Any] = {}
    began: float
    at: float
    status: str | None = None
    outcome: Outcome | None = None
    error: Exception | None = None
    hint: float | None = None
    """The server's ``Retry-After``."""
    raw: bytes = b""
    """The whole body of the answer."""
    answer: Answer | None = None
    """The other facts of the answer."""

    def __repr__(self) -> str:
        said = repr(self.status) if self.error is None else repr(self.error)
        return f"Look(at={self.at:.3f}, {said}, {len(self.raw)} bytes)"
