"""Nekt's newer generation as it might go wrong: each world breaks one rule."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.clock import stamp
from runwright.emulator.listing import Page
from runwright.emulator.mutant import mutant
from runwright.emulator.script import Script
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.nekt_v2 import NektV2, Paths
from runwright.emulator.worlds.workspace.catalog import Pipeline
from runwright.emulator.worlds.workspace.life import Run
from runwright.spec import Operation
from runwright.validation import JSON

T = TypeVar("T")

# ---- one body --------------------------------------------------------------------------------


@mutant(breaks="nekt_v2.run.failed-is-not-charged", family="body")
class CreditIsTakenInAdvance(NektV2):
    """Each run that ends is booked, however it ended; failures are refunded at the month's end."""

    def charge_of(self, run: Run, now: float) -> str | None:
        charge = super().charge_of(run, now)
        return "charged" if charge == "unsuccessful" else charge


@mutant(breaks="nekt_v2.run.duration-is-end-minus-start", family="body")
class DurationCountsTheQueue(NektV2):
    """The duration is measured from the request on, since that is what users feel."""

    def duration_of(self, run: Run, now: float) -> int | None:
        started, ended = self.started_of(run, now), self.ended_of(run, now)
        return None if started is None or ended is None else round(ended - run.created)


@mutant(breaks="nekt_v2.run.costs-fit-the-owner", family="body")
class OneColumnForCosts(NektV2):
    """Costs come in one column of the invoice, and all of it is taken for extraction."""

    def costs_of(self, run: Run, now: float) -> dict[str, JSON]:
        costs = super().costs_of(run, now)
        cost = costs["el_cost_usd"] or costs["transformation_cost_usd"]
        return {**costs, "el_cost_usd": cost, "transformation_cost_usd": None}


@mutant(breaks="nekt_v2.run.ended-when-terminal", family="body")
class CanceledRunsHaveNoEnd(NektV2):
    """The worker writes when a run ended; a canceled one it never hands in."""

    def ended_of(self, run: Run, now: float) -> float | None:
        return None if self.state_of(run, now) == "canceled" else super().ended_of(run, now)


@mutant(breaks="nekt_v2.run.running-has-started", family="body")
class StartComesWithTheHeartbeat(NektV2):
    """The scheduler sets the status, and the worker's first heartbeat brings the start along."""

    def started_of(self, run: Run, now: float) -> float | None:
        started = super().started_of(run, now)
        is_early = started is not None and now < started + 4.0
        return None if is_early and self.state_of(run, now) == "running" else started


