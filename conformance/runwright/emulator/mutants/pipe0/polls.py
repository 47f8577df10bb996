"""Pipe0 as it might go wrong from one poll to the next."""

from typing import Any

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.chance import digest
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.validation import JSON


@mutant(breaks="pipe0.run.terminal-is-final", family="polls")
class RedeliveryReopensRun(Pipe0):
    """The queue delivers a job again whose acknowledgement was lost; the run that has completed
    is processing once more, for a while.
    """

    def status_of_run(self, run: Run, now: float) -> str:
        status = super().status_of_run(run, now)
        again = run.script.end + 1.5 <= now < run.script.end + 30
        return "processing" if status == "completed" and again else status


@mutant(breaks="pipe0.run.states-move-forward", family="polls")
class ReplicaLagsBehind(Pipe0):
    """Some reads go to a replica that still has the run in the queue."""

    def status_of_run(self, run: Run, now: float) -> str:
        status = super().status_of_run(run, now)
        stale = int(digest(run.id, int(now), length=1), 16) % 2
        return "pending" if status == "processing" and stale else status

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        status = super().status_of_field(run, cell, now)
        # What the replica has of the cells is not processing, either.
        return "queued" if status == "processing" else status


@mutant(breaks="pipe0.run.begins-initial", family="polls")
class WorkerOvertakesAnswer(Pipe0):
    """A worker has the run before its row is read back for the answer, which shows it begun."""

    def status_of_run(self, run: Run, now: float) -> str:
        status = super().status_of_run(run, now)
        return "processing" if status == "pending" else status

    def may_cancel(self, run: Run, now: float) -> bool:
        return False


@mutant(
    breaks="pipe0.run.frozen-once-ended",
    family="polls",
    also={"pipe0.definitions.are-constant": "What changes after the end are columns."},
)
class ColumnsAreRelabeled(Pipe0):
    """Labels are read from the catalog at each look, and the catalog is edited meanwhile."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        if now > run.script.end + 1.5:
            for definition in body["field_definitions"].values():
                definition["label"] = definition["label"].upper() + " (new)"
        return body


@mutant(breaks="pipe0.field.frozen-once-ended", family="polls")
class BetterValueReplacesGood(Pipe0):
    """A slower provider of the waterfall answers after all, and its value overwrites the first
    one while the run is still processing.
    """

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        late = cell.script.end + 0.5 * (run.script.end - cell.script.end)
        if cell.by_pipe and isinstance(field["value"], str) and now >= late:
            field["value"] += "?source=2"
        return field


@mutant(breaks="pipe0.run.stays-readable", family="polls")
class EndedRunsAreEvicted(Pipe0):
    """Runs live in a cache whose entries expire seconds after the end, and the archive that
    should answer then is not asked.
    """

    def find(self, call: Call, run_id: str) -> Run:
        run = super().find(call, run_id)
        if call.now > run.script.end + 2:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run


@mutant(breaks="pipe0.field.ends-with-run", family="polls")
class LastCellIsForgotten(Pipe0):
    """The run completes when its counter of open cells is 0; an update of the last cell was lost
    to a race with the counter's.
    """

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        status = super().status_of_field(run, cell, now)
        lost = cell.by_pipe and cell == run.cells[run.plan.rows[-1].key, cell.column.name]
        return "processing" if lost and status in ("completed", "no_result", "failed") else status


@mutant(breaks="pipe0.sync.answer-is-terminal", family="polls")
class GatewayCutsWaitShort(Pipe0):
    """The gateway's patience is two seconds; it then answers with whatever the run is by then."""

    def wait_for(self, run: Run, then: Any) -> Later:
        waiting = super().wait_for(run, then)
        return Later(min(waiting.moment, run.created + 2), waiting.then)

    def has_ended(self, run: Run, now: float) -> bool:
        return True


@mutant(breaks="pipe0.definitions.are-constant", family="polls")
class LabelsAreTranslatedLater(Pipe0):
    """Labels are translated by a service that takes its time; until then they are the names."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        if body["status"] == "pending":
            columns = body["field_definitions"].items()
            body["field_definitions"] = {n: {**column, "label": n} for n, column in columns}
        return body


@mutant(breaks="pipe0.field.format-is-constant", family="polls")
class FormatIsDetected(Pipe0):
    """The format is read off the value, so that a cell without one has none yet."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        return field if cell.script.has_ended(now) else {**field, "format": None}


@mutant(breaks="pipe0.field.widgets-waterfall-attempted-providers-only-grows", family="polls")
class OnlyTheLatestProviderIsShown(Pipe0):
    """The row of a waterfall has one column for who was asked, which is written over."""

    def render_widgets(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        widgets = super().render_widgets(run, cell, now)
        if "waterfall" in widgets:
            asked = widgets["waterfall"]["attempted_providers"]
            widgets["waterfall"] = {**widgets["waterfall"], "attempted_providers": asked[-1:]}
        return widgets


@mutant(
    breaks="pipe0.run.is-kept-for-21-days",
    family="polls",
    also={"pipe0.run.stays-readable": "A run that is gone at once is gone by either count."},
)
class ResultsAreHandedOutOnce(Pipe0):
    """The result of a run is taken out of the queue of results by whoever is the first to read it;
    who asks some seconds later finds nothing.
    """

    def find(self, call: Call, run_id: str) -> Run:
        run = super().find(call, run_id)
        if call.now > run.script.end + 3:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run


@mutant(breaks="pipe0.sync.names-the-run-that-goes-on", family="polls")
class GatewayGivesUpFirst(Pipe0):
    """A gateway in front waits for some seconds only, and knows nothing of runs."""

    def wait_for(self, run: Run, then: Any) -> Later:
        whole = super().wait_for(run, then)

        def give_up() -> Reply:
            if self.clock.now() < run.script.end:
                raise Refused(Kind.TIMEOUT, "The upstream did not answer in time.")
            return whole.then()

        return Later(min(whole.moment, run.created + 5.0), give_up)
