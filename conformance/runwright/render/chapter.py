"""A report made ready for a page: its violations, runs and lifecycles as they are shown."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from attrs import frozen
from markupsafe import Markup

from runwright.coverage import LifecycleSeen
from runwright.history import NOT_JSON, Exchange
from runwright.render import graph, timeline
from runwright.render.body import Line, excerpt, relocate
from runwright.render.curl import short_curl_line
from runwright.render.lanes import course, statuses
from runwright.render.number import count
from runwright.render.scale import duration, moment
from runwright.render.tone import tones
from runwright.report import Report, Result, Standing, Verdict, Violation
from runwright.rule import Level, show
from runwright.timeline import Lane, Mark, Timeline

OPEN_RUNS = 6
"""Runs whose pictures are not folded away."""

ORDER = (
    Verdict.VIOLATED,
    Verdict.BROKEN,
    Verdict.UNKNOWN,
    Verdict.HOLDS,
    Verdict.NOT_APPLICABLE,
)


@frozen(kw_only=True)
class Shown:
    """An exchange as it is shown: when, and its bodies as lines."""

    exchange: Exchange
    after: str
    path: str
    request: tuple[Line, ...]
    response: tuple[Line, ...]
    is_short: bool


@frozen(kw_only=True)
class Fault:
    """A violation as it is shown: where it can be linked to, and the picture that marks it."""

    id: str
    rule: str
    violation: Violation
    exchanges: tuple[Shown, ...]
    commands: tuple[str, ...]
    run: str | None

    @property
    def summary(self) -> str:
        """The violation in one line."""
        found = self.violation
        where = f"{found.pointer}: " if found.pointer else ""
        return f"{where}{show(found.actual, 60)}, expected {show(found.expected, 90)}"

    @property
    def when(self) -> str:
        """When the last exchange was, and which one it was."""
        last = self.violation.exchanges[-1:]
        return "".join(f"{moment(exchange.at)} · {exchange.id}" for exchange in last)


@frozen(kw_only=True)
class Trouble:
    """A rule that was violated or could not judge, and how that is called."""

    result: Result
    kind: str
    faults: tuple[Fault, ...]
    smallest: tuple[Shown, ...]
    """The smallest history, if it is not just the exchanges of the first violation."""

    @property
    def hidden(self) -> int:
        """How many violations are counted, but not in the report."""
        return self.result.violation_count - len(self.faults)


@frozen(kw_only=True)
class Life:
    """A run as it is shown."""

    id: str
    timeline: Timeline
    picture: Markup
    is_open: bool

    @property
    def course(self) -> str:
        """The statuses of the run in order."""
        return statuses(self.timeline.lanes[0])


@frozen(kw_only=True)
class Cycle:
    """A lifecycle as it is shown."""

    id: str
    lifecycle: LifecycleSeen
    picture: Markup


@frozen(kw_only=True)
class Chapter:
    """All of one report."""

    slug: str
    report: Report
    standing: Standing
    behaves: bool | None
    """Whether the client keeps the rules about it, None if none judged it."""
    troubles: tuple[Trouble, ...]
    results: tuple[Result, ...]
    lives: tuple[Life, ...]
    cycles: tuple[Cycle, ...]

    @property
    def title(self) -> str:
        """What the API is called."""
        return self.report.title or self.report.api

    @property
    def server(self) -> Report:
        """What is said of the server: the report without the rules that judge its client."""
        return self.report.about_server

    def count(self, verdict: Verdict, level: Level | None = None) -> int:
        """Return how many rules (of a level) have a verdict."""
        results = self.report.with_verdict(verdict)
        return sum(level is None or result.level is level for result in results)

    def kind(self, name: str) -> int:
        """How many rules about the server are in trouble of that kind."""
        return sum(
            trouble.kind == name and not trouble.result.is_about_client for trouble in self.troubles
        )


def make_chapter(report: Report, slug: str, strict: bool) -> Chapter:
    ids = {id(line): f"{slug}.run.{index}" for index, line in enumerate(report.timelines, start=1)}
    runs = {
        (mark.rule, mark.violation): ids[id(line)]
        for line in reversed(report.timelines)
        for mark in line.marks
    }
    troubles = tuple(
        Trouble(
            result=result,
            kind=_kind(result, strict),
            faults=tuple(
                _fault(report, slug, result, index, runs.get((result.rule, index)))
                for index in range(len(result.violations))
            ),
            smallest=_smallest(report, result),
        )
        for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    )
    client = report.about_client
    return Chapter(
        slug=slug,
        report=report,
        standing=report.about_server.standing(strict=strict),
        behaves=None if client is None else client.standing(strict=strict) is not Standing.VIOLATED,
        troubles=tuple(sorted(troubles, key=_gravity)),
        results=tuple(sorted(report.results, key=lambda result: ORDER.index(result.verdict))),
        lives=_lives(report, slug, ids),
        cycles=tuple(
            Cycle(
                id=f"{slug}.cycle.{cycle.thing}",
                lifecycle=cycle,
                picture=graph.draw(cycle, f"{slug}.graph.{cycle.thing}"),
            )
            for cycle in report.lifecycles
        ),
    )


KINDS = ("fails", "broken", "known", "inferred")


def _kind(result: Result, strict: bool) -> str:
    if result.verdict is Verdict.BROKEN:
        return "broken"
    if result.known is not None:
        return "known"
    return "fails" if result.fails_when(strict=strict) else "inferred"


def _gravity(trouble: Trouble) -> tuple[int, int]:
    return KINDS.index(trouble.kind), tuple(Level).index(trouble.result.level)


def _fault(report: Report, slug: str, result: Result, index: int, run: str | None) -> Fault:
    violation = result.violations[index]
    # What repeats a rule's first violation is its smallest history, where there is one.
    repeated = (result.smallest if index == 0 else ()) or violation.exchanges[-1:]
    return Fault(
        id=_fault_id(slug, result.rule, index),
        rule=result.rule,
        violation=violation,
        exchanges=_all_shown(violation.exchanges, violation.pointer, report),
        commands=tuple(line for e in repeated if (line := short_curl_line(e)) is not None),
        run=run,
    )


def _smallest(report: Report, result: Result) -> tuple[Shown, ...]:
    first = result.violations[0] if result.violations else None
    if first is None or {e.id for e in result.smallest} <= {e.id for e in first.exchanges}:
        return ()
    return _all_shown(result.smallest, first.pointer, report)


def _all_shown(exchanges: Sequence[Exchange], pointer: str, report: Report) -> tuple[Shown, ...]:
    """Show exchanges around the place that a pointer into the last one's answer leads to."""
    return tuple(
        _shown(
            exchange,
            exchanges[0],
            pointer if exchange is exchanges[-1] else _same_place(exchange, pointer, exchanges[-1]),
            report,
        )
        for exchange in exchanges
    )


