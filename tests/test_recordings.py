"""Recordings are read as they come from browsers, proxies and test tools, without their secrets."""

import base64
import contextlib
import gzip
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runwright.history import (
    Exchange,
    History,
    HistoryError,
    dump_history,
    parse_history,
    placeholder,
)
from runwright.judge import judge
from runwright.recordings import read_recording
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor
from runwright.report import encode_report
from runwright.rulebook import load_rulebook
from runwright.spec import load_spec, read_spec

SPEC = load_spec("nekt")
RUN: dict[str, Any] = {"id": "5b0d7c1e-2f3a-4b6c-9d8e-1a2b3c4d5e6f", "status": "running"}
URL = f"https://api.nekt.ai/api/v1/runs/{RUN['id']}/"
KEY = "nk_live_0123456789abcdef"


def exchanges(source: Path | str) -> tuple[Exchange, ...]:
    found = list(read_recording(source, SPEC))
    assert all(isinstance(one, Exchange) for one in found), found
    return tuple(one for one in found if isinstance(one, Exchange))


def flaws(source: Path) -> list[Flaw]:
    return [one for one in read_recording(source, SPEC) if isinstance(one, Flaw)]


def har_entry(**response: Any) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-05-02T08:00:00.500Z",
        "time": 250,
        "request": {
            "method": "GET",
            "url": URL,
            "headers": [
                {"name": ":method", "value": "GET"},
                {"name": "X-API-Key", "value": KEY},
                {"name": "Accept", "value": "*/*"},
            ],
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"text": json.dumps(RUN)},
            **response,
        },
    }


def write_har(path: Path, *entries: object) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return path


def test_har_entry_becomes_an_exchange_without_its_key(tmp_path: Path) -> None:
    (exchange,) = exchanges(write_har(tmp_path / "a.har", har_entry()))
    assert (exchange.method, exchange.url, exchange.status) == ("GET", URL, 200)
    assert (exchange.at, exchange.took) == (1777708800.5, 0.25)
    assert exchange.body == RUN
    assert exchange.request.headers == (
        ("x-api-key", placeholder("credential-1")),
        ("accept", "*/*"),
    )
    assert exchange.actor == "credential-1"
    assert KEY.encode() not in dump_history(History(exchanges=(exchange,)))


def test_har_body_in_base64_is_decoded(tmp_path: Path) -> None:
    text = base64.b64encode(json.dumps(RUN).encode()).decode()
    entry = har_entry(content={"text": text, "encoding": "base64"})
    assert exchanges(write_har(tmp_path / "a.har", entry))[0].body == RUN


def test_har_redirects_preflights_and_failures_are_exchanges_too(tmp_path: Path) -> None:
    redirect = har_entry(status=301, content={}, redirectURL=URL)
    preflight = har_entry(status=204, content={})
    preflight["request"]["method"] = "OPTIONS"
    failure = har_entry(status=0, content={}, _error="net::ERR_CONNECTION_RESET")
    seen = exchanges(write_har(tmp_path / "a.har", redirect, preflight, failure))
    assert [(e.method, e.status, e.error) for e in seen] == [
        ("GET", 301, None),
        ("OPTIONS", 204, None),
        ("GET", None, "net::ERR_CONNECTION_RESET"),
    ]


def test_broken_har_entry_is_a_flaw_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write_har(tmp_path / "a.har", har_entry(), {"request": {}}, har_entry())
    assert len([e for e in read_recording(path, SPEC) if isinstance(e, Exchange)]) == 2
    (flaw,) = flaws(path)
    assert flaw.where == f"{path}: entry 1"
    assert "not a HAR entry" in flaw.message


def test_har_that_breaks_off_is_read_until_there(tmp_path: Path) -> None:
    path = write_har(tmp_path / "a.har", har_entry(), har_entry())
    path.write_text(path.read_text()[:-200])
    found = list(read_recording(path, SPEC))
    assert isinstance(found[0], Exchange)
    assert isinstance(found[-1], Flaw)


def test_history_is_read_zipped_and_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = exchanges(write_har(tmp_path / "a.har", har_entry(), har_entry()))
    packed = tmp_path / "a.ndjson.gz"
    packed.write_bytes(gzip.compress(dump_history(History(exchanges=seen, api="nekt"))))
    assert exchanges(packed) == seen

    class Pipe:
        buffer = io.BufferedReader(io.BytesIO(packed.read_bytes()))

    monkeypatch.setattr(sys, "stdin", Pipe())
    assert exchanges("-") == seen


