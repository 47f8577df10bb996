# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Which failures are worth another try, and when."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec import Struct

from .errors import ApiError, ConnectionFailedError, RequestTimeoutError

_PASSING = frozenset({408, 425, 429})


def check_bounds(holder: object, **bounds: tuple[float, float | None]) -> None:
    """Check that each of some attributes is None or within its bounds.

    Raises:
        ValueError: one is not.
    """
    for name, (least, most) in bounds.items():
        value = getattr(holder, name)
        if value is not None and not (value >= least and (most is None or value <= most)):
            limit = f"at least {least:g}" + (f" and at most {most:g}" if most is not None else "")
            raise ValueError(f"{type(holder).__name__}: {name} must be {limit}, not {value!r}.")


class Retries(Struct, frozen=True, kw_only=True):
    """How a request that is safe to repeat is repeated; times in seconds.

    Waits grow from `first` to `most`, with jitter. A server's ``Retry-After`` is obeyed, but no
    longer than `longest_hint`. Nothing is tried again once `timeout` has passed.
    """

    attempts: int = 4
    timeout: float = 60.0
    first: float = 0.3
    most: float = 10.0
    longest_hint: float = 30.0

    def __post_init__(self) -> None:
        check_bounds(self, attempts=(1, None), first=(0, None), most=(0, None))
        check_bounds(self, timeout=(0, None), longest_hint=(0, None))


NO_RETRIES = Retries(attempts=1)


def is_passing(error: BaseException) -> bool:
    """Return True if the same request may well succeed a little later."""
    if isinstance(error, ApiError):
        return error.status in _PASSING or error.status >= 500
    return isinstance(error, ConnectionFailedError | RequestTimeoutError)


def judge(
    retries: Retries,
    jitter: Callable[[], float] = random.random,
    *,
    final: frozenset[int] = frozenset(),
) -> Callable[[Exception], bool | float]:
    """Return what tells stamina whether to try again, and after how long if the server said so.

    After a status that is `final`, nothing is tried again.
    """

    def decide(error: Exception) -> bool | float:
        if not is_passing(error) or (isinstance(error, ApiError) and error.status in final):
            return False
        if isinstance(error, ApiError) and error.retry_after is not None:
            hint = min(error.retry_after, retries.longest_hint)
            # Never earlier than asked; a little later, lest all come back at once.
            return hint + jitter() * min(1.0, 0.1 * hint)
        return True

    return decide
