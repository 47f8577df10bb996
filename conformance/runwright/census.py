"""What traffic was about, in short: for messages that say why nothing could be judged."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from attrs import define, field

from runwright.history import Exchange
from runwright.report import Report
from runwright.scope import origin

MOST_SERVERS = 5
"""Servers that a message names."""


@define
class Census:
    """Counts requests by server, and what kept them from being answered."""

    servers: Counter[str] = field(factory=Counter)
    errors: Counter[str] = field(factory=Counter)
    example: str | None = None

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> "Census":
        """Return the census of some exchanges."""
        census = cls()
        for exchange in exchanges:
            census.add(exchange)
        return census

    def add(self, exchange: Exchange) -> None:
        """Count an exchange."""
        self.servers[origin(exchange.url)] += 1
        if exchange.status is None:
            self.errors[exchange.error or "no answer"] += 1
        if self.example is None:
            self.example = f"{exchange.method} {urlsplit(exchange.url).path or '/'}"

    def why_void(self, report: Report, remedy: str) -> str:
        """Tell why a report judges nothing: no request was answered, or none was the API's.

        The remedy is for the latter.
        """
        if any(operation.calls for operation in report.operations):
            error, _ = self.errors.most_common(1)[0]
            return f"nothing to judge: no request to {report.api} was answered: {error}"
        servers = ", ".join(
            f"{server} ({count})" for server, count in self.servers.most_common(MOST_SERVERS)
        )
        return (
            f"nothing to judge: no request was one of {report.api}; they went to {servers}, "
            f"first for {self.example}. {remedy}"
        )