def test_unreadable_line_of_a_history_is_a_flaw_with_its_line(tmp_path: Path) -> None:
    seen = exchanges(write_har(tmp_path / "a.har", har_entry()))
    path = tmp_path / "a.ndjson"
    path.write_bytes(dump_history(History(exchanges=seen)) + b'{"worker": 1}\nnonsense\n')
    assert [flaw.where for flaw in flaws(path)] == [f"{path}:3", f"{path}:4"]


def test_schemathesis_events_are_read(tmp_path: Path) -> None:
    interaction = {
        "request": {"method": "GET", "uri": URL, "headers": {"x-api-key": [KEY]}},
        "response": {
            "status_code": 200,
            "headers": {"content-type": ["application/json"]},
            "content": {"$base64": base64.b64encode(json.dumps(RUN).encode()).decode()},
            "elapsed": 0.5,
        },
        "timestamp": 1777708800.5,
    }
    events = [
        {"Initialize": {"schemathesis_version": "4.32.5"}},
        {"ScenarioFinished": {"recorder": {"interactions": {"a": interaction}}}},
        {"ScenarioFinished": {"recorder": {}}},
        {"EngineFinished": {}},
    ]
    path = tmp_path / "report.ndjson"
    path.write_text("\n".join(map(json.dumps, events)))
    (exchange,) = exchanges(path)
    assert (exchange.status, exchange.body, exchange.took) == (200, RUN, 0.5)
    assert KEY not in repr(exchange)


def test_vcr_cassette_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cassette.yaml"
    path.write_text(
        f"""command: 'st run'
http_interactions:
- id: 'one'
  recorded_at: '2026-05-02T08:00:00.500000+00:00'
  request:
    uri: '{URL}'
    method: 'GET'
    headers:
      "x-api-key":
      - "{KEY}"
  response:
    status:
      code: '200'
      message: "OK"
    elapsed: '0.5'
    headers:
      "content-type":
      - "application/json"
    body:
      encoding: 'utf-8'
      string: {json.dumps(json.dumps(RUN))}
- id: 'two'
  request: 7
"""
    )
    found = list(read_recording(path, SPEC))
    assert isinstance(found[0], Exchange)
    assert (found[0].status, found[0].body, found[0].took) == (200, RUN, 0.5)
    assert isinstance(found[1], Flaw)
    assert found[1].where == f"{path}:22"


def test_folder_of_bodies_is_read_in_the_order_of_numbers(tmp_path: Path) -> None:
    for number, status in ((10, "success"), (2, "running"), (1, "queued")):
        (tmp_path / f"{number}.json").write_text(json.dumps({**RUN, "status": status}))
    seen = exchanges(tmp_path)
    assert [e.body["status"] for e in seen] == ["queued", "running", "success"]
    match = SPEC.match("GET", seen[0].url)
    assert match is not None
    assert (match.operation.id, match.path_parameters) == ("getRun", {"id": RUN["id"]})


def test_a_body_is_an_answer_of_the_operation_that_it_fits(tmp_path: Path) -> None:
    spec = read_spec(Path(__file__).parent / "fixtures/atelier/openapi.yaml")
    assert len(spec.polls) == 2
    job = {
        "jobId": 7,
        "sceneName": "dawn",
        "state": {"phase": "waiting"},
        "createdAt": "2026-05-02T08:00:00Z",
        "percentDone": 0,
        "logLines": [],
        "shots": [],
    }
    bodies: tuple[Any, ...] = (
        job,
        {**job, "percentDone": "none"},
        {"exportId": "x1", "status": "odd"},
        [],
        {"a": 1},
    )
    for number, body in enumerate(bodies):
        (tmp_path / f"{number}.json").write_text(json.dumps(body))
    found = list(read_recording(tmp_path, spec))
    matches = [spec.match("GET", one.url) for one in found if isinstance(one, Exchange)]
    names = [match.operation.id for match in matches if match]
    assert names == ["getJob", "getJob", "getExport"]
    told = [str(one) for one in found if isinstance(one, Flaw)]
    why = "nothing in it tells whether it is an answer of getJob or getExport"
    assert told == [f"{tmp_path / name}: {why}" for name in ("3.json", "4.json")]


