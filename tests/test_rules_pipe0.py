"""Pipe0's rules about tables, each told by hand: what they accuse, and what only looks like it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve, field, frozen
from runwright.history import Exchange, History, Message
from runwright.judge import judge_rule
from runwright.ledger import Reading
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import load_spec
from runwright.trace import Observation

ADMITTED = tuple(
    (f"x-{name}", "1") for name in ("task-priority", "p1-capacity", "p2-capacity", "p3-capacity")
)
PIPE = "person:workemail:waterfall@1"
RUN = "k3v9m2q7x1c5b8n4t6w0z2aa"
INPUT = {"ref": "input", "environment": None, "config_hash": None, "input_hash": None}
INVALID = {"code": "InvalidValue", "summary": "Invalid", "message": "not a URL"}


@frozen(kw_only=True)
class Told:
    """One call and its answer."""

    api: str
    method: str
    path: str
    body: Any
    sent: Any = None
    headers: tuple[tuple[str, str], ...] = field(default=ADMITTED)
    status: int = 200
    at: float | None = None
    actor: str = "alice"

    def exchange(self, seq: int) -> Exchange:
        """The call as it is recorded, three seconds after the one before."""
        kind = ("content-type", "application/json")
        sent = b"" if self.sent is None else json.dumps(self.sent).encode()
        return Exchange(
            worker="w",
            seq=seq,
            at=3.0 * seq if self.at is None else self.at,
            took=0.1,
            method=self.method,
            url=f"https://api.pipe0.com{self.path}",
            request=Message((kind,) if sent else (), sent),
            status=self.status,
            response=Message((kind, *self.headers), json.dumps(self.body).encode()),
            actor=self.actor,
            credentials="valid",
        )


def given(value: Any, **members: Any) -> dict[str, Any]:
    """A cell that the input has claimed."""
    return {
        "value": value,
        "status": "completed",
        "type": "unknown" if value is None else "string",
        "reason": None,
        "claimed_by": {"ref": "input", "config_hash": None},
        "resolved_by": INPUT,
        "widgets": {},
        "format": None,
        **members,
    }


def found(status: str, value: Any = None, **members: Any) -> dict[str, Any]:
    """A cell that a pipe has claimed."""
    resolver = {**INPUT, "ref": PIPE, "environment": "production"}
    done = status == "completed"
    reason = {"code": "c", "summary": "s", "message": "m"} if status == "no_result" else None
    return {
        **given(value, type="string", status=status, reason=reason),
        "claimed_by": {"ref": PIPE, "config_hash": "a1"},
        "resolved_by": resolver if done else None,
        **members,
    }


def run(status: str, *rows: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A run over rows, which are numbered from 1."""
    records = {
        str(number): {"id": number, "fields": {"id": given(number, type="number"), **row}}
        for number, row in enumerate(rows, 1)
    }
    return {
        "id": RUN,
        "organization_id": "o",
        "status": status,
        "order": [record["id"] for record in records.values()],
        "errors": [],
        "field_definitions": {},
        "records": records,
        "credits": {"spent": 0},
        **members,
    }


def start(body: Any, *rows: Mapping[str, Any], **members: Any) -> Told:
    """A call that starts a run."""
    config = members.pop("config", {})
    sent = {"pipes": [{"pipe_id": PIPE}], "input": list(rows), "config": config, **members}
    return Told(api="pipe0", method="POST", path="/v1/pipes/run", body=body, sent=sent)


def look(body: Any) -> Told:
    """A look at the run."""
    return Told(api="pipe0", method="GET", path=f"/v1/pipes/check/{RUN}", body=body)


def given_up(api: str, path: str, detail: str) -> Told:
    """A synchronous start that is answered by 408."""
    body = {"type": "request-timeout", "title": "Timeout", "status": 408, "detail": detail}
    sent = {"pipes": [{"pipe_id": PIPE}], "input": [{"id": 1}]}
    return Told(api=api, method="POST", path=path, body=body, sent=sent, status=408)


def gone(days: float) -> Told:
    """A look that finds no run, so many days after the first call."""
    body = {"type": "not-found", "title": "Not Found", "status": 404, "detail": "No run."}
    return evolve(look(body), status=404, at=days * 86_400)


def pipeline(answered: list[Any], *sent: Any) -> Told:
    """A start of a pipeline of 2025: the pipes that were sent, and those that came back."""
    body = {**run("pending", {}), "pipes": answered}
    asked = {"pipes": list(sent), "input": [{"id": 1}]}
    return Told(api="pipe0_pipeline", method="POST", path="/v1/run", body=body, sent=asked)


def defined(**members: Any) -> dict[str, Any]:
    """Columns of which a pipe has added one."""
    adder = {"ref": PIPE, "config_hash": "a1", "pipe_index": 0, **members.pop("adder", {})}
    column = {"type": "string", "label": "Site", "format": None, "added_by": adder, **members}
    return {"field_definitions": {"site": column}}


