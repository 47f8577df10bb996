"""What the specs of both generations of Pipe0 say of one body."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runwright.ledger import load_ledger
from runwright.spec import Spec, load_spec
from runwright.validation import broken_rules, request_validator, structure_of, whole_of

FIXTURES = Path(__file__).parent / "fixtures" / "pipe0"
ANSWERS = {"pipe0": "PipesResponse", "pipe0_pipeline": "PipelineResponse"}
GONE = object()

ERROR = {"code": "OutOfCredits", "message": "The balance is used up."}
FOUND = "/records/1/fields/work_email"
NOTHING = "/records/2/fields/work_email"
GIVEN = "/records/3/fields/work_email"
BROKE = "/records/4/fields/work_email"
WAITING = "/records/2/fields/work_email"

Edits = dict[str, object]
Case = tuple[str, str, Edits]

COPIED = {"ref": "input", "environment": None, "config_hash": None, "input_hash": None}
PIPES: tuple[Case, ...] = (
    ("run.completed-without-errors", "CompletedRun", {"/errors": [ERROR]}),
    ("run.errors-only-when-failed", "PendingRun", {"/errors": [ERROR]}),
    ("run.errors-only-when-failed", "ProcessingRun", {"/errors": [ERROR]}),
    ("run.errors-only-when-failed", "CanceledRun", {"/errors": [ERROR]}),
    ("run.errors-when-failed", "FailedRun", {"/errors": []}),
    ("run.pending-before-processing", "PendingRun", {f"{WAITING}/status": "processing"}),
    ("definitions.are-given", "CompletedRun", {"/field_definitions": {}}),
    ("record.fields-include-id", "CompletedRun", {"/records/1/fields/id": GONE}),
    (
        "record.id-field-is-completed",
        "ProcessingRun",
        {"/records/a/fields/id/status": "queued", "/records/a/fields/id/resolved_by": None},
    ),
    ("field.reason-when-unresolved", "CompletedRun", {f"{NOTHING}/reason": None}),
    ("field.reason-when-unresolved", "CompletedRun", {f"{BROKE}/reason": None}),
    (
        "field.reason-when-skipped",
        "CompletedRun",
        {f"{BROKE}/reason": None, f"{BROKE}/status": "skipped"},
    ),
    ("field.resolved-by-when-completed", "CompletedRun", {f"{FOUND}/resolved_by": None}),
    ("field.resolved-by-only-when-completed", "CompletedRun", {f"{BROKE}/resolved_by": COPIED}),
    ("field.resolved-by-only-when-completed", "PendingRun", {f"{WAITING}/resolved_by": COPIED}),
    ("field.is-claimed", "CompletedRun", {f"{FOUND}/claimed_by": None}),
    (
        "field.input-claims-keep-pipes-out",
        "CompletedRun",
        {f"{FOUND}/claimed_by": {"ref": "input", "config_hash": None}},
    ),
    (
        "field.resolvers-are-input-or-pipes",
        "CompletedRun",
        {f"{GIVEN}/resolved_by/ref": "system"},
    ),
    (
        "field.resolvers-are-input-or-pipes",
        "CompletedRun",
        {f"{GIVEN}/claimed_by": {"ref": "system", "config_hash": None}},
    ),
    ("field.resolvers-are-known", "CompletedRun", {f"{GIVEN}/resolved_by/ref": "hunter"}),
    (
        "field.resolvers-are-known",
        "CompletedRun",
        {f"{GIVEN}/claimed_by": {"ref": "hunter", "config_hash": None}},
    ),
    ("field.generated-has-a-value", "CompletedRun", {f"{FOUND}/value": None}),
    ("field.no-result-has-no-value", "CompletedRun", {f"{NOTHING}/value": "ada@example.com"}),
    ("field.unfinished-has-no-value", "PendingRun", {f"{WAITING}/value": "ada@example.com"}),
    ("field.value-fits-type", "CompletedRun", {f"{FOUND}/value": 5}),
    ("field.value-fits-type", "CompletedRun", {f"{FOUND}/type": "number"}),
    ("field.value-fits-type", "CompletedRun", {f"{FOUND}/type": "boolean"}),
    ("field.value-fits-type", "CompletedRun", {f"{FOUND}/type": "json"}),
    ("field.unknown-type-has-no-value", "CompletedRun", {f"{FOUND}/type": "unknown"}),
    ("field.unknown-type-has-no-value", "CompletedRun", {f"{FOUND}/type": "unkown"}),
    (
        "waterfall.succeeds-only-with-a-result",
        "CompletedRun",
        {f"{NOTHING}/widgets/waterfall/successful_provider": "hunter"},
    ),
    ("resolver.input-has-no-origin", "CompletedRun", {f"{GIVEN}/resolved_by/input_hash": "11aa"}),
    (
        "resolver.input-has-no-origin",
        "CompletedRun",
        {f"{GIVEN}/resolved_by/environment": "sandbox"},
    ),
    (
        "definition.only-pipes-have-an-index",
        "CompletedRun",
        {"/field_definitions/id/added_by/pipe_index": 0},
    ),
    (
        "definition.only-pipes-have-an-index",
        "CompletedRun",
        {"/field_definitions/work_email/added_by/pipe_index": None},
    ),
    ("credits.spent-is-an-amount", "CompletedRun", {"/credits/spent": -0.25}),
    ("credits.spent-is-an-amount", "CompletedRun", {"/credits/spent": 0.00001}),
)

COPIED_2025 = {"ref": "input"}
FOUND_2025 = "/records/b/fields/work_email"
NOTHING_2025 = "/records/x9/fields/work_email"
GIVEN_2025 = "/records/x7/fields/work_email"
BROKE_2025 = "/records/x8/fields/work_email"
PIPELINE: tuple[Case, ...] = (
    ("run.completed-without-errors", "CompletedRun", {"/errors": [ERROR]}),
    ("run.errors-only-when-failed", "PendingRun", {"/errors": [ERROR]}),
    ("run.errors-when-failed", "FailedRun", {"/errors": []}),
    ("run.pending-before-processing", "PendingRun", {f"{WAITING}/status": "processing"}),
    ("record.fields-include-id", "CompletedRun", {"/records/x8/fields/id": GONE}),
    (
        "record.id-field-is-completed",
        "ProcessingRun",
        {"/records/a/fields/id/status": "queued", "/records/a/fields/id/resolved_by": None},
    ),
    ("field.reason-when-unresolved", "CompletedRun", {f"{NOTHING_2025}/reason": None}),
    ("field.reason-when-unresolved", "CompletedRun", {f"{BROKE_2025}/reason": None}),
    ("field.resolved-by-when-completed", "CompletedRun", {f"{GIVEN_2025}/resolved_by": None}),
    (
        "field.resolved-by-only-when-completed",
        "CompletedRun",
        {f"{NOTHING_2025}/resolved_by": COPIED_2025},
    ),
    ("field.is-claimed", "CompletedRun", {f"{GIVEN_2025}/claimed_by": None}),
    (
        "field.input-claims-keep-pipes-out",
        "ProcessingRun",
        {f"{FOUND_2025}/claimed_by": {"ref": "input", "hash": None}},
    ),
    (
        "field.resolvers-are-input-or-pipes",
        "CompletedRun",
        {f"{GIVEN_2025}/resolved_by/ref": "cache"},
    ),
    (
        "field.resolvers-are-input-or-pipes",
        "CompletedRun",
        {f"{GIVEN_2025}/claimed_by/ref": "cache"},
    ),
    ("field.generated-has-a-value", "ProcessingRun", {f"{FOUND_2025}/value": None}),
    ("field.no-result-has-no-value", "CompletedRun", {f"{NOTHING_2025}/value": "ada@example.com"}),
    ("field.unfinished-has-no-value", "PendingRun", {f"{WAITING}/value": "ada@example.com"}),
    ("field.value-fits-type", "ProcessingRun", {f"{FOUND_2025}/value": ["bo@sample.org"]}),
    ("field.value-fits-type", "ProcessingRun", {f"{FOUND_2025}/type": "number"}),
    ("field.value-fits-type", "ProcessingRun", {f"{FOUND_2025}/type": "boolean"}),
    ("field.value-fits-type", "ProcessingRun", {f"{FOUND_2025}/type": "json"}),
    ("field.unknown-type-has-no-value", "ProcessingRun", {f"{FOUND_2025}/type": "unkown"}),
    (
        "provenance.input-has-no-hash",
        "CompletedRun",
        {f"{GIVEN_2025}/resolved_by/hash": "0badcafe"},
    ),
)

ALSO = {"field.resolvers-are-known": {"pipe0.field.resolvers-are-input-or-pipes"}}
"""What a seed forbids as well, and more widely."""

CASES = tuple(("pipe0", *case) for case in PIPES) + tuple(
    ("pipe0_pipeline", *case) for case in PIPELINE
)


def example(spec: Spec, name: str) -> Any:
    """Return a fresh copy of one of the spec's examples."""
    return copy.deepcopy(spec.document["components"]["examples"][name]["value"])


