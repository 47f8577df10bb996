"""What a session would send, counted before it sends anything."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args

from attrs import asdict, frozen

from runwright.budget import Budget
from runwright.roles import unread
from runwright.shard import Shard
from runwright.spec import Operation, Spec
from runwright.suite.draft import Draft, Who
from runwright.suite.keyring import Keyring
from runwright.suite.places import Places
from runwright.suite.plan import Plan, Visit, may_start
from runwright.suite.profile import Profile
from runwright.suite.programme import Programme, draw_programme
from runwright.suite.runner import EXISTING_LOOKS, PAGES
from runwright.suite.share import share_budget, share_programme

Phase = Literal["places", "starts", "looks", "visits", "probes"]
PHASES: Final[tuple[Phase, ...]] = get_args(Phase)
Bound = Literal["exactly", "at least", "at most"]
BOUNDS: Final[Mapping[Phase, Bound]] = {
    "places": "at most",
    "starts": "at least",
    "looks": "at least",
    "visits": "at most",
    "probes": "exactly",
}
POSITIVE: Final = "positive data"
"""The purpose of what `fuzz_drafts` makes to be taken."""


@frozen(kw_only=True)
class Row:
    """Requests of one kind: how many, of which method, to which path, as whom.

    ``bound`` says whether the count is exact: a start that is refused is tried again with other
    data, a run that takes longer is looked at longer, a run may end before all its visits, and
    what may start a run is not sent once a budget allows no more of them.
    """

    phase: Phase
    method: str
    path: str
    who: Who
    count: int
    bound: Bound


@frozen(kw_only=True)
class Forecast:
    """What a session would send within a budget; ``runs`` are those that it would start."""

    api: str
    target: str | None
    rows: tuple[Row, ...]
    runs_planned: int
    runs: int
    budget: Budget
    notes: tuple[str, ...]

    @property
    def requests_planned(self) -> int:
        """How many requests the rows count."""
        return sum(row.count for row in self.rows)

    @property
    def requests(self) -> int:
        """How many of them the budget allows."""
        limit = self.budget.max_requests
        return self.requests_planned if limit is None else min(limit, self.requests_planned)


def dump_forecast(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as JSON values."""
    return {
        "format": "runwright-plan/1",
        "api": forecast.api,
        "target": forecast.target,
        "requests": {"planned": forecast.requests_planned, "allowed": forecast.requests},
        "runs": {"planned": forecast.runs_planned, "allowed": forecast.runs},
        "budget": asdict(forecast.budget),
        "rows": [asdict(row) for row in forecast.rows],
        "notes": list(forecast.notes),
    }


def forecast(
    spec: Spec,
    keyring: Keyring,
    *,
    target: str | None,
    seed: int,
    profile: Profile,
    budget: Budget,
    careful: bool,
    parameters: Mapping[str, str],
    watch: tuple[str, ...] = (),
    shard: Shard | None = None,
) -> Forecast:
    """Draw a session's programme as `run_suite` does, and count what it would send.

    `parameters` are the path parameters that are given, `watch` the runs that exist already;
    of a `shard` only its part is counted.
    """
    programme = draw_programme(
        spec,
        keyring,
        seed=seed,
        profile=profile,
        careful=careful,
        observe_only=budget.observe_only,
    )
    if shard is not None:
        programme, watch = share_programme(programme, watch, [shard])
        budget = share_budget(budget, [shard])
    led = programme.plans[: budget.max_runs]
    counts = Counter[tuple[Phase, str, str, Who]]()
    for phase, method, operation, who in (
        *_places(spec, keyring, parameters),
        *_lives(spec, led),
        *_watched(spec, len(watch)),
        *_probes(programme.drafts),
    ):
        if who != "other" or keyring.other is not None:
            counts[phase, method, operation.path, who] += 1
    is_limited = budget.max_runs is not None
    rows = tuple(
        Row(
            phase=phase,
            method=method,
            path=path,
            who=who,
            count=count,
            bound="at most" if is_limited and may_start(spec, method, path) else BOUNDS[phase],
        )
        for (phase, method, path, who), count in sorted(counts.items(), key=_place)
    )
    fuzzed = sum(_starts(spec, draft) for draft in programme.drafts)
    planned = len(programme.plans) + fuzzed
    return Forecast(
        api=spec.api,
        target=target,
        rows=rows,
        runs_planned=planned,
        runs=planned if budget.max_runs is None else min(planned, budget.max_runs),
        budget=budget,
        notes=tuple(_notes(spec, programme)),
    )


