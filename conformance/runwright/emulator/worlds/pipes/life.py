"""The life of a run of pipes, written down when it is created: when it begins and how each cell
ends.

Draws come from the run's own `Chance`, branch by branch, so that what happens in one cell does
not depend on how many others there are.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from attrs import evolve, field, frozen

from runwright.emulator.chance import Chance, deal, digest
from runwright.emulator.script import Script
from runwright.emulator.worlds.pipes.catalog import find_value, is_valid, type_of
from runwright.emulator.worlds.pipes.plan import Column, Pipe, Plan, Problem, Row

Fate = Literal["good", "mixed", "empty", "failing", "swift", "invalid"]
FATES: Final[tuple[Fate, ...]] = (
    "good",
    "mixed",
    "mixed",
    "empty",
    "failing",
    "swift",
    "invalid",
)
ENDS: Final = ("completed", "no_result", "failed", "completed")
"""What becomes of the cells of a mixed run, in shuffled rows."""

BATCH: Final = 5
"""How many rows a worker takes at a time; more rows make a run longer."""


@frozen
class Reason:
    """Why a cell has no value."""

    code: str
    summary: str
    message: str


REASONS: Final[Mapping[str, Reason]] = {
    "no_result": Reason("NoResult", "Nothing found", "No source had a value."),
    "failed": Reason("ProviderError", "Provider failed", "A provider answered with an error."),
    "unmet": Reason("RequirementUnmet", "Input missing", "A required field has no value."),
    "condition": Reason("PipeConditionUnmet", "Not run", "The condition of the pipe is not met."),
    "type": Reason("TypeMismatch", "Wrong type", "The value has another type than its column."),
}

REJECTION: Final = Problem(
    "MissingCustomConnections", "The pipe needs a connection that was removed.", "pipes[0]"
)
FAILURES: Final = (
    Problem("InsufficientCredits", "The organization has run out of credits."),
    Problem("ProcessingFailed", "The run could not be carried on."),
)


@frozen(kw_only=True)
class Cell:
    """One cell: its states over time, and what it holds once it has completed.

    `asked` are the moments at which providers of a waterfall are asked; the last one asked has
    the value if the cell completes. `requeued` is a cell whose input was not valid.
    """

    column: Column
    script: Script[str]
    type: str
    value: Any = None
    reason: Reason | None = None
    by_pipe: bool = False
    requeued: bool = False
    input_hash: str | None = None
    asked: tuple[float, ...] = ()


@frozen(kw_only=True)
class Run:
    """One run: what was asked for, and everything that will become of it."""

    id: str
    owner: str
    request: Mapping[str, Any] = field(repr=False)
    environment: str
    plan: Plan = field(repr=False)
    created: float
    script: Script[str]
    errors: tuple[Problem, ...] = ()
    cells: Mapping[tuple[str, str], Cell] = field(repr=False)
    kept: float
    """For how many seconds it can be read..."""
    kept_since: Literal["end", "creation"]
    """...and from when on they count."""

    @property
    def expires(self) -> float:
        """When the run cannot be read any more."""
        return self.kept + (self.script.end if self.kept_since == "end" else self.created)

    def canceled(self, now: float) -> "Run":
        """Return the run as it goes on after a cancel: not at all."""
        return evolve(
            self,
            script=self.script.cut(now, (now, "canceled")),
            cells=_stopped(self.cells, now),
        )


@frozen(kw_only=True)
class Course:
    """When a run does what: it is created, work begins, and work ends."""

    created: float
    begins: float
    ends: float
    fate: Fate

    def slot(self, index: int, count: int) -> tuple[float, float]:
        """Return the time in which one of several pipes, or of several batches, is at work."""
        length = (self.ends - self.begins) / max(1, count)
        return self.begins + index * length, self.begins + (index + 1) * length


def course_of(plan: Plan, created: float, number: int, chance: Chance) -> Course:
    """Draw when a run begins and ends; about six to twenty seconds after its creation.

    More than five rows take longer, in proportion.
    """
    fate = deal(FATES, number, *chance.name[:2])
    if fate == "swift":
        begins = created + chance.between(0.05, 0.15)
        return Course(created=created, begins=begins, ends=begins + 0.2, fate=fate)
    begins = created + chance.between(1.5, 3.5)
    batches = -(-len(plan.rows) // BATCH)
    work = chance.between(5.0, 14.0) * batches
    return Course(created=created, begins=begins, ends=begins + work, fate=fate)


def rejected(plan: Plan) -> Plan:
    """Return a plan as it is after failing validation for a reason outside the request."""
    in_request = tuple(sorted(plan.pipes, key=lambda pipe: pipe.index))
    return evolve(plan, pipes=in_request, problems=(*plan.problems, REJECTION))


def write_script(
    plan: Plan, course: Course, chance: Chance
) -> tuple[Script[str], Iterable[Problem]]:
    """Write down what the run as a whole goes through, and why it fails if it does."""
    if plan.problems:
        return Script(((course.created, "failed"),)), plan.problems
    begun = ((course.created, "pending"), (course.begins, "processing"))
    if course.fate != "failing":
        return Script((*begun, (course.ends, "completed"))), ()
    fails = course.begins + chance.branch("fails").between(0.4, 0.9) * (course.ends - course.begins)
    return Script((*begun, (fails, "failed"))), (chance.branch("why").one_of(FAILURES),)


def write_cells(
    plan: Plan, course: Course, script: Script[str], chance: Chance, *, skips: bool
) -> Mapping[tuple[str, str], Cell]:
    """Write down what each cell goes through, by the row's key and the column's name.

    `skips` tells whether a pipe that does not run for a row leaves `skipped` behind.
    """
    cells: dict[tuple[str, str], Cell] = {}
    for row in plan.rows:
        for column in plan.columns.values():
            given = _given(row, column, course.created)
            if given is not None:
                cells[row.key, column.name] = given
    if plan.problems:
        for row in plan.rows:
            for column in plan.columns.values():
                waiting = Script(((course.created, "pending"),))
                cell = Cell(column=column, script=waiting, type=column.type, by_pipe=True)
                cells.setdefault((row.key, column.name), cell)
        return cells
    dealt = 0
    for place, pipe in enumerate(plan.pipes):
        slot = course.slot(place, len(plan.pipes))
        for number, row in enumerate(plan.rows):
            names = [n for n in pipe.writes if (row.key, n) not in cells]
            if not names:
                continue
            begun, done = _turn(slot, number, len(plan.rows), chance.branch("turn", place, number))
            end, reason = _end_of(pipe, row, cells, course.fate, dealt, chance, skips=skips)
            dealt += 1
            for name in names:
                cells[row.key, name] = _worked(
                    plan.columns[name],
                    row,
                    (course.created, course.begins, begun, done),
                    end,
                    reason,
                    chance.branch("cell", row.key, name),
                )
    return cells if script.last == "completed" else _stopped(cells, script.end)


def _given(row: Row, column: Column, created: float) -> Cell | None:
    """Return a cell that the input settles, None for one that a pipe has to fill."""
    value = row.values.get(column.name)
    if column.output is not None:
        if value is None or not is_valid(value, column.output):
            return None
    elif value is not None and column.name != "id" and type_of(value) != column.type:
        wrong = Script(((created, "failed"),))
        return Cell(column=column, script=wrong, type=column.type, reason=REASONS["type"])
    kind = type_of(value) if column.name == "id" else column.type
    settled = Script(((created, "completed"),))
    return Cell(column=column, script=settled, type=kind, value=value)


def _turn(slot: tuple[float, float], number: int, rows: int, chance: Chance) -> tuple[float, float]:
    """Return when a pipe takes up a row and when it is done with it, inside the pipe's slot."""
    batches = -(-rows // BATCH)
    length = (slot[1] - slot[0]) / batches
    start = slot[0] + (number // BATCH) * length
    begun = start + chance.between(0.1, 0.4) * length
    return begun, start + chance.between(0.5, 0.95) * length


def _end_of(
    pipe: Pipe,
    row: Row,
    cells: Mapping[tuple[str, str], Cell],
    fate: Fate,
    dealt: int,
    chance: Chance,
    *,
    skips: bool,
) -> tuple[str, Reason | None]:
    """Return how the cells of a pipe in a row end, and why without a value."""
    found = {name: cells.get((row.key, name)) for name in pipe.reads}
    if any(found[name] is None or found[name].value is None for name in pipe.needs):  # type: ignore[union-attr]
        return ("skipped" if skips else "failed"), REASONS["unmet"]
    if pipe.conditions and not _is_met(pipe, found):
        return ("skipped" if skips else "no_result"), REASONS["condition"]
    if fate == "empty":
        end = "no_result"
    elif fate == "mixed":
        end = deal(ENDS, dealt, *chance.name, "ends")
    else:
        end = "completed"
    return end, REASONS.get(end)


def _is_met(pipe: Pipe, found: Mapping[str, Cell | None]) -> bool:
    results = [_holds(c, found[c["field_name"]]) for c in pipe.conditions]
    logic = (pipe.request.get("run_if") or {}).get("when", {}).get("logic")
    return any(results) if logic == "or" else all(results)


def _holds(condition: Mapping[str, Any], cell: Cell | None) -> bool:
    """Judge one condition; an operator that the docs do not name counts as met."""
    if cell is None:
        return False
    actual = cell.script.last if condition["property"] == "status" else cell.value
    match condition["operator"]:
        case "eq" | "equals" | "==":
            return bool(actual == condition.get("value"))
        case "neq" | "ne" | "not_equals" | "!=":
            return bool(actual != condition.get("value"))
        case "exists":
            return actual is not None
        case _:
            return True


def _worked(
    column: Column,
    row: Row,
    moments: tuple[float, float, float, float],
    end: str,
    reason: Reason | None,
    chance: Chance,
) -> Cell:
    """Return a cell that a pipe works on: created, queued, begun, done."""
    created, queued, begun, done = moments
    pipe, output = column.pipe, column.output
    assert pipe is not None
    assert output is not None
    requeued = row.values.get(column.name) is not None
    scenes = [(created, "queued" if requeued else "pending"), (queued, "queued"), (done, end)]
    works = end in ("completed", "no_result", "failed") and reason not in (
        REASONS["unmet"],
        REASONS["condition"],
    )
    asked: tuple[float, ...] = ()
    if works or end == "no_result":
        scenes.append((begun, "processing"))
    if works and pipe.providers:
        count = len(pipe.providers) if end == "no_result" else chance.whole(1, len(pipe.providers))
        asked = tuple(begun + (done - begun) * place / count for place in range(count))
    return Cell(
        column=column,
        script=Script(scenes),
        type=column.type,
        value=find_value(output, row.values, chance.branch("value"))
        if end == "completed"
        else None,
        reason=reason,
        by_pipe=True,
        requeued=requeued,
        input_hash=digest(pipe.id, sorted(pipe.needs), row.values),
        asked=asked,
    )


def _stopped(
    cells: Mapping[tuple[str, str], Cell], moment: float
) -> Mapping[tuple[str, str], Cell]:
    """Return the cells of a run that stopped: each stays as it was."""
    return {place: evolve(cell, script=cell.script.cut(moment)) for place, cell in cells.items()}