def test_folder_named_as_a_body_is_a_flaw(tmp_path: Path) -> None:
    (tmp_path / "2.json").mkdir()
    (tmp_path / "1.json").write_text(json.dumps(RUN))
    assert len(list(read_recording(tmp_path, SPEC))) == 2
    assert [(flaw.where, flaw.message) for flaw in flaws(tmp_path)] == [
        (str(tmp_path / "2.json"), "Is a directory")
    ]


@pytest.mark.parametrize("begin", [b"\xef\xbb\xbf", b" \n"])
def test_marks_and_blanks_at_the_beginning_are_no_hindrance(begin: bytes, tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", har_entry())
    seen = exchanges(har)
    history = dump_history(History(exchanges=seen, api="nekt"))
    har.write_bytes(begin + har.read_bytes())
    assert exchanges(har) == seen
    (tmp_path / "a.ndjson").write_bytes(begin.strip() + history)
    assert exchanges(tmp_path / "a.ndjson") == seen


def test_members_before_the_log_are_no_hindrance(tmp_path: Path) -> None:
    path = write_har(tmp_path / "a.har", har_entry())
    log = json.loads(path.read_text())["log"]
    path.write_text(json.dumps({"comment": 'a \\"log": {', "version": 1.2, "log": log}, indent=1))
    assert len(exchanges(path)) == 1


@pytest.mark.parametrize("whole", [0, 1, 50])
def test_gzip_that_breaks_off_is_read_until_there(whole: int, tmp_path: Path) -> None:
    seen = exchanges(write_har(tmp_path / "a.har", *[har_entry()] * whole))
    history = dump_history(History(exchanges=seen))
    rest = b"".join(b'{"lost": "%x"}\n' % hash((n, "x")) for n in range(9000))
    packed = gzip.compress(history + rest)
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(packed[:-2000])
    found = [one for one in read_recording(path) if isinstance(one, Exchange)]
    assert tuple(found) == seen
    assert flaws(path)[-1].message == "broken gzip data: it breaks off; what follows is lost"
    damaged = packed[:-2000] + bytes(200) + packed[-1800:]
    path.write_bytes(damaged)
    assert tuple(one for one in read_recording(path) if isinstance(one, Exchange)) == seen
    assert "broken gzip data: Error -3" in flaws(path)[-1].message


VCRPY = f"""interactions:
- request:
    body: null
    headers:
      X-Api-Key: [{KEY}]
    method: GET
    uri: {URL}
  response:
    body:
      string: !!binary |
        {base64.b64encode(json.dumps(RUN).encode()).decode()}
    headers:
      Content-Type:
      - application/json
    status: {{code: 200, message: OK}}
version: 1
"""
RUBY = f"""---
http_interactions:
  - request:
      method: get
      uri: {URL}
      body: {{encoding: UTF-8, string: ''}}
      headers: {{}}
    response:
      status: {{code: 200, message: OK}}
      headers: {{Content-Type: [application/json]}}
      body: {{encoding: UTF-8, string: '{json.dumps(RUN)}'}}
    recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.0.0
"""
JSON_CASSETTE = json.dumps(
    {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "GET", "uri": URL, "body": None, "headers": {}},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"Content-Type": ["application/json"]},
                    "body": {"string": json.dumps(RUN)},
                },
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("cassette", "at"), [(VCRPY, 0.0), (RUBY, 1320123524.0), (JSON_CASSETTE, 0.0)]
)
def test_cassettes_of_other_libraries_are_read(cassette: str, at: float, tmp_path: Path) -> None:
    (tmp_path / "cassette").write_text(cassette)
    (exchange,) = exchanges(tmp_path / "cassette")
    assert (exchange.method, exchange.url, exchange.status) == ("GET", URL, 200)
    assert (exchange.at, exchange.body, exchange.request.content) == (at, RUN, b"")
    assert exchange.response.media_type == "application/json"


