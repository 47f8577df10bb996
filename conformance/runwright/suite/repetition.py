"""The command that repeats a session."""

import shlex
from collections.abc import Iterator

from runwright.budget import Budget
from runwright.ledger import Reading
from runwright.shard import Shard
from runwright.spec import Spec
from runwright.suite.profile import Profile
from runwright.suite.target import OTHER, OWNER, Target


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
        words += _settings(target)
    for key in watch:
        words += ["--run", key]
    words += _limits(budget or Budget())
    words += ["--shard", str(shard)] if shard else []
    return shlex.join(words)


def _settings(target: Target) -> Iterator[str]:
    """Yield the options that give the path parameters, those of both tenants once."""
    owner, *others = (target.parameters.get(tenant.name, {}) for tenant in target.tenants)
    for name, value in owner.items():
        shared = all(other.get(name) == value for other in others)
        yield from ("--set", f"{'' if shared else f'{OWNER}:'}{name}={value}")
    for other in others:
        for name, value in other.items():
            if owner.get(name) != value:
                yield from ("--set", f"{OTHER}:{name}={value}")


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
