"""The world of Clarifeye: projects, extraction flows, and the pipeline runs that they queue."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.chance import deal
from runwright.emulator.clock import stamp
from runwright.emulator.world import operation
from runwright.emulator.worlds.extraction.estate import changed_flow, flows_of, project_of
from runwright.emulator.worlds.extraction.flow import DagError, Flow, Node, in_order, read_nodes
from runwright.emulator.worlds.extraction.life import DONE, FATES, Order, Run, write_run
from runwright.emulator.worlds.extraction.runs import ABSENT, RunsWorld
from runwright.validation import JSON

PUBLISHING: Final = (
    Node(name="collect", step="publishing", writes=False),
    Node(name="index", step="publishing", depends_on=("collect",), writes=False),
)
"""The steps of a run that publishes what was extracted before."""


class Clarifeye(RunsWorld):
    """Flows of each tenant's project, and the runs that they queue.

    Documents are uploaded elsewhere, so every well-formed id counts as a document's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with what the tenants had before."""
        super().__init__(*args, **kwargs)
        now = self.clock.now()
        self.flows = {
            project_of(tenant).id: {flow.id: flow for flow in flows_of(tenant, now)}
            for tenant in self.tenants
        }

    def flow(self, call: Call) -> Flow:
        """Return the flow that a call names."""
        flow = self.flows[call.path["project_id"]].get(call.path["flow_id"])
        if flow is None:
            raise Refused(Kind.NOT_FOUND, ABSENT)
        return flow

    # ---- flows -------------------------------------------------------------------------------

    @operation("listExtractionFlows")
    def list_flows(self, call: Call) -> Reply:
        """List a project's flows, all at once."""
        flows = self.flows_in_order(call)
        return Reply(200, [self.render_flow(flow, call) for flow in flows])

    def flows_in_order(self, call: Call) -> Sequence[Flow]:
        """Return a project's flows, the one updated last first."""
        flows = self.flows[call.path["project_id"]].values()
        return sorted(flows, key=lambda flow: self.updated(flow, call), reverse=True)

    @operation("updateExtractionFlow")
    def update_flow(self, call: Call) -> Reply:
        """Change what the body names; a graph that cannot be run is kept for later."""
        flow = self.flow(call)
        if "name" in call.body and not call.body["name"].strip():
            raise Refused(Kind.INVALID_BODY, "The name is blank.")
        if "dag" in call.body:
            _readable(call.body["dag"])
        changed = changed_flow(flow, call.body, call.now)
        self.flows[call.path["project_id"]][flow.id] = changed
        return Reply(200, self.render_flow(changed, call))

    @operation("runExtractionFlow")
    def run_flow(self, call: Call) -> Reply:
        """Queue a run of the flow's graph."""
        flow = self.flow(call)
        documents = self.targets(call)
        mode = "upsert-all" if documents is None or len(documents) > 1 else "upsert-single"
        run = self.queue(
            call,
            flow,
            Order(
                project=call.path["project_id"],
                flow_id=flow.id,
                pipeline_name=flow.name,
                nodes=_readable(flow.dag),
                mode=mode,
                user=project_of(call.tenant).user,
                documents=documents,
                publishes=flow.publishes_itself,
            ),
        )
        return Reply(200, {"message": "Sync started.", "pipeline_run_id": run.id})

    @operation("publishExtractionFlow")
    def publish_flow(self, call: Call) -> Reply:
        """Queue a run that publishes what was extracted; only for flows that wait for that."""
        flow = self.flow(call)
        if flow.publishes_itself:
            raise Refused(Kind.MALFORMED, "The flow publishes by itself.")
        _runnable(_readable(flow.dag))
        documents = self.targets(call)
        run = self.queue(
            call,
            flow,
            Order(
                project=call.path["project_id"],
                flow_id=flow.id,
                pipeline_name=f"{flow.name}-publish",
                nodes=PUBLISHING,
                mode="upsert-all",
                user=project_of(call.tenant).user,
                documents=documents,
                chunks=(),
                publishes=True,
            ),
        )
        return Reply(200, {"message": "Publish started.", "pipeline_run_id": run.id})

    @operation("getExtractionFlowStatistics")
    def show_statistics(self, call: Call) -> Reply:
        """Tell for each node for how many documents its work is done already."""
        flow, now = self.flow(call), call.now
        project = self.projects[call.path["project_id"]]
        wanted = set(self.targets(call) or project.documents)
        done: dict[str, set[str]] = {}
        for run in self.store.oldest_first(project.id, now):
            for step in run.steps if run.order.flow_id == flow.id else ():
                if step.script.at(now) in DONE:
                    covered = run.order.documents
                    covered = project.documents if covered is None else covered
                    done.setdefault(step.node.name, set()).update(covered)
        return Reply(
            200,
            {
                node.name: {
                    "reused": len(wanted & done.get(node.name, set())),
                    "recomputed": len(wanted - done.get(node.name, set())),
                }
                for node in _runnable(_readable(flow.dag))
            },
        )

    def targets(self, call: Call) -> tuple[str, ...] | None:
        """Return the documents that a body names, each once; None for all of the project."""
        named = (call.body or {}).get("document_ids") or []
        return tuple(dict.fromkeys(document.lower() for document in named)) or None

    def queue(self, call: Call, flow: Flow, order: Order) -> Run:
        """Queue a run and return it."""
        _runnable(order.nodes)
        birth = self.birth(call.tenant)
        if order.chunks is not None:
            chance = birth.chance.branch("chunks")
            chunks = tuple(chance.uuid() for _ in range(chance.whole(2, 9)))
            order = evolve(order, chunks=chunks)
        fate = deal(FATES, birth.number, self.seed, call.tenant.name)
        run = write_run(order, created=call.now, fate=fate, chance=birth.chance)
        return self.store.put(order.project, run)

    # ---- what flows look like ----------------------------------------------------------------

    def pushed(self, flow: Flow, call: Call) -> float | None:
        """Return when a run last published what a flow extracted."""
        runs = self.store.oldest_first(call.path["project_id"], call.now)
        ends = [
            run.script.end
            for run in runs
            if run.order.flow_id == flow.id
            and run.order.publishes
            and run.script.at(call.now) in DONE
        ]
        return max(ends, default=None)

    def updated(self, flow: Flow, call: Call) -> float:
        """Return when a flow was last changed, by a caller or by a run that published."""
        return max(flow.updated, self.pushed(flow, call) or flow.updated)

    def render_flow(self, flow: Flow, call: Call) -> dict[str, JSON]:
        """Return a flow."""
        pushed = self.pushed(flow, call)
        return {
            "id": flow.id,
            "name": flow.name,
            "publish_mode": flow.publish_mode,
            "dag": flow.dag,
            "tpuf_namespaces": {} if pushed is None else {"chunks": f"chunks-{flow.id}"},
            "last_pushed_to_tpuf": None if pushed is None else stamp(pushed),
            "created_at": stamp(flow.created),
            "updated_at": stamp(self.updated(flow, call)),
        }


def _readable(dag: Mapping[str, Any]) -> tuple[Node, ...]:
    try:
        return read_nodes(dag)
    except DagError as error:
        raise Refused(Kind.MALFORMED, str(error)) from None


def _runnable(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    try:
        return in_order(nodes)
    except DagError as error:
        raise Refused(Kind.MALFORMED, str(error)) from None


WORLD = Clarifeye