def waterfall(*asked: str) -> dict[str, Any]:
    """A cell of a waterfall that has asked some providers."""
    hint = {
        "attempted_providers": [{"provider": name} for name in asked],
        "available_providers": ["p", "q", "r"],
        "successful_provider": None,
    }
    return {"site": found("processing", widgets={"waterfall": hint})}


def verdict(rule: str, *story: Told, reading: Reading = "seed") -> Verdict:
    """What one rule says of a story."""
    api = story[0].api
    entry = load_rulebook(api).entry(f"{api}.{rule}")
    assert entry is not None
    assert entry.holds_under(reading)
    history = History(api=api, exchanges=tuple(t.exchange(n) for n, t in enumerate(story)))
    return judge_rule(entry, Observation(load_spec(api), history)).verdict


ROW = {"id": 1, "site": "not a url"}
ASKED = {"field_definitions": {"enabled": True}}
FAILED = given(None, type="string", status="failed", reason=INVALID, resolved_by=None)

LONG = {"pipe_id": PIPE, "config": {"providers": [{"provider": "p"}], "depth": None}}
WHOLE = {"pipe_id": PIPE, "config": {"providers": [{"provider": "p", "fee": 1}], "depth": 3}}
SIGNED = {**INPUT, "ref": "hunter"}
SHOWN = run("pending", {"site": found("pending")}, **defined())
TAKEN = found("completed", "x", resolved_by=INPUT)


