"""One method on one path of an API, as its document has it."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

_TEMPLATE = re.compile(r"\{([^}]+)\}")


@frozen
class Link:
    """What an answer lets its reader do next: an operation, its role, and its parameters."""

    role: str
    operation_id: str
    parameters: Mapping[str, str]


@frozen(kw_only=True, eq=False)
class Operation:
    """One method on one path of an API."""

    id: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    request_body: Mapping[str, Any] | None
    responses: Mapping[str, Mapping[str, Any]]
    security: tuple[Mapping[str, Any], ...]
    pattern: re.Pattern[str]

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return tuple(_TEMPLATE.findall(self.path))

    @property
    def is_safe(self) -> bool:
        """True if HTTP calls the method safe: it asks for no change."""
        return self.method in ("GET", "HEAD", "OPTIONS")

    @property
    def success_status(self) -> int:
        """The lowest documented 2xx status, 200 if none is documented, or all at once (`2XX`)."""
        told = (name.upper().replace("X", "0") for name in self.responses if name[0] == "2")
        return min(map(int, told), default=200)

    def response(self, status: int) -> Mapping[str, Any] | None:
        """Return the documented response for a status: exact, by class (``4XX``), or default."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self.responses:
                return self.responses[name]
        return None

    def documents(self, status: int) -> bool:
        """True if the status has a response: its own, its class's, or that of all others."""
        return self.response(status) is not None

    def assumes(self, status: int) -> bool:
        """True if no document prints such an answer: `x-assumed` says so of the status's response.

        A status without one is assumed where all that there are of its class are.
        """
        response = self.response(status)
        if response is not None:
            return bool(response.get("x-assumed"))
        alike = [said for name, said in self.responses.items() if name[0] == str(status)[0]]
        return bool(alike) and all(said.get("x-assumed") for said in alike)


@frozen
class Match:
    """An operation that serves a URL, with the values of its path parameters."""

    operation: Operation
    path_parameters: Mapping[str, str]
    is_exact: bool = True
    """False if a trailing slash more or less was forgiven: no document promises that answer."""


def path_pattern(path: str) -> re.Pattern[str]:
    """Return what a path's URLs match, a group for each parameter."""
    parts = _TEMPLATE.split(path)
    text = (("([^/]+)" if index % 2 else re.escape(part)) for index, part in enumerate(parts))
    return re.compile("".join(text))
