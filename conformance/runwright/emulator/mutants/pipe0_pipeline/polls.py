"""Pipe0's pipeline of 2025 as it might go wrong from one poll to the next."""

from typing import Any

from attrs import evolve

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Reason, Run
from runwright.validation import JSON


@mutant(breaks="pipe0_pipeline.run.terminal-is-final", family="polls")
class WatchdogOverridesEnd(Pipe0Pipeline):
    """The watchdog for runs that hang reads an old heartbeat, and fails a run that completed."""

    def status_of_run(self, run: Run, now: float) -> str:
        status = super().status_of_run(run, now)
        late = now >= run.script.end + 1.5
        return "failed" if status == "completed" and late else status

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if run.script.last == "completed" and self.status_of_run(run, now) == "failed":
            return [{"code": "Timeout", "message": "The run gave no sign of life."}]
        return super().errors_of(run, now)


@mutant(breaks="pipe0_pipeline.run.states-move-forward", family="polls")
class CrashedWorkerRequeues(Pipe0Pipeline):
    """A worker crashes half-way; the run goes back to the queue until another one takes it."""

    def status_of_run(self, run: Run, now: float) -> str:
        status = super().status_of_run(run, now)
        begun = run.script.since(now)
        crashed = begun + 0.35 * (run.script.end - begun) <= now
        return "pending" if status == "processing" and crashed else status

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        status = super().status_of_field(run, cell, now)
        # Cells are written when they are done; no state in between is ever stored.
        return "queued" if status == "processing" else status


@mutant(breaks="pipe0_pipeline.field.states-move-forward", family="polls")
class ProviderRetryRequeuesCell(Pipe0Pipeline):
    """Between two attempts at a provider, a cell goes back into the queue."""

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        status = super().status_of_field(run, cell, now)
        begun = cell.script.since(now)
        waiting = now >= begun + 0.5 * (cell.script.end - begun)
        return "queued" if status == "processing" and waiting else status


@mutant(breaks="pipe0_pipeline.field.terminal-is-final", family="polls")
class LateAnswerIsStillTaken(Pipe0Pipeline):
    """A provider that timed out was entered as having found nothing. Its answer comes after all,
    and replaces that.
    """

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        status = super().status_of_field(run, cell, now)
        late = cell.script.end + 0.6 * (run.script.end - cell.script.end)
        return "no_result" if status == "completed" and cell.by_pipe and now < late else status

    def render_reason(self, cell: Cell) -> JSON:
        return super().render_reason(cell if cell.reason else evolve(cell, reason=TIMEOUT))


TIMEOUT = Reason("Timeout", "No answer", "The provider has not answered in time.")


@mutant(breaks="pipe0_pipeline.run.stays-readable", family="polls")
class RetentionCountsFromStart(Pipe0Pipeline):
    """The job that deletes old runs compares minutes with days, and from the wrong end."""

    def find(self, call: Call, run_id: str) -> Run:
        run = super().find(call, run_id)
        if call.now > run.script.end + 3:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run


@mutant(breaks="pipe0_pipeline.sync.answer-is-terminal", family="polls")
class SyncAnswersOnBegin(Pipe0Pipeline):
    """The synchronous call waits for the first change of status instead of for the end."""

    def wait_for(self, run: Run, then: Any) -> Later:
        waiting = super().wait_for(run, then)
        changes = [moment for moment, _ in run.script.scenes[1:]]
        return Later(min(changes, default=waiting.moment), waiting.then)

    def has_ended(self, run: Run, now: float) -> bool:
        return True


@mutant(breaks="pipe0_pipeline.definitions.are-constant", family="polls")
class LabelsFollowTheCatalog(Pipe0Pipeline):
    """A label is read from the catalog once its pipe works, and is the column's name till then."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        if body["status"] == "pending":
            columns = body["field_definitions"].items()
            body["field_definitions"] = {n: {**column, "label": n} for n, column in columns}
        return body


@mutant(breaks="pipe0_pipeline.sync.names-the-run-that-goes-on", family="polls")
class WaitersAreExcused(Pipe0Pipeline):
    """Whoever waits for long is asked for patience, in words that fit on a page for people."""

    def wait_for(self, run: Run, then: Any) -> Later:
        whole = super().wait_for(run, then)

        def give_up() -> Reply:
            if self.clock.now() < run.script.end:
                raise Refused(Kind.TIMEOUT, "This takes longer than usual, please check back soon.")
            return whole.then()

        return Later(min(whole.moment, run.created + 5.0), give_up)
