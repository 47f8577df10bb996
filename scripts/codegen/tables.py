"""What the templates need to know of tables: which class holds one, and where."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from runwright.spec import Spec

from codegen.document import Classes


@frozen(kw_only=True)
class TableAt:
    """The table that a class of answers holds."""

    schema: str
    arguments: Mapping[str, Any]
    """What the client's `Table` is made with."""


def tables(spec: Spec, classes: Classes) -> Mapping[str, TableAt]:
    """Return the tables that an API's schemas declare, by class."""
    return {
        classes[name]: TableAt(schema=classes[name], arguments=dict(schema["x-table"]))
        for name, schema in spec.schemas.items()
        if isinstance(schema, dict) and "x-table" in schema
    }
