"""The command that repeats a session."""

import shlex
from collections.abc import Iterator

from runwright.budget import Budget
from runwright.ledger import Reading
from runwright.shard import Shard
from runwright.spec import Spec
from runwright.suite.profile import Profile
from runwright.suite.target import Target


def repeating_command(
    spec: Spec,
    *,
    target: Target | None,
    reading: Reading,
    seed: int,
    profile: Profile,
    budget: Budget | None,
    fault: str | None,
    watch: tuple[str, ...],
    shard: Shard | None = None,
) -> str:
    """Return the command line that sends the same requests; credentials are left out.

    Without a target it was the emulator that was tested.
    """
    named = [spec.api] if spec.is_ours else ["--spec", spec.file]
    words = ["runwright", "test", *named, "--seed", str(seed), "--profile", profile.name]
    if reading != "seed":
        words += ["--reading", reading]
    if target is None:
        words += ["--fault", fault] if fault else []
    else:
        words += ["--url", target.url]
        given = target.parameters.get(target.tenants[0].name, {}) if target.tenants else {}
        for name, value in given.items():
            words += ["--set", f"{name}={value}"]
    for key in watch:
        words += ["--run", key]
    words += _limits(budget or Budget())
    words += ["--shard", str(shard)] if shard else []
    return shlex.join(words)


def _limits(budget: Budget) -> Iterator[str]:
    for option, value in (
        ("--max-requests", budget.max_requests),
        ("--max-runs", budget.max_runs),
        ("--rate", budget.rate),
        ("--deadline", budget.deadline),
    ):
        if value is not None:
            yield from (option, f"{value:g}" if isinstance(value, float) else str(value))
    if budget.observe_only:
        yield "--observe-only"
