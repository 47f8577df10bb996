"""The world of Nekt's runs as documented in 2026: flat, with their number, duration and costs."""

from collections.abc import Callable
from typing import Final

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.clock import stamp
from runwright.emulator.world import operation
from runwright.emulator.worlds.workspace.catalog import KINDS, Pipeline
from runwright.emulator.worlds.workspace.common import WorkspaceWorld, moment_or_null
from runwright.emulator.worlds.workspace.life import Run
from runwright.validation import JSON

RATE: Final = 0.0009
"""US dollars for a second of work."""

Paths = tuple[tuple[str, ...], ...]
"""The members to expand, each as the names that lead to it."""


class NektV2(WorkspaceWorld):
    """Sources, transformations and destinations, and their runs, which name them by id."""

    knows_all = True
    expandable = (*KINDS, "triggered_by", "triggered_by_token", "last_run")

    @operation("getSource")
    def get_source(self, call: Call) -> Reply:
        """Show a source."""
        pipeline = self.pipeline_in(call, call.path["slug"])
        if pipeline.kind != "source":
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return Reply(200, self.render_owner(pipeline, call))

    def expansions(self, call: Call) -> Paths:
        """Return what the query asks to expand; a name that is none leads nowhere."""
        return tuple(tuple(name.split(".")) for name in call.query.get("expand[]", ()))

    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        """Return the body of a run."""
        return self.expand_run(run, call, self.expansions(call))

    def render_owner(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        """Return the body of an owner."""
        return self.expand_owner(pipeline, call, self.expansions(call))

    def expand_run(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        """Return the body of a run with objects where the paths lead."""
        now, tenant = call.now, call.tenant
        space = self.spaces[tenant.name]
        user = run.user.id if run.user else None
        token = space.token.id if run.start == "api" else None
        return {
            "id": run.id,
            "number": self.number_of(run, call),
            "created_at": stamp(run.created),
            "updated_at": stamp(self.updated_of(run, now)),
            "started_at": moment_or_null(self.started_of(run, now)),
            "ended_at": moment_or_null(self.ended_of(run, now)),
            "duration_seconds": self.duration_of(run, now),
            "status": self.state_of(run, now),
            "trigger": {
                "type": run.trigger.type,
                "cron_expression": run.trigger.cron and run.trigger.cron.expression,
                "cron_timezone": run.trigger.cron and run.trigger.cron.timezone,
                "event_rule": run.trigger.rule,
            },
            "full_sync": run.full_sync,
            "extra_config": None,
            "credit_charge_status": self.charge_of(run, now),
            **self.costs_of(run, now),
            "triggered_by": _or_object(
                user, "triggered_by", paths, lambda _: self.render_user(tenant)
            ),
            "triggered_by_token": _or_object(
                token, "triggered_by_token", paths, lambda _: self.render_token(tenant)
            ),
            **self.references_of(run, call, paths),
        }

    def references_of(self, run: Run, call: Call, paths: Paths) -> dict[str, JSON]:
        """Return the three members that name the owner of a run, two of them null."""
        pipeline = run.pipeline
        return {
            kind: _or_object(
                pipeline.owner_id if pipeline.kind == kind else None,
                kind,
                paths,
                lambda below: self.expand_owner(pipeline, call, below),
            )
            for kind in KINDS
        }

    def expand_owner(self, pipeline: Pipeline, call: Call, paths: Paths) -> dict[str, JSON]:
        """Return the body of an owner with objects where the paths lead."""
        last = self.last_run(pipeline, call)
        return {
            "id": pipeline.owner_id,
            "slug": pipeline.slug,
            "active": pipeline.active,
            "status": self.current_status(pipeline, call),
            "last_run": _or_object(
                last.id if last else None,
                "last_run",
                paths,
                lambda below: self.expand_run(last, call, below) if last else None,
            ),
        }

    def number_of(self, run: Run, call: Call) -> int | None:
        """Return the running number of a run in its workspace."""
        return run.number

    def duration_of(self, run: Run, now: float) -> int | None:
        """Return how long a run has worked, in whole seconds; None until it has ended."""
        started, ended = self.started_of(run, now), self.ended_of(run, now)
        return None if started is None or ended is None else round(ended - started)

    def charge_of(self, run: Run, now: float) -> str | None:
        """Return whether a run used a credit; a pipeline's first extraction is free."""
        if self.ended_of(run, now) is None:
            return None
        if self.state_of(run, now) != "success":
            return "unsuccessful"
        is_free = run.is_first and run.pipeline.kind == "source"
        return "first_extraction" if is_free else "charged"

    def costs_of(self, run: Run, now: float) -> dict[str, JSON]:
        """Return what the work has cost, by the kind of work, once it has ended."""
        started, ended = self.started_of(run, now), self.ended_of(run, now)
        cost = None if started is None or ended is None else round((ended - started) * RATE, 6)
        metadata = None if cost is None else {"rows": run.course.rows}
        transforms = run.pipeline.kind == "transformation"
        return {
            "el_cost_usd": None if transforms else cost,
            "el_cost_metadata": None if transforms else metadata,
            "transformation_cost_usd": cost if transforms else None,
            "transformation_cost_metadata": metadata if transforms else None,
        }


def _or_object(
    plain: str | int | None, name: str, paths: Paths, render: Callable[[Paths], JSON]
) -> JSON:
    """Return an id, or the object in its place if a path leads there."""
    below = [path[1:] for path in paths if path[0] == name]
    if plain is None or not below:
        return plain
    return render(tuple(path for path in below if path))


WORLD = NektV2
