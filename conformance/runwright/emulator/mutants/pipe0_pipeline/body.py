"""Pipe0's pipeline of 2025 as it might go wrong in a single body."""

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, Row
from runwright.validation import JSON


@mutant(breaks="pipe0_pipeline.run.errors-only-when-failed", family="body")
class WarningsAreErrors(Pipe0Pipeline):
    """A warning about a slow provider is put where only errors belong while the run goes on."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) == "processing":
            return [{"code": "SlowProvider", "message": "A provider takes long to answer."}]
        return super().errors_of(run, now)


@mutant(breaks="pipe0_pipeline.run.completed-without-errors", family="body")
class FailedCellsFailUpwards(Pipe0Pipeline):
    """Every cell that failed or found nothing is listed among the errors of a completed run."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) != "completed":
            return super().errors_of(run, now)
        return [
            {"code": cell.reason.code, "message": cell.reason.message}
            for cell in run.cells.values()
            if cell.reason is not None
        ]


@mutant(breaks="pipe0_pipeline.field.reason-when-unresolved", family="body")
class ReasonIsTruncated(Pipe0Pipeline):
    """A migration moves reasons to a table of their own, and reads join only those of failures."""

    def render_reason(self, cell: Cell) -> JSON:
        return super().render_reason(cell) if cell.script.last == "failed" else None


@mutant(breaks="pipe0_pipeline.field.resolved-by-only-when-completed", family="body")
class ClaimIsTakenForResolver(Pipe0Pipeline):
    """A cell that ends without a value shows who claimed it as its resolver."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        if status in ("no_result", "failed"):
            return self.render_claimant(run, cell.column)
        return super().render_resolver(run, cell, status)


@mutant(breaks="pipe0_pipeline.field.no-result-has-no-value", family="body")
class PlaceholderIsStored(Pipe0Pipeline):
    """When nothing is found, the text that the table shows for it is stored as the value."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        placeholder = field["status"] == "no_result" and field["type"] == "string"
        return {**field, "value": "n/a"} if placeholder else field


@mutant(breaks="pipe0_pipeline.provenance.input-has-no-hash", family="body")
class InputIsHashed(Pipe0Pipeline):
    """The fingerprint of an empty configuration is written for the input, too."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        if definition["added_by"]["ref"] == "input":
            definition["added_by"]["hash"] = "44136fa3"
        return definition


@mutant(breaks="pipe0_pipeline.run.errors-when-failed", family="body")
class ErrorsAreInTheLogOnly(Pipe0Pipeline):
    """Errors were moved to the log when the log got a screen of its own."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        return []


@mutant(
    breaks="pipe0_pipeline.record.fields-include-id",
    family="body",
    also={
        "pipe0_pipeline.record.fields-include-inputs": "Every input object of this generation "
        "has an id, so that a record without this field lacks a property of the input."
    },
)
class IdIsNoField(Pipe0Pipeline):
    """Since records tell their id beside their fields, the field for it is taken out."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        return _without_id(super().render_definitions(run))

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        return {**record, "fields": _without_id(record["fields"])}


def _without_id(columns: dict[str, JSON]) -> dict[str, JSON]:
    return {name: column for name, column in columns.items() if name != "id"}


@mutant(breaks="pipe0_pipeline.field.resolved-by-when-completed", family="body")
class InputResolvesItself(Pipe0Pipeline):
    """A resolver is entered when a pipe has done its work; cells of the input never had any."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        return super().render_resolver(run, cell, status) if cell.by_pipe else None


@mutant(breaks="pipe0_pipeline.field.is-claimed", family="body")
class RejectedRunsClaimNothing(Pipe0Pipeline):
    """Claims are made after validation, and who fails it never comes to that."""

    def render_claimant(self, run: Run, column: Column) -> JSON:
        return None if run.plan.problems else super().render_claimant(run, column)


@mutant(breaks="pipe0_pipeline.field.valueless-input-is-unknown", family="body")
class EmptyColumnsAreJson(Pipe0Pipeline):
    """What is neither text nor number nor boolean falls through to the last branch: JSON."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        return _as_json(super().render_definition(run, column))

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        return _as_json(super().render_field(run, cell, now))


def _as_json(typed: dict[str, JSON]) -> dict[str, JSON]:
    return {**typed, "type": "json"} if typed["type"] == "unknown" else typed


@mutant(breaks="pipe0_pipeline.field.resolvers-are-input-or-pipes", family="body")
class CacheSignsTheValue(Pipe0Pipeline):
    """A value that another run has found is signed by the cache that it comes out of."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        return {"ref": "cache", "hash": None} if cell.by_pipe and resolver else resolver


@mutant(breaks="pipe0_pipeline.field.generated-has-a-value", family="body")
class KeyIsWithTheWorkers(Pipe0Pipeline):
    """Addresses are stored encrypted, and who answers has not got the key to them."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        return {**field, "value": None} if cell.by_pipe and "@" in str(field["value"]) else field


@mutant(breaks="pipe0_pipeline.pipes.keep-their-configuration", family="body")
class PipesComeFromTheCatalog(Pipe0Pipeline):
    """Of a run's pipes the ids are stored; the rest is read from the catalog, with its defaults."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        return {**body, "pipes": [{"pipe_id": pipe["pipe_id"]} for pipe in body["pipes"]]}
