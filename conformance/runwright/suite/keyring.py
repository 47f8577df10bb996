"""Whose credentials a request may carry, made from a spec's security schemes."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from runwright.emulator.tenants import Tenant
from runwright.history import Credentials
from runwright.probe import Sender
from runwright.spec import Operation, Spec

WRONG_LABEL: Final = "nobody"
"""The label of the secret that opens nothing."""


@frozen(kw_only=True, eq=False)
class Keyring:
    """The tenants that a session may use, and a secret that opens nothing.

    ``owner`` starts the runs; ``other`` is a second tenant, for checks that need two.
    """

    spec: Spec
    owner: Tenant
    other: Tenant | None = None
    wrong: str = field(default="runwright-wrong-token-0f5a1c", repr=False)

    @property
    def secrets(self) -> Mapping[str, str]:
        """Every secret that may be sent, by label."""
        tenants = [self.owner, *([self.other] if self.other else [])]
        return {**{a.name: a.token for a in tenants}, WRONG_LABEL: self.wrong}

    def sender(self, tenant: Tenant, operation: Operation, way: int = 0) -> Sender:
        """Return a tenant as the sender of an operation, by one of the documented ways.

        An operation without security is called without credentials.
        """
        ways = _ways(operation)
        if not ways:
            return Sender(credentials="valid", actor=tenant.name)
        return self._proof(ways[way % len(ways)], tenant.token, "valid", tenant.name)

    def ways(self, operation: Operation) -> int:
        """Return how many ways of proving who calls an operation documents."""
        return len(_ways(operation))

    def wrongs(self, operation: Operation) -> tuple[tuple[str, Sender], ...]:
        """Return senders with credentials that prove nothing, each with what is wrong."""
        if not _ways(operation):
            return ()
        first = self._proof(_ways(operation)[0], self.wrong, "wrong", None)
        found = [("unknown secret", first)]
        for name, value in first.headers:
            if name == "authorization":
                found.append(("other scheme", _with(name, f"Basic {self.wrong}")))
                found.append(("no scheme", _with(name, self.wrong)))
                found.append(("no secret", _with(name, value.split()[0])))
            else:
                found.append(("other header", _with("authorization", f"Bearer {self.wrong}")))
        return tuple(found)

    def _proof(
        self,
        requirement: Mapping[str, Any],
        secret: str,
        credentials: Credentials,
        actor: str | None,
    ) -> Sender:
        schemes = self.spec.document.get("components", {}).get("securitySchemes", {})
        headers: list[tuple[str, str]] = []
        query: list[tuple[str, str]] = []
        for name in requirement:
            scheme = self.spec.deref(schemes[name])
            place = scheme.get("in", "header")
            if scheme["type"] == "apiKey" and place == "query":
                query.append((scheme["name"], secret))
            elif scheme["type"] == "apiKey" and place == "cookie":
                headers.append(("cookie", f"{scheme['name']}={secret}"))
            else:
                headers.append(_header(scheme, secret))
        return Sender(
            credentials=credentials, actor=actor, headers=tuple(headers), query=tuple(query)
        )


def _ways(operation: Operation) -> tuple[Mapping[str, Any], ...]:
    """Return the requirements that ask for something: where none is needed, one may be sent."""
    return tuple(requirement for requirement in operation.security if requirement)


def _header(scheme: Mapping[str, Any], secret: str) -> tuple[str, str]:
    """Return the header of a scheme; an API key in ``Authorization`` is written ``Token <key>``."""
    if scheme["type"] == "apiKey":
        name = str(scheme["name"]).lower()
        return name, f"Token {secret}" if name == "authorization" else secret
    word = scheme.get("scheme", "bearer") if scheme["type"] == "http" else "bearer"
    return "authorization", f"{word.title()} {secret}"


def _with(name: str, value: str) -> Sender:
    return Sender(credentials="wrong", headers=((name, value),))
