# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""Dictionaries that may stand for models in requests, for type checkers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from .models import (
    Dag,
    ExtractionFlowUpdatePublishMode,
)


class DagDict(TypedDict):
    """Definition of a flow's graph."""

    name: NotRequired[str]
    nodes: NotRequired[Any]


class DocumentSelectionDict(TypedDict):
    """Which documents of the project a call is about."""

    document_ids: NotRequired[Sequence[str | UUID]]


class ExtractionFlowUpdateDict(TypedDict):
    """Members of a flow that are to change; those left out stay."""

    name: NotRequired[str]
    publish_mode: NotRequired[ExtractionFlowUpdatePublishMode]
    dag: NotRequired[Dag | DagDict]
