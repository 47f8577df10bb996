"""Pipe0's pipeline of 2025 as it might go wrong in a single body."""

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column
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
