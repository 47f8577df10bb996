"""Pipe0 as it might go wrong across the keys of a body."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Row
from runwright.validation import JSON


@mutant(breaks="pipe0.record.fields-match-definitions", family="keys")
class DefinitionsComeFromPipes(Pipe0):
    """Definitions are collected from the catalog of pipes, which knows no column of the input."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        definitions = super().render_definitions(run)
        return {
            name: definition
            for name, definition in definitions.items()
            if name == "id" or run.plan.columns[name].pipe is not None
        }


@mutant(breaks="pipe0.order.follows-the-input", family="keys")
class OrderIsThatOfTheMap(Pipe0):
    """`order` is read off the keys of the records map, whose small numbers come sorted."""

    def order_of(self, run: Run) -> list[JSON]:
        return [row.id for row in sorted(run.plan.rows, key=_as_in_a_map)]


def _as_in_a_map(row: Row) -> tuple[bool, int, str]:
    number = row.key.isdecimal()
    return not number, int(row.key) if number else 0, row.key


@mutant(breaks="pipe0.order.lists-every-record-once", family="keys")
class TemplateRowRemains(Pipe0):
    """The empty row from which missing fields are copied is left among the records."""

    def render_records(self, run: Run, now: float) -> dict[str, JSON]:
        records = super().render_records(run, now)
        first = run.plan.rows[0]
        template = self.render_record(run, evolve(first, id="template"), now)
        template["fields"]["id"] = {
            **template["fields"]["id"],
            "value": "template",
            "type": "string",
        }
        if isinstance(first.id, str):
            return {**records, "template": template}
        template["id"] = template["fields"]["id"]["value"] = 0
        template["fields"]["id"]["type"] = "number"
        return {**records, "0": template}


@mutant(breaks="pipe0.field.type-matches-definition", family="keys")
class TypeIsGuessedFromValue(Pipe0):
    """A migration fills the type of old cells from their values, so an empty one is unknown."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        return {**field, "type": "unknown"} if field["status"] == "no_result" else field


@mutant(breaks="pipe0.field.resolver-is-claimant", family="keys")
class FallbackSignsItself(Pipe0):
    """A pipe whose provider is down hands its work to its own next version, which signs for it."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        if resolver is not None and cell.by_pipe and cell.column.pipe is not None:
            name, _, version = cell.column.pipe.id.partition("@")
            resolver["ref"] = f"{name}@{int(version) + 1}"
        return resolver


@mutant(breaks="pipe0.resolver.environment-is-the-requested", family="keys")
class WorkerKnowsOneEnvironment(Pipe0):
    """The worker takes the environment from its own settings instead of from the job."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        resolver = super().render_resolver(run, cell, status)
        if resolver is not None and resolver["environment"] is not None:
            resolver["environment"] = "production"
        return resolver


@mutant(
    breaks="pipe0.request.duplicate-ids-fail",
    family="keys",
    also={"pipe0.order.follows-the-input": "One row of two leaves a gap in the order."},
)
class RowsAreUpserted(Pipe0):
    """Rows are written by an upsert, so that two with one id are one in the end."""

    def read_rows(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        rows: dict[str, dict[str, Any]] = {}
        for place, row in enumerate(request["input"]):
            rows.setdefault(str(row.get("id", f"row {place}")), {}).update(row)
        return {**request, "input": list(rows.values())}
