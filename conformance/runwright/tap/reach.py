"""The one place that knows private attributes: where clients keep their transports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx


class UnreachableClientError(TypeError):
    """No transport can be found in what should be a client."""


def client_in(client: Any) -> httpx.Client | httpx.AsyncClient:
    """Return the httpx client that something is or, as a generated client, sends through.

    Raises:
        UnreachableClientError: it is no such thing.
    """
    found = client
    if not isinstance(found, httpx.Client | httpx.AsyncClient):
        found = getattr(getattr(client, "_wire", None), "_client", None)
    if isinstance(found, httpx.Client | httpx.AsyncClient) and hasattr(found, "_transport"):
        return found
    raise UnreachableClientError(
        f"a {type(client).__name__} is no httpx.Client, httpx.AsyncClient or generated client; "
        "if it takes an httpx transport, hand it one of the watch: transport=watched.transport()"
    )


def wrap_transports(
    client: httpx.Client | httpx.AsyncClient, wrap: Callable[[Any], Any]
) -> Callable[[], None]:
    """Put a wrapper around each transport of a client; return what takes them off again."""
    holder: Any = client
    own, wrapped = holder._transport, wrap(holder._transport)
    holder._transport = wrapped
    # None stands for the client's own transport.
    mounts = {pattern: one for pattern, one in holder._mounts.items() if one is not None}
    covers = {pattern: wrap(one) for pattern, one in mounts.items()}
    holder._mounts.update(covers)

    def take_off() -> None:
        # What others have wrapped since stays; their wrapper holds ours.
        if holder._transport is wrapped:
            holder._transport = own
        for pattern, cover in covers.items():
            if holder._mounts.get(pattern) is cover:
                holder._mounts[pattern] = mounts[pattern]

    return take_off
