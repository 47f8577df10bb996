"""What the specs of both generations of Nekt say of one body."""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from runwright.ledger import load_ledger
from runwright.spec import Spec, load_spec
from runwright.validation import broken_rules, structure_of, whole_of

FIXTURES = Path(__file__).parent / "fixtures" / "nekt"
APIS = ("nekt", "nekt_v2")
T0, T1, T2 = "2026-05-02T08:00:00Z", "2026-05-02T08:00:09Z", "2026-05-02T08:03:30Z"


def example(api: str, name: str) -> dict[str, Any]:
    """Return a fresh copy of one of the spec's own example runs."""
    value: dict[str, Any] = load_spec(api).document["components"]["examples"][name]["value"]
    return copy.deepcopy(value)


def changed(body: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set members, given with dots for depth; an ellipsis takes the member out."""
    for place, value in changes.items():
        *above, last = place.split(".")
        target = body
        for key in above:
            target = target[key]
        if value is ...:
            del target[last]
        else:
            target[last] = value
    return body


def fixture(name: str) -> Any:
    """Read a fixture."""
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def inline_examples(spec: Spec) -> Iterator[tuple[str, str, Any]]:
    """Yield where, the schema's name and the value of each example of an answer."""
    for operation in spec.operations.values():
        for status, response in operation.responses.items():
            for media in response.get("content", {}).values():
                name = media["schema"]["$ref"].rsplit("/", 1)[-1]
                for key, body in media["examples"].items():
                    yield f"{operation.id} {status} {key}", name, spec.deref(body)["value"]


@pytest.mark.parametrize("api", APIS)
def test_examples_keep_structure_and_rules(api: str) -> None:
    spec = load_spec(api)
    seen = list(inline_examples(spec))
    assert len(seen) > 40
    for where, name, value in seen:
        assert list(structure_of(spec, name).errors(value)) == [], where
        assert broken_rules(spec, name, value) == frozenset(), where


def test_the_printed_shape_fits_but_its_placeholders_break_what_we_infer() -> None:
    spec, body = load_spec("nekt"), fixture("printed_shape.json")
    assert list(structure_of(spec, "Run").errors(body)) == []
    assert broken_rules(spec, "Run", body) == {
        "nekt.run.ended-when-terminal",
        "nekt.run.queued-has-not-started",
    }
    ledger = load_ledger("nekt")
    levels = {line.level for line in ledger.lines if line.id in broken_rules(spec, "Run", body)}
    assert levels == {"INFERRED"}


def test_a_run_that_sends_every_object_keeps_all_rules() -> None:
    spec, body = load_spec("nekt"), fixture("every_object.json")
    assert whole_of(spec, "Run").is_valid(body)
    assert broken_rules(spec, "Run", body) == frozenset()


BROKEN: list[tuple[str, str, dict[str, Any], str]] = [
    ("nekt", "SuccessfulRun", {"ended_at": None}, "run.ended-when-terminal"),
    ("nekt", "SuccessfulRun", {"ended_at": ...}, "run.ended-when-terminal"),
    ("nekt", "FailedRun", {"ended_at": None}, "run.ended-when-terminal"),
    ("nekt", "CanceledRun", {"ended_at": None}, "run.ended-when-terminal"),
    ("nekt", "QueuedRun", {"ended_at": T2}, "run.ended-when-terminal"),
    ("nekt", "RunningRun", {"ended_at": T2}, "run.ended-when-terminal"),
    ("nekt", "CancellingRun", {"ended_at": T2}, "run.ended-when-terminal"),
    ("nekt", "QueuedRun", {"started_at": T1}, "run.queued-has-not-started"),
    ("nekt", "RunningRun", {"started_at": None}, "run.running-has-started"),
    ("nekt", "RunningRun", {"started_at": ...}, "run.running-has-started"),
    ("nekt", "SuccessfulRun", {"started_at": None}, "run.success-has-started"),
    ("nekt", "FailedRun", {"trigger.type": "event"}, "run.trigger-agrees-with-its-type"),
    ("nekt", "QueuedRun", {"trigger.type": "cron"}, "run.trigger-agrees-with-its-type"),
    ("nekt", "CanceledRun", {"trigger.type": "api"}, "run.trigger-agrees-with-its-type"),
    ("nekt", "FailedRun", {"trigger.cron_expression": None}, "run.cron-has-a-schedule"),
    ("nekt", "FailedRun", {"trigger.cron_timezone": "+00:00"}, "run.cron-has-a-schedule"),
    (
        "nekt",
        "FailedRun",
        {"trigger_type": "event", "trigger.type": "event"},
        "run.event-has-a-rule",
    ),
    ("nekt", "CanceledRun", {"triggered_by": None}, "run.manual-names-a-user"),
    ("nekt", "QueuedRun", {"triggered_by_token": None}, "run.api-names-a-token"),
    ("nekt", "FailedRun", {"triggered_by": {"email": "a@b.example"}}, "run.schedule-names-nobody"),
    ("nekt", "QueuedRun", {"triggered_by_token.token": "nk_0123456789"}, "run.token-is-redacted"),
    (
        "nekt_v2",
        "SuccessfulRun",
        {"ended_at": None, "duration_seconds": None},
        "run.ended-when-terminal",
    ),
    ("nekt_v2", "PendingRun", {"ended_at": T2}, "run.ended-when-terminal"),
    ("nekt_v2", "PendingRun", {"started_at": T1}, "run.waiting-has-not-started"),
    ("nekt_v2", "QueuedRun", {"started_at": T1}, "run.waiting-has-not-started"),
    ("nekt_v2", "RunningRun", {"started_at": None}, "run.running-has-started"),
    ("nekt_v2", "SuccessfulRun", {"started_at": None}, "run.success-has-started"),
    ("nekt_v2", "RunningRun", {"duration_seconds": 3}, "run.duration-when-ended"),
    ("nekt_v2", "SuccessfulRun", {"duration_seconds": None}, "run.duration-when-ended"),
    ("nekt_v2", "SuccessfulRun", {"duration_seconds": -1}, "run.duration-when-ended"),
    ("nekt_v2", "SuccessfulRun", {"trigger.cron_expression": ""}, "run.cron-has-a-schedule"),
    ("nekt_v2", "PendingRun", {"trigger.event_rule": None}, "run.event-has-a-rule"),
    ("nekt_v2", "SuccessfulRun", {"triggered_by": 14}, "run.schedule-names-nobody"),
    ("nekt_v2", "QueuedRun", {"triggered_by_token": None}, "run.manual-names-an-actor"),
    ("nekt_v2", "QueuedRun", {"source": None}, "run.has-one-owner"),
    ("nekt_v2", "QueuedRun", {"destination": "x"}, "run.has-one-owner"),
    (
        "nekt_v2",
        "SuccessfulRun",
        {"status": "failed"},
        "run.failed-is-not-charged",
    ),
    (
        "nekt_v2",
        "SuccessfulRun",
        {"status": "failed", "credit_charge_status": "first_extraction"},
        "run.failed-is-no-first-extraction",
    ),
    ("nekt_v2", "RunningRun", {"credit_charge_status": "charged"}, "run.charged-after-the-end"),
    ("nekt_v2", "SuccessfulRun", {"el_cost_usd": -0.01}, "run.costs-are-not-negative"),
    ("nekt_v2", "SuccessfulRun", {"transformation_cost_usd": 1.5}, "run.costs-fit-the-owner"),
    ("nekt_v2", "PendingRun", {"el_cost_usd": 0.5}, "run.costs-fit-the-owner"),
    (
        "nekt_v2",
        "QueuedRun",
        {"triggered_by_token": {"id": "t", "token": "nk_0123456789"}},
        "run.token-is-redacted",
    ),
]


@pytest.mark.parametrize(("api", "name", "changes", "rule"), BROKEN)
def test_a_broken_body_breaks_the_named_rule_only(
    api: str, name: str, changes: dict[str, Any], rule: str
) -> None:
    spec = load_spec(api)
    body = changed(example(api, name), changes)
    assert list(structure_of(spec, "Run").errors(body)) == []
    assert broken_rules(spec, "Run", body) == {f"{api}.{rule}"}
    assert broken_rules(spec, "RunPage", {"results": [body]}) == {f"{api}.{rule}"}


def test_every_rule_in_the_schemas_has_a_body_that_breaks_it() -> None:
    tried = {f"{api}.{rule}" for api, _, _, rule in BROKEN}
    assert tried == {rule.id for api in APIS for rule in load_spec(api).schema_rules}


def test_a_run_in_short_is_held_to_the_same_end() -> None:
    spec = load_spec("nekt")
    owner = {"id": example("nekt", "QueuedRun")["id"]}
    short = {"id": owner["id"], "status": "running", "created_at": T0, "started_at": T1}
    assert broken_rules(spec, "Transformation", {**owner, "last_run": short}) == frozenset()
    ended = {**owner, "last_run": {**short, "ended_at": T2}}
    assert broken_rules(spec, "Transformation", ended) == {"nekt.run.ended-when-terminal"}
    assert broken_rules(spec, "Source", {**owner, "last_run": None}) == frozenset()


INNOCENT: list[tuple[str, str, dict[str, Any]]] = [
    ("nekt", "SuccessfulRun", {"status": "archived", "ended_at": None, "started_at": None}),
    ("nekt", "QueuedRun", {"status": "pending_events"}),
    ("nekt", "RunningRun", {"status": "archived", "ended_at": T2}),
    ("nekt", "FailedRun", {"trigger_type": "webhook"}),
    ("nekt", "FailedRun", {"trigger_type": ..., "trigger.type": None}),
    ("nekt", "FailedRun", {"trigger.type": "schedule"}),
    ("nekt", "FailedRun", {"triggered_by": {}, "triggered_by_token": {"token": ""}}),
    ("nekt", "FailedRun", {"started_at": ...}),
    ("nekt", "QueuedRun", {"started_at": ..., "ended_at": ..., "log": None}),
    ("nekt", "CanceledRun", {"started_at": None}),
    ("nekt", "RunningRun", {"new_member": [1], "pipeline.new_member": {}, "log.lines": 3}),
    ("nekt", "RunningRun", {"pipeline.type": "loader", "pipeline.current_status": "archived"}),
    (
        "nekt_v2",
        "SuccessfulRun",
        {"status": "archived", "ended_at": None, "duration_seconds": None},
    ),
    ("nekt_v2", "SuccessfulRun", {"credit_charge_status": "waived", "status": "failed"}),
    ("nekt_v2", "RunningRun", {"credit_charge_status": "reserved"}),
    ("nekt_v2", "CanceledRun", {"credit_charge_status": "charged"}),
    ("nekt_v2", "CanceledRun", {"started_at": None, "duration_seconds": 0}),
    ("nekt_v2", "CanceledRun", {"started_at": None, "duration_seconds": None}),
    ("nekt_v2", "QueuedRun", {"trigger.type": "webhook", "triggered_by_token": None}),
    ("nekt_v2", "QueuedRun", {"source": ..., "destination": ..., "transformation": ...}),
    ("nekt_v2", "SuccessfulRun", {"transformation_cost_usd": 0.0, "el_cost_usd": ...}),
    ("nekt_v2", "RunningRun", {"extra_config": {"any": [1]}, "new_member": 1, "number": None}),
    ("nekt_v2", "RunningRun", {"triggered_by_token": {"id": "t", "token": "nk_****a1b2"}}),
]


@pytest.mark.parametrize(("api", "name", "changes"), INNOCENT)
def test_what_the_docs_leave_open_is_not_accused(
    api: str, name: str, changes: dict[str, Any]
) -> None:
    spec = load_spec(api)
    body = changed(example(api, name), changes)
    assert list(structure_of(spec, "Run").errors(body)) == []
    assert broken_rules(spec, "Run", body) == frozenset()


@pytest.mark.parametrize(
    ("api", "changes", "pointer"),
    [
        ("nekt", {"id": "run-1"}, "/id"),
        ("nekt", {"status": None}, "/status"),
        ("nekt", {"pipeline": None}, "/pipeline"),
        ("nekt", {"started_at": "yesterday"}, "/started_at"),
        ("nekt", {"triggered_by": ...}, ""),
        ("nekt", {"use_custom_logs": "yes"}, "/use_custom_logs"),
        ("nekt_v2", {"duration_seconds": 1.5}, "/duration_seconds"),
        ("nekt_v2", {"ended_at": ...}, ""),
        ("nekt_v2", {"source": 7}, "/source"),
        ("nekt_v2", {"number": "99"}, "/number"),
    ],
)
def test_a_wrong_structure_is_found_where_it_is(
    api: str, changes: dict[str, Any], pointer: str
) -> None:
    body = changed(example(api, "RunningRun"), changes)
    errors = list(structure_of(load_spec(api), "Run").errors(body))
    assert [error.pointer for error in errors] == [pointer]


@pytest.mark.parametrize("api", APIS)
def test_the_lifecycle_reaches_every_end_and_leaves_none(api: str) -> None:
    lifecycle = load_spec(api).lifecycles["Run"]
    ends = {name for name in lifecycle.states if lifecycle.is_final(name)}
    assert ends == {"success", "failed", "canceled"}
    for start in lifecycle.initial:
        assert all(lifecycle.may_reach(start, end) for end in ends)
    assert all(not lifecycle.may_reach("cancelling", back) for back in ("queued", "running"))
    assert not lifecycle.may_reach("running", "queued")


def test_both_views_of_a_run_move_through_the_same_states() -> None:
    lifecycles = load_spec("nekt").lifecycles
    assert lifecycles["LastRun"].states == lifecycles["Run"].states
    assert lifecycles["LastRun"].initial == lifecycles["Run"].initial


@pytest.mark.parametrize("api", APIS)
def test_what_starts_a_run_links_to_what_polls_cancels_and_lists_it(api: str) -> None:
    spec = load_spec(api)
    links = {
        link.role: link.operation_id for link in spec.links(spec.operations["triggerPipeline"])
    }
    assert links == {"poll": "getRun", "cancel": "cancelRun", "list": "listRuns"}
    assert dict(spec.polls) == {"getRun": "Run"}
