"""A draft is a request that is decided but for the ids that only the server can tell."""

from collections.abc import Mapping
from enum import Enum
from typing import Literal
from urllib.parse import quote

from attrs import field, frozen

from runwright.probe import Request
from runwright.spec import Operation


class Slot(Enum):
    """A parameter's value that is not known before the server was asked."""

    PLACE = "place"
    """Something of the sender's that exists, such as a project or a pipeline."""
    FOREIGN = "foreign"
    """The same, but of the other tenant's."""
    RUN = "run"
    """A run of the owner's."""
    UNKNOWN = "unknown"
    """An id in the form of a run's, of no run."""


Who = Literal["owner", "other", "missing", "wrong"]
"""The tenant who starts the runs, the second one, nobody, or somebody with a wrong secret."""


@frozen(kw_only=True, eq=False)
class Draft:
    """One request to an operation, and what it is for.

    ``method`` differs from the operation's where that is the point. ``values`` are the path
    parameters, and the query parameter that names a run if there is one; ``way`` is which of
    the documented (or of the wrong) ways to prove who sends it. ``number`` is its place in the
    whole programme, of which a session may send a part.
    """

    purpose: str
    operation: Operation
    values: Mapping[str, str | Slot] = field(factory=dict)
    method: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    who: Who = "owner"
    way: int = 0
    intent: str | None = None
    is_whole: bool = False
    """True if nothing that the operation requires is to be added."""
    number: int = 0

    @property
    def verb(self) -> str:
        """The HTTP method that is sent."""
        return self.method or self.operation.method

    def __str__(self) -> str:
        shown = {k: v.value if isinstance(v, Slot) else v for k, v in self.values.items()}
        path = self.operation.path
        for name, value in shown.items():
            path = path.replace(f"{{{name}}}", f"<{value}>")
        return f"{self.verb} {path} ({self.purpose})"

    def fill(self, values: Mapping[str, str]) -> Request:
        """Return the request with all its parameters given."""
        return address(
            self.operation,
            values,
            method=self.verb,
            query=self.query,
            headers=self.headers,
            content=self.content,
        )


def address(
    operation: Operation,
    values: Mapping[str, str],
    *,
    method: str = "",
    query: tuple[tuple[str, str], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    content: bytes = b"",
) -> Request:
    """Return a request to an operation: values go where its parameters are documented to be."""
    path = operation.path
    places: dict[str, list[tuple[str, str]]] = {"query": [], "header": []}
    for name, value in values.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
            continue
        for parameter in operation.parameters:
            if parameter["name"] == name and parameter["in"] in places:
                places[parameter["in"]].append((name, value))
    return Request(
        method=method or operation.method,
        path=path,
        query=(*places["query"], *query),
        headers=(*places["header"], *headers),
        content=content,
    )
