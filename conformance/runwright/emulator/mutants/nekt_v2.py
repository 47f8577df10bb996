"""Nekt's newer generation as it might go wrong: each world breaks one rule."""

from typing import Any

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.listing import Page
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.nekt_v2 import NektV2, Paths
from runwright.emulator.worlds.workspace.life import Run
from runwright.validation import JSON

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


@mutant(breaks="nekt_v2.expand.keeps-the-id", family="keys")
class ExpandedOwnerIsThePipeline(NektV2):
    """The serializer for expanded owners still reads the table of pipelines, with its own ids."""

    def references_of(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        return {
            name: {**owner, "id": run.pipeline.id} if isinstance(owner, dict) else owner
            for name, owner in super().references_of(run, call, paths).items()
        }


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


# ---- protocol and security -------------------------------------------------------------------


@mutant(breaks="nekt_v2.protocol.status-is-documented", family="protocol")
class TriggerIsAccepted(NektV2):
    """Triggers went into a queue of their own, and the status followed without the docs."""

    def trigger_pipeline(self, call: Call) -> Reply:
        return evolve(super().trigger_pipeline(call), status=202)


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
