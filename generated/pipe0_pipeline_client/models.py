# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.

"""The models of Pipe0 pipeline.

Each is a `msgspec.Struct`, filled straight from bytes, that attrs knows too: `attrs.fields`,
`attrs.asdict` and `attrs.evolve` work. An absent optional member is `UNSET`; members that the spec
does not know are kept, see `unknown`, also by copies that the client's own `evolve` makes.
"""

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from . import lifecycle
from ._runtime import table, tabular
from ._runtime.lifecycle import Outcome, at
from ._runtime.model import UNSET, Model, UnsetType
from ._runtime.open_enum import OpenEnum

if TYPE_CHECKING:
    from ._runtime import columns


class FieldStatus(OpenEnum):
    """`pending`: not yet begun. `queued`: waiting for a worker. `processing`: in work.
    `completed`: has a value. `no_result`: worked through, nothing found. `failed`: ended by an
    error.
    """

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_RESULT = "no_result"
    FAILED = "failed"


class FieldType(OpenEnum):
    """`unknown` is the type of a field that comes from the input only and has no value there. The
    page also spells it `unkown`, once.
    """

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    UNKNOWN = "unknown"


class RunStatus(OpenEnum):
    """`pending`: validated, waiting for work to begin. `processing`: fields are being filled.
    `completed`: ended without global errors, though single fields may have failed. `failed`:
    validation or processing failed, see `errors`.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Provenance(Model, kw_only=True):
    """Who is responsible for a cell, filled it, or brought its column into the table."""

    ref: str
    """The id of a pipe, or `input`."""

    hash: str | None | UnsetType = UNSET
    """Fingerprint of the pipe's configuration. Null for `input`."""


class FieldDefinition(Model, kw_only=True):
    """One column of the table."""

    type: FieldType
    """`unknown` is the type of a field that comes from the input only and has no value there. The
    page also spells it `unkown`, once.
    """

    label: str | None
    """The column's name for people."""

    added_by: Provenance
    """Who is responsible for a cell, filled it, or brought its column into the table."""


class InputObject(Model, kw_only=True):
    """One row. Each property becomes a field."""

    id: str | int | float
    """The id of a row as the caller gave it, a string or a number."""


class Pipe(Model, kw_only=True):
    """A pipe and how to run it."""

    pipe_id: str
    """The pipe's id, `category:data:how@version`, such as `people:workemail:waterfall@1`. A
    version never changes.
    """

    config: dict[str, Any] | UnsetType = UNSET
    """The pipe's configuration. Each pipe has its own."""


class PipelineRequest(Model, kw_only=True):
    """The rows and the pipes to run over them."""

    pipes: list[Pipe]
    """The pipes to run, in any order."""

    input: list[InputObject]
    """The rows. Their ids must differ from each other."""


class Reason(Model, kw_only=True):
    """Why a cell has no value."""

    code: str
    """What happened, for programs."""

    summary: str
    """What happened, in a few words."""

    message: str
    """What happened, in a sentence."""


class Ui(Model, kw_only=True):
    """What helps to show a value."""

    severity: str | UnsetType = UNSET
    """How much notice the cell deserves; `none` has been seen."""


class RecordField(Model, kw_only=True):
    """One cell of the table."""

    _vital_: ClassVar[tuple[str, ...]] = ("status",)

    value: Any
    """Any JSON value, copied from the input or found by a pipe; null if none."""

    status: FieldStatus
    """`pending`: not yet begun. `queued`: waiting for a worker. `processing`: in work.
    `completed`: has a value. `no_result`: worked through, nothing found. `failed`: ended by an
    error.
    """

    type: FieldType
    """`unknown` is the type of a field that comes from the input only and has no value there. The
    page also spells it `unkown`, once.
    """

    reason: Reason | None
    """Why there is no value. Present when the cell is `failed` or `no_result`."""

    claimed_by: Provenance | None
    """Who is responsible for the cell. A pipe that claims a cell need not be the one that fills
    it: a valid value in the input comes first.
    """

    resolved_by: Provenance | None
    """Who filled the cell. Present when the cell is `completed`, null otherwise."""

    meta: Any | UnsetType = UNSET
    """More about how the cell was filled, such as the providers that a waterfall tried."""

    ui: Ui | None | UnsetType = UNSET
    """What helps to show the value."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.FIELD.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class Record(Model, kw_only=True):
    """One row of the table."""

    id: str | int | float
    """The id of a row as the caller gave it, a string or a number."""

    fields: dict[str, RecordField]
    """The cells of the row by field name. Every record has the same fields: `id`, all properties
    of all input objects, and all outputs of the pipes.
    """


class TaskError(Model, kw_only=True):
    """Why a run failed."""

    code: str
    """What happened, for programs, such as `RequirementUnmet`."""

    message: str
    """What happened, for people."""

    path: str | None | UnsetType = UNSET
    """Where in the request the cause lies, such as `pipes[0]`."""


class PipelineResponse(tabular.Tabular, Model, kw_only=True):
    """A run and the table that it fills."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    _table_: ClassVar[table.Table] = table.Table(
        rows="records",
        order="order",
        key="id",
        cells="fields",
        value="value",
        beside={"status": "status", "reason": "/reason/code", "message": "/reason/message"},
    )

    id: str
    """The run's id; pass it to `checkPipeline`."""

    status: RunStatus
    """`pending`: validated, waiting for work to begin. `processing`: fields are being filled.
    `completed`: ended without global errors, though single fields may have failed. `failed`:
    validation or processing failed, see `errors`.
    """

    order: list[str | int | float]
    """The ids of the records in the order of the input. `records` has no order."""

    errors: list[TaskError]
    """Why the run as a whole failed. Empty unless it did."""

    pipes: list[Pipe]
    """The pipes of the request in the order in which they run, or in their original order if
    validation failed.
    """

    field_definitions: dict[str, FieldDefinition]
    """The columns of the table by field name."""

    records: dict[str, Record]
    """The rows of the table by record id, written as a string."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.RUN.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class Problem(Model, kw_only=True):
    """Why a request was refused. Like RFC 9457, but `application/json`, and with a short slug as
    its type.
    """

    type: str
    """What happened, for programs, such as `invalid-input`."""

    title: str
    """What happened, in a few words."""

    status: int
    """The HTTP status code."""

    detail: str
    """What happened, in a sentence."""