INNOCENT: list[tuple[str, tuple[Told, ...]]] = [
    # A value from the input may be found wanting, and put back before the work begins.
    (
        "field.terminal-is-final",
        (look(run("pending", {"site": TAKEN})), look(run("processing", {"site": found("queued")}))),
    ),
    (
        "field.frozen-once-ended",
        (
            look(run("pending", {"site": TAKEN})),
            look(run("completed", {"site": found("completed", "y")})),
        ),
    ),
    (
        "sync.names-the-run-that-goes-on",
        (given_up("pipe0", "/v1/pipes/run/sync", f"Run {RUN} goes on."),),
    ),
    (
        "sync.names-the-run-that-goes-on",
        (given_up("pipe0_pipeline", "/v1/run/sync", f"Run {RUN} goes on."),),
    ),
    ("pipes.keep-their-configuration", (pipeline([WHOLE, {"pipe_id": "a:b@1"}], LONG),)),
    ("pipes.keep-their-configuration", (pipeline([{"pipe_id": PIPE}, WHOLE], LONG),)),
    ("pipes.keep-their-configuration", (pipeline([{"pipe_id": "a:b@1"}], LONG),)),
    ("field.generated-has-a-value", (look(run("completed", {"site": given(None)})),)),
    ("field.generated-has-a-value", (look(run("completed", {"site": found("completed", 0)})),)),
    ("field.generated-has-a-value", (look(run("completed", {"site": found("no_result")})),)),
    ("field.resolvers-are-input-or-pipes", (look(run("completed", {"site": given("x")})),)),
    (
        "field.resolvers-are-input-or-pipes",
        (look(run("completed", {"site": found("completed", "x")})),),
    ),
    ("definitions.are-constant", (look(SHOWN), look(run("failed", {"site": found("pending")})))),
    ("definitions.are-constant", (look(SHOWN), look(SHOWN))),
    ("definition.pipe-index-is-of-the-request", (start(SHOWN, ROW),)),
    ("definition.pipe-index-is-of-the-request", (look(run("pending", **defined())),)),
    ("field.format-is-constant", (look(SHOWN), look(SHOWN))),
    (
        "field.widgets-waterfall-attempted-providers-only-grows",
        (look(run("processing", waterfall("p"))), look(run("processing", waterfall("p", "q")))),
    ),
    ("field.valueless-input-is-unknown", (look(run("completed", {"site": FAILED})),)),
    ("field.valueless-input-is-unknown", (look(run("completed", {"site": given(None)})),)),
    (
        "field.valueless-input-is-unknown",
        (look(run("completed", {"site": given(None, type="string")}, {"site": given("x")})),),
    ),
    (
        "field.input-is-copied",
        (start(run("pending", {"site": given(None)}), {"id": 1, "site": " "}),),
    ),
    (
        "field.input-is-copied",
        (start(run("pending", {"site": given("Ada")}), {"id": 1, "site": " ada "}),),
    ),
]
BROKEN: list[tuple[str, tuple[Told, ...]]] = [
    (
        "field.terminal-is-final",
        (
            look(run("processing", {"site": TAKEN})),
            look(run("processing", {"site": found("queued")})),
        ),
    ),
    (
        "field.frozen-once-ended",
        (
            look(run("processing", {"site": TAKEN})),
            look(run("completed", {"site": found("completed", "y")})),
        ),
    ),
    (
        "sync.names-the-run-that-goes-on",
        (given_up("pipe0", "/v1/pipes/run/sync", "It took too long."),),
    ),
    (
        "sync.names-the-run-that-goes-on",
        (given_up("pipe0_pipeline", "/v1/run/sync", "Over 3 minutes have passed."),),
    ),
    ("pipes.keep-their-configuration", (pipeline([{"pipe_id": PIPE}], LONG),)),
    ("pipes.keep-their-configuration", (pipeline([{**LONG, "config": {"providers": []}}], LONG),)),
    (
        "pipes.keep-their-configuration",
        (pipeline([{**LONG, "config": {"providers": [{"provider": "q"}]}}], LONG),),
    ),
    ("field.generated-has-a-value", (look(run("completed", {"site": found("completed")})),)),
    (
        "field.resolvers-are-input-or-pipes",
        (look(run("completed", {"site": found("completed", "x", resolved_by=SIGNED)})),),
    ),
    (
        "field.resolvers-are-input-or-pipes",
        (look(run("completed", {"site": given("x", claimed_by=SIGNED)})),),
    ),
    (
        "definitions.are-constant",
        (look(SHOWN), look({**SHOWN, **defined(label="site")})),
    ),
    (
        "definition.pipe-index-is-of-the-request",
        (start({**SHOWN, **defined(adder={"pipe_index": 1})}, ROW),),
    ),
    (
        "field.format-is-constant",
        (look(SHOWN), look(run("processing", {"site": found("processing", format="url")}))),
    ),
    (
        "field.widgets-waterfall-attempted-providers-only-grows",
        (look(run("processing", waterfall("p", "q"))), look(run("processing", waterfall("q")))),
    ),
    (
        "field.valueless-input-is-unknown",
        (look(run("completed", {"site": given(None, type="string")})),),
    ),
    ("field.input-is-copied", (start(run("pending", {"site": given(None)}), ROW),)),
    ("field.input-is-copied", (start(run("pending", {"site": given("else")}), ROW),)),
]
SYSTEM = {**INPUT, "ref": "system"}
CURRENT_INNOCENT: list[tuple[str, tuple[Told, ...]]] = [
    ("run.is-kept-for-21-days", (start(SHOWN, ROW), gone(21.1))),
    ("run.is-kept-for-21-days", (gone(20), evolve(start(SHOWN, ROW), at=21 * 86_400.0))),
    ("run.is-kept-for-21-days", (start(SHOWN, ROW), evolve(gone(20), actor="bob"))),
    ("run.is-kept-for-21-days", (look(SHOWN), gone(20))),
    (
        "field.resolvers-are-known",
        (look(run("processing", {"site": found("queued", resolved_by=SYSTEM)})),),
    ),
    (
        "field.resolvers-are-known",
        (look(run("processing", {"site": found("queued", resolved_by={**INPUT, "ref": None})})),),
    ),
    (
        "definitions.follow-the-request",
        (start(run("failed", {"site": given("x")}), ROW, config=ASKED),),
    ),
    (
        "admission.says-priority-and-capacity",
        (evolve(start(run("failed", {"site": given("x")}), ROW), headers=()),),
    ),
]
CURRENT_BROKEN: list[tuple[str, tuple[Told, ...]]] = [
    ("run.is-kept-for-21-days", (start(SHOWN, ROW), look(SHOWN), gone(20))),
    (
        "field.resolvers-are-known",
        (look(run("completed", {"site": found("completed", "x", resolved_by=SIGNED)})),),
    ),
    (
        "definitions.follow-the-request",
        (start(run("pending", {"site": given("x")}), ROW, config=ASKED),),
    ),
    (
        "admission.says-priority-and-capacity",
        (evolve(start(run("pending", {"site": given("x")}), ROW), headers=()),),
    ),
]


@pytest.mark.parametrize(("rule", "story"), INNOCENT)
def test_an_innocent_story_is_not_accused(rule: str, story: tuple[Told, ...]) -> None:
    assert verdict(rule, *story) in (Verdict.HOLDS, Verdict.UNKNOWN)


@pytest.mark.parametrize(("rule", "story"), BROKEN)
def test_a_broken_story_breaks_its_rule(rule: str, story: tuple[Told, ...]) -> None:
    assert verdict(rule, *story) is Verdict.VIOLATED


@pytest.mark.parametrize(("rule", "story"), CURRENT_INNOCENT)
def test_an_innocent_story_of_today_is_not_accused(rule: str, story: tuple[Told, ...]) -> None:
    assert verdict(rule, *story, reading="current") in (Verdict.HOLDS, Verdict.UNKNOWN)


@pytest.mark.parametrize(("rule", "story"), CURRENT_BROKEN)
def test_a_broken_story_of_today_breaks_its_rule(rule: str, story: tuple[Told, ...]) -> None:
    assert verdict(rule, *story, reading="current") is Verdict.VIOLATED
