"""Nekt's older generation as it might go wrong: each world breaks one rule."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.chance import digest
from runwright.emulator.clock import stamp
from runwright.emulator.listing import Page
from runwright.emulator.mutant import mutant
from runwright.emulator.script import Script
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.nekt import NO_TOKEN, Nekt
from runwright.emulator.worlds.workspace.catalog import Pipeline, Trigger
from runwright.emulator.worlds.workspace.life import Run
from runwright.spec import Operation
from runwright.validation import JSON

T = TypeVar("T")

# ---- one body --------------------------------------------------------------------------------


@mutant(breaks="nekt.run.ended-when-terminal", family="body")
class EndIsWrittenLater(Nekt):
    """The worker sets the status, and a job that comes by later writes when the run ended."""

    def ended_of(self, run: Run, now: float) -> float | None:
        ended = super().ended_of(run, now)
        return None if ended is None or now < ended + 8.0 else ended


@mutant(breaks="nekt.run.cron-has-a-schedule", family="body")
class MigrationLosesTimezones(Nekt):
    """Time zones moved to the workspace's settings, and the column that is left is empty."""

    def render_trigger(self, trigger: Trigger) -> dict[str, JSON]:
        settings = super().render_trigger(trigger)
        return {**settings, "cron_timezone": ""} if trigger.cron else settings


@mutant(breaks="nekt.run.queued-has-not-started", family="body")
class StartIsStampedInTheQueue(Nekt):
    """The queue stamps a run when it takes it in, since there was no other column to sort by."""

    def started_of(self, run: Run, now: float) -> float | None:
        stamped = run.created + run.course.wait / 10
        return stamped if stamped <= now else None


@mutant(breaks="nekt.run.token-is-redacted", family="body")
class NewSerializerShowsKeys(Nekt):
    """The mask sat in the old serializer of tokens; the new one lists the model's columns."""

    def render_token(self, tenant: Tenant) -> dict[str, JSON]:
        return {**super().render_token(tenant), "token": f"nk_{digest(tenant.name, length=32)}"}


@mutant(breaks="nekt.run.api-names-a-token", family="body")
class TokensAreForgotten(Nekt):
    """Who asks is known by the user alone, since keys are checked in a service of their own."""

    def token_of(self, run: Run, call: Call) -> JSON:
        return None if self.is_current else dict(NO_TOKEN)


@mutant(breaks="nekt.run.schedule-names-nobody", family="body")
class OwnerOfTheScheduleActs(Nekt):
    """The column for who started a run must not be empty, so a schedule's maker is put in."""

    def actor_of(self, run: Run, call: Call) -> JSON:
        return self.render_user(call.tenant) if run.start == "cron" else super().actor_of(run, call)


@mutant(breaks="nekt.run.log-clock-is-ordered", family="body")
class LogKeepsLocalTime(Nekt):
    """The service of logs runs in São Paulo, and writes its time as if it were that of London."""

    def render_log(self, run: Run, now: float) -> JSON:
        log = super().render_log(run, now)
        return log and {**log, "updated_at": stamp(self.updated_of(run, now) - 3 * 3600)}


