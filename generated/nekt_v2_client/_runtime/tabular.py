# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""What can be had as a table: rows of plain values, or whatever reads Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from .columns import Column


class Tabular:
    """Something that can be had as a table.

    Every row has all columns. With `beside`, a table of cells has only these columns beside its
    values, instead of all that it can have: ``beside=["status"]``, ``beside=[]``.
    """

    def _columns(self, beside: Sequence[str] | None) -> list[Column]:
        raise NotImplementedError

    def to_rows(self, *, beside: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of plain values, in order; what is missing is None."""
        from .columns import rows

        return rows(self._columns(beside))

    def to_arrow(self, *, beside: Sequence[str] | None = None) -> pyarrow.Table:
        """Return an Arrow table; objects, and columns of several types, are JSON text in it.

        Raises:
            ExtraMissingError: pyarrow is not installed.
        """
        from .arrow import arrow_table

        table: pyarrow.Table = arrow_table(self._columns(beside))
        return table

    def to_pandas(self, *, beside: Sequence[str] | None = None) -> pandas.DataFrame:
        """Return a pandas data frame, made from the Arrow table.

        Raises:
            ExtraMissingError: pandas or pyarrow is not installed.
        """
        from .arrow import pandas_frame

        frame: pandas.DataFrame = pandas_frame(self._columns(beside))
        return frame

    def to_polars(self, *, beside: Sequence[str] | None = None) -> polars.DataFrame:
        """Return a Polars data frame, made from the Arrow table.

        Raises:
            ExtraMissingError: Polars or pyarrow is not installed.
        """
        from .arrow import polars_frame

        frame: polars.DataFrame = polars_frame(self._columns(beside))
        return frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table to whatever reads Arrow streams: `pyarrow.table(it)`, DuckDB, …"""
        return self.to_arrow().__arrow_c_stream__(requested_schema)
