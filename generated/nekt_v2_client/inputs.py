# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.

"""Dictionaries that may stand for models in requests, for type checkers."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class TriggerPipelineRequestDict(TypedDict):
    """How to run."""

    full_sync: NotRequired[bool]
