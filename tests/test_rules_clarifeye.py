"""Clarifeye's rules both ways: stories that keep them, that break one, that only look like it."""

from random import Random
from typing import Any

import pytest
from clarifeye_faults import BROKEN
from clarifeye_innocents import INNOCENT
from clarifeye_story import (
    ABORTED,
    BUSY,
    COMPLETED,
    DOCUMENT,
    FAILED,
    NEXT,
    PENDING,
    RUNNING,
    WARNED,
    Story,
    abort,
    flows,
    item,
    listing,
    look,
    start,
    tell,
    update,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from runwright.history import History
from runwright.judge import judge, judge_rule
from runwright.report import Result, Verdict
from runwright.rulebook import load_rulebook
from runwright.trace import Observation
from tour import Tour
from visitor import visit

BOOK = load_rulebook("clarifeye")
PYTHON = {e.rule.id.removeprefix("clarifeye.") for e in BOOK.entries if e.rule.home == "python"}

LIFE: Story = (
    flows("2026-03-04T08:55:00Z", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
    update({"publish_mode": "manual_publish", "name": " contracts-flow "}),
    start(PENDING, DOCUMENT),
    look(PENDING),
    look(RUNNING),
    listing(item(COMPLETED), item(RUNNING)),
    listing(item(RUNNING), status="running", limit=1, count=1),
    look(RUNNING),
    look(WARNED),
    abort(WARNED, "completed_with_warnings"),
    abort(WARNED, "aborted"),
    look(WARNED),
    listing(item(COMPLETED), limit=1, count=2, next_=NEXT),
    listing(item(WARNED), offset=1, count=2, previous=NEXT),
    look(BUSY),
    abort(ABORTED, "aborted"),
    look(ABORTED),
    look(FAILED),
    look(COMPLETED),
)


def result_of(rule: str, story: Story) -> Result:
    """What one rule says of a story."""
    entry = BOOK.entry(f"clarifeye.{rule}")
    assert entry is not None
    return judge_rule(entry, Observation(BOOK.spec, tell(*story)))


def test_rules_and_ledger_are_joined() -> None:
    assert (BOOK.lines_without_rule, BOOK.rules_without_line) == ((), ())


def test_a_life_as_documented_keeps_every_rule() -> None:
    found = {r.rule.removeprefix("clarifeye."): r for r in judge(tell(*LIFE), BOOK).results}

    assert [rule for rule in PYTHON if found[rule].verdict is not Verdict.HOLDS] == []
    assert [r for r in found.values() if r.verdict in (Verdict.VIOLATED, Verdict.BROKEN)] == []


@pytest.mark.parametrize(("rule", "story"), BROKEN)
def test_a_broken_story_breaks_its_rule(rule: str, story: Story) -> None:
    result = result_of(rule, story)

    assert result.verdict is Verdict.VIOLATED
    for violation in result.violations:
        assert violation.expected
        assert violation.expected != violation.actual
        assert violation.exchanges


def test_every_rule_has_a_story_that_breaks_it() -> None:
    declared = {"step.end-agrees-with-run"}  # its lifecycle states it, once for each end
    assert {rule for rule, _ in BROKEN} == PYTHON | declared


@pytest.mark.parametrize(("rule", "story"), INNOCENT)
def test_an_innocent_story_is_not_accused(rule: str, story: Story) -> None:
    assert result_of(rule, story).verdict in (Verdict.HOLDS, Verdict.UNKNOWN)


MEMBERS = st.sampled_from(["id", "status", "results", "steps", "name", "depends_on", "blocks"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["running", "failed", "", "parse", DOCUMENT, "0001-01-01T00:00:00+23:59"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def half_right(draw: st.DrawFn) -> History:
    """A life as documented in which some of what is sent and answered holds anything."""
    story = []
    for told in LIFE:
        body = draw(st.one_of(st.just(told.body), JSON)) if draw(st.booleans()) else told.body
        if isinstance(body, dict) and body and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(body)))
            inner = body[name]
            if isinstance(inner, list) and inner and draw(st.booleans()):
                changed: Any = [*inner[1:], draw(JSON)]
                if isinstance(inner[0], dict):
                    changed.append(
                        {**inner[0], draw(st.sampled_from(sorted(inner[0]))): draw(JSON)}
                    )
            else:
                changed = draw(JSON)
            body = {**body, name: changed}
        sent = draw(JSON) if told.sent is not None and draw(st.booleans()) else told.sent
        story.append(told.but(body=body, sent=sent))
    return tell(*story)


@settings(max_examples=60, deadline=None)
@given(history=half_right())
def test_no_rule_falls_over_any_answer(history: History) -> None:
    results = judge(history, BOOK).results

    assert [(r.rule, r.failure) for r in results if r.failure is not None] == []


def an_hour() -> History:
    """What a visitor sees of an honest server."""
    visitor = visit("clarifeye", seed=11)
    whole = Tour(visitor)
    whole.live(least=3)
    whole.look_closely()
    return visitor.history


HOUR = an_hour()


@settings(max_examples=12, deadline=None)
@given(chance=st.builds(Random, st.integers(0, 2**32)), share=st.sampled_from([0.2, 0.5, 0.9]))
def test_whoever_misses_something_accuses_nobody(chance: Random, share: float) -> None:
    seen = tuple(exchange for exchange in HOUR.exchanges if chance.random() < share)

    results = judge(History(exchanges=seen, api="clarifeye"), BOOK).results

    assert [r.rule for r in results if r.verdict in (Verdict.VIOLATED, Verdict.BROKEN)] == []
