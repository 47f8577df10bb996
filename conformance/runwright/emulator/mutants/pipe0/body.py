"""Pipe0 as it might go wrong in a single body."""

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0, is_enabled
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, Row
from runwright.emulator.worlds.pipes.widgets import widgets_of
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


@mutant(breaks="pipe0.field.resolvers-are-input-or-pipes", family="body")
class ProviderSignsTheValue(Pipe0):
    """A waterfall's value is signed by the provider that had it, which is what sales asks for."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        pipe = cell.column.pipe if cell.by_pipe else None
        if resolver is None or pipe is None or not pipe.providers:
            return resolver
        return {**resolver, "ref": pipe.providers[0]}


@mutant(breaks="pipe0.field.resolvers-are-known", family="body")
class WorkerSignsTheValue(Pipe0):
    """The job's name is entered as the resolver, since support looks for it in the logs."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        return {**resolver, "ref": "worker-3"} if cell.by_pipe and resolver else resolver


@mutant(breaks="pipe0.field.generated-has-a-value", family="body")
class AddressesAreWithheld(Pipe0):
    """A filter that keeps addresses out of the logs is put where answers are made as well."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        return {**field, "value": None} if cell.by_pipe and "@" in str(field["value"]) else field


@mutant(breaks="pipe0.definition.pipe-index-is-of-the-request", family="body")
class IndexCountsFromOne(Pipe0):
    """The table counts pipes from 1, and the API shows the table's numbers."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        if definition["added_by"]["pipe_index"] is not None:
            definition["added_by"]["pipe_index"] += 1
        return definition


@mutant(
    breaks="pipe0.definition.only-pipes-have-an-index",
    family="body",
    also={
        "pipe0.definition.pipe-index-is-of-the-request": "An index that counts the input is one "
        "beyond the pipes, or that of both.",
    },
)
class IndexCountsFromInput(Pipe0):
    """The input became pipe 0 in an internal list, and the list's index leaks out."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        index = definition["added_by"]["pipe_index"]
        definition["added_by"]["pipe_index"] = 0 if index is None else index + 1
        return definition


@mutant(breaks="pipe0.run.errors-only-when-failed", family="body")
class ErrorsComeBeforeTheStatus(Pipe0):
    """Every worker lists the errors that it meets; what was not fatal is taken out at the end."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) != "processing":
            return super().errors_of(run, now)
        met = run.script.last == "failed" or any(
            cell.script.at(now) in ("failed", "no_result") for cell in run.cells.values()
        )
        return [{"code": "ProviderError", "message": "A provider failed."}] if met else []


@mutant(breaks="pipe0.definitions.are-given", family="body")
class DefinitionsAreOnDemand(Pipe0):
    """The switch that leaves definitions out unless they are asked for was meant for newcomers."""

    def shows_definitions(self, run: Run) -> bool:
        return is_enabled(run, "field_definitions")


@mutant(breaks="pipe0.record.fields-include-id", family="body")
class MadeUpIdsAreNoColumn(Pipe0):
    """Columns are those of the input; where no row brings an id, there is no column for ids."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        definitions = super().render_definitions(run)
        return definitions if _brings_ids(run) else _without_id(definitions)

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        if _brings_ids(run):
            return record
        return {**record, "fields": _without_id(record["fields"])}


def _brings_ids(run: Run) -> bool:
    """True if some row has an id, or none has anything else."""
    rows = run.request["input"]
    return any("id" in row for row in rows) or not any(rows)


def _without_id(columns: dict[str, JSON]) -> dict[str, JSON]:
    return {name: column for name, column in columns.items() if name != "id"}


@mutant(breaks="pipe0.field.reason-when-skipped", family="body")
class SkippingIsNotWorthAWord(Pipe0):
    """A new state for cells that are passed over forgets the reason that the old one gave."""

    def render_reason(self, cell: Cell) -> JSON:
        return None if cell.script.last == "skipped" else super().render_reason(cell)


@mutant(breaks="pipe0.field.is-claimed", family="body")
class InputClaimsNothing(Pipe0):
    """Claims are entered by the planner, which knows of pipes only."""

    def render_claimant(self, run: Run, column: Column) -> JSON:
        return None if column.pipe is None else super().render_claimant(run, column)


@mutant(breaks="pipe0.field.valueless-input-is-unknown", family="body")
class NullsAreText(Pipe0):
    """The column's type is guessed by a library for tables, which takes nulls for empty text."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        return _as_text(super().render_definition(run, column))

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        return _as_text(super().render_field(run, cell, now))


def _as_text(typed: dict[str, JSON]) -> dict[str, JSON]:
    return {**typed, "type": "string"} if typed["type"] == "unknown" else typed


@mutant(breaks="pipe0.widgets.empty-unless-enabled", family="body")
class WidgetsAreForEveryone(Pipe0):
    """The vendor's own table needs widgets at all times, and calls the same serializer."""

    def render_widgets(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        return widgets_of(cell, now)
