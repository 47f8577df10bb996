"""What one session of the pytest suite is to do, and what came of it."""

from attrs import field, frozen

from runwright.budget import Budget, Spent
from runwright.ledger import Reading
from runwright.report import Report
from runwright.rulebook import Rulebook
from runwright.shard import Shard
from runwright.suite.memory import Memory
from runwright.suite.profile import Profile
from runwright.suite.repetition import repeating_command
from runwright.suite.target import Target


@frozen(kw_only=True)
class Assignment:
    """A session of one API; without a target the emulator is tested."""

    rulebook: Rulebook
    target: Target | None
    reading: Reading
    seed: int
    profile: Profile
    budget: Budget = field(factory=Budget)
    fault: str | None = None
    shard: Shard | None = None
    memory: Memory | None = None

    @property
    def api(self) -> str:
        """The API's id."""
        return self.rulebook.spec.api

    @property
    def command(self) -> str:
        """The command line that does the same."""
        return repeating_command(
            self.rulebook.spec,
            target=self.target,
            reading=self.reading,
            seed=self.seed,
            profile=self.profile,
            budget=self.budget,
            fault=self.fault,
            watch=(),
            shard=self.shard,
        )


@frozen(kw_only=True)
class Outcome:
    """What came of a session; remarks say what could not be done, ``command`` repeats it."""

    report: Report
    spent: Spent
    remarks: tuple[str, ...]
    command: str
