"""The answer of Nekt, the generation that nests the pipeline, by hand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class RunStatus(StrEnum):
    """The states of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELED = "canceled"


class TriggerType(StrEnum):
    """What starts a run."""

    MANUAL = "manual"
    CRON = "cron"
    EVENT = "event"
    API = "api"


class PipelineTrigger(Struct, kw_only=True):
    """What starts a pipeline."""

    id: str | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    type: str | UnsetType = UNSET
    cron_expression: str | UnsetType | None = UNSET
    cron_timezone: str | UnsetType | None = UNSET
    events: list[str] | UnsetType = UNSET
    event_rule: str | UnsetType | None = UNSET


class Pipeline(Struct, kw_only=True):
    """A pipeline."""

    id: str
    slug: str
    description: str | UnsetType | None = UNSET
    type: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    latest_run_started: datetime | UnsetType | None = UNSET
    latest_run_ended: datetime | UnsetType | None = UNSET
    latest_run_status: str | UnsetType | None = UNSET
    triggers: list[PipelineTrigger] | UnsetType = UNSET
    current_status: str | UnsetType | None = UNSET


class RunLog(Struct, kw_only=True):
    """What a run has said."""

    id: str | UnsetType = UNSET
    parsed_log: str | UnsetType | None = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET


class RunTrigger(Struct, kw_only=True):
    """What has started a run."""

    type: str | UnsetType | None = UNSET
    cron_expression: str | UnsetType | None = UNSET
    cron_timezone: str | UnsetType | None = UNSET
    event_rule: str | UnsetType | None = UNSET


class User(Struct, kw_only=True):
    """Who has started a run."""

    id: int | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    picture: str | UnsetType | None = UNSET
    role: str | UnsetType = UNSET
    date_joined: datetime | UnsetType = UNSET
    last_login: datetime | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class ApiToken(Struct, kw_only=True):
    """With what a run was started."""

    id: str | UnsetType = UNSET
    token: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    last_used_at: datetime | UnsetType | None = UNSET


class Answer(Struct, kw_only=True):
    """A run."""

    id: str
    created_at: datetime
    updated_at: datetime
    status: RunStatus
    pipeline: Pipeline
    log: RunLog | None
    use_custom_logs: bool
    trigger: RunTrigger
    triggered_by: User | None
    triggered_by_token: ApiToken | None
    started_at: datetime | UnsetType | None = UNSET
    ended_at: datetime | UnsetType | None = UNSET
    trigger_type: TriggerType | UnsetType = UNSET
