# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Waits for runs, one or many, by the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .clock import REAL_CLOCK, Clock
from .errors import ApiError, Pipe0Error
from .look import Look
from .lookout import Lookout, check_in_flight, is_too_late, unfound
from .rota import Rota
from .session import ClientSession
from .vigil import Ended, Vigil, begin
from .wait_errors import WaitError
from .waiting import LEAST_BUDGET, Failed, Sleep

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .hands import Hands

T = TypeVar("T")
V = TypeVar("V")

NOTICE = 0.05
"""Within so many seconds it is noticed, even during a request, that the caller's event was set."""

_LONGEST = threading.TIMEOUT_MAX
"""No wait of the standard library may be longer, in seconds, nor endless; a deadline may."""


class Waiter(Lookout):
    """Waits for runs that a client's session looks at."""

    _clock: Clock

    def __init__(self, session: ClientSession, clock: Clock | None) -> None:
        super().__init__(session._settings)
        self._session = session
        self._clock = clock or REAL_CLOCK

    def ask(
        self,
        do: Callable[[], V],
        stop: threading.Event | None,
        budget: float | None,
        given_up: Callable[..., WaitError],
    ) -> V:
        """Do what starts or cancels a run; give it up at `stop`, or when `budget` is spent."""
        is_sent = stop is None or not stop.is_set()
        result = self._unless(do, stop, budget) if is_sent else None
        if result is None:
            raise given_up(is_stopped=stop is not None and stop.is_set(), is_sent=is_sent)
        return result()

    def _unless(
        self, do: Callable[[], V], stop: threading.Event | None, budget: float | None
    ) -> Callable[[], V] | None:
        """Do something; return what gives its result, or None if `stop` or the end came first."""
        from concurrent.futures import wait as wait_for_any

        from .hands import Hands

        if stop is None and budget is None:
            return do
        end = float("inf") if budget is None else self._clock.now() + max(budget, LEAST_BUDGET)
        longest = _LONGEST if stop is None else NOTICE
        hands = Hands(1)
        future = hands.give(do)
        hands.dismiss()
        while (left := end - self._clock.now()) > 0:
            if wait_for_any((future,), timeout=min(left, longest)).done:
                return future.result
            if stop is not None and stop.is_set():
                break
        return None

    def watch_started(self, vigil: Vigil[T], stop: threading.Event | None) -> Ended[T]:
        """Watch over a run that something has shown already, if only by saying that it began."""
        if vigil.first is not None:
            return self._go_on(vigil, stop, vigil.first)
        pause = vigil.watch.first
        if vigil.watch.is_over(self._clock.now() + pause):
            return vigil.time_out()
        return self.watch_over(vigil, stop, pause)

    def watch_named(
        self, vigils: Sequence[Vigil[T]], stop: threading.Event | None, refusal: ApiError
    ) -> Ended[T]:
        """Watch over the first of some runs that the server shows; a refusal may name any."""
        tried: list[tuple[Vigil[T], Failed]] = []
        pause = 0.0
        while vigils:
            if pause > 0 and self._clock.sleep(pause, stop):
                return vigils[0].stop()
            pause, unseen = 0.0, []
            for vigil in vigils:
                look = self._look_unless(stop, vigil)
                if look is None:
                    return vigils[0].stop()
                if look.status is not None:
                    return self._go_on(vigil, stop, look)
                step = vigil.watch.see(look)
                if isinstance(step, Failed):
                    tried.append((vigil, step))
                elif isinstance(step, Sleep):
                    unseen.append(vigil)
                    pause = max(pause, step.seconds)
            vigils = unseen
        raise unfound(refusal, tried)

    def _go_on(self, vigil: Vigil[T], stop: threading.Event | None, look: Look) -> Ended[T]:
        step = vigil.take(look)
        return step if isinstance(step, Ended) else self.watch_over(vigil, stop, step.seconds)

    def watch_over(
        self, vigil: Vigil[T], stop: threading.Event | None, first: float = 0.0
    ) -> Ended[T]:
        begin((vigil,))
        try:
            pause = first
            while True:
                if pause > 0 and self._clock.sleep(pause, stop):
                    return vigil.stop()
                if vigil.watch.is_over(self._clock.now()):
                    return vigil.time_out()
                look = self._look_unless(stop, vigil)
                if look is None:
                    return vigil.stop()
                step = vigil.take(look)
                if isinstance(step, Ended):
                    return step
                pause = step.seconds
        finally:
            vigil.leave()

    def _look_unless(self, stop: threading.Event | None, vigil: Vigil[Any]) -> Look | None:
        """Look at a run; return None if `stop` is set first."""
        if stop is not None and stop.is_set():
            return None
        result = self._unless(partial(self._look, vigil), stop, None)
        return None if result is None else result()

    def _look(self, vigil: Vigil[Any]) -> Look:
        began = self._clock.now()
        try:
            return self._seen(
                vigil, began, *self._session._fetch(vigil.plan.poll, self._request(vigil))
            )
        except Exception as error:  # noqa: BLE001  whatever it is, it is no other run's trouble
            return self._missed(vigil, began, error)

    def watch_over_each(
        self,
        vigils: Sequence[Vigil[T]],
        stop: threading.Event | None,
        in_flight: int,
        rate: float | None,
    ) -> Generator[Ended[T], None, None]:
        check_in_flight(in_flight)
        return self._take_turns(vigils, stop, in_flight, Rota(rate))

    def _take_turns(
        self,
        vigils: Sequence[Vigil[T]],
        stop: threading.Event | None,
        in_flight: int,
        rota: Rota[Vigil[T]],
    ) -> Generator[Ended[T], None, None]:
        from concurrent.futures import FIRST_COMPLETED
        from concurrent.futures import wait as wait_for_any

        from .hands import Hands

        begin(vigils)
        for vigil in vigils:
            rota.put(self._clock.now(), vigil)
            rota.end = min(rota.end, vigil.watch.end)
        looking: dict[Future[Look], Vigil[T]] = {}
        hands = Hands(in_flight)
        try:
            while rota or looking:
                if stop is not None and stop.is_set():
                    break
                if rota.is_over(self._clock.now()):
                    for vigil in rota.drain():
                        yield vigil.time_out()
                self._start_looks(rota, looking, hands, in_flight)
                due = rota.due_in(self._clock.now())
                if not looking:
                    self._clock.sleep(due or 0.0, stop)
                    continue
                if len(looking) >= in_flight:
                    due = None
                if stop is not None:
                    due = NOTICE if due is None else min(due, NOTICE)
                done, _ = wait_for_any(looking, timeout=due, return_when=FIRST_COMPLETED)
                for future in done:
                    vigil = looking.pop(future)
                    step = vigil.take(future.result())
                    if isinstance(step, Ended):
                        yield step
                    else:
                        rota.put(self._clock.now() + step.seconds, vigil)
        finally:
            # Who leaves early leaves at once: looks under way end by themselves, and then the
            # client closes, if it was told to.
            for future in looking:
                future.cancel()
            hands.dismiss()
            for vigil in vigils:
                vigil.leave()
        for vigil in (*looking.values(), *rota.drain()):
            yield vigil.stop()

    def _start_looks(
        self,
        rota: Rota[Vigil[T]],
        looking: dict[Future[Look], Vigil[T]],
        hands: Hands,
        in_flight: int,
    ) -> None:
        while len(looking) < in_flight:
            vigil = rota.take(self._clock.now())
            if vigil is None:
                return
            looking[hands.give(partial(self._look, vigil))] = vigil

    def cancel_and_watch(
        self, vigil: Vigil[T], cancel: Callable[[], Any], stop: threading.Event | None
    ) -> T:
        try:
            budget = vigil.watch.budget(self._clock.now())
            self.ask(cancel, stop, budget, vigil.given_up)
            vigil.watch.note_known()
        except Pipe0Error as error:
            # A run that has ended already cannot be canceled, and need not be.
            if not is_too_late(error):
                error.token = vigil.token
                raise
            vigil.refusal = error
        return self.watch_over(vigil, stop).result()
