"""The smallest change to what was seen that breaks a rule: one value, header, status or time.

It shows how a fault of the rule's kind looks, where no mutant of the emulator has it, and proves
that the rule can be broken at all.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from attrs import evolve, frozen

from runwright.history import NOT_JSON, Exchange, History, Message
from runwright.judge import judge_rule
from runwright.pointer import MISSING, escape, tokens
from runwright.report import Verdict
from runwright.rulebook import Entry
from runwright.spec import Spec
from runwright.trace import Observation

MOST_TRIALS: Final = 6_000
"""Altered histories that are judged before the search is given up."""

MOST_PARTS: Final = 12
"""Places where the rule was kept that are tried."""

MOST_VALUES: Final = 8
"""Values of members of one name that are tried in each other's place."""

LONGEST: Final = 60
"""Characters of a value that are told."""

EARLY, LATE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
STATUSES: Final = (200, 202, 404, 401, 500)


@frozen
class Alteration:
    """A history that breaks a rule after one change, and the change in words."""

    history: History
    told: str


@frozen
class _Change:
    """One exchange as it would have been, and how it differs."""

    exchange: Exchange
    told: str


Pool = Mapping[str, Sequence[Any]]
"""Values that stand in bodies, by the name of the member."""


def break_by_altering(history: History, entry: Entry, spec: Spec) -> Alteration | None:
    """Return a part of a history that keeps a rule, so altered that it breaks it.

    None if no change that was tried does.
    """
    pool = _pool(history, spec)
    trials = itertools.count()
    for part, pointer in _parts(history, entry, spec):
        if _breaks(evolve(history, exchanges=part), entry, spec):
            continue
        for index in reversed(range(len(part))):
            for change in _changes(part, index, pointer, pool, spec):
                if next(trials) >= MOST_TRIALS:
                    return None
                altered = (*part[:index], change.exchange, *part[index + 1 :])
                found = evolve(history, exchanges=altered)
                if _breaks(found, entry, spec):
                    return Alteration(found, f"{part[index].id}: {change.told}")
    return None


def _breaks(history: History, entry: Entry, spec: Spec) -> bool:
    return judge_rule(entry, Observation(spec, history)).verdict is Verdict.VIOLATED


# ---- where to begin --------------------------------------------------------------------------


