"""Where a world keeps its runs: by tenant, in the order of their creation, until they expire."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Kept(Protocol):
    """What a store needs to know of a run."""

    @property
    def id(self) -> str:
        """What identifies the run; unique over all tenants."""
        ...

    @property
    def expires(self) -> float | None:
        """The virtual time from which the run cannot be read any more, None for never."""
        ...


R = TypeVar("R", bound=Kept)


class Store(Generic[R]):
    """Runs by their owner's name and their id."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._runs: dict[str, dict[str, R]] = {}

    def put(self, owner: str, run: R) -> R:
        """Keep a run; one of the same id is replaced and keeps its place."""
        self._runs.setdefault(owner, {})[run.id] = run
        return run

    def remove(self, owner: str, run_id: str) -> None:
        """Forget a run."""
        self._runs.get(owner, {}).pop(run_id, None)

    def find(self, owner: str, run_id: str, now: float) -> R | None:
        """Return an owner's run, None if there is none or it has expired."""
        run = self._runs.get(owner, {}).get(run_id)
        return run if run is not None and _is_readable(run, now) else None

    def owner_of(self, run_id: str) -> str | None:
        """Return the name of the tenant who has a run of that id."""
        return next((owner for owner, runs in self._runs.items() if run_id in runs), None)

    def oldest_first(self, owner: str, now: float) -> Iterator[R]:
        """Yield an owner's readable runs in the order of their creation."""
        return (run for run in self._runs.get(owner, {}).values() if _is_readable(run, now))

    def newest_first(self, owner: str, now: float) -> Iterator[R]:
        """Yield an owner's readable runs, the one created last first."""
        return (
            run for run in reversed(self._runs.get(owner, {}).values()) if _is_readable(run, now)
        )


def _is_readable(run: Kept, now: float) -> bool:
    return run.expires is None or now < run.expires
