"""The answer of Nekt as of 2026, by hand.

msgspec takes an id or an object in a union, so the expandable members need no hook.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class RunStatus(StrEnum):
    """The states of a run."""

    PENDING_EVENTS = "pending_events"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELED = "canceled"


class CreditChargeStatus(StrEnum):
    """Whether a run was charged for."""

    UNSUCCESSFUL = "unsuccessful"
    FIRST_EXTRACTION = "first_extraction"
    CHARGED = "charged"


class RunTrigger(Struct, kw_only=True):
    """What has started a run."""

    type: str | UnsetType | None = UNSET
    cron_expression: str | UnsetType | None = UNSET
    cron_timezone: str | UnsetType | None = UNSET
    event_rule: str | UnsetType | None = UNSET


class User(Struct, kw_only=True):
    """Who has started a run."""

    id: int
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

    id: str
    token: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    last_used_at: datetime | UnsetType | None = UNSET


class LastRun(Struct, kw_only=True):
    """The newest run of a thing."""

    id: str
    status: RunStatus


class Thing(Struct, kw_only=True):
    """A source, a destination or a transformation."""

    id: str
    slug: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    status: str | UnsetType | None = UNSET
    last_run: str | LastRun | UnsetType | None = UNSET


class Answer(Struct, kw_only=True):
    """A run."""

    id: str
    number: int | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    status: RunStatus
    trigger: RunTrigger
    full_sync: bool | None
    extra_config: Any
    credit_charge_status: CreditChargeStatus | None
    triggered_by: int | User | None
    triggered_by_token: str | ApiToken | None
    el_cost_usd: int | float | UnsetType | None = UNSET
    el_cost_metadata: Any | UnsetType = UNSET
    transformation_cost_usd: int | float | UnsetType | None = UNSET
    transformation_cost_metadata: Any | UnsetType = UNSET
    source: str | Thing | UnsetType | None = UNSET
    destination: str | Thing | UnsetType | None = UNSET
    transformation: str | Thing | UnsetType | None = UNSET
