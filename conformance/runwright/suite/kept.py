"""Plans and drafts as bytes, in which they outlive the session that drew them."""

from typing import Any, Final

import msgspec

from runwright.spec import Spec
from runwright.suite.bodies import Body
from runwright.suite.caller import Cause
from runwright.suite.draft import Draft, Slot, Who
from runwright.suite.plan import Act, Plan, Stage, Visit


def encode(cause: Cause) -> bytes:
    """Return a request or a plan as bytes: equal ones are equal, whenever they were drawn."""
    return msgspec.json.encode(_dump_plan(cause) if isinstance(cause, Plan) else _dump(cause))


def _dump_plan(plan: Plan) -> dict[str, Any]:
    return {
        "kind": "plan",
        "operation": plan.operation,
        "media_type": plan.body.media_type,
        "content": plan.body.content,
        "who": plan.who,
        "place": plan.place,
        "pace": plan.pace,
        "visits": [[visit.act, visit.stage, visit.wait] for visit in plan.visits],
        "after": plan.after,
    }


def _dump(draft: Draft) -> dict[str, Any]:
    return {
        "kind": "draft",
        "purpose": draft.purpose,
        "operation": draft.operation.id,
        "values": {
            name: {"slot": value.value} if isinstance(value, Slot) else value
            for name, value in sorted(draft.values.items())
        },
        "method": draft.method,
        "query": draft.query,
        "headers": draft.headers,
        "content": draft.content,
        "who": draft.who,
        "way": draft.way,
        "intent": draft.intent,
        "is_whole": draft.is_whole,
    }


class _SlotName(msgspec.Struct):
    slot: Slot


class _Plan(msgspec.Struct, tag_field="kind", tag="plan"):
    operation: str
    media_type: str | None
    content: bytes
    who: Who
    place: int
    pace: float
    visits: tuple[tuple[Act, Stage, float], ...]
    after: int


class _Draft(msgspec.Struct, tag_field="kind", tag="draft"):
    purpose: str
    operation: str
    values: dict[str, str | _SlotName]
    method: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    content: bytes
    who: Who
    way: int
    intent: str | None
    is_whole: bool = False


_KEPT: Final = msgspec.json.Decoder(_Plan | _Draft)


def decode(value: bytes, spec: Spec) -> Cause | None:
    """Return what was encoded; None for what this version, or the spec, does not know."""
    try:
        kept = _KEPT.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if kept.operation not in spec.operations:
        return None
    if isinstance(kept, _Plan):
        return Plan(
            operation=kept.operation,
            body=Body(kept.media_type, kept.content),
            who=kept.who,
            place=kept.place,
            start=0.0,
            pace=kept.pace,
            visits=tuple(Visit(*visit) for visit in kept.visits),
            after=kept.after,
        )
    return Draft(
        purpose=kept.purpose,
        operation=spec.operations[kept.operation],
        values={
            name: told.slot if isinstance(told, _SlotName) else told
            for name, told in kept.values.items()
        },
        method=kept.method,
        query=kept.query,
        headers=kept.headers,
        content=kept.content,
        who=kept.who,
        way=kept.way,
        intent=kept.intent,
        is_whole=kept.is_whole,
    )
