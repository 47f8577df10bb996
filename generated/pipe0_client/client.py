# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.

"""Pipe0 and AsyncPipe0: Pipe0 pipes, called from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._runtime.model import UNSET, UnsetType
from ._runtime.operation import members
from ._runtime.retry import Retries
from ._runtime.session import AsyncSession, CallOptions, Session, make_settings
from .operations import (
    CANCEL_PIPES_RUN,
    CHECK_PIPES_RUN,
    GET_CREDIT_BALANCE,
    RUN_PIPES,
    RUN_PIPES_SYNC,
    VALIDATE_PIPES,
)

if TYPE_CHECKING:
    from ._runtime.wire import AsyncTransport, Transport
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

BASE_URL = "https://api.pipe0.com"
"""Where the client sends its requests unless told otherwise."""


class Pipe0(Session):
    """Pipe0 pipes, one call after the other or from several threads.

    Use it in a ` with` block, or `close` it.
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
    ) -> None:
        """Make a client; no request is sent.

        Args:
            token: An API key. It belongs to one organization and stands for it. Public keys (`pk_…`) authorize nothing here. None sends no credentials.
            base_url: The server. Plain http is refused but to this machine.
            timeout: Seconds for each request, apart from how long a run is waited for.
            retries: How requests that are safe to repeat are repeated; `NO_RETRIES` for never.
            allow_plain_http: Let the token cross a network unencrypted.
            transport: An httpx transport to send through instead of the network.

        Raises:
            InsecureTransportError: the token would cross a network unencrypted.
        """
        super().__init__(
            make_settings(
                token=token,
                header="Authorization",
                prefix="Bearer ",
                base_url=base_url,
                timeout=timeout,
                retries=retries or Retries(),
                allow_plain_http=allow_plain_http,
                user_agent="pipe0_client",
            ),
            transport,
        )

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
            RUN_PIPES,
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
            RUN_PIPES_SYNC,
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
            CHECK_PIPES_RUN,
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
            CANCEL_PIPES_RUN,
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
            VALIDATE_PIPES,
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
            GET_CREDIT_BALANCE,
            options=options,
        )


class AsyncPipe0(AsyncSession):
    """Pipe0 pipes, within an event loop.

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
    ) -> None:
        """Make a client; no request is sent.

        Args:
            token: An API key. It belongs to one organization and stands for it. Public keys (`pk_…`) authorize nothing here. None sends no credentials.
            base_url: The server. Plain http is refused but to this machine.
            timeout: Seconds for each request, apart from how long a run is waited for.
            retries: How requests that are safe to repeat are repeated; `NO_RETRIES` for never.
            allow_plain_http: Let the token cross a network unencrypted.
            transport: An httpx transport to send through instead of the network.

        Raises:
            InsecureTransportError: the token would cross a network unencrypted.
        """
        super().__init__(
            make_settings(
                token=token,
                header="Authorization",
                prefix="Bearer ",
                base_url=base_url,
                timeout=timeout,
                retries=retries or Retries(),
                allow_plain_http=allow_plain_http,
                user_agent="pipe0_client",
            ),
            transport,
        )

    async def run_pipes(
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
        return await self._call(
            RUN_PIPES,
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

    async def run_pipes_sync(
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
        return await self._call(
            RUN_PIPES_SYNC,
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

    async def check_pipes_run(
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
        return await self._call(
            CHECK_PIPES_RUN,
            path=(("run_id", run_id),),
            options=options,
        )

    async def cancel_pipes_run(
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
        return await self._call(
            CANCEL_PIPES_RUN,
            path=(("run_id", run_id),),
            options=options,
        )

    async def validate_pipes(
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
        return await self._call(
            VALIDATE_PIPES,
            body=members(
                ("pipes", pipes),
                ("input", input),
                ("config", config),
                ("field_annotations", field_annotations),
                ("scopes", scopes),
            ),
            options=options,
        )

    async def get_credit_balance(
        self,
        *,
        options: CallOptions | None = None,
    ) -> CreditBalance:
        """Read the credit balance.

        Answers with the credits that the organization of the API key can spend.
        """
        return await self._call(
            GET_CREDIT_BALANCE,
            options=options,
        )
