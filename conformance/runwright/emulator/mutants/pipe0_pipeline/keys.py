"""Pipe0's pipeline of 2025 as it might go wrong across the keys of a body."""

from collections.abc import Mapping, Sequence
from typing import Any

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, Pipe
from runwright.validation import JSON


@mutant(breaks="pipe0_pipeline.record.fields-match-definitions", family="keys")
class DisabledOutputsAreDefined(Pipe0Pipeline):
    """Definitions list every output that a pipe could write, and the pipe's internal one, too."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        definitions = super().render_definitions(run)
        for column in run.plan.columns.values():
            if column.pipe is not None:
                raw = self.render_definition(run, column)
                definitions[f"{column.name}_raw"] = {**raw, "type": "json"}
        return definitions


@mutant(breaks="pipe0_pipeline.order.follows-the-input", family="keys")
class OrderIsReversed(Pipe0Pipeline):
    """`order` is filled by the job that splits the input, which takes the last row first."""

    def order_of(self, run: Run) -> list[JSON]:
        return super().order_of(run)[::-1]


@mutant(breaks="pipe0_pipeline.pipes.are-those-sent", family="keys")
class EnrichmentPipeIsAdded(Pipe0Pipeline):
    """The planner adds a pipe of its own to look up logos, and lists it with the others."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        if run.plan.problems:
            return body
        return {**body, "pipes": [*body["pipes"], {"pipe_id": "company:logo:internal@1"}]}


@mutant(breaks="pipe0_pipeline.pipes.keep-order-when-validation-fails", family="keys")
class PipesAreSortedFirst(Pipe0Pipeline):
    """The pipes are put in order before they are validated, not after."""

    def pipes_of(self, run: Run) -> Sequence[Pipe]:
        return super().pipes_of(run)[::-1] if run.plan.problems else super().pipes_of(run)


@mutant(breaks="pipe0_pipeline.field.resolver-is-claimant", family="keys")
class ProviderSignsForPipe(Pipe0Pipeline):
    """A refactoring of provenance signs with the provider's own pipe instead of the waterfall."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        if resolver is not None and cell.by_pipe:
            resolver["ref"] = "people:workemail:prospeo@1"
        return resolver


@mutant(breaks="pipe0_pipeline.field.type-matches-definition", family="keys")
class OutputsAreAllText(Pipe0Pipeline):
    """Definitions take the types of outputs from a form that only knows text and JSON."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        return definition if column.pipe is None else {**definition, "type": "json"}


@mutant(
    breaks="pipe0_pipeline.request.duplicate-ids-fail",
    family="keys",
    also={"pipe0_pipeline.order.follows-the-input": "One row of two leaves a gap in the order."},
)
class TwinsAreLeftOutUnseen(Pipe0Pipeline):
    """An import leaves out rows that it has seen before, and by now does so unasked."""

    def read_rows(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        rows: dict[str, Any] = {}
        for place, row in enumerate(request["input"]):
            rows.setdefault(str(row.get("id", f"row {place}")), row)
        return {**request, "input": list(rows.values())}
