"""Judging of traffic that need not fit into memory: part by part, with what is still open.

A part is judged like a history of its own. Into the next one goes what it needs to be judged:
how each run began, and the last look at it. All looks between are bounded by these two, so
nothing that a later look can break is lost but for runs that had ended long before. Requests that
may have started or canceled a run go along, too: they explain what becomes of it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from attrs import define, evolve, field

from runwright.history import Decoded, Exchange, History, Message
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.report import Report
from runwright.rulebook import Rulebook
from runwright.rules.safety import strays, unsettled
from runwright.sharing import Sharing
from runwright.shrink import with_smallest
from runwright.summing import add_reports
from runwright.trace import Observation, Trace

MOST_HELD: Final = 24 * 2**20
"""Bytes of new text after which a part ends."""

LARGE: Final = 4096
"""Bytes of an answer above which only what it decodes to is kept."""

OVERHEAD: Final = 1024
"""Bytes that an exchange counts for besides its bodies."""

CARRIED: Final = 0.25
"""The part of `MOST_HELD` that runs may take which have ended, and may be seen again."""


class StreamingJudge:
    """Judges exchanges as they come; what is held of them is bounded by the runs that are open.

    Traffic with less than `most` bytes of text that differs is judged as one history.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        reading: Reading = "seed",
        conduct: bool = False,
        target: str | None = None,
        most: int = MOST_HELD,
    ) -> None:
        self._rulebook = rulebook
        self._reading = reading
        self._conduct = conduct
        self._target = target
        self._part = _Part(most)
        self._total: Report | None = None

    def add(self, exchange: Exchange) -> None:
        """Take the next exchange, and judge what came before if it is much.

        Raises:
            HistoryError: two exchanges of one part that differ are called the same.
        """
        if self._part.is_full:
            self._total = self.report()
            self._part = self._part.next(self._rulebook)
        self._part.add(exchange)

    def report(self) -> Report:
        """Return the verdicts over all that was seen so far.

        A violated result has the smallest history that shows it.

        Raises:
            HistoryError: two exchanges of one part that differ are called the same.
        """
        part, total = self._part, self._total
        history = History(
            exchanges=(*part.carried, *part.exchanges),
            api=self._rulebook.spec.api,
            target=self._target,
        )
        report = judge(
            history,
            self._rulebook,
            reading=self._reading,
            conduct=self._conduct,
            known=frozenset(exchange.id for exchange in part.carried),
        )
        report = with_smallest(report, history, self._rulebook, _explained(total))
        return report if total is None else add_reports(total, report)


def _explained(report: Report | None) -> frozenset[str]:
    """Return the rules that have a smallest history already."""
    results = () if report is None else report.results
    return frozenset(result.rule for result in results if result.smallest)


@define
class _Part:
    """What is held of the traffic, and how many bytes of it are like no others."""

    most: int
    carried: tuple[Exchange, ...] = ()
    exchanges: list[Exchange] = field(factory=list)
    texts: dict[str, Sharing] = field(factory=dict)
    weight: int = 0

    @property
    def is_full(self) -> bool:
        return self.weight > self.most

    def add(self, exchange: Exchange) -> None:
        """Take an exchange; of a large answer only what is new takes memory."""
        kept, size = self._share(exchange)
        self.weight += size + OVERHEAD
        self.exchanges.append(kept)

    def _share(self, exchange: Exchange) -> tuple[Exchange, int]:
        answer = exchange.response
        rest = len(exchange.request.content)
        if len(answer.content) < LARGE:
            return exchange, len(answer.content) + rest
        texts = self.texts.setdefault(exchange.url.partition("?")[0], Sharing())
        before = texts.fresh
        try:
            value = texts.decode(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return exchange, len(answer.content) + rest
        decoded = Message(answer.headers, Decoded(value, answer.is_marked))
        return evolve(exchange, response=decoded), texts.fresh - before + rest

    def next(self, rulebook: Rulebook) -> "_Part":
        """Return the part that follows, with what it needs of this one."""
        history = History(exchanges=(*self.carried, *self.exchanges))
        carried = _carry(Observation(rulebook.spec, history), int(self.most * CARRIED))
        paths = {exchange.url.partition("?")[0] for exchange in carried}
        weight = sum(_weight(exchange) for exchange in carried)
        return _Part(
            most=max(self.most, 2 * weight),
            carried=carried,
            texts={path: texts for path, texts in self.texts.items() if path in paths},
            weight=weight,
        )


def _carry(observation: Observation, room: int) -> tuple[Exchange, ...]:
    """Return how runs began, and the last looks at them: of all that are open, and for as many
    of those that have ended, the latest first, as there is room for; and what may change any run.
    """
    runs: dict[tuple[str, str], list[Trace]] = {}
    for trace in observation.traces:
        runs.setdefault((trace.thing, trace.key), []).append(trace)
    chosen = {exchange.id: exchange for exchange in unsettled(observation)}
    for exchange in strays(observation):
        if room <= 0:
            break
        if exchange.id not in chosen:
            chosen[exchange.id] = exchange
            room -= _weight(exchange)
    latest = sorted(runs.values(), key=_last_seen, reverse=True)
    for traces in latest:
        needed = {e.id: e for trace in traces for e in _ends(trace)}
        if any(_is_open(trace) for trace in traces):
            chosen |= needed
        elif room > 0:
            chosen |= needed
            room -= sum(map(_weight, needed.values()))
    return tuple(chosen.values())


def _last_seen(traces: Iterable[Trace]) -> float:
    return max(look.exchange.at for trace in traces for look in trace.looks[-1:])


def _is_open(trace: Trace) -> bool:
    return not trace.looks[-1].is_terminal


def _ends(trace: Trace) -> Iterator[Exchange]:
    """Yield the exchange that began a run, if it was seen, and the last look at it."""
    first = trace.looks[0].call
    if trace.is_whole and first.operation is not None and not first.operation.is_safe:
        yield first.exchange
    yield trace.looks[-1].exchange


def _weight(exchange: Exchange) -> int:
    return OVERHEAD + len(exchange.request.content) + len(exchange.response.content)
