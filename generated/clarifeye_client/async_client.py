# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.

"""AsyncClarifeye: Clarifeye pipeline runs, called from Python within an event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ._runtime.deferred import Deferred
from ._runtime.model import UNSET, UnsetType
from ._runtime.operation import members, members_if_any
from ._runtime.retry import Retries
from ._runtime.session import AsyncClientSession, CallOptions, make_settings
from .client import BASE_URL

if TYPE_CHECKING:
    import asyncio
    from uuid import UUID

    from . import operations
    from ._runtime import async_waiter as waiting
    from ._runtime import pages as paging
    from ._runtime.clock import AsyncClock
    from ._runtime.lookout import OnLook
    from ._runtime.pages import AsyncPages
    from ._runtime.vigil import Ended
    from ._runtime.waiting import Pace, Patience
    from ._runtime.wire import AsyncTransport
    from .inputs import (
        DagDict,
    )
    from .models import (
        AbortAnswer,
        Dag,
        ExtractionFlow,
        ExtractionFlowUpdatePublishMode,
        PipelineRun,
        PipelineRunListItem,
        PipelineRunPage,
        PipelineRunStarted,
        PipelineRunStatusFilter,
    )

else:
    operations = Deferred(__package__, "operations")
    paging = Deferred(__package__, "_runtime.pages")
    waiting = Deferred(__package__, "_runtime.async_waiter")


class AsyncClarifeye(AsyncClientSession):
    """Clarifeye pipeline runs, within an event loop.

    Use it in an `async with` block, or `close` it.
    """

    def __init__(
        self,
        token: str | None,
        *,
        base_url: str = BASE_URL,
        timeout: float = 30.0,
        retries: Retries | None = None,
        allow_plain_http: bool = False,
        transport: AsyncTransport | None = None,
        clock: AsyncClock | None = None,
    ) -> None:
        """Make a client; no request is sent.

        Args:
            token: The account's token in the header `Authorization: Bearer <token>`. None sends no credentials.
            base_url: The server. Plain http is refused but to this machine.
            timeout: Seconds for each request, apart from how long a run is waited for.
            retries: How requests that are safe to repeat are repeated; `NO_RETRIES` for never.
            allow_plain_http: Let the token cross a network unencrypted.
            transport: An httpx transport to send through instead of the network.
            clock: The clock to wait by, if not the machine's own.

        Raises:
            InsecureTransportError: the token would cross a network unencrypted.
        """
        try:
            settings = make_settings(
                token=token,
                header="Authorization",
                prefix="Bearer ",
                base_url=base_url,
                timeout=timeout,
                retries=retries or Retries(),
                allow_plain_http=allow_plain_http,
                user_agent="clarifeye_client",
            )
        finally:
            del token  # else whatever prints variables beside a traceback prints it
        super().__init__(settings, transport)
        self._clock = clock

    @property
    def _waiter(self) -> waiting.AsyncWaiter:
        return waiting.AsyncWaiter(self, self._clock)

    async def list_pipeline_runs(
        self,
        project_id: str | UUID,
        *,
        status: PipelineRunStatusFilter | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        offset: int | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> PipelineRunPage:
        """List pipeline runs.

        Lists the runs of a project, newest first by `created_at`. Items are lighter than the
        detail: they count documents and chunks instead of naming them, and hold only the newest
        part of `raw_logs`. A run is listed as soon as the call that queued it has answered.

        Args:
            project_id: UUID of the project.
            status: Only runs that have this status. All runs when left out.
            limit: Largest number of runs in the answer.
            offset: How many runs, counted from the newest, to pass over.
        """
        return await self._call(
            operations.LIST_PIPELINE_RUNS,
            path=(("project_id", project_id),),
            query=(
                ("status", status),
                ("limit", limit),
                ("offset", offset),
            ),
            options=options,
        )

    def iter_pipeline_runs(
        self,
        project_id: str | UUID,
        *,
        status: PipelineRunStatusFilter | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        offset: int | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> AsyncPages[PipelineRunListItem]:
        """Go through all pages of `list_pipeline_runs`; a page is asked for when it is needed."""
        return paging.AsyncPages(
            self,
            operations.LIST_PIPELINE_RUNS,
            path=(("project_id", project_id),),
            query=(
                ("status", status),
                ("limit", limit),
                ("offset", offset),
            ),
            headers=(),
            options=options,
        )

    async def get_pipeline_run(
        self,
        project_id: str | UUID,
        pipeline_run_id: str | UUID,
        *,
        options: CallOptions | None = None,
    ) -> PipelineRun:
        """Get pipeline run details and status.

        Returns a run with its steps, the documents and chunks it targets and all of its logs.
        Poll it until `status` is `completed`, `completed_with_warnings`, `failed` or `aborted`;
        no polling interval is recommended.

        Args:
            project_id: UUID of the project.
            pipeline_run_id: UUID of the pipeline run.
        """
        return await self._call(
            operations.GET_PIPELINE_RUN,
            path=(
                ("project_id", project_id),
                ("pipeline_run_id", pipeline_run_id),
            ),
            options=options,
        )

    async def abort_pipeline_run(
        self,
        project_id: str | UUID,
        pipeline_run_id: str | UUID,
        *,
        options: CallOptions | None = None,
    ) -> AbortAnswer:
        """Abort a pipeline run.

        Cancels a run that is `pending` or `running`: the run and those of its steps that have
        not ended become `aborted`. Does nothing to a run that has ended, and is no error then.

        Args:
            project_id: UUID of the project.
            pipeline_run_id: UUID of the pipeline run.
        """
        return await self._call(
            operations.ABORT_PIPELINE_RUN,
            path=(
                ("project_id", project_id),
                ("pipeline_run_id", pipeline_run_id),
            ),
            options=options,
        )

    async def list_extraction_flows(
        self,
        project_id: str | UUID,
        *,
        options: CallOptions | None = None,
    ) -> list[ExtractionFlow]:
        """List extraction flows.

        Lists all flows of a project, last updated first. The answer is not paged.

        Args:
            project_id: UUID of the project.
        """
        return await self._call(
            operations.LIST_EXTRACTION_FLOWS,
            path=(("project_id", project_id),),
            options=options,
        )

    async def update_extraction_flow(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        name: str | UnsetType = UNSET,
        publish_mode: ExtractionFlowUpdatePublishMode | UnsetType = UNSET,
        dag: Dag | DagDict | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> ExtractionFlow:
        """Update an extraction flow.

        Changes the members that the body holds and leaves the others. Mostly used to switch the
        publish mode, or to edit the nodes of the graph.

        Args:
            project_id: UUID of the project.
            flow_id: UUID of the extraction flow.
            name: New name.
            publish_mode: New publish mode.
            dag: Definition of a flow's graph.
        """
        return await self._call(
            operations.UPDATE_EXTRACTION_FLOW,
            path=(
                ("project_id", project_id),
                ("flow_id", flow_id),
            ),
            body=members(
                ("name", name),
                ("publish_mode", publish_mode),
                ("dag", dag),
            ),
            options=options,
        )

    async def run_extraction_flow(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        document_ids: Sequence[str | UUID] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> PipelineRunStarted:
        """Run an extraction flow.

        Queues a pipeline run of the flow's graph over some documents, or over all documents of
        the project when `document_ids` is left out or empty. The call answers at once: `sync`
        in its name means that data is synchronized, not that the call waits.

        Args:
            project_id: UUID of the project.
            flow_id: UUID of the extraction flow.
            document_ids: UUIDs of documents. Left out or empty means all documents of the
                project.
        """
        return await self._call(
            operations.RUN_EXTRACTION_FLOW,
            path=(
                ("project_id", project_id),
                ("flow_id", flow_id),
            ),
            body=members_if_any(
                ("document_ids", document_ids),
            ),
            options=options,
        )

    async def publish_extraction_flow(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        document_ids: Sequence[str | UUID] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> PipelineRunStarted:
        """Publish an extraction flow.

        Queues a pipeline run that pushes data extracted earlier to the search indexes, without
        extracting anew. Only valid for flows whose `publish_mode` is `manual_publish`; flows
        with `auto_publish` publish at the end of each run by themselves.

        Args:
            project_id: UUID of the project.
            flow_id: UUID of the extraction flow.
            document_ids: UUIDs of documents. Left out or empty means all documents of the
                project.
        """
        return await self._call(
            operations.PUBLISH_EXTRACTION_FLOW,
            path=(
                ("project_id", project_id),
                ("flow_id", flow_id),
            ),
            body=members_if_any(
                ("document_ids", document_ids),
            ),
            options=options,
        )

    async def get_extraction_flow_statistics(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        document_ids: Sequence[str | UUID] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Get extraction flow statistics.

        Tells for each node of the graph how many inputs a run would take from the cache and how
        many it would compute anew. Nothing is executed and no run is created.

        Args:
            project_id: UUID of the project.
            flow_id: UUID of the extraction flow.
            document_ids: UUIDs of documents. Left out or empty means all documents of the
                project.
        """
        return await self._call(
            operations.GET_EXTRACTION_FLOW_STATISTICS,
            path=(
                ("project_id", project_id),
                ("flow_id", flow_id),
            ),
            body=members_if_any(
                ("document_ids", document_ids),
            ),
            options=options,
        )

    async def wait(
        self,
        project_id: str | UUID,
        pipeline_run_id: str | UUID,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Wait until a run has ended well, and return it.

        A partial success is a success; its `outcome` tells them apart.

        Args:
            project_id: Names the run.
            pipeline_run_id: Names the run.
            timeout: Seconds for the whole wait; None for without end, one hour if left out.
            pace: How often to look, if not as often as the API recommends.
            patience: What else ends the wait.
            on_look: Called with each look, failed ones included.
            stop: An event that ends the wait when it is set.

        Raises:
            RunFailedError: it has failed.
            RunCanceledError: somebody canceled it.
            WaitTimeoutError: the deadline came first.
            WaitError: waiting ended in another way; all of these are ones.
            ApiError: the server refuses, as with 401, or with 404 for what it never knew. This
                and whatever else a look may raise has the `look` and a `token`, too.
        """
        waiter = self._waiter
        vigil = waiter.vigil(
            operations.RUN_PLAN,
            {
                "project_id": project_id,
                "pipeline_run_id": pipeline_run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
        )
        return (await waiter.watch_over(vigil, stop)).result()

    async def wait_until(
        self,
        project_id: str | UUID,
        pipeline_run_id: str | UUID,
        state: Literal[
            "pending",
            "running",
            "completed",
            "completed_with_warnings",
            "failed",
            "aborted",
        ]
        | str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Wait until a run is in a state, or must have passed through it.

        Args:
            project_id: Names the run.
            pipeline_run_id: Names the run.
            state: One of those in the spec.
            timeout: Seconds for the whole wait; None for without end, one hour if left out.
            pace: How often to look, if not as often as the API recommends.
            patience: What else ends the wait.
            on_look: Called with each look, failed ones included.
            stop: An event that ends the wait when it is set.

        Raises:
            StateMissedError: it can no longer get there.
            WaitTimeoutError: the deadline came first.
            ValueError: the spec has no such state.
        """
        waiter = self._waiter
        vigil = waiter.vigil(
            operations.RUN_PLAN,
            {
                "project_id": project_id,
                "pipeline_run_id": pipeline_run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            until=state,
        )
        return (await waiter.watch_over(vigil, stop)).result()

    def wait_each(
        self,
        project_id: str | UUID,
        pipeline_run_ids: Iterable[str | UUID],
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
        in_flight: int = 64,
        rate: float | None = None,
    ) -> AsyncGenerator[Ended[PipelineRun], None]:
        """Wait for many runs, and yield each as it ends; one failure stops no other.

        Args:
            project_id: Names the run. The same for all.
            pipeline_run_ids: Name the runs.
            timeout: Seconds for the whole wait; None for without end, one hour if left out.
            pace: How often to look, if not as often as the API recommends.
            patience: What else ends the wait.
            on_look: Called with each look, failed ones included.
            stop: An event that ends the wait when it is set.
            in_flight: How many looks may be under way at once.
            rate: How many looks a second there may be, all runs together.
        """
        waiter = self._waiter
        vigils = [
            waiter.vigil(
                operations.RUN_PLAN,
                {
                    "project_id": project_id,
                    "pipeline_run_id": pipeline_run_id,
                },
                patience=waiter.patience(timeout, patience),
                pace=pace,
                on_look=on_look,
            )
            for pipeline_run_id in waiter.several(pipeline_run_ids)
        ]
        return waiter.watch_over_each(vigils, stop, in_flight, rate)

    async def resume(
        self,
        token: str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Go on waiting where another wait, perhaps in another process, left off.

        It is waited for the same: an end, any end after a cancellation, or a state.

        Args:
            token: The `token` of a `WaitError` or an `Ended`.
            timeout: Seconds for the whole wait; None for without end, one hour if left out.
            pace: How often to look, if not as often as the API recommends.
            patience: What else ends the wait.
            on_look: Called with each look, failed ones included.
            stop: An event that ends the wait when it is set.

        Raises:
            ResumeTokenError: the token is of another kind or version.
        """
        resumed = operations.RUN_PLAN.read_token(token)
        waiter = self._waiter
        vigil = waiter.vigil(
            operations.RUN_PLAN,
            resumed.key,
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            until=resumed.until,
            seen=resumed.status,
            any_outcome=resumed.any_outcome,
        )
        return (await waiter.watch_over(vigil, stop)).result()

    async def cancel_and_wait(
        self,
        project_id: str | UUID,
        pipeline_run_id: str | UUID,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Cancel a run, wait until it has ended, and return it, however it ended.

        Args:
            project_id: Names the run.
            pipeline_run_id: Names the run.
            timeout: Seconds for the whole wait; None for without end, one hour if left out.
            pace: How often to look, if not as often as the API recommends.
            patience: What else ends the wait.
            on_look: Called with each look, failed ones included.
            stop: An event that ends the wait when it is set.

        Raises:
            ApiError: the server refuses to cancel it, though it has not ended.
        """
        waiter = self._waiter
        vigil = waiter.vigil(
            operations.RUN_PLAN,
            {
                "project_id": project_id,
                "pipeline_run_id": pipeline_run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            any_outcome=True,
        )
        return await waiter.cancel_and_watch(
            vigil, lambda: self.abort_pipeline_run(project_id, pipeline_run_id), stop
        )

    async def run_extraction_flow_and_wait(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        document_ids: Sequence[str | UUID] | UnsetType = UNSET,
        options: CallOptions | None = None,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Start a run as `run_extraction_flow` does, and wait for it as `wait` does.

        The deadline and `stop` end the start, too; the run may have begun all the same.
        """
        waiter = self._waiter
        began, patience = waiter.now(), waiter.patience(timeout, patience)
        started = await waiter.ask(
            lambda: self.run_extraction_flow(
                project_id,
                flow_id,
                document_ids=document_ids,
                options=options,
            ),
            stop,
            patience.deadline,
            operations.RUN_PLAN.unstarted,
        )
        vigil = waiter.started_vigil(
            operations.RUN_PLAN,
            {
                "project_id": project_id,
                "pipeline_run_id": waiter.at(started, "/pipeline_run_id"),
            },
            started,
            began=began,
            patience=patience,
            pace=pace,
            on_look=on_look,
        )
        return (await waiter.watch_started(vigil, stop)).result()

    async def publish_extraction_flow_and_wait(
        self,
        project_id: str | UUID,
        flow_id: str | UUID,
        *,
        document_ids: Sequence[str | UUID] | UnsetType = UNSET,
        options: CallOptions | None = None,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: asyncio.Event | None = None,
    ) -> PipelineRun:
        """Start a run as `publish_extraction_flow` does, and wait for it as `wait` does.

        The deadline and `stop` end the start, too; the run may have begun all the same.
        """
        waiter = self._waiter
        began, patience = waiter.now(), waiter.patience(timeout, patience)
        started = await waiter.ask(
            lambda: self.publish_extraction_flow(
                project_id,
                flow_id,
                document_ids=document_ids,
                options=options,
            ),
            stop,
            patience.deadline,
            operations.RUN_PLAN.unstarted,
        )
        vigil = waiter.started_vigil(
            operations.RUN_PLAN,
            {
                "project_id": project_id,
                "pipeline_run_id": waiter.at(started, "/pipeline_run_id"),
            },
            started,
            began=began,
            patience=patience,
            pace=pace,
            on_look=on_look,
        )
        return (await waiter.watch_started(vigil, stop)).result()
