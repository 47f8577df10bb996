# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""Dictionaries that may stand for models in requests, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from .models import (
    Condition,
    ConditionGroup,
    ConditionGroupLogic,
    ConditionProperty,
    Connection,
    ConnectionType,
    Connector,
    ConnectorStrategy,
    Environment,
    InputObject,
    Pipe,
    PipeConfig,
    RunConfig,
    RunIf,
    RunIfAction,
    Switch,
    Transform,
)


class ConditionDict(TypedDict):
    """What must be true of one field of the row."""

    field_name: str
    property: ConditionProperty
    operator: str
    value: NotRequired[Any]


class ConditionGroupDict(TypedDict):
    """Conditions and how to join them."""

    logic: ConditionGroupLogic
    conditions: Sequence[Condition | ConditionDict]


class ConnectionDict(TypedDict):
    """One account."""

    type: ConnectionType
    connection: str


class ConnectorDict(TypedDict):
    """Whose account a pipe uses."""

    strategy: ConnectorStrategy
    connections: Sequence[Connection | ConnectionDict]


class RunIfDict(TypedDict):
    """When to run a pipe for a row."""

    action: RunIfAction
    when: ConditionGroup | ConditionGroupDict


class PipeDict(TypedDict):
    """A pipe and how to run it."""

    pipe_id: str
    config: NotRequired[PipeConfig | Mapping[str, Any]]
    run_if: NotRequired[RunIf | RunIfDict | None]
    connector: NotRequired[Connector | ConnectorDict | None]


class SwitchDict(TypedDict):
    """Something to turn on or off."""

    enabled: NotRequired[bool]


class TransformDict(TypedDict):
    """How to shape the records."""

    include_fields: NotRequired[str]


class RunConfigDict(TypedDict):
    """How to run, and what to put into the answer."""

    environment: NotRequired[Environment]
    widgets: NotRequired[Switch | SwitchDict]
    field_definitions: NotRequired[Switch | SwitchDict]
    transform: NotRequired[Transform | TransformDict]


class PipesRequestDict(TypedDict):
    """The rows and the pipes to run over them."""

    pipes: Sequence[Pipe | PipeDict]
    input: Sequence[InputObject | Mapping[str, Any]]
    config: NotRequired[RunConfig | RunConfigDict]
    field_annotations: NotRequired[Mapping[str, Any]]
    scopes: NotRequired[Sequence[Any]]
