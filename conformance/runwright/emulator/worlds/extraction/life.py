"""The life of a run over a graph of steps, written down when it is queued."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from attrs import evolve, field, frozen

from runwright.emulator.chance import Chance
from runwright.emulator.clock import stamp
from runwright.emulator.script import Script
from runwright.emulator.worlds.extraction.flow import Node, in_order, tables_of

Fate = Literal["good", "warned", "failing", "swift", "lost"]
FATES: Final[tuple[Fate, ...]] = ("good", "warned", "failing", "good", "swift", "lost")
"""What becomes of runs, in shuffled rows; a lost one never gets to a worker."""

DONE: Final = ("completed", "completed_with_warnings")
ENDS: Final = (*DONE, "failed", "aborted")

ERRORS: Final = ("out of memory", "the extractor did not answer", "document could not be read")
WARNINGS: Final = (
    "2 chunks exceeded the model window",
    "1 page without text",
    "3 tags dropped as duplicates",
)


@frozen(kw_only=True)
class Step:
    """One node of a run: its states over time, and the tables that it reads and writes."""

    id: str
    node: Node
    script: Script[str]
    inputs: Mapping[str, str] = field(repr=False)
    outputs: Mapping[str, str] = field(repr=False)
    warnings: tuple[str, ...] = ()


@frozen(kw_only=True)
class Order:
    """What a run is asked to do: a flow's nodes, over some documents or all."""

    project: str
    flow_id: str
    pipeline_name: str
    nodes: tuple[Node, ...] = field(repr=False)
    mode: str
    user: str | None
    documents: tuple[str, ...] | None = None
    chunks: tuple[str, ...] | None = None
    publishes: bool = False


@frozen(kw_only=True)
class Run:
    """One run: what was asked for, and everything that will become of it."""

    id: str
    task_id: str
    order: Order
    created: float
    script: Script[str]
    steps: tuple[Step, ...] = field(repr=False)
    lines: tuple[tuple[float, str], ...] = field(repr=False)
    """The log: moments and texts, in the order of time."""

    @property
    def expires(self) -> float | None:
        """Runs are kept for good."""
        return None

    def has_ended(self, now: float) -> bool:
        """True if the run is over."""
        return self.script.at(now) in ENDS

    def changed(self, now: float) -> float:
        """Return when anything about the run last changed."""
        moments = [self.script.since(now), *(step.script.since(now) for step in self.steps)]
        written = [moment for moment, _ in self.lines if moment <= now]
        return max(self.created, *moments, *written)

    def log(self, now: float) -> tuple[str, ...]:
        """Return the lines written by a moment, each with the time of day."""
        return tuple(f"{stamp(at)[11:19]} {text}" for at, text in self.lines if at <= now)

    def aborted(self, now: float) -> "Run":
        """Return the run as it goes on after an abort; only for one that has not ended."""
        steps = (
            step
            if step.script.at(now) in ENDS
            else evolve(step, script=step.script.cut(now, (now, "aborted")))
            for step in self.steps
        )
        written = (line for line in self.lines if line[0] <= now)
        return evolve(
            self,
            script=self.script.cut(now, (now, "aborted")),
            steps=tuple(steps),
            lines=(*written, (now, "aborted by user")),
        )


def write_run(
    order: Order, *, created: float, fate: Fate, chance: Chance, run_id: str | None = None
) -> Run:
    """Write down the life of a run that is queued now; most take about ten to twenty seconds.

    Raises:
        DagError: its nodes cannot be run.
    """
    nodes = in_order(order.nodes)
    pace = 0.04 if fate == "swift" else 1.0
    begins = created + chance.branch("queue").between(1.5, 3.5) * pace
    plans = _plan(nodes, begins, pace, fate, chance)
    versions = {node.name: chance.branch("version", node.name).uuid() for node in nodes}
    tables = tables_of(nodes)
    by_name = {
        node.name: Step(
            id=chance.branch("step", node.name).uuid(),
            node=node,
            script=Script(((created, "pending"), *plans[node.name])),
            inputs={tables[o]: versions[o] for o in node.depends_on if o in tables},
            outputs={tables[node.name]: versions[node.name]} if node.name in tables else {},
            warnings=_warnings(plans[node.name], chance.branch("warning", node.name)),
        )
        for node in nodes
    }
    script = _script(created, begins, plans, fate, chance)
    steps = tuple(by_name[node.name] for node in order.nodes)
    lines = (*_run_lines(script, order), *(li for s in steps for li in _step_lines(s, chance)))
    return Run(
        id=run_id or chance.branch("id").uuid(),
        task_id=chance.branch("task").uuid(),
        order=order,
        created=created,
        script=script,
        steps=steps,
        lines=tuple(sorted(lines, key=lambda line: line[0])),
    )


