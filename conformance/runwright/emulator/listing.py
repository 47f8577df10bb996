"""Pages of a list: by offset and limit, or by page number and size."""

from collections.abc import Sequence
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from attrs import frozen

T = TypeVar("T")


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some of the items, how many there are in all, and the URLs of the pages beside."""

    items: Sequence[T]
    count: int
    next: str | None
    previous: str | None


def by_offset(items: Sequence[T], *, url: str, offset: int, limit: int) -> Page[T]:
    """Return the items from an offset on; `url` is the URL that was called."""
    after, before = offset + limit, max(0, offset - limit)
    return Page(
        items=items[offset:after],
        count=len(items),
        next=with_query(url, offset=after, limit=limit) if after < len(items) else None,
        previous=with_query(url, offset=before, limit=limit) if offset > 0 else None,
    )


def by_number(items: Sequence[T], *, url: str, page: int, size: int) -> Page[T] | None:
    """Return a page by its number, from 1; None if there is no such page.

    The first page is there even if it is empty.
    """
    pages = max(1, -(-len(items) // size))
    if not 1 <= page <= pages:
        return None
    return Page(
        items=items[(page - 1) * size : page * size],
        count=len(items),
        next=with_query(url, page=page + 1) if page < pages else None,
        previous=with_query(url, page=page - 1) if page > 1 else None,
    )


def with_query(url: str, **parameters: object) -> str:
    """Return a URL with some query parameters set, the others as they were."""
    parts = urlsplit(url)
    kept = [
        (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in parameters
    ]
    query = urlencode([*kept, *((k, str(v)) for k, v in parameters.items())])
    return urlunsplit(parts._replace(query=query))
