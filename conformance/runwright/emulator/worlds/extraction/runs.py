"""What a server of pipeline runs does: who may see them, how they are listed, read, aborted."""

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.clock import stamp
from runwright.emulator.listing import Page, by_offset
from runwright.emulator.tenants import Tenant
from runwright.emulator.world import World, operation
from runwright.emulator.worlds.extraction.estate import Project, past_runs, project_of
from runwright.emulator.worlds.extraction.flow import EXTRACTORS
from runwright.emulator.worlds.extraction.life import DONE, Run, Step
from runwright.validation import JSON

ABSENT: Final = "Not found."
FORBIDDEN: Final = "You do not have permission to perform this action."
LINES_LISTED: Final = 4
"""How many lines of its log a run has in the list."""


class RunsWorld(World[Run], ABC):
    """Each tenant has one project, with runs of the days before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with what the tenants had before."""
        super().__init__(*args, **kwargs)
        self.projects: dict[str, Project] = {}
        for tenant in self.tenants:
            project = project_of(tenant)
            self.projects[project.id] = project
            for run in past_runs(tenant, self.seed, self.clock.now()):
                self.store.put(project.id, run)

    # ---- who may do what ---------------------------------------------------------------------

    def denial(self, kind: Kind) -> str:
        """Return the sentence for a request without credentials, or with wrong ones."""
        if kind is Kind.NO_CREDENTIALS:
            return "Authentication credentials were not provided."
        return "Invalid token."

    def admit(self, call: Call) -> None:
        """Refuse calls to projects that are not there, or not the caller's."""
        project = self.projects.get(call.path["project_id"])
        if project is None:
            raise Refused(Kind.NOT_FOUND, ABSENT)
        if not self.may_enter(call, project):
            raise Refused(Kind.FORBIDDEN, FORBIDDEN)

    def may_enter(self, call: Call, project: Project) -> bool:
        """True if the caller has permissions in a project."""
        return call.tenant.name == project.owner

    def find(self, call: Call, run_id: str) -> Run:
        """Return a run of the project."""
        run = self.store.find(call.path["project_id"], run_id, call.now)
        if run is None:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run

    def absence(self, call: Call) -> str:
        """Return the sentence for whatever is not there."""
        return ABSENT

    def parameters(self, tenant: Tenant) -> Mapping[str, str]:
        """Return the tenant's project; its flows are listed there."""
        return {"project_id": project_of(tenant).id}

    def problem(self, status: int, refused: Refused) -> JSON:
        """Return a sentence in `error`; for a bad body or query the messages by its members."""
        if status == 400 and refused.errors:
            fields: dict[str, list[str]] = {}
            for error in refused.errors:
                member = error.pointer.split("/")[1] if error.pointer else "non_field_errors"
                fields.setdefault(member, []).append(error.message)
            return fields
        if status == 404:
            return {"error": ABSENT}
        return {"error": refused.detail}

    # ---- runs --------------------------------------------------------------------------------

    @operation("listPipelineRuns")
    def list_runs(self, call: Call) -> Reply:
        """List a project's runs, page by page."""
        page = self.page(call, self.select(call))
        return Reply(
            200,
            {
                "count": page.count,
                "next": page.next,
                "previous": page.previous,
                "results": [self.render_item(run, call.now) for run in page.items],
            },
        )

    def select(self, call: Call) -> Sequence[Run]:
        """Return the runs that a list is about, the newest first."""
        runs, wanted = self.in_order(call), call.query.get("status")
        return [run for run in runs if wanted in (None, self.status_of_run(run, call.now))]

    def in_order(self, call: Call) -> Sequence[Run]:
        """Return all runs of the project, the newest first."""
        return tuple(self.store.newest_first(call.path["project_id"], call.now))

    def page(self, call: Call, runs: Sequence[Run]) -> Page[Run]:
        """Return what a list shows of the runs."""
        offset, limit = call.query["offset"], call.query["limit"]
        return by_offset(runs, url=call.url, offset=offset, limit=limit)

    @operation("getPipelineRun")
    def show_run(self, call: Call) -> Reply:
        """Show a run as it is."""
        run = self.find(call, call.path["pipeline_run_id"])
        return Reply(200, self.render_run(run, call.now))

    @operation("abortPipelineRun")
    def abort(self, call: Call) -> Reply:
        """End a run and those of its steps that have not ended; one that has ended stays."""
        run = self.find(call, call.path["pipeline_run_id"])
        if not run.has_ended(call.now):
            run = self.store.put(run.order.project, self.aborted(run, call.now))
        return Reply(200, {"status": self.status_of_run(run, call.now)})

    def aborted(self, run: Run, now: float) -> Run:
        """Return a run after its abort."""
        return run.aborted(now)

    # ---- what runs look like -----------------------------------------------------------------

    def status_of_run(self, run: Run, now: float) -> str:
        """Return the state of a run."""
        return run.script.at(now)

    def status_of_step(self, run: Run, step: Step, now: float) -> str:
        """Return the state of a step."""
        return step.script.at(now)

    def render_common(self, run: Run, now: float) -> dict[str, JSON]:
        """Return what detail and list have in common."""
        return {
            "id": run.id,
            "created_at": stamp(run.created),
            "updated_at": stamp(run.changed(now)),
            "status": self.status_of_run(run, now),
            "project": run.order.project,
            "pipeline_name": run.order.pipeline_name,
            "mode": run.order.mode,
            "celery_task_id": run.task_id,
            "user": run.order.user,
            "tables": self.render_tables(run, now),
            "steps": [self.render_step(run, step, now) for step in self.steps_of(run, now)],
        }

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the detail of a run."""
        return {
            **self.render_common(run, now),
            "document_ids": _listed(run.order.documents),
            "chunk_ids": _listed(run.order.chunks),
            "raw_logs": _joined(run.log(now)),
        }

    def render_item(self, run: Run, now: float) -> dict[str, JSON]:
        """Return a run as the list has it: counts for ids, and the end of the log."""
        wanted, project = run.order.documents, self.projects[run.order.project]
        return {
            **self.render_common(run, now),
            "document_count": len(project.documents if wanted is None else wanted),
            "chunk_count": len(run.order.chunks or ()),
            "raw_logs": _joined(self.excerpt(run.log(now))),
        }

    def excerpt(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Return the lines of a log that the list shows."""
        return lines[-LINES_LISTED:]

    def steps_of(self, run: Run, now: float) -> Sequence[Step]:
        """Return the steps that a run shows."""
        return run.steps

    def render_tables(self, run: Run, now: float) -> JSON:
        """Return the versions of the tables that a run has made."""
        done = (step for step in run.steps if step.script.at(now) in DONE)
        return {table: version for step in done for table, version in step.outputs.items()}

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        """Return one step; it knows its inputs once it has started, its outputs once it is done."""
        status = self.status_of_step(run, step, now)
        started = step.script.reached("running", now) is not None
        done = step.script.at(now) in DONE
        return {
            "id": step.id,
            "created_at": stamp(run.created),
            "updated_at": stamp(step.script.since(now)),
            "step": step.node.step,
            "name": step.node.name,
            "status": status,
            "inputs": {table: v if started else None for table, v in step.inputs.items()},
            "outputs": {table: v if done else None for table, v in step.outputs.items()},
            "warnings": list(step.warnings) if status == "completed_with_warnings" else None,
            "depends_on": list(step.node.depends_on),
            "params": dict(step.node.params),
            **{name: step.node.extractors.get(name) for name in EXTRACTORS},
        }


def _listed(ids: tuple[str, ...] | None) -> JSON:
    return None if ids is None else list(ids)


def _joined(lines: tuple[str, ...]) -> str:
    return "".join(f"{line}\n" for line in lines)
