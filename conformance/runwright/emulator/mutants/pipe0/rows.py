"""Pipe0 as it might go wrong between the rows that were sent and the records that come back."""

from collections.abc import Mapping
from typing import TypeVar

from runwright.emulator.chance import digest
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Row
from runwright.validation import JSON

T = TypeVar("T")


@mutant(breaks="pipe0.record.key-equals-id", family="keys")
class IdsAreMadeUpTwice(Pipe0):
    """Rows without an id get one where the input is split, and another where they are stored."""

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        if any(given.get("id") == row.id for given in run.request["input"]):
            return record
        return _renamed(record, digest("stored", row.id, length=32))


@mutant(
    breaks="pipe0.record.id-is-the-one-given",
    family="keys",
    also={
        "pipe0.field.input-is-copied": "The id is a value of the input, and the field that "
        "repeats it changes with it."
    },
)
class NumbersBecomeText(Pipe0):
    """Ids have moved to a text column, and come back as text even where a number was sent."""

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        return record if isinstance(row.id, str) else _renamed(record, row.key)


def _renamed(record: dict[str, JSON], identifier: str) -> dict[str, JSON]:
    field = {**record["fields"]["id"], "value": identifier, "type": "string"}
    return {"id": identifier, "fields": {**record["fields"], "id": field}}


@mutant(
    breaks="pipe0.record.fields-are-normalized",
    family="keys",
    also={
        "pipe0.record.fields-match-definitions": "Records whose fields differ cannot all have "
        "those that are defined once for all of them."
    },
)
class FieldsAreStoredWhenFilled(Pipe0):
    """A record gets the field of a pipe when the pipe is done with it, row by row."""

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        fields = {
            name: field
            for name, field in record["fields"].items()
            if field["status"] not in ("pending", "queued", "processing")
            or run.plan.columns[name].in_input
        }
        return {**record, "fields": fields}


@mutant(breaks="pipe0.record.fields-include-inputs", family="keys")
class UnreadColumnsAreDropped(Pipe0):
    """To save room, columns of the input that no pipe reads are not stored."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        return self._read_ones(run, super().render_definitions(run))

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        record = super().render_record(run, row, now)
        return {**record, "fields": self._read_ones(run, record["fields"])}

    def _read_ones(self, run: Run, columns: Mapping[str, T]) -> dict[str, T]:
        read = {"id"}.union(*(pipe.reads for pipe in run.plan.pipes))
        return {
            name: column
            for name, column in columns.items()
            if name in read or run.plan.columns[name].pipe is not None
        }


@mutant(breaks="pipe0.field.input-is-copied", family="keys")
class TextIsCutToTheColumn(Pipe0):
    """The table behind the records has columns of eight characters since its last migration."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        if cell.column.pipe is None and cell.column.name != "id" and field["type"] == "string":
            return {**field, "value": field["value"] and field["value"][:8]}
        return field


@mutant(breaks="pipe0.definitions.follow-the-request", family="keys")
class SwitchIsReadBackwards(Pipe0):
    """The switch for definitions is off by default, which the code reads as on by default."""

    def shows_definitions(self, run: Run) -> bool:
        config = run.request.get("config") or {}
        return (config.get("field_definitions") or {}).get("enabled") is not False
