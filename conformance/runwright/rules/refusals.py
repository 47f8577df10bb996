"""Rules about requests that every server has to refuse."""

from collections.abc import Iterator

from runwright.form import FORM, decode_form
from runwright.history import MALFORMED_ID, NOT_JSON, SECRET_MARK, UNKNOWN_ID, Exchange
from runwright.lifecycle import Outcome
from runwright.rule import Finding, Findings, judged
from runwright.spec import Operation, Spec
from runwright.trace import Call, Observation
from runwright.validation import ALL_RULES, compile_schema, request_validator


def malformed_input_is_refused(observation: Observation) -> Findings:
    """A request whose body breaks the documented schema is refused."""
    for call, operation, status in _as_somebody(observation):
        flaw = _flaw(call.exchange, operation, observation.spec)
        if flaw is not None:
            yield _refused(call, operation, status, observation.spec, because=flaw)


def wrong_content_type_is_refused(observation: Observation) -> Findings:
    """A body in a media type that its operation does not take is refused."""
    for call, operation, status in _as_somebody(observation):
        taken = (operation.request_body or {}).get("content", {})
        given = call.exchange.request.media_type
        if not taken or given is None or not call.exchange.request.content:
            continue
        kinds = {kind.split(";")[0].strip().lower() for kind in taken}
        if not any(_covers(kind, given) for kind in kinds):
            flaw = f"{given} is not {' or '.join(sorted(kinds))}"
            yield _refused(call, operation, status, observation.spec, because=flaw)


def malformed_id_is_refused(observation: Observation) -> Findings:
    """A run asked for by an id of impossible form is refused."""
    for call, _, status in _as_somebody(observation):
        if call.exchange.intent == MALFORMED_ID:
            actual = str(status)
            yield judged(status >= 400, call, expected="4xx, such as 404", actual=actual)


def wrong_method_is_refused(observation: Observation) -> Findings:
    """A method that a path does not have is refused with a 4xx."""
    spec = observation.spec
    for call in observation.calls:
        exchange = call.exchange
        status = exchange.status
        if call.operation is not None or status is None or status >= 500:
            continue
        if exchange.method in ("HEAD", "OPTIONS") or 300 <= status < 400 or status == 429:
            continue
        others = {op.method for op in spec.operations.values()} - {exchange.method}
        matches = (spec.match(method, exchange.url) for method in others)
        if any(match is not None and match.is_exact for match in matches):
            yield judged(status >= 400, call, expected="405, or 404", actual=str(status))


def unknown_id_is_not_found(observation: Observation) -> Findings:
    """A run that does not exist is answered with 404."""
    for call, _, status in _as_somebody(observation):
        if call.exchange.intent == UNKNOWN_ID:
            yield judged(status in (404, 410), call, expected="404", actual=str(status))


def _as_somebody(observation: Observation) -> Iterator[tuple[Call, Operation, int]]:
    """Yield the calls with valid credentials whose answer is the server's own judgement."""
    for call in observation.calls:
        status = call.exchange.status
        if call.operation is None or status is None or call.exchange.credentials != "valid":
            continue
        if not call.is_exact:
            continue
        if not (300 <= status < 400 or status in (408, 429) or status >= 500):
            yield call, call.operation, status


def _refused(call: Call, operation: Operation, status: int, spec: Spec, *, because: str) -> Finding:
    refused = status >= 400 or _shows_failure(call, operation, spec)
    return judged(refused, call, expected=f"4xx, since: {because}", actual=str(status))


def _flaw(exchange: Exchange, operation: Operation, spec: Spec) -> str | None:
    """Return what is wrong with a body by its schema; None if nothing is, or nobody can tell."""
    content = (operation.request_body or {}).get("content", {})
    request = exchange.request
    if not content or SECRET_MARK.encode() in request.content:
        return None  # not the body that was sent
    if not request.content:
        return "no body" if (operation.request_body or {}).get("required", False) else None
    if request.media_type == FORM and FORM in content:
        schema = content[FORM].get("schema", {})
        validator = compile_schema(spec, schema, ALL_RULES)
        body = decode_form(spec, schema, request.content)
    else:
        found = request_validator(spec, operation)
        if found is None or request.media_type not in (None, "application/json"):
            return None
        validator, body = found, request.json
        if body is NOT_JSON:
            return "a body that is no JSON"
    error = next(validator.errors(body), None)
    return None if error is None else error.message


def _covers(kind: str, given: str) -> bool:
    """True if a documented media type, maybe a range, takes one that was sent."""
    main, _, sub = kind.partition("/")
    return kind == given or main == "*" or (sub == "*" and given.startswith(f"{main}/"))


def _shows_failure(call: Call, operation: Operation, spec: Spec) -> bool:
    """True if the answer is a run that has failed: a refusal in its own way."""
    lifecycle = spec.lifecycles.get(spec.answer_schema(operation) or "")
    if lifecycle is None:
        return False
    state = lifecycle.states.get(lifecycle.status_of(call.body) or "")
    return state is not None and state.outcome is Outcome.FAILURE
