# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""The models of Clarifeye pipeline runs.

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
from ._runtime.model import UNSET, Model, UnsetType
from ._runtime.open_enum import OpenEnum

if TYPE_CHECKING:
    from ._runtime import columns

ExtractionFlowUpdatePublishMode = Literal[
    "auto_publish",
    "manual_publish",
]
"""New publish mode."""


class PipelineRunMode(OpenEnum):
    """How a run treats existing tables. The docs name these four as examples."""

    RECREATE_ALL = "recreate-all"
    RECREATE_SINGLE = "recreate-single"
    UPSERT_SINGLE = "upsert-single"
    UPSERT_ALL = "upsert-all"


class PipelineRunStatus(OpenEnum):
    """State of a pipeline run or of one of its steps: `pending` is queued and not started,
    `running` is executing, `completed` has finished with success, `completed_with_warnings` has
    finished although some steps warned, `failed` was ended by an error, `aborted` was canceled
    by the abort call. The last four are ends.
    """

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_WARNINGS = "completed_with_warnings"
    FAILED = "failed"
    ABORTED = "aborted"


PipelineRunStatusFilter = Literal[
    "pending",
    "running",
    "completed",
    "completed_with_warnings",
    "failed",
    "aborted",
]
"""A status that runs can be filtered by."""


class PublishMode(OpenEnum):
    """`auto_publish`: each successful run publishes what it extracted. `manual_publish`: runs only
    extract; a call publishes.
    """

    AUTO_PUBLISH = "auto_publish"
    MANUAL_PUBLISH = "manual_publish"


class AbortAnswer(Model, kw_only=True):
    """Status of the run after the call."""

    status: PipelineRunStatus
    """State of a pipeline run or of one of its steps: `pending` is queued and not started,
    `running` is executing, `completed` has finished with success, `completed_with_warnings` has
    finished although some steps warned, `failed` was ended by an error, `aborted` was canceled
    by the abort call. The last four are ends.
    """


class BadRequest(Model, kw_only=True):
    """Either a sentence in `error`, or what is wrong with each member of the request."""

    error: str | UnsetType = UNSET
    """Why the request was refused."""


class Dag(Model, kw_only=True):
    """Definition of a flow's graph."""

    name: str | UnsetType = UNSET
    """Name of the graph."""

    nodes: Any | UnsetType = UNSET
    """The nodes of the graph and what each depends on."""


class DocumentSelection(Model, kw_only=True):
    """Which documents of the project a call is about."""

    document_ids: list[str] | UnsetType = UNSET
    """UUIDs of documents. Left out or empty means all documents of the project."""


class Error(Model, kw_only=True):
    """Why a call was refused, in one sentence."""

    error: str | UnsetType = UNSET
    """The sentence."""

    detail: str | UnsetType = UNSET
    """The sentence, from servers that use the habitual name of the framework. Not documented."""


class ExtractionFlow(Model, kw_only=True):
    """A graph of extraction steps and how its results are published."""

    id: str
    """Identifies the flow."""

    name: str
    """Name for people."""

    publish_mode: PublishMode
    """`auto_publish`: each successful run publishes what it extracted. `manual_publish`: runs only
    extract; a call publishes.
    """

    dag: Dag
    """Definition of a flow's graph."""

    created_at: datetime
    """When the flow was created."""

    updated_at: datetime
    """When the flow last changed. The list is sorted by it."""

    tpuf_namespaces: dict[str, Any] | None | UnsetType = UNSET
    """Namespaces of the search index, by kind; filled when something is published."""

    last_pushed_to_tpuf: datetime | None | UnsetType = UNSET
    """When data was last pushed to the search index; null if never."""


class ExtractionFlowUpdate(Model, kw_only=True):
    """Members of a flow that are to change; those left out stay."""

    name: str | UnsetType = UNSET
    """New name."""

    publish_mode: ExtractionFlowUpdatePublishMode | UnsetType = UNSET
    """New publish mode."""

    dag: Dag | UnsetType = UNSET
    """Definition of a flow's graph."""


