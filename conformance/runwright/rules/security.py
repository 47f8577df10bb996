"""Rules about credentials, tenants and secrets that every API with a spec must keep."""

import re
from collections.abc import Callable
from typing import Final

from runwright.history import SECRET_MARK, UNKNOWN_ID, UNKNOWN_ID_ELSEWHERE, Exchange
from runwright.roles import thing_of
from runwright.rule import Findings, Rule, broken, judged
from runwright.rules.tenancy import judge_lists, lists_runs, starts_of
from runwright.spec import Spec
from runwright.trace import Call, Observation

REFUSED: Final = (401, 403)

PASSING: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-][\d:]+)?"  # a time
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|\b(?=[\w-]*\d)[\w-]{16,}"  # some other long id
    r"|\b\d{10,}(?:\.\d+)?",  # a time in seconds, or a number given by a clock
    re.IGNORECASE,
)
"""What makes two answers differ that say the same."""

OF_THE_ROAD: Final = re.compile(
    r"^(?:age|alt-svc|connection|date|etag|expires|keep-alive|last-modified|nel|report-to|server"
    r"|set-cookie|transfer-encoding|vary|via):"
    r"|^[^:]*(?:\bid\b|length|encoding|limit|remaining|reset|retry|capacity|time|timing|trace|cache"
    r"|ray\b|served|backend|node|pod\b|host\b|region|envoy|amz|cloud|cf-|fly-|varnish)",
)
"""Headers, in lower case, that tell of the way and the moment of an answer alone."""


def security_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return the security rules of an API."""
    judges: dict[str, Callable[[Observation], Findings]] = {
        "missing-credentials-are-refused": _missing,
        "wrong-credentials-are-refused": _wrong,
        "foreign-run-looks-unknown": _foreign,
        "no-secret-is-echoed": _no_secret,
        **({"lists-show-own-runs": judge_lists} if lists_runs(spec) else {}),
    }
    return tuple(
        Rule(
            id=f"{spec.api}.security.{name}",
            claim=(judge.__doc__ or "").strip(),
            home="protocol",
            scope="observation",
            subject="exchange",
            check=judge,
            where=f"{judge.__module__}:{judge.__name__}",
        )
        for name, judge in judges.items()
    )


def _missing(observation: Observation) -> Findings:
    """A request without credentials is refused."""
    yield from _refused(observation, "missing")


def _wrong(observation: Observation) -> Findings:
    """A request with wrong credentials is refused."""
    yield from _refused(observation, "wrong")


def _refused(observation: Observation, credentials: str) -> Findings:
    for call in observation.calls:
        exchange = call.exchange
        if call.operation is None or not call.is_exact or exchange.credentials != credentials:
            continue
        status, requirements = exchange.status, call.operation.security
        if not requirements or not all(requirements):
            continue  # credentials are not needed, or optional: one of the ways in is {}
        if status is None or _says_nothing(status):
            continue
        # A server may look at the request before it looks at who sent it.
        good = status in REFUSED or (exchange.intent is not None and status >= 400)
        yield judged(good, call, expected="401 or 403", actual=str(status))


def _says_nothing(status: int | None) -> bool:
    """True if an answer tells nothing about who may do what: it came from something else."""
    if status is None:
        return True
    return 300 <= status < 400 or status in (408, 429) or status >= 500


def _foreign(observation: Observation) -> Findings:
    """Another tenant's run is answered like one that does not exist."""
    spec = observation.spec
    things = {spec.lifecycles[schema].thing for schema in spec.polls.values()}
    owners: dict[tuple[str | None, str | None], Exchange] = {}
    for trace in observation.traces:
        for look in trace.looks:
            if look.exchange.credentials == "valid" and trace.thing in things:
                owners.setdefault((trace.thing, trace.key), look.exchange)
                break
    starts = starts_of(observation)
    unknown: dict[tuple[object, ...], dict[str, Call]] = {}
    for call in observation.calls:
        if (
            call.operation is not None
            and call.exchange.intent in (UNKNOWN_ID, UNKNOWN_ID_ELSEWHERE)
            and call.exchange.credentials == "valid"
            and not _says_nothing(call.exchange.status)
        ):
            unknown.setdefault(_kind(call, spec), {})[_impersonal(call, spec)] = call
    for call in observation.calls:
        status = call.exchange.status
        if call.operation is None or call.exchange.credentials != "valid":
            continue
        asked = _asked(call, spec)
        owner = owners.get((thing_of(spec, call.operation.id), asked))
        if owner is None or owner.actor == call.exchange.actor or _says_nothing(status):
            continue
        if call.exchange.actor in starts.get(asked or "", ()) or not all(call.operation.security):
            continue  # a run of the caller's own that has the same id, or nobody is asked who it is
        if call.exchange.succeeded:
            yield broken(
                owner, call, expected="404, as for a run that does not exist", actual=str(status)
            )
            continue
        models = unknown.get(_kind(call, spec), {})
        if models:
            actual = _impersonal(call, spec)
            # An answer of either kind may come from something in between, now and then.
            expected = actual if actual in models else next(reversed(models))
            model = models[expected]
            yield judged(expected == actual, owner, model, call, expected=expected, actual=actual)


def _asked(call: Call, spec: Spec) -> str | None:
    assert call.operation is not None
    name = spec.identifying_parameters.get(call.operation.id)
    return call.parameter(name) if name else None


def _kind(call: Call, spec: Spec) -> tuple[object, ...]:
    """Return all that an answer may depend on but the run: who asks, and for what else."""
    assert call.operation is not None
    name = spec.identifying_parameters.get(call.operation.id)
    others = sorted((k, v) for k, v in call.path_parameters.items() if k != name)
    return call.operation.id, call.is_exact, call.exchange.actor, tuple(others)


def _impersonal(call: Call, spec: Spec) -> str:
    """Return status, headers and body of an answer, without what differs from one answer to the
    next: the id that was asked for, ids of requests, and times.
    """
    answer = call.exchange.response
    headers = (f"{name.lower()}: {value}" for name, value in answer.headers)
    telling = sorted({header for header in headers if not OF_THE_ROAD.search(header)})
    text = " ".join((*telling, answer.content.decode(errors="replace")))
    key = _asked(call, spec)
    if key:
        text = re.sub(re.escape(key), "{id}", text, flags=re.IGNORECASE)
    return f"{call.exchange.status} {PASSING.sub('{…}', text)}"


def _no_secret(observation: Observation) -> Findings:
    """No answer repeats the credentials of its request."""
    for call in observation.calls:
        if call.exchange.status is None or call.exchange.credentials in ("missing", "unknown"):
            continue
        found = call.exchange.response.is_marked or any(
            SECRET_MARK in value for _, value in call.exchange.response.headers
        )
        yield judged(
            not found, call, expected="no credentials in the answer", actual="the credentials"
        )
