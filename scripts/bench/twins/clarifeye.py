"""The answer of Clarifeye, by hand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Status(StrEnum):
    """The states of a run, and of a step."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_WARNINGS = "completed_with_warnings"
    FAILED = "failed"
    ABORTED = "aborted"


class Mode(StrEnum):
    """What a run does with what is there."""

    RECREATE_ALL = "recreate-all"
    RECREATE_SINGLE = "recreate-single"
    UPSERT_SINGLE = "upsert-single"
    UPSERT_ALL = "upsert-all"


class Step(Struct, kw_only=True):
    """A step."""

    id: str
    created_at: datetime
    updated_at: datetime
    step: str
    name: str | None
    status: Status
    inputs: dict[str, str | None]
    outputs: dict[str, str | None]
    warnings: Any
    depends_on: list[str]
    params: dict[str, Any]
    tag_extractor_id: str | None
    object_extractor_id: str | None
    chunks_extractor_id: str | None


class Answer(Struct, kw_only=True):
    """A run and its steps."""

    id: str
    created_at: datetime
    updated_at: datetime
    status: Status
    project: str
    pipeline_name: str
    mode: Mode
    celery_task_id: str
    user: str | None
    tables: dict[str, str] | None
    steps: list[Step]
    document_ids: list[str] | None
    chunk_ids: list[str] | None
    raw_logs: str