Scenes = tuple[tuple[float, str], ...]


def _plan(
    nodes: tuple[Node, ...], begins: float, pace: float, fate: Fate, chance: Chance
) -> Mapping[str, Scenes]:
    """Return when each step starts and how it ends; no scenes for one that never starts."""
    if fate == "lost":
        return {node.name: () for node in nodes}
    odd = _odd_one(nodes, fate, chance.branch("odd"))
    plans: dict[str, Scenes] = {}
    for node in nodes:
        draw = chance.branch("work", node.name)
        ready = max([plans[other][-1][0] for other in node.depends_on], default=begins)
        starts = ready + draw.between(0.1, 0.5) * pace
        ends = starts + draw.between(2.5, 5.0) * pace
        how = "completed"
        if node.name == odd:
            how = "failed" if fate == "failing" else "completed_with_warnings"
        plans[node.name] = ((starts, "running"), (ends, how))
    failed = min((plan[1][0] for plan in plans.values() if plan[1][1] == "failed"), default=None)
    if failed is None:
        return plans
    # Whatever is at work is let finish; nothing new is started.
    return {name: plan if plan[0][0] < failed else () for name, plan in plans.items()}


def _odd_one(nodes: tuple[Node, ...], fate: Fate, chance: Chance) -> str | None:
    """Draw the step that fails or warns, mostly one that others wait for."""
    awaited = [n for n in nodes if any(n.name in other.depends_on for other in nodes)]
    return chance.one_of(awaited or nodes).name if fate in ("failing", "warned") else None


def _script(
    created: float, begins: float, plans: Mapping[str, Scenes], fate: Fate, chance: Chance
) -> Script[str]:
    if fate == "lost":
        return Script(((created, "pending"), (begins, "failed")))
    ends = max(plan[-1][0] for plan in plans.values() if plan)
    closing = chance.branch("closing").between(0.2, 0.6) * (0.1 if fate == "swift" else 1.0)
    how = {"failing": "failed", "warned": "completed_with_warnings"}.get(fate, "completed")
    return Script(((created, "pending"), (begins, "running"), (ends + closing, how)))


def _warnings(plan: Scenes, chance: Chance) -> tuple[str, ...]:
    warned = bool(plan) and plan[-1][1] == "completed_with_warnings"
    return (chance.one_of(WARNINGS),) if warned else ()


def _run_lines(script: Script[str], order: Order) -> Iterator[tuple[float, str]]:
    begun = script.reached("running", script.end)
    if begun is None:
        yield script.end, "error: the task could not be handed to a worker"
        return
    yield begun, f"{order.pipeline_name} started"
    yield script.end, f"{order.pipeline_name} {script.last.replace('_', ' ')}"
    if order.publishes and script.last in DONE:
        yield script.end, f"{order.pipeline_name} published"


def _step_lines(step: Step, chance: Chance) -> Iterable[tuple[float, str]]:
    starts = step.script.reached("running", step.script.end)
    if starts is None:
        return ()
    draw, name = chance.branch("log", step.node.name), step.node.name
    ends = {
        "completed": "done",
        "completed_with_warnings": f"done with warnings: {', '.join(step.warnings)}",
        "failed": f"error: {draw.one_of(ERRORS)}",
    }
    middle = draw.moments(starts, step.script.end, 2)
    return (
        (starts, f"{name} started"),
        *((at, f"{name}: part {part} of 3 is done") for part, at in enumerate(middle, 1)),
        (step.script.end, f"{name} {ends[step.script.last]}"),
    )
