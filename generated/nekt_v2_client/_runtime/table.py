# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""Where the table is that an answer holds, as the spec declares it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Table(Struct, frozen=True, kw_only=True):
    """Where the rows of a table are in an answer, and what is in them.

    Each place is a member's name, or a JSON Pointer below the object.
    """

    rows: str
    """The array of rows, or the map of them."""
    order: str | None = None
    """The array with the keys of a map's rows, in the order of the rows."""
    key: str | None = None
    """The member of a row that names it."""
    columns: Mapping[str, str] | None = None
    """Columns and the members of a row that they hold; None for all that it has."""
    cells: str | None = None
    """The member of a row that is a map, each member of which is a column."""
    value: str | None = None
    """The member of a cell that is its value; None if the cell is."""
    beside: Mapping[str, str] = {}
    """What else a cell has that gets a column: the column's name behind a dot, and the member."""
