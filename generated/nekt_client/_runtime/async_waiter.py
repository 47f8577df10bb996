# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Waits for runs, one or many, in an event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .clock import ASYNC_REAL_CLOCK, AsyncClock
from .errors import ApiError, NektError
from .look import Look
from .lookout import Lookout, check_in_flight, is_too_late, unfound
from .rota import Rota
from .session import AsyncClientSession
from .vigil import Ended, Vigil, begin
from .wait_errors import WaitError
from .waiting import LEAST_BUDGET, Failed, Sleep

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
V = TypeVar("V")


class AsyncWaiter(Lookout):
    """Waits for runs that a client's session looks at, in an event loop."""

    _clock: AsyncClock

    def __init__(self, session: AsyncClientSession, clock: AsyncClock | None) -> None:
        super().__init__(session._settings)
        self._session = session
        self._clock = clock or ASYNC_REAL_CLOCK

    async def ask(
        self,
        do: Callable[[], Coroutine[Any, Any, V]],
        stop: asyncio.Event | None,
        budget: float | None,
        given_up: Callable[..., WaitError],
    ) -> V:
        """Do what starts or cancels a run; give it up at `stop`, or when `budget` is spent."""
        is_sent = stop is None or not stop.is_set()
        result = await self._unless(do, stop, budget) if is_sent else None
        if result is None:
            raise given_up(is_stopped=stop is not None and stop.is_set(), is_sent=is_sent)
        return result()

    async def _unless(
        self,
        do: Callable[[], Coroutine[Any, Any, V]],
        stop: asyncio.Event | None,
        budget: float | None,
    ) -> Callable[[], V] | None:
        """Do something; return what gives its result, or None if `stop` or the end came first."""
        import asyncio

        halts = _halts(stop)
        task = asyncio.ensure_future(do())
        try:
            await asyncio.wait(
                (task, *halts),
                timeout=None if budget is None else max(budget, LEAST_BUDGET),
                return_when=asyncio.FIRST_COMPLETED,
            )
            return task.result if task.done() else None
        finally:
            for unfinished in (task, *halts):
                unfinished.cancel()
            await asyncio.gather(task, *halts, return_exceptions=True)

    async def watch_started(self, vigil: Vigil[T], stop: asyncio.Event | None) -> Ended[T]:
        """Watch over a run that something has shown already, if only by saying that it began."""
        if vigil.first is not None:
            return await self._go_on(vigil, stop, vigil.first)
        pause = vigil.watch.first
        if vigil.watch.is_over(self._clock.now() + pause):
            return vigil.time_out()
        return await self.watch_over(vigil, stop, pause)

    async def watch_named(
        self, vigils: Sequence[Vigil[T]], stop: asyncio.Event | None, refusal: ApiError
    ) -> Ended[T]:
        """Watch over the first of some runs that the server shows; a refusal may name any."""
        tried: list[tuple[Vigil[T], Failed]] = []
        pause = 0.0
        while vigils:
            if pause > 0 and await self._clock.sleep(pause, stop):
                return vigils[0].stop()
            pause, unseen = 0.0, []
            for vigil in vigils:
                look = await self._look_unless(stop, vigil)
                if look is None:
                    return vigils[0].stop()
                if look.status is not None:
                    return await self._go_on(vigil, stop, look)
                step = vigil.watch.see(look)
                if isinstance(step, Failed):
                    tried.append((vigil, step))
                elif isinstance(step, Sleep):
                    unseen.append(vigil)
                    pause = max(pause, step.seconds)
            vigils = unseen
        raise unfound(refusal, tried)

    async def _go_on(self, vigil: Vigil[T], stop: asyncio.Event | None, look: Look) -> Ended[T]:
        step = vigil.take(look)
        return step if isinstance(step, Ended) else await self.watch_over(vigil, stop, step.seconds)

    async def watch_over(
        self, vigil: Vigil[T], stop: asyncio.Event | None, first: float = 0.0
    ) -> Ended[T]:
        begin((vigil,))
        try:
            pause = first
            while True:
                if pause > 0 and await self._clock.sleep(pause, stop):
                    return vigil.stop()
                if vigil.watch.is_over(self._clock.now()):
                    return vigil.time_out()
                look = await self._look_unless(stop, vigil)
                if look is None:
                    return vigil.stop()
                step = vigil.take(look)
                if isinstance(step, Ended):
                    return step
                pause = step.seconds
        finally:
            vigil.leave()

    async def _look_unless(self, stop: asyncio.Event | None, vigil: Vigil[Any]) -> Look | None:
        """Look at a run; return None if `stop` is set first."""
        if stop is None:
            return await self._look(vigil)
        if stop.is_set():
            return None
        result = await self._unless(partial(self._look, vigil), stop, None)
        return None if result is None else result()

    async def _look(self, vigil: Vigil[Any]) -> Look:
        began = self._clock.now()
        try:
            answer, raw = await self._session._fetch(vigil.plan.poll, self._request(vigil))
            return self._seen(vigil, began, answer, raw)
        except Exception as error:  # noqa: BLE001  whatever it is, it is no other run's trouble
            return self._missed(vigil, began, error)

    def watch_over_each(
        self,
        vigils: Sequence[Vigil[T]],
        stop: asyncio.Event | None,
        in_flight: int,
        rate: float | None,
    ) -> AsyncGenerator[Ended[T], None]:
        check_in_flight(in_flight)
        return self._take_turns(vigils, stop, in_flight, Rota(rate))

    async def _take_turns(
        self,
        vigils: Sequence[Vigil[T]],
        stop: asyncio.Event | None,
        in_flight: int,
        rota: Rota[Vigil[T]],
    ) -> AsyncGenerator[Ended[T], None]:
        import asyncio

        halts = _halts(stop)
        begin(vigils)
        for vigil in vigils:
            rota.put(self._clock.now(), vigil)
            rota.end = min(rota.end, vigil.watch.end)
        looking: dict[asyncio.Task[Look], Vigil[T]] = {}
        try:
            while rota or looking:
                if stop is not None and stop.is_set():
                    break
                if rota.is_over(self._clock.now()):
                    for vigil in rota.drain():
                        yield vigil.time_out()
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

    async def cancel_and_watch(
        self,
        vigil: Vigil[T],
        cancel: Callable[[], Coroutine[Any, Any, Any]],
        stop: asyncio.Event | None,
    ) -> T:
        try:
            budget = vigil.watch.budget(self._clock.now())
            await self.ask(cancel, stop, budget, vigil.given_up)
            vigil.watch.note_known()
        except NektError as error:
            # A run that has ended already cannot be canceled, and need not be.
            if not is_too_late(error):
                error.token = vigil.token
                raise
            vigil.refusal = error
        return (await self.watch_over(vigil, stop)).result()


def _halts(stop: asyncio.Event | None) -> tuple[asyncio.Future[Any], ...]:
    """Return what is done when an event is set, if there is one.

    Raises:
        TypeError: this event would make the whole event loop wait for it.
    """
    import asyncio
    import inspect

    if stop is None:
        return ()
    if not inspect.iscoroutinefunction(stop.wait):
        raise TypeError(f"In an event loop, `stop` is an asyncio.Event, no {type(stop)!r}.")
    return (asyncio.ensure_future(stop.wait()),)
