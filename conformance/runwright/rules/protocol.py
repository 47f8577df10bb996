"""Rules about single HTTP exchanges that every API with a spec must keep."""

from collections.abc import Callable, Iterator
from typing import Final

from runwright.history import NOT_JSON
from runwright.piecewise import response_validator
from runwright.pointer import MISSING
from runwright.roles import unread
from runwright.rule import Findings, Rule, broken, judged, kept
from runwright.rules import refusals
from runwright.rules.safety import safe_methods_change_nothing
from runwright.spec import Operation, Spec
from runwright.trace import Call, Observation

Judge = Callable[[Observation], Findings]

ANYWHERE: Final = (406, 408, 413, 414, 415, 421, 429, 431)
"""Refusals that HTTP lets any server give to any request, documented or not."""

UNAUTHORIZED: Final = (401, 403)


def protocol_rules(spec: Spec) -> tuple[Rule, ...]:
    """Return the protocol rules of an API."""
    judges: dict[str, Judge] = {
        "body-matches-schema": _body_matches_schema,
        "status-is-documented": _status_is_documented,
        "content-type-is-documented": _content_type_is_documented,
        "no-server-error": _no_server_error,
        "malformed-input-is-refused": refusals.malformed_input_is_refused,
        "wrong-content-type-is-refused": refusals.wrong_content_type_is_refused,
        "malformed-id-is-refused": refusals.malformed_id_is_refused,
        "wrong-method-is-refused": refusals.wrong_method_is_refused,
        **({"safe-methods-change-nothing": safe_methods_change_nothing} if unread(spec) else {}),
        "unknown-id-is-not-found": refusals.unknown_id_is_not_found,
    }
    return tuple(
        Rule(
            id=f"{spec.api}.protocol.{name}",
            claim=(judge.__doc__ or "").strip(),
            home="protocol",
            scope="observation",
            subject="exchange",
            check=judge,
            where=f"{judge.__module__}:{judge.__name__}",
        )
        for name, judge in judges.items()
    )


def _answered(observation: Observation) -> Iterator[tuple[Call, Operation, int]]:
    for call in observation.calls:
        if call.operation is not None and call.is_exact and call.exchange.status is not None:
            yield call, call.operation, call.exchange.status


def _body_matches_schema(observation: Observation) -> Findings:
    """A JSON answer has the structure that the docs give for its status."""
    sound: set[int] = set()
    for call, operation, status in _answered(observation):
        validator = response_validator(observation.spec, operation, status)
        if validator is None or operation.assumes(status) or call.exchange.method == "HEAD":
            continue
        body = call.body
        if body is NOT_JSON:
            if call.exchange.succeeded:
                yield broken(
                    call,
                    expected="a JSON text",
                    actual=call.exchange.response.content[:80].decode(errors="replace"),
                )
            continue
        # Only what changed since an answer that fitted is read.
        former = call.former_body if id(call.former) in sound else MISSING
        if validator.is_valid(body, former):
            sound.add(id(call))
            yield kept(call)
            continue
        for error in validator.errors(body):
            yield broken(
                call, at=error.pointer, expected="the documented structure", actual=error.message
            )


def _status_is_documented(observation: Observation) -> Findings:
    """An answer below 500 has a status that the docs list for its operation."""
    for call, operation, status in _answered(observation):
        documented = operation.documents(status)
        silent = 300 <= status < 400 or status >= 500 or status in ANYWHERE
        silent = silent or operation.assumes(status)
        if documented or not (silent or _is_implied(status, operation)):
            yield judged(
                documented,
                call,
                expected=f"one of {', '.join(operation.responses)}",
                actual=str(status),
            )


def _is_implied(status: int, operation: Operation) -> bool:
    """True for a refusal of a kind that the docs do not speak of, though there must be some."""
    if not any(name.upper().startswith(("4", "DEFAULT")) for name in operation.responses):
        return 400 <= status < 500
    asks = bool(operation.security) and status in UNAUTHORIZED
    return asks and not any(operation.documents(other) for other in UNAUTHORIZED)


def _content_type_is_documented(observation: Observation) -> Findings:
    """An answer with a body has one of the documented content types."""
    for call, operation, status in _answered(observation):
        documented = (operation.response(status) or {}).get("content", {})
        if not documented or not call.exchange.response.has_content or status >= 500:
            continue
        if operation.assumes(status):
            continue
        actual = call.exchange.response.media_type
        yield judged(
            actual in {kind.split(";")[0].strip().lower() for kind in documented},
            call,
            expected=" or ".join(documented),
            actual=actual or "no content-type",
        )


def _no_server_error(observation: Observation) -> Findings:
    """No request makes the server fail with 500."""
    for call, _, status in _answered(observation):
        yield judged(status != 500, call, expected="any status but 500", actual=str(status))
