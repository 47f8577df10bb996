"""A report says, rule by rule, whether a promise was seen to be kept."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
from attrs import evolve, frozen

from runwright.coverage import LifecycleSeen, OperationSeen
from runwright.excerpt import shorten
from runwright.history import Exchange, encode_exchange, parse_exchange
from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.rule import Level
from runwright.timeline import Timeline

FORMAT: Final = "runwright-report/1"
_REMEDY: Final = "reports in JSON are written with --report name.json"


CONDUCT: Final = "conduct"
"""The subject, in rule ids, of what a client should do."""


def is_conduct(rule: str) -> bool:
    """True if a rule of that id judges the client."""
    return rule.split(".")[1:2] == [CONDUCT]


class Verdict(Enum):
    """What is known of a rule; a merge of shards takes the greatest."""

    NOT_APPLICABLE = 0
    HOLDS = 1
    UNKNOWN = 2
    BROKEN = 3
    VIOLATED = 4


@frozen(kw_only=True)
class Violation:
    """One place where a rule was broken, with the exchanges that show it.

    ``pointer`` leads into the body of the last exchange.
    """

    exchanges: tuple[Exchange, ...]
    pointer: str
    expected: str
    actual: str


@frozen
class Known:
    """A violation that a baseline accepts: why, and the last day on which it does."""

    reason: str
    expires: date


@frozen(kw_only=True)
class Result:
    """What was found of one rule."""

    rule: str
    level: Level
    verdict: Verdict
    claim: str
    sentence: str
    source: str
    where: str
    witnesses: int = 0
    violation_count: int = 0
    violations: tuple[Violation, ...] = ()
    failure: str | None = None
    unwitnessed: str | None = None
    known: Known | None = None
    smallest: tuple[Exchange, ...] = ()
    """The smallest history found that breaks the rule; empty if none was looked for."""

    @property
    def is_about_client(self) -> bool:
        """True if the rule judges who called the server, not the server."""
        return is_conduct(self.rule)

    @property
    def fails(self) -> bool:
        """True if a MUST or SHOULD rule was violated, and no baseline accepts it."""
        return self.fails_when(strict=False)

    def fails_when(self, *, strict: bool) -> bool:
        """True if the violation fails a run; `strict` lets inferred rules fail, too."""
        if self.verdict is not Verdict.VIOLATED or self.known is not None:
            return False
        return strict or self.level is not Level.INFERRED


class Standing(StrEnum):
    """What a report says over all."""

    CONFORMS = "conforms"
    VIOLATED = "does not conform"
    OPEN = "no verdict"


@frozen(kw_only=True)
class Report:
    """The verdicts over one history, and what was seen in it.

    ``began`` and ``ended`` are in seconds since the epoch. ``shortened`` names the exchanges
    among the evidence whose bodies are not whole; ``baseline_faults`` says what is wrong with
    the baseline that was applied; ``notes`` say how the history came about; ``cut_short`` says
    why the history ends before its time, if it does: the server went away.
    """

    api: str
    title: str = ""
    reading: Reading
    target: str | None
    exchanges: int
    runs: int
    began: float | None = None
    ended: float | None = None
    results: tuple[Result, ...]
    operations: tuple[OperationSeen, ...] = ()
    lifecycles: tuple[LifecycleSeen, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    baseline_faults: tuple[str, ...] = ()
    shortened: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    cut_short: str | None = None

    def with_verdict(self, *verdicts: Verdict) -> tuple[Result, ...]:
        """Return the results that have one of these verdicts."""
        return tuple(result for result in self.results if result.verdict in verdicts)

    def standing(self, *, strict: bool = False) -> Standing:
        """Tell whether a MUST or SHOULD rule (with `strict`: any rule) was violated, or broken.

        Violations that a baseline accepts don't count, but its own faults do. Where there are none,
        a history that was cut short decides nothing.
        """
        if self.baseline_faults or any(
            result.fails_when(strict=strict) or result.verdict is Verdict.BROKEN
            for result in self.results
        ):
            return Standing.VIOLATED
        return Standing.CONFORMS if self.cut_short is None else Standing.OPEN

    def conforms(self, *, strict: bool = False) -> bool:
        """True if nothing was violated, and the history is whole."""
        return self.standing(strict=strict) is Standing.CONFORMS

    @property
    def is_void(self) -> bool:
        """True if nothing was judged: no answer of an operation was seen, and no rule was broken.

        That a client keeps the rules about clients needs no answer.
        """
        answered = any(set(operation.answers) - {"error"} for operation in self.operations)
        return not answered and not any(
            result.verdict in (Verdict.VIOLATED, Verdict.BROKEN)
            or (result.is_about_client and result.witnesses)
            for result in self.results
        )

    @property
    def witnesses(self) -> int:
        """How often rules were seen to be kept."""
        return sum(result.witnesses for result in self.results)

    @property
    def about_server(self) -> "Report":
        """The report without the rules that judge the client."""
        return evolve(self, results=tuple(r for r in self.results if not r.is_about_client))

    @property
    def about_client(self) -> "Report | None":
        """The report with only the rules that judge the client, None if there are none."""
        results = tuple(r for r in self.results if r.is_about_client)
        return evolve(self, results=results, baseline_faults=()) if results else None

    def without(self, rules: Iterable[str]) -> "Report":
        """Return the report without some rules."""
        left_out = set(rules)
        return evolve(self, results=tuple(r for r in self.results if r.rule not in left_out))


class ReportError(Mistake):
    """A report cannot be read; the message names the file and what is wrong with it."""


def dump_report(report: Report) -> dict[str, Any]:
    """Return a report as JSON values, as ``report.schema.json`` describes them."""
    return {
        "format": FORMAT,
        "api": report.api,
        "title": report.title,
        "reading": report.reading,
        "target": report.target,
        "conforms": report.conforms(),
        "exchanges": report.exchanges,
        "runs": report.runs,
        "began": report.began,
        "ended": report.ended,
        "notes": report.notes,
        "cut_short": report.cut_short,
        "baseline_faults": report.baseline_faults,
        "results": [_dump_result(result) for result in report.results],
        "operations": report.operations,
        "lifecycles": report.lifecycles,
        "timelines": report.timelines,
        "evidence": _dump_evidence(report),
    }


def _dump_result(result: Result) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "level": result.level.value,
        "verdict": result.verdict.name,
        "claim": result.claim,
        "sentence": result.sentence,
        "source": result.source,
        "where": result.where,
        "witnesses": result.witnesses,
        "violation_count": result.violation_count,
        "violations": [
            {
                "pointer": violation.pointer,
                "expected": violation.expected,
                "actual": violation.actual,
                "exchanges": [exchange.id for exchange in violation.exchanges],
            }
            for violation in result.violations
        ],
        "smallest": [exchange.id for exchange in result.smallest],
        "failure": result.failure,
        "unwitnessed": result.unwitnessed,
        "known": result.known,
    }


def _dump_evidence(report: Report) -> list[dict[str, Any]]:
    """Return each exchange that shows a violation once, and what matters of large bodies."""
    exchanges: dict[str, Exchange] = {}
    pointers: dict[str, set[str]] = {}
    for result in report.results:
        for violation in result.violations:
            for exchange in violation.exchanges:
                exchanges[exchange.id] = exchange
                pointers.setdefault(exchange.id, set()).add(violation.pointer)
        for exchange in result.smallest:
            exchanges.setdefault(exchange.id, exchange)
            pointers.setdefault(exchange.id, set())
    dumped = []
    for identifier, exchange in exchanges.items():
        short = shorten(exchange, pointers[identifier])
        is_short = short is not exchange or identifier in report.shortened
        dumped.append({"shortened": is_short, "exchange": msgspec.Raw(encode_exchange(short))})
    return dumped


def encode_report(report: Report) -> bytes:
    """Return a report as a JSON text with one result, operation or timeline a line."""
    lines = []
    for key, value in dump_report(report).items():
        if isinstance(value, list | tuple) and value:
            items = b",\n    ".join(msgspec.json.encode(item) for item in value)
            text = b"[\n    " + items + b"\n  ]"
        else:
            text = msgspec.json.encode(value)
        lines.append(b"  " + msgspec.json.encode(key) + b": " + text)
    return b"{\n" + b",\n".join(lines) + b"\n}"


def encode_reports(reports: Sequence[Report]) -> bytes:
    """Return a JSON text of one report, or of several in an array."""
    encoded = [encode_report(report) for report in reports]
    return encoded[0] if len(encoded) == 1 else b"[\n" + b",\n".join(encoded) + b"\n]"


def read_report(path: Path) -> Report:
    """Read a file that holds one report.

    Raises:
        ReportError: the file is missing, or does not hold one report.
    """
    reports = read_reports(path)
    if len(reports) != 1:
        raise ReportError(
            f"{path}: holds {len(reports)} reports, and one is expected; test one API for it"
        )
    return reports[0]


def read_reports(path: Path) -> tuple[Report, ...]:
    """Read a file of reports: one, or several one after the other, or a JSON array of them.

    Raises:
        ReportError: the file is missing, or something in it is no report.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from None
    return parse_reports(content, name=str(path))


