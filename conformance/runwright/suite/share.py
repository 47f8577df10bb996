"""How shards divide what a session does, and what it may spend."""

from collections.abc import Iterable

from attrs import evolve

from runwright.budget import Budget
from runwright.shard import Shard
from runwright.suite.draft import Draft, Slot
from runwright.suite.programme import Programme


def share_programme(
    programme: Programme, watch: tuple[str, ...], shards: Iterable[Shard]
) -> tuple[Programme, tuple[str, ...]]:
    """Return a shard's part of a programme, and of the runs that are watched.

    Of several shards each divides what the one before it has left. A run is led by one shard
    through all its life. Drafts about runs go to shards that lead some of the owner's.
    """
    for shard in shards:
        owned = sum(plan.who == "owner" for plan in programme.plans)
        leading = max(1, min(shard.count, max(owned, len(watch))))
        about_runs = [draft for draft in programme.drafts if _is_about_run(draft)]
        free = [draft for draft in programme.drafts if not _is_about_run(draft)]
        mine = Shard(shard.index, leading).of(about_runs) if shard.index <= leading else ()
        drafts = sorted((*mine, *shard.of(free)), key=lambda draft: draft.number)
        programme = Programme(plans=shard.of(programme.plans), drafts=tuple(drafts))
        watch = shard.of(watch)
    return programme, watch


def _is_about_run(draft: Draft) -> bool:
    return any(slot in draft.values.values() for slot in (Slot.RUN, Slot.UNKNOWN))


def share_budget(budget: Budget, shards: Iterable[Shard]) -> Budget:
    """Return a shard's part of a budget; the parts of all shards add up to the whole."""
    for shard in shards:
        budget = evolve(
            budget,
            max_requests=shard.limit(budget.max_requests),
            max_runs=shard.limit(budget.max_runs),
            rate=None if budget.rate is None else budget.rate / shard.count,
        )
    return budget
