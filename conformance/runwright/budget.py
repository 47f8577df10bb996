"""A budget says what a session may send; a gate keeps to it, exactly."""

import threading
import time
from collections.abc import Callable
from typing import Final, Literal

from attrs import field, frozen


class NotAdmittedError(Exception):
    """The budget does not allow a request."""


class BudgetSpentError(NotAdmittedError):
    """As many requests or runs were sent as the budget allows, or its time is over.

    ``kind`` says which: after ``runs`` other requests are still admitted, else none is.
    """

    def __init__(self, kind: Literal["requests", "runs", "deadline"], limit: float) -> None:
        """Say what is spent."""
        super().__init__(f"the budget of {limit:g} {_UNITS[kind]} is spent")
        self.kind = kind


_UNITS: Final = {"requests": "requests", "runs": "run-starting requests", "deadline": "seconds"}


class ObserveOnlyError(NotAdmittedError):
    """The session only observes, and the request is not safe."""


def _above_zero(_: object, attribute: object, value: float | None) -> None:
    if value is not None and value <= 0:
        raise ValueError(f"{getattr(attribute, 'name', 'a limit')} must be above 0, not {value}")


def _not_negative(_: object, attribute: object, value: int | None) -> None:
    if value is not None and value < 0:
        raise ValueError(f"{getattr(attribute, 'name', 'a limit')} cannot be negative: {value}")


@frozen(kw_only=True)
class Budget:
    """What a session may spend; None sets no limit.

    ``max_runs`` counts the requests that may have started a run: one that the server refused
    with a 4xx, other than a 408, is given back, and so is one that never reached it. ``rate`` is
    in requests a second, ``deadline`` in seconds from the first request; an answer that is not
    there by then is given up. With ``observe_only`` nothing but GET, HEAD and OPTIONS is sent.
    """

    max_requests: int | None = field(default=None, validator=_not_negative)
    max_runs: int | None = field(default=None, validator=_not_negative)
    rate: float | None = field(default=None, validator=_above_zero)
    deadline: float | None = field(default=None, validator=_above_zero)
    observe_only: bool = False


@frozen
class Spent:
    """How many requests were sent, how many of them may have started a run, in what time.

    ``seconds`` count from the first request; two that differ in them only are equal.
    """

    requests: int
    runs: int
    seconds: float = field(default=0.0, eq=False)


def tell_spent(spent: Spent, budget: Budget) -> str:
    """Return in one line what was spent, and each limit that was set."""
    requests = _of(_counted(spent.requests, "request"), budget.max_requests, "")
    runs = _of(f"{_counted(spent.runs, 'run')} started", budget.max_runs, "")
    seconds = _of(f"{spent.seconds:.1f} s", budget.deadline, " s")
    rate = "" if budget.rate is None else f", at most {budget.rate:g} requests a second"
    return f"spent {requests}, {runs}, {seconds}{rate}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _of(used: str, limit: float | None, unit: str) -> str:
    return f"{used} (no limit)" if limit is None else f"{used} (limit {limit:,g}{unit})"


class Gate:
    """Admits requests one by one within a budget; safe to share between threads."""

    def __init__(
        self,
        budget: Budget,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Admit nothing yet."""
        self.budget = budget
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._requests = 0
        self._runs = 0
        self._opened: float | None = None
        self._next = 0.0

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        with self._lock:
            since = 0.0 if self._opened is None else self._now() - self._opened
            return Spent(self._requests, self._runs, since)

    def admit(self, *, is_safe: bool, starts_run: bool) -> None:
        """Count a request that is about to be sent, and wait for its turn.

        Raises:
            NotAdmittedError: the budget does not allow it; nothing is counted.
        """
        budget = self.budget
        with self._lock:
            now = self._now()
            opened = now if self._opened is None else self._opened
            turn = max(now, self._next)
            if budget.observe_only and not is_safe:
                raise ObserveOnlyError("only safe methods are sent when a session only observes")
            if budget.max_requests is not None and self._requests >= budget.max_requests:
                raise BudgetSpentError("requests", budget.max_requests)
            if budget.deadline is not None and turn - opened >= budget.deadline:
                raise BudgetSpentError("deadline", budget.deadline)
            if starts_run and budget.max_runs is not None and self._runs >= budget.max_runs:
                raise BudgetSpentError("runs", budget.max_runs)
            self._opened = opened
            self._requests += 1
            self._runs += starts_run
            if budget.rate is not None:
                self._next = turn + 1 / budget.rate
        if turn > now:
            self._sleep(turn - now)

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, None if there is none."""
        if self.budget.deadline is None:
            return None
        with self._lock:
            since = 0.0 if self._opened is None else self._now() - self._opened
            return max(0.0, self.budget.deadline - since)

    def give_back_run(self) -> None:
        """Uncount a run-starting request that the server refused, or never saw."""
        with self._lock:
            self._runs -= 1

    def give_back_request(self, *, starts_run: bool) -> None:
        """Uncount a request that never reached the wire."""
        with self._lock:
            self._requests -= 1
            self._runs -= starts_run
