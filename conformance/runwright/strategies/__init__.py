"""Hypothesis strategies: bodies, lives and histories that break nothing, and what to do to them.

What a failing test shrinks is the shape of a history: how many runs and requests, when, by whom.
The filling of the bodies is left to a generator of random numbers.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

from attrs import evolve
from hypothesis import strategies as st

from runwright.history import Exchange, History, Message
from runwright.instance import EPOCH, STRANGER, Maker
from runwright.lifecycle import Lifecycle, Outcome
from runwright.spec import Spec
from runwright.strategies.stage import Kind, Run, Said, Stage

__all__ = ["bodies", "histories", "json_values", "mangled", "samplings", "traces"]

WORKERS = 3
MOST_SKEW = 1000
"""Milliseconds by which the workers' clocks differ."""

RANDOM = st.randoms(use_true_random=True, note_method_calls=False)


@cache
def json_values(*, most_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Any JSON values."""
    numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
        ),
        max_leaves=most_leaves,
    )


def bodies(spec: Spec, schema: str, *, strange: float = 0.05) -> st.SearchStrategy[Any]:
    """Instances of a component schema, its `x-rule` members left aside.

    `strange` is how often an open enum or an open object has something unknown.
    """
    node = {"$ref": f"#/components/schemas/{schema}"}
    return RANDOM.map(lambda chance: Maker(spec, chance, strange).make(node))


@st.composite
def traces(draw: st.DrawFn, lifecycle: Lifecycle) -> tuple[str, ...]:
    """Lives along the edges of a lifecycle, an unknown status now and then among them."""
    goals = [s.name for s in lifecycle.states.values() if s.outcome is Outcome.SUCCESS]
    status = draw(st.sampled_from(lifecycle.initial or tuple(lifecycle.states)))
    life = [status]
    while len(life) < 8:
        state = lifecycle.states[status]
        following = (*state.to, *state.inferred)
        if not following or draw(st.integers(0, 9)) == 9:
            break
        if draw(st.integers(0, 9)) == 9:
            life.append(STRANGER)
        onward = [name for name in following if any(lifecycle.may_reach(name, s) for s in goals)]
        status = draw(st.sampled_from([*onward, *onward, *following]))
        life.append(status)
    return tuple(life)


@st.composite
def histories(draw: st.DrawFn, spec: Spec, *, most_requests: int = 20) -> History:
    """Histories of a server that keeps every promise of the lifecycles, and of the protocol.

    Up to three workers, whose clocks differ by a second at most, start up to two runs, poll them
    at any times, also at once, see lists older than details, ask for unknown and foreign runs,
    and sometimes get no answer. The rules that stand in schemas or in Python may be broken.
    """
    stage = Stage(Maker(spec, draw(RANDOM)))
    polled = spec.lifecycles[next(iter(spec.polls.values()))]
    skews = draw(st.lists(SKEWS, min_size=WORKERS, max_size=WORKERS))
    log = _Log(skews)
    now = 0
    for life in draw(st.lists(traces(polled), min_size=1, max_size=2)):
        took = draw(MILLISECONDS)
        run = Run(stage.new_key(), EPOCH + (now + took) / 1000, _script(draw, life))
        stage.runs.append(run)
        if stage.starts():
            operation = draw(st.sampled_from(stage.starts()))
            log.add(stage.start(operation, run), now, took, worker=0)
        now += took
    requests = draw(st.lists(REQUESTS, min_size=2, max_size=most_requests))
    for kind, index, gap, took, worker, freshness in requests:
        now += gap
        seen_at = now + round(took * freshness)
        if kind is Kind.LIST:
            seen_at -= seen_at % 4000  # a list is made anew every four seconds
        run = stage.runs[index % len(stage.runs)]
        said = stage.play(kind, run, EPOCH + seen_at / 1000)
        if said is not None:
            log.add(said, now, took, worker)
    retention = polled.retention
    if retention is not None and draw(st.booleans()):
        later = now + int(retention.seconds * 1000) + 600_000
        for run in stage.runs:
            said = stage.play(Kind.POLL, run, EPOCH + later / 1000)
            assert said is not None
            log.add(said, later, 100, worker=0)
    return History(api=spec.api, target="https://api.example", exchanges=tuple(log.exchanges))


SKEWS = st.sampled_from([0, MOST_SKEW]) | st.integers(0, MOST_SKEW)
MILLISECONDS = st.just(0) | st.integers(0, 300) | st.integers(0, 3000)
REQUESTS = st.tuples(
    st.sampled_from([Kind.POLL, Kind.POLL, Kind.POLL, *Kind]),
    st.integers(0, 1),
    MILLISECONDS,
    MILLISECONDS,
    st.integers(0, WORKERS - 1),
    st.floats(0, 1),
)


def _script(draw: st.DrawFn, life: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Give each status one or two scenes; the first scene is the creation."""
    script: list[tuple[float, str]] = []
    second = 0.0
    for status in life:
        for gap in draw(st.lists(st.integers(1, 1000), min_size=1, max_size=2)):
            script.append((second, status))
            second += gap / 1000
    return tuple(script)


class _Log:
    def __init__(self, skews: list[int]) -> None:
        self.exchanges: list[Exchange] = []
        self._skews = skews

    def add(self, said: Said, now: int, took: int, worker: int) -> None:
        """Record what was said, `now` being the true time in milliseconds after EPOCH."""
        exchange = Exchange(
            worker=f"w{worker}",
            seq=len(self.exchanges),
            at=EPOCH + (now + self._skews[worker]) / 1000,
            took=took / 1000,
            method=said.method,
            url=said.url,
            request=said.request,
            status=said.status,
            response=said.response,
            error=said.error,
            actor=said.actor,
            credentials=said.credentials,
            intent=said.intent,
        )
        self.exchanges.append(exchange)


@st.composite
def samplings(draw: st.DrawFn, history: History, *, most: int = 3) -> tuple[History, ...]:
    """Shards of a history in any order: some exchanges in none of them, some in several."""
    shards: list[list[Exchange]] = [[] for _ in range(draw(st.integers(1, most)))]
    for exchange in history.exchanges:
        for index in draw(st.sets(st.integers(0, len(shards) - 1))):
            shards[index].append(exchange)
    return tuple(evolve(history, exchanges=tuple(draw(st.permutations(shard)))) for shard in shards)


@st.composite
def mangled(draw: st.DrawFn, history: History, spec: Spec | None = None) -> History:
    """A history some of whose exchanges were made half right, or wholly wrong.

    With a spec, requests get odd values of its query parameters, and answers of its headers.
    """
    exchanges = list(history.exchanges)
    for index in draw(st.sets(st.integers(0, max(0, len(exchanges) - 1)), max_size=6)):
        if exchanges:
            exchanges[index] = draw(_mangled(exchanges[index], spec))
    return evolve(history, exchanges=tuple(exchanges))


@st.composite
def _mangled(draw: st.DrawFn, exchange: Exchange, spec: Spec | None) -> Exchange:
    if exchange.status is None:
        return exchange
    request, response = exchange.request, exchange.response
    status, url = exchange.status, exchange.url
    deed = draw(st.integers(0, 5))
    if deed == 0:
        status = draw(st.integers(100, 599))
    elif deed == 1:
        request = evolve(request, content=draw(_contents(request)))
    elif deed == 2 and spec is not None:
        match = spec.match(exchange.method, url)
        operation = match.operation if match else next(iter(spec.operations.values()))
        queries = [p["name"] for p in operation.parameters if p["in"] == "query"]
        answer = operation.response(status) or {}
        headers = [name.lower() for name in answer.get("headers", ())]
        for name in draw(st.lists(st.sampled_from(["page", *queries]), max_size=3)):
            url += f"{'&' if '?' in url else '?'}{name}={quote(draw(ODD))}"
        odd = st.tuples(st.sampled_from(["content-type", "retry-after", *headers]), ODD)
        response = evolve(response, headers=tuple(draw(st.lists(odd, max_size=3))))
    else:
        response = evolve(response, content=draw(_contents(response)))
    return evolve(exchange, status=status, url=url, request=request, response=response)


ODD = st.sampled_from(["", "-1", "1.5", "²", "١", "1e9", " 7", "9" * 5000, "nan"]) | st.text(
    max_size=5
)
"""Texts where a number is expected, most of them none."""


def _contents(message: Message) -> st.SearchStrategy[bytes]:
    whole = message.json if message.content else {}
    return _half_right(whole).map(_encode) | json_values().map(_encode) | st.binary(max_size=8)


@st.composite
def _half_right(draw: st.DrawFn, body: Any) -> Any:
    """A copy of a body in which some places were replaced, taken away or doubled."""
    if not isinstance(body, dict | list):
        return draw(json_values())
    made: Any = json.loads(json.dumps(body))
    for _ in range(draw(st.integers(1, 3))):
        place = made
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.integers(0, 3)):
                place = place[key]
                continue
            draw(st.sampled_from(DEEDS))(draw, place, key)
            break
    return made


def _replace(draw: st.DrawFn, place: Any, key: Any) -> None:
    place[key] = draw(json_values(most_leaves=3))


def _remove(draw: st.DrawFn, place: Any, key: Any) -> None:
    del place[key]


def _double(draw: st.DrawFn, place: Any, key: Any) -> None:
    if isinstance(place, list):
        place.append(place[key])
    else:
        place[draw(st.text(max_size=3))] = place[key]


DEEDS: list[Callable[[st.DrawFn, Any, Any], None]] = [_replace, _remove, _double]


def _encode(value: Any) -> bytes:
    return json.dumps(value).encode()
