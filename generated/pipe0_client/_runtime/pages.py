# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Goes from page to page of a list, no further than its reader does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from . import address
from .errors import Pipe0Error
from .operation import Operation, Pairs, present
from .session import AsyncSession, CallOptions, Session
from .table import Table
from .tabular import Tabular

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from .columns import Column

T = TypeVar("T")


class PagesError(Pipe0Error):
    """A list's pages lead nowhere, or back to one that was read before."""


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
        try:
            query = parse_qsl(urlsplit(page.next).query, keep_blank_values=True)
            shown = address.show(page.next)
        except ValueError:
            raise PagesError("The address of the list's next page makes no sense.") from None
        if tuple(query) in self._met:
            raise PagesError(f"The next page, {shown}, was read before; this list has no end.")
        self._met.add(tuple(query))
        self.query = query
        return True


class _Rows(Tabular):
    """What was on some pages, as a table."""

    def __init__(self, operation: Operation[Any], found: list[Any]) -> None:
        self._operation = operation
        self._found = found

    def _columns(self, beside: Sequence[str] | None) -> list[Column]:
        from .columns import columns_of, row_type

        page = next(codec.type for codec in self._operation.codecs.values() if codec is not None)
        table: Table = getattr(page, "_table_", Table(rows="results"))
        return columns_of(self._found, row_type(page, table), table, beside)


class Pages(Tabular, Generic[T]):
    """What is on the pages of a list; a page is asked for when it is needed.

    It is gone through once, by a loop or as a table.
    """

    def __init__(
        self,
        session: Session,
        operation: Operation[Any],
        *,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> None:
        self._operation = operation
        self._results = self._go(session, path, query, headers, options)

    def _go(
        self,
        session: Session,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> Iterator[T]:
        trail = _Trail(query)
        while True:
            page = session._call(
                self._operation, path=path, query=trail.query, headers=headers, options=options
            )
            yield from page.results or ()
            if not trail.follow(page):
                return

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        return next(self._results)

    def _columns(self, beside: Sequence[str] | None) -> list[Column]:
        return _Rows(self._operation, list(self))._columns(beside)


class AsyncPages(Generic[T]):
    """What is on the pages of a list; a page is asked for when it is needed.

    It is gone through once, by a loop or as a table.
    """

    def __init__(
        self,
        session: AsyncSession,
        operation: Operation[Any],
        *,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> None:
        self._operation = operation
        self._results = self._go(session, path, query, headers, options)

    async def _go(
        self,
        session: AsyncSession,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> AsyncIterator[T]:
        trail = _Trail(query)
        while True:
            page = await session._call(
                self._operation, path=path, query=trail.query, headers=headers, options=options
            )
            for result in page.results or ():
                yield result
            if not trail.follow(page):
                return

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        return await anext(self._results)

    async def _rows(self) -> _Rows:
        return _Rows(self._operation, [result async for result in self])

    async def to_rows(self, *, beside: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return what is on all pages, as `Tabular.to_rows` does."""
        return (await self._rows()).to_rows(beside=beside)

    async def to_arrow(self, *, beside: Sequence[str] | None = None) -> pyarrow.Table:
        """Return what is on all pages, as `Tabular.to_arrow` does."""
        return (await self._rows()).to_arrow(beside=beside)

    async def to_pandas(self, *, beside: Sequence[str] | None = None) -> pandas.DataFrame:
        """Return what is on all pages, as `Tabular.to_pandas` does."""
        return (await self._rows()).to_pandas(beside=beside)

    async def to_polars(self, *, beside: Sequence[str] | None = None) -> polars.DataFrame:
        """Return what is on all pages, as `Tabular.to_polars` does."""
        return (await self._rows()).to_polars(beside=beside)
