"""One trial: the suite against the emulator with one fault, and what it found."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from attrs import frozen
from runwright.emulator.clock import RunningClock
from runwright.emulator.mutant import Mutant, find_mutant, mutants_of
from runwright.emulator.server import running
from runwright.history import Exchange, History
from runwright.ledger import READINGS, Reading
from runwright.report import Verdict
from runwright.rulebook import Entry, Rulebook, load_rulebook
from runwright.suite.audit import run_suite
from runwright.suite.profile import PROFILES, Profile
from runwright.suite.target import Target
from runwright.trace import Observation

from kills.clock import HASTE, CountedClock


@frozen(kw_only=True)
class Order:
    """What is to be tried: an API's emulator, honest or with a fault, in which way.

    With a `speed` the emulator's clock runs so fast; without one, by being read.
    """

    api: str
    fault: str | None
    reading: Reading
    profile: str
    seed: int
    speed: float | None = None


@frozen
class Catch:
    """When a violation was complete: after how many requests and real seconds."""

    requests: int
    seconds: float


@frozen(kw_only=True)
class Trial:
    """What came of an order.

    `violated` counts violations by rule; `broken` are rules that raised; `requests` and
    `seconds` are those of the whole session; `caught` belongs to the rule that the fault breaks.
    """

    order: Order
    violated: Mapping[str, int]
    broken: tuple[str, ...]
    requests: int
    seconds: float
    caught: Catch | None
    remarks: tuple[str, ...]

    @property
    def mutant(self) -> Mutant | None:
        """The mutant that was tried, None for the honest world."""
        return (self.order.fault and find_mutant(self.order.api, self.order.fault)) or None

    @property
    def unlisted(self) -> tuple[str, ...]:
        """The rules that were violated and are neither the one named nor its kin."""
        mutant = self.mutant
        allowed = {mutant.breaks, *mutant.also} if mutant else set()
        return tuple(sorted(self.violated.keys() - allowed))


def reading_of(rulebook: Rulebook, rule: str) -> Reading:
    """Return the reading under which a rule judges; the seed's where both do."""
    entry = rulebook.entry(rule)
    line = entry.line if entry else None
    return (line.reading if line else None) or "seed"


def orders_for(
    api: str, *, profile: str, seed: int, speed: float | None = None
) -> tuple[Order, ...]:
    """Return an order for the honest world in each reading, then one for each mutant."""
    rulebook = load_rulebook(api)
    wanted: list[tuple[str | None, Reading]] = [(None, reading) for reading in READINGS]
    wanted += [(name, reading_of(rulebook, m.breaks)) for name, m in mutants_of(api).items()]
    return tuple(
        Order(api=api, fault=fault, reading=reading, profile=profile, seed=seed, speed=speed)
        for fault, reading in wanted
    )


def carry_out(order: Order) -> Trial:
    """Run the suite as ordered, and judge what it saw."""
    profile, rulebook = PROFILES[order.profile], load_rulebook(order.api)
    speed = order.speed or profile.speed
    began = perf_counter()
    with _target(order, profile) as target:
        audit = run_suite(
            rulebook, target=target, reading=order.reading, seed=order.seed, profile=profile
        )
    seconds = perf_counter() - began
    mutant = find_mutant(order.api, order.fault) if order.fault else None
    entry = rulebook.entry(mutant.breaks) if mutant else None
    return Trial(
        order=order,
        violated={r.rule: r.violation_count for r in audit.report.with_verdict(Verdict.VIOLATED)},
        broken=tuple(r.rule for r in audit.report.with_verdict(Verdict.BROKEN)),
        requests=len(audit.history.exchanges),
        seconds=seconds,
        caught=first_catch(entry, rulebook, audit.history, speed=speed) if entry else None,
        remarks=audit.remarks,
    )


@contextmanager
def _target(order: Order, profile: Profile) -> Iterator[Target]:
    clock = RunningClock(order.speed) if order.speed else CountedClock()
    with running(
        order.api, seed=order.seed, reading=order.reading, fault=order.fault, clock=clock
    ) as emulator:
        yield Target(
            url=emulator.url,
            tenants=emulator.tenants,
            parameters=emulator.parameters,
            speed=order.speed or HASTE,
            patience=profile.patience,
            now=clock.now,
            careful=False,
        )


def first_catch(
    entry: Entry, rulebook: Rulebook, history: History, *, speed: float
) -> Catch | None:
    """Return when the first violation of a rule was complete; `speed` is that of the clock."""
    ends = [
        max(map(_end, finding.exchanges))
        for finding in entry.rule.judge(Observation(rulebook.spec, history))
        if not finding.kept and finding.exchanges
    ]
    if not ends:
        return None
    answered = sorted(map(_end, history.exchanges))
    began = min(exchange.at for exchange in history.exchanges)
    first = min(ends)
    return Catch(sum(1 for end in answered if end <= first), (first - began) / speed)


def _end(exchange: Exchange) -> float:
    return exchange.at + exchange.took
