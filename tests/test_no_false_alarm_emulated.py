"""What the honest emulators show accuses nobody, in whatever way it was seen: by all rules."""

import os
from collections.abc import Callable
from functools import cache
from random import Random
from typing import get_args

import msgspec
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.history import Exchange, History
from runwright.instance import STRANGER
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.report import Verdict, dump_report
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK

EXAMPLES = int(os.environ.get("EXAMPLES", "100")) // 20
"""Ways of looking that are tried, of each kind, on what each emulator shows in each reading."""

Looking = Callable[[tuple[Exchange, ...], Random], list[Exchange]]


@cache
def shown(api: str, reading: Reading) -> History:
    return run_suite(api, reading=reading, profile=QUICK).history


def _seldom(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    share = chance.random()
    return [exchange for exchange in seen if chance.random() < share]


def _not_all_urls(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    urls = {url for url in sorted({e.url for e in seen}) if chance.random() < 0.5}
    return [exchange for exchange in seen if exchange.url in urls]


def _for_a_while(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    first, last = sorted(chance.sample(range(len(seen)), 2))
    return list(seen[first:last])


def _as_one_tenant(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    actor = chance.choice(sorted({exchange.actor or "" for exchange in seen}))
    return [exchange for exchange in seen if (exchange.actor or "") == actor]


def _reads_only(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    share = chance.random()
    return [e for e in seen if e.method == "GET" or chance.random() < share]


def _by_a_coarse_clock(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    return [evolve(exchange, at=float(int(exchange.at)), took=0.0) for exchange in seen]


def _by_several_clocks(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    ahead = {f"observer-{number}": chance.uniform(-0.5, 0.5) for number in range(3)}
    names = sorted(ahead)
    found: list[Exchange] = []
    for exchange in seen:
        if exchange.method == "GET":
            name = chance.choice(names)
            at = exchange.at + ahead[name]
            exchange = evolve(exchange, worker=name, clock=None, seq=len(found), at=at)
        found.append(exchange)
    return found


def _twice(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    doubles = [
        evolve(exchange, worker="double", seq=number)
        for number, exchange in enumerate(seen)
        if exchange.method == "GET" and chance.random() < 0.5
    ]
    return [*seen, *doubles]


def _from_a_newer_server(seen: tuple[Exchange, ...], chance: Random) -> list[Exchange]:
    share = chance.random()
    return [_with_news(e) if e.succeeded and chance.random() < share else e for e in seen]


def _with_news(exchange: Exchange) -> Exchange:
    if not isinstance(exchange.body, dict):
        return exchange
    content = msgspec.json.encode({**exchange.body, STRANGER: {"since": 2027}})
    return evolve(exchange, response=evolve(exchange.response, content=content))


LOOKING: dict[str, Looking] = {
    looking.__name__.strip("_").replace("_", "-"): looking
    for looking in (
        _seldom,
        _not_all_urls,
        _for_a_while,
        _as_one_tenant,
        _reads_only,
        _by_a_coarse_clock,
        _by_several_clocks,
        _twice,
        _from_a_newer_server,
    )
}


@pytest.mark.parametrize("way", LOOKING)
@pytest.mark.parametrize("reading", get_args(Reading))
@pytest.mark.parametrize("api", apis())
def test_nobody_is_accused_however_an_honest_server_is_looked_at(
    api: str, reading: Reading, way: str
) -> None:
    rulebook, history = load_rulebook(api), shown(api, reading)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.randoms(use_true_random=False))
    def look(chance: Random) -> None:
        seen = evolve(history, exchanges=tuple(LOOKING[way](history.exchanges, chance)))
        report = judge(seen, rulebook, reading=reading)
        assert [
            (result.rule, result.failure, result.violations[:1])
            for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)
        ] == []

    look()


@pytest.mark.parametrize("api", apis())
def test_shards_of_what_it_shows_give_one_report_in_any_order(api: str) -> None:
    rulebook, history = load_rulebook(api), shown(api, "seed")
    whole = dump_report(judge(evolve(history, target=None, notes=()), rulebook))
    chance = Random(7)
    for _ in range(EXAMPLES):
        shards: list[list[Exchange]] = [[] for _ in range(4)]
        for exchange in history.exchanges:
            for shard in chance.sample(shards, chance.randint(1, 2)):
                shard.append(exchange)
        chance.shuffle(shards)
        first, *others = (History(exchanges=tuple(shard), api=api) for shard in shards)
        assert dump_report(judge(first.merge(*others), rulebook)) == whole
