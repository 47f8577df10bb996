"""Rules about credentials, tenants and secrets that every API with a spec must keep."""

import re
from collections.abc import Callable

from runwright.history import SECRET_MARK, UNKNOWN_ID, Exchange
from runwright.rule import Findings, Rule, broken, judged
from runwright.spec import Spec
from runwright.trace import Call, Observation

REFUSED = (401, 403)


def security_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return the security rules of an API."""
    judges: dict[str, Callable[[Observation], Findings]] = {
        "missing-credentials-are-refused": _missing,
        "wrong-credentials-are-refused": _wrong,
        "foreign-run-looks-unknown": _foreign,
        "no-secret-is-echoed": _no_secret,
    }
    return tuple(
        Rule(
            id=f"{spec.api}.security.{name}",
            claim=(judge.__doc__ or "").strip(),
            home="protocol",
            scope="observation",
            subject="exchange",
            check=judge,
            where=f"{__name__}:{judge.__name__}",
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
        if call.operation is None or not call.operation.security or exchange.status is None:
            continue
        if exchange.credentials != credentials or exchange.status >= 500:
            continue
        # A server may look at the request before it looks at who sent it.
        good = exchange.status in REFUSED or (
            exchange.intent is not None and 400 <= exchange.status < 500
        )
        yield judged(good, call, expected="401 or 403", actual=str(exchange.status))


def _foreign(observation: Observation) -> Findings:
    """Another tenant's run is answered like one that does not exist."""
    owners: dict[str, Exchange] = {}
    for trace in observation.traces:
        for look in trace.looks:
            if look.exchange.credentials == "valid":
                owners.setdefault(trace.key, look.exchange)
                break
    unknown = {
        _kind(call, observation.spec): call
        for call in observation.calls
        if call.operation is not None
        and call.exchange.intent == UNKNOWN_ID
        and call.exchange.credentials == "valid"
    }
    for call in observation.calls:
        if call.operation is None or call.exchange.credentials != "valid":
            continue
        key = _asked(call, observation.spec)
        owner = owners.get(key or "")
        status = call.exchange.status
        if owner is None or owner.actor == call.exchange.actor or status is None or status >= 500:
            continue
        if status == 429:
            continue
        if status < 400:
            yield broken(
                owner, call, expected="404, as for a run that does not exist", actual=str(status)
            )
            continue
        model = unknown.get(_kind(call, observation.spec))
        if model is not None and model.exchange.status is not None:
            expected = _impersonal(model, observation.spec)
            actual = _impersonal(call, observation.spec)
            yield judged(expected == actual, owner, call, expected=expected, actual=actual)


def _asked(call: Call, spec: Spec) -> str | None:
    assert call.operation is not None
    name = spec.identifying_parameters.get(call.operation.id)
    return call.parameter(name) if name else None


def _kind(call: Call, spec: Spec) -> tuple[object, ...]:
    """Return all that an answer may depend on but the run: who asks, and for what else."""
    assert call.operation is not None
    name = spec.identifying_parameters.get(call.operation.id)
    others = sorted((k, v) for k, v in call.path_parameters.items() if k != name)
    return call.operation.id, call.exchange.actor, tuple(others)


def _impersonal(call: Call, spec: Spec) -> str:
    """Return status and body of an answer, with the id that was asked for taken out."""
    text = call.exchange.response.content.decode(errors="replace")
    key = _asked(call, spec)
    if key:
        text = re.sub(re.escape(key), "{id}", text, flags=re.IGNORECASE)
    return f"{call.exchange.status} {text}"


def _no_secret(observation: Observation) -> Findings:
    """No answer repeats the credentials of its request."""
    mark = SECRET_MARK.encode()
    for call in observation.calls:
        if call.exchange.status is None or call.exchange.credentials in ("missing", "unknown"):
            continue
        found = mark in call.exchange.response.content or any(
            SECRET_MARK in value for _, value in call.exchange.response.headers
        )
        yield judged(
            not found, call, expected="no credentials in the answer", actual="the credentials"
        )
