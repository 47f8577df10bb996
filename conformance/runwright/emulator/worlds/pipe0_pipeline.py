"""The world of Pipe0's pipeline, as documented in 2025."""

from collections.abc import Sequence

from runwright.emulator.call import Call, Later, Reply
from runwright.emulator.world import operation
from runwright.emulator.worlds.pipes.common import PipesWorld
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, Pipe
from runwright.emulator.worlds.pipes.widgets import attempts
from runwright.validation import JSON


class Pipe0Pipeline(PipesWorld):
    """Pipes over rows, with `pipes`, `meta` and `ui`. Nothing newer speaks of this generation,
    so both readings behave alike.
    """

    # ---- operations --------------------------------------------------------------------------

    @operation("runPipeline")
    def start(self, call: Call) -> Reply:
        """Start a run and answer at once."""
        return Reply(200, self.render_start(self.create(call), call.now))

    @operation("runPipelineSync")
    def start_and_wait(self, call: Call) -> Later:
        """Start a run and answer when it has ended."""
        run = self.create(call)
        return self.wait_for(run, lambda run, now: Reply(200, self.render_run(run, now)))

    @operation("checkPipeline")
    def check(self, call: Call) -> Reply:
        """Show a run as it is."""
        run = self.find(call, call.query["id"])
        return Reply(200, self.render_run(run, call.now))

    # ---- what runs look like -----------------------------------------------------------------

    def days_kept(self) -> tuple[int, bool]:
        """Return three days after the end, whatever the reading."""
        return 3, True

    def render_start(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the body of the answer that starts a run."""
        return self.render_run(run, now)

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the body of a run at a moment."""
        return {
            "id": run.id,
            "status": self.status_of_run(run, now),
            "order": self.order_of(run),
            "errors": self.errors_of(run, now),
            "field_definitions": self.render_definitions(run),
            "pipes": [dict(pipe.request) for pipe in self.pipes_of(run)],
            "records": self.render_records(run, now),
        }

    def pipes_of(self, run: Run) -> Sequence[Pipe]:
        """Return the pipes in the order of processing, or as sent if validation failed."""
        return run.plan.pipes

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        """Return one column."""
        pipe = None if column.in_input else column.pipe
        return {
            "type": column.type,
            "label": column.label,
            "added_by": provenance(pipe),
        }

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        """Return one cell."""
        return {
            **super().render_field(run, cell, now),
            "meta": self.render_meta(cell, now),
            "ui": {"severity": "none"},
        }

    def render_meta(self, cell: Cell, now: float) -> JSON:
        """Return the providers that a waterfall has tried, None for other cells."""
        if cell.column.pipe is None or not cell.column.pipe.providers or not cell.by_pipe:
            return None
        asked, successful = attempts(cell, now)
        return {"waterfall": {"attempted": list(asked), "successful": successful}}

    def render_claimant(self, run: Run, column: Column) -> JSON:
        """Return who is responsible for a cell."""
        return provenance(column.pipe)

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        """Return who filled a cell."""
        if status != "completed":
            return None
        return provenance(cell.column.pipe if cell.by_pipe else None)


def provenance(pipe: Pipe | None) -> JSON:
    """Return the reference to a pipe, or to the input."""
    if pipe is None:
        return {"ref": "input", "hash": None}
    return {"ref": pipe.id, "hash": pipe.config_hash}


WORLD = Pipe0Pipeline