def parse_reports(content: bytes, *, name: str = "report") -> tuple[Report, ...]:
    """Read reports from bytes; `name` stands in error messages."""
    try:
        text = content.decode().strip()
        decoder = json.JSONDecoder()
        documents = []
        while text:
            document, end = decoder.raw_decode(text)
            documents += document if isinstance(document, list) else [document]
            text = text[end:].lstrip()
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ReportError(f"{name}: not JSON: {error}; {_REMEDY}") from None
    if not documents:
        raise ReportError(f"{name}: holds no report; {_REMEDY}")
    return tuple(parse_report(document, name=name) for document in documents)


def parse_report(document: Any, *, name: str = "report") -> Report:
    """Make a report of the JSON values that `dump_report` wrote.

    Raises:
        ReportError: they are no report, or one of another version; the message begins with
            `name`.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ReportError(
            f"{name}: not a report; its member `format` must say {FORMAT!r}; {_REMEDY}"
        )
    try:
        evidence = [_parse_exchange(item["exchange"], name) for item in document["evidence"]]
        exchanges = {exchange.id: exchange for exchange in evidence}
        return Report(
            api=_convert(document, "api", str),
            title=_convert(document, "title", str),
            reading=_convert(document, "reading", Reading),
            target=_convert(document, "target", str | None),
            exchanges=_convert(document, "exchanges", int),
            runs=_convert(document, "runs", int),
            began=_convert(document, "began", float | None),
            ended=_convert(document, "ended", float | None),
            results=tuple(_parse_result(result, exchanges) for result in document["results"]),
            operations=_convert(document, "operations", tuple[OperationSeen, ...]),
            lifecycles=_convert(document, "lifecycles", tuple[LifecycleSeen, ...]),
            timelines=_convert(document, "timelines", tuple[Timeline, ...]),
            baseline_faults=_convert(document, "baseline_faults", tuple[str, ...]),
            notes=_convert(document, "notes", tuple[str, ...]),
            cut_short=_convert({"cut_short": None, **document}, "cut_short", str | None),
            shortened=frozenset(
                exchange.id
                for exchange, item in zip(evidence, document["evidence"], strict=True)
                if item["shortened"]
            ),
        )
    except KeyError as error:
        raise ReportError(f"{name}: not a report: {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ReportError(f"{name}: not a report: {error}") from None


def _convert(raw: Mapping[str, Any], key: str, kind: Any) -> Any:
    try:
        return msgspec.convert(raw[key], type=kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{key}: {error}") from None


def _parse_exchange(raw: Any, name: str) -> Exchange:
    return parse_exchange(msgspec.json.encode(raw), where=name)


def _parse_result(raw: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> Result:
    return Result(
        rule=_convert(raw, "rule", str),
        level=_convert(raw, "level", Level),
        verdict=Verdict[raw["verdict"]],
        claim=_convert(raw, "claim", str),
        sentence=_convert(raw, "sentence", str),
        source=_convert(raw, "source", str),
        where=_convert(raw, "where", str),
        witnesses=_convert(raw, "witnesses", int),
        violation_count=_convert(raw, "violation_count", int),
        violations=tuple(
            Violation(
                exchanges=tuple(exchanges[identifier] for identifier in violation["exchanges"]),
                pointer=_convert(violation, "pointer", str),
                expected=_convert(violation, "expected", str),
                actual=_convert(violation, "actual", str),
            )
            for violation in raw["violations"]
        ),
        smallest=tuple(exchanges[identifier] for identifier in raw["smallest"]),
        failure=_convert(raw, "failure", str | None),
        unwitnessed=_convert(raw, "unwitnessed", str | None),
        known=_convert(raw, "known", Known | None),
    )
