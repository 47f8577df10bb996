"""Which exchanges belong to an API, when a program talks to several servers."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from attrs import frozen

from runwright.history import Exchange
from runwright.spec import Spec


@frozen
class Share:
    """The exchanges of one API, and how many there were with each other server."""

    exchanges: tuple[Exchange, ...]
    servers: tuple[str, ...]
    strangers: tuple[tuple[str, int], ...]


def share_of(
    exchanges: Iterable[Exchange], spec: Spec, urls: Iterable[str] = (), *, whole: bool = False
) -> Share:
    """Pick what was sent below some base URLs, or to the API's own servers.

    Without base URLs these are the servers that the spec names; if nothing was sent to them,
    all servers that were asked for a path of the API. `whole` leaves nothing out.
    """
    found = tuple(exchanges)
    bases = tuple(url.rstrip("/") for url in urls) or _bases(found, spec)
    kept = tuple(e for e in found if whole or any(_is_below(e.url, base) for base in bases))
    taken = {exchange.id for exchange in kept}
    others = Counter(origin(e.url) for e in found if e.id not in taken)
    servers = dict.fromkeys(origin(exchange.url) for exchange in kept)
    return Share(kept, tuple(servers), tuple(others.most_common()))


def _bases(exchanges: tuple[Exchange, ...], spec: Spec) -> tuple[str, ...]:
    named = {origin(server["url"]) for server in spec.document.get("servers", [])}
    if any(origin(exchange.url) in named for exchange in exchanges):
        return tuple(named)
    methods = {operation.method for operation in spec.operations.values()}
    matching = (e.url for e in exchanges if any(spec.match(m, e.url) for m in methods))
    return tuple(dict.fromkeys(map(origin, matching)))


def _is_below(url: str, base: str) -> bool:
    return url == base or url.startswith((f"{base}/", f"{base}?"))


def origin(url: str) -> str:
    """Return scheme, host and port of a URL, in lower case; what is no URL comes back whole."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}".lower()
