# Made by scripts/generate.py from the OpenAPI document of pipe0_pipeline; do not edit.
"""Waits for runs, one or many, by the clock."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from .clock import REAL_CLOCK, Clock
from .errors import ApiError, DecodeError, Pipe0PipelineError
from .model import UNSET, UnsetType
from .operation import Pairs, present, text
from .plan import Plan
from .rota import Rota
from .session import DEFAULT_OPTIONS, Session, Settings
from .vigil import Ended, Vigil, begin
from .waiting import Look, Pace, Patience, Watch
from .wire import Request, Transport

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

    from .hands import Hands

T = TypeVar("T")
V = TypeVar("V")

OnLook = Callable[[Look], None]

NOTICE = 0.05
"""Within so many seconds it is noticed, even during a look, that the caller's event was set."""

LEAST_BUDGET = 0.05
"""No look gets less time than this, in seconds."""


def patience_of(timeout: float | UnsetType | None, patience: Patience | None) -> Patience:
    """Return the patience to wait with; `timeout`, if given, is its deadline."""
    patience = patience or Patience()
    return patience if isinstance(timeout, UnsetType) else replace(patience, deadline=timeout)


def look_request(settings: Settings, vigil: Vigil[Any]) -> Request:
    """Build the request for a look, with no more time than there is."""
    request = settings.request(
        vigil.plan.poll,
        vigil.plan.path(vigil.key),
        (*vigil.plan.query(vigil.key), *vigil.query),
        vigil.headers,
        UNSET,
        DEFAULT_OPTIONS,
    )
    if vigil.budget is None:
        return request
    return replace(request, timeout=min(request.timeout, max(vigil.budget, LEAST_BUDGET)))


def check_in_flight(in_flight: int) -> None:
    """Check that at least one look may be under way.

    Raises:
        ValueError: none may.
    """
    if in_flight < 1:
        raise ValueError(f"At least 1 look must be let into flight, not {in_flight!r}.")


def several(names: Iterable[V]) -> Iterable[V]:
    """Return the names of runs, unless they are one.

    Raises:
        TypeError: this is a single name, and no list of names.
    """
    if isinstance(names, str | bytes):
        raise TypeError(f"{names!r} names one run; give a list of names.")
    return names


def names_in(refusal: ApiError) -> list[str]:
    """Return what may be a run's id in the text of an error, likely ones first."""
    text = refusal.raw.decode("utf-8", "replace")
    found = dict.fromkeys(re.findall(r"[A-Za-z0-9][A-Za-z0-9_-]{7,}", text))
    return sorted(found, key=lambda name: (not re.search(r"[0-9]", name), -len(name)))[:3]


class WaitingSession(Session):
    """A client's way to its server, with the patience to wait for runs."""

    def __init__(
        self, settings: Settings, transport: Transport | None, clock: Clock | None
    ) -> None:
        super().__init__(settings, transport)
        self._clock = clock or REAL_CLOCK
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

    def _named_vigil(
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
            vigil.first = self._look(vigil)
            if vigil.first.status is not None:
                return vigil
        raise refusal

    def _watch_started(self, vigil: Vigil[T], stop: threading.Event | None) -> Ended[T]:
        """Watch over a run that something has shown already, if only by saying that it began."""
        if vigil.first is None:
            return self._watch_over(vigil, stop, vigil.watch.first)
        step = vigil.take(vigil.first)
        if isinstance(step, Ended):
            return step
        return self._watch_over(vigil, stop, step.seconds)

    def _watch_over(
        self, vigil: Vigil[T], stop: threading.Event | None, first: float = 0.0
    ) -> Ended[T]:
        begin((vigil,))
        try:
            pause = first
            while True:
                if stop is not None and stop.is_set():
                    return vigil.stop()
                if pause > 0 and self._clock.sleep(pause, stop):
                    return vigil.stop()
                look = self._look(vigil) if stop is None else self._look_unless(stop, vigil)
                if look is None:
                    return vigil.stop()
                step = vigil.take(look)
                if isinstance(step, Ended):
                    return step
                pause = step.seconds
        finally:
            vigil.leave()

    def _look_unless(self, stop: threading.Event, vigil: Vigil[Any]) -> Look | None:
        """Look at a run; return None if `stop` is set first."""
        from concurrent.futures import wait as wait_for_any

        from .hands import Hands

        hands = Hands(1)
        future = hands.give(partial(self._look, vigil))
        hands.dismiss()
        while wait_for_any((future,), timeout=NOTICE).not_done:
            if stop.is_set():
                return None
        look: Look = future.result()
        return look

    def _look(self, vigil: Vigil[Any]) -> Look:
        plan, began = vigil.plan, self._clock.now()
        try:
            answer, raw = self._fetch(plan.poll, look_request(self._settings, vigil))
        except Pipe0PipelineError as error:
            return plan.missed(vigil.key, began, self._clock.now(), error)
        look = plan.seen(vigil.key, began, self._clock.now(), answer, raw)
        if isinstance(look.error, DecodeError):
            look.error.redact(vigil.hide)
        return look

    def _watch_over_each(
        self,
        vigils: Sequence[Vigil[T]],
        stop: threading.Event | None,
        in_flight: int,
        rate: float | None,
    ) -> Iterator[Ended[T]]:
        from concurrent.futures import FIRST_COMPLETED
        from concurrent.futures import wait as wait_for_any

        from .hands import Hands

        check_in_flight(in_flight)
        rota: Rota[Vigil[T]] = Rota(rate)
        begin(vigils)
        for vigil in vigils:
            rota.put(self._clock.now(), vigil)
        looking: dict[Future[Look], Vigil[T]] = {}
        hands = Hands(in_flight)
        try:
            while rota or looking:
                if stop is not None and stop.is_set():
                    break
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

    def _cancel_and_watch(
        self, vigil: Vigil[T], cancel: Callable[[], Any], stop: threading.Event | None
    ) -> T:
        try:
            cancel()
        except ApiError as refusal:
            # A run that has ended already cannot be canceled, and need not be.
            if not 400 <= refusal.status < 500 or refusal.status in (401, 403, 404, 429):
                raise
            step = vigil.take(self._look(vigil))
            if isinstance(step, Ended):
                return step.result()
            vigil.leave()
            raise
        return self._watch_over(vigil, stop).result()