def edit(body: Any, edits: Edits) -> Any:
    """Put each value at its JSON Pointer, or take away what is there."""
    for pointer, value in edits.items():
        *above, last = pointer.split("/")[1:]
        place = body
        for token in above:
            place = place[token]
        assert last in place, f"nothing is at {pointer}"
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return body


def fixture(name: str) -> Any:
    """Return what a fixture holds."""
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def answers(spec: Spec) -> Iterator[tuple[str, str, Any]]:
    """Yield each example of an answer: where it stands, its schema, and the body."""
    for operation in spec.operations.values():
        for status, response in operation.responses.items():
            for media in response["content"].values():
                name = media["schema"]["$ref"].rsplit("/", 1)[-1]
                for key, entry in media["examples"].items():
                    yield f"{operation.id} {status} {key}", name, spec.deref(entry)["value"]


@pytest.mark.parametrize("api", ANSWERS)
def test_every_example_of_an_answer_keeps_every_rule(api: str) -> None:
    spec = load_spec(api)
    for where, name, body in answers(spec):
        assert [*whole_of(spec, name).errors(body)] == [], where
        assert broken_rules(spec, name, body) == frozenset(), where


@pytest.mark.parametrize(
    ("api", "rule", "name", "edits"), CASES, ids=[f"{case[0]}.{case[1]}" for case in CASES]
)
def test_a_broken_body_breaks_one_rule(api: str, rule: str, name: str, edits: Edits) -> None:
    spec = load_spec(api)
    body = edit(example(spec, name), edits)
    assert [*structure_of(spec, ANSWERS[api]).errors(body)] == []
    assert broken_rules(spec, ANSWERS[api], body) == {f"{api}.{rule}", *ALSO.get(rule, ())}