def _parts(
    history: History, entry: Entry, spec: Spec
) -> Iterator[tuple[tuple[Exchange, ...], str]]:
    """Yield exchanges that show a rule kept, and where; then others that might show it broken."""
    observation = Observation(spec, history)
    kept = [finding for finding in entry.rule.judge(observation) if finding.kept][:500]
    for finding in kept[:: max(1, len(kept) // MOST_PARTS)][:MOST_PARTS]:
        yield tuple(dict.fromkeys(finding.exchanges)), finding.pointer
    polled = (trace.polls[-2:] for trace in observation.traces if len(trace.polls) > 1)
    for polls in itertools.islice(polled, MOST_PARTS):
        yield tuple(call.exchange for call in polls), ""
    called = {call.operation: call.exchange for call in observation.calls if call.operation}
    for exchange in called.values():
        yield (exchange,), ""


def _pool(history: History, spec: Spec) -> Pool:
    found: dict[str, list[Any]] = {}
    for lifecycle in spec.lifecycles.values():
        found.setdefault(tokens(lifecycle.status)[-1], []).extend(lifecycle.states)
    for exchange in history.exchanges:
        for _, path, value in _leaves(exchange.body):
            known = found.setdefault(path[-1] if path else "", [])
            if len(known) < MOST_VALUES and value not in known:
                known.append(value)
    return found


# ---- what to change --------------------------------------------------------------------------


def _changes(
    part: Sequence[Exchange], index: int, pointer: str, pool: Pool, spec: Spec
) -> Iterator[_Change]:
    """Yield changes to one exchange, values near a pointer first."""
    exchange = part[index]
    near = tokens(pointer) if index == len(part) - 1 else ()
    leaves = sorted(_leaves(exchange.body), key=lambda leaf: -_shared(leaf[1], near))
    for at, path, value in leaves:
        for other in _replacements(value, pool.get(path[-1] if path else "", ())):
            body = _replaced(exchange.body, path, other)
            told = f"{at or 'the body'} is {_shown(other)} instead of {_shown(value)}"
            yield _Change(_with_body(exchange, body), told)
    body = exchange.body
    for name, values in pool.items() if isinstance(body, dict) else ():
        if name and name not in body and values:
            told = f"/{escape(name)} is there, too: {_shown(values[0])}"
            yield _Change(_with_body(exchange, {**body, name: values[0]}), told)
    for other in part:
        if other is not exchange and other.response.has_content:
            yield _Change(
                evolve(exchange, response=other.response), f"the answer is that of {other.id}"
            )
    yield from _changes_of_head(exchange, spec)
    if index > 0:
        before = part[index - 1]
        at_once = evolve(exchange, at=before.at + before.took + 1e-3)
        yield _Change(at_once, f"it is sent at once after {before.id}")
        yield _Change(evolve(exchange, at=exchange.at + 3600.0), "it is sent an hour later")


def _changes_of_head(exchange: Exchange, spec: Spec) -> Iterator[_Change]:
    """Yield changes to the status and the headers of an answer."""
    for status in STATUSES:
        if exchange.status not in (None, status):
            yield _Change(
                evolve(exchange, status=status), f"it answers {status}, not {exchange.status}"
            )
    for status, answer in _documented(exchange, spec):
        yield _Change(
            evolve(exchange, status=status, response=answer),
            f"it answers {status} as documented, without a header",
        )
    wait = Message((("retry-after", "3600"),))
    yield _Change(
        evolve(exchange, status=503, response=wait), "it answers 503 and asks to wait for an hour"
    )
    response = exchange.response
    for name, value in response.headers:
        left = tuple(pair for pair in response.headers if pair[0] != name)
        yield _Change(
            evolve(exchange, response=evolve(response, headers=left)), f"no {name} is in the answer"
        )
        for other in ("text/html", "0", f"{value}0"):
            headers = (*left, (name, other))
            yield _Change(
                evolve(exchange, response=evolve(response, headers=headers)),
                f"{name} is {other} instead of {value}",
            )
    sent = next((v for k, v in exchange.request.headers if k in ("authorization", "x-api-key")), "")
    if sent:
        told = Message(response.headers, msgspec.json.encode({"detail": sent}))
        yield _Change(evolve(exchange, response=told), "the answer repeats the credentials")


def _documented(exchange: Exchange, spec: Spec) -> Iterator[tuple[int, Message]]:
    """Yield the refusals that are documented for a request, each with its first example."""
    match = spec.match(exchange.method, exchange.url)
    for name in match.operation.responses if match else ():
        if match is None or not name.isdecimal() or int(name) < 300:
            continue
        content = (match.operation.response(int(name)) or {}).get("content", {})
        for kind, media in content.items():
            for example in media.get("examples", {}).values():
                value = spec.deref(example).get("value")
                headers = (("content-type", str(kind)),)
                yield int(name), Message(headers, msgspec.json.encode(value))
                break


def _replacements(value: Any, pool: Sequence[Any]) -> Iterator[Any]:
    """Yield values that might be wrong in a value's place, the most telling first."""
    tried = [value]
    for other in (*pool, *_odd(value), None, MISSING):
        if not any(other is one or (type(other) is type(one) and other == one) for one in tried):
            tried.append(other)
            yield other


def _odd(value: Any) -> Iterable[Any]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (value + 1, value - 1, -1, value * 1000 + 1)
    if isinstance(value, str):
        return (LATE, EARLY, f"{value}0", value[:-1], "")
    if isinstance(value, list):
        return (value[:-1], value[::-1], [*value, *value[:1]])
    if isinstance(value, dict):
        return ({}, *({k: v for k, v in value.items() if k != name} for name in list(value)[:4]))
    return ("something", 1, EARLY, LATE, [], {})


# ---- inside of bodies ------------------------------------------------------------------------

Path = tuple[str, ...]


def _leaves(value: Any, at: str = "", path: Path = ()) -> Iterator[tuple[str, Path, Any]]:
    """Yield each value in a body with its pointer, what holds others after what it holds."""
    if value is NOT_JSON:
        return
    items: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = ((str(index), item) for index, item in enumerate(value[:3]))
    for key, member in items:
        yield from _leaves(member, f"{at}/{escape(key)}", (*path, key))
    if path:
        yield at, path, value


def _replaced(body: Any, path: Path, value: Any) -> Any:
    """Return a body with another value, or none, at a path that it has."""
    if not path:
        return value
    token, rest = path[0], path[1:]
    if isinstance(body, list):
        index = int(token)
        items = [_replaced(body[index], rest, value)]
        return [*body[:index], *(i for i in items if i is not MISSING), *body[index + 1 :]]
    made = _replaced(body[token], rest, value)
    return {
        k: made if k == token else v for k, v in body.items() if k != token or made is not MISSING
    }


def _shared(path: Path, other: Path) -> int:
    """Return how many tokens two paths begin with in common."""
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(path, other, strict=False))
    return sum(1 for _ in same)


def _with_body(exchange: Exchange, body: Any) -> Exchange:
    response = evolve(exchange.response, content=msgspec.json.encode(body))
    return evolve(exchange, response=response)


def _shown(value: Any) -> str:
    if value is MISSING:
        return "missing"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
