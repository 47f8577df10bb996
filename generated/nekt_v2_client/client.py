# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.

"""NektV2: Nekt v2, called from Python."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ._runtime.deferred import Deferred
from ._runtime.model import UNSET, UnsetType
from ._runtime.operation import members_if_any
from ._runtime.retry import Retries
from ._runtime.session import CallOptions, ClientSession, make_settings

if TYPE_CHECKING:
    import threading
    from uuid import UUID

    from . import operations
    from ._runtime import pages as paging
    from ._runtime import waiter as waiting
    from ._runtime.clock import Clock
    from ._runtime.lookout import OnLook
    from ._runtime.pages import Pages
    from ._runtime.vigil import Ended
    from ._runtime.waiting import Pace, Patience
    from ._runtime.wire import Transport
    from .models import (
        Destination,
        DestinationPage,
        Run,
        RunPage,
        RunStatusFilter,
        Source,
        SourcePage,
        Transformation,
        TransformationPage,
    )

else:
    operations = Deferred(__package__, "operations")
    paging = Deferred(__package__, "_runtime.pages")
    waiting = Deferred(__package__, "_runtime.waiter")

BASE_URL = "https://api.nekt.ai"
"""Where the client sends its requests unless told otherwise."""


class NektV2(ClientSession):
    """Nekt v2, one call after the other or from several threads.

    Use it in a `with` block, or `close` it.
    """

    def __init__(
        self,
        token: str | None,
        *,
        base_url: str = BASE_URL,
        timeout: float = 30.0,
        retries: Retries | None = None,
        allow_plain_http: bool = False,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Make a client; no request is sent.

        Args:
            token: A token of the workspace. Samples of 2025 send the same token in a header `X-API-Token`; the reference only knows `x-api-key`. None sends no credentials.
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
                header="x-api-key",
                prefix="",
                base_url=base_url,
                timeout=timeout,
                retries=retries or Retries(),
                allow_plain_http=allow_plain_http,
                user_agent="nekt_v2_client",
            )
        finally:
            del token  # else whatever prints variables beside a traceback prints it
        super().__init__(settings, transport)
        self._clock = clock

    @property
    def _waiter(self) -> waiting.Waiter:
        return waiting.Waiter(self, self._clock)

    def list_runs(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        status: RunStatusFilter | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> RunPage:
        """List runs.

        A page of runs, each with the same members as the single run has. The order is not
        documented.

        Args:
            page: Which page, counted from 1.
            page_size: How many results on a page.
            status: Only runs in this state.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.LIST_RUNS,
            query=(
                ("page", page),
                ("page_size", page_size),
                ("status", status),
                ("expand[]", expand),
            ),
            options=options,
        )

    def iter_runs(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        status: RunStatusFilter | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Pages[Run]:
        """Go through all pages of `list_runs`; a page is asked for when it is needed."""
        return paging.Pages(
            self,
            operations.LIST_RUNS,
            path=(),
            query=(
                ("page", page),
                ("page_size", page_size),
                ("status", status),
                ("expand[]", expand),
            ),
            headers=(),
            options=options,
        )

    def get_run(
        self,
        id: str | UUID,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Run:
        """Get a run.

        One run as it is now. Ask again until `status` is `success`, `failed` or `canceled`.

        Args:
            id: A UUID that identifies the run.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.GET_RUN,
            path=(("id", id),),
            query=(("expand[]", expand),),
            options=options,
        )

    def cancel_run(
        self,
        id: str | UUID,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        body: Mapping[str, Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Run:
        """Cancel a run.

        Asks a run to stop. A run that works is first `cancelling` and may still end well or
        badly before the stop takes effect; a run that waits may be `canceled` at once.

        Args:
            id: A UUID that identifies the run.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
            body: Nothing; canceling takes no arguments.
        """
        return self._call(
            operations.CANCEL_RUN,
            path=(("id", id),),
            query=(("expand[]", expand),),
            body=body,
            options=options,
        )

    def trigger_pipeline(
        self,
        pipeline_slug: str,
        *,
        full_sync: bool | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Run:
        """Start a run.

        Creates one run of the owner with this slug. Poll it by its id.

        Args:
            pipeline_slug: The `slug` of the source, transformation or destination to run.
            full_sync: Whether to extract everything instead of only what is new.
        """
        return self._call(
            operations.TRIGGER_PIPELINE,
            path=(("pipeline_slug", pipeline_slug),),
            body=members_if_any(
                ("full_sync", full_sync),
            ),
            options=options,
        )

    def list_sources(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> SourcePage:
        """List sources.

        A page of sources, each with the id of its last run.

        Args:
            page: Which page, counted from 1.
            page_size: How many results on a page.
            last_run_status: Only those whose last run is in one of these states, separated by
                commas.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.LIST_SOURCES,
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("expand[]", expand),
            ),
            options=options,
        )

    def iter_sources(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Pages[Source]:
        """Go through all pages of `list_sources`; a page is asked for when it is needed."""
        return paging.Pages(
            self,
            operations.LIST_SOURCES,
            path=(),
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("expand[]", expand),
            ),
            headers=(),
            options=options,
        )

    def get_source(
        self,
        slug: str,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Source:
        """Get a source.

        One source with the id of its last run.

        Args:
            slug: The source's `slug`.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.GET_SOURCE,
            path=(("slug", slug),),
            query=(("expand[]", expand),),
            options=options,
        )

    def list_transformations(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        pipeline_current_status: RunStatusFilter | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> TransformationPage:
        """List transformations.

        A page of transformations, each with the id of its last run.

        Args:
            page: Which page, counted from 1.
            page_size: How many results on a page.
            last_run_status: Only those whose last run is in one of these states, separated by
                commas.
            pipeline_current_status: Only transformations that are in this state.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.LIST_TRANSFORMATIONS,
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("pipeline_current_status", pipeline_current_status),
                ("expand[]", expand),
            ),
            options=options,
        )

    def iter_transformations(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        pipeline_current_status: RunStatusFilter | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Pages[Transformation]:
        """Go through all pages of `list_transformations`; a page is asked for when it is needed."""
        return paging.Pages(
            self,
            operations.LIST_TRANSFORMATIONS,
            path=(),
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("pipeline_current_status", pipeline_current_status),
                ("expand[]", expand),
            ),
            headers=(),
            options=options,
        )

    def get_transformation(
        self,
        id: str | UUID,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Transformation:
        """Get a transformation.

        One transformation with the id of its last run.

        Args:
            id: The transformation.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.GET_TRANSFORMATION,
            path=(("id", id),),
            query=(("expand[]", expand),),
            options=options,
        )

    def list_destinations(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> DestinationPage:
        """List destinations.

        A page of destinations, each with the id of its last run.

        Args:
            page: Which page, counted from 1.
            page_size: How many results on a page.
            last_run_status: Only those whose last run is in one of these states, separated by
                commas.
            expand: Members to answer with the object in place of its id, in this answer only.
                Repeat the parameter for more than one; dots lead into an expanded object, at
                most four deep.
        """
        return self._call(
            operations.LIST_DESTINATIONS,
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("expand[]", expand),
            ),
            options=options,
        )

    def iter_destinations(
        self,
        *,
        page: int | UnsetType = UNSET,
        page_size: int | UnsetType = UNSET,
        last_run_status: str | UnsetType = UNSET,
        expand: Sequence[str] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> Pages[Destination]:
        """Go through all pages of `list_destinations`; a page is asked for when it is needed."""
        return paging.Pages(
            self,
            operations.LIST_DESTINATIONS,
            path=(),
            query=(
                ("page", page),
                ("page_size", page_size),
                ("last_run_status", last_run_status),
                ("expand[]", expand),
            ),
            headers=(),
            options=options,
        )

    def wait(
        self,
        id: str | UUID,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> Run:
        """Wait until a run has ended well, and return it.

        A partial success is a success; its `outcome` tells them apart.

        Args:
            id: Names the run.
            expand: As in `get_run`.
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
                "id": id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            query=(("expand[]", expand),),
        )
        return waiter.watch_over(vigil, stop).result()

    def wait_until(
        self,
        id: str | UUID,
        state: Literal[
            "pending_events",
            "queued",
            "running",
            "cancelling",
            "success",
            "failed",
            "canceled",
        ]
        | str,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> Run:
        """Wait until a run is in a state, or must have passed through it.

        Args:
            id: Names the run.
            state: One of those in the spec.
            expand: As in `get_run`.
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
                "id": id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            query=(("expand[]", expand),),
            until=state,
        )
        return waiter.watch_over(vigil, stop).result()

    def wait_each(
        self,
        ids: Iterable[str | UUID],
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
        in_flight: int = 8,
        rate: float | None = None,
    ) -> Generator[Ended[Run], None, None]:
        """Wait for many runs, and yield each as it ends; one failure stops no other.

        Args:
            ids: Name the runs.
            expand: As in `get_run`.
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
                    "id": id,
                },
                patience=waiter.patience(timeout, patience),
                pace=pace,
                on_look=on_look,
                query=(("expand[]", expand),),
            )
            for id in waiter.several(ids)
        ]
        return waiter.watch_over_each(vigils, stop, in_flight, rate)

    def resume(
        self,
        token: str,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> Run:
        """Go on waiting where another wait, perhaps in another process, left off.

        It is waited for the same: an end, any end after a cancellation, or a state.

        Args:
            token: The `token` of a `WaitError` or an `Ended`.
            expand: As in `get_run`.
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
            query=(("expand[]", expand),),
            until=resumed.until,
            seen=resumed.status,
            any_outcome=resumed.any_outcome,
        )
        return waiter.watch_over(vigil, stop).result()

    def cancel_and_wait(
        self,
        id: str | UUID,
        *,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> Run:
        """Cancel a run, wait until it has ended, and return it, however it ended.

        Args:
            id: Names the run.
            expand: As in `get_run`.
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
                "id": id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            query=(("expand[]", expand),),
            any_outcome=True,
        )
        return waiter.cancel_and_watch(vigil, lambda: self.cancel_run(id), stop)

    def trigger_pipeline_and_wait(
        self,
        pipeline_slug: str,
        *,
        full_sync: bool | UnsetType = UNSET,
        options: CallOptions | None = None,
        expand: Sequence[str] | UnsetType = UNSET,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> Run:
        """Start a run as `trigger_pipeline` does, and wait for it as `wait` does.

        The deadline and `stop` end the start, too; the run may have begun all the same.
        """
        waiter = self._waiter
        began, patience = waiter.now(), waiter.patience(timeout, patience)
        started = waiter.ask(
            lambda: self.trigger_pipeline(
                pipeline_slug,
                full_sync=full_sync,
                options=options,
            ),
            stop,
            patience.deadline,
            operations.RUN_PLAN.unstarted,
        )
        vigil = waiter.started_vigil(
            operations.RUN_PLAN,
            {
                "id": waiter.at(started, "/id"),
            },
            started,
            began=began,
            patience=patience,
            pace=pace,
            on_look=on_look,
            query=(("expand[]", expand),),
        )
        return waiter.watch_started(vigil, stop).result()
