"""A dry run: what a test would send, without sending it."""

import os
from collections.abc import Mapping

from attrs import evolve
from rich.console import Console

from runwright.budget import Budget
from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TENANTS, TOKEN_VARIABLE
from runwright.render.terminal import print_table
from runwright.shard import Shard
from runwright.spec import Spec
from runwright.suite.forecast import Forecast, forecast
from runwright.suite.keyring import Keyring
from runwright.suite.profile import Profile
from runwright.suite.target import OWNER


def plan_test(
    spec: Spec,
    *,
    url: str | None,
    seed: int,
    profile: Profile,
    budget: Budget,
    parameters: Mapping[str, Mapping[str, str]],
    watch: tuple[str, ...],
    shard: Shard | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Forecast:
    """Count what a test would send; credentials are not needed, nor used if they are there."""
    knows_one = bool(environment.get(TOKEN_VARIABLE))
    knows_both = not knows_one or bool(environment.get(OTHER_TOKEN_VARIABLE))
    owner, other = TENANTS
    found = forecast(
        spec,
        Keyring(spec=spec, owner=owner, other=other if knows_both or url is None else None),
        target=url,
        seed=seed,
        profile=profile,
        budget=budget,
        careful=url is not None,
        parameters=parameters[OWNER],
        watch=watch,
        shard=shard,
    )
    if url is not None and not knows_one:
        note = f"counted as for two tenants, for {TOKEN_VARIABLE} is not set"
        found = evolve(found, notes=(*found.notes, note))
    return found


def print_plan(console: Console, forecast: Forecast) -> None:
    """Print what would be sent, kind by kind, and the totals against the budget."""
    where = forecast.target or "the embedded emulator"
    console.print(f"{forecast.api} at {where}: nothing was sent", markup=False)
    print_table(
        console,
        ("phase", "method", "path", "as", "requests"),
        [
            (row.phase, row.method, row.path, row.who, f"{row.bound} {row.count}")
            for row in forecast.rows
        ],
    )
    for note in forecast.notes:
        console.print(f"  {note}", markup=False, soft_wrap=True)
    budget = forecast.budget
    console.print(
        f"requests: {forecast.requests_planned} planned, {_limit(budget.max_requests)}; "
        f"runs to be started: {forecast.runs_planned} planned, {_limit(budget.max_runs)}"
        + (f"; {budget.rate:g} requests a second at most" if budget.rate else "")
        + (f"; {budget.deadline:g} s at most" if budget.deadline else "")
        + ("; nothing is started or changed" if budget.observe_only else ""),
        markup=False,
        soft_wrap=True,
    )


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else f"at most {limit} allowed"
