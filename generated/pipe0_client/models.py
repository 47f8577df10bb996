# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""The models of Pipe0 pipes.

Each is a `msgspec.Struct`, filled straight from bytes, that attrs knows too: `attrs.fields`,
`attrs.asdict` and `attrs.evolve` work. An absent optional member is `UNSET`; members that the spec
does not know are kept, see `unknown`, also by copies that the client's own `evolve` makes.
"""

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from . import lifecycle
from ._runtime import table, tabular
from ._runtime.lifecycle import Outcome, at
from ._runtime.model import UNSET, Model, UnsetType
from ._runtime.open_enum import OpenEnum

if TYPE_CHECKING:
    from ._runtime import columns

ConditionGroupLogic = Literal[
    "and",
    "or",
]
"""Whether all or any of the conditions must be met."""

ConditionProperty = Literal[
    "value",
    "status",
]
"""What to look at."""

ConnectionType = Literal["vault",]
"""Where the account's secret is kept."""

ConnectorStrategy = Literal["first",]
"""How to choose among the connections."""

Environment = Literal[
    "production",
    "sandbox",
]
"""`sandbox` gives made-up data of the same shape at no cost."""


class FieldStatus(OpenEnum):
    """`pending`: not yet begun. `queued`: waiting for a worker. `processing`: in work.
    `completed`: has a value. `no_result`: worked through, nothing found. `failed`: ended by an
    error. `skipped`: passed over, because its condition was not met or an input was missing.
    """

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    NO_RESULT = "no_result"
    FAILED = "failed"
    SKIPPED = "skipped"


class FieldType(OpenEnum):
    """`unknown` is the type of a field that comes from the input only and has no value there. An
    older page also spells it `unkown`.
    """

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    UNKNOWN = "unknown"


class ResolverEnvironment(OpenEnum):
    """The environment in which a value was found; `sandbox` values are made up."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"


RunIfAction = Literal["run",]
"""What to do when the conditions are met."""


class RunStatus(OpenEnum):
    """`pending`: validated, waiting for work to begin. `processing`: fields are being filled.
    `completed`: ended without global errors, though single fields may have failed. `failed`:
    validation or processing failed, see `errors`. `canceled`: taken out of the queue by its
    owner.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class ActionSummaryWidget(Model, kw_only=True):
    """What came of an action."""

    result_status: str
    """How the action ended, such as `completed`."""


class AddedBy(Model, kw_only=True):
    """Who brought a column into the table."""

    ref: str
    """The id of a pipe, or `input`."""

    config_hash: str | None
    """Fingerprint of the pipe's configuration. Null for `input`."""

    pipe_index: int | None
    """The place of the pipe in the request, from 0. Null for `input`."""


class AvatarWidget(Model, kw_only=True):
    """A person's picture."""

    image_url: str | UnsetType = UNSET
    """URL of the picture."""

    name: str | UnsetType = UNSET
    """The name of the person."""


class Claimant(Model, kw_only=True):
    """Who is responsible for a cell."""

    ref: str
    """The id of a pipe, or `input`."""

    config_hash: str | None
    """Fingerprint of the pipe's configuration. Null for `input`."""


class Condition(Model, kw_only=True):
    """What must be true of one field of the row."""

    field_name: str
    """The name of the field."""

    property: ConditionProperty
    """What to look at."""

    operator: str
    """How to compare."""

    value: Any | UnsetType = UNSET
    """What to compare with. A `status` is compared with `completed`, `no_result`, `failed` or
    `skipped`.
    """


class ConditionGroup(Model, kw_only=True):
    """Conditions and how to join them."""

    logic: ConditionGroupLogic
    """Whether all or any of the conditions must be met."""

    conditions: list[Condition]
    """The conditions."""


class ConfidenceWidget(Model, kw_only=True):
    """How sure the pipe is."""

    numeric: int | float
    """The degree; 1 has been seen, no range is documented."""


