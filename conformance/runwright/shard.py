"""A shard: which part of a session's work one of several machines, or workers, does.

The parts of ``1/5`` to ``5/5`` make up the whole. Each needs the same options but for the shard;
their histories, merged, are judged as one.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

from attrs import frozen

from runwright.mistake import Mistake

AUTO: Final = "auto"
"""What stands for the shard that the CI system names in its variables."""

CI_SYSTEMS: Final[tuple[tuple[str, str, str, str, int], ...]] = (
    ("GitLab CI", "GITLAB_CI", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1),
    ("CircleCI", "CIRCLECI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0),
    ("Buildkite", "BUILDKITE", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0),
    ("Semaphore", "SEMAPHORE", "SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1),
    ("Azure Pipelines", "TF_BUILD", "SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1),
)
"""CI systems: the name, a variable that each sets, those of index and total, the first index."""

_NOTE: Final = re.compile(r"shard (\d+)/(\d+)")

T = TypeVar("T")


class ShardError(Mistake):
    """What was given is no shard; the message says how one is written."""


@frozen
class Shard:
    """Part `index` of `count` parts; the first is 1."""

    index: int
    count: int

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise ShardError(
                f"there is no shard {self}; the shards of {self.count} are {self._all}"
            )

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def _all(self) -> str:
        return f"1/{self.count} to {self.count}/{self.count}" if self.count > 0 else "none"

    def of(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return this shard's part of some items."""
        return tuple(items[self.index - 1 :: self.count])

    def limit(self, whole: int | None) -> int | None:
        """Return this shard's part of a limit; the parts add up to the whole."""
        return None if whole is None else len(range(self.index - 1, whole, self.count))


def read_shard(text: str, environment: Mapping[str, str] = os.environ) -> Shard:
    """Return the shard that a text such as ``2/5`` names, or the CI system if it is ``auto``.

    Raises:
        ShardError: the text names no shard, or no CI system tells one.
    """
    if text == AUTO:
        return _shard_of_ci(environment)
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if found is None:
        raise ShardError(f"{text!r} is no shard; write it as 2/5, or {AUTO} on a CI system")
    return Shard(int(found[1]), int(found[2]))


def _shard_of_ci(environment: Mapping[str, str]) -> Shard:
    for name, sign, index, total, first in CI_SYSTEMS:
        if not environment.get(sign):
            continue
        if not environment.get(index) or not environment.get(total):
            raise ShardError(
                f"{name} does not say which of its parallel jobs this is: {index} and {total} are "
                "not set; have the job run in parallel, or write the shard as 2/5"
            )
        told = f"{environment[index]}/{environment[total]}"
        if not re.fullmatch(r"\d{1,6}/\d{1,6}", told):
            raise ShardError(f"{name} tells {told}, which is no shard; write it as 2/5")
        return Shard(int(environment[index]) + 1 - first, int(environment[total]))
    known = ", ".join(name for name, *_ in CI_SYSTEMS)
    raise ShardError(
        f"no CI system tells which of several jobs this is (known are: {known}); "
        "write the shard as 2/5"
    )


def shard_note(shard: Shard) -> str:
    """Return the note of a history that says which part of a whole it is."""
    return f"shard {shard}"


def missing_shards(notes: Iterable[str]) -> tuple[Shard, ...]:
    """Return the shards that are not there though others of the same count are, by the notes."""
    found: dict[int, set[int]] = {}
    for note in notes:
        if told := _NOTE.fullmatch(note):
            found.setdefault(int(told[2]), set()).add(int(told[1]))
    return tuple(
        Shard(index, count)
        for count, there in sorted(found.items())
        for index in range(1, count + 1)
        if index not in there
    )
