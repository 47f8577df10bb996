"""Pipe0's pipeline of 2025 as it might go wrong between the rows sent and the records returned."""

from collections.abc import Mapping
from typing import TypeVar

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Row
from runwright.validation import JSON

T = TypeVar("T")


@mutant(
    breaks="pipe0_pipeline.order.lists-every-record-once",
    family="keys",
    also={
        "pipe0_pipeline.field.valueless-input-is-unknown": "The row that is left out may be the "
        "only one with a value in a column, whose type then seems to come from nowhere."
    },
)
class FirstRowIsTheHeader(Pipe0Pipeline):
    """Rows go through a reader of CSV files, which takes the first one for the header."""

    def render_records(self, run: Run, now: float) -> dict[str, JSON]:
        records = super().render_records(run, now)
        header = run.plan.rows[0].key
        return {key: record for key, record in records.items() if key != header}


@mutant(breaks="pipe0_pipeline.record.key-equals-id", family="keys")
class RejectedRowsAreNumbered(Pipe0Pipeline):
    """Of a run that was rejected only the staging table is left, which is keyed by line."""

    def order_of(self, run: Run) -> list[JSON]:
        rows = run.plan.rows
        return [1000 + i for i in range(len(rows))] if run.plan.problems else super().order_of(run)

    def render_records(self, run: Run, now: float) -> dict[str, JSON]:
        if not run.plan.problems:
            return super().render_records(run, now)
        return {
            str(1000 + line): self.render_record(run, row, now)
            for line, row in enumerate(run.plan.rows)
        }


@mutant(
    breaks="pipe0_pipeline.record.id-is-the-one-given",
    family="keys",
    also={
        "pipe0_pipeline.field.input-is-copied": "The id is a value of the input, and the field "
        "that repeats it changes with it."
    },
)
class IdsAreReadOffTheKeys(Pipe0Pipeline):
    """A record's id is read off its key in the map, and keys are always text."""

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        if isinstance(row.id, str):
            return record
        field = {**record["fields"]["id"], "value": row.key, "type": "string"}
        return {"id": row.key, "fields": {**record["fields"], "id": field}}


@mutant(
    breaks="pipe0_pipeline.record.fields-are-normalized",
    family="keys",
    also={
        "pipe0_pipeline.record.fields-match-definitions": "Records whose fields differ cannot "
        "all have those that are defined once for all of them."
    },
)
class EmptyCellsAreNotStored(Pipe0Pipeline):
    """Records live in a store of documents, which does not keep what is going to be empty."""

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        fields = {
            name: field
            for name, field in record["fields"].items()
            if run.cells[row.key, name].script.last != "no_result"
            or run.plan.columns[name].in_input
        }
        return {**record, "fields": fields}


@mutant(breaks="pipe0_pipeline.record.fields-include-inputs", family="keys")
class ColumnsAreThoseOfTheFirstRow(Pipe0Pipeline):
    """Which columns there are is read off the first row; what only later rows have is lost."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        return self._of_first(run, super().render_definitions(run))

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        return {**record, "fields": self._of_first(run, record["fields"])}

    def _of_first(self, run: Run, columns: Mapping[str, T]) -> dict[str, T]:
        first = run.request["input"][0]
        return {
            name: column
            for name, column in columns.items()
            if name in first or run.plan.columns[name].pipe is not None
        }


@mutant(breaks="pipe0_pipeline.field.input-is-copied", family="keys")
class TextIsEscapedForTheTable(Pipe0Pipeline):
    """What was sent is made fit for the cells of a web page when it comes in, dots included."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        if cell.column.pipe is None and cell.column.name != "id" and field["type"] == "string":
            return {**field, "value": field["value"] and field["value"].replace(".", "&#46;")}
        return field
