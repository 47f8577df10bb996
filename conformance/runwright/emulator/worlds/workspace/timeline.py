"""What happens in a workspace by itself: schedules fire, events follow successes, a user calls.

It is caught up with call by call, always in the order of time, so that what has happened by a
moment does not depend on who looked before.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from attrs import evolve, frozen

from runwright.emulator.chance import deal
from runwright.emulator.script import Script
from runwright.emulator.store import Store
from runwright.emulator.world import Birth
from runwright.emulator.worlds.workspace.catalog import Pipeline, Workspace
from runwright.emulator.worlds.workspace.life import ENDS, FATES, Fate, Run, Start, draw_course

PAST: Final = 2.25 * 3600
"""Seconds before the beginning of the world from which on things have happened."""


@frozen(kw_only=True)
class Visit:
    """A user starts a run in the vendor's app, so many seconds from the world's beginning.

    `stays` are the seconds after which the user cancels it.
    """

    at: float
    pipeline: str
    fate: Fate
    stays: float | None = None


VISITS: Final = (
    Visit(at=-7000.0, pipeline="crm", fate="good"),
    Visit(at=-5200.0, pipeline="orders-db", fate="long", stays=12.0),
    Visit(at=-4100.0, pipeline="warehouse", fate="long", stays=0.5),
    Visit(at=-2300.0, pipeline="daily-revenue", fate="failing"),
    Visit(at=-15.0, pipeline="warehouse", fate="long"),
    Visit(at=-0.5, pipeline="crm", fate="good"),
    Visit(at=60.0, pipeline="orders-db", fate="long", stays=15.0),
)


@frozen
class _Due:
    moment: float
    order: int
    act: Callable[[float], object]


class Timeline:
    """The runs of one workspace and what will start more of them."""

    def __init__(
        self,
        owner: str,
        space: Workspace,
        store: Store[Run],
        birth: Callable[[], Birth],
        *,
        start: float,
    ) -> None:
        """Begin some hours before `start`, without runs."""
        self._owner, self._space, self._store, self._birth = owner, space, store, birth
        self._fired = {pipeline.slug: start - PAST for pipeline in space.pipelines}
        self._visits = [(start + visit.at, visit) for visit in VISITS]
        self._leaves: list[tuple[float, str]] = []
        self._live: dict[str, None] = {}
        self._started: Counter[str] = Counter()
        self._by_slug: dict[str, list[str]] = {}

    # ---- runs --------------------------------------------------------------------------------

    def runs(self, slug: str, now: float) -> tuple[Run, ...]:
        """Return a pipeline's runs, the oldest first."""
        return tuple(self._get(run_id, now) for run_id in self._by_slug.get(slug, ()))

    def _get(self, run_id: str, now: float) -> Run:
        run = self._store.find(self._owner, run_id, now)
        assert run is not None, "runs never expire"
        return run

    def begin(
        self,
        pipeline: Pipeline,
        now: float,
        start: Start,
        *,
        full_sync: bool = False,
        fate: Fate | None = None,
    ) -> Run:
        """Create a run, in the queue."""
        run = self._create(pipeline, now, start, fate)
        return self._keep(evolve(run, full_sync=full_sync).queued(now))

    def cancel(self, run: Run, now: float) -> Run:
        """Cancel a run, and return it as it goes on."""
        return self._keep(run.canceled(now))

    def _create(self, pipeline: Pipeline, now: float, start: Start, fate: Fate | None) -> Run:
        birth = self._birth()
        chance = birth.chance
        siblings = self._by_slug.setdefault(pipeline.slug, [])
        run = Run(
            id=chance.uuid(),
            log_id=chance.uuid(),
            owner=self._owner,
            number=birth.number + 1,
            pipeline=pipeline,
            start=start,
            trigger=pipeline.trigger(start if start in ("cron", "event") else "manual"),
            user=self._space.user if start == "manual" else None,
            full_sync=False,
            is_first=not siblings,
            created=now,
            course=draw_course(fate or self._deal(start, *chance.name[:2]), chance),
            script=Script(((now, "pending_events"),)),
        )
        siblings.append(run.id)
        self._live[run.id] = None
        return self._keep(run)

    def _deal(self, start: Start, *name: object) -> Fate:
        number = self._started[start]
        self._started[start] += 1
        return deal(FATES, number, *name, start)

    def _keep(self, run: Run) -> Run:
        return self._store.put(self._owner, run)

    # ---- time --------------------------------------------------------------------------------

    def catch_up(self, now: float) -> None:
        """Let everything happen that was due by a moment."""
        while True:
            due = min(self._due(), key=lambda due: (due.moment, due.order), default=None)
            if due is None or due.moment > now:
                return
            due.act(due.moment)

    def _due(self) -> Iterator[_Due]:
        for run_id in self._live:
            script = self._get(run_id, 0.0).script
            if script.last in ENDS:
                yield _Due(script.end, 0, partial(self._end, run_id))
        for leave in self._leaves:
            yield _Due(leave[0], 1, partial(self._leave, leave))
        for visit in self._visits[:1]:
            yield _Due(visit[0], 2, self._visit)
        for pipeline in self._space.pipelines:
            cron = next((trigger.cron for trigger in pipeline.triggers if trigger.cron), None)
            if cron and pipeline.active:
                fires = cron.next_after(self._fired[pipeline.slug])
                yield _Due(fires, 3, partial(self._fire, pipeline))

    def _fire(self, pipeline: Pipeline, moment: float) -> None:
        self._fired[pipeline.slug] = moment
        self.begin(pipeline, moment, "cron")

    def _visit(self, moment: float) -> None:
        _, visit = self._visits.pop(0)
        run = self.begin(self._space.named(visit.pipeline), moment, "manual", fate=visit.fate)
        if visit.stays is not None:
            self._leaves.append((moment + visit.stays, run.id))

    def _leave(self, leave: tuple[float, str], moment: float) -> None:
        self._leaves.remove(leave)
        self.cancel(self._get(leave[1], moment), moment)

    def _end(self, run_id: str, moment: float) -> None:
        del self._live[run_id]
        run = self._get(run_id, moment)
        if run.status(moment) != "success":
            return
        for pipeline in self._space.pipelines:
            for trigger in pipeline.triggers:
                if run.pipeline.slug in trigger.events and pipeline.active:
                    self._hear(pipeline, run.pipeline.slug, moment)

    def _hear(self, pipeline: Pipeline, slug: str, moment: float) -> None:
        """Start a run at an event; by the rule ``all`` it waits until each has come."""
        trigger = pipeline.trigger("event")
        if trigger.rule == "any":
            self.begin(pipeline, moment, "event")
            return
        siblings = self.runs(pipeline.slug, moment)
        waiting = next((run for run in siblings if run.status(moment) == "pending_events"), None)
        self._keep((waiting or self._create(pipeline, moment, "event", None)).told(slug, moment))