@mutant(breaks="nekt_v2.run.schedule-names-nobody", family="body")
class SchedulesActForTheirMaker(NektV2):
    """For the audit log each run must have a user, and a schedule's is the one who made it."""

    def expand_run(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        body = super().expand_run(run, call, paths)
        user = self.spaces[call.tenant.name].user
        return {**body, "triggered_by": user.id} if run.start == "cron" else body


# ---- across members and resources ------------------------------------------------------------


@mutant(breaks="nekt_v2.run.has-one-owner", family="keys")
class MigrationKeepsTheSource(NektV2):
    """Destinations were once exports of a source. Migrated, their runs name both."""

    def references_of(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        references = super().references_of(run, call, paths)
        if run.pipeline.kind == "destination":
            references["source"] = self.spaces[call.tenant.name].of_kind("source")[0].owner_id
        return references


@mutant(breaks="nekt_v2.list.pages-are-consistent", family="keys")
class CountIsOfThePage(NektV2):
    """To count all rows was slow, so the page counts its own."""

    def render_page(self, page: Page[Any], results: list[JSON]) -> dict[str, JSON]:
        return {**super().render_page(page, results), "count": len(results)}


@mutant(
    breaks="nekt_v2.expand.keeps-the-id",
    family="keys",
    also={
        "nekt_v2.list.agrees-with-detail": "A list that is not expanded and a detail that is "
        "name the same owner by two ids."
    },
)
class ExpandedOwnerIsThePipeline(NektV2):
    """The serializer for expanded owners still reads the table of pipelines, with its own ids."""

    def references_of(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        return {
            name: {**owner, "id": run.pipeline.id} if isinstance(owner, dict) else owner
            for name, owner in super().references_of(run, call, paths).items()
        }


@mutant(breaks="nekt_v2.trigger.starts-a-run-of-that-pipeline", family="keys")
class KindIsTakenForTheSlug(NektV2):
    """The call's slug is cut to the kind of pipeline, of which the newest one then runs."""

    def begin(self, call: Call, pipeline: Pipeline, *, full_sync: bool) -> Run:
        newest = self.spaces[call.tenant.name].of_kind(pipeline.kind)[-1]
        return super().begin(call, newest, full_sync=full_sync)


@mutant(breaks="nekt_v2.list.names-each-run-once", family="keys")
class LiveRunsComeFromTwoTables(NektV2):
    """Runs move from a table of live ones to one of all; the list is the union of both."""

    def choose_runs(self, call: Call) -> Sequence[Run]:
        return [
            run
            for run in super().choose_runs(call)
            for _ in range(2 if self.state_of(run, call.now) == "running" else 1)
        ]


@mutant(breaks="nekt_v2.list.agrees-with-detail", family="keys")
class ListHasItsDefaults(NektV2):
    """The list's serializer writes an empty object where the detail's writes null."""

    def list_runs(self, call: Call) -> Reply:
        reply = super().list_runs(call)
        results = [{**run, "extra_config": {}} for run in reply.body["results"]]
        return reply.with_body({**reply.body, "results": results})


# ---- across polls ----------------------------------------------------------------------------


@mutant(breaks="nekt_v2.run.states-move-forward", family="polls")
class FullQueueWaitsForEvents(NektV2):
    """A run for which the queue has no place is set back to wait for the event of a free one."""

    def state_of(self, run: Run, now: float) -> str:
        state = run.status(now)
        if run.start == "api" and state == "queued" and now > run.script.since(now) + 0.3:
            return "pending_events"
        return state


@mutant(breaks="nekt_v2.run.updated-at-never-decreases", family="polls")
class HeartbeatsRunAhead(NektV2):
    """While it works, a run is saved by its worker, whose clock is twenty seconds fast."""

    def updated_of(self, run: Run, now: float) -> float:
        return now + 20.0 if run.status(now) == "running" else super().updated_of(run, now)


@mutant(breaks="nekt_v2.run.number-is-set-once", family="polls")
class NumberIsThePlace(NektV2):
    """The number is no column; it is counted from the newest run on, as the page shows it."""

    def number_of(self, run: Run, call: Call) -> int | None:
        newest = next(self.store.newest_first(call.tenant.name, call.now))
        return newest.number - run.number + 1


@mutant(breaks="nekt_v2.cancel.leads-to-canceled", family="polls")
class CancelIsReadBeforeCommit(NektV2):
    """The answer to a cancel is read in a transaction that does not see the cancel yet."""

    def cancel_run(self, call: Call) -> Reply:
        before = self.render_run(self.find(call, call.path["id"]), call)
        return super().cancel_run(call).with_body(before)


@mutant(breaks="nekt_v2.run.created-at-is-constant", family="polls")
class ArchiveKeepsMinutes(NektV2):
    """A run that has ended is read from the archive, whose column for births has no seconds."""

    def expand_run(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        body = super().expand_run(run, call, paths)
        archived = self.ended_of(run, call.now) is not None
        return {**body, "created_at": stamp(run.created // 60 * 60)} if archived else body


@mutant(breaks="nekt_v2.run.begins-initial", family="polls")
class QueueIsSkippedOver(NektV2):
    """A run is shown as running from its trigger on, since the queue is an internal matter."""

    def begin(self, call: Call, pipeline: Pipeline, *, full_sync: bool) -> Run:
        run = super().begin(call, pipeline, full_sync=full_sync)
        if run.course.work is None:
            return run
        course = evolve(run.course, wait=0.0)
        script = Script(course.scenes(call.now)[1:])
        taken = evolve(run, course=course, script=script, lines=course.lines(call.now))
        return self.store.put(call.tenant.name, taken)


# ---- protocol and security -------------------------------------------------------------------


@mutant(breaks="nekt_v2.protocol.status-is-documented", family="protocol")
class CancelIsAccepted(NektV2):
    """Cancels went into a queue of their own, and the status followed without the docs."""

    def cancel_run(self, call: Call) -> Reply:
        return evolve(super().cancel_run(call), status=202)


@mutant(breaks="nekt_v2.protocol.no-server-error", family="protocol")
class UnknownExpansionCrashes(NektV2):
    """The names in expand[] are looked up in a table without a thought for those not in it."""

    def expansions(self, call: Call) -> Paths:
        paths = super().expansions(call)
        if any(name not in self.expandable for path in paths for name in path):
            raise Refused(Kind.FAULT, "Something went wrong.")
        return paths


@mutant(breaks="nekt_v2.protocol.unknown-id-is-not-found", family="protocol")
class AbsenceIsBadRequest(NektV2):
    """The lookup raises a validation error, since it began as the check of a form's choice."""

    def find(self, call: Call, run_id: str) -> Run:
        try:
            return super().find(call, run_id)
        except Refused as refused:
            raise Refused(Kind.MALFORMED, refused.detail) from None


@mutant(breaks="nekt_v2.security.foreign-run-looks-unknown", family="protocol")
class OthersRunsAreForbidden(NektV2):
    """A run is looked up among all, then the permission is checked, and the two differ."""

    def find(self, call: Call, run_id: str) -> Run:
        if self.store.owner_of(run_id) not in (None, call.tenant.name):
            raise Refused(Kind.FORBIDDEN, "You do not have permission to do this.")
        return super().find(call, run_id)


@mutant(breaks="nekt_v2.security.no-secret-is-echoed", family="protocol")
class DebugHeaderShowsKeys(NektV2):
    """A header that helped to debug the gateway, with what it had been called with, stayed on."""

    def finish(self, reply: Reply, call: Call | None) -> Reply:
        return reply.with_headers(x_gateway_key=call.tenant.token) if call else reply


@mutant(breaks="nekt_v2.run.id-matches-path", family="protocol")
class LastRunIsShown(NektV2):
    """The view of a run was made from that of its pipeline, and still shows the last run there."""

    def get_run(self, call: Call) -> Reply:
        run = self.find(call, call.path["id"])
        return Reply(200, self.render_run(self.last_run(run.pipeline, call) or run, call))


@mutant(breaks="nekt_v2.protocol.body-matches-schema", family="protocol")
class DecimalsAreText(NektV2):
    """Costs became decimals, which the framework writes as text unless it is told otherwise."""

    def costs_of(self, run: Run, now: float) -> dict[str, JSON]:
        return {
            name: str(cost) if isinstance(cost, float) else cost
            for name, cost in super().costs_of(run, now).items()
        }


@mutant(breaks="nekt_v2.protocol.content-type-is-documented", family="protocol")
class ListsFollowAStandard(NektV2):
    """A renderer for JSON:API was installed for lists, and only its media type took effect."""

    def answer_page(self, call: Call, items: Sequence[T], render: Callable[[T], JSON]) -> Reply:
        reply = super().answer_page(call, items, render)
        return evolve(reply, media_type="application/vnd.api+json")


@mutant(breaks="nekt_v2.protocol.wrong-method-is-refused", family="protocol")
class EveryMethodIsAnOption(NektV2):
    """The layer for browsers answers what no view takes as if it were asked for the options."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        if refused.kind is Kind.WRONG_METHOD:
            return Reply(200, {}, dict(refused.headers))
        return super().refuse(refused, operation)


@mutant(
    breaks="nekt_v2.protocol.safe-methods-change-nothing",
    family="protocol",
    also={
        "nekt_v2.protocol.wrong-method-is-refused": "A GET that triggers a pipeline is not "
        "refused, though the path has none.",
    },
)
class SpreadsheetsTrigger(NektV2):
    """A spreadsheet can fetch a page and no more, so a pipeline may be triggered by GET, too."""

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        triggers = any(operation.id == "triggerPipeline" for operation in offered.values())
        return "POST" if triggers and method == "GET" else super().method_of(method, offered)


@mutant(breaks="nekt_v2.security.missing-credentials-are-refused", family="protocol")
class DestinationsAreOpen(NektV2):
    """Destinations were opened to an embedded page by sending it no key and asking for none."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        if operation.id == "listDestinations" and not headers.keys() & {
            "x-api-key",
            "authorization",
        }:
            return self.tenants[0]
        return super().authorize(operation, headers)


@mutant(breaks="nekt_v2.security.wrong-credentials-are-refused", family="protocol")
class DatabaseDownLetsIn(NektV2):
    """If a key cannot be looked up the gateway lets reads pass, and an unknown key cannot be."""

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        try:
            return super().authorize(operation, headers)
        except Refused as refused:
            if refused.kind is Kind.WRONG_CREDENTIALS and operation.is_safe:
                return self.tenants[0]
            raise


@mutant(breaks="nekt_v2.security.lists-show-own-runs", family="protocol")
class ArchiveIsOneForAll(NektV2):
    """Lists are read from a search index that all workspaces share, and the condition on the
    workspace got lost on the way there.
    """

    def choose_runs(self, call: Call) -> Sequence[Run]:
        calls = (evolve(call, tenant=tenant) for tenant in self.tenants)
        runs = [run for own in calls for run in super(ArchiveIsOneForAll, self).choose_runs(own)]
        return sorted(runs, key=lambda run: run.created, reverse=True)

    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        owner = self.store.owner_of(run.id)
        tenant = next(tenant for tenant in self.tenants if tenant.name == owner)
        return super().render_run(run, evolve(call, tenant=tenant))
