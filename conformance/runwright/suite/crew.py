"""A crew: the workers of pytest-xdist, which divide a session among them and judge it once.

They share a folder of one machine. The first of them leads: it judges what all have seen. On a
server elsewhere each does a share of the work, all at the same time. An emulator is served by the
leader, who decides by its clock what all of them send, one after the other: exactly what one
process would send.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import asdict, evolve, frozen

from runwright.budget import Spent, tell_spent
from runwright.history import History, read_history, write_history
from runwright.report import Report, encode_report, read_report
from runwright.rulebook import rulebook_at
from runwright.shard import Shard, shard_note
from runwright.suite.assignment import Assignment, Outcome
from runwright.suite.audit import assess, explore
from runwright.suite.caller import Cause
from runwright.suite.hands import Hand, Place, lent
from runwright.suite.reach import ReachError, check_reached, tell_end, with_end
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
        index = self._place.index
        with contextlib.ExitStack() as stack:
            stack.enter_context(_held(self._sign_of(index)))
            if any(assignment.target is None for assignment in assignments):
                hand = stack.enter_context(lent(f"gw{index - 1}"))
                _write(self._hand_of(index), asdict(hand))
            for assignment in assignments:
                if index in self._deciding(assignment):
                    self._work(assignment, self._place)
            for assignment in assignments if index == 1 else ():
                self._judge(assignment)
            for assignment in assignments:
                # Until it is over, the hand may be needed.
                with contextlib.suppress(CrewError, ReachError):  # which the tests tell
                    self._learn(assignment, index, self.outcome(assignment).report)

    def outcome(self, assignment: Assignment) -> Outcome:
        """Wait for what came of a session.

        Raises:
            CrewError: one of the workers could not do its share.
            ReachError: nothing was seen of the server.
        """
        path = self._folder / f"{assignment.api}.outcome.json"
        told = self._await(path, 1, _read)
        if told.get("unreached"):
            raise ReachError(told["unreached"])
        if told.get("error"):
            raise CrewError(told["error"])
        return Outcome(
            report=read_report(self._folder / f"{assignment.api}.report.json"),
            spent=Spent(**told["spent"]),
            remarks=tuple(told["remarks"]),
            command=assignment.command,
        )

    def _deciding(self, assignment: Assignment) -> Sequence[int]:
        """Return the workers that decide what is sent in a session: the leader, or all."""
        return range(1, 2 if assignment.target is None else self._count + 1)

    def _work(self, assignment: Assignment, place: Shard) -> None:
        api, memory = assignment.api, assignment.memory
        shards = (assignment.shard, place if assignment.target else None)
        try:
            recalled = memory.recall(assignment.rulebook.spec) if memory else ()
            with self._tested(assignment) as target:
                rulebook = rulebook_at(assignment.rulebook, target.url)
                observed = explore(
                    rulebook.spec,
                    target,
                    seed=assignment.seed,
                    profile=assignment.profile,
                    budget=assignment.budget,
                    shards=tuple(shard for shard in shards if shard),
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

    def _learn(self, assignment: Assignment, index: int, report: Report) -> None:
        """Keep what of this worker's share has broken a rule."""
        if assignment.memory is None or assignment.api not in self._causes:
            return
        causes, recalled = self._causes[assignment.api]
        told = assignment.memory.learn(assignment.rulebook.spec, report, causes, recalled)
        path = self._folder / f"{assignment.api}.{index}.told"
        path.write_text(f"{assignment.api}: {told}\n", encoding="utf-8")

    @contextlib.contextmanager
    def _tested(self, assignment: Assignment) -> Iterator[Target]:
        """Serve the emulator, with the hands of all workers, unless a server is tested."""
        if assignment.target is not None:
            yield assignment.target
            return
        with contextlib.ExitStack() as stack:
            target = stack.enter_context(
                emulated(
                    assignment.rulebook.spec,
                    reading=assignment.reading,
                    seed=assignment.seed,
                    profile=assignment.profile,
                    fault=assignment.fault,
                )
            )
            places = (
                Place(**self._await(self._hand_of(index), index, _read))
                for index in range(1, self._count + 1)
            )
            hands = [stack.enter_context(contextlib.closing(Hand(place))) for place in places]
            yield evolve(target, hands=tuple(hands))

    # ---- judging -----------------------------------------------------------------------------

    def _judge(self, assignment: Assignment) -> None:
        path = self._folder / f"{assignment.api}.outcome.json"
        try:
            _write(path, self._judged(assignment))
        except ReachError as error:
            _write(path, {"unreached": str(error)})
        except Exception as error:  # noqa: BLE001  the others wait for it, whatever it is
            _write(path, {"error": str(error)})

    def _judged(self, assignment: Assignment) -> dict[str, Any]:
        api = assignment.api
        indices = self._deciding(assignment)
        shares = [self._await(self._share_of(api, index), index, _read_share) for index in indices]
        for index, share in zip(indices, shares, strict=True):
            if share.error is not None:
                raise CrewError(f"worker gw{index - 1} failed: {share.error}")
        first, *others = (read_history(self._history_of(api, index)) for index in indices)
        remarks = tuple(dict.fromkeys(text for share in shares for text in share.remarks))
        notes = (
            f"seed {assignment.seed}, profile {assignment.profile.name}",
            *([shard_note(assignment.shard)] if assignment.shard else []),
            f"repeat with: {assignment.command}",
            *remarks,
        )
        history = with_end(evolve(first.merge(*others), notes=notes))
        if self._save is not None:
            write_history(history, self._save)
        check_reached(history, assignment.target)
        rulebook = rulebook_at(assignment.rulebook, history.target or "")
        report = assess(history, rulebook, assignment.reading, remarks)
        (self._folder / f"{api}.report.json").write_bytes(encode_report(report) + b"\n")
        spent = Spent(
            sum(share.spent.requests for share in shares),
            sum(share.spent.runs for share in shares),
            max(share.spent.seconds for share in shares),
        )
        used = f"{tell_spent(spent, assignment.budget)}, by {self._count} workers"
        text = "\n".join(f"{api}: {line}" for line in (used, tell_end(history)) if line)
        (self._folder / f"{api}.told").write_text(text + "\n", encoding="utf-8")
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

    def _hand_of(self, index: int) -> Path:
        return self._folder / f"{index}.hand.json"

    def _history_of(self, api: str, index: int) -> Path:
        return self._folder / f"{api}.{index}.ndjson"

    def _share_of(self, api: str, index: int) -> Path:
        return self._folder / f"{api}.{index}.json"


def told(folder: Path) -> Iterator[str]:
    """Yield what each session of a crew has spent, and what it has kept, a line each."""
    for path in sorted(folder.glob("*.told")):
        yield path.read_text(encoding="utf-8").strip()


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
