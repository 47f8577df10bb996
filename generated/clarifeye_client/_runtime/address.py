# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Which URLs the token may travel to, and how a URL is shown."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from .errors import InsecureTransportError, RedirectRefusedError
from .loopback import is_loopback
from .wire import Request, Response

_SECRETIVE = ("token", "key", "secret", "password", "signature", "auth", "credential", "session")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def check_base_url(url: str, *, allow_plain_http: bool) -> str:
    """Return a base URL without its trailing slash.

    Raises:
        ValueError: it is no HTTP URL, or has a query or fragment.
        InsecureTransportError: it would carry the token over a network unencrypted.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"This is no base URL: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{show(url)} is no base URL; it needs to start with https:// and a host.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError(f"{show(url)} is no base URL; it may only have a host, port and path.")
    if parts.scheme == "http" and not allow_plain_http and not is_loopback(parts.hostname):
        raise InsecureTransportError(
            f"{url} would carry the token unencrypted. Use https, or say "
            "`allow_plain_http=True` if you trust every network in between."
        )
    return url.rstrip("/")


def build(base: str, template: str, path: Iterable[tuple[str, object]]) -> str:
    """Fill a path template below a base URL.

    Raises:
        ValueError: a path parameter is empty, or would climb to another path.
    """
    for name, value in path:
        text = str(value)
        if text in ("", ".", ".."):
            raise ValueError(f"The path parameter {name} must not be {text!r}.")
        template = template.replace("{" + name + "}", quote(text, safe=""))
    return base + template


def with_query(url: str, query: Iterable[tuple[str, str]]) -> str:
    """Append query parameters to a URL."""
    pairs = list(query)
    return f"{url}?{urlencode(pairs, quote_via=quote, safe='[]')}" if pairs else url


def form(fields: Iterable[tuple[str, str]]) -> bytes:
    """Write the fields of a form."""
    return urlencode(list(fields)).encode()


def show(url: str) -> str:
    """Return a URL that may be printed: no user, no fragment, secretive query values hidden."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = [
        (name, "***" if any(word in name.lower() for word in _SECRETIVE) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    query = urlencode(pairs, quote_via=quote, safe="[]*")
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def is_redirect(response: Response) -> bool:
    """Return True if an answer says where to ask instead."""
    return response.status in _REDIRECTS and "location" in response.headers


def follow(request: Request, response: Response) -> str:
    """Return where a redirect leads.

    Raises:
        RedirectRefusedError: it leads to another origin, or the request must not be repeated.
    """
    where = f"{request.method} {request.shown_url} was redirected to"
    try:
        target = urljoin(request.url, response.headers["location"])
        where = f"{where} {show(target)}"
        elsewhere = origin(target) != origin(request.url)
    except ValueError:
        raise RedirectRefusedError(
            f"{where} an address that makes no sense.", method=request.method, url=request.shown_url
        ) from None
    if request.method not in ("GET", "HEAD"):
        raise RedirectRefusedError(
            f"{where}; a request that changes something is not repeated elsewhere.",
            method=request.method,
            url=request.shown_url,
        )
    if elsewhere:
        raise RedirectRefusedError(
            f"{where}, which is another host, port or scheme; the token is not sent there.",
            method=request.method,
            url=request.shown_url,
        )
    return target


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
