"""A crew: the workers of pytest-xdist, which divide a session among them and judge it once.

They share a folder of one machine. The first of them leads: it serves the emulator, if one is
tested, and judges what all of them have seen.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import asdict, evolve, frozen

from runwright.budget import Spent, tell_spent
from runwright.emulator.tenants import Tenant
from runwright.history import History, read_history, write_history
from runwright.report import encode_report, read_report
from runwright.rulebook import rulebook_at
from runwright.shard import Shard, shard_note
from runwright.suite.assignment import Assignment, Outcome, SilentError
from runwright.suite.audit import assess, explore
from runwright.suite.caller import Cause
from runwright.suite.target import Target, emulated

NAP: Final = 0.05
"""Seconds between two looks at what the others have done."""
PATIENCE: Final = 120.0
"""Seconds in which each worker should have begun."""

T = TypeVar("T")


class CrewError(Exception):
    """A session could not be finished together; the message says by whose fault."""


@frozen(kw_only=True)
class _Share:
    """What one worker has done of a session."""

    spent: Spent
    remarks: tuple[str, ...]
    error: str | None = None


class Crew:
    """One worker, as a part of its crew; a worker that came later does no share."""

    def __init__(
        self, folder: Path, place: Shard | None, count: int, *, save: Path | None = None
    ) -> None:
        """Have done nothing yet."""
        self._folder = folder
        self._place = place
        self._count = count
        self._save = save
        self._began = time.monotonic()
        self._causes: dict[str, tuple[Mapping[str, Cause], tuple[Cause, ...]]] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # ---- working -----------------------------------------------------------------------------

    def work(self, assignments: Sequence[Assignment]) -> None:
        """Do this worker's share of all sessions; the leader judges them, too."""
        if self._place is None:
            return
        with contextlib.ExitStack() as stack:
            stack.enter_context(_held(self._sign_of(self._place.index)))
            for assignment in assignments:
                self._work(assignment, self._place, stack)
            for assignment in assignments if self._place.index == 1 else ():
                self._judge(assignment)
        for assignment in assignments:
            self._learn(assignment, self._place)

    def outcome(self, assignment: Assignment) -> Outcome:
        """Wait for what came of a session.

        Raises:
            CrewError: one of the workers could not do its share.
            SilentError: the server did not answer.
        """
        path = self._folder / f"{assignment.api}.outcome.json"
        told = self._await(path, 1, _read)
        if told.get("silent"):
            raise SilentError(told["silent"])
        if told.get("error"):
            raise CrewError(told["error"])
        return Outcome(
            report=read_report(self._folder / f"{assignment.api}.report.json"),
            spent=Spent(**told["spent"]),
            remarks=tuple(told["remarks"]),
            command=assignment.command,
        )

    def _work(self, assignment: Assignment, place: Shard, stack: contextlib.ExitStack) -> None:
        api, memory = assignment.api, assignment.memory
        try:
            recalled = memory.recall(assignment.rulebook.spec) if memory else ()
            target = assignment.target or self._emulated(assignment, place, stack)
            rulebook = rulebook_at(assignment.rulebook, target.url)
            observed = explore(
                rulebook.spec,
                target,
                seed=assignment.seed,
                profile=assignment.profile,
                budget=assignment.budget,
                shards=(*([assignment.shard] if assignment.shard else []), place),
                recalled=recalled,
            )
        except Exception as error:  # noqa: BLE001  the leader has to know, whatever it is
            share = _Share(spent=Spent(0, 0), remarks=(), error=f"{type(error).__name__}: {error}")
        else:
            share = _Share(spent=observed.spent, remarks=observed.remarks)
            history = History(exchanges=observed.exchanges, api=api, target=target.url)
            write_history(history, self._history_of(api, place.index))
            self._causes[api] = observed.causes, recalled
        _write(self._share_of(api, place.index), asdict(share))

    def _learn(self, assignment: Assignment, place: Shard) -> None:
        """Keep what of this worker's share has broken a rule."""
        if assignment.memory is None or assignment.api not in self._causes:
            return
        try:
            report = self.outcome(assignment).report
        except (CrewError, SilentError):
            return  # which the tests tell
        causes, recalled = self._causes[assignment.api]
        told = assignment.memory.learn(assignment.rulebook.spec, report, causes, recalled)
        path = self._folder / f"{assignment.api}.{place.index}.told"
        path.write_text(f"{assignment.api}: {told}\n", encoding="utf-8")

    def _emulated(
        self, assignment: Assignment, place: Shard, stack: contextlib.ExitStack
    ) -> Target:
        """Serve the emulator that all workers test, or find where it is."""
        path = self._folder / f"{assignment.api}.target.json"
        if place.index != 1:
            told = self._await(path, 1, _read)
            if "error" in told:
                raise CrewError(told["error"])
            return _read_target(told)
        try:
            target = stack.enter_context(
                emulated(
                    assignment.rulebook.spec,
                    reading=assignment.reading,
                    seed=assignment.seed,
                    profile=assignment.profile,
                    speed=assignment.profile.speed,
                    fault=assignment.fault,
                )
            )
        except Exception as error:
            _write(path, {"error": f"{type(error).__name__}: {error}"})
            raise
        _write(path, _dump_target(target))
        return target

    # ---- judging -----------------------------------------------------------------------------

    def _judge(self, assignment: Assignment) -> None:
        path = self._folder / f"{assignment.api}.outcome.json"
        try:
            _write(path, self._judged(assignment))
        except SilentError as error:
            _write(path, {"silent": str(error)})
        except Exception as error:  # noqa: BLE001  the others wait for it, whatever it is
            _write(path, {"error": str(error)})

    def _judged(self, assignment: Assignment) -> dict[str, Any]:
        api = assignment.api
        indices = range(1, self._count + 1)
        shares = [self._await(self._share_of(api, index), index, _read_share) for index in indices]
        for index, share in zip(indices, shares, strict=True):
            if share.error is not None:
                raise CrewError(f"worker gw{index - 1} failed: {share.error}")
        first, *others = (read_history(self._history_of(api, index)) for index in indices)
        remarks = tuple(dict.fromkeys(text for share in shares for text in share.remarks))
        history = evolve(
            first.merge(*others),
            notes=(
                f"seed {assignment.seed}, profile {assignment.profile.name}",
                *([shard_note(assignment.shard)] if assignment.shard else []),
                f"repeat with: {assignment.command}",
                *remarks,
            ),
        )
        check_answered(history)
        if self._save is not None:
            write_history(history, self._save)
        rulebook = rulebook_at(assignment.rulebook, history.target or "")
        report = assess(history, rulebook, assignment.reading, remarks)
        (self._folder / f"{api}.report.json").write_bytes(encode_report(report) + b"\n")
        spent = Spent(
            sum(share.spent.requests for share in shares),
            sum(share.spent.runs for share in shares),
            max(share.spent.seconds for share in shares),
        )
        line = f"{api}: {tell_spent(spent, assignment.budget)}, by {self._count} workers"
        (self._folder / f"{api}.told").write_text(line + "\n", encoding="utf-8")
        return {"spent": asdict(spent), "remarks": list(remarks)}

    # ---- waiting for the others --------------------------------------------------------------

    def _await(self, path: Path, index: int, read: Callable[[Path], T]) -> T:
        """Wait for a file of a worker's.

        Raises:
            CrewError: the worker is gone.
        """
        while not path.exists():
            # Looked at in this order: a worker may end right after it has written the file.
            gone = self._is_gone(index)
            if gone and not path.exists():
                raise CrewError(f"worker gw{index - 1} {gone} before it had done its share")
            time.sleep(NAP)
        return read(path)

    def _is_gone(self, index: int) -> str | None:
        sign = self._sign_of(index)
        if not sign.exists():
            late = time.monotonic() - self._began > PATIENCE
            return "did not begin" if late else None
        return "ended" if _is_free(sign) else None

    def _sign_of(self, index: int) -> Path:
        return self._folder / f"{index}.here"

    def _history_of(self, api: str, index: int) -> Path:
        return self._folder / f"{api}.{index}.ndjson"

    def _share_of(self, api: str, index: int) -> Path:
        return self._folder / f"{api}.{index}.json"


