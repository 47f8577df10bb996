# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Columns as Arrow, and as what reads Arrow; the one module that knows these libraries."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_args, get_origin

import msgspec

from .columns import Column
from .errors import ExtraMissingError

_JSON = msgspec.json.Encoder()
_EXACT = 1 << 53
"""Up to here, every integer is a float too."""


def _load(name: str, needed: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ExtraMissingError(
            f"This needs {name}, which is not installed: pip install {needed}"
        ) from error


def arrow_table(columns: Sequence[Column]) -> Any:
    """Return an Arrow table of some columns."""
    pa = _load("pyarrow", "pyarrow")
    fields, arrays = [], []
    for column in columns:
        array, is_json = _array(pa, column)
        metadata = {"content-type": "application/json"} if is_json else None
        fields.append(pa.field(column.name, array.type, metadata=metadata))
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def pandas_frame(columns: Sequence[Column]) -> Any:
    """Return a pandas data frame; integers and truth values with gaps stay what they are."""
    pd, pa = _load("pandas", "pandas pyarrow"), _load("pyarrow", "pyarrow")
    kept = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return arrow_table(columns).to_pandas(types_mapper=kept.get)


def polars_frame(columns: Sequence[Column]) -> Any:
    """Return a Polars data frame."""
    pl = _load("polars", "polars pyarrow")
    _load("pyarrow", "pyarrow")
    return pl.DataFrame(arrow_table(columns))


def _array(pa: Any, column: Column) -> tuple[Any, bool]:
    """Return an array of a column's values, and whether it is JSON text."""
    values = column.values
    said = _arrow_type(pa, column.type)
    for type_ in (said, _met(pa, values) if said is not None or column.type is Any else None):
        if type_ is not None:
            try:
                return pa.array(values, type_), False
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                continue  # an answer of another generation, or an integer that is too large
    return pa.array(
        [None if v is None else _JSON.encode(v).decode() for v in values], pa.string()
    ), True


def _arrow_type(pa: Any, type_: Any) -> Any:
    """Return the Arrow type for a type that the spec says, None if the values have to tell."""
    if get_origin(type_) is list:
        item = _arrow_type(pa, get_args(type_)[0])
        return pa.list_(item) if item is not None else None
    if not isinstance(type_, type):
        return None
    if issubclass(type_, StrEnum):
        return pa.string()
    known = {
        str: pa.string(),
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        datetime: pa.timestamp("us", "UTC"),
        date: pa.date32(),
    }
    return known.get(type_)


def _met(pa: Any, values: Sequence[Any]) -> Any:
    """Return the Arrow type that all values have, None if they have several."""
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.null()
    if kinds == {list}:
        item = _met(pa, [member for value in values if value is not None for member in value])
        return pa.list_(item) if item is not None else None
    if kinds == {int, float}:
        whole = [value for value in values if isinstance(value, int)]
        return pa.float64() if all(abs(value) <= _EXACT for value in whole) else None
    return _arrow_type(pa, kinds.pop()) if len(kinds) == 1 else None
