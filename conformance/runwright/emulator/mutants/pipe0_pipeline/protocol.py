"""Pipe0's pipeline of 2025 as it might go wrong in protocol and security."""

from collections.abc import Mapping

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.mutant import mutant
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.pipe0_pipeline import Pipe0Pipeline
from runwright.emulator.worlds.pipes.life import Run
from runwright.spec import Operation
from runwright.validation import JSON


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
class UnfinishedIsAccepted(Pipe0Pipeline):
    """A framework for long work answers 202, and not 200, as long as the work goes on."""

    def check(self, call: Call) -> Reply:
        reply = super().check(call)
        going = reply.body["status"] in ("pending", "processing")
        return evolve(reply, status=202) if going else reply


@mutant(breaks="pipe0_pipeline.protocol.body-matches-schema", family="protocol")
class ErrorsAreNullAtFirst(Pipe0Pipeline):
    """`errors` is created with the first error; until then it is null instead of empty."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        return {**body, "errors": body["errors"] or None}


@mutant(breaks="pipe0_pipeline.protocol.content-type-is-documented", family="protocol")
class ResultsAreFiles(Pipe0Pipeline):
    """The result of a run that has ended comes out of a store of files, which calls all bytes."""

    def check(self, call: Call) -> Reply:
        reply = super().check(call)
        ended = reply.body["status"] in ("completed", "failed")
        return evolve(reply, media_type="application/octet-stream") if ended else reply


@mutant(breaks="pipe0_pipeline.protocol.no-server-error", family="protocol")
class WrongTypesCrash(Pipe0Pipeline):
    """A body of JSON that is no object is indexed all the same."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        at_root = any(error.pointer == "" for error in refused.errors)
        if refused.kind is Kind.INVALID_BODY and at_root:
            refused = Refused(Kind.FAULT, "Something went wrong.")
        return super().refuse(refused, operation)


@mutant(breaks="pipe0_pipeline.run.id-matches-path", family="protocol")
class LatestRunAnswers(Pipe0Pipeline):
    """The filter by id was lost from the query, which still sorts and takes the first."""

    def check(self, call: Call) -> Reply:
        self.find(call, call.query["id"])
        latest = next(self.store.newest_first(call.tenant.name, call.now))
        return Reply(200, self.render_run(latest, call.now))


@mutant(
    breaks="pipe0_pipeline.protocol.safe-methods-change-nothing",
    family="protocol",
    also={
        "pipe0_pipeline.protocol.wrong-method-is-refused": "A GET that starts a run is not "
        "refused, though the path has none.",
    },
)
class BodiesComeByGet(Pipe0Pipeline):
    """One customer's gateway lets GET out alone, so the calls that run take their bodies by it."""

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        is_taken = method == "GET" and "GET" not in offered
        return "POST" if is_taken else super().method_of(method, offered)
