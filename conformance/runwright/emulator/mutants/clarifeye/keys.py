"""Faults that show across members, and across runs, lists and flows."""

from collections.abc import Sequence

from attrs import evolve

from runwright.emulator.call import Call, Reply
from runwright.emulator.chance import Chance
from runwright.emulator.clock import stamp
from runwright.emulator.listing import Page
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.clarifeye import Clarifeye
from runwright.emulator.worlds.extraction.flow import Flow
from runwright.emulator.worlds.extraction.life import Order, Run, Step
from runwright.validation import JSON


@mutant(breaks="clarifeye.step.dependencies-exist", family="keys")
class DependenciesAreIds(Clarifeye):
    """Dependencies became foreign keys, and are shown as they are stored: by id."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        ids = {other.node.name: other.id for other in run.steps}
        waits = [ids[name] for name in step.node.depends_on]
        return {**super().render_step(run, step, now), "depends_on": waits}


@mutant(breaks="clarifeye.step.dependencies-have-no-cycle", family="keys")
class ClosureIsReflexive(Clarifeye):
    """Dependencies come from a table of ancestors, in which each node is its own."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        waits = [*step.node.depends_on, step.node.name]
        return {**super().render_step(run, step, now), "depends_on": waits}


@mutant(breaks="clarifeye.step.runs-after-its-dependencies", family="keys")
class HandedOverIsRunning(Clarifeye):
    """All steps are handed to the workers at once, and one that waits there counts as running."""

    def status_of_step(self, run: Run, step: Step, now: float) -> str:
        status = super().status_of_step(run, step, now)
        will_run = any(state == "running" for _, state in step.script.scenes)
        handed_over = status == "pending" and will_run and run.script.at(now) == "running"
        return "running" if handed_over else status


@mutant(breaks="clarifeye.run.failed-has-a-failed-step", family="keys")
class DeadWorkersStepIsAborted(Clarifeye):
    """A step whose worker died is marked by the clean-up, which knows one way to end it."""

    def status_of_step(self, run: Run, step: Step, now: float) -> str:
        status = super().status_of_step(run, step, now)
        return "aborted" if status == "failed" else status


@mutant(breaks="clarifeye.step.end-agrees-with-run", family="keys")
class GroupSwallowsFailure(Clarifeye):
    """The callback of a group of tasks is called when all are over, and reports success."""

    def status_of_run(self, run: Run, now: float) -> str:
        swallowed = any(step.script.at(now) == "failed" for step in run.steps)
        return "completed" if swallowed and run.has_ended(now) else super().status_of_run(run, now)


@mutant(breaks="clarifeye.step.is-no-older-than-its-run", family="keys")
class StepsAreCopied(Clarifeye):
    """Steps are copied from the nodes of the flow, with the day on which these were drawn."""

    def render_step(self, run: Run, step: Step, now: float) -> dict[str, JSON]:
        return {**super().render_step(run, step, now), "created_at": stamp(run.created - 86_400)}


@mutant(breaks="clarifeye.step.outputs-agree-with-tables", family="keys")
class RunMintsItsOwnVersions(Clarifeye):
    """What the steps have made is copied into tables of the run, each of which is a new version."""

    def render_tables(self, run: Run, now: float) -> JSON:
        return {
            t: Chance(f"{run.id}/{v}").uuid() for t, v in super().render_tables(run, now).items()
        }


@mutant(breaks="clarifeye.run.project-matches-path", family="keys")
class ProjectIsTheTemplate(Clarifeye):
    """Runs of a project that was made from a template name the template."""

    def render_common(self, run: Run, now: float) -> dict[str, JSON]:
        template = Chance("template").uuid()
        return {**super().render_common(run, now), "project": template}


@mutant(breaks="clarifeye.run.documents-are-as-asked", family="keys")
class DoneDocumentsAreLeftOut(Clarifeye):
    """A run is made cheaper by leaving out documents that an earlier run of the flow was about."""

    def queue(self, call: Call, flow: Flow, order: Order) -> Run:
        if order.documents is None:
            return super().queue(call, flow, order)
        runs = self.store.oldest_first(order.project, call.now)
        orders = (run.order for run in runs if run.order.flow_id == flow.id)
        done = {document for order in orders for document in order.documents or ()}
        left = tuple(document for document in order.documents if document not in done)
        return super().queue(call, flow, evolve(order, documents=left))


@mutant(breaks="clarifeye.list.agrees-with-detail", family="keys")
class CountJoinsTheSteps(Clarifeye):
    """Documents are counted in a join with the steps, and the count is not distinct."""

    def render_item(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_item(run, now)
        return {**body, "document_count": body["document_count"] * len(run.steps)}


@mutant(breaks="clarifeye.list.counts-targets-and-names-none", family="keys")
class ListUsesTheDetail(Clarifeye):
    """The serializer of the list inherits from that of the detail and forgets to leave out ids."""

    def render_item(self, run: Run, now: float) -> dict[str, JSON]:
        whole, item = self.render_run(run, now), super().render_item(run, now)
        return {**item, "document_ids": whole["document_ids"], "chunk_ids": whole["chunk_ids"]}


@mutant(breaks="clarifeye.list.logs-are-the-newest", family="keys")
class LogIsCutAtTheWrongEnd(Clarifeye):
    """The list keeps the first lines of a log, since the slice lost its sign."""

    def excerpt(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return lines[: len(super().excerpt(lines))]


@mutant(breaks="clarifeye.list.is-newest-first", family="keys")
class KeyIsTheOrder(Clarifeye):
    """The index by time is dropped, and the database lists runs by their primary key."""

    def in_order(self, call: Call) -> Sequence[Run]:
        return sorted(super().in_order(call), key=lambda run: run.id)


@mutant(breaks="clarifeye.list.keeps-the-status-filter", family="keys")
class FilterIsRenamed(Clarifeye):
    """An upgrade of the filter library renames a setting, and filters are passed over."""

    def select(self, call: Call) -> Sequence[Run]:
        return self.in_order(call)


@mutant(breaks="clarifeye.list.keeps-the-limit", family="keys")
class OneMoreIsFetched(Clarifeye):
    """One run more is fetched, to know whether there is a next page, and it is not cut off."""

    def page(self, call: Call, runs: Sequence[Run]) -> Page[Run]:
        query = {**call.query, "limit": call.query["limit"] + 1}
        return super().page(evolve(call, query=query), runs)


@mutant(breaks="clarifeye.list.pages-add-up", family="keys")
class CountIsOverAllProjects(Clarifeye):
    """The count is taken before the runs are narrowed down to the project."""

    def page(self, call: Call, runs: Sequence[Run]) -> Page[Run]:
        page = super().page(call, runs)
        others = self.projects.keys() - {call.path["project_id"]}
        more = sum(len(tuple(self.store.newest_first(other, call.now))) for other in others)
        return evolve(page, count=page.count + more)


@mutant(breaks="clarifeye.flow.list-is-last-updated-first", family="keys")
class FlowsAreSortedForTheEye(Clarifeye):
    """A release of the interface wants flows by name, and gets them so from the server."""

    def flows_in_order(self, call: Call) -> Sequence[Flow]:
        return sorted(super().flows_in_order(call), key=lambda flow: flow.name)


@mutant(breaks="clarifeye.flow.update-shows-what-was-sent", family="keys")
class AnswerIsReadBefore(Clarifeye):
    """The answer to an update is made of the row as it was read before the update."""

    def update_flow(self, call: Call) -> Reply:
        before = self.flow(call)
        return super().update_flow(call).with_body(self.render_flow(before, call))