def _same_place(exchange: Exchange, pointer: str, last: Exchange) -> str:
    bodies = (last.body, exchange.body)
    if NOT_JSON in bodies:
        return ""
    return relocate(pointer, *bodies) or ""


def _fault_id(slug: str, rule: str, index: int) -> str:
    return f"{slug}.violation.{rule}.{index + 1}"


def _shown(exchange: Exchange, first: Exchange, pointer: str, report: Report) -> Shown:
    parts = urlsplit(exchange.url)
    after = exchange.at - first.at
    return Shown(
        exchange=exchange,
        after=f"{duration(after)} later" if exchange is not first else moment(exchange.at),
        path=parts.path + (f"?{parts.query}" if parts.query else ""),
        request=excerpt(exchange.request, ""),
        response=excerpt(exchange.response, pointer),
        is_short=exchange.id in report.shortened,
    )


def _lives(report: Report, slug: str, ids: dict[int, str]) -> tuple[Life, ...]:
    by_thing = {cycle.thing: tones(cycle) for cycle in report.lifecycles}
    spelled = {t.rule: len(t.violations) for t in report.with_verdict(Verdict.VIOLATED)}
    writes = frozenset(
        operation.id for operation in report.operations if operation.method not in ("GET", "HEAD")
    )

    def link(mark: Mark) -> str | None:
        if mark.rule not in spelled:
            return None
        if mark.violation is None or mark.violation >= spelled[mark.rule]:
            return f"#{slug}.rule.{mark.rule}"
        return f"#{_fault_id(slug, mark.rule, mark.violation)}"

    lives: list[Life] = []
    for line in sorted(report.timelines, key=lambda line: not line.marks):
        words = timeline.Words(
            id=f"{ids[id(line)]}.picture",
            title=f"Timeline of {line.thing} {line.key}",
            description=_description(line),
            link=link,
            writes=writes,
        )
        lives.append(
            Life(
                id=ids[id(line)],
                timeline=line,
                picture=timeline.draw(line, by_thing, words),
                is_open=bool(line.marks) or len(lives) < OPEN_RUNS,
            )
        )
    return tuple(lives)


def _description(line: Timeline) -> str:
    lanes: list[Lane] = [lane for lane in line.lanes if not lane.is_part]
    told = "; ".join(f"{lane.label}: {course(lane)}" for lane in lanes)
    parts = len(line.lanes) - len(lanes)
    rules = sorted({mark.rule for mark in line.marks})
    requests = count(len(line.ticks) + line.ticks_left_out, "request")
    return (
        f"{requests} in {duration(line.lasted)}. {told}."
        + (f" {count(parts, 'part is', 'parts are')} shown below it." if parts else "")
        + (f" Violations are marked of {', '.join(rules)}." if rules else "")
    )
