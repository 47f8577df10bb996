# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.

"""The models of Nekt.

Each is a `msgspec.Struct`, filled straight from bytes, that attrs knows too: `attrs.fields`,
`attrs.asdict` and `attrs.evolve` work. An absent optional member is `UNSET`; members that the spec
does not know are kept, see `unknown`, also by copies that the client's own `evolve` makes.
"""

import builtins
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from . import lifecycle
from ._runtime import table, tabular
from ._runtime.lifecycle import Outcome, at
from ._runtime.model import UNSET, Model, UnsetType, shown
from ._runtime.open_enum import OpenEnum

if TYPE_CHECKING:
    from ._runtime import columns


class RunStatus(OpenEnum):
    """State of a run. `cancelling` is written with two l, `canceled` with one. Newer answers know
    `pending_events`, too, so read words that are not listed as themselves.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELED = "canceled"


RunStatusFilter = Literal[
    "queued",
    "running",
    "success",
    "failed",
    "cancelling",
    "canceled",
]
"""A state to filter by."""


class TriggerType(OpenEnum):
    """What started a run."""

    MANUAL = "manual"
    CRON = "cron"
    EVENT = "event"
    API = "api"


class ApiToken(Model, kw_only=True):
    """An API token that started a run."""

    _hidden_: ClassVar[tuple[str, ...]] = ("token",)

    id: str | UnsetType = UNSET
    """Identifies the token."""

    token: str | UnsetType = UNSET
    """The token itself; expect a mask, and never log it."""

    is_active: bool | UnsetType = UNSET
    """Whether the token is accepted."""

    description: str | None | UnsetType = UNSET
    """What the token is for."""

    created_at: datetime | UnsetType = UNSET
    """When the token was made."""

    updated_at: datetime | UnsetType = UNSET
    """When the token last changed."""

    last_used_at: datetime | None | UnsetType = UNSET
    """When the token was last used."""

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"ApiToken({members})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return shown(self)


class LastRun(Model, kw_only=True):
    """A run in short, as its owner shows it."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    id: str
    """Identifies the run."""

    status: RunStatus
    """State of a run. `cancelling` is written with two l, `canceled` with one. Newer answers know
    `pending_events`, too, so read words that are not listed as themselves.
    """

    created_at: datetime | UnsetType = UNSET
    """When the run was asked for."""

    updated_at: datetime | UnsetType = UNSET
    """When the run last changed."""

    started_at: datetime | None | UnsetType = UNSET
    """When the work began. Null or absent before that."""

    ended_at: datetime | None | UnsetType = UNSET
    """When the run ended. Null or absent before that."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.LAST_RUN.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class Destination(Model, kw_only=True):
    """Where data is loaded into."""

    id: str
    """Identifies the owner."""

    pipeline_slug: str | UnsetType = UNSET
    """The slug of the pipeline that it owns."""

    pipeline_active: bool | UnsetType = UNSET
    """Whether the pipeline's triggers fire."""

    pipeline_current_status: str | None | UnsetType = UNSET
    """What the pipeline is doing, in the words of a run's status."""

    last_run: LastRun | None | UnsetType = UNSET
    """The newest run of the pipeline; null before the first."""


class DestinationPage(tabular.Tabular, Model, kw_only=True):
    """A page of destinations."""

    _table_: ClassVar[table.Table] = table.Table(
        rows="results",
    )

    count: int
    """How many there are on all pages."""

    next: str | None
    """Address of the next page; null on the last."""

    previous: str | None
    """Address of the previous page; null on the first."""

    results: list[Destination]
    """The destinations on this page."""

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class PipelineTrigger(Model, kw_only=True):
    """A trigger as it is configured at a pipeline."""

    id: str | UnsetType = UNSET
    """Identifies the trigger."""

    created_at: datetime | UnsetType = UNSET
    """When the trigger was made."""

    updated_at: datetime | UnsetType = UNSET
    """When the trigger last changed."""

    type: str | UnsetType = UNSET
    """Kind of the trigger. `manual` is documented; by analogy `cron` and `event`."""

    cron_expression: str | None | UnsetType = UNSET
    """When a schedule fires."""

    cron_timezone: str | None | UnsetType = UNSET
    """IANA name of the time zone that the schedule is read in."""

    events: list[str] | UnsetType = UNSET
    """The pipelines whose success counts as an event."""

    event_rule: str | None | UnsetType = UNSET
    """How many of the events are needed. `any` is documented."""