@pytest.mark.parametrize("api", ANSWERS)
def test_every_rule_in_the_schema_is_broken_once_here_and_has_a_line(api: str) -> None:
    stated = {rule.id for rule in load_spec(api).schema_rules}
    assert stated == {f"{case[0]}.{case[1]}" for case in CASES if case[0] == api}
    assert stated <= {line.id for line in load_ledger(api).lines}


@pytest.mark.parametrize("api", ANSWERS)
@pytest.mark.parametrize("name", ["PendingRun", "ProcessingRun", "CompletedRun", "FailedRun"])
def test_unheard_of_states_and_types_break_nothing(api: str, name: str) -> None:
    spec = load_spec(api)
    body = example(spec, name)
    body["status"] = "unheard-of"
    for record in body["records"].values():
        for cell in record["fields"].values():
            cell["status"] = cell["type"] = "unheard-of"
    for errors in ([], [ERROR]):
        body["errors"] = errors
        assert [*structure_of(spec, ANSWERS[api]).errors(body)] == []
        assert broken_rules(spec, ANSWERS[api], body) == frozenset()


@pytest.mark.parametrize(
    ("api", "name", "breaks"),
    [
        (
            "pipe0",
            "newer_run.json",
            {"pipe0.definitions.are-given", "pipe0.field.resolvers-are-input-or-pipes"},
        ),
        ("pipe0_pipeline", "newer_pipeline_run.json", set()),
        (
            "pipe0",
            "printed_shape.json",
            {"pipe0.run.completed-without-errors", "pipe0.record.fields-include-id"},
        ),
    ],
)
def test_answers_of_other_servers_fit_the_structure(api: str, name: str, breaks: set[str]) -> None:
    spec = load_spec(api)
    body = fixture(name)
    assert [*structure_of(spec, ANSWERS[api]).errors(body)] == []
    assert broken_rules(spec, ANSWERS[api], body) == breaks


