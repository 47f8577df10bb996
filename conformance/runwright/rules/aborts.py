"""Judgements about cancels that answer with a status alone, and must not fail once it is over."""

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from runwright.pointer import pointer_to
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.difference import difference
from runwright.rules.shape import member
from runwright.rules.sightings import asked_for, sightings, whole
from runwright.trace import Call, Look, Observation

SOON: Final = 2.0
"""Seconds that an abort may take until it shows."""

UNCLEAR: Final = (401, 403, 429)
"""Refusals that have nothing to do with the state of the run."""


def ends_the_run(observation: Observation, operation_id: str) -> Findings:
    """Soon after an abort that says that the run is over, the run is over.

    Which end it shows is not judged: the run may have ended by itself, unseen, just before.
    """
    for call, looks in _aborts(observation, operation_id):
        said = member(call.body, "status")
        over = evolve(call.exchange, took=call.exchange.took + SOON)
        seen = [look for look in looks if call.exchange.precedes(look.exchange)]
        after = next((look for look in seen if over.precedes(look.exchange)), None)
        if after is None or after.lifecycle is None or not call.exchange.succeeded:
            continue
        if after.lifecycle.is_terminal(said) and after.lifecycle.is_known(after.status):
            # An end that was seen before counts; that it stays is another rule's subject.
            yield judged(
                any(look.is_terminal for look in seen[: seen.index(after) + 1]),
                call,
                after,
                at=pointer_to(after.lifecycle.status),
                expected=f"an end, since the abort answered {said}",
                actual=after.status,
            )


def leaves_ended_runs_alone(
    observation: Observation, operation_id: str, *, answers: tuple[str, ...], moves: tuple[str, ...]
) -> Findings:
    """An abort of a run that has ended succeeds and changes nothing.

    It answers with the run's own status, or one of `answers`; members in `moves` may change.
    """
    loose = tuple((name,) for name in moves)
    for call, looks in _aborts(observation, operation_id):
        exchange = call.exchange
        ended = [look for look in looks if _ends_before(look, call)]
        if not ended or exchange.credentials != "valid" or exchange.status is None:
            continue
        if exchange.status in UNCLEAR:
            continue
        before = ended[-1]
        if exchange.status < 300 or 400 <= exchange.status < 500:
            yield judged(
                exchange.succeeded, before, call, expected="200", actual=str(exchange.status)
            )
        said = member(call.body, "status")
        if exchange.succeeded and before.lifecycle is not None and before.lifecycle.is_known(said):
            yield judged(
                said == before.status or said in answers,
                before,
                call,
                at="/status",
                expected=" or ".join(dict.fromkeys((str(before.status), *answers))),
                actual=said,
            )
        for after in looks:
            known = after.lifecycle is not None and after.lifecycle.is_known(after.status)
            if not known or not exchange.precedes(after.exchange):
                continue
            changed = difference(before.body, after.body, loose)
            if changed is None:
                yield kept(before, call, after)
            else:
                yield broken(
                    before,
                    call,
                    after,
                    at=changed.at,
                    expected=changed.before,
                    actual=changed.after,
                )
            break


def _aborts(observation: Observation, operation_id: str) -> Iterator[tuple[Call, tuple[Look, ...]]]:
    """Yield the aborts that were answered, each with the caller's looks at the run it names."""
    seen = sightings(observation)
    for call in observation.calls:
        if call.calls(operation_id) and call.exchange.status is not None and call.is_exact:
            key = asked_for(call, observation)
            if key is not None:
                yield call, whole(seen.get((call.exchange.actor, key), ()))


def _ends_before(look: Look, call: Call) -> bool:
    return (
        look.is_terminal
        and look.call.path_parameters == call.path_parameters
        and look.exchange.precedes(call.exchange)
    )
