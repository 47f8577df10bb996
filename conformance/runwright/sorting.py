"""Sorting recorded traffic by API: by the server that was asked, by path, and by what came back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from attrs import frozen

from runwright.history import NOT_JSON, Exchange
from runwright.mistake import Mistake
from runwright.piecewise import response_validator
from runwright.scope import origin
from runwright.spec import METHODS, Match, Spec

ENOUGH: Final = 200
"""Answers of one server that are compared where several APIs may be meant."""


class UnsortableError(Mistake):
    """Which API was recorded cannot be told; the message says why, and what would do."""


@frozen
class Sorting:
    """Which API each exchange is of, by its place in the recording; None for those of no API.

    ``strangers`` are the servers of the latter, with the number of requests to each.
    """

    apis: tuple[str | None, ...]
    strangers: tuple[tuple[str, int], ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The ids of the APIs that were met, the one with most exchanges first."""
        counted = Counter(api for api in self.apis if api is not None)
        return tuple(api for api, _ in counted.most_common())


def sort_exchanges(exchanges: Iterable[Exchange], specs: Sequence[Spec]) -> Sorting:
    """Tell which of some APIs each exchange is of.

    A server that specs name is theirs; any other is that of the APIs that have the paths which it
    was asked for. Where two APIs have them all, those whose answers it gave.

    Raises:
        UnsortableError: two APIs fit a server's answers equally well, or none fits anything.
    """
    fitting: list[tuple[str, tuple[str, ...]]] = []
    doubtful: dict[tuple[str, tuple[str, ...]], list[Exchange]] = {}
    for exchange in exchanges:
        group = (origin(exchange.url), _fitting(exchange, specs))
        fitting.append(group)
        if len(group[1]) > 1 and len(doubtful.setdefault(group, [])) < ENOUGH:
            doubtful[group].append(exchange)
    chosen = {
        (server, names): _better(server, [s for s in specs if s.api in names], examples)
        for (server, names), examples in doubtful.items()
    }
    apis = tuple(chosen.get(group) or next(iter(group[1]), None) for group in fitting)
    others = Counter(server for (server, _), api in zip(fitting, apis, strict=True) if api is None)
    if not any(apis):
        raise UnsortableError(_why_none(others, specs))
    return Sorting(apis, tuple(others.most_common()))


def _fitting(exchange: Exchange, specs: Sequence[Spec]) -> tuple[str, ...]:
    """Return the APIs that an exchange may be of, by their ids."""
    server = origin(exchange.url)
    among = [spec for spec in specs if server in _servers(spec)] or specs
    asked = tuple(s.api for s in among if s.match(exchange.method, exchange.url) is not None)
    # A method that a path does not have is a request to the API all the same.
    return asked or tuple(s.api for s in among if _has_path(s, exchange.url))


@cache
def _servers(spec: Spec) -> frozenset[str]:
    return frozenset(origin(server["url"]) for server in spec.document.get("servers", ()))


def _has_path(spec: Spec, url: str) -> bool:
    return any(spec.match(method, url) is not None for method in METHODS)


def _better(server: str, specs: Sequence[Spec], examples: Sequence[Exchange]) -> str:
    """Return the API whose documented answers a server gave.

    Raises:
        UnsortableError: several are equally good.
    """
    scores = Counter({spec.api: sum(_answers(spec, e) for e in examples) for spec in specs})
    (first, best), (second, good) = scores.most_common(2)
    if best == good:
        raise UnsortableError(
            f"what {server} answered may be {first} or {second}; say which with --api"
        )
    return first


def _answers(spec: Spec, exchange: Exchange) -> bool:
    match: Match | None = spec.match(exchange.method, exchange.url)
    if match is None or not exchange.succeeded or exchange.body is NOT_JSON:
        return False
    validator = response_validator(spec, match.operation, exchange.status or 0)
    return validator is not None and validator.is_valid(exchange.body)


def _why_none(others: Counter[str], specs: Sequence[Spec]) -> str:
    servers = ", ".join(f"{server} ({count})" for server, count in others.most_common(5))
    known = ", ".join(spec.api for spec in specs)
    return (
        f"no request was one of a known API; known are {known}, and asked was "
        f"{servers or 'no server'}. If one of them is meant, say so with --api, and --url for its "
        "base path; for an API of your own name its spec with --spec"
    )