class Connection(Model, kw_only=True):
    """One account."""

    type: ConnectionType
    """Where the account's secret is kept."""

    connection: str
    """The connection's id."""


class Connector(Model, kw_only=True):
    """Whose account a pipe uses."""

    strategy: ConnectorStrategy
    """How to choose among the connections."""

    connections: list[Connection]
    """The connections to choose from."""


class CreditBalance(Model, kw_only=True):
    """The credits of an organization."""

    balance: int | float
    """All credits that can be spent."""

    purchased_balance: int | float
    """The part of them that was bought."""


class Credits(Model, kw_only=True):
    """What a run has cost."""

    spent: int | float
    """Credits spent so far, to four decimals. 0 in the sandbox."""


class DisplayValueWidget(Model, kw_only=True):
    """The value in words."""

    label: str
    """The words."""


class EntityLogoWidget(Model, kw_only=True):
    """A company's logo."""

    image_url: str | UnsetType = UNSET
    """URL of the picture."""

    entity: str | UnsetType = UNSET
    """The name of the company."""


class FieldDefinition(Model, kw_only=True):
    """One column of the table."""

    type: FieldType
    """`unknown` is the type of a field that comes from the input only and has no value there. An
    older page also spells it `unkown`.
    """

    label: str | None
    """The column's name for people."""

    format: str | None
    """A finer type, as in the column's fields."""

    added_by: AddedBy
    """Who brought a column into the table."""

    is_primary_output: bool | UnsetType = UNSET
    """Whether the column is the main output of its pipe. Only newer servers tell."""


class IconWidget(Model, kw_only=True):
    """A well-known icon."""

    key: str
    """The icon's name, such as `linkedin`."""


class InputFieldConfig(Model, kw_only=True):
    """Where a pipe finds one of its inputs."""

    alias: str | UnsetType = UNSET
    """The name of the field to read."""


class InputObject(Model, kw_only=True):
    """One row. Each property becomes a field: a plain value is taken as the value, an object of
    the shape of `RecordField` as the field itself.
    """

    id: str | int | float | UnsetType = UNSET
    """The id of a row as the caller gave it, a string or a number, or a made-up UUID."""


class LocationIndicatorWidget(Model, kw_only=True):
    """A place's flag."""

    emoji: str
    """The flag as an emoji."""


class OutputFieldConfig(Model, kw_only=True):
    """What a pipe does with one of its outputs."""

    alias: str | UnsetType = UNSET
    """The name of the field to write."""

    enabled: bool | UnsetType = UNSET
    """Whether to write it."""


class ProviderConfig(Model, kw_only=True):
    """One provider of a waterfall."""

    provider: str
    """The provider's name."""


class PipeConfig(Model, kw_only=True):
    """The configuration of a pipe. Each pipe has members of its own beside these."""

    input_fields: dict[str, InputFieldConfig] | UnsetType = UNSET
    """The inputs of the pipe by their names in the pipe."""

    output_fields: dict[str, OutputFieldConfig] | UnsetType = UNSET
    """The outputs of the pipe by their names in the pipe."""

    providers: list[ProviderConfig] | UnsetType = UNSET
    """The providers of a waterfall, in the order in which to ask them."""


class RunIf(Model, kw_only=True):
    """When to run a pipe for a row."""

    action: RunIfAction
    """What to do when the conditions are met."""

    when: ConditionGroup
    """Conditions and how to join them."""


class Pipe(Model, kw_only=True):
    """A pipe and how to run it."""

    pipe_id: str
    """The pipe's id, `category:data:how@version`, such as `person:workemail:waterfall@1`. A
    version never changes.
    """

    config: PipeConfig | UnsetType = UNSET
    """The configuration of a pipe. Each pipe has members of its own beside these."""

    run_if: RunIf | None | UnsetType = UNSET
    """When to run the pipe for a row. Without it, for every row."""

    connector: Connector | None | UnsetType = UNSET
    """Whose account the pipe uses. Without it, the vendor's own."""


