# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""Waits for runs, one or many, in an event loop."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .clock import ASYNC_REAL_CLOCK, AsyncClock
from .errors import ApiError, DecodeError, NektV2Error
from .operation import Pairs, present, text
from .plan import Plan
from .rota import Rota
from .session import AsyncSession, Settings
from .vigil import Ended, Vigil, begin
from .waiter import OnLook, check_in_flight, look_request, names_in
from .waiting import Look, Pace, Patience, Watch
from .wire import AsyncTransport

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


class AsyncWaitingSession(AsyncSession):
    """An asynchronous client's way to its server, with the patience to wait for runs."""

    def __init__(
        self, settings: Settings, transport: AsyncTransport | None, clock: AsyncClock | None
    ) -> None:
        super().__init__(settings, transport)
        self._clock = clock or ASYNC_REAL_CLOCK
        self._jitter: Callable[[], float] = random.random

    def _vigil(
        self,
        plan: Plan[T],
        key: Mapping[str, Any],
        *,
        patience: Patience,
        pace: Pace | None,
        on_look: OnLook | None,
        until: str | None = None,
        seen: str | None = None,
        just_started: bool = False,
        any_outcome: bool = False,
        began: float | None = None,
        query: Pairs = (),
        headers: Pairs = (),
    ) -> Vigil[T]:
        watch = Watch(
            plan.lifecycle,
            began=self._clock.now() if began is None else began,
            jitter=self._jitter,
            pace=pace,
            patience=patience,
            until=until,
            seen=seen,
            just_started=just_started,
        )
        return Vigil(
            plan=plan,
            key={name: text(value) for name, value in key.items()},
            watch=watch,
            hide=self._settings.hide,
            query=query,
            headers=headers,
            on_look=on_look,
            any_outcome=any_outcome,
            budget=patience.deadline,
        )

    def _started_vigil(
        self,
        plan: Plan[T],
        key: Mapping[str, Any],
        started: Any,
        *,
        began: float,
        patience: Patience,
        pace: Pace | None,
        on_look: OnLook | None,
        query: Pairs = (),
        headers: Pairs = (),
    ) -> Vigil[T]:
        for name, value in key.items():
            if value is None:
                raise DecodeError(pointer="", expected=f"an answer with {name}", got="none")
        vigil = self._vigil(
            plan,
            key,
            patience=patience,
            pace=pace,
            on_look=on_look,
            just_started=True,
            began=began,
            query=query,
            headers=headers,
        )
        if not present((*query, *headers)):  # else looks show more than the start's answer does
            vigil.first = plan.shown(vigil.key, began, self._clock.now(), started)
        return vigil

    async def _named_vigil(
        self,
        plan: Plan[T],
        key: Mapping[str, Any],
        refusal: ApiError,
        *,
        began: float,
        patience: Patience,
        pace: Pace | None,
        on_look: OnLook | None,
        query: Pairs = (),
        headers: Pairs = (),
    ) -> Vigil[T]:
        """Return the vigil for the run that a refusal names, once the server has shown it."""
        for name in names_in(refusal):
            vigil = self._vigil(
                plan,
                {**key, plan.identifier: name},
                patience=patience,
                pace=pace,
                on_look=on_look,
                began=began,
                query=query,
                headers=headers,
            )
            vigil.first = await self._look(vigil)
            if vigil.first.status is not None:
                return vigil
        raise refusal

    async def _watch_started(self, vigil: Vigil[T], stop: asyncio.Event | None) -> Ended[T]:
        """Watch over a run that something has shown already, if only by saying that it began."""
        if vigil.first is None:
            return await self._watch_over(vigil, stop, vigil.watch.first)
        step = vigil.take(vigil.first)
        if isinstance(step, Ended):
            return step
        return await self._watch_over(vigil, stop, step.seconds)

    async def _watch_over(
        self, vigil: Vigil[T], stop: asyncio.Event | None, first: float = 0.0
    ) -> Ended[T]:
        begin((vigil,))
        try:
            pause = first
            while True:
                if stop is not None and stop.is_set():
                    return vigil.stop()
                if pause > 0 and await self._clock.sleep(pause, stop):
                    return vigil.stop()
                look = await (self._look(vigil) if stop is None else self._look_unless(stop, vigil))
                if look is None:
                    return vigil.stop()
                step = vigil.take(look)
                if isinstance(step, Ended):
                    return step
                pause = step.seconds
        finally:
            vigil.leave()

    async def _look_unless(self, stop: asyncio.Event, vigil: Vigil[Any]) -> Look | None:
        """Look at a run; return None if `stop` is set first."""
        import asyncio

        look = asyncio.ensure_future(self._look(vigil))
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((look, stopped), return_when=asyncio.FIRST_COMPLETED)
            return look.result() if look.done() else None
        finally:
            look.cancel()
            stopped.cancel()
            await asyncio.gather(look, stopped, return_exceptions=True)

    async def _look(self, vigil: Vigil[Any]) -> Look:
        plan, began = vigil.plan, self._clock.now()
        try:
            answer, raw = await self._fetch(plan.poll, look_request(self._settings, vigil))
        except NektV2Error as error:
            return plan.missed(vigil.key, began, self._clock.now(), error)
        look = plan.seen(vigil.key, began, self._clock.now(), answer, raw)
        if isinstance(look.error, DecodeError):
            look.error.redact(vigil.hide)
        return look

    async def _watch_over_each(
        self,
        vigils: Sequence[Vigil[T]],
        stop: asyncio.Event | None,
        in_flight: int,
        rate: float | None,
    ) -> AsyncIterator[Ended[T]]:
        import asyncio

        check_in_flight(in_flight)
        rota: Rota[Vigil[T]] = Rota(rate)
        begin(vigils)
        for vigil in vigils:
            rota.put(self._clock.now(), vigil)
        looking: dict[asyncio.Task[Look], Vigil[T]] = {}
        stopped = asyncio.ensure_future(stop.wait()) if stop is not None else None
        halts = () if stopped is None else (stopped,)
        try:
            while rota or looking:
                if stop is not None and stop.is_set():
                    break
                self._start_looks(rota, looking, in_flight)
                due = rota.due_in(self._clock.now())
                if not looking:
                    await self._clock.sleep(due or 0.0, stop)
                    continue
                full = len(looking) >= in_flight
                done, _ = await asyncio.wait(
                    (*looking, *halts),
                    timeout=None if full else due,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in [task for task in looking if task in done]:
                    vigil = looking.pop(task)
                    step = vigil.take(task.result())
                    if isinstance(step, Ended):
                        yield step
                    else:
                        rota.put(self._clock.now() + step.seconds, vigil)
        finally:
            for unfinished in (*looking, *halts):
                unfinished.cancel()
            for vigil in vigils:
                vigil.leave()
            await asyncio.gather(*looking, *halts, return_exceptions=True)
        for vigil in (*looking.values(), *rota.drain()):
            yield vigil.stop()

    def _start_looks(
        self,
        rota: Rota[Vigil[T]],
        looking: dict[asyncio.Task[Look], Vigil[T]],
        in_flight: int,
    ) -> None:
        import asyncio

        while len(looking) < in_flight:
            vigil = rota.take(self._clock.now())
            if vigil is None:
                return
            looking[asyncio.ensure_future(self._look(vigil))] = vigil

    async def _cancel_and_watch(
        self, vigil: Vigil[T], cancel: Callable[[], Awaitable[Any]], stop: asyncio.Event | None
    ) -> T:
        try:
            await cancel()
        except ApiError as refusal:
            # A run that has ended already cannot be canceled, and need not be.
            if not 400 <= refusal.status < 500 or refusal.status in (401, 403, 404, 429):
                raise
            step = vigil.take(await self._look(vigil))
            if isinstance(step, Ended):
                return step.result()
            vigil.leave()
            raise
        return (await self._watch_over(vigil, stop)).result()
