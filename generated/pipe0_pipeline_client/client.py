# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.

"""Pipe0Pipeline and AsyncPipe0Pipeline: Pipe0 pipeline, called from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._runtime.operation import members
from ._runtime.retry import Retries
from ._runtime.session import AsyncSession, CallOptions, Session, make_settings
from .operations import (
    CHECK_PIPELINE,
    RUN_PIPELINE,
    RUN_PIPELINE_SYNC,
)

if TYPE_CHECKING:
    from ._runtime.wire import AsyncTransport, Transport
    from .inputs import (
        PipeDict,
    )
    from .models import (
        InputObject,
        Pipe,
        PipelineResponse,
    )

BASE_URL = "https://api.pipe0.com"
"""Where the client sends its requests unless told otherwise."""


class Pipe0Pipeline(Session):
    """Pipe0 pipeline, one call after the other or from several threads.

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
            token: An API key. It belongs to one organization and stands for it. None sends no credentials.
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
                user_agent="pipe0_pipeline_client",
            ),
            transport,
        )

    def run_pipeline(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Start a run.

        Creates a run and answers at once, before work on it begins. Poll `checkPipeline` with
        the `id` of the answer. A request that fails validation is either refused with an HTTP
        error or answered with a run that is already `failed`.

        Args:
            pipes: The pipes to run, in any order.
            input: The rows. Their ids must differ from each other.
        """
        return self._call(
            RUN_PIPELINE,
            body=members(
                ("pipes", pipes),
                ("input", input),
            ),
            options=options,
        )

    def run_pipeline_sync(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Start a run and wait for its end.

        Creates a run, waits until it has ended and answers with the result. Advised for fewer
        than ten rows.

        Args:
            pipes: The pipes to run, in any order.
            input: The rows. Their ids must differ from each other.
        """
        return self._call(
            RUN_PIPELINE_SYNC,
            body=members(
                ("pipes", pipes),
                ("input", input),
            ),
            options=options,
        )

    def check_pipeline(
        self,
        *,
        id: str,
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Read a run.

        Answers with the present state of a run. Poll it every one to three seconds until the
        `status` is `completed` or `failed`.

        Args:
            id: The `id` of the run, as the answer that created it gave it.
        """
        return self._call(
            CHECK_PIPELINE,
            query=(("id", id),),
            options=options,
        )


class AsyncPipe0Pipeline(AsyncSession):
    """Pipe0 pipeline, within an event loop.

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
            token: An API key. It belongs to one organization and stands for it. None sends no credentials.
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
                user_agent="pipe0_pipeline_client",
            ),
            transport,
        )

    async def run_pipeline(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Start a run.

        Creates a run and answers at once, before work on it begins. Poll `checkPipeline` with
        the `id` of the answer. A request that fails validation is either refused with an HTTP
        error or answered with a run that is already `failed`.

        Args:
            pipes: The pipes to run, in any order.
            input: The rows. Their ids must differ from each other.
        """
        return await self._call(
            RUN_PIPELINE,
            body=members(
                ("pipes", pipes),
                ("input", input),
            ),
            options=options,
        )

    async def run_pipeline_sync(
        self,
        *,
        pipes: Sequence[Pipe | PipeDict],
        input: Sequence[InputObject | Mapping[str, Any]],
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Start a run and wait for its end.

        Creates a run, waits until it has ended and answers with the result. Advised for fewer
        than ten rows.

        Args:
            pipes: The pipes to run, in any order.
            input: The rows. Their ids must differ from each other.
        """
        return await self._call(
            RUN_PIPELINE_SYNC,
            body=members(
                ("pipes", pipes),
                ("input", input),
            ),
            options=options,
        )

    async def check_pipeline(
        self,
        *,
        id: str,
        options: CallOptions | None = None,
    ) -> PipelineResponse:
        """Read a run.

        Answers with the present state of a run. Poll it every one to three seconds until the
        `status` is `completed` or `failed`.

        Args:
            id: The `id` of the run, as the answer that created it gave it.
        """
        return await self._call(
            CHECK_PIPELINE,
            query=(("id", id),),
            options=options,
        )
