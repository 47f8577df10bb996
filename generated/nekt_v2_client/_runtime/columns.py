# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""Lays the rows of an answer out in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from .lifecycle import tokens
from .memory import to_plain
from .model import UNSET, Model, UnsetType, members
from .table import Table

Path = tuple[str, ...]

_PLAIN = frozenset({str, int, float, bool, type(None)})


class Column(Struct):
    """One column: its name, the type that the spec says it has, and its values, row by row."""

    name: str
    type: Any
    values: list[Any]


def rows(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the rows of some columns."""
    names = [column.name for column in columns]
    across = zip(*(column.values for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in across]


def columns_in(holder: Model, table: Table, beside: Sequence[str] | None) -> list[Column]:
    """Lay out the rows that an answer holds."""
    path = tokens(table.rows)
    found = _reach(holder, path)
    keys: list[Any] = []
    if isinstance(found, Mapping):
        order = _reach(holder, tokens(table.order)) if table.order else ()
        keys, found = _in_order(found, order or (), table)
    return columns_of(list(found or ()), row_type(type(holder), table), table, beside, keys)


def row_type(holder: Any, table: Table) -> Any:
    """Return the type of the rows that a type of answer holds."""
    return _item(_type_at(holder, tokens(table.rows)))


def columns_of(
    found: list[Any],
    kind: Any,
    table: Table,
    beside: Sequence[str] | None = None,
    keys: Sequence[Any] = (),
) -> list[Column]:
    """Lay out some rows of a type; `keys` names those that are None, for they are missing.

    Raises:
        ValueError: `beside` names what there is not beside the values.
    """
    if isinstance(beside, str):
        beside = (beside,)  # a text is a sequence of texts, but not of these
    strange = [name for name in beside or () if name not in table.beside]
    if strange:
        there = ", ".join(table.beside) or "nothing"
        raise ValueError(f"Beside the values there is {there}; not {', '.join(strange)}.")
    if not table.cells:
        return _plain_columns(found, kind, table.columns, set())
    names = table.beside if beside is None else beside
    wanted = {name: tokens(table.beside[name]) for name in names}
    return list(_cell_columns(found, kind, table, wanted, keys))


def _plain_columns(
    found: list[Any], kind: Any, declared: Mapping[str, str] | None, taken: set[str]
) -> list[Column]:
    paths = _declared(kind, tuple(declared.items())) if declared else _every(kind)
    return [
        Column(_free(name, taken), type_, _values(found, path, kind)) for name, path, type_ in paths
    ]


def _cell_columns(
    found: list[Any],
    kind: Any,
    table: Table,
    wanted: Mapping[str, Path],
    keys: Sequence[Any],
) -> Iterator[Column]:
    """Yield the columns of rows that keep their cells in a map.

    Cells have the names that they have. Another column that would have the name of a cell gets an
    underscore behind its own, but for the key: that one only fills the gaps in its cell.
    """
    assert table.cells is not None
    path = tokens(table.cells)
    cells = [_reach(row, path) or {} for row in found]
    names = dict.fromkeys(name for row in cells for name in row)
    taken = set(names)
    cell_type = _item(_type_at(kind, path))
    value = tokens(table.value) if table.value else ()
    if table.key:
        key = tokens(table.key)
        own = _values(found, key, kind)
        own = [mine if mine is not None else k for mine, k in zip(own, keys or own, strict=True)]
        if key[-1] not in names:
            taken.add(key[-1])
            yield Column(key[-1], Any, own)
        else:
            names = {key[-1]: None} | names
    if table.columns:
        yield from _plain_columns(found, kind, table.columns, taken)
    for name in names:
        column = [row.get(name) for row in cells]
        values = _values(column, value, cell_type)
        if table.key and name == key[-1]:
            values = [v if v is not None else k for v, k in zip(values, own, strict=True)]
        yield Column(name, _type_at(cell_type, value), values)
        for suffix, member in wanted.items():
            yield Column(
                _free(f"{name}.{suffix}", taken),
                _type_at(cell_type, member),
                _values(column, member, cell_type),
            )


def _in_order(
    found: Mapping[str, Any], order: Iterable[Any], table: Table
) -> tuple[list[Any], list[Any]]:
    """Return keys and rows: those that the order names, then the others as they come."""
    left = dict.fromkeys(found)
    places = {}
    if table.key:
        path = tokens(table.key)
        places = {str(_number(_reach(row, path))): name for name, row in found.items()}
    keys, ordered = [], []
    for key in order:
        # Where a row is missing, its place stays empty.
        name = str(key) if str(key) in found else places.get(str(_number(key)))
        keys.append(_plain(key))
        ordered.append(found[name] if name is not None else None)
        if name is not None:
            left.pop(name, None)
    return [*keys, *left], [*ordered, *(found[name] for name in left)]


def _number(key: Any) -> Any:
    """Return an integer that is told as 7.0 as what it is."""
    return int(key) if isinstance(key, float) and key.is_integer() else key


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


@cache
def _names(cls: Any) -> Mapping[str, str]:
    return {member.json_name: member.name for member in members(cls)}


def _reach(value: Any, path: Path) -> Any:
    """Return what is at a path, or None if there is nothing."""
    for token in path:
        if isinstance(value, Model):
            name = _names(type(value)).get(token)
            value = getattr(value, name) if name else None
        elif isinstance(value, Mapping):
            value = value.get(token)
        else:
            return None
    return None if value is UNSET else value


def _values(things: Iterable[Any], path: Path, kind: Any) -> list[Any]:
    """Return what is at a path below each of some things of one kind, as plain values."""
    if len(path) == 1 and _is_model(kind):
        name = _names(kind).get(path[0], "")
        return [_plain(getattr(thing, name, None)) for thing in things]
    return [_plain(_reach(thing, path)) for thing in things]


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Model | Mapping | list):
        return msgspec.to_builtins(to_plain(value))
    return None if value is UNSET else value


@cache
def _declared(kind: Any, columns: tuple[tuple[str, str], ...]) -> list[tuple[str, Path, Any]]:
    found = [(name, tokens(member)) for name, member in columns]
    return [(name, path, _type_at(kind, path)) for name, path in found]


@cache
def _every(kind: Any) -> list[tuple[str, Path, Any]]:
    """Return all members of a type as columns, those of nested objects too, but no secrets."""
    if not _is_model(kind):
        return [("value", (), kind)]
    return list(_below(kind, (), ()))


def _below(cls: Any, path: Path, above: tuple[Any, ...]) -> Iterator[tuple[str, Path, Any]]:
    for member in members(cls):
        if member.name in cls._hidden_:
            continue
        own, place = _only(member.type), (*path, member.json_name)
        if _is_model(own) and own is not cls and own not in above:
            yield from _below(own, place, (*above, cls))
        else:
            yield ".".join(place), place, own


def _is_model(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Model)


def _only(type_: Any) -> Any:
    """Return a type without None and UNSET, Any if several are left."""
    if get_origin(type_) not in (Union, UnionType):
        return type_
    left = [t for t in get_args(type_) if t not in (type(None), UnsetType)]
    if set(left) == {int, float}:
        return float
    return left[0] if len(left) == 1 else Any


def _item(type_: Any) -> Any:
    """Return what an array or a map holds."""
    return _only(get_args(type_)[-1]) if get_origin(type_) in (list, dict) else Any


def _type_at(type_: Any, path: Path) -> Any:
    """Return the type of what is at a path below a type, Any if nobody knows."""
    for token in path:
        if _is_model(type_):
            type_ = next((_only(m.type) for m in members(type_) if m.json_name == token), Any)
        else:
            type_ = _item(type_) if get_origin(type_) is dict else Any
    return type_
