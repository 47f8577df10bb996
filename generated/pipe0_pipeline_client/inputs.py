# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.

"""Dictionaries that may stand for models in requests, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from .models import (
    InputObject,
    Pipe,
)


class PipeDict(TypedDict):
    """A pipe and how to run it."""

    pipe_id: str
    config: NotRequired[Mapping[str, Any]]


class PipelineRequestDict(TypedDict):
    """The rows and the pipes to run over them."""

    pipes: Sequence[Pipe | PipeDict]
    input: Sequence[InputObject | Mapping[str, Any]]
