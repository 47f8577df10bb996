"""One trial: the suite against the emulator with one fault, and what it found."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from time import perf_counter

from attrs import frozen
from runwright.emulator.mutant import Mutant, find_mutant, mutants_of
from runwright.history import Exchange, History
from runwright.ledger import READINGS, Reading
from runwright.report import Verdict
from runwright.rulebook import Entry, Rulebook, load_rulebook
from runwright.suite.audit import run_suite
from runwright.suite.observe import Progress
from runwright.suite.profile import PROFILES
from runwright.trace import Observation


@frozen(kw_only=True)
class Order:
    """What is to be tried: an API's emulator, honest or with a fault, in which way.

    With a `speed` the emulator's clock runs so fast; without one, the session moves it on.
    """

    api: str
    fault: str | None
    reading: Reading
    profile: str
    seed: int
    speed: float | None = None


@frozen
class Catch:
    """When a mutant was caught, as measured.

    ``requests`` had been answered when the first violation was complete, ``seconds`` after the
    session had begun; the ``verdict`` was there so many seconds after that beginning, with
    everything judged and the evidence made small.
    """

    requests: int
    seconds: float
    verdict: float


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
    began = perf_counter()
    passed: list[tuple[int, float]] = []

    def note(progress: Progress) -> None:
        passed.append((progress.spent.requests, perf_counter() - began))

    audit = run_suite(
        order.api,
        reading=order.reading,
        seed=order.seed,
        profile=profile,
        speed=order.speed,
        fault=order.fault,
        tell=note,
    )
    seconds = perf_counter() - began
    mutant = find_mutant(order.api, order.fault) if order.fault else None
    entry = rulebook.entry(mutant.breaks) if mutant else None
    sent = first_catch(entry, rulebook, audit.history) if entry else None
    return Trial(
        order=order,
        violated={r.rule: r.violation_count for r in audit.report.with_verdict(Verdict.VIOLATED)},
        broken=tuple(r.rule for r in audit.report.with_verdict(Verdict.BROKEN)),
        requests=len(audit.history.exchanges),
        seconds=seconds,
        caught=None if sent is None else Catch(sent, _passed_at(passed, sent, seconds), seconds),
        remarks=audit.remarks,
    )


def _passed_at(passed: Sequence[tuple[int, float]], requests: int, end: float) -> float:
    """Return the seconds after which so many requests were first told of."""
    place = bisect_left(passed, requests, key=lambda told: told[0])
    return passed[place][1] if place < len(passed) else end


def first_catch(entry: Entry, rulebook: Rulebook, history: History) -> int | None:
    """Return how many requests were answered when the first violation of a rule was complete."""
    ends = [
        max(map(_end, finding.exchanges))
        for finding in entry.rule.judge(Observation(rulebook.spec, history))
        if not finding.kept and finding.exchanges
    ]
    first = min(ends, default=None)
    return None if first is None else sum(_end(e) <= first for e in history.exchanges)


def _end(exchange: Exchange) -> float:
    return exchange.at + exchange.took