class Pipeline(Model, kw_only=True):
    """What can be run, again and again."""

    id: str
    """Identifies the pipeline."""

    slug: str
    """Name of the pipeline in paths."""

    description: str | None | UnsetType = UNSET
    """What the pipeline is for."""

    type: str | UnsetType = UNSET
    """Kind of the pipeline. Only `extractor` is documented; transformations and destinations have
    words of their own.
    """

    active: bool | UnsetType = UNSET
    """Whether its triggers fire."""

    created_at: datetime | UnsetType = UNSET
    """When the pipeline was made."""

    updated_at: datetime | UnsetType = UNSET
    """When the pipeline last changed."""

    latest_run_started: datetime | None | UnsetType = UNSET
    """When the latest run began its work."""

    latest_run_ended: datetime | None | UnsetType = UNSET
    """When the latest run ended."""

    latest_run_status: str | None | UnsetType = UNSET
    """State of the latest run, in the words of a run's status."""

    triggers: list[PipelineTrigger] | UnsetType = UNSET
    """What starts runs of this pipeline."""

    current_status: str | None | UnsetType = UNSET
    """What the pipeline is doing, in the words of a run's status."""


class Problem(Model, kw_only=True):
    """Why a request was refused."""

    detail: str | UnsetType = UNSET
    """The reason, for people."""


class RunLog(Model, kw_only=True):
    """The log of one run."""

    id: str | UnsetType = UNSET
    """Identifies the log."""

    parsed_log: str | None | UnsetType = UNSET
    """The text so far."""

    created_at: datetime | UnsetType = UNSET
    """When the log was opened."""

    updated_at: datetime | UnsetType = UNSET
    """When the log was last written to."""


class RunTrigger(Model, kw_only=True):
    """A trigger as it was when it started the run. It has neither id nor events."""

    type: str | None | UnsetType = UNSET
    """Kind of the trigger."""

    cron_expression: str | None | UnsetType = UNSET
    """When the schedule fires."""

    cron_timezone: str | None | UnsetType = UNSET
    """IANA name of the time zone that the schedule is read in."""

    event_rule: str | None | UnsetType = UNSET
    """How many of the events were needed."""


class User(Model, kw_only=True):
    """A user who started a run."""

    id: int | UnsetType = UNSET
    """Identifies the user."""

    first_name: str | UnsetType = UNSET
    """Given name of the user."""

    last_name: str | UnsetType = UNSET
    """Family name of the user."""

    email: str | UnsetType = UNSET
    """E-mail address."""

    picture: str | None | UnsetType = UNSET
    """Address of a picture."""

    role: str | UnsetType = UNSET
    """What the user may do."""

    date_joined: datetime | UnsetType = UNSET
    """When the user joined."""

    last_login: datetime | None | UnsetType = UNSET
    """When the user last logged in."""

    is_active: bool | UnsetType = UNSET
    """Whether the user may log in."""