Sent = tuple[Phase, str, Operation, Who]


def _places(spec: Spec, keyring: Keyring, parameters: Mapping[str, str]) -> Iterator[Sent]:
    """Yield the lists that are asked for; a server that answers the first may be asked fewer."""
    asked: list[Operation] = []

    def ask(operation: Operation, values: Mapping[str, str]) -> None:
        asked.append(operation)

    whos: tuple[Who, ...] = ("owner", "other")
    for who in whos:
        asked.clear()
        Places(spec, parameters).find(ask)
        yield from (("places", operation.method, operation, who) for operation in asked)


def _lives(spec: Spec, plans: tuple[Plan, ...]) -> Iterator[Sent]:
    for plan in plans:
        operation = spec.operations[plan.operation]
        yield "starts", operation.method, operation, plan.who
        by_role = _by_role(spec, operation)
        poll = by_role.get("poll")
        if poll is None:
            continue
        for _ in range(1 + plan.after):
            yield "looks", poll.method, poll, plan.who
        for visit in plan.visits:
            yield from _visit(spec, by_role, visit, plan.who)


def _watched(spec: Spec, number: int) -> Iterator[Sent]:
    for name in spec.polls if number else ():
        poll = spec.operations[name]
        listing = _by_role(spec, poll).get("list")
        for _ in range(number):
            for _ in range(1 + EXISTING_LOOKS):
                yield "looks", poll.method, poll, "owner"
            for _ in range(2 if listing else 0):
                assert listing is not None
                yield "visits", listing.method, listing, "owner"


def _by_role(spec: Spec, operation: Operation) -> Mapping[str, Operation]:
    """Return what the links of an answer, and of the poll that it leads to, lead to."""
    found: dict[str, Operation] = {}
    for link in spec.links(operation):
        found.setdefault(link.role, spec.operations[link.operation_id])
    if "poll" not in found:
        answered = spec.answer_schema(operation)
        polls = [name for name, schema in spec.polls.items() if schema == answered]
        if polls:
            found["poll"] = spec.operations[polls[0]]
    if "poll" in found:
        for link in spec.links(found["poll"]):
            found.setdefault(link.role, spec.operations[link.operation_id])
    return found


def _visit(spec: Spec, by_role: Mapping[str, Operation], visit: Visit, mine: Who) -> Iterator[Sent]:
    """Yield what `Runner` sends for a visit."""
    poll = by_role["poll"]
    foreign: Who = "owner" if mine == "other" else "other"
    whos: Mapping[str, Who] = {"foreign": foreign, "missing": "missing", "wrong": "wrong"}
    prefix, _, act = visit.act.rpartition("-")
    role = "poll" if act == "look" else act
    operation = by_role.get(role)
    if operation is None:
        return
    if prefix in ("get", "head"):
        if operation.id in unread(spec):
            yield "visits", poll.method, poll, mine
            yield "visits", prefix.upper(), operation, mine
            yield "visits", poll.method, poll, mine
        return
    yield "visits", operation.method, operation, whos.get(prefix, mine)
    if visit.act == "cancel":
        yield "visits", poll.method, poll, mine


def _probes(drafts: tuple[Draft, ...]) -> Iterator[Sent]:
    for draft in drafts:
        yield "probes", draft.verb, draft.operation, draft.who


def _notes(spec: Spec, programme: Programme) -> Iterator[str]:
    yield "starts: a refused one is tried again with other data, at most three times"
    yield "looks: one more for each pace that a run takes longer"
    yield "visits: those for which a run's state is seen, and the API has an operation"
    yield "probes: those that need a run, once there is one"
    lists = [operation for operation in spec.operations.values() if operation.method == "GET"]
    if lists:
        yield f"a list that names a next page may be followed for {PAGES} more"
    wrong = sum(_may_start(spec, d) and not _starts(spec, d) for d in programme.drafts)
    if wrong:
        yield (
            f"{wrong} probes ask in a wrong way for a run; a server that does not refuse one "
            "starts it, which counts against --max-runs"
        )


def _may_start(spec: Spec, draft: Draft) -> bool:
    return may_start(spec, draft.verb, draft.operation.path)


def _starts(spec: Spec, draft: Draft) -> bool:
    return _may_start(spec, draft) and draft.purpose == POSITIVE


def _place(counted: tuple[tuple[Phase, str, str, Who], int]) -> tuple[int, str, str, int]:
    phase, method, path, who = counted[0]
    return PHASES.index(phase), path, method, get_args(Who).index(who)
