"""Judgements about cancels that answer with the run, and may take some time to stop it."""

from runwright.pointer import pointer_to
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.sightings import answers, asked_for, sightings, whole
from runwright.trace import Observation, identity

TOO_LATE = (400, 409)
"""How a cancel of a run that has ended may be refused."""


def leads_to_canceled(
    observation: Observation, operation_id: str, *, stopping: tuple[str, ...]
) -> Findings:
    """A cancel answers with the run in one of the states `stopping`, and nothing else follows.

    A run that was surely over before is another rule's subject. One that ended by itself before
    the stop took effect is none's fault.
    """
    seen = sightings(observation)
    for answer in answers(observation, operation_id):
        asked, lifecycle = asked_for(answer.call, observation), answer.lifecycle
        if asked is None or lifecycle is None:
            continue
        own = seen.get((answer.exchange.actor, asked), ())
        if any(look.is_terminal and look.precedes(answer) for look in own):
            continue
        key, status = identity(answer.body, lifecycle), answer.status
        if key is not None and key != asked:
            at = pointer_to(lifecycle.key or "")
            yield broken(answer, at=at, expected=asked, actual=key)
            continue
        at = pointer_to(lifecycle.status)
        if status in stopping:
            yield kept(answer)
        elif lifecycle.is_known(status) and not answer.is_terminal:
            yield broken(answer, at=at, expected=" or ".join(stopping), actual=status)
        for later in whole(own):
            after = later.status
            if after is None or not lifecycle.is_known(after) or not answer.precedes(later):
                continue
            if any(lifecycle.may_reach(state, after) for state in stopping):
                if later.is_terminal:
                    yield kept(answer, later)
            else:
                expected = f"{' or '.join(stopping)}, or an end"
                yield broken(answer, later, at=at, expected=expected, actual=after)


def leaves_ended_runs_alone(observation: Observation, operation_id: str) -> Findings:
    """A cancel of a run that has ended, whatever it answers, leaves the run as it ended."""
    seen = sightings(observation)
    for call in observation.calls:
        exchange = call.exchange
        if not call.calls(operation_id) or exchange.status is None:
            continue
        asked = asked_for(call, observation)
        if asked is None or exchange.credentials != "valid":
            continue
        own = seen.get((exchange.actor, asked), ())
        before = [look for look in own if look.is_terminal and look.exchange.precedes(exchange)]
        if not before:
            continue
        ended = before[-1]
        if exchange.status in TOO_LATE:
            yield kept(ended, call)
        for look in whole(own):
            is_answer = look.exchange is exchange
            if not (is_answer or exchange.precedes(look.exchange)):
                continue
            if look.lifecycle is None or not look.lifecycle.is_known(look.status):
                continue
            yield judged(
                look.status == ended.status,
                *((ended, look) if is_answer else (ended, call, look)),
                at=pointer_to(look.lifecycle.status),
                expected=ended.status,
                actual=look.status,
            )
