"""The world of Pipe0's pipes, as documented in 2026."""

from collections.abc import Mapping
from typing import Final

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.world import operation
from runwright.emulator.worlds.pipes.account import BALANCE, CAPACITIES, PURCHASED
from runwright.emulator.worlds.pipes.common import PipesWorld
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, plan_request
from runwright.emulator.worlds.pipes.widgets import widgets_of
from runwright.validation import JSON

INPUT_RESOLVER: Final = {
    "ref": "input",
    "environment": None,
    "config_hash": None,
    "input_hash": None,
}
SYSTEM_RESOLVER: Final = {**INPUT_RESOLVER, "ref": "system"}


class Pipe0(PipesWorld):
    """Pipes over rows, with credits, priorities, widgets and cancel."""

    # ---- operations --------------------------------------------------------------------------

    @operation("runPipes")
    def start(self, call: Call) -> Reply:
        """Start a run and answer at once."""
        headers = self.admission(call)
        run = self.create(call)
        return Reply(200, self.render_start(run, call.now), headers)

    @operation("runPipesSync")
    def start_and_wait(self, call: Call) -> Later:
        """Start a run and answer when it has ended."""
        headers = self.admission(call)
        run = self.create(call)
        return self.wait_for(run, lambda run, now: Reply(200, self.render_run(run, now), headers))

    @operation("checkPipesRun")
    def check(self, call: Call) -> Reply:
        """Show a run as it is."""
        run = self.find(call, call.path["run_id"])
        return Reply(200, self.render_run(run, call.now))

    @operation("cancelPipesRun")
    def cancel(self, call: Call) -> Reply:
        """Take a run out of the queue if it is still there."""
        run = self.find(call, call.path["run_id"])
        if not self.may_cancel(run, call.now):
            raise Refused(Kind.CONFLICT, f"The run is {run.script.at(call.now)}.")
        run = self.keep(run.canceled(call.now))
        return Reply(200, self.render_run(run, call.now))

    @operation("validatePipes")
    def validate(self, call: Call) -> Reply:
        """Judge a request without running it."""
        plan = plan_request(call.body, iter(map(str, range(len(call.body["input"])))))
        if not plan.problems:
            return Reply(200, {"valid": True})
        errors = [
            {"code": problem.code, "message": problem.message, "path": problem.path}
            for problem in plan.problems
        ]
        return Reply(200, {"valid": False, "errors": errors})

    @operation("getCreditBalance")
    def credit_balance(self, call: Call) -> Reply:
        """Show what is left; what was bought is spent last."""
        left = BALANCE - self.accounts[call.tenant.name].spent(call.now)
        return Reply(200, {"balance": left, "purchased_balance": min(left, PURCHASED)})

    # ---- what runs do ------------------------------------------------------------------------

    def may_skip(self) -> bool:
        """True by the newest docs."""
        return self.is_current

    def may_cancel(self, run: Run, now: float) -> bool:
        """True as long as work has not begun."""
        return run.script.at(now) == "pending"

    def admission(self, call: Call) -> Mapping[str, str]:
        """Return the headers that tell a run's priority, and the capacity left after it.

        Raises:
            Refused: the queue of the organization is full.
        """
        queued = self.accounts[call.tenant.name].queued(call.now) + len(call.body["input"])
        if queued > CAPACITIES[-1]:
            raise Refused(
                Kind.RATE_LIMITED,
                f"{CAPACITIES[-1]} records are queued.",
                code="queue-limit-exceeded",
            )
        priority = next(p for p, capacity in enumerate(CAPACITIES, 1) if queued <= capacity)
        left = [max(0, capacity - queued) for capacity in CAPACITIES]
        return {
            "X-Task-Priority": str(priority),
            **{f"X-P{p}-Capacity": str(capacity) for p, capacity in enumerate(left, 1)},
        }

    # ---- what runs look like -----------------------------------------------------------------

    def render_start(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the body of the answer that starts a run; it does not tell the cost."""
        body = self.render_run(run, now)
        return {name: value for name, value in body.items() if name != "credits"}

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the body of a run at a moment."""
        return {
            "id": run.id,
            "organization_id": self.organization(run.owner),
            "status": self.status_of_run(run, now),
            "order": self.order_of(run),
            "errors": self.errors_of(run, now),
            "field_definitions": (
                self.render_definitions(run) if self.shows_definitions(run) else {}
            ),
            "records": self.render_records(run, now),
            "credits": {"spent": self.spent(run, now)},
        }

    def shows_definitions(self, run: Run) -> bool:
        """True if the columns are described: always by the seed, later only on request."""
        return not self.is_current or is_enabled(run, "field_definitions")

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        """Return one column."""
        pipe = None if column.in_input else column.pipe
        definition: dict[str, JSON] = {
            "type": column.type,
            "label": column.label,
            "format": column.format,
            "added_by": {
                "ref": "input" if pipe is None else pipe.id,
                "config_hash": None if pipe is None else pipe.config_hash,
                "pipe_index": None if pipe is None else pipe.index,
            },
        }
        if self.is_current:
            outputs = column.pipe.kind.outputs if column.pipe else ()
            definition["is_primary_output"] = bool(outputs) and column.output == outputs[0]
        return definition

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        """Return one cell."""
        return {
            **super().render_field(run, cell, now),
            "format": cell.column.format,
            "widgets": self.render_widgets(run, cell, now),
        }

    def render_widgets(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        """Return the hints for showing a cell, if the request asked for them."""
        return widgets_of(cell, now) if is_enabled(run, "widgets") else {}

    def render_claimant(self, run: Run, column: Column) -> JSON:
        """Return who is responsible for a cell."""
        if column.pipe is None:
            return {"ref": "input", "config_hash": None}
        return {"ref": column.pipe.id, "config_hash": column.pipe.config_hash}

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        """Return who filled a cell; the newest docs also tell who put it back."""
        if status == "completed":
            pipe = cell.column.pipe if cell.by_pipe else None
            if pipe is None:
                return dict(INPUT_RESOLVER)
            return {
                "ref": pipe.id,
                "environment": run.environment,
                "config_hash": pipe.config_hash,
                "input_hash": cell.input_hash,
            }
        if self.is_current and cell.requeued and status in ("queued", "processing"):
            return dict(SYSTEM_RESOLVER)
        return None


def is_enabled(run: Run, feature: str) -> bool:
    """True if the request turned a feature of the answer on."""
    config = run.request.get("config") or {}
    return (config.get(feature) or {}).get("enabled", False) is True


WORLD = Pipe0
