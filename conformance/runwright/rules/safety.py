"""Judgements about requests by safe methods, where the docs know unsafe ones only.

A run may begin and end by itself, or for somebody unseen, and an answer of 200 may mean anything.
So what becomes of a run is put down to a request only if that was let in, if the run was seen
shortly before and after it, and if nothing else in sight can have brought it about.
"""

from collections.abc import Iterator
from typing import Final

from runwright.history import NOT_JSON, SKEW, Exchange
from runwright.lifecycle import Lifecycle, Outcome
from runwright.pointer import pointer_to, resolve
from runwright.roles import canceling, unread
from runwright.rule import Findings, broken, kept
from runwright.rules.order import instant
from runwright.rules.scene import Scene, Target, is_refused
from runwright.trace import Call, Look, Observation
from runwright.validation import request_validator

CLOSE: Final = 30.0
"""Seconds between two looks at most, for what came between them to be the cause of a change."""


def safe_methods_change_nothing(observation: Observation) -> Findings:
    """A request by a safe method starts no run and cancels none."""
    scene = Scene(observation)
    cancels = canceling(observation.spec)
    for call in scene.readings:
        if call.calls(*cancels):
            yield from _judge_cancel(call, scene)
        else:
            yield from _judge_start(call, scene)


def strays(observation: Observation) -> Iterator[Exchange]:
    """Yield what may explain the fate of runs that are not seen as yet, the latest first."""
    yield from Scene(observation).strays() if unread(observation.spec) else ()


def unsettled(observation: Observation) -> Iterator[Exchange]:
    """Yield the exchanges that what comes later is to be judged with.

    They are the last reading of the cancel of each run that was not seen to end, with the look
    before it; each that may have started one; and what would explain such a thing in another way.
    """
    if not unread(observation.spec):
        return
    scene = Scene(observation)
    going_on = {t.key.casefold() for t in observation.traces if not t.looks[-1].is_terminal}
    yield from scene.first_writes(going_on)
    yield from scene.latest_writes()
    yield from scene.starts_unseen()
    cancels = canceling(observation.spec)
    pairs: dict[Target, tuple[Exchange, Exchange]] = {}
    for call in scene.readings:
        if not call.calls(*cancels):
            if any(
                _may_have_started(call, run, scene) and not scene.after(call, run)
                for run in scene.led_to(call)
            ):
                yield call.exchange
            continue
        run = scene.named(call)
        before = scene.before(call, run) if run else None
        if run is None or before is None or run.key.casefold() not in going_on:
            continue
        if is_refused(call.exchange) or (_is_let_in(call) and not scene.is_disturbed(run, before)):
            pairs[run] = (before.exchange, call.exchange)
    for pair in pairs.values():
        yield from pair


def _judge_cancel(call: Call, scene: Scene) -> Findings:
    run = scene.named(call)
    if run is None:
        return
    before, later = scene.before(call, run), scene.after(call, run)
    if before is None or before.lifecycle is None or not later or _is_canceled(before):
        return
    until = before.exchange.at + CLOSE
    ends = (look for look in later if _is_canceled(look) and look.exchange.at <= until)
    end = next(ends, None)
    if end is None:
        if not _is_canceled(later[0]) and (_is_let_in(call) or is_refused(call.exchange)):
            yield kept(before, call, later[0])
    elif _is_let_in(call) and not scene.is_disturbed(run, before, end):
        yield broken(
            before,
            call,
            end,
            at=pointer_to(before.lifecycle.status),
            expected=f"a run that is not canceled, since {call.exchange.method} is a safe method",
            actual=end.status,
        )


def _judge_start(call: Call, scene: Scene) -> Findings:
    if is_refused(call.exchange):
        yield kept(call)
        return
    for run in scene.led_to(call):
        look = next(iter(scene.after(call, run)), None)
        if look is None or look.lifecycle is None or not _may_have_started(call, run, scene):
            continue
        if _began_with(call, look, scene):
            yield broken(
                call,
                look,
                at=pointer_to(look.lifecycle.key or ""),
                expected=f"no new run, since {call.exchange.method} is a safe method",
                actual=run.key,
            )


def _is_let_in(call: Call) -> bool:
    """True for success, and for a redirect that tells where to look at what was done."""
    # The other redirects mean the same request at another place, and nothing was done.
    return call.exchange.succeeded or call.exchange.status in (302, 303)


def _is_canceled(look: Look) -> bool:
    """True if a look shows a canceled run, or one that is declared to become nothing else."""
    lifecycle, status = look.lifecycle, look.status
    if lifecycle is None or status is None or not lifecycle.is_known(status):
        return False
    return set(_ends(lifecycle, status, set())) == {Outcome.CANCELED}


def _ends(lifecycle: Lifecycle, status: str, passed: set[str]) -> Iterator[Outcome]:
    """Yield the outcomes that a state has, or that its declared ways lead to."""
    state = lifecycle.states[status]
    passed.add(status)
    if state.outcome is not None:
        yield state.outcome
        return
    for name in state.to:
        if name not in passed:
            yield from _ends(lifecycle, name, passed)


def _may_have_started(call: Call, run: Target, scene: Scene) -> bool:
    """True if nothing is known of a run but what came after a call, and of no other start."""
    return call.exchange.succeeded and not (
        scene.is_known_before(call, run) or scene.is_started_otherwise(call, run)
    )


def _began_with(call: Call, look: Look, scene: Scene) -> bool:
    """True if a run began while a call was answered.

    Where it does not tell when it was created, it had not begun to work, and the call had all that
    a start needs.
    """
    clock = look.lifecycle.clock if look.lifecycle else {}
    created = instant(resolve(look.body, clock["created"])) if "created" in clock else None
    if created is not None:
        sent, answered = call.exchange.at, call.exchange.at + call.exchange.took
        return sent - SKEW <= created <= answered + SKEW
    return _shows_a_beginning(call, scene) and _has_all_of_a_start(call, scene)


def _shows_a_beginning(call: Call, scene: Scene) -> bool:
    spec = scene.observation.spec
    if not call.calls(*spec.starters) or call.operation is None:
        return False  # what is over when it is answered may have been over for long
    lifecycle = spec.lifecycles.get(spec.answer_schema(call.operation) or "")
    status = lifecycle.status_of(call.body) if lifecycle else None
    return (
        lifecycle is not None and status in lifecycle.initial and not lifecycle.is_terminal(status)
    )


def _has_all_of_a_start(call: Call, scene: Scene) -> bool:
    assert call.operation is not None
    validator = request_validator(scene.observation.spec, call.operation)
    sent = call.exchange.request.json
    return validator is not None and sent is not NOT_JSON and validator.is_valid(sent)
