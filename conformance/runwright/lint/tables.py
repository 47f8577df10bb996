"""Tables name what the answers have that they stand on."""

from collections.abc import Iterator, Mapping
from typing import Any

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding
from runwright.lint.schemas import find_member
from runwright.lint.text import Tokens
from runwright.lint.vocabulary import is_well_formed
from runwright.pointer import tokens

_ANY = ("0",)
"""Stands for each member of an array or a map."""


def check_tables(document: Document) -> Iterator[Finding]:
    """Find tables whose rows, columns or cells no answer has."""
    for schema in document.places("schema"):
        keyword = schema.node.get("x-table")
        if keyword is not None and is_well_formed("x-table", keyword):
            yield from _check(document, schema, keyword)


def _check(document: Document, schema: Place, keyword: Mapping[str, Any]) -> Iterator[Finding]:
    at = (*schema.at, "x-table")
    row = (*tokens(keyword["rows"]), *_ANY)
    if find_member(document, schema, row) is None:
        yield document.finding(
            (*at, "rows"),
            f"{schema.name} has neither an array nor a map at {keyword['rows']}",
            "name the member that holds the rows, and declare what they are",
        )
        return
    cell = row
    if "cells" in keyword:
        cell = (*row, *tokens(keyword["cells"]), *_ANY)
        if find_member(document, schema, cell) is None:
            yield document.finding(
                (*at, "cells"),
                f"the rows of {schema.name} have no map at {keyword['cells']}",
                "name the member that holds the cells, and declare what they are",
            )
            return
    whose = {(): "the answer", row: "a row", cell: "a cell" if "cells" in keyword else "a row"}
    for where, base, member in _named(keyword, row, cell):
        if find_member(document, schema, (*base, *tokens(member))) is None:
            yield document.finding(
                (*at, *where),
                f"the table of {schema.name} names {member}, which {whose[base]} does not have",
                "name a property, or a JSON Pointer below it",
            )


def _named(
    keyword: Mapping[str, Any], row: Tokens, cell: Tokens
) -> Iterator[tuple[Tokens, Tokens, str]]:
    """Yield where a member is named, below what, and its name."""
    if "order" in keyword:
        yield ("order",), (), keyword["order"]
    if "key" in keyword:
        yield ("key",), row, keyword["key"]
    for name, member in keyword.get("columns", {}).items():
        yield ("columns", name), row, member
    if "value" in keyword:
        yield ("value",), cell, keyword["value"]
    for name, member in keyword.get("beside", {}).items():
        yield ("beside", name), cell, member
