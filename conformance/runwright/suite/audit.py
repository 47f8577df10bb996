"""A whole session: find a server, send what was planned, and have the history judged once."""

import contextlib
from pathlib import Path

from attrs import evolve, frozen

from runwright.budget import Budget, Spent
from runwright.contract import contract_of
from runwright.history import History
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.report import Report, Verdict
from runwright.rulebook import Rulebook, rulebook_at
from runwright.shard import Shard, shard_note
from runwright.shrink import with_smallest
from runwright.spec import Spec
from runwright.suite.caller import Cause
from runwright.suite.memory import Memory, replay, unlike
from runwright.suite.observe import Observed, Progress, Tell, observe
from runwright.suite.profile import DEFAULT, Profile
from runwright.suite.programme import draw_programme
from runwright.suite.reach import with_end
from runwright.suite.repetition import repeating_command
from runwright.suite.share import share_budget, share_programme
from runwright.suite.target import Target, emulated, keyring_of


@frozen(kw_only=True)
class Audit:
    """What came of a session; remarks say what could not be done, ``command`` repeats it.

    ``memory`` tells what was done with the database, if there is one.
    """

    history: History
    report: Report
    spent: Spent
    remarks: tuple[str, ...]
    command: str
    memory: str | None = None


def run_suite(
    api: str | Path | Rulebook,
    *,
    target: Target | None = None,
    reading: Reading = "seed",
    seed: int = 0,
    profile: Profile = DEFAULT,
    budget: Budget | None = None,
    speed: float | None = None,
    fault: str | None = None,
    watch: tuple[str, ...] = (),
    shard: Shard | None = None,
    memory: Memory | None = None,
    worker: str = "suite",
    tell: Tell = lambda progress: None,
) -> Audit:
    """Test a server by a rulebook; without a target, the emulator of the API.

    `watch` are ids of runs that exist already. `speed` and `fault` are the emulator's. With a
    `shard`, only its part of the programme is carried out, within its part of the budget. What
    broke a rule before, by a `memory`, is done first.

    Raises:
        ProbeError: the target's URL or secrets cannot be used.
        DatabaseError: the memory cannot be read.
    """
    rulebook = api if isinstance(api, Rulebook) else contract_of(api)
    command = repeating_command(
        rulebook.spec,
        target=target,
        reading=reading,
        seed=seed,
        profile=profile,
        budget=budget,
        fault=fault,
        watch=watch,
        shard=shard,
    )
    recalled = memory.recall(rulebook.spec) if memory else ()
    with contextlib.ExitStack() as stack:
        if target is None:
            target = stack.enter_context(
                emulated(
                    rulebook.spec,
                    reading=reading,
                    seed=seed,
                    profile=profile,
                    speed=speed,
                    fault=fault,
                )
            )
        rulebook = rulebook_at(rulebook, target.url)
        observed = explore(
            rulebook.spec,
            target,
            seed=seed,
            profile=profile,
            budget=budget,
            watch=watch,
            shards=(shard,) if shard else (),
            recalled=recalled,
            worker=worker,
            tell=tell,
        )
    tell(Progress("judge", 0, 1, observed.spent))
    notes = (
        f"seed {seed}, profile {profile.name}",
        *([shard_note(shard)] if shard else []),
        f"repeat with: {command}",
        *observed.remarks,
    )
    history = with_end(
        History(exchanges=observed.exchanges, api=rulebook.spec.api, target=target.url, notes=notes)
    )
    report = assess(history, rulebook, reading, observed.remarks)
    tell(Progress("judge", 1, 1, observed.spent))
    return Audit(
        history=history,
        report=report,
        spent=observed.spent,
        remarks=observed.remarks,
        command=command,
        memory=memory.learn(rulebook.spec, report, observed.causes, recalled) if memory else None,
    )


def explore(
    spec: Spec,
    target: Target,
    *,
    seed: int,
    profile: Profile,
    budget: Budget | None = None,
    watch: tuple[str, ...] = (),
    shards: tuple[Shard, ...] = (),
    recalled: tuple[Cause, ...] = (),
    worker: str = "suite",
    tell: Tell = lambda progress: None,
) -> Observed:
    """Decide what a session does, and do it; of several shards each divides the one before it.

    What is `recalled` is done first.

    Raises:
        ProbeError: the target's URL or secrets cannot be used.
    """
    tell(Progress("plan", 0, 1, Spent(0, 0)))
    observe_only = budget is not None and budget.observe_only
    programme = draw_programme(
        spec,
        keyring_of(spec, target),
        seed=seed,
        profile=profile,
        careful=target.careful,
        observe_only=observe_only,
    )
    drawn = programme
    programme, watch = share_programme(programme, watch, shards)
    if recalled:
        programme = replay(
            programme,
            unlike(recalled, drawn),
            careful=target.careful,
            observe_only=observe_only,
            shards=shards,
        )
    return observe(
        spec,
        target,
        programme,
        seed=seed,
        budget=share_budget(budget, shards) if budget else None,
        watch=watch,
        worker="-".join((worker, *(f"{shard.index}of{shard.count}" for shard in shards))),
        tell=tell,
    )


def assess(
    history: History, rulebook: Rulebook, reading: Reading, remarks: tuple[str, ...] = ()
) -> Report:
    """Judge a history, and find the smallest one that shows each violation.

    Where a rule did not meet its subject, the remarks say why: what was not done.
    """
    report = with_smallest(judge(history, rulebook, reading=reading), history, rulebook)
    why = "; ".join(remarks)
    results = tuple(
        evolve(result, unwitnessed=why)
        if why and result.verdict is Verdict.UNKNOWN and result.unwitnessed is None
        else result
        for result in report.results
    )
    return evolve(report, results=results)
