"""Pipe0 as it might go wrong in protocol and security."""

from collections.abc import Mapping

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.mutant import mutant
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Cell, Run
from runwright.spec import Operation
from runwright.validation import JSON


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


@mutant(breaks="pipe0.protocol.wrong-content-type-is-refused", family="protocol")
class UnreadBodyIsValid(Pipe0):
    """The dry run finds no fault with a body that no parser took, since there is nothing in it."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        dry = operation is not None and operation.id == "validatePipes"
        if dry and refused.kind is Kind.WRONG_MEDIA_TYPE:
            return Reply(200, {"valid": True})
        return super().refuse(refused, operation)


@mutant(
    breaks="pipe0.protocol.safe-methods-change-nothing",
    family="protocol",
    also={
        "pipe0.protocol.wrong-method-is-refused": "A GET that cancels is not refused, though the "
        "path has none.",
    },
)
class MailsLinkToTheCancel(Pipe0):
    """A mail about a run that waits has a link to cancel it, so the route takes GET, too."""

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        cancels = any(operation.id == "cancelPipesRun" for operation in offered.values())
        return "POST" if cancels and method == "GET" else super().method_of(method, offered)


@mutant(breaks="pipe0.problem.rate-limit-says-when", family="protocol")
class CacheKnowsNoTime(Pipe0):
    """Requests are counted in a shared cache, which also counts those of the dashboard, and whose
    error does not tell when to come back.
    """

    calls = 0

    def admit(self, call: Call) -> None:
        super().admit(call)
        self.calls += 1
        if self.calls % 40 == 0:
            raise Refused(Kind.RATE_LIMITED, "Request budget used up.")
