# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""Goes from page to page of a list, no further than its reader does."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from .errors import Pipe0PipelineError
from .operation import Operation, Pairs, present
from .session import AsyncSession, CallOptions, Session

T = TypeVar("T")


class PagesError(Pipe0PipelineError):
    """A list's pages lead back to one that was read before."""


class _Trail:
    """Knows which page comes next.

    Only the query of a page's ``next`` is used: the rest is where the client sends all its
    requests, whatever host a server behind a proxy believes to be.
    """

    def __init__(self, query: Pairs) -> None:
        self.query: Pairs = present(query)
        self._met = {tuple(self.query)}

    def follow(self, page: Any) -> bool:
        """Turn to the next page; return False if there is none."""
        if not page.next:
            return False
        query = parse_qsl(urlsplit(page.next).query, keep_blank_values=True)
        if tuple(query) in self._met:
            raise PagesError(f"The page after {page.next} was read before; this list has no end.")
        self._met.add(tuple(query))
        self.query = query
        return True


def each(
    session: Session,
    operation: Operation[Any],
    *,
    path: Pairs,
    query: Pairs,
    headers: Pairs,
    options: CallOptions | None,
) -> Iterator[Any]:
    """Yield what is on the pages of a list; a page is asked for when it is needed."""
    trail = _Trail(query)
    while True:
        page = session._call(
            operation, path=path, query=trail.query, headers=headers, options=options
        )
        yield from page.results or ()
        if not trail.follow(page):
            return


async def each_async(
    session: AsyncSession,
    operation: Operation[Any],
    *,
    path: Pairs,
    query: Pairs,
    headers: Pairs,
    options: CallOptions | None,
) -> AsyncIterator[Any]:
    """Yield what is on the pages of a list; a page is asked for when it is needed."""
    trail = _Trail(query)
    while True:
        page = await session._call(
            operation, path=path, query=trail.query, headers=headers, options=options
        )
        for result in page.results or ():
            yield result
        if not trail.follow(page):
            return
