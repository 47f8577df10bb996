"""A plan is the whole life of one run as a client leads it: start, look, list, cancel, look again.

Hypothesis draws plans; the runner carries them out by the clock.
"""

from typing import Final, Literal

from attrs import evolve, frozen
from hypothesis import strategies as st

from runwright import roles
from runwright.spec import Operation, Spec
from runwright.suite.bodies import Body, bodies, example_bodies
from runwright.suite.chance import draw_some
from runwright.suite.draft import Who

Stage = Literal["started", "working", "ended"]
"""Seen to be there; seen in a state that is neither initial nor an end; seen at an end."""

Act = Literal[
    "look",
    "list",
    "cancel",
    "get-cancel",
    "head-cancel",
    "foreign-look",
    "foreign-cancel",
    "missing-look",
    "wrong-look",
]

STAGES: Final[tuple[Stage, ...]] = ("started", "working", "ended")

CANCELS: Final[tuple[Stage | None, ...]] = (
    None,
    "started",
    "working",
    None,
    "ended",
    "working",
    None,
)
"""When plans cancel, in turn; in most of them the run ends by itself."""

READINGS: Final[tuple[tuple[Act, Act], ...]] = (
    ("get-cancel", "head-cancel"),
    ("head-cancel", "get-cancel"),
)
"""How plans that don't cancel call the cancel by safe methods, in turn: once begun, and at work."""


@frozen
class Visit:
    """Something done beside the regular looks, so many seconds after a stage was first seen."""

    act: Act
    stage: Stage
    wait: float


@frozen(kw_only=True)
class Plan:
    """One run: when and how to start it, how often to look, and what else to do.

    Times are in seconds of the suite's clock. ``place`` selects among the things that can be
    run; ``after`` is how many regular looks follow the first one at the end.
    """

    operation: str
    body: Body
    who: Who
    place: int
    start: float
    pace: float
    visits: tuple[Visit, ...]
    after: int

    def __str__(self) -> str:
        visits = ", ".join(f"{v.act} {v.wait:.1f} s after {v.stage}" for v in self.visits)
        return (
            f"{self.operation} as {self.who} after {self.start:.1f} s, "
            f"a look every {self.pace:.1f} s{f'; {visits}' if visits else ''}"
        )


def starting(spec: Spec) -> tuple[Operation, ...]:
    """Return the operations that start a run and answer at once."""
    return tuple(spec.operations[name] for name in spec.operations if name in spec.starters)


def waiting(spec: Spec) -> tuple[Operation, ...]:
    """Return the operations that start a run and answer when it has ended."""
    return roles.waiting(spec)


def may_start(spec: Spec, method: str, path: str) -> bool:
    """True if a request by a method may start a run at a documented path.

    One that the path does not have may: who ignores it does what the right one does.
    """
    there = {operation.method for operation in spec.operations.values() if operation.path == path}
    starts = {o.method for o in (*starting(spec), *waiting(spec)) if o.path == path}
    return bool(starts) and (method in starts or method not in there)


def pace_of(spec: Spec) -> tuple[float, float]:
    """Return the fewest and the most seconds between two looks: as documented, or 1 to 3."""
    for schema in spec.polls.values():
        pace = spec.lifecycles[schema].pace
        if pace is not None:
            return pace.least, pace.most
    return 1.0, 3.0


def draw_plans(
    spec: Spec, number: int, *, others: int, spread: float, seed: int
) -> tuple[Plan, ...]:
    """Draw the plans of a session.

    Of `number` plans the last `others` are the other tenant's; they start within `spread`
    seconds. Where there are operations that answer when the run has ended, every sixth plan
    uses one.
    """
    starters, waiters = starting(spec), waiting(spec)
    if not starters and not waiters:
        return ()
    plans: list[Plan] = []
    shown = {
        operation.id: list(example_bodies(spec, operation)) for operation in (*starters, *waiters)
    }
    for place in range(number):
        slow = bool(waiters) and (place % 6 == 5 or not starters)
        among, turn = (waiters, place // 6) if slow else (starters, place)
        operation = among[turn % len(among)]
        cancel = None if slow else CANCELS[place % len(CANCELS)]
        strategy = plan_for(
            spec,
            operation,
            who="other" if place >= number - others else "owner",
            cancel=cancel,
            start=spread * place / number,
        )
        # The first of Hypothesis' draws is always the simplest one; the last is a random one.
        plan = draw_some(strategy, 3, seed * 1_000 + place)[-1]
        # Each of the spec's examples runs to its end once as it is: they show what there is.
        untold = shown[operation.id] if cancel is None else []
        plan = evolve(plan, body=untold.pop(0)) if untold else plan
        plans.append(plan if cancel is not None or slow else _with_readings(plan, place))
    return tuple(plans)


def _with_readings(plan: Plan, turn: int) -> Plan:
    """Return a plan in which nobody cancels the run, but safe methods ask for it."""
    begun, working = READINGS[turn % len(READINGS)]
    visits = (Visit(begun, "started", 0.0), Visit(working, "working", 0.0))
    return evolve(plan, visits=(*plan.visits, *visits))


@st.composite
def plan_for(
    draw: st.DrawFn,
    spec: Spec,
    operation: Operation,
    *,
    who: Who,
    cancel: Stage | None,
    start: float,
) -> Plan:
    """Draw a plan that starts a run by an operation, as a tenant, at a time."""
    least, most = pace_of(spec)
    pace = least + (most - least) * draw(st.integers(0, 10)) / 10

    def wait() -> float:
        return draw(st.integers(0, 30)) / 10 * pace

    def some(act: Act, fewest: int, stages: tuple[Stage, ...] = STAGES) -> list[Visit]:
        count = draw(st.integers(fewest, 2))
        return [Visit(act, draw(st.sampled_from(stages)), wait()) for _ in range(count)]

    visits = [
        Visit("list", "ended", wait()),
        *some("list", 1),
        *some("look", 0),
        *some("foreign-look", 1),
        *some("missing-look", 0),
        *some("wrong-look", 0),
    ]
    if cancel is not None:
        # Soon: some servers cancel nothing but what has not begun, and work may be over soon.
        visits.append(Visit("cancel", cancel, 0.0 if cancel == "started" else wait() / 6))
        visits.append(Visit("cancel", "ended", wait()))
    else:
        visits += some("foreign-cancel", 0, ("started", "working"))
    return Plan(
        operation=operation.id,
        body=draw(bodies(spec, operation)),
        who=who,
        place=draw(st.integers(0, 4)),
        start=start,
        pace=pace,
        visits=tuple(visits),
        after=draw(st.integers(2, 3)),
    )
