"""A script says what a thing will be at which virtual time; reading it changes nothing."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from attrs import field, frozen

S = TypeVar("S")


def _in_order(scenes: Iterable[tuple[float, S]]) -> tuple[tuple[float, S], ...]:
    ordered = tuple(sorted(scenes, key=lambda scene: scene[0]))
    if not ordered:
        raise ValueError("a script needs at least one scene")
    return ordered


@frozen
class Script(Generic[S]):
    """Scenes in the order of time: from each moment on, the thing is in that state.

    Of two scenes at the same moment the later one in the row counts. Before the first scene the
    thing is in the first state already.
    """

    scenes: tuple[tuple[float, S], ...] = field(converter=_in_order)

    def _index(self, moment: float) -> int:
        return max(0, bisect_right(self.scenes, moment, key=lambda scene: scene[0]) - 1)

    def at(self, moment: float) -> S:
        """Return the state at a moment."""
        return self.scenes[self._index(moment)][1]

    def since(self, moment: float) -> float:
        """Return when the state at a moment began."""
        return self.scenes[self._index(moment)][0]

    def reached(self, state: S, moment: float) -> float | None:
        """Return when a state was first entered, None if it was not by that moment."""
        for begun, scene in self.scenes[: self._index(moment) + 1]:
            if scene == state:
                return begun
        return None

    @property
    def start(self) -> float:
        """The moment of the first scene."""
        return self.scenes[0][0]

    @property
    def end(self) -> float:
        """The moment of the last scene."""
        return self.scenes[-1][0]

    @property
    def last(self) -> S:
        """The last state."""
        return self.scenes[-1][1]

    def has_ended(self, moment: float) -> bool:
        """True if nothing is left to happen at a moment."""
        return moment >= self.end

    def cut(self, moment: float, *scenes: tuple[float, S]) -> "Script[S]":
        """Return the script in which what lay after a moment is replaced by other scenes.

        The first scene always stays, so that a thing has been something from its start.
        """
        kept = self.scenes[: self._index(moment) + 1]
        return Script((*kept, *scenes))
