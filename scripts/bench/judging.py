"""How long the judge takes for a poll of a large run, beside reading the answer once.

A run of many records is polled until all its fields are done, a few more at each poll. What an
answer costs is compared with parsing its bytes once, and with what a user would otherwise do:
parse every answer and validate it with jsonschema_rs alone, which tells nothing of what may
change from one answer to the next.
"""

import gc
import random
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from bench.chapter import Chapter, Effort, Row, Table, Target

if TYPE_CHECKING:
    from runwright.history import Exchange

POLLS = 1000
FIELDS = 20
SIZES = (1000, 100)
"""Records of a run."""

VALIDATED = 10
"""The polls of which jsonschema_rs validates one: it takes long, and always as long."""

MOST = 2.0
RUN = "3f1c6f3e-0d5e-4c3a-9d0e-111111111111"
PIPE = {
    "ref": "people:workemail:waterfall@1",
    "label": "Find work email",
    "type": "pipe",
    "environment": "production",
    "config_hash": "c1f3a9d2e8",
    "input_hash": "77ab03c1d0",
}
INPUT = {
    "ref": "input",
    "label": "Input",
    "type": "input",
    "environment": None,
    "config_hash": None,
    "input_hash": None,
}


@frozen
class Seconds:
    """What the polls of one run took in all."""

    judge: float
    parse: float
    validate: float


def chapter(effort: Effort) -> Chapter:
    """Measure the judge over the polls of a large run and of a smaller one."""
    polls = max(3, effort.rounds(POLLS))
    found = [measure(records, polls) for records in SIZES]
    ratios = [seconds.judge / seconds.parse for seconds in found]
    return Chapter(
        title="Judging",
        tables=(
            Table(
                title="Time for a poll, times parsing its answer once with msgspec",
                columns=tuple(f"{records:,} records of {FIELDS} fields" for records in SIZES),
                rows=(
                    Row(name="runwright's judge, all rules", values=tuple(ratios)),
                    Row(
                        name="parsing, and jsonschema_rs alone",
                        values=tuple(1 + found.validate / found.parse for found in found),
                    ),
                ),
            ),
        ),
        targets=(Target(claim="judging a poll, times parsing it", value=max(ratios), most=MOST),),
        notes=(
            f"{polls:,} polls of each run; the judge's time includes its report.",
            f"One answer in {VALIDATED} was validated. The collector was paused for all.",
        ),
    )


def measure(records: int, polls: int) -> Seconds:
    """Judge, parse and validate the polls of a run, and return the seconds that each took."""
    import msgspec
    from runwright.rulebook import load_rulebook
    from runwright.streaming import StreamingJudge
    from runwright.validation import whole_of

    rulebook = load_rulebook("pipe0")
    schema = whole_of(rulebook.spec, "PipesResponse")
    judge = StreamingJudge(rulebook)
    judging = parsing = validating = 0.0
    gc.disable()
    try:
        for number, content in enumerate(answers(records, polls)):
            exchange = _exchange(number, content)
            began = time.thread_time()
            judge.add(exchange)
            judged = time.thread_time()
            body = msgspec.json.decode(content)
            parsed = time.thread_time()
            judging += judged - began
            parsing += parsed - judged
            if number % VALIDATED == 0:
                if not schema.is_valid(body):
                    raise ValueError("the answers of the benchmark break the spec")
                validating += (time.thread_time() - parsed) * VALIDATED
        began = time.thread_time()
        report = judge.report()
        judging += time.thread_time() - began
    finally:
        gc.enable()
    if not report.conforms():
        raise ValueError("the answers of the benchmark break a rule")
    return Seconds(judging, parsing, validating)


def _exchange(number: int, content: bytes) -> "Exchange":
    from runwright.history import Exchange, Message

    return Exchange(
        worker="bench",
        seq=number,
        at=1000.0 + 2 * number,
        took=0.1,
        method="GET",
        url=f"https://api.pipe0.com/v1/pipes/check/{RUN}",
        status=200,
        response=Message((("content-type", "application/json"),), content),
        actor="ada",
        credentials="valid",
    )


def answers(records: int, polls: int) -> Iterator[bytes]:
    """Yield what each poll of a run answers: at first nothing is done, at the end all is."""
    import msgspec

    names = [f"field_{number}" for number in range(FIELDS - 1)]
    table = {str(row): _record(str(row), names) for row in range(records)}
    todo = [(row, name) for row in table for name in names]
    random.Random(1).shuffle(todo)
    body = {
        "id": RUN,
        "status": "pending",
        "organization_id": "org_1",
        "order": list(table),
        "errors": [],
        "field_definitions": {name: _definition(name) for name in ("id", *names)},
        "records": table,
        "credits": {"spent": 0},
    }
    yield msgspec.json.encode(body)
    step = -(-len(todo) // (polls - 1))
    for poll in range(1, polls):
        for row, name in todo[(poll - 1) * step : poll * step]:
            value = f"value of {name} in {row}"
            table[row]["fields"][name] = _field("completed", PIPE, value)
        body["status"] = "completed" if poll * step >= len(todo) else "processing"
        yield msgspec.json.encode(body)


def _record(key: str, names: list[str]) -> dict[str, Any]:
    fields = {name: _field("pending", PIPE, None) for name in names}
    return {"id": key, "fields": {"id": _field("completed", INPUT, key), **fields}}


def _field(status: str, resolver: Mapping[str, object], value: str | None) -> dict[str, Any]:
    return {
        "value": value,
        "status": status,
        "type": "string",
        "format": None,
        "reason": None,
        "claimed_by": resolver,
        "resolved_by": resolver if status == "completed" else None,
        "widgets": {},
    }


def _definition(name: str) -> dict[str, Any]:
    adder: Mapping[str, object] = INPUT if name == "id" else PIPE
    return {
        "type": "string",
        "label": name,
        "format": None,
        "added_by": {
            "ref": adder["ref"],
            "label": adder["label"],
            "type": adder["type"],
            "config_hash": adder["config_hash"],
            "pipe_index": None if name == "id" else 0,
        },
    }
