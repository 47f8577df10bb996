"""The world of Nekt's runs as the seed has them: each nests pipeline, log and actors."""

from typing import Final

from runwright.emulator.call import Call, Reply
from runwright.emulator.clock import stamp
from runwright.emulator.world import operation
from runwright.emulator.worlds.workspace.catalog import Pipeline, Trigger
from runwright.emulator.worlds.workspace.common import WorkspaceWorld, moment_or_null, only
from runwright.emulator.worlds.workspace.life import Run
from runwright.validation import JSON

TYPES: Final = {
    "source": "extractor",
    "transformation": "transformer",
    "destination": "loader",
}

NOBODY: Final[dict[str, JSON]] = {
    "first_name": "",
    "last_name": "",
    "email": "",
    "picture": "",
    "role": "",
    "is_active": False,
}
NO_TOKEN: Final[dict[str, JSON]] = {"token": "", "is_active": False, "description": ""}
"""What stands for a user and a token where there is none.

The seed marks both as required objects. By the newest reading null stands there.
"""


class Nekt(WorkspaceWorld):
    """Pipelines and their runs, everything nested."""

    knows_all = False

    @operation("getPipeline")
    def get_pipeline(self, call: Call) -> Reply:
        """Show a pipeline."""
        pipeline = self.pipeline_in(call, call.path["pipeline_slug"])
        return Reply(200, self.render_pipeline(pipeline, call))

    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        """Return the body of a run; its pipeline is shown as it is now."""
        now = call.now
        return {
            "id": run.id,
            "created_at": stamp(run.created),
            "updated_at": stamp(self.updated_of(run, now)),
            "started_at": moment_or_null(self.started_of(run, now)),
            "ended_at": moment_or_null(self.ended_of(run, now)),
            "status": self.state_of(run, now),
            "pipeline": self.render_pipeline(run.pipeline, call),
            "log": self.render_log(run, now),
            "use_custom_logs": run.pipeline.kind != "transformation",
            "trigger_type": self.trigger_type_of(run),
            "trigger": self.render_trigger(run.trigger),
            "triggered_by": self.actor_of(run, call),
            "triggered_by_token": self.token_of(run, call),
        }

    def render_log(self, run: Run, now: float) -> JSON:
        """Return the log of a run; by the newest reading there is none before the first line."""
        text = run.log(now)
        if self.is_current and not text:
            return None
        return {
            "id": run.log_id,
            "parsed_log": text,
            "created_at": stamp(run.created),
            "updated_at": stamp(self.updated_of(run, now)),
        }

    def trigger_type_of(self, run: Run) -> str:
        """Return what started a run."""
        return run.start

    def actor_of(self, run: Run, call: Call) -> JSON:
        """Return the user who started a run.

        In the seed's reading a token stands for the user whom it belongs to, the one natural
        case that fills both objects.
        """
        if run.start == "manual" or (run.start == "api" and not self.is_current):
            return self.render_user(call.tenant)
        return None if self.is_current else dict(NOBODY)

    def token_of(self, run: Run, call: Call) -> JSON:
        """Return the token that started a run."""
        if run.start == "api":
            return self.render_token(call.tenant)
        return None if self.is_current else dict(NO_TOKEN)

    def render_trigger(self, trigger: Trigger) -> dict[str, JSON]:
        """Return the settings of a trigger; the seed's reading has no null in them."""
        cron, absent = trigger.cron, not self.is_current
        return {
            "type": trigger.type,
            "cron_expression": cron.expression if cron else "" if absent else None,
            "cron_timezone": cron.timezone if cron else "UTC" if absent else None,
            "event_rule": trigger.rule or ("any" if absent else None),
        }

    def render_pipeline(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        """Return the body of a pipeline with the state of its latest run."""
        now, latest = call.now, self.latest_run(pipeline, call)
        runs = self.runs_of(pipeline, call)
        changed = max((self.updated_of(run, now) for run in runs), default=pipeline.made)
        return {
            "id": pipeline.id,
            "slug": pipeline.slug,
            "description": pipeline.description,
            "type": TYPES[pipeline.kind],
            "active": pipeline.active,
            "created_at": stamp(pipeline.made),
            "updated_at": stamp(changed),
            "latest_run_started": moment_or_null(self.started_of(latest, now) if latest else None),
            "latest_run_ended": moment_or_null(self.ended_of(latest, now) if latest else None),
            "latest_run_status": self.state_of(latest, now) if latest else None,
            "triggers": [
                {
                    "id": trigger.id,
                    "created_at": stamp(trigger.made),
                    "updated_at": stamp(trigger.made),
                    **self.render_trigger(trigger),
                    "events": list(trigger.events),
                }
                for trigger in pipeline.triggers
            ],
            "current_status": self.current_status(pipeline, call),
        }

    def render_owner(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        """Return the body of an owner with its last run in short."""
        last = self.last_run(pipeline, call)
        return {
            "id": pipeline.owner_id,
            "pipeline_slug": pipeline.slug,
            "pipeline_active": pipeline.active,
            "pipeline_current_status": self.current_status(pipeline, call),
            "last_run": only(SHORT, self.render_run(last, call)) if last else None,
        }


SHORT: Final = ("id", "created_at", "updated_at", "started_at", "ended_at", "status")
"""The members of a run that its owner shows."""

WORLD = Nekt