EVENTS: tuple[dict[str, Any], ...] = (
    {"Initialize": {}},
    {
        "ScenarioFinished": {
            "recorder": {
                "interactions": {
                    "a": {
                        "request": {"method": "GET", "uri": URL, "headers": {"x": ["y"]}},
                        "response": {
                            "status_code": 200,
                            "headers": {},
                            "content": {"$base64": "e30="},
                            "elapsed": 0.5,
                        },
                        "timestamp": 1.5,
                    }
                }
            }
        }
    },
)
SCHEMATHESIS = "\n".join(json.dumps(event, separators=(",", ":")) for event in EVENTS)
HAR = json.dumps({"log": {"version": "1.2", "entries": [har_entry(), har_entry()]}})
OURS = dump_history(
    History(
        exchanges=(
            Exchange(worker="w", seq=0, at=0, took=0, method="GET", url=URL, status=200),
            Exchange(worker="w", seq=1, at=0, took=0, method="GET", url=URL, error="none"),
        )
    )
)
SAMPLES = (OURS, *(text.encode() for text in (HAR, VCRPY, RUBY, JSON_CASSETTE, SCHEMATHESIS)))
VALUES = (
    "null",
    "[]",
    "{}",
    "[1]",
    '"x"',
    "-1",
    "1e400",
    "true",
    '"\\ud800"',
    '"http://[::1"',
    "0",
)
PIECES = re.compile(rb'(?<=[:,\[ ])(?:"[^"]*"|[\w.+-]+)(?=[,}\]\n])')


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A recording with some bytes or values that should not be there."""
    content = draw(st.sampled_from(SAMPLES))
    if draw(st.booleans()):
        places = list(PIECES.finditer(content))
        for _ in range(draw(st.integers(1, 3))):
            start, end = draw(st.sampled_from(places)).span()
            value = draw(st.sampled_from(VALUES)).encode()
            content = content[:start] + value + content[end:]
    if draw(st.booleans()):
        content = gzip.compress(content, mtime=0)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.integers(0, 40))
        content = content[:start] + draw(st.binary(max_size=6)) + content[end:]
    return content


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=damaged())
def test_no_damage_ends_in_anything_but_flaws_and_a_history_error(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            found = [one for one in read_recording(file.name, SPEC) if isinstance(one, Exchange)]
        except HistoryError:
            return
    with contextlib.suppress(HistoryError):  # of our own histories the names may be damaged
        history = History(exchanges=tuple(found))
        encode_report(judge(history, load_rulebook("nekt")))
        assert parse_history(dump_history(history)) == history


@pytest.mark.parametrize("content", [b"", b"hello", b"[1, 2]", b"\x1f\x8bnot gzip"])
def test_unknown_form_is_an_error_that_names_file_and_forms(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    with pytest.raises(HistoryError, match="thing: "):
        list(read_recording(path, SPEC))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="No such file"):
        list(read_recording(tmp_path / "none", SPEC))


WORDS = (SPEC.path or Path()).read_bytes() + b" authorization password "
"""What stands in a history whatever the secrets are: words of the spec, and names of places."""

SECRETS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=40)


@given(secret=SECRETS, cookie=SECRETS, word=SECRETS)
def test_no_byte_of_a_secret_survives(secret: str, cookie: str, word: str) -> None:
    redactor = Redactor(SPEC)
    recorded = Recorded(
        worker="w",
        seq=0,
        at=0.0,
        took=0.0,
        method="POST",
        url=f"https://user:{secret}@host/runs/?token={secret}&x={cookie}",
        request_headers=(("Authorization", f"Bearer {secret}"), ("Cookie", f"session={cookie}")),
        request_content=json.dumps({"password": word, "note": f"it is {word}"}).encode(),
        status=200,
        response_headers=(("set-cookie", f"session={cookie}; Path=/"), ("x-echo", secret)),
        response_content=json.dumps({"echo": [secret, cookie, word]}).encode(),
    )
    dumped = dump_history(History(exchanges=(redactor.exchange(recorded),)))
    known = dump_history(History(exchanges=(redactor.exchange(evolve_empty(recorded)),))) + WORDS
    for one in (secret, cookie, word):
        if one.encode() not in known:  # a secret that is a common word cannot be told apart
            assert one.encode() not in dumped
    assert placeholder("credential-1").encode() in dumped


def evolve_empty(recorded: Recorded) -> Recorded:
    return Recorded(
        worker=recorded.worker, seq=0, at=0.0, took=0.0, method="POST", url="https://host/runs/"
    )


def test_masked_tokens_in_bodies_stay_as_they_are() -> None:
    body = json.dumps({"token": "nk_****a1b2"}).encode()
    recorded = Recorded(
        worker="w", seq=0, at=0, took=0, method="GET", url=URL, status=200, response_content=body
    )
    assert Redactor(SPEC).exchange(recorded).response.content == body
