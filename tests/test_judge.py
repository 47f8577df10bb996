"""The judge: verdicts, witnesses, evidence, readings; and the reports that it gives."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import jsonschema_rs
import pytest
from hypothesis import given, settings
from jobs import (
    ALL_RULES,
    CONFORMING,
    FOLDER,
    RULEBOOK,
    SPEC,
    altered,
    conforming,
    history,
    look,
    reworded,
    violated,
)
from jobs import job as job_body
from runwright.history import History, Message
from runwright.judge import MOST_VIOLATIONS, judge, judge_rule
from runwright.ledger import Ledger, LedgerError, read_ledger
from runwright.report import Report, Result, Verdict, encode_report
from runwright.rule import (
    Finding,
    Findings,
    Level,
    Rule,
    broken,
    judged,
    kept,
    rule,
    rules_in,
    show,
)
from runwright.rulebook import Entry, Rulebook, make_rulebook
from runwright.strategies import histories, mangled
from runwright.trace import Look, Observation, Trace

REPORT_SCHEMA = json.loads(files("runwright").joinpath("report.schema.json").read_text("utf-8"))


def result_of(report: Report, name: str) -> Result:
    (found,) = (result for result in report.results if result.rule == f"jobs.{name}")
    return found


def only(check: Callable[[Observation], Findings]) -> Result:
    """Judge the conforming history by one rule that looks at everything."""
    entry = Entry(
        Rule(
            id="jobs.own.rule",
            claim="Something holds.",
            home="python",
            scope="observation",
            subject="",
            check=check,
            where="here",
        ),
        None,
    )
    return judge_rule(entry, Observation(SPEC, conforming()))


def _first(observation: Observation) -> Finding:
    return kept(observation.calls[0])


# Verdicts


def test_a_rule_that_was_kept_holds_and_counts_its_witnesses() -> None:
    result = only(lambda seen: iter([_first(seen), _first(seen)]))
    assert result.verdict is Verdict.HOLDS
    assert result.witnesses == 2


def test_a_rule_that_did_not_meet_its_subject_is_unknown() -> None:
    result = only(lambda seen: iter([]))
    assert result.verdict is Verdict.UNKNOWN
    assert not result.fails


def test_one_violation_outweighs_any_number_of_witnesses() -> None:
    def check(seen: Observation) -> Findings:
        yield _first(seen)
        yield broken(seen.calls[1], at="/x", expected="this", actual={"b": 1, "a": None})
        yield _first(seen)

    result = only(check)
    assert result.verdict is Verdict.VIOLATED
    assert (result.witnesses, result.violation_count) == (2, 1)
    (violation,) = result.violations
    assert violation.pointer == "/x"
    assert violation.expected == "this"
    assert violation.actual == '{"a":null,"b":1}'


def test_a_rule_that_raises_is_broken() -> None:
    def check(seen: Observation) -> Findings:
        yield _first(seen)
        raise LookupError("no such thing")

    result = only(check)
    assert result.verdict is Verdict.BROKEN
    assert result.failure == "LookupError: no such thing"


def test_raising_never_hides_a_violation() -> None:
    def check(seen: Observation) -> Findings:
        yield broken(seen.calls[0], expected="a", actual="b")
        raise LookupError("no such thing")

    result = only(check)
    assert result.verdict is Verdict.VIOLATED
    assert result.failure == "LookupError: no such thing"


def test_a_merge_takes_the_greatest_verdict() -> None:
    order = ["NOT_APPLICABLE", "HOLDS", "UNKNOWN", "BROKEN", "VIOLATED"]
    assert [verdict.name for verdict in sorted(Verdict, key=lambda v: v.value)] == order


def test_all_violations_are_counted_and_some_spelled_out() -> None:
    def check(seen: Observation) -> Findings:
        for number in range(MOST_VIOLATIONS + 5):
            yield broken(seen.calls[0], at=f"/{number}", expected="a", actual="b")

    result = only(check)
    assert result.violation_count == MOST_VIOLATIONS + 5
    assert len(result.violations) == MOST_VIOLATIONS


def test_the_same_violation_is_spelled_out_once() -> None:
    def check(seen: Observation) -> Findings:
        for before in seen.calls[:3]:
            yield broken(before, seen.calls[5], expected="a", actual="b")

    result = only(check)
    assert result.violation_count == 3
    assert len(result.violations) == 1


def test_a_finding_without_an_exchange_is_no_failure() -> None:
    finding = Finding(kept=False, exchanges=(), expected="a run", actual="none")
    result = only(lambda seen: iter([finding]))
    assert result.verdict is Verdict.VIOLATED


# Reports


def test_the_report_of_a_conforming_server_is_green() -> None:
    report = judge(conforming(), ALL_RULES)
    assert report.conforms()
    assert {result.verdict for result in report.results} == {Verdict.HOLDS}
    assert report.witnesses == sum(result.witnesses for result in report.results)
    assert (report.api, report.reading, report.exchanges, report.runs) == ("jobs", "seed", 22, 1)


def test_nothing_seen_is_nothing_known() -> None:
    report = judge(History(exchanges=()), ALL_RULES)
    assert {result.verdict for result in report.results} == {Verdict.UNKNOWN}
    assert report.conforms()


def test_only_a_firm_promise_fails_a_run() -> None:
    report = judge(reworded("still", log="began\n"), RULEBOOK)
    assert violated(report) == {"jobs.job.log-only-grows"}
    assert result_of(report, "job.log-only-grows").level is Level.INFERRED
    assert report.conforms()
    assert not report.conforms(strict=True)
    firm = judge(reworded("late", status="running"), RULEBOOK)
    assert result_of(firm, "job.terminal-is-final").level is Level.MUST
    assert not firm.conforms()


def test_a_result_says_who_promised_it() -> None:
    result = result_of(judge(conforming(), RULEBOOK), "job.terminal-is-final")
    assert result.sentence == "A job that is over stays over."
    assert result.source == "Jobs, “Manual”, 2025-01"
    assert result.where == f"{FOLDER / 'openapi.yaml'}#/components/schemas/Job/x-lifecycle"
    assert result.claim == "A job that has ended stays as it ended."
    own = result_of(judge(conforming(), RULEBOOK), "step.name-is-constant")
    assert (own.level, own.source, own.sentence) == (Level.INFERRED, "", own.claim)


def test_why_a_rule_is_seldom_witnessed_is_told() -> None:
    report = judge(History(exchanges=()), RULEBOOK)
    assert result_of(report, "job.log-only-grows").unwitnessed == "few jobs have a log"


def test_a_rule_of_one_reading_accuses_nobody_under_the_other() -> None:
    without_result = reworded("done", "noted", "late", result=None)
    seed = judge(without_result, RULEBOOK, reading="seed")
    current = judge(without_result, RULEBOOK, reading="current")
    assert violated(seed) == {"jobs.job.result-when-done"}
    assert violated(current) == set()
    assert "jobs.job.result-when-done" not in {result.rule for result in current.results}
    owner = reworded("still", owner="eve")
    assert violated(judge(owner, RULEBOOK, reading="seed")) == set()
    assert violated(judge(owner, RULEBOOK, reading="current")) == {"jobs.job.owner-is-constant"}


def test_a_rule_can_be_left_out_of_a_report() -> None:
    report = judge(reworded("late", status="running"), RULEBOOK)
    assert report.without(["jobs.job.terminal-is-final"]).conforms()


def test_the_report_does_not_depend_on_the_order_of_recording() -> None:
    seen = reworded("late", status="running")
    backwards = History(exchanges=seen.exchanges[::-1], api=seen.api, target=seen.target)
    assert encode_report(judge(backwards, ALL_RULES)) == encode_report(judge(seen, ALL_RULES))


@settings(max_examples=15, deadline=None)
@given(histories(SPEC).flatmap(mangled))
def test_every_report_has_the_form_that_its_schema_says(seen: History) -> None:
    document = json.loads(encode_report(judge(seen, ALL_RULES)))
    jsonschema_rs.Draft202012Validator(REPORT_SCHEMA).validate(document)


# The rulebook


def test_rules_and_lines_are_joined_by_id() -> None:
    assert "jobs.job.frozen-once-ended" in RULEBOOK.rules_without_line
    assert "jobs.job.terminal-is-final" not in RULEBOOK.rules_without_line
    assert RULEBOOK.lines_without_rule == ()
    entry = RULEBOOK.entry("jobs.job.owner-is-constant")
    assert entry is not None
    assert entry.level is Level.SHOULD
    assert not entry.holds_under("seed")
    assert RULEBOOK.entry("jobs.docs.is-fast") is None


def test_a_line_that_no_rule_checks_is_named() -> None:
    ledger = read_ledger(FOLDER / "ledger.yaml")
    (line,) = (line for line in ledger.lines if line.excluded)
    assert line.excluded == "no number is given"
    unchecked = Ledger("jobs", ledger.sources, tuple(ledger.lines[:1]))
    other = Rulebook(SPEC, unchecked, ())
    assert other.lines_without_rule == ("jobs.job.terminal-is-final",)
    assert ledger.line("jobs.docs.is-fast") == line
    assert ledger.line("jobs.docs.is-slow") is None


def test_every_rule_has_an_id_of_its_own() -> None:
    book = make_rulebook(SPEC, Ledger("jobs", {}, ()))
    ids = [entry.rule.id for entry in book.entries]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{id: a.b.c, level: MUST, sentence: S, source: m, x: 1}", "a.b.c: unknown member x"),
        ("{id: a.b.c, level: MAY, sentence: S, source: m}", "a.b.c: 'MAY' is not a valid Level"),
        ("{id: a.b.c, level: MUST, sentence: S, source: n}", "a.b.c: 'n' is missing or is no"),
        ("{level: MUST, sentence: S, source: m}", "a line without id: 'id' is missing"),
        (
            "{id: a.b.c, level: MUST, sentence: S, source: m, reading: old}",
            "a.b.c: reading is one of seed, current",
        ),
    ],
)
def test_a_ledger_line_of_the_wrong_form_is_named(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.yaml"
    path.write_text(f"api: a\nsources: {{m: {{title: M}}}}\nlines:\n  - {line}\n")
    with pytest.raises(LedgerError) as caught:
        read_ledger(path)
    assert str(caught.value).startswith(f"{path}: {message}")


# Rules in Python


@rule("jobs.own.has-an-owner", on="Job")
def has_an_owner(found: Look) -> Findings:
    """A job has
    an owner.

    The rest is for readers.
    """
    yield judged("owner" in found.body, found, at="/owner", expected="an owner", actual="nobody")


@rule("jobs.own.is-seen-twice", over="job")
def is_seen_twice(trace: Trace) -> Findings:
    """A job is seen twice."""
    yield judged(len(trace.looks) > 1, *trace.looks, expected=2, actual=len(trace.looks))


OWN = rules_in(SimpleNamespace(one=has_an_owner, other="no rule", two=is_seen_twice))


def _judge_by(name: str, seen: History) -> Result:
    (own,) = (r for r in OWN if r.id == f"jobs.own.{name}")
    return judge_rule(Entry(own, None), Observation(SPEC, seen))


def test_a_rule_of_a_look_gets_each_instance() -> None:
    (own, _) = OWN
    assert (own.claim, own.scope, own.subject) == ("A job has an owner.", "look", "Job")
    result = _judge_by("has-an-owner", history([look(1, job_body()), look(2, {"id": "x"})]))
    assert (result.witnesses, result.violation_count) == (1, 1)
    assert result.violations[0].pointer == "/owner"


def test_a_rule_of_a_trace_gets_each_thing_through_each_window() -> None:
    result = _judge_by("is-seen-twice", conforming())
    assert result.witnesses == 2
    alone = _judge_by("is-seen-twice", history([CONFORMING["list"]]))
    assert alone.violations[0].expected == "2"
    assert alone.violations[0].pointer == "/items/0"


def test_a_rule_without_a_docstring_is_refused() -> None:
    def silent(seen: Observation) -> Findings:
        yield from ()

    with pytest.raises(TypeError, match=r"rule jobs\.own\.silent has no docstring"):
        rule("jobs.own.silent")(silent)


def test_values_are_shown_short() -> None:
    assert show("as it is") == "as it is"
    assert show(None) == "null"
    assert show({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
    assert show("x" * 500) == "x" * 199 + "…"
    assert show(object()).startswith('"<object')


def test_a_body_in_another_encoding_is_judged_as_it_came() -> None:
    seen = altered("still", body=b"\xff\xfe")
    assert Message((), b"\xff\xfe") == Message((), seen.exchanges[4].response.content)
    assert violated(judge(seen, ALL_RULES)) == {"jobs.protocol.body-matches-schema"}