class Run(Model, kw_only=True):
    """One execution of a pipeline."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    id: str
    """Identifies the run."""

    created_at: datetime
    """When the run was asked for."""

    updated_at: datetime
    """When the run last changed."""

    status: RunStatus
    """State of a run. `cancelling` is written with two l, `canceled` with one. Newer answers know
    `pending_events`, too, so read words that are not listed as themselves.
    """

    pipeline: Pipeline
    """What can be run, again and again."""

    log: RunLog | None
    """What the run wrote."""

    use_custom_logs: bool
    """Not explained by the vendor; probably whether to show `log.parsed_log`."""

    trigger: RunTrigger
    """A trigger as it was when it started the run. It has neither id nor events."""

    triggered_by: User | None
    """The user who started the run, if one did."""

    triggered_by_token: ApiToken | None
    """The API token that started the run, if one did."""

    started_at: datetime | None | UnsetType = UNSET
    """When the work began. Null or absent before that."""

    ended_at: datetime | None | UnsetType = UNSET
    """When the run ended. Null or absent before that."""

    trigger_type: TriggerType | UnsetType = UNSET
    """What started a run."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.RUN.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class RunPage(tabular.Tabular, Model, kw_only=True):
    """A page of runs."""

    _table_: ClassVar[table.Table] = table.Table(
        rows="results",
        columns={
            "id": "id",
            "status": "status",
            "pipeline": "/pipeline/slug",
            "pipeline_type": "/pipeline/type",
            "trigger_type": "trigger_type",
            "trigger": "/trigger/type",
            "triggered_by": "/triggered_by/email",
            "created_at": "created_at",
            "started_at": "started_at",
            "ended_at": "ended_at",
            "updated_at": "updated_at",
            "log": "/log/parsed_log",
        },
    )

    count: int
    """How many there are on all pages."""

    next: str | None
    """Address of the next page; null on the last."""

    previous: str | None
    """Address of the previous page; null on the first."""

    results: list[Run]
    """The runs on this page."""

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class Source(Model, kw_only=True):
    """Where data is extracted from."""

    id: str
    """Identifies the owner."""

    pipeline_slug: str | UnsetType = UNSET
    """The slug of the pipeline that it owns."""

    pipeline_active: bool | UnsetType = UNSET
    """Whether the pipeline's triggers fire."""

    pipeline_current_status: str | None | UnsetType = UNSET
    """What the pipeline is doing, in the words of a run's status."""

    last_run: LastRun | None | UnsetType = UNSET
    """The newest run of the pipeline; null before the first."""


class SourcePage(tabular.Tabular, Model, kw_only=True):
    """A page of sources."""

    _table_: ClassVar[table.Table] = table.Table(
        rows="results",
    )

    count: int
    """How many there are on all pages."""

    next: str | None
    """Address of the next page; null on the last."""

    previous: str | None
    """Address of the previous page; null on the first."""

    results: list[Source]
    """The sources on this page."""

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class Transformation(Model, kw_only=True):
    """A query or a notebook that makes tables out of tables."""

    id: str
    """Identifies the owner."""

    pipeline_slug: str | UnsetType = UNSET
    """The slug of the pipeline that it owns."""

    pipeline_active: bool | UnsetType = UNSET
    """Whether the pipeline's triggers fire."""

    pipeline_current_status: str | None | UnsetType = UNSET
    """What the pipeline is doing, in the words of a run's status."""

    last_run: LastRun | None | UnsetType = UNSET
    """The newest run of the pipeline; null before the first."""


class TransformationPage(tabular.Tabular, Model, kw_only=True):
    """A page of transformations."""

    _table_: ClassVar[table.Table] = table.Table(
        rows="results",
    )

    count: int
    """How many there are on all pages."""

    next: str | None
    """Address of the next page; null on the last."""

    previous: str | None
    """Address of the previous page; null on the first."""

    results: list[Transformation]
    """The transformations on this page."""

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class TriggerPipelineRequest(Model, kw_only=True):
    """How to run a pipeline."""

    full_sync: bool | UnsetType = UNSET
    """Whether to extract everything instead of only what is new."""


class ValidationProblem(Model, kw_only=True):
    """Why a request was refused, by member of the request where one is to blame."""

    detail: str | UnsetType = UNSET
    """The reason, for people, where no single member is to blame."""