class Switch(Model, kw_only=True):
    """Something to turn on or off."""

    enabled: bool | UnsetType = UNSET
    """Whether it is on."""


class Transform(Model, kw_only=True):
    """How to shape the records."""

    include_fields: str | UnsetType = UNSET
    """Which fields to include."""


class RunConfig(Model, kw_only=True):
    """How to run, and what to put into the answer."""

    environment: Environment | UnsetType = UNSET
    """`sandbox` gives made-up data of the same shape at no cost."""

    widgets: Switch | UnsetType = UNSET
    """Something to turn on or off."""

    field_definitions: Switch | UnsetType = UNSET
    """Something to turn on or off."""

    transform: Transform | UnsetType = UNSET
    """How to shape the records."""


class PipesRequest(Model, kw_only=True):
    """The rows and the pipes to run over them."""

    pipes: list[Pipe]
    """The pipes to run. What one needs must be a field of an input object or an output of another;
    no two may write the same field, and there may be no circle.
    """

    input: list[InputObject]
    """The rows. Their ids must differ from each other."""

    config: RunConfig | UnsetType = UNSET
    """How to run, and what to put into the answer."""

    field_annotations: dict[str, Any] | UnsetType = UNSET
    """Remarks on fields."""

    scopes: list[Any] | UnsetType = UNSET
    """Scopes of the run."""


class Reason(Model, kw_only=True):
    """Why a cell has no value."""

    code: str
    """What happened, for programs: `PipeConditionUnmet`, `RequirementUnmet`, `TypeMismatch`,
    `InvalidValue` and others.
    """

    summary: str
    """What happened, in a few words."""

    message: str
    """What happened, in a sentence."""


class Resolver(Model, kw_only=True):
    """Who filled a cell, and from what."""

    ref: str | None
    """The id of a pipe, or `input`. Newer servers also say `system` or null for a cell that they
    put back.
    """

    environment: ResolverEnvironment | None
    """The environment in which the pipe ran. Null for `input`."""

    config_hash: str | None
    """Fingerprint of the pipe's configuration. Null for `input`."""

    input_hash: str | None
    """Fingerprint of what the pipe was given. Null for `input`."""


class Source(Model, kw_only=True):
    """One place where a value was found."""

    source: str | UnsetType = UNSET
    """The name of the source."""

    description: str | UnsetType = UNSET
    """What the source says."""

    url: str | UnsetType = UNSET
    """The address of the source."""


class SourcesWidget(Model, kw_only=True):
    """Where the value was found."""

    list: builtins.list[Source]
    """The sources."""


class ProviderAttempt(Model, kw_only=True):
    """One provider that was asked."""

    provider: str
    """The provider's name."""


class WaterfallWidget(Model, kw_only=True):
    """The providers of a waterfall. They are asked in the order of `available_providers` until one
    has the value.
    """

    attempted_providers: list[ProviderAttempt]
    """The providers asked so far, in order."""

    available_providers: list[str]
    """The names of all providers that could be asked, in order."""

    successful_provider: str | None | UnsetType = UNSET
    """The name of the provider that had the value."""


class Widgets(Model, kw_only=True):
    """What helps to show a value. A cell has only those that fit it."""

    display_value: DisplayValueWidget | UnsetType = UNSET
    """The value in words."""

    entity_logo: EntityLogoWidget | UnsetType = UNSET
    """A company's logo."""

    location_indicator: LocationIndicatorWidget | UnsetType = UNSET
    """A place's flag."""

    avatar: AvatarWidget | UnsetType = UNSET
    """A person's picture."""

    waterfall: WaterfallWidget | UnsetType = UNSET
    """The providers of a waterfall. They are asked in the order of `available_providers` until one
    has the value.
    """

    icon: IconWidget | UnsetType = UNSET
    """A well-known icon."""

    action_summary: ActionSummaryWidget | UnsetType = UNSET
    """What came of an action."""

    sources: SourcesWidget | UnsetType = UNSET
    """Where the value was found."""

    confidence: ConfidenceWidget | UnsetType = UNSET
    """How sure the pipe is."""


