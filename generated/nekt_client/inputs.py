# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.

"""Dictionaries that may stand for models in requests, for type checkers."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class TriggerPipelineRequestDict(TypedDict):
    """How to run a pipeline."""

    full_sync: NotRequired[bool]
