"""What is found in an OpenAPI document: operations, links, places, rules."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jobs import BASE, FOLDER, JOB, SPEC
from runwright.spec import Place, Spec, SpecError, apis, load_spec, load_yaml, read_spec


def _document(**members: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, **members}


def _operation(name: str, **members: Any) -> dict[str, Any]:
    return {"operationId": name, "responses": {"200": {"description": "Fine."}}, **members}


def _match(spec: Spec, method: str, url: str) -> tuple[str, dict[str, str]] | None:
    found = spec.match(method, url)
    return (found.operation.id, dict(found.path_parameters)) if found else None


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        ("GET", f"{BASE}/jobs/{JOB}", ("getJob", {"job-id": JOB})),
        ("get", f"http://127.0.0.1:8000/jobs/{JOB}?x=1#y", ("getJob", {"job-id": JOB})),
        ("GET", f"{BASE}/jobs/a%2Fb", ("getJob", {"job-id": "a/b"})),
        ("GET", f"{BASE}/jobs/latest", ("getLatestJob", {})),
        ("GET", f"{BASE}/jobs/{JOB}/", ("getJob", {"job-id": JOB})),
        ("GET", f"{BASE}/jobs/", ("listJobs", {})),
        ("DELETE", f"{BASE}/jobs", None),
        ("GET", f"{BASE}/jobs/{JOB}/cancel", None),
        ("GET", "http://[broken", None),
        ("GET", "", None),
    ],
)
def test_a_url_is_matched_with_its_operation(
    method: str, url: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    assert _match(SPEC, method, url) == expected


def test_the_longest_base_path_is_stripped_first() -> None:
    spec = Spec(
        "t",
        _document(
            servers=[{"url": "https://a.example/api"}, {"url": "https://a.example/api/v1/"}],
            paths={
                "/{any}": {"get": _operation("getAny")},
                "/v1/runs": {"get": _operation("getOldRuns")},
                "/runs": {"get": _operation("getRuns")},
            },
        ),
    )
    assert _match(spec, "GET", "https://a.example/api/v1/runs") == ("getRuns", {})
    assert _match(spec, "GET", "/runs") == ("getRuns", {})
    assert _match(spec, "GET", "/api/x") == ("getAny", {"any": "x"})


def test_matching_does_not_depend_on_the_hash_seed() -> None:
    script = (
        "from runwright.spec import Spec\n"
        "servers = [{'url': f'https://a.example/{b}'} for b in ('x', 'y', 'x/y', 'y/x')]\n"
        "spec = Spec('t', {'servers': servers})\n"
        "print(spec._base_paths)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {"('/x/y', '/y/x', '/x', '/y')\n"}


def test_operations_know_their_responses() -> None:
    start = SPEC.operations["startJob"]
    assert start.success_status == 202
    assert start.documents(422)
    assert not start.documents(404)
    assert start.response(404) is None
    assert not start.is_safe
    assert SPEC.operations["getJob"].path_names == ("job-id",)
    assert SPEC.operations["getJob"].parameters[0]["name"] == "job-id"
    assert [operation.id for operation in SPEC.operations.values()] == [
        "listJobs",
        "startJob",
        "getJob",
        "getLatestJob",
        "cancelJob",
        "getHealth",
    ]


def test_a_class_of_statuses_and_the_default_answer_for_what_has_no_answer_of_its_own() -> None:
    responses = {
        "200": {"description": "a"},
        "4XX": {"description": "b"},
        "default": {"description": "c"},
    }
    spec = Spec("t", _document(paths={"/": {"get": _operation("get", responses=responses)}}))
    operation = spec.operations["get"]
    assert operation.response(404) == {"description": "b"}
    assert operation.response(500) == {"description": "c"}
    assert operation.documents(404)
    assert operation.documents(500)


def test_links_tell_what_starts_and_polls() -> None:
    assert SPEC.starters == {"startJob"}
    assert SPEC.polls == {"getJob": "Job"}
    assert SPEC.identifying_parameters == {"getJob": "job-id", "cancelJob": "job-id"}
    assert [link.role for link in SPEC.links(SPEC.operations["startJob"])] == ["poll", "cancel"]
    assert SPEC.part_things == {"step", "cell"}


def test_places_tell_where_instances_stand() -> None:
    assert [place for place in SPEC.places("Latest") if place.schema == "JobItem"] == [
        Place("JobItem", ("job",))
    ]
    assert set(SPEC.places("Job")) >= {
        Place("Job", ()),
        Place("Step", ("steps", "*")),
        Place("Cell", ("cells", "*")),
    }


def test_places_end_where_a_schema_contains_itself() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    spec = Spec("t", _document(components={"schemas": {"Node": node}}))
    assert spec.places("Node") == (Place("Node", ()),)


def test_a_place_counts_once_however_often_it_is_written() -> None:
    reference = {"$ref": "#/components/schemas/A"}
    twice = {"allOf": [reference], "anyOf": [reference, {"type": "object", "allOf": [reference]}]}
    spec = Spec("t", _document(components={"schemas": {"A": {}, "B": twice}}))
    assert spec.places("B") == (Place("B", ()), Place("A", ()))


def test_a_reference_that_leads_nowhere_is_named() -> None:
    with pytest.raises(SpecError, match="#/components/schemas/None leads nowhere"):
        SPEC.deref({"$ref": "#/components/schemas/None"})


@pytest.mark.parametrize("api", apis())
def test_every_spec_of_the_project_is_read(api: str) -> None:
    spec = load_spec(api)
    assert spec.title
    assert spec.polls
    assert spec.starters
    assert spec.lifecycles


def test_an_unknown_api_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SpecError, match=r"no API is called 'nope'; there are: .*pipe0"):
        load_spec("nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.3", "not an OpenAPI 3.1 document"),
        ("- a list", "not an OpenAPI 3.1 document"),
        ("a: [", r"^\S+:1: not YAML: [^\n]+$"),
        (None, "no such file"),
    ],
)
def test_what_is_no_spec_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "openapi.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SpecError, match=message) as caught:
        read_spec(path)
    assert str(path) in str(caught.value)


def test_the_api_is_called_as_its_folder() -> None:
    assert read_spec(FOLDER / "openapi.yaml").api == "jobs"


def test_a_timestamp_in_yaml_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "times.yaml"
    path.write_text("at: 2026-03-04T09:00:00Z\nday: 2026-03-04\n")
    assert load_yaml(path) == {"at": "2026-03-04T09:00:00Z", "day": "2026-03-04"}
