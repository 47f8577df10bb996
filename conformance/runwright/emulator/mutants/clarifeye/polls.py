"""Faults that show only when a run is looked at again."""

from collections.abc import Sequence
from typing import Any

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.chance import Chance
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.clarifeye import Clarifeye
from runwright.emulator.worlds.extraction.life import ENDS, Run, Step
from runwright.validation import JSON


class _SecondLook(Clarifeye):
    """Notes which runs were read after their end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read: set[str] = set()

    def show_run(self, call: Call) -> Reply:
        reply = super().show_run(call)
        run = self.find(call, call.path["pipeline_run_id"])
        self.read |= {run.id} if run.has_ended(call.now) else set()
        return reply


@mutant(
    breaks="clarifeye.run.terminal-is-final",
    family="polls",
    also={
        "clarifeye.abort.leaves-ended-runs-alone": "An abort between the two looks is not to "
        "blame, but who looks from outside cannot tell."
    },
)
class TaskIsDeliveredTwice(_SecondLook):
    """A task is acknowledged only at its end; that is lost, and the task delivered once more."""

    def status_of_run(self, run: Run, now: float) -> str:
        return "running" if run.id in self.read else super().status_of_run(run, now)


@mutant(
    breaks="clarifeye.run.frozen-once-ended",
    family="polls",
    also={
        "clarifeye.abort.leaves-ended-runs-alone": "An abort between the two looks is not to "
        "blame, but who looks from outside cannot tell.",
        "clarifeye.step.outputs-agree-with-tables": "The steps go on showing what they made.",
    },
)
class TablesAreCompacted(_SecondLook):
    """Tables are compacted into new versions, and the runs that made them show these."""

    def render_tables(self, run: Run, now: float) -> JSON:
        tables = super().render_tables(run, now)
        compacted = run.id in self.read
        return {t: Chance(v).uuid() if compacted else v for t, v in tables.items()}


@mutant(breaks="clarifeye.abort.ends-the-run", family="polls")
class AbortOnlyRevokes(Clarifeye):
    """An abort takes the task out of the queue; one that a worker has taken goes on."""

    def aborted(self, run: Run, now: float) -> Run:
        return run.aborted(now) if run.script.at(now) == "pending" else run

    def abort(self, call: Call) -> Reply:
        over = self.find(call, call.path["pipeline_run_id"]).has_ended(call.now)
        reply = super().abort(call)
        return reply if over else reply.with_body({"status": "aborted"})


@mutant(breaks="clarifeye.abort.leaves-ended-runs-alone", family="polls")
class EndHasNoWayOut(Clarifeye):
    """A library for state machines refuses an abort from a state that has no way out."""

    def abort(self, call: Call) -> Reply:
        run = self.find(call, call.path["pipeline_run_id"])
        if run.has_ended(call.now):
            raise Refused(Kind.MALFORMED, f"Transition from {run.script.last} is not allowed.")
        return super().abort(call)


@mutant(breaks="clarifeye.step.terminal-is-final", family="polls")
class WarningsAreCollectedLate(Clarifeye):
    """A step counts as completed until the end of its run, when its warnings are collected."""

    def status_of_step(self, run: Run, step: Step, now: float) -> str:
        status = super().status_of_step(run, step, now)
        early = status == "completed_with_warnings" and not run.has_ended(now)
        return "completed" if early else status


@mutant(
    breaks="clarifeye.step.tables-stay-resolved",
    family="polls",
    also={
        "clarifeye.step.outputs-agree-with-tables": "The run has the keys of the catalog before "
        "its steps do."
    },
)
class CatalogIsKeyedAnew(Clarifeye):
    """Versions have makeshift keys until the run ends and the catalog gives them their own."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        body = super().render_step(run, step, now)
        if run.has_ended(now):
            return body
        made = {table: v and Chance("makeshift", v).uuid() for table, v in body["outputs"].items()}
        return {**body, "outputs": made}


@mutant(breaks="clarifeye.step.never-vanishes", family="polls")
class IdleStepsAreDropped(Clarifeye):
    """When a run ends, the rows of steps that were never executed are deleted."""

    def steps_of(self, run: Run, now: float) -> Sequence[Step]:
        executed = [step for step in run.steps if step.script.reached("running", now) is not None]
        return executed if run.has_ended(now) else super().steps_of(run, now)


@mutant(
    breaks="clarifeye.run.raw-logs-only-grows",
    family="polls",
    also={
        "clarifeye.list.logs-are-the-newest": "A list of before shows lines that are gone by now."
    },
)
class LogIsRotated(Clarifeye):
    """The column of the log has a limit, and the oldest lines give way."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        kept = run.log(now)[-5:]
        return {**super().render_run(run, now), "raw_logs": "".join(f"{li}\n" for li in kept)}


@mutant(breaks="clarifeye.run.celery-task-id-is-set-once", family="polls")
class RetryHasItsOwnId(Clarifeye):
    """After its first step a run is carried on by a new task, whose id it takes over."""

    def render_common(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_common(run, now)
        carried_on = any(step.script.at(now) in ENDS for step in run.steps)
        return {**body, "celery_task_id": Chance(run.task_id).uuid()} if carried_on else body


@mutant(breaks="clarifeye.run.mode-is-constant", family="polls")
class ModeIsSettledByTheWorker(Clarifeye):
    """A run is queued with the default mode; the worker writes down the one that was meant."""

    def render_common(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_common(run, now)
        return {**body, "mode": "recreate-all"} if run.script.at(now) == "pending" else body
