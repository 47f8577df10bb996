"""Faults that show in one body."""

from attrs import evolve

from runwright.emulator.call import Call, Refused
from runwright.emulator.clock import stamp
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.clarifeye import Clarifeye
from runwright.emulator.worlds.extraction.flow import EXTRACTORS
from runwright.emulator.worlds.extraction.life import Run, Step
from runwright.validation import JSON


@mutant(breaks="clarifeye.run.warnings-come-from-a-step", family="body")
class WarningsArePurged(Clarifeye):
    """A job that tidies up the steps of a run takes their warnings for debris."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        body = super().render_step(run, step, now)
        warned = body["status"] == "completed_with_warnings"
        return {**body, "status": "completed", "warnings": None} if warned else body


@mutant(breaks="clarifeye.run.tables-are-given", family="body")
class EmptyMapIsNull(Clarifeye):
    """A new serializer writes null for every empty map."""

    def render_tables(self, run: Run, now: float) -> JSON:
        return super().render_tables(run, now) or None


@mutant(breaks="clarifeye.protocol.body-matches-schema", family="body")
class LogStartsAsNull(Clarifeye):
    """The column of the log has lost its default and is null until the first line."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        return {**body, "raw_logs": body["raw_logs"] or None}


@mutant(breaks="clarifeye.run.abort-leaves-no-live-step", family="body")
class AbortForgetsTheSteps(Clarifeye):
    """An abort updates the row of the run and leaves those of its steps as they are."""

    def aborted(self, run: Run, now: float) -> Run:
        left = (evolve(s, script=s.script.cut(now, (now, s.script.at(now)))) for s in run.steps)
        return evolve(run.aborted(now), steps=tuple(left))


@mutant(breaks="clarifeye.step.completed-has-no-warnings", family="body")
class NoneCountsAsWarning(Clarifeye):
    """The form of a new interface stores the word none where a step has no warnings."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        body = super().render_step(run, step, now)
        return {**body, "warnings": ["none"]} if body["status"] == "completed" else body


@mutant(breaks="clarifeye.step.completed-has-its-outputs", family="body")
class VersionsAreWrittenAtTheEnd(Clarifeye):
    """One job at the end of a run writes down which versions all of its steps made."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        body = super().render_step(run, step, now)
        return body if run.has_ended(now) else {**body, "outputs": dict.fromkeys(step.outputs)}


@mutant(breaks="clarifeye.step.runs-one-extractor", family="body")
class ColumnsAreMerged(Clarifeye):
    """A migration puts all extractors into one column, which the old three members now read."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        one = next(iter(step.node.extractors.values()), None)
        return {**super().render_step(run, step, now), **dict.fromkeys(EXTRACTORS, one)}


@mutant(breaks="clarifeye.run.targets-are-named-once", family="body")
class SelectionsAreAddedUp(Clarifeye):
    """What a call selects is added to the selection that a trigger has made of it before."""

    def targets(self, call: Call) -> tuple[str, ...] | None:
        documents = super().targets(call)
        return documents and documents * 2


@mutant(breaks="clarifeye.run.clock-is-ordered", family="body")
class DatabaseClockIsBehind(Clarifeye):
    """The database, whose clock is half a minute behind, stamps changes; the web server, births."""

    def render_common(self, run: Run, now: float) -> dict[str, JSON]:
        late = stamp(run.changed(now) - 30)
        return {**super().render_common(run, now), "updated_at": late}


@mutant(breaks="clarifeye.error.says-what-is-wrong", family="body")
class ErrorsAreDetails(Clarifeye):
    """The handler that renamed the framework's member for errors is lost in an upgrade."""

    def problem(self, status: int, refused: Refused) -> JSON:
        body = super().problem(status, refused)
        return {"detail": body["error"]} if "error" in body else body
