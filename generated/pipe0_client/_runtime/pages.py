# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Goes from page to page of a list, no further than its reader does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from . import address
from .errors import PagesError
from .operation import Operation, Pairs, present
from .redaction import Hide, redacted
from .session import AsyncClientSession, CallOptions, ClientSession
from .table import Table
from .tabular import Tabular

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from .columns import Column

T = TypeVar("T")


class _Trail:
    """Knows what comes next: a row of the page that is open, or a page that is to be asked for.

    A page that could not be had is asked for again. Only the query of a page's ``next`` is used:
    the rest is where the client sends all its requests, whatever host a server behind a proxy
    believes to be.
    """

    def __init__(self, query: Pairs, hide: Hide) -> None:
        self.query: Pairs = present(query)
        self._hide = hide
        self._met = {tuple(self.query)}
        self._page: Any = None
        self.rows: Iterator[Any] = iter(())
        """What has not been read of the page that is open."""

    def open(self, page: Any) -> None:
        """Begin with a page that was asked for."""
        self._page, self.rows = page, iter(page.results or ())

    def turn(self) -> bool:
        """Turn to the page that is to be asked for next; return False if there is none."""
        if self._page is None:
            return True
        if not self._page.next:
            return False
        try:
            query = parse_qsl(urlsplit(self._page.next).query, keep_blank_values=True)
            shown = address.show(redacted(self._page.next, self._hide))
        except ValueError:
            raise PagesError("The address of the list's next page makes no sense.") from None
        if tuple(query) in self._met:
            raise PagesError(f"The next page, {shown}, was read before; this list has no end.")
        self._met.add(tuple(query))
        self.query, self._page = query, None
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

    It is gone through once, by a loop or as a table. After an error it goes on where it was: with
    the page that could not be had.
    """

    def __init__(
        self,
        session: ClientSession,
        operation: Operation[Any],
        *,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> None:
        self._operation = operation
        self._trail = _Trail(query, session._settings.hide)
        self._gathered: list[T] = []
        self._ask = partial(session._call, operation, path=path, headers=headers, options=options)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while True:
            for row in self._trail.rows:
                found: T = row
                return found
            if not self._trail.turn():
                raise StopIteration
            self._trail.open(self._ask(query=self._trail.query))

    def _columns(self, beside: Sequence[str] | None) -> list[Column]:
        for found in self:
            self._gathered.append(found)
        return _Rows(self._operation, self._gathered)._columns(beside)


class AsyncPages(Generic[T]):
    """What is on the pages of a list; a page is asked for when it is needed.

    It is gone through once, by a loop or as a table. After an error it goes on where it was: with
    the page that could not be had.
    """

    def __init__(
        self,
        session: AsyncClientSession,
        operation: Operation[Any],
        *,
        path: Pairs,
        query: Pairs,
        headers: Pairs,
        options: CallOptions | None,
    ) -> None:
        self._operation = operation
        self._trail = _Trail(query, session._settings.hide)
        self._gathered: list[T] = []
        self._ask = partial(session._call, operation, path=path, headers=headers, options=options)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for row in self._trail.rows:
                found: T = row
                return found
            if not self._trail.turn():
                raise StopAsyncIteration
            self._trail.open(await self._ask(query=self._trail.query))

    async def _rows(self) -> _Rows:
        async for found in self:
            self._gathered.append(found)
        return _Rows(self._operation, self._gathered)

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
