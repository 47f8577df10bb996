"""What both kinds of waiting client know of the runs that they look out for."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from .errors import ApiError, ClientError, DecodeError
from .lifecycle import at
from .look import Look
from .model import UNSET, Answer, UnsetType
from .operation import Pairs, present, said, text
from .session import DEFAULT_OPTIONS, Settings
from .vigil import Ended, Vigil
from .waiting import Failed, Pace, Patience, Reason, Watch, is_gone
from .wire import Request

if TYPE_CHECKING:
    from .clock import AsyncClock, Clock
    from .plan import Plan

T = TypeVar("T")
V = TypeVar("V")

OnLook = Callable[[Look], None]


def check_in_flight(in_flight: int) -> None:
    """Check that at least one look may be under way.

    Raises:
        ValueError: none may.
    """
    if not in_flight >= 1:  # nan is less than nothing
        raise ValueError(f"At least 1 look must be let into flight, not {in_flight!r}.")


def is_too_late(error: ClientError) -> bool:
    """Return True if the refusal to cancel a run may mean that it has ended already."""
    status = error.status if isinstance(error, ApiError) else 0
    return 400 <= status < 500 and status not in (401, 403, 404, 429)


def unfound(refusal: ApiError, tried: Sequence[tuple[Vigil[Any], Failed]]) -> Exception:
    """Return what to raise when the server showed no run by any name in its refusal."""
    for vigil, failed in tried:
        error = failed.look.error if failed.look is not None else None
        if failed.reason is Reason.REFUSED or (failed.reason is Reason.MISSES and is_gone(error)):
            continue  # this word of the text was no run's name
        ended: Ended[Any] = vigil.fail(failed)
        if ended.error is not None:
            ended.error.__cause__ = refusal
            return ended.error
    return refusal


def _names_in(refusal: ApiError) -> list[str]:
    """Return what may be a run's id in the text of an error, likely ones first."""
    told = _words(said(refusal.raw))
    found = {**told, **_words(refusal.raw.decode("utf-8", "replace"))}

    def unlikelihood(name: str) -> tuple[bool, bool, int]:
        return not re.search(r"[0-9]", name), name not in told, -len(name)

    return sorted(found, key=unlikelihood)[:3]


def _words(text: str) -> dict[str, None]:
    return dict.fromkeys(re.findall(r"[A-Za-z0-9][A-Za-z0-9_-]{7,}", text))


class Lookout:
    """Makes what is needed to look at runs; it looks at none itself."""

    _clock: Clock | AsyncClock

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jitter = random.random

    def now(self) -> float:
        """Return the time, in seconds, on the clock that waits go by."""
        return self._clock.now()

    @staticmethod
    def patience(timeout: float | UnsetType | None, patience: Patience | None) -> Patience:
        """Return the patience to wait with; `timeout`, if given, is its deadline."""
        patience = patience or Patience()
        return patience if isinstance(timeout, UnsetType) else replace(patience, deadline=timeout)

    @staticmethod
    def several(names: Iterable[V]) -> Iterable[V]:
        """Return the names of runs, unless they are one.

        Raises:
            TypeError: this is a single name, and no list of names.
        """
        if isinstance(names, str | bytes):
            raise TypeError(f"{names!r} names one run; give a list of names.")
        return names

    @staticmethod
    def at(started: Any, member: str) -> Any:
        """Return what the answer to a start has at a JSON Pointer, or None if there is nothing."""
        return at(started, member)

    def vigil(
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
        """Make what waits for one run, look by look."""
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
        )

    def started_vigil(
        self,
        plan: Plan[T],
        key: Mapping[str, Any],
        started: Any,
        *,
        began: float,
        query: Pairs = (),
        headers: Pairs = (),
        **options: Any,
    ) -> Vigil[T]:
        """Make what waits for a run that was started now.

        Raises:
            DecodeError: the answer to the start does not name it.
        """
        for name, value in key.items():
            if value is None:
                raise DecodeError(pointer="", expected=f"an answer with {name}", got="none")
        vigil = self.vigil(
            plan, key, just_started=True, began=began, query=query, headers=headers, **options
        )
        if not present((*query, *headers)):  # else looks show more than the start's answer does
            vigil.first = plan.shown(vigil.key, began, self._clock.now(), started)
        return vigil

    def named_vigils(
        self, plan: Plan[T], key: Mapping[str, Any], refusal: ApiError, **options: Any
    ) -> list[Vigil[T]]:
        """Return a vigil for each run that a refusal may name, the likeliest first."""
        return [
            self.vigil(plan, {**key, plan.identifier: name}, just_started=True, **options)
            for name in _names_in(refusal)
        ]

    def _request(self, vigil: Vigil[Any]) -> Request:
        """Build the request for a look, with no more time than there is."""
        request = self._settings.request(
            vigil.plan.poll,
            vigil.plan.path(vigil.key),
            (*vigil.plan.query(vigil.key), *vigil.query),
            (*vigil.plan.headers(vigil.key), *vigil.headers),
            UNSET,
            DEFAULT_OPTIONS,
        )
        budget = vigil.watch.budget(self._clock.now())
        if budget is None:
            return request
        return replace(request, timeout=min(request.timeout, budget))

    def _seen(self, vigil: Vigil[Any], began: float, answer: Answer, raw: bytes) -> Look:
        look = vigil.plan.seen(vigil.key, began, self._clock.now(), answer, raw)
        if isinstance(look.error, DecodeError):
            look.error.redact(vigil.hide)
        return look

    def _missed(self, vigil: Vigil[Any], began: float, error: Exception) -> Look:
        return vigil.plan.missed(vigil.key, began, self._clock.now(), error)
