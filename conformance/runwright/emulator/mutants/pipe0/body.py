"""Pipe0 as it might go wrong in a single body."""

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column
from runwright.validation import JSON


@mutant(breaks="pipe0.run.completed-without-errors", family="body")
class RetriedErrorSurvives(Pipe0):
    """A provider's error is entered in the run's errors when it happens. The retry then succeeds,
    and nobody takes the entry out again.
    """

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) == "completed":
            return [{"code": "ProviderError", "message": "A provider answered with an error."}]
        return super().errors_of(run, now)


@mutant(breaks="pipe0.run.errors-when-failed", family="body")
class CrashTakesErrorsAlong(Pipe0):
    """The job that writes the errors dies in the crash that fails the run; the watchdog only sets
    the status.
    """

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        return []


@mutant(breaks="pipe0.field.reason-when-unresolved", family="body")
class NoResultIsNoError(Pipe0):
    """Reasons are made from exceptions. Finding nothing raises none, so there is no reason."""

    def render_reason(self, cell: Cell) -> JSON:
        return None if cell.script.last == "no_result" else super().render_reason(cell)


@mutant(breaks="pipe0.field.resolved-by-only-when-completed", family="body")
class ResolverIsSetOnPickup(Pipe0):
    """The worker signs a cell when it takes it up, not when it has a value for it."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        if status in ("processing", "no_result", "failed") and cell.by_pipe:
            return super().render_resolver(run, cell, "completed")
        return super().render_resolver(run, cell, status)


@mutant(breaks="pipe0.field.resolved-by-when-completed", family="body")
class CachedValueHasNoResolver(Pipe0):
    """A value that another run has found comes out of a cache that keeps values only."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        return None if cell.by_pipe else super().render_resolver(run, cell, status)


@mutant(breaks="pipe0.definition.only-pipes-have-an-index", family="body")
class IndexCountsFromInput(Pipe0):
    """The input became pipe 0 in an internal list, and the list's index leaks out."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        index = definition["added_by"]["pipe_index"]
        definition["added_by"]["pipe_index"] = 0 if index is None else index + 1
        return definition
