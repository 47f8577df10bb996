"""The answer of Pipe0 pipes, by hand."""

from __future__ import annotations

import builtins
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class RunStatus(StrEnum):
    """The states of a run."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class FieldStatus(StrEnum):
    """The states of a cell."""

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_RESULT = "no_result"
    FAILED = "failed"
    SKIPPED = "skipped"


class FieldType(StrEnum):
    """The types of a cell."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    UNKNOWN = "unknown"


class ResolverEnvironment(StrEnum):
    """Where a pipe ran."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"


class TaskError(Struct, kw_only=True):
    """Why a run failed."""

    code: str
    message: str
    path: str | UnsetType | None = UNSET


class AddedBy(Struct, kw_only=True):
    """Who brought a column."""

    ref: str
    config_hash: str | None
    pipe_index: int | None


class FieldDefinition(Struct, kw_only=True):
    """A column."""

    type: FieldType
    label: str | None
    format: str | None
    added_by: AddedBy
    is_primary_output: bool | UnsetType = UNSET


class Reason(Struct, kw_only=True):
    """Why a cell is empty."""

    code: str
    summary: str
    message: str


class Claimant(Struct, kw_only=True):
    """Who is to fill a cell."""

    ref: str
    config_hash: str | None


class Resolver(Struct, kw_only=True):
    """Who has filled a cell."""

    ref: str | None
    environment: ResolverEnvironment | None
    config_hash: str | None
    input_hash: str | None


class DisplayValue(Struct, kw_only=True):
    """A value in words."""

    label: str


class EntityLogo(Struct, kw_only=True):
    """A logo."""

    image_url: str | UnsetType = UNSET
    entity: str | UnsetType = UNSET


class LocationIndicator(Struct, kw_only=True):
    """A flag."""

    emoji: str


class Avatar(Struct, kw_only=True):
    """A picture."""

    image_url: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class Attempt(Struct, kw_only=True):
    """A provider that was asked."""

    provider: str


class Waterfall(Struct, kw_only=True):
    """Providers, asked in turn."""

    attempted_providers: list[Attempt]
    available_providers: list[str]
    successful_provider: str | UnsetType | None = UNSET


class Icon(Struct, kw_only=True):
    """An icon."""

    key: str


class ActionSummary(Struct, kw_only=True):
    """What came of an action."""

    result_status: str


class Source(Struct, kw_only=True):
    """A source."""

    source: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    url: str | UnsetType = UNSET


class Sources(Struct, kw_only=True):
    """Sources."""

    list: builtins.list[Source]


class Confidence(Struct, kw_only=True):
    """A degree of confidence."""

    numeric: int | float


class Widgets(Struct, kw_only=True):
    """What helps to show a value."""

    display_value: DisplayValue | UnsetType = UNSET
    entity_logo: EntityLogo | UnsetType = UNSET
    location_indicator: LocationIndicator | UnsetType = UNSET
    avatar: Avatar | UnsetType = UNSET
    waterfall: Waterfall | UnsetType = UNSET
    icon: Icon | UnsetType = UNSET
    action_summary: ActionSummary | UnsetType = UNSET
    sources: Sources | UnsetType = UNSET
    confidence: Confidence | UnsetType = UNSET


class RecordField(Struct, kw_only=True):
    """A cell."""

    value: Any
    status: FieldStatus
    type: FieldType
    format: str | None
    reason: Reason | None
    claimed_by: Claimant | None
    resolved_by: Resolver | None
    widgets: Widgets | UnsetType | None = UNSET


class Record(Struct, kw_only=True):
    """A row."""

    id: str | int | float
    fields: dict[str, RecordField]


class Credits(Struct, kw_only=True):
    """What a run has cost."""

    spent: int | float


class Answer(Struct, kw_only=True):
    """A run and its table."""

    id: str
    organization_id: str
    status: RunStatus
    order: list[str | int | float]
    errors: list[TaskError]
    field_definitions: dict[str, FieldDefinition]
    records: dict[str, Record]
    credits: Credits | UnsetType = UNSET
