"""The answer of the Pipe0 pipeline of 2025, by hand."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class RunStatus(StrEnum):
    """The states of a run."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class FieldStatus(StrEnum):
    """The states of a cell."""

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_RESULT = "no_result"
    FAILED = "failed"


class FieldType(StrEnum):
    """The types of a cell."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    UNKNOWN = "unknown"


class TaskError(Struct, kw_only=True):
    """Why a run failed."""

    code: str
    message: str
    path: str | UnsetType | None = UNSET


class Pipe(Struct, kw_only=True):
    """A pipe."""

    pipe_id: str
    config: dict[str, Any] | UnsetType = UNSET


class Provenance(Struct, kw_only=True):
    """Who did something."""

    ref: str
    hash: str | UnsetType | None = UNSET


class FieldDefinition(Struct, kw_only=True):
    """A column."""

    type: FieldType
    label: str | None
    added_by: Provenance


class Reason(Struct, kw_only=True):
    """Why a cell is empty."""

    code: str
    summary: str
    message: str


class Ui(Struct, kw_only=True):
    """How to show a cell."""

    severity: str | UnsetType = UNSET


class RecordField(Struct, kw_only=True):
    """A cell."""

    value: Any
    status: FieldStatus
    type: FieldType
    reason: Reason | None
    claimed_by: Provenance | None
    resolved_by: Provenance | None
    meta: Any | UnsetType = UNSET
    ui: Ui | UnsetType | None = UNSET


class Record(Struct, kw_only=True):
    """A row."""

    id: str | int | float
    fields: dict[str, RecordField]


class Answer(Struct, kw_only=True):
    """A run and its table."""

    id: str
    status: RunStatus
    order: list[str | int | float]
    errors: list[TaskError]
    pipes: list[Pipe]
    field_definitions: dict[str, FieldDefinition]
    records: dict[str, Record]
