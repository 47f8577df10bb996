"""A report as one HTML page that needs nothing else: no script, no font, no network."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from runwright.coverage import LifecycleSeen
from runwright.history import Exchange
from runwright.render import graph, timeline
from runwright.render.body import Line, excerpt
from runwright.render.curl import curl_line
from runwright.render.scale import duration
from runwright.render.tone import MEANINGS, SIGNS, WORDS, Tone, tones
from runwright.report import Report, Result, Verdict, Violation
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
    curl: str | None
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
        return timeline.statuses(self.timeline.lanes[0])


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
    conforms: bool
    troubles: tuple[Trouble, ...]
    results: tuple[Result, ...]
    lives: tuple[Life, ...]
    cycles: tuple[Cycle, ...]

    @property
    def title(self) -> str:
        """What the API is called."""
        return self.report.title or self.report.api

    def count(self, verdict: Verdict, level: Level | None = None) -> int:
        """Return how many rules (of a level) have a verdict."""
        results = self.report.with_verdict(verdict)
        return sum(level is None or result.level is level for result in results)

    def kind(self, name: str) -> int:
        """How many rules are in trouble of that kind."""
        return sum(trouble.kind == name for trouble in self.troubles)


def render_html(reports: Sequence[Report], *, strict: bool = False) -> str:
    """Return the page of one or several reports; `strict` lets inferred rules fail, too."""
    slugs = _slugs([report.api for report in reports])
    chapters = [_chapter(report, slug, strict) for report, slug in zip(reports, slugs, strict=True)]
    style = files("runwright.render").joinpath("templates/page.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            chapters=chapters,
            many=len(chapters) > 1,
            section=3 if len(chapters) > 1 else 2,
            conforms=all(chapter.conforms for chapter in chapters),
            style=Markup(style),
            strict=strict,
            course=timeline.course,
            levels=tuple(Level),
            order=ORDER,
            verdicts=Verdict,
            words=WORDS,
            meanings=MEANINGS,
            signs=SIGNS,
            tones=tuple(Tone),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("runwright.render"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "count": count,
        "duration": duration,
        "moment": moment,
        "prose": prose,
        "told": graph.told,
    }
    return environment


def _slugs(names: Iterable[str]) -> list[str]:
    slugs: list[str] = []
    for name in names:
        count = sum(slug == name or slug.startswith(f"{name}~") for slug in slugs)
        slugs.append(f"{name}~{count + 1}" if count else name)
    return slugs


def _chapter(report: Report, slug: str, strict: bool) -> Chapter:
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
        )
        for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
    )
    return Chapter(
        slug=slug,
        report=report,
        conforms=report.conforms(strict=strict),
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
    shown = tuple(
        _shown(exchange, violation.exchanges[0], violation.pointer, report)
        for exchange in violation.exchanges
    )
    return Fault(
        id=_fault_id(slug, result.rule, index),
        rule=result.rule,
        violation=violation,
        exchanges=shown,
        curl=curl_line(violation.exchanges[-1]) if violation.exchanges else None,
        run=run,
    )


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
    told = "; ".join(f"{lane.label}: {timeline.course(lane)}" for lane in lanes)
    parts = len(line.lanes) - len(lanes)
    rules = sorted({mark.rule for mark in line.marks})
    return (
        f"{len(line.ticks) + line.ticks_left_out} requests in {duration(line.lasted)}. {told}."
        + (f" {parts} parts are shown below it." if parts else "")
        + (f" Violations are marked of {', '.join(rules)}." if rules else "")
    )


def moment(seconds: float) -> str:
    """Write a time of the epoch for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def prose(text: str) -> Markup:
    """Mark what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def count(number: int, noun: str = "") -> str:
    """Write a number for people, with a noun that follows it."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
