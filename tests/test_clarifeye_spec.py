"""The spec of Clarifeye says what its docs promise, and accuses nobody of anything else."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from runwright.ledger import load_ledger
from runwright.pointer import tokens
from runwright.rule import Level
from runwright.rules.common import lifecycle_rules
from runwright.spec import Operation, load_spec, specs_folder
from runwright.validation import (
    ALL_RULES,
    broken_rules,
    compile_schema,
    request_validator,
    rule_validators,
    structure_of,
    whole_of,
)

SPEC = load_spec("clarifeye")
FIXTURES = Path(__file__).parent / "fixtures" / "clarifeye"
ENDS = {"completed", "completed_with_warnings", "failed", "aborted"}
UUID = "7c000000-0000-4000-8000-000000000009"
STARTERS = ("runExtractionFlow", "publishExtractionFlow")


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def media() -> Iterator[tuple[str, Any]]:
    for operation in SPEC.operations.values():
        carriers = {status: SPEC.deref(r) for status, r in operation.responses.items()}
        if operation.request_body is not None:
            carriers["request"] = operation.request_body
        for name, carrier in carriers.items():
            yield f"{operation.id} {name}", carrier["content"]["application/json"]


def example(operation: str, status: str, name: str) -> Any:
    response = SPEC.deref(SPEC.operations[operation].responses[status])
    return copy.deepcopy(response["content"]["application/json"]["examples"][name]["value"])


def changed(body: Any, edits: dict[str, Any]) -> Any:
    for pointer, value in edits.items():
        *way, last = tokens(pointer)
        target = body
        for token in way:
            target = target[int(token) if isinstance(target, list) else token]
        if value is ...:
            del target[last]
        else:
            target[int(last) if isinstance(target, list) else last] = value
    return body


def run(name: str, edits: dict[str, Any]) -> Any:
    return changed(example("getPipelineRun", "200", name), edits)


def test_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(dict(SPEC.document)).iter_errors()) == []


@pytest.mark.parametrize(("where", "content"), [pytest.param(*m, id=m[0]) for m in media()])
def test_every_example_keeps_schema_and_rules(where: str, content: Any) -> None:
    validator = compile_schema(SPEC, content["schema"], ALL_RULES)

    faults = {
        (name, error.pointer, error.message)
        for name, shown in content["examples"].items()
        for error in validator.errors(shown["value"])
    }

    assert content["examples"], where
    assert faults == set()


def test_a_run_of_the_printed_shape_has_the_documented_structure() -> None:
    printed = fixture("printed_shape")

    assert list(structure_of(SPEC, "PipelineRun").errors(printed)) == []
    # The printed values are placeholders; they name three extractors in one step.
    assert broken_rules(SPEC, "PipelineRun", printed) == {"clarifeye.step.runs-one-extractor"}


@pytest.mark.parametrize("member", list(fixture("printed_shape")))
def test_a_run_without_a_printed_member_is_told(member: str) -> None:
    body = changed(fixture("printed_shape"), {member: ...})

    (error,) = structure_of(SPEC, "PipelineRun").errors(body)

    assert error.pointer == ""
    assert f'"{member}" is a required property' in error.message


@pytest.mark.parametrize(
    "edits",
    [{}, *({"status": status} for status in ("paused", *sorted(ENDS)))],
    ids=lambda edits: edits.get("status", "as it is"),
)
def test_a_newer_server_is_not_accused(edits: dict[str, Any]) -> None:
    body = changed(fixture("newer_run"), {**edits, "/steps/1/status": "resting"})

    assert list(structure_of(SPEC, "PipelineRun").errors(body)) == []
    assert broken_rules(SPEC, "PipelineRun", body) == set()


def test_the_name_of_a_step_and_the_extractors_may_be_null() -> None:
    body = run("completed", {"/steps/0/name": None, "/steps/0/tag_extractor_id": None})

    assert list(whole_of(SPEC, "PipelineRun").errors(body)) == []


BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("run.abort-leaves-no-live-step", "aborted", {"/steps/1/status": "running"}),
    ("run.abort-leaves-no-live-step", "aborted", {"/steps/1/status": "pending"}),
    (
        "run.warnings-come-from-a-step",
        "completed-with-warnings",
        {"/steps/2/status": "completed", "/steps/2/warnings": None},
    ),
    ("run.warnings-come-from-a-step", "completed-with-warnings", {"steps": []}),
    ("run.pending-has-not-started", "pending", {"/steps/0/status": "running"}),
    ("run.pending-has-not-started", "pending", {"/steps/2/status": "failed"}),
    ("run.ended-has-no-running-step", "completed", {"/steps/0/status": "running"}),
    ("run.ended-has-no-running-step", "failed", {"/steps/2/status": "running"}),
    ("run.task-is-known-once-running", "running", {"celery_task_id": ""}),
    (
        "run.targets-are-named-once",
        "aborted",
        {"chunk_ids": [UUID, UUID]},
    ),
    (
        "run.targets-are-named-once",
        "aborted",
        {"document_ids": [UUID, UUID]},
    ),
    ("run.tables-are-given", "completed", {"tables": None}),
    ("run.names-targets-and-counts-none", "completed", {"chunk_count": 2}),
    ("run.names-targets-and-counts-none", "completed", {"document_count": None}),
    ("step.completed-has-no-warnings", "completed", {"/steps/0/warnings": ["2 tags dropped"]}),
    ("step.warned-has-warnings", "completed-with-warnings", {"/steps/2/warnings": []}),
    (
        "step.runs-one-extractor",
        "pending",
        {"/steps/1/object_extractor_id": UUID},
    ),
    ("step.completed-has-its-outputs", "completed", {"/steps/0/outputs/tags": None}),
]


@pytest.mark.parametrize(("rule", "name", "edits"), BROKEN)
def test_a_broken_run_breaks_just_the_rule(rule: str, name: str, edits: dict[str, Any]) -> None:
    body = run(name, edits)

    assert list(structure_of(SPEC, "PipelineRun").errors(body)) == []
    assert broken_rules(SPEC, "PipelineRun", body) == {f"clarifeye.{rule}"}


def test_what_must_not_be_is_told_without_the_schema_that_forbids_it() -> None:
    body = run("aborted", {"/steps/1/status": "pending"})

    (error,) = whole_of(SPEC, "PipelineRun").errors(body)

    assert (error.pointer, error.message) == ("/steps/1/status", '"pending" is not allowed here')


BROKEN_ITEMS: list[tuple[str, dict[str, Any]]] = [
    ("list.counts-targets-and-names-none", {"document_ids": []}),
    ("list.counts-targets-and-names-none", {"chunk_ids": None}),
    ("run.abort-leaves-no-live-step", {"/steps/1/status": "running"}),
    ("run.warnings-come-from-a-step", {"status": "completed_with_warnings"}),
    ("run.pending-has-not-started", {"status": "pending"}),
    ("run.ended-has-no-running-step", {"status": "failed", "/steps/1/status": "running"}),
    ("run.task-is-known-once-running", {"status": "completed", "celery_task_id": ""}),
]


@pytest.mark.parametrize(("rule", "edits"), BROKEN_ITEMS)
def test_a_broken_list_item_breaks_just_the_rule(rule: str, edits: dict[str, Any]) -> None:
    page = example("listPipelineRuns", "200", "one-aborted-run")
    changed(page["results"][0], edits)

    assert list(structure_of(SPEC, "PipelineRunPage").errors(page)) == []
    assert broken_rules(SPEC, "PipelineRunPage", page) == {f"clarifeye.{rule}"}


@pytest.mark.parametrize("body", [{"detail": "Not found."}, {"error": ""}, {}], ids=json.dumps)
def test_an_error_without_its_text_is_told(body: Any) -> None:
    assert list(structure_of(SPEC, "Error").errors(body)) == []
    assert broken_rules(SPEC, "Error", body) == {"clarifeye.error.says-what-is-wrong"}


def test_every_rule_of_the_schemas_is_shown_broken_here() -> None:
    shown = {rule for rule, *_ in (*BROKEN, *BROKEN_ITEMS)} | {"error.says-what-is-wrong"}

    assert {rule.id for rule in SPEC.schema_rules} == {f"clarifeye.{rule}" for rule in shown}


def test_every_rule_of_the_schemas_is_witnessed_by_an_example() -> None:
    roots = {
        "PipelineRun": [run(name, {}) for name in ("completed", "aborted", "pending", "running")]
        + [run("completed-with-warnings", {})],
        "PipelineRunPage": [example("listPipelineRuns", "200", "one-aborted-run")],
        "Error": [{"error": "Not found."}],
    }
    bodies = {
        "PipelineRun": roots["PipelineRun"],
        "PipelineRunListItem": roots["PipelineRunPage"][0]["results"],
        "PipelineRunStep": [step for body in roots["PipelineRun"] for step in body["steps"]],
        "Error": roots["Error"],
    }

    met = {
        validator.rule.id
        for validator in rule_validators(SPEC)
        for body in bodies[validator.rule.schema]
        if validator.applies(body)
    }

    assert met == {rule.id for rule in SPEC.schema_rules}


@pytest.mark.parametrize("starter", STARTERS)
def test_what_starts_a_run_leads_to_what_polls_and_aborts_it(starter: str) -> None:
    links = {link.role: link for link in SPEC.links(SPEC.operations[starter])}

    assert links["poll"].operation_id == "getPipelineRun"
    assert links["cancel"].operation_id == "abortPipelineRun"
    assert links["list"].operation_id == "listPipelineRuns"
    assert links["poll"].parameters["pipeline_run_id"] == "$response.body#/pipeline_run_id"


def test_every_path_ends_with_a_slash_and_every_operation_needs_a_token() -> None:
    operations = SPEC.operations.values()

    assert {operation.path[-1] for operation in operations} == {"/"}
    assert {tuple(map(tuple, operation.security)) for operation in operations} == {
        (("BearerAuth",), ("TokenAuth",))
    }


@pytest.mark.parametrize("schema", ["PipelineRun", "PipelineRunListItem", "PipelineRunStep"])
def test_runs_and_steps_end_in_the_four_documented_states(schema: str) -> None:
    lifecycle = SPEC.lifecycles[schema]
    states = SPEC.schemas["PipelineRunStatus"]["enum"]

    assert set(lifecycle.states) == set(states)
    assert {state for state in states if lifecycle.is_final(state)} == ENDS
    assert all(lifecycle.may_reach("pending", state) for state in states)
    assert not lifecycle.may_reach("running", "pending")


def test_the_filter_of_the_list_takes_all_documented_states_and_no_other() -> None:
    status = SPEC.schemas["PipelineRunStatusFilter"]

    assert status["enum"] == SPEC.schemas["PipelineRunStatus"]["enum"]
    assert "x-open-enum" not in status


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("runExtractionFlow", {"document_ids": ["not-a-uuid"]}),
        ("getExtractionFlowStatistics", {"document_ids": "all"}),
        ("updateExtractionFlow", {"publish_mode": "sometimes"}),
    ],
)
def test_a_malformed_body_does_not_fit(operation: str, body: Any) -> None:
    validator = request_validator(SPEC, SPEC.operations[operation])

    assert validator is not None
    assert not validator.is_valid(body)


def test_our_keywords_are_used_as_the_vocabulary_says() -> None:
    vocabulary = json.loads((specs_folder() / "vocabulary.schema.json").read_text())
    validator = jsonschema_rs.validator_for(vocabulary)

    def bearers(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if any(str(key).startswith("x-") for key in node):
                yield node
            node = list(node.values())
        for child in node if isinstance(node, list) else ():
            yield from bearers(child)

    found = list(bearers(SPEC.document))
    assert len(found) > len(SPEC.schema_rules)
    assert [node for node in found if not validator.is_valid(node)] == []


def test_every_rule_that_the_spec_makes_has_a_line() -> None:
    made = {rule.id for rule in SPEC.schema_rules} | {rule.id for rule in lifecycle_rules(SPEC)}
    kept = {line.id for line in load_ledger("clarifeye").lines if line.excluded is None}

    assert made <= kept


def test_what_is_called_a_must_stands_in_a_seed() -> None:
    for line in load_ledger("clarifeye").lines:
        from_seed = any(said.source.is_seed for said in line.sentences)
        assert from_seed or line.level is not Level.MUST, line.id
        assert line.level is not Level.INFERRED or line.sentence.source.id == "inference", line.id


def test_operations_are_named_as_the_vendor_names_them() -> None:
    def call(operation: Operation) -> str:
        return f"{operation.method} {operation.path.removeprefix('/projects/{project_id}')}"

    assert {name: call(operation) for name, operation in SPEC.operations.items()} == {
        "listPipelineRuns": "GET /pipeline-runs/",
        "getPipelineRun": "GET /pipeline-runs/{pipeline_run_id}/",
        "abortPipelineRun": "POST /pipeline-runs/{pipeline_run_id}/abort/",
        "listExtractionFlows": "GET /extraction-flows/",
        "updateExtractionFlow": "PATCH /extraction-flows/{flow_id}/",
        "runExtractionFlow": "POST /extraction-flows/{flow_id}/run-sync/",
        "publishExtractionFlow": "POST /extraction-flows/{flow_id}/publish/",
        "getExtractionFlowStatistics": "POST /extraction-flows/{flow_id}/node-stats/",
    }