@pytest.mark.parametrize("api", ANSWERS)
def test_the_printed_problem_is_a_problem(api: str) -> None:
    problem = structure_of(load_spec(api), "Problem")
    body = fixture("problem.json")
    assert problem.is_valid(body)
    for member in ("type", "title", "status", "detail"):
        assert not problem.is_valid({key: body[key] for key in body if key != member})


@pytest.mark.parametrize(
    ("member", "pointer"),
    [("id", ""), ("order", ""), ("fields", "/records/1"), ("resolved_by", FOUND)],
)
def test_a_missing_member_is_a_fault_of_the_structure(member: str, pointer: str) -> None:
    spec = load_spec("pipe0")
    body = edit(example(spec, "CompletedRun"), {f"{pointer}/{member}": GONE})
    assert [error.pointer for error in structure_of(spec, "PipesResponse").errors(body)] == [
        pointer
    ]


@pytest.mark.parametrize(
    ("readings", "rule"),
    [
        (("seed",), "pipe0.definitions.are-given"),
        (("seed",), "pipe0.field.resolved-by-only-when-completed"),
        (("current",), "pipe0.field.reason-when-skipped"),
        (("seed", "current"), "pipe0.field.reason-when-unresolved"),
        (("seed", "current"), "pipe0_pipeline.field.resolved-by-only-when-completed"),
    ],
)
def test_what_the_docs_took_back_belongs_to_one_reading(
    readings: tuple[str, ...], rule: str
) -> None:
    line = load_ledger(rule.split(".")[0]).line(rule)
    assert line is not None
    assert (line.holds_under("seed"), line.holds_under("current")) == (
        "seed" in readings,
        "current" in readings,
    )


PIPE = {"pipe_id": "person:workemail:waterfall@1"}


@pytest.mark.parametrize(
    ("good", "body"),
    [
        (True, {"pipes": [PIPE], "input": [{"id": 1, "name": "Ada Example"}]}),
        (True, {"pipes": [PIPE], "input": [{"name": "Ada Example"}]}),
        (True, {"pipes": [PIPE], "input": [{}] * 100}),
        (False, {"pipes": [PIPE], "input": [{}] * 101}),
        (False, {"pipes": [PIPE], "input": []}),
        (False, {"pipes": [PIPE], "input": [{"id": True}]}),
        (False, {"pipes": [{"pipe_id": "workemail"}], "input": [{}]}),
        (False, {"pipes": [{}], "input": [{}]}),
        (False, {"input": [{}]}),
        (False, {"pipes": [PIPE], "input": [{}], "config": {"environment": "staging"}}),
    ],
)
def test_requests_are_told_apart(good: bool, body: Any) -> None:
    spec = load_spec("pipe0")
    for name in ("runPipes", "runPipesSync", "validatePipes"):
        validator = request_validator(spec, spec.operations[name])
        assert validator is not None
        assert validator.is_valid(body) is good


def test_the_pipeline_wants_an_id_for_each_row() -> None:
    spec = load_spec("pipe0_pipeline")
    validator = request_validator(spec, spec.operations["runPipeline"])
    assert validator is not None
    assert validator.is_valid({"pipes": [PIPE], "input": [{"id": "r1"}]})
    assert not validator.is_valid({"pipes": [PIPE], "input": [{"name": "Ada Example"}]})


def test_a_run_leads_from_its_start_to_its_poll_and_its_cancel() -> None:
    pipes, pipeline = load_spec("pipe0"), load_spec("pipe0_pipeline")
    assert pipes.starters == {"runPipes"}
    assert pipes.polls == {"checkPipesRun": "PipesResponse"}
    assert pipes.identifying_parameters == {"checkPipesRun": "run_id", "cancelPipesRun": "run_id"}
    assert pipeline.starters == {"runPipeline"}
    assert pipeline.polls == {"checkPipeline": "PipelineResponse"}
    assert pipeline.identifying_parameters == {"checkPipeline": "id"}


def test_only_a_waiting_run_can_be_canceled() -> None:
    run = load_spec("pipe0").lifecycles["PipesResponse"]
    assert run.may_reach("pending", "canceled")
    assert run.may_reach("pending", "completed")
    for state in ("processing", "completed", "failed"):
        assert not run.may_reach(state, "canceled")
    assert {state for state in run.states if run.is_final(state)} == {
        "completed",
        "failed",
        "canceled",
    }
