"""Pipe0 as it might go wrong: each world breaks one rule."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.chance import digest
from runwright.emulator.mutant import mutant
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.emulator.worlds.pipes.plan import Column, Row
from runwright.spec import Operation
from runwright.validation import JSON

# ---- one body --------------------------------------------------------------------------------


@mutant(breaks="pipe0.run.completed-without-errors", family="body")
class RetriedErrorSurvives(Pipe0):
    """A provider's error is entered in the run's errors when it happens. The retry then succeeds,
    and nobody takes the entry out again.
    """

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        if self.status_of_run(run, now) == "completed":
            return [{"code": "ProviderError", "message": "A provider answered with an error."}]
        return super().errors_of(run, now)


@mutant(breaks="pipe0.run.errors-when-failed", family="body")
class CrashTakesErrorsAlong(Pipe0):
    """The job that writes the errors dies in the crash that fails the run; the watchdog only sets
    the status.
    """

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        return []


@mutant(breaks="pipe0.field.reason-when-unresolved", family="body")
class NoResultIsNoError(Pipe0):
    """Reasons are made from exceptions. Finding nothing raises none, so there is no reason."""

    def render_reason(self, cell: Cell) -> JSON:
        return None if cell.script.last == "no_result" else super().render_reason(cell)


@mutant(breaks="pipe0.field.resolved-by-only-when-completed", family="body")
class ResolverIsSetOnPickup(Pipe0):
    """The worker signs a cell when it takes it up, not when it has a value for it."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        if status in ("processing", "no_result", "failed") and cell.by_pipe:
            return super().render_resolver(run, cell, "completed")
        return super().render_resolver(run, cell, status)


@mutant(breaks="pipe0.field.resolved-by-when-completed", family="body")
class CachedValueHasNoResolver(Pipe0):
    """A value that another run has found comes out of a cache that keeps values only."""

    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        return None if cell.by_pipe else super().render_resolver(run, cell, status)


@mutant(breaks="pipe0.definition.only-pipes-have-an-index", family="body")
class IndexCountsFromInput(Pipe0):
    """The input became pipe 0 in an internal list, and the list's index leaks out."""

    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        definition = super().render_definition(run, column)
        index = definition["added_by"]["pipe_index"]
        definition["added_by"]["pipe_index"] = 0 if index is None else index + 1
        return definition


# ---- across keys -----------------------------------------------------------------------------


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


# ---- across polls ----------------------------------------------------------------------------


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


@mutant(breaks="pipe0.run.frozen-once-ended", family="polls")
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


# ---- protocol and security -------------------------------------------------------------------


@mutant(breaks="pipe0.security.foreign-run-looks-unknown", family="protocol")
class LookupForgetsOwner(Pipe0):
    """Runs are looked up by id alone; the check of the owner went lost in a refactoring."""

    def find(self, call: Call, run_id: str) -> Run:
        owner = self.store.owner_of(run_id)
        run = self.store.find(owner, run_id, call.now) if owner else None
        return run if run is not None else super().find(call, run_id)


@mutant(breaks="pipe0.security.missing-credentials-are-refused", family="protocol")
class BalanceIsPublic(Pipe0):
    """The route of the balance was added beside the group of routes that ask for a key."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.id == "getCreditBalance" and "authorization" not in headers:
            return self.tenants[0]
        return super().authorize(operation, headers)


@mutant(breaks="pipe0.security.wrong-credentials-are-refused", family="protocol")
class KeyIsNotVerified(Pipe0):
    """The gateway reads who calls from the key without verifying it; whom it does not know it
    takes for the first customer.
    """

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            if refused.kind is Kind.WRONG_CREDENTIALS and operation.is_safe:
                return self.tenants[0]
            raise


@mutant(breaks="pipe0.security.no-secret-is-echoed", family="protocol")
class RefusalQuotesKey(Pipe0):
    """To help with typing errors, the refusal of a key repeats it."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            key = headers.get("authorization", "")
            raise Refused(refused.kind, f"{refused.detail} ({key})") from None


@mutant(breaks="pipe0.problem.status-equals-http", family="protocol")
class ProblemsAreAllAlike(Pipe0):
    """The body of every error is made from one template, which says 400."""

    def problem(self, status: int, refused: Refused) -> JSON:
        return {**super().problem(status, refused), "status": 400}


@mutant(breaks="pipe0.protocol.no-server-error", family="protocol")
class BrokenBodyCrashes(Pipe0):
    """A body that is no JSON raises in the middleware that logs it."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.MALFORMED:
            refused = Refused(Kind.FAULT, "Something went wrong.")
        return super().refuse(refused, operation)


@mutant(breaks="pipe0.protocol.malformed-input-is-refused", family="protocol")
class ValidatorIsLenient(Pipe0):
    """The dry run looks at the pipes that it can read, and finds no fault with what is left."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        lenient = operation is not None and operation.id == "validatePipes"
        if lenient and refused.kind is Kind.INVALID_BODY:
            return Reply(200, {"valid": True})
        return super().refuse(refused, operation)


@mutant(breaks="pipe0.protocol.content-type-is-documented", family="protocol")
class GatewayAnswersInHtml(Pipe0):
    """Requests without a valid key are turned away by the gateway, which speaks HTML."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        reply = super().refuse(refused, operation)
        if reply.status != 401:
            return reply
        return evolve(reply, body=b"<h1>401 Unauthorized</h1>", media_type="text/html")


@mutant(breaks="pipe0.protocol.body-matches-schema", family="protocol")
class NullsAreLeftOut(Pipe0):
    """A new serializer is told to leave out what is null, and `format` often is."""

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        field = super().render_field(run, cell, now)
        return (
            field
            if field["format"] is not None
            else {k: v for k, v in field.items() if k != "format"}
        )


@mutant(breaks="pipe0.protocol.unknown-id-is-not-found", family="protocol")
class UnknownIdIsBadRequest(Pipe0):
    """An id that leads to nothing is taken for one that cannot be decoded."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.NOT_FOUND:
            refused = Refused(Kind.INVALID_PARAMETER, "The run id cannot be decoded.")
        return super().refuse(refused, operation)