class RecordField(Model, kw_only=True):
    """One cell of the table."""

    _vital_: ClassVar[tuple[str, ...]] = ("status",)

    value: Any
    """Any JSON value, copied from the input or found by a pipe; null if none."""

    status: FieldStatus
    """`pending`: not yet begun. `queued`: waiting for a worker. `processing`: in work.
    `completed`: has a value. `no_result`: worked through, nothing found. `failed`: ended by an
    error. `skipped`: passed over, because its condition was not met or an input was missing.
    """

    type: FieldType
    """`unknown` is the type of a field that comes from the input only and has no value there. An
    older page also spells it `unkown`.
    """

    format: str | None
    """A finer type, such as `email`, `website_url`, `json_object` or `markdown`."""

    reason: Reason | None
    """Why there is no value. Present when the cell is `failed` or `no_result`."""

    claimed_by: Claimant | None
    """Who is responsible for the cell. A pipe that claims a cell need not be the one that fills
    it: a valid value in the input comes first.
    """

    resolved_by: Resolver | None
    """Who filled the cell. Present when the cell is `completed`."""

    widgets: Widgets | None | UnsetType = UNSET
    """What helps to show the value. Empty unless the request asked for widgets."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.FIELD.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class Record(Model, kw_only=True):
    """One row of the table."""

    id: str | int | float
    """The id of a row as the caller gave it, a string or a number, or a made-up UUID."""

    fields: dict[str, RecordField]
    """The cells of the row by field name. Every record has the same fields: `id`, all properties
    of all input objects, and all outputs of the pipes.
    """


class TaskError(Model, kw_only=True):
    """Why a run, or a validation, failed."""

    code: str
    """What happened, for programs, such as `RequirementUnmet`."""

    message: str
    """What happened, for people."""

    path: str | None | UnsetType = UNSET
    """Where in the request the cause lies, such as `pipes[0]`."""


class PipesResponse(tabular.Tabular, Model, kw_only=True):
    """A run and the table that it fills."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    _table_: ClassVar[table.Table] = table.Table(
        rows="records",
        order="order",
        key="id",
        cells="fields",
        value="value",
        beside={"status": "status", "reason": "/reason/code", "message": "/reason/message"},
    )

    id: str
    """The run's id; pass it as `run_id`."""

    organization_id: str
    """The organization that the run belongs to."""

    status: RunStatus
    """`pending`: validated, waiting for work to begin. `processing`: fields are being filled.
    `completed`: ended without global errors, though single fields may have failed. `failed`:
    validation or processing failed, see `errors`. `canceled`: taken out of the queue by its
    owner.
    """

    order: list[str | int | float]
    """The ids of the records in the order of the input. `records` has no order."""

    errors: list[TaskError]
    """Why the run as a whole failed. Empty unless it did."""

    field_definitions: dict[str, FieldDefinition]
    """The columns of the table by field name. Newer servers leave it empty unless the request set
    `config.field_definitions.enabled`.
    """

    records: dict[str, Record]
    """The rows of the table by record id, written as a string."""

    credits: Credits | UnsetType = UNSET
    """What a run has cost."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.RUN.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class Problem(Model, kw_only=True):
    """Why a request was refused. Like RFC 9457, but `application/json`, and with a short slug as
    its type.
    """

    type: str
    """What happened, for programs: `invalid-input`, `org-rate-limited`, `queue-limit-exceeded` and
    others.
    """

    title: str
    """What happened, in a few words."""

    status: int
    """The HTTP status code."""

    detail: str
    """What happened, in a sentence."""


class ValidationResult(Model, kw_only=True):
    """The verdict on a request."""

    valid: bool
    """Whether the request could be run."""

    errors: list[TaskError] | UnsetType = UNSET
    """What is wrong with the request."""