class PipelineRunStep(Model, kw_only=True):
    """One node of a run's graph and how far it has come."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    id: str
    """Identifies the step."""

    created_at: datetime
    """When the step was created."""

    updated_at: datetime
    """When the step last changed."""

    step: str
    """Type of the step, such as `parsing`, `chunking` or `tag-extraction`. Further types exist."""

    name: str | None
    """Name of the node in the graph. Other steps refer to it in `depends_on`."""

    status: PipelineRunStatus
    """State of a pipeline run or of one of its steps: `pending` is queued and not started,
    `running` is executing, `completed` has finished with success, `completed_with_warnings` has
    finished although some steps warned, `failed` was ended by an error, `aborted` was canceled
    by the abort call. The last four are ends.
    """

    inputs: dict[str, str | None]
    """UUID of a table's version by the table's name; null until the version is known."""

    outputs: dict[str, str | None]
    """UUID of a table's version by the table's name; null until the version is known."""

    warnings: Any
    """What the step warned of; null or empty when nothing."""

    depends_on: list[str]
    """Names, not ids, of the steps that must be done before this one starts."""

    params: dict[str, Any]
    """Parameters of a step; which ones there are depends on its type."""

    tag_extractor_id: str | None
    """The tag extractor that the step runs, if it runs one."""

    object_extractor_id: str | None
    """The object extractor that the step runs, if it runs one."""

    chunks_extractor_id: str | None
    """The chunks extractor that the step runs, if it runs one."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.STEP.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class PipelineRun(tabular.Tabular, Model, kw_only=True):
    """A run of a flow's graph with all that is known of it, as the detail endpoint shows it."""

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    _table_: ClassVar[table.Table] = table.Table(
        rows="steps",
    )

    id: str
    """Identifies the run."""

    created_at: datetime
    """When the run was queued."""

    updated_at: datetime
    """When the run last changed. For a run that has ended, the nearest thing to an end time."""

    status: PipelineRunStatus
    """State of a pipeline run or of one of its steps: `pending` is queued and not started,
    `running` is executing, `completed` has finished with success, `completed_with_warnings` has
    finished although some steps warned, `failed` was ended by an error, `aborted` was canceled
    by the abort call. The last four are ends.
    """

    project: str
    """The project that owns the run."""

    pipeline_name: str
    """Name of the pipeline that runs."""

    mode: PipelineRunMode
    """How a run treats existing tables. The docs name these four as examples."""

    celery_task_id: str
    """Id of the background task that executes the run. Opaque."""

    user: str | None
    """The user who triggered the run; null when nobody did, such as for a run by schedule."""

    tables: dict[str, str] | None
    """Versions of the tables that the run has made, by the table's name. May be null in newer
    answers.
    """

    steps: list[PipelineRunStep]
    """Steps of the graph. Steps may be added while the run is going on."""

    document_ids: list[str] | None
    """Documents that the run targets; null when it was not limited to some."""

    chunk_ids: list[str] | None
    """Chunks that the run targets; null when it was not limited to some."""

    raw_logs: str
    """All log lines so far, joined. Empty until there are any."""

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


class PipelineRunListItem(Model, kw_only=True):
    """A run as the list shows it: counts instead of ids of documents and chunks, and only the
    newest part of the logs. Everything else is as in the detail.
    """

    _vital_: ClassVar[tuple[str, ...]] = ("id", "status")

    id: str
    """Identifies the run."""

    created_at: datetime
    """When the run was queued. The list is sorted by it."""

    updated_at: datetime
    """When the run last changed."""

    status: PipelineRunStatus
    """State of a pipeline run or of one of its steps: `pending` is queued and not started,
    `running` is executing, `completed` has finished with success, `completed_with_warnings` has
    finished although some steps warned, `failed` was ended by an error, `aborted` was canceled
    by the abort call. The last four are ends.
    """

    project: str
    """The project that owns the run."""

    pipeline_name: str
    """Name of the pipeline that runs."""

    mode: PipelineRunMode
    """How a run treats existing tables. The docs name these four as examples."""

    celery_task_id: str
    """Id of the background task that executes the run. Opaque."""

    user: str | None
    """The user who triggered the run; null when nobody did."""

    tables: dict[str, str] | None
    """Versions of the tables that the run has made, by the table's name."""

    steps: list[PipelineRunStep]
    """Steps of the graph."""

    document_count: int | None
    """Number of documents that the run targets."""

    chunk_count: int | None
    """Number of chunks that the run targets."""

    raw_logs: str
    """The newest log lines only."""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None if it goes on (or its status is unknown)."""
        return lifecycle.PIPELINE_RUN_LIST_ITEM.outcome(at(self, "status"))

    @property
    def is_ended(self) -> bool:
        """True if its status is one of the spec's ends."""
        return self.outcome is not None


class PipelineRunPage(tabular.Tabular, Model, kw_only=True):
    """A part of the runs of a project, newest first, and where its neighbours are."""

    _table_: ClassVar[table.Table] = table.Table(
        rows="results",
    )

    count: int
    """How many runs there are in all, after the filter."""

    next: str | None
    """URL of the page with older runs; null on the last page."""

    previous: str | None
    """URL of the page with newer runs; null on the first page."""

    results: list[PipelineRunListItem]
    """The runs of this page, newest first."""

    def _columns(self, beside: Sequence[str] | None) -> "builtins.list[columns.Column]":
        from ._runtime.columns import columns_in

        return columns_in(self, self._table_, beside)


class PipelineRunStarted(Model, kw_only=True):
    """Says that a run is queued, and which."""

    message: str
    """A sentence for people, such as `Sync started.`"""

    pipeline_run_id: str
    """Id of the queued run. It can be read at once."""
