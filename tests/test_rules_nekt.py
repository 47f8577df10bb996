"""Nekt's rules both ways: stories that keep them, that break one, and that only look like it."""

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nekt_faults import BROKEN
from nekt_guest import staying, tour
from nekt_innocents import INNOCENT
from nekt_story import (
    BUSY,
    CANCELED,
    CANCELLING,
    FAILED,
    FLAT_BUSY,
    FLAT_CANCELED,
    FLAT_CANCELLING,
    FLAT_QUEUED,
    FLAT_RUNNING,
    FLAT_SUCCESS,
    NEXT,
    OTHER,
    PREVIOUS,
    QUEUED,
    RUNNING,
    SLUG,
    SOURCE,
    SUCCESS,
    Told,
    cancel,
    get,
    look,
    page,
    tell,
    trigger,
)
from runwright.history import History, Message
from runwright.judge import judge, judge_rule
from runwright.report import Result, Verdict
from runwright.rulebook import load_rulebook
from runwright.trace import Observation

APIS = ("nekt", "nekt_v2")


def verdicts(api: str, history: History) -> dict[str, Verdict]:
    """The verdicts over a history, by rules without their API's name."""
    results = judge(history, load_rulebook(api)).results
    return {result.rule.removeprefix(f"{api}."): result.verdict for result in results}


def python_rules(api: str) -> set[str]:
    """The rules that this API's module declares."""
    rules = (entry.rule for entry in load_rulebook(api).entries)
    return {rule.id.removeprefix(f"{api}.") for rule in rules if rule.home == "python"}


LIVES = {
    "nekt": (
        get("/sources/", page({"id": SOURCE["id"], "pipeline_slug": SLUG, "last_run": None})),
        get(f"/pipelines/{SLUG}/", SUCCESS["pipeline"]),
        trigger(SLUG, QUEUED),
        look(RUNNING),
        get("/runs/", page(RUNNING, FAILED, count=7, next=NEXT)),
        look(RUNNING),
        get("/runs/", page(FAILED, previous=PREVIOUS), ("page", "4")),
        look(SUCCESS),
        cancel(SUCCESS),
        cancel(SUCCESS, 409),
        look(SUCCESS),
        look(BUSY),
        cancel(CANCELLING),
        look(CANCELLING),
        look(CANCELED),
    ),
    "nekt_v2": (
        get("/sources/", page(SOURCE)),
        trigger(SLUG, FLAT_QUEUED),
        look(FLAT_RUNNING),
        get("/runs/", page(FLAT_RUNNING, FLAT_SUCCESS, count=7, next=NEXT)),
        look(FLAT_RUNNING),
        look(FLAT_SUCCESS),
        look({**FLAT_SUCCESS, "source": SOURCE}, ("expand[]", "source.last_run")),
        look(FLAT_SUCCESS, ("expand[]", "destination")),
        cancel(FLAT_SUCCESS, 400),
        look(FLAT_SUCCESS),
        look(FLAT_BUSY),
        cancel(FLAT_CANCELLING),
        look(FLAT_CANCELED),
    ),
}


@pytest.mark.parametrize("api", APIS)
def test_lives_as_documented_keep_every_rule(api: str) -> None:
    found = verdicts(api, tell(api, *LIVES[api]))
    assert {rule: found[rule] for rule in python_rules(api)} == dict.fromkeys(
        python_rules(api), Verdict.HOLDS
    )
    assert not {rule for rule, verdict in found.items() if verdict is Verdict.VIOLATED}


@pytest.mark.parametrize("api", APIS)
def test_rules_and_ledger_are_joined(api: str) -> None:
    rulebook = load_rulebook(api)
    assert (rulebook.lines_without_rule, rulebook.rules_without_line) == ((), ())


def result_of(api: str, rule: str, story: tuple[Told, ...]) -> Result:
    """What one rule says of a story."""
    rulebook = load_rulebook(api)
    entry = rulebook.entry(f"{api}.{rule}")
    assert entry is not None
    return judge_rule(entry, Observation(rulebook.spec, tell(api, *story)))


@pytest.mark.parametrize(("api", "rule", "story"), BROKEN)
def test_a_broken_story_breaks_its_rule(api: str, rule: str, story: tuple[Told, ...]) -> None:
    result = result_of(api, rule, story)
    assert result.verdict is Verdict.VIOLATED
    for violation in result.violations:
        assert violation.expected
        assert violation.expected != violation.actual
        assert violation.exchanges


def test_every_rule_has_a_story_that_breaks_it() -> None:
    for api in APIS:
        assert {rule for told_api, rule, _ in BROKEN if told_api == api} == python_rules(api)


@pytest.mark.parametrize(("api", "rule", "story"), INNOCENT)
def test_an_innocent_story_is_not_accused(api: str, rule: str, story: tuple[Told, ...]) -> None:
    assert result_of(api, rule, story).verdict in (Verdict.HOLDS, Verdict.UNKNOWN)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [
            "success",
            "running",
            "",
            "api",
            SLUG,
            OTHER,
            "2026-05-02T08:00:00Z",
            "0001-01-01T00:00:00+23:59",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "status", "results", "token"]), inner, max_size=3)
    ),
    max_leaves=4,
)


@st.composite
def half_right(draw: st.DrawFn, api: str) -> History:
    """A life as documented in which some answers hold anything, and some members do."""
    story = []
    for told in LIVES[api]:
        body = draw(st.one_of(st.just(told.body), JSON)) if draw(st.booleans()) else told.body
        if isinstance(body, dict) and body and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(body)))
            body = {**body, name: draw(JSON)}
            inner = body[name]
            if isinstance(inner, dict) and inner:
                body[name] = {**inner, draw(st.sampled_from(sorted(inner))): draw(JSON)}
        story.append(evolve(told, body=body))
    return tell(api, *story)


@pytest.mark.parametrize("api", APIS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_rule_falls_over_any_answer(api: str, data: st.DataObject) -> None:
    results = judge(data.draw(half_right(api)), load_rulebook(api)).results
    assert [(r.rule, r.failure) for r in results if r.failure is not None] == []


@pytest.mark.parametrize("content", [b"", b"\xff", b"full_sync=%ff&full_sync", b"{"])
def test_no_rule_falls_over_a_broken_form(content: bytes) -> None:
    history = tell("nekt_v2", trigger(SLUG, FLAT_QUEUED))
    first = history.exchanges[0]
    sent = evolve(first, request=Message(first.request.headers, content))
    found = judge(evolve(history, exchanges=(sent,)), load_rulebook("nekt_v2")).results
    assert {r.failure for r in found} == {None}


@pytest.fixture(scope="module", params=APIS)
def honest(request: pytest.FixtureRequest) -> History:
    """What a guest saw of an honest emulator."""
    with staying(request.param, seed=5) as guest:
        tour(guest)
        return guest.history


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_thinned_or_divided_history_accuses_nobody(honest: History, data: st.DataObject) -> None:
    """Whoever misses looks, or only knows that several workers made them, finds no fault."""
    chance = data.draw(st.randoms(use_true_random=False))
    share, workers = data.draw(st.floats(0.2, 1.0)), data.draw(st.integers(1, 4))
    seen = tuple(
        evolve(exchange, worker=f"w{chance.randrange(workers)}")
        for exchange in honest.exchanges
        if chance.random() < share
    )
    assert honest.api is not None
    found = verdicts(honest.api, evolve(honest, exchanges=seen))
    assert not {rule for rule, verdict in found.items() if verdict is Verdict.VIOLATED}
