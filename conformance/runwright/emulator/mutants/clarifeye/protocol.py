"""Faults of the protocol and of who may see what."""

from collections.abc import Mapping, Sequence

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.listing import Page
from runwright.emulator.mutant import mutant
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.clarifeye import Clarifeye
from runwright.emulator.worlds.extraction.estate import Project
from runwright.emulator.worlds.extraction.life import Run
from runwright.spec import Operation


@mutant(breaks="clarifeye.run.id-matches-path", family="protocol")
class LatestIsServed(Clarifeye):
    """The detail still ends in the query for the latest run, from a night of debugging."""

    def show_run(self, call: Call) -> Reply:
        self.find(call, call.path["pipeline_run_id"])
        return Reply(200, self.render_run(self.in_order(call)[0], call.now))


@mutant(breaks="clarifeye.run.is-readable-once-started", family="protocol")
class RowIsWrittenByTheWorker(Clarifeye):
    """The row of a run is inserted by the worker that takes its task, not by the call."""

    def find(self, call: Call, run_id: str) -> Run:
        run = super().find(call, run_id)
        if run.script.at(call.now) == "pending":
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run


@mutant(breaks="clarifeye.protocol.unknown-id-is-not-found", family="protocol")
class AbsenceIsBadRequest(Clarifeye):
    """A handler turns every error of the database layer into a 400, that of a missing row too."""

    def find(self, call: Call, run_id: str) -> Run:
        try:
            return super().find(call, run_id)
        except Refused:
            raise Refused(Kind.MALFORMED, "PipelineRun matching query does not exist.") from None


@mutant(breaks="clarifeye.protocol.no-server-error", family="protocol")
class EmptyPageHasNoLast(Clarifeye):
    """A page looks at its last run to tell whether it is fresh; an empty page has none."""

    def page(self, call: Call, runs: Sequence[Run]) -> Page[Run]:
        page = super().page(call, runs)
        if not page.items:
            raise Refused(Kind.FAULT, "list index out of range")
        return page


@mutant(breaks="clarifeye.protocol.status-is-documented", family="protocol")
class GatewayAccepts(Clarifeye):
    """A gateway that takes calls for the queue answers 202 for what it has passed on."""

    def run_flow(self, call: Call) -> Reply:
        return evolve(super().run_flow(call), status=202)


@mutant(breaks="clarifeye.protocol.content-type-is-documented", family="protocol")
class ProxyHasItsOwnPage(Clarifeye):
    """A proxy in front puts its own page in the place of every 404."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        reply = super().refuse(refused, operation)
        page = Reply(404, b"<h1>Not Found</h1>", reply.headers, "text/html")
        return page if reply.status == 404 else reply


@mutant(breaks="clarifeye.protocol.malformed-input-is-refused", family="protocol")
class BadIdsFindNothing(Clarifeye):
    """Ids are only used to filter documents, so that malformed ones find none and are no error."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        statistics = operation and operation.id == "getExtractionFlowStatistics"
        if statistics and refused.kind is Kind.INVALID_BODY:
            return Reply(200, {})
        return super().refuse(refused, operation)


@mutant(breaks="clarifeye.protocol.wrong-method-is-refused", family="protocol")
class PreflightAnswersAll(Clarifeye):
    """The middleware for preflight requests answers every method that a path does not have."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.WRONG_METHOD:
            return Reply(200, {}, dict(refused.headers))
        return super().refuse(refused, operation)


@mutant(breaks="clarifeye.security.missing-credentials-are-refused", family="protocol")
class PermissionClassIsMissing(Clarifeye):
    """The view of statistics names no permissions, and the default lets everybody in."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.id == "getExtractionFlowStatistics" and "authorization" not in headers:
            return self.tenants[0]
        return super().authorize(operation, headers)


@mutant(breaks="clarifeye.security.wrong-credentials-are-refused", family="protocol")
class SignatureIsNotChecked(Clarifeye):
    """A library is upgraded, and its new default is to read tokens without verifying them."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            if refused.kind is Kind.WRONG_CREDENTIALS:
                return self.tenants[0]
            raise


@mutant(breaks="clarifeye.security.foreign-run-looks-unknown", family="protocol")
class DetailAsksNoPermission(Clarifeye):
    """The view of a single run is rewritten, and the check of the project's permissions is not."""

    def may_enter(self, call: Call, project: Project) -> bool:
        return call.operation.id == "getPipelineRun" or super().may_enter(call, project)


@mutant(breaks="clarifeye.security.no-secret-is-echoed", family="protocol")
class DebugTellsTheToken(Clarifeye):
    """A message that was meant for a debug log goes out to the caller."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            told = f"{refused.detail[:-1]}: {headers.get('authorization', 'none')}"
            raise Refused(refused.kind, told, headers=refused.headers) from None


@mutant(breaks="clarifeye.security.lists-show-own-runs", family="protocol")
class ListAsksNoPermission(Clarifeye):
    """The list got a view of its own for the sake of speed; the project's permissions stayed
    behind in the old one.
    """

    def may_enter(self, call: Call, project: Project) -> bool:
        return call.operation.id == "listPipelineRuns" or super().may_enter(call, project)


@mutant(breaks="clarifeye.protocol.malformed-id-is-refused", family="protocol")
class NothingToAbortIsAborted(Clarifeye):
    """An abort is made safe to repeat, and what is not there to be aborted counts as done."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        aborts = operation is not None and operation.id == "abortPipelineRun"
        if aborts and refused.kind is Kind.INVALID_PATH:
            return Reply(200, {"status": "aborted"})
        return super().refuse(refused, operation)


@mutant(breaks="clarifeye.protocol.wrong-content-type-is-refused", family="protocol")
class UnreadBodyIsEmpty(Clarifeye):
    """A body that no parser takes counts as none, and statistics of nothing are empty."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        statistics = operation is not None and operation.id == "getExtractionFlowStatistics"
        if statistics and refused.kind is Kind.WRONG_MEDIA_TYPE:
            return Reply(200, {})
        return super().refuse(refused, operation)


@mutant(
    breaks="clarifeye.protocol.safe-methods-change-nothing",
    family="protocol",
    also={
        "clarifeye.protocol.wrong-method-is-refused": "A GET that does what a POST does is not "
        "refused, though the path has none.",
    },
)
class RedirectsTurnPostIntoGet(Clarifeye):
    """The redirect to https makes clients send GET instead of POST, so each view takes either."""

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        is_turned = method == "GET" and "GET" not in offered and "POST" in offered
        return "POST" if is_turned else super().method_of(method, offered)
