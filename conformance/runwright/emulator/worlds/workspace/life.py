"""The life of a run, written down when it is created: how long it waits and works, how it ends."""

from typing import Final, Literal

from attrs import evolve, field, frozen

from runwright.emulator.chance import Chance
from runwright.emulator.clock import stamp
from runwright.emulator.script import Script
from runwright.emulator.worlds.workspace.catalog import Pipeline, Trigger, User

ENDS: Final = ("success", "failed", "canceled")
WAITING: Final = ("pending_events", "queued")

Start = Literal["manual", "cron", "event", "api"]
"""What started a run."""

Fate = Literal["good", "failing", "swift", "long", "rejected"]
FATES: Final[tuple[Fate, ...]] = ("good", "good", "failing", "swift", "long", "good", "rejected")
"""What becomes of the runs of one kind of start, in shuffled rounds."""

Notes = tuple[tuple[float, str], ...]

_ERRORS: Final = ("invalid credentials", "connection reset by peer", "column amount is missing")


@frozen(kw_only=True)
class Course:
    """How a run goes once it is in the queue; all times in seconds.

    Without `work` it fails in the queue. `stop` is what a worker takes to stop after a cancel.
    `notes` are written to the log at these parts of the work.
    """

    wait: float
    work: float | None
    end: Literal["success", "failed"]
    stop: float
    rows: int
    notes: Notes = ()

    def scenes(self, queued: float) -> tuple[tuple[float, str], ...]:
        """Return the states from the queue on."""
        begun = queued + self.wait
        if self.work is None:
            return (queued, "queued"), (begun, self.end)
        return (queued, "queued"), (begun, "running"), (begun + self.work, self.end)

    def lines(self, queued: float) -> Notes:
        """Return what is written to the log, and when."""
        begun, work = queued + self.wait, self.work or 0.0
        return tuple((begun + part * work, text) for part, text in self.notes)


def draw_course(fate: Fate, chance: Chance) -> Course:
    """Draw how a run goes: most take about ten to twenty seconds."""
    notes: Notes
    rows = chance.whole(200, 9000)
    stop = chance.between(1.5, 4.0)
    wait = chance.between(1.5, 3.5)
    if fate == "rejected":
        notes = ((0.0, "error: no worker could be started"),)
        return Course(wait=wait, work=None, end="failed", stop=stop, rows=0, notes=notes)
    if fate == "swift":
        notes = ((0.0, "start"), (0.9, "0 rows, nothing is new"))
        wait, work = chance.between(0.1, 0.2), chance.between(0.1, 0.3)
        return Course(wait=wait, work=work, end="success", stop=stop, rows=0, notes=notes)
    work = chance.between(30.0, 45.0) if fate == "long" else chance.between(6.0, 16.0)
    steps = [(part / 5, f"{rows * part // 5} rows") for part in range(1, 5)]
    if fate == "failing":
        failure = (0.95, f"error: {chance.one_of(_ERRORS)}")
        notes = ((0.0, "start"), *steps[: chance.whole(0, 3)], failure)
        return Course(wait=wait, work=work, end="failed", stop=stop, rows=rows, notes=notes)
    notes = ((0.0, "start"), *steps, (0.95, f"{rows} rows loaded"))
    return Course(wait=wait, work=work, end="success", stop=stop, rows=rows, notes=notes)


@frozen(kw_only=True)
class Run:
    """One run: what started it, and everything that will become of it.

    `heard` are the pipelines whose success it has seen while it was waiting for events; `is_first`
    says that no run of its pipeline was before it.
    """

    id: str
    log_id: str
    owner: str
    number: int
    pipeline: Pipeline
    start: Start
    trigger: Trigger
    user: User | None
    full_sync: bool
    is_first: bool
    created: float
    course: Course = field(repr=False)
    script: Script[str]
    lines: Notes = field(default=(), repr=False)
    heard: frozenset[str] = frozenset()

    @property
    def expires(self) -> float | None:
        """Never: no document says for how long runs are kept."""
        return None

    def status(self, now: float) -> str:
        """Return its state at a moment."""
        return self.script.at(now)

    def started(self, now: float) -> float | None:
        """Return when work began, None if it had not by then."""
        return self.script.reached("running", now)

    def ended(self, now: float) -> float | None:
        """Return when it ended, None if it had not by then."""
        return self.script.since(now) if self.status(now) in ENDS else None

    def changed(self, now: float) -> float:
        """Return when it last changed: its state, or its log."""
        written = [moment for moment, _ in self.lines if moment <= now]
        return max([self.script.since(now), *written])

    def log(self, now: float) -> str:
        """Return what has been written by a moment."""
        return "".join(f"{_clock(at)} {text}\n" for at, text in self.lines if at <= now)

    def queued(self, now: float) -> "Run":
        """Return the run as it goes on when it enters the queue."""
        script = self.script.cut(now, *self.course.scenes(now))
        return evolve(self, script=script, lines=self.course.lines(now))

    def told(self, slug: str, now: float) -> "Run":
        """Return the run as it goes on after the success of a pipeline that it waits for."""
        run = evolve(self, heard=self.heard | {slug})
        return run.queued(now) if run.heard >= set(self.trigger.events) else run

    def canceled(self, now: float) -> "Run":
        """Return the run as it goes on after a cancel.

        Out of the queue it is taken at once; a worker takes some time to stop, and may be done
        before. One that is stopping or has ended stays as it is.
        """
        status = self.status(now)
        if status in WAITING:
            script = self.script.cut(now, (now, "canceled"))
            return evolve(self, script=script, lines=((now, "canceled before the start"),))
        if status != "running":
            return self
        asked = (now, "cancel requested")
        before = tuple(line for line in self.lines if line[0] <= now)
        stopped = now + self.course.stop
        if self.script.end <= stopped:
            script = self.script.cut(now, (now, "cancelling"), (self.script.end, self.script.last))
            after = tuple(line for line in self.lines if line[0] > now)
            return evolve(self, script=script, lines=(*before, asked, *after))
        script = self.script.cut(now, (now, "cancelling"), (stopped, "canceled"))
        return evolve(self, script=script, lines=(*before, asked, (stopped, "stopped")))


def _clock(moment: float) -> str:
    return stamp(moment)[11:19]