def told(folder: Path) -> Iterator[str]:
    """Yield what each session of a crew has spent, and what it has kept, a line each."""
    for path in sorted(folder.glob("*.told")):
        yield path.read_text(encoding="utf-8").strip()


def check_answered(history: History) -> None:
    """Check that the server gave an answer at all.

    Raises:
        SilentError: it gave none.
    """
    if all(exchange.status is None for exchange in history.exchanges):
        reason = next((e.error for e in history.exchanges if e.error), "no request was sent")
        raise SilentError(f"{history.target} did not answer: {reason}")


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Make a file that is held as long as the context, or the process, lives."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        with contextlib.suppress(ImportError):  # not everywhere can files be held
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        part.replace(path)
        yield


def _is_free(path: Path) -> bool:
    """True if nobody holds a file any more."""
    try:
        import fcntl
    except ImportError:
        return False  # it cannot be told
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _write(path: Path, value: Any) -> None:
    """Write JSON all at once: who finds the file finds it whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value), encoding="utf-8")
    part.replace(path)


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _read_share(path: Path) -> _Share:
    told = _read(path)
    return _Share(spent=Spent(**told["spent"]), remarks=tuple(told["remarks"]), error=told["error"])


def _dump_target(target: Target) -> dict[str, Any]:
    """Return a target as JSON values; the clock that tells its time is the machine's own."""
    assert target.now is not None
    beat = time.monotonic()
    return {
        "url": target.url,
        "tenants": [[tenant.name, tenant.token] for tenant in target.tenants],
        "parameters": {name: dict(values) for name, values in target.parameters.items()},
        "speed": target.speed,
        "patience": target.patience,
        "careful": target.careful,
        "clock": [beat, target.now()],
    }


def _read_target(told: dict[str, Any]) -> Target:
    beat, moment = told.pop("clock")
    speed = told["speed"]
    tenants = tuple(Tenant(name, token) for name, token in told.pop("tenants"))
    return Target(**told, tenants=tenants, now=lambda: moment + speed * (time.monotonic() - beat))
