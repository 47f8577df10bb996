# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""Pipe0: Pipe0 pipes, called from Python."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ._runtime.deferred import Deferred
from ._runtime.errors import ApiError
from ._runtime.model import UNSET, UnsetType
from ._runtime.operation import members
from ._runtime.retry import Retries
from ._runtime.session import CallOptions, ClientSession, make_settings

if TYPE_CHECKING:
    import threading

    from . import operations
    from ._runtime import waiter as waiting
    from ._runtime.clock import Clock
    from ._runtime.lookout import OnLook
    from ._runtime.vigil import Ended
    from ._runtime.waiting import Pace, Patience
    from ._runtime.wire import Transport
    from .inputs import (
        PipeDict,
        RunConfigDict,
    )
    from .models import (
        CreditBalance,
        Environment,
        InputObject,
        Pipe,
        PipesResponse,
        RunConfig,
        ValidationResult,
    )

else:
    operations = Deferred(__package__, "operations")
    waiting = Deferred(__package__, "_runtime.waiter")

BASE_URL = "https://api.pipe0.com"
"""Where the client sends its requests unless told otherwise."""


class Pipe0(ClientSession):
    """Pipe0 pipes, one call after the other or from several threads.

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
            token: An API key. It belongs to one organization and stands for it. Public keys (`pk_…`) authorize nothing here. None sends no credentials.
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
                user_agent="pipe0_client",
            )
        finally:
            del token  # else whatever prints variables beside a traceback prints it
        super().__init__(settings, transport)
        self._clock = clock

    @property
    def _waiter(self) -> waiting.Waiter:
        return waiting.Waiter(self, self._clock)

    def run_pipes(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        x_environment: Environment | UnsetType = UNSET,
        config: RunConfig | RunConfigDict | UnsetType = UNSET,
        field_annotations: Mapping[str, Any] | UnsetType = UNSET,
        scopes: Sequence[Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> PipesResponse:
        """Start a run.

        Creates a run and answers at once, before work on it begins. Poll `checkPipesRun` with
        the `id` of the answer. A request that fails validation is either refused with an HTTP
        error or answered with a run that is already `failed`.

        Args:
            pipes: The pipes to run. What one needs must be a field of an input object or an
                output of another; no two may write the same field, and there may be no circle.
            input: The rows. Their ids must differ from each other.
            x_environment: The environment of the run; another way to say `config.environment`.
            config: How to run, and what to put into the answer.
            field_annotations: Remarks on fields.
            scopes: Scopes of the run.
        """
        return self._call(
            operations.RUN_PIPES,
            headers=(("x-environment", x_environment),),
            body=members(
                ("pipes", pipes),
                ("input", input),
                ("config", config),
                ("field_annotations", field_annotations),
                ("scopes", scopes),
            ),
            options=options,
        )

    def run_pipes_sync(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        x_environment: Environment | UnsetType = UNSET,
        config: RunConfig | RunConfigDict | UnsetType = UNSET,
        field_annotations: Mapping[str, Any] | UnsetType = UNSET,
        scopes: Sequence[Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> PipesResponse:
        """Start a run and wait for its end.

        Creates a run, waits until it has ended and answers with the result. After three minutes
        the answer is a 408 whose `detail` names the run; the run goes on and can be polled.
        Advised for fewer than ten rows.

        Args:
            pipes: The pipes to run. What one needs must be a field of an input object or an
                output of another; no two may write the same field, and there may be no circle.
            input: The rows. Their ids must differ from each other.
            x_environment: The environment of the run; another way to say `config.environment`.
            config: How to run, and what to put into the answer.
            field_annotations: Remarks on fields.
            scopes: Scopes of the run.
        """
        return self._call(
            operations.RUN_PIPES_SYNC,
            headers=(("x-environment", x_environment),),
            body=members(
                ("pipes", pipes),
                ("input", input),
                ("config", config),
                ("field_annotations", field_annotations),
                ("scopes", scopes),
            ),
            options=options,
        )

    def check_pipes_run(
        self,
        run_id: str,
        *,
        options: CallOptions | None = None,
    ) -> PipesResponse:
        """Read a run.

        Answers with the present state of a run. Poll it every one to three seconds, less often
        for long runs, until the `status` is `completed`, `failed` or `canceled`.

        Args:
            run_id: The `id` of the run, as the answer that created it gave it.
        """
        return self._call(
            operations.CHECK_PIPES_RUN,
            path=(("run_id", run_id),),
            options=options,
        )

    def cancel_pipes_run(
        self,
        run_id: str,
        *,
        options: CallOptions | None = None,
    ) -> PipesResponse:
        """Cancel a queued run.

        Takes a run out of the queue and gives its records back to the capacity at once. Works
        only while the run is `pending`; a run that is processing or has ended stays as it is.

        Args:
            run_id: The `id` of the run, as the answer that created it gave it.
        """
        return self._call(
            operations.CANCEL_PIPES_RUN,
            path=(("run_id", run_id),),
            options=options,
        )

    def validate_pipes(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        config: RunConfig | RunConfigDict | UnsetType = UNSET,
        field_annotations: Mapping[str, Any] | UnsetType = UNSET,
        scopes: Sequence[Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
    ) -> ValidationResult:
        """Check a request without running it.

        Checks the body of a run request. Creates no run and costs nothing.

        Args:
            pipes: The pipes to run. What one needs must be a field of an input object or an
                output of another; no two may write the same field, and there may be no circle.
            input: The rows. Their ids must differ from each other.
            config: How to run, and what to put into the answer.
            field_annotations: Remarks on fields.
            scopes: Scopes of the run.
        """
        return self._call(
            operations.VALIDATE_PIPES,
            body=members(
                ("pipes", pipes),
                ("input", input),
                ("config", config),
                ("field_annotations", field_annotations),
                ("scopes", scopes),
            ),
            options=options,
        )

    def get_credit_balance(
        self,
        *,
        options: CallOptions | None = None,
    ) -> CreditBalance:
        """Read the credit balance.

        Answers with the credits that the organization of the API key can spend.
        """
        return self._call(
            operations.GET_CREDIT_BALANCE,
            options=options,
        )

    def wait(
        self,
        run_id: str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
        """Wait until a run has ended well, and return it.

        A partial success is a success; its `outcome` tells them apart.

        Args:
            run_id: Names the run.
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
                "run_id": run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
        )
        return waiter.watch_over(vigil, stop).result()

    def wait_until(
        self,
        run_id: str,
        state: Literal[
            "pending",
            "processing",
            "completed",
            "failed",
            "canceled",
        ]
        | str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
        """Wait until a run is in a state, or must have passed through it.

        Args:
            run_id: Names the run.
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
                "run_id": run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            until=state,
        )
        return waiter.watch_over(vigil, stop).result()

    def wait_each(
        self,
        run_ids: Iterable[str],
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
        in_flight: int = 8,
        rate: float | None = None,
    ) -> Generator[Ended[PipesResponse], None, None]:
        """Wait for many runs, and yield each as it ends; one failure stops no other.

        Args:
            run_ids: Name the runs.
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
                    "run_id": run_id,
                },
                patience=waiter.patience(timeout, patience),
                pace=pace,
                on_look=on_look,
            )
            for run_id in waiter.several(run_ids)
        ]
        return waiter.watch_over_each(vigils, stop, in_flight, rate)

    def resume(
        self,
        token: str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
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
        return waiter.watch_over(vigil, stop).result()

    def cancel_and_wait(
        self,
        run_id: str,
        *,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
        """Cancel a run, wait until it has ended, and return it, however it ended.

        Args:
            run_id: Names the run.
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
                "run_id": run_id,
            },
            patience=waiter.patience(timeout, patience),
            pace=pace,
            on_look=on_look,
            any_outcome=True,
        )
        return waiter.cancel_and_watch(vigil, lambda: self.cancel_pipes_run(run_id), stop)

    def run_pipes_and_wait(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        x_environment: Environment | UnsetType = UNSET,
        config: RunConfig | RunConfigDict | UnsetType = UNSET,
        field_annotations: Mapping[str, Any] | UnsetType = UNSET,
        scopes: Sequence[Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
        """Start a run as `run_pipes` does, and wait for it as `wait` does.

        The deadline and `stop` end the start, too; the run may have begun all the same.
        """
        waiter = self._waiter
        began, patience = waiter.now(), waiter.patience(timeout, patience)
        started = waiter.ask(
            lambda: self.run_pipes(
                pipes=pipes,
                input=input,
                x_environment=x_environment,
                config=config,
                field_annotations=field_annotations,
                scopes=scopes,
                options=options,
            ),
            stop,
            patience.deadline,
            operations.RUN_PLAN.unstarted,
        )
        vigil = waiter.started_vigil(
            operations.RUN_PLAN,
            {
                "run_id": waiter.at(started, "/id"),
            },
            started,
            began=began,
            patience=patience,
            pace=pace,
            on_look=on_look,
        )
        return waiter.watch_started(vigil, stop).result()

    def run_pipes_sync_and_wait(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        x_environment: Environment | UnsetType = UNSET,
        config: RunConfig | RunConfigDict | UnsetType = UNSET,
        field_annotations: Mapping[str, Any] | UnsetType = UNSET,
        scopes: Sequence[Any] | UnsetType = UNSET,
        options: CallOptions | None = None,
        timeout: float | UnsetType | None = UNSET,
        pace: Pace | None = None,
        patience: Patience | None = None,
        on_look: OnLook | None = None,
        stop: threading.Event | None = None,
    ) -> PipesResponse:
        """Start a run as `run_pipes_sync` does, and wait for it as `wait` does.

        The deadline and `stop` end the start, too; the run may have begun all the same.
        """
        waiter = self._waiter
        began, patience = waiter.now(), waiter.patience(timeout, patience)
        try:
            started = waiter.ask(
                lambda: self.run_pipes_sync(
                    pipes=pipes,
                    input=input,
                    x_environment=x_environment,
                    config=config,
                    field_annotations=field_annotations,
                    scopes=scopes,
                    options=options,
                ),
                stop,
                patience.deadline,
                operations.RUN_PLAN.unstarted,
            )
        except ApiError as refusal:
            if refusal.status != 408:
                raise
            # The server gave up waiting, but the run goes on, and the refusal names it.
            named = waiter.named_vigils(
                operations.RUN_PLAN,
                {},
                refusal,
                began=began,
                patience=patience,
                pace=pace,
                on_look=on_look,
            )
            return waiter.watch_named(named, stop, refusal).result()
        vigil = waiter.started_vigil(
            operations.RUN_PLAN,
            {
                "run_id": waiter.at(started, "/id"),
            },
            started,
            began=began,
            patience=patience,
            pace=pace,
            on_look=on_look,
        )
        return waiter.watch_started(vigil, stop).result()
