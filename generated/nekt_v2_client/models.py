# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.

"""The models of Nekt v2.

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


class CreditChargeStatus(OpenEnum):
    """Whether the run used a credit, and if not, why."""

    UNSUCCESSFUL = "unsuccessful"
    FIRST_EXTRACTION = "first_extraction"
    CHARGED = "charged"


class RunStatus(OpenEnum):
    """State of a run. `pending_events` waits for (further) events of its trigger. `cancelling` is
    written with two l, `canceled` with one.
    """

    PENDING_EVENTS = "pending_events"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELED = "canceled"


RunStatusFilter = Literal[
    "pending_events",
    "queued",
    "running",
    "success",
    "failed",
    "cancelling",
    "canceled",
]
"""A state to filter by."""


class ApiToken(Model, kw_only=True):
    """An API token that started a run."""

    _hidden_: ClassVar[tuple[str, ...]] = ("token",)

    id: str
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
    """A run in the place of its id inside its owner. It has the members of a run."""

    id: str
    """Identifies the run."""

    status: RunStatus
    """State of a run. `pending_events` waits for (further) events of its trigger. `cancelling` is
    written with two l, `canceled` with one.
    """


class Destination(Model, kw_only=True):
    """Where data is loaded into."""

    id: str
    """Identifies the owner."""

    slug: str | UnsetType = UNSET
    """Name of the owner in paths."""

    active: bool | UnsetType = UNSET
    """Whether its triggers fire."""

    status: str | None | UnsetType = UNSET
    """What the owner is doing, in the words of a run's status."""

    last_run: str | LastRun | None | UnsetType = UNSET
    """Id of its newest run, or the run if expanded; null before the first."""


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


class Problem(Model, kw_only=True):
    """Why a request was refused."""

    detail: str | UnsetType = UNSET
    """The reason, for people."""


class RunTrigger(Model, kw_only=True):
    """A trigger as it was when it started the run. It has neither id nor events."""

    type: str | None | UnsetType = UNSET
    """Kind of the trigger."""

    cron_expression: str | None | UnsetType = UNSET
    """When the schedule fires."""

    cron_timezone: str | None | UnsetType = UNSET
    """IANA name of the time zone that the schedule is read in."""

    event_rule: str | None | UnsetType = UNSET
    """How many of the events are needed."""


class Source(Model, kw_only=True):
    """Where data is extracted from."""

    id: str
    """Identifies the owner."""

    slug: str | UnsetType = UNSET
    """Name of the owner in paths."""

    active: bool | UnsetType = UNSET
    """Whether its triggers fire."""

    status: str | None | UnsetType = UNSET
    """What the owner is doing, in the words of a run's status."""

    last_run: str | LastRun | None | UnsetType = UNSET
    """Id of its newest run, or the run if expanded; null before the first."""


class Transformation(Model, kw_only=True):
    """A query or a notebook that makes tables out of tables."""

    id: str
    """Identifies the owner."""

    slug: str | UnsetType = UNSET
    """Name of the owner in paths."""

    active: bool | UnsetType = UNSET
    """Whether its triggers fire."""

    status: str | None | UnsetType = UNSET
    """What the owner is doing, in the words of a run's status."""

    last_run: str | LastRun | None | UnsetType = UNSET
    """Id of its newest run, or the run if expanded; null before the first."""


class User(Model, kw_only=True):
    """A user who started a run."""

    id: int
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
    """One execution of a source, a transformation or a destination."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    id: str
    """Identifies the run."""

    number: int | None
    """Running number; whether of the owner or the workspace is not documented."""

    created_at: datetime
    """When the run was asked for."""

    updated_at: datetime
    """When the run last changed."""

    started_at: datetime | None
    """When the work began. Null before that."""

    ended_at: datetime | None
    """When the run ended. Null before that."""

    duration_seconds: int | None
    """How long the work took. Null until the end."""

    status: RunStatus
    """State of a run. `pending_events` waits for (further) events of its trigger. `cancelling` is
    written with two l, `canceled` with one.
    """

    trigger: RunTrigger
    """A trigger as it was when it started the run. It has neither id nor events."""

    full_sync: bool | None
    """Whether everything is extracted instead of only what is new."""

    extra_config: Any
    """Further settings of this run, of any form. Mostly null."""

    credit_charge_status: CreditChargeStatus | None
    """Whether the run used a credit. Null before the end."""

    triggered_by: int | User | None
    """Id of the user who started the run, or the user if expanded."""

    triggered_by_token: str | ApiToken | None
    """Id of the API token that started the run, or the token if expanded."""

    el_cost_usd: int | float | None | UnsetType = UNSET
    """Cost of extracting or loading, in US dollars."""

    el_cost_metadata: Any | UnsetType = UNSET
    """How the cost of extracting or loading was found, of any form. Mostly null."""

    transformation_cost_usd: int | float | None | UnsetType = UNSET
    """Cost of transforming, in US dollars."""

    transformation_cost_metadata: Any | UnsetType = UNSET
    """How the cost of transforming was found, of any form. Mostly null."""

    source: str | Source | None | UnsetType = UNSET
    """Id of the source that ran, or the source if expanded."""

    destination: str | Destination | None | UnsetType = UNSET
    """Id of the destination that ran, or the destination if expanded."""

    transformation: str | Transformation | None | UnsetType = UNSET
    """Id of the transformation that ran, or the transformation if expanded."""

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
            "number": "number",
            "status": "status",
            "source": "source",
            "destination": "destination",
            "transformation": "transformation",
            "trigger": "/trigger/type",
            "triggered_by": "triggered_by",
            "full_sync": "full_sync",
            "created_at": "created_at",
            "started_at": "started_at",
            "ended_at": "ended_at",
            "duration_seconds": "duration_seconds",
            "updated_at": "updated_at",
            "credit_charge_status": "credit_charge_status",
            "el_cost_usd": "el_cost_usd",
            "transformation_cost_usd": "transformation_cost_usd",
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
    """How to run."""

    full_sync: bool | UnsetType = UNSET
    """Whether to extract everything instead of only what is new."""


class ValidationProblem(Model, kw_only=True):
    """Why a request was refused, by member of the request where one is to blame."""

    detail: str | UnsetType = UNSET
    """The reason, for people, where no single member is to blame."""
