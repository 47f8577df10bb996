"""Pipe0's pipeline of 2025 as it might go wrong: each world breaks one rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.mutant import mutant
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Cell, Reason, Run
from runwright.emulator.worlds.pipes.plan import Column, Pipe
from runwright.spec import Operation
from runwright.validation import JSON

# ---- one body --------------------------------------------------------------------------------


@mutant(breaks="pipe0_pipeline.run.errors-only-when-failed", family="body")
class WarningsAreErrors(Pipe0Pipeline):
    """A warning about a slow provider is put where only errors belong while the run goes on."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) == "processing":
            return [{"code": "SlowProvider", "message": "A provider takes long to answer."}]
        return super().errors_of(run, now)


@mutant(breaks="pipe0_pipeline.run.completed-without-errors", family="body")
class FailedCellsFailUpwards(Pipe0Pipeline):
    """Every cell that failed or found nothing is listed among the errors of a completed run."""

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) != "completed":
            return super().errors_of(run, now)
        return [
            {"code": cell.reason.code, "message": cell.reason.message}
            for cell in run.cells.values()
            if cell.reason is not None
        ]


@mutant(breaks="pipe0_pipeline.field.reason-when-unresolved", family="body")
class ReasonIsTruncated(Pipe0Pipeline):
    """A migration moves reasons to a table of their own, and reads join only those of failures."""

    def render_reason(self, cell: Cell) -> JSON:
        return super().render_reason(cell) if cell.script.last == "failed" else None


@mutant(breaks="pipe0_pipeline.field.resolved-by-only-when-completed", family="body")
class ClaimIsTakenForResolver(Pipe0Pipeline):
    """A cell that ends without a value shows who claimed it as its resolver."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        if status in ("no_result", "failed"):
            return self.render_claimant(run, cell.column)
        return super().render_resolver(run, cell, status)


@mutant(breaks="pipe0_pipeline.field.no-result-has-no-value", family="body")
class PlaceholderIsStored(Pipe0Pipeline):
    """When nothing is found, the text that the table shows for it is stored as the value."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        placeholder = field["status"] == "no_result" and field["type"] == "string"
        return {**field, "value": "n/a"} if placeholder else field


@mutant(breaks="pipe0_pipeline.provenance.input-has-no-hash", family="body")
class InputIsHashed(Pipe0Pipeline):
    """The fingerprint of an empty configuration is written for the input, too."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        if definition["added_by"]["ref"] == "input":
            definition["added_by"]["hash"] = "44136fa3"
        return definition


# ---- across keys -----------------------------------------------------------------------------


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


# ---- across polls ----------------------------------------------------------------------------


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


# ---- protocol and security -------------------------------------------------------------------


@mutant(breaks="pipe0_pipeline.security.foreign-run-looks-unknown", family="protocol")
class RefusalTellsOwner(Pipe0Pipeline):
    """The answer for another organization's run differs from that for none: it exists, it says."""

    def find(self, call: Call, run_id: str) -> Run:
        owner = self.store.owner_of(run_id)
        if owner is not None and owner != call.tenant.name:
            raise Refused(Kind.NOT_FOUND, "This run belongs to another organization.")
        return super().find(call, run_id)


@mutant(breaks="pipe0_pipeline.security.missing-credentials-are-refused", family="protocol")
class ReadsAreOpen(Pipe0Pipeline):
    """Reads were opened for a public demo, for which the first customer's runs serve."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.is_safe and "authorization" not in headers:
            return self.tenants[0]
        return super().authorize(operation, headers)


@mutant(breaks="pipe0_pipeline.security.wrong-credentials-are-refused", family="protocol")
class RevokedKeysStillRead(Pipe0Pipeline):
    """Only calls that start runs look a key up in the database; reads trust what a cache made of
    any key long ago.
    """

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.is_safe and headers.get("authorization", "").startswith("Bearer "):
            known = (t for t in self.tenants if headers["authorization"].endswith(t.token))
            return next(known, self.tenants[0])
        return super().authorize(operation, headers)


@mutant(breaks="pipe0_pipeline.protocol.wrong-method-is-refused", family="protocol")
class MethodIsOverridden(Pipe0Pipeline):
    """The framework falls back to the one route of a path, whatever the method."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.WRONG_METHOD:
            return Reply(200, {})
        return super().refuse(refused, operation)


@mutant(breaks="pipe0_pipeline.protocol.status-is-documented", family="protocol")
class GoneInsteadOfNotFound(Pipe0Pipeline):
    """A new handler answers 410 for every run that is not there, expired or never known."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        reply = super().refuse(refused, operation)
        if refused.kind is not Kind.NOT_FOUND:
            return reply
        return Reply(410, {**reply.body, "status": 410})


@mutant(breaks="pipe0_pipeline.protocol.body-matches-schema", family="protocol")
class ErrorsAreNullAtFirst(Pipe0Pipeline):
    """`errors` is created with the first error; until then it is null instead of empty."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        return {**body, "errors": body["errors"] or None}


@mutant(breaks="pipe0_pipeline.protocol.content-type-is-documented", family="protocol")
class ErrorsAreProblems(Pipe0Pipeline):
    """A library for RFC 9457 sends errors under the media type of that standard."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        return evolve(super().refuse(refused, operation), media_type="application/problem+json")


@mutant(breaks="pipe0_pipeline.protocol.no-server-error", family="protocol")
class WrongTypesCrash(Pipe0Pipeline):
    """A body of JSON that is no object is indexed all the same."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        at_root = any(error.pointer == "" for error in refused.errors)
        if refused.kind is Kind.INVALID_BODY and at_root:
            refused = Refused(Kind.FAULT, "Something went wrong.")
        return super().refuse(refused, operation)
