"""Calls, and looks: what one answer shows of a thing."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from runwright.history import Exchange
from runwright.lifecycle import Lifecycle
from runwright.pointer import MISSING, resolve
from runwright.spec import Operation


@frozen(eq=False)
class Call:
    """An exchange together with the operation that it called, if the spec has one."""

    exchange: Exchange
    operation: Operation | None = None
    path_parameters: Mapping[str, str] = field(factory=dict)
    body: Any = field(repr=False)
    """The answer's decoded body, or NOT_JSON."""
    former: "Call | None" = field(default=None, repr=False)
    """The call before it with the same request line, actor and status.

    What did not change since then is the same object in both bodies.
    """
    is_exact: bool = True
    """False if its path has a trailing slash more or less than the operation's: what is shown
    there counts, but how it is answered is nobody's promise."""

    @body.default
    def _decoded(self) -> Any:
        return self.exchange.body

    @property
    def former_body(self) -> Any:
        """The body that the call before was answered with, MISSING if there was none."""
        return MISSING if self.former is None else self.former.body

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query parameters, decoded, in order."""
        parts = urlsplit(self.exchange.url)
        return tuple(parse_qsl(parts.query, keep_blank_values=True))

    def parameter(self, name: str) -> str | None:
        """Return the value of a path or query parameter."""
        if name in self.path_parameters:
            return self.path_parameters[name]
        return next((value for key, value in self.query if key == name), None)

    def calls(self, *operation_ids: str) -> bool:
        """True if the call went to one of these operations."""
        return self.operation is not None and self.operation.id in operation_ids


@frozen(eq=False)
class Look:
    """One instance of a schema in one answer: where it stands, and what it says."""

    call: Call
    schema: str
    pointer: str
    body: Any
    lifecycle: Lifecycle | None = None
    former: Any = field(default=MISSING, repr=False)
    """What stood there in the answer before; what is the same object in both was judged there."""

    is_whole: bool = field()
    """True if the answer is about it alone: it is the body, or what an envelope has inside."""

    @is_whole.default
    def _is_the_body(self) -> bool:
        return self.pointer == ""

    @property
    def exchange(self) -> Exchange:
        """The exchange whose answer holds the instance."""
        return self.call.exchange

    @property
    def status(self) -> str | None:
        """The status that it shows, None without a lifecycle or a readable status."""
        return self.lifecycle.status_of(self.body) if self.lifecycle else None

    @property
    def is_terminal(self) -> bool:
        """True if the status it shows is a known end."""
        return self.lifecycle is not None and self.lifecycle.is_terminal(self.status)

    def precedes(self, other: "Look") -> bool:
        """True if this look was surely taken before the other."""
        return self.exchange.precedes(other.exchange)


def identity(body: Any, lifecycle: Lifecycle) -> str | None:
    """Return what identifies a thing, as text; None if its body does not tell."""
    if lifecycle.key is None or not isinstance(body, dict):
        return None
    value = resolve(body, lifecycle.key)
    if value is MISSING or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)