@mutant(breaks="nekt.run.pipeline-is-older", family="body")
class EditsMakeNewPipelines(Nekt):
    """An edited pipeline is stored as a new row, and its old runs point to that one."""

    def render_pipeline(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        body = super().render_pipeline(pipeline, call)
        return {**body, "created_at": body["updated_at"]}


# ---- across members and resources ------------------------------------------------------------


@mutant(breaks="nekt.run.latest-run-agrees", family="keys")
class PipelineIsCached(Nekt):
    """The pipeline inside a run comes out of a cache that lives for ten seconds."""

    def render_pipeline(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        return super().render_pipeline(pipeline, evolve(call, now=math.floor(call.now / 10) * 10.0))


@mutant(breaks="nekt.trigger.starts-a-run-of-that-pipeline", family="keys")
class DoubleClickGuard(Nekt):
    """A guard against double clicks answers with the run that is in the queue already."""

    def begin(self, call: Call, pipeline: Pipeline, *, full_sync: bool) -> Run:
        for run in self.runs_of(pipeline, call):
            if run.start == "api" and run.status(call.now) == "queued":
                return run
        return super().begin(call, pipeline, full_sync=full_sync)


@mutant(breaks="nekt.list.agrees-with-detail", family="keys")
class ListDefersColumns(Nekt):
    """To be fast, the list's query leaves columns out; they show their defaults."""

    def list_runs(self, call: Call) -> Reply:
        reply = super().list_runs(call)
        results = [{**run, "use_custom_logs": False} for run in reply.body["results"]]
        return reply.with_body({**reply.body, "results": results})


@mutant(breaks="nekt.list.names-each-run-once", family="keys")
class JoinDoublesRows(Nekt):
    """The list joins the people who are told of a run, of whom manual runs have two."""

    def choose_runs(self, call: Call) -> Sequence[Run]:
        return [
            run
            for run in super().choose_runs(call)
            for _ in range(2 if run.start == "manual" else 1)
        ]


@mutant(breaks="nekt.list.pages-are-consistent", family="keys")
class CountIsEstimated(Nekt):
    """To count rows was slow; the planner's statistics say how many there are, roughly."""

    def render_page(self, page: Page[Any], results: list[JSON]) -> dict[str, JSON]:
        return {**super().render_page(page, results), "count": page.count // 10 * 10}


# ---- across polls ----------------------------------------------------------------------------


@mutant(breaks="nekt.run.terminal-is-final", family="polls")
class LateSuccessWins(Nekt):
    """A worker is taken for dead and its run for failed. Then it reports that it is done."""

    def state_of(self, run: Run, now: float) -> str:
        state, ended, started = run.status(now), run.ended(now), run.started(now)
        if state == "failed" and started is not None and ended is not None and now > ended + 6.0:
            return "success"
        return state


@mutant(breaks="nekt.run.started-at-is-set-once", family="polls")
class HeartbeatMovesTheStart(Nekt):
    """Each heartbeat of a worker saves the whole row, with the time of the worker's last lease."""

    def started_of(self, run: Run, now: float) -> float | None:
        started, ended = run.started(now), run.ended(now)
        if started is None:
            return None
        worked = (now if ended is None else ended) - started
        return started + math.floor(worked / 3) * 3.0

    def updated_of(self, run: Run, now: float) -> float:
        return max(super().updated_of(run, now), self.started_of(run, now) or 0.0)


@mutant(breaks="nekt.run.log-parsed-log-only-grows", family="polls")
class LogKeepsItsTail(Nekt):
    """Long logs filled the table, so only the last two lines are kept."""

    def render_log(self, run: Run, now: float) -> JSON:
        log = super().render_log(run, now)
        if log is not None:
            log["parsed_log"] = "".join(log["parsed_log"].splitlines(keepends=True)[-2:])
        return log


@mutant(breaks="nekt.run.begins-initial", family="polls")
class WorkerIsFasterThanTheAnswer(Nekt):
    """An idle worker takes a run before the call that created it reads it back for its answer."""

    def begin(self, call: Call, pipeline: Pipeline, *, full_sync: bool) -> Run:
        run = super().begin(call, pipeline, full_sync=full_sync)
        if run.course.work is None:
            return run
        course = evolve(run.course, wait=0.0)
        script = Script(course.scenes(call.now)[1:])
        taken = evolve(run, course=course, script=script, lines=course.lines(call.now))
        return self.store.put(call.tenant.name, taken)


@mutant(breaks="nekt.cancel.leads-to-canceled", family="polls")
class CancelOnlySendsWord(Nekt):
    """A cancel only sends a message to the worker, and answers with the run as it is till then."""

    def cancel_run(self, call: Call) -> Reply:
        before = self.render_run(self.find(call, call.path["id"]), call)
        return super().cancel_run(call).with_body(before)


# ---- protocol and security -------------------------------------------------------------------


@mutant(breaks="nekt.run.id-matches-path", family="protocol")
class CacheKeyLacksThePath(Nekt):
    """Answers are cached by route and key. The path's id is missing, so one asks for a run and
    gets the one that was asked for before.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: dict[str, str] = {}

    def get_run(self, call: Call) -> Reply:
        run = self.find(call, call.path["id"])
        before = self.asked.get(call.tenant.name, run.id)
        self.asked[call.tenant.name] = run.id
        return Reply(200, self.render_run(self.find(call, before), call))


@mutant(breaks="nekt.protocol.body-matches-schema", family="protocol")
class EmptyLogIsLeftOut(Nekt):
    """The serializer drops what is empty, and a run that has written nothing has no log."""

    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        body = super().render_run(run, call)
        return body if run.log(call.now) else {k: v for k, v in body.items() if k != "log"}


@mutant(breaks="nekt.protocol.content-type-is-documented", family="protocol")
class CancelAnswersText(Nekt):
    """The cancel view builds its answer by hand, and text is what the framework takes it for."""

    def cancel_run(self, call: Call) -> Reply:
        return evolve(super().cancel_run(call), media_type="text/plain")


@mutant(breaks="nekt.security.missing-credentials-are-refused", family="protocol")
class NewViewIsOpen(Nekt):
    """Permissions are set view by view. The new view of sources has none, and only the gateway
    still turns away what carries something that is no key.
    """

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.id == "listSources" and not headers.keys() & {"x-api-key", "authorization"}:
            return self.tenants[0]
        return super().authorize(operation, headers)


@mutant(breaks="nekt.security.wrong-credentials-are-refused", family="protocol")
class UnknownKeyIsTheDemo(Nekt):
    """A key that is not found opens the demo workspace, which a customer has moved into."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            if refused.kind is Kind.WRONG_CREDENTIALS:
                return self.tenants[0]
            raise


@mutant(breaks="nekt.security.foreign-run-looks-unknown", family="protocol")
class DetailForgetsTheWorkspace(Nekt):
    """The list filters by workspace; the detail looks the id up among all runs."""

    def get_run(self, call: Call) -> Reply:
        owner = self.store.owner_of(call.path["id"])
        tenant = next((tenant for tenant in self.tenants if tenant.name == owner), call.tenant)
        return super().get_run(evolve(call, tenant=tenant))


@mutant(breaks="nekt.protocol.no-server-error", family="protocol")
class PageBeyondTheLastCrashes(Nekt):
    """The paginator's error for a page that is not there is caught nowhere."""

    def answer_page(self, call: Call, items: Sequence[T], render: Callable[[T], JSON]) -> Reply:
        try:
            return super().answer_page(call, items, render)
        except Refused:
            raise Refused(Kind.FAULT, "That page contains no results.") from None


@mutant(breaks="nekt.protocol.wrong-method-is-refused", family="protocol")
class RouterIgnoresTheMethod(Nekt):
    """A new router matches paths only, and what no view takes ends in an empty success."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.WRONG_METHOD:
            return Reply(200, {})
        return super().refuse(refused, operation)


@mutant(breaks="nekt.protocol.safe-methods-change-nothing", family="protocol")
class ProbesReachTheView(Nekt):
    """A monitor asks each route by HEAD whether it is there; where no view takes that, the router
    hands it to the one that is.
    """

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        is_passed_on = method == "HEAD" and "GET" not in offered
        return next(iter(offered)) if is_passed_on else super().method_of(method, offered)


@mutant(breaks="nekt.protocol.unknown-id-is-not-found", family="protocol")
class AbsentIsForbidden(Nekt):
    """Permissions are checked on the object; without one there, the check fails."""

    def find(self, call: Call, run_id: str) -> Run:
        try:
            return super().find(call, run_id)
        except Refused as refused:
            raise Refused(Kind.FORBIDDEN, refused.detail) from None


@mutant(breaks="nekt.security.no-secret-is-echoed", family="protocol")
class DenialRepeatsTheKey(Nekt):
    """Support asked for the key in the message, to see what customers had really sent."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            told = f"{refused.detail} ({headers.get('x-api-key', 'no key')})"
            raise Refused(refused.kind, told, headers=refused.headers) from None


@mutant(breaks="nekt.security.lists-show-own-runs", family="protocol")
class WorkerKeepsTheWorkspace(Nekt):
    """A worker looks the workspace up for its first list, and keeps it for whoever asks next."""

    def choose_runs(self, call: Call) -> Sequence[Run]:
        return super().choose_runs(evolve(call, tenant=self.tenants[0]))

    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        owner = self.store.owner_of(run.id)
        tenant = next(tenant for tenant in self.tenants if tenant.name == owner)
        return super().render_run(run, evolve(call, tenant=tenant))
