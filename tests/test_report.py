"""A report goes into a file and comes out as it was; what is no report is refused with a reason."""

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import told_reports as told
from attrs import evolve
from runwright.pointer import resolve
from runwright.report import (
    Known,
    Report,
    ReportError,
    Standing,
    Verdict,
    encode_report,
    parse_reports,
    read_report,
    read_reports,
)

SCHEMA = json.loads(files("runwright").joinpath("report.schema.json").read_bytes())


def errors(document: Any) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("make", [told.conforming, told.cut_short, told.violated, told.hostile])
def test_a_report_comes_back_as_it_was(make: Any, tmp_path: Path) -> None:
    report: Report = make()
    path = tmp_path / "report.json"
    path.write_bytes(encode_report(report))
    assert read_report(path) == report
    assert errors(json.loads(path.read_bytes())) == []


def test_a_report_from_before_it_was_said_is_whole() -> None:
    document = json.loads(encode_report(told.conforming()))
    del document["cut_short"]
    assert parse_reports(json.dumps(document).encode()) == (told.conforming(),)
    assert errors(document) == []


def test_a_history_that_was_cut_short_excuses_nothing_and_proves_nothing() -> None:
    open_, bad = told.cut_short(), evolve(told.violated(), cut_short="gone")
    assert (open_.standing(), open_.conforms()) == (Standing.OPEN, False)
    assert (bad.standing(), bad.conforms()) == (Standing.VIOLATED, False)
    assert json.loads(encode_report(open_))["conforms"] is False


def test_known_violations_come_back(tmp_path: Path) -> None:
    known = Known("a reason", date(2027, 3, 31))
    report = evolve(
        told.with_result(told.violated(), told.FINAL, known=known), baseline_faults=("stale",)
    )
    (back,) = parse_reports(encode_report(report))
    assert back == report
    assert errors(json.loads(encode_report(report))) == []


def test_an_exchange_stands_in_the_file_once() -> None:
    document = json.loads(encode_report(told.violated()))
    named = {
        name
        for result in document["results"]
        for violation in result["violations"]
        for name in violation["exchanges"]
    }
    kept = [f"{e['exchange']['worker']}-{e['exchange']['seq']}" for e in document["evidence"]]
    assert sorted(named) == sorted(kept)
    assert len(kept) == len(set(kept)) > 1


def test_each_result_has_a_line() -> None:
    report = told.violated()
    lines = encode_report(report).decode().splitlines()
    for result in report.results:
        assert sum(f'{{"rule":"{result.rule}",' in line for line in lines) == 1


def test_large_bodies_are_shortened_around_what_matters() -> None:
    report = told.large()
    content = encode_report(report)
    assert len(content) < 200_000
    (back,) = parse_reports(content)
    (violation,) = told.result(back, told.FINAL).violations
    exchange = violation.exchanges[-1]
    assert resolve(exchange.body, violation.pointer) == "filled"
    assert resolve(exchange.body, "/id") is not None
    assert back.shortened == {exchange.id}
    assert encode_report(back) == content


def test_a_file_may_hold_several_reports(tmp_path: Path) -> None:
    first, second = told.conforming(), told.violated()
    path = tmp_path / "reports.json"
    path.write_bytes(encode_report(first) + b"\n" + encode_report(second) + b"\n")
    assert read_reports(path) == (first, second)
    path.write_bytes(b"[" + encode_report(first) + b"," + encode_report(second) + b"]")
    assert read_reports(path) == (first, second)
    with pytest.raises(ReportError, match="holds 2 reports, and one is expected"):
        read_report(path)


def change(**members: Any) -> bytes:
    document = json.loads(encode_report(told.violated()))
    for key, value in members.items():
        if value is ...:
            del document[key]
        else:
            document[key] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no report"),
        (b"[]", "holds no report"),
        (b"no", "not JSON"),
        (b"\xff", "not JSON"),
        (b"{}", "must say 'runwright-report/1'"),
        (b"7", "must say 'runwright-report/1'"),
        (change(format="runwright-report/99"), "must say 'runwright-report/1'"),
        (change(results=...), "'results' is missing"),
        (change(evidence=[]), "is missing"),
        (change(runs="many"), "runs: Expected `int`, got `str`"),
        (change(reading="new"), "reading: Invalid enum value 'new'"),
        (change(timelines=[{}]), "timelines: "),
        (change(results=[{"rule": 7}]), "rule: Expected `str`"),
    ],
)
def test_what_is_no_report_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=r"broken\.json") as caught:
        read_report(path)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"nowhere\.json: No such file"):
        read_reports(tmp_path / "nowhere.json")


def test_the_schema_refuses_what_is_no_report() -> None:
    document = json.loads(encode_report(told.violated()))
    assert errors({**document, "surplus": 1})
    assert errors({**document, "results": [{}]})
    document["timelines"][0]["ticks"][0] = [0]
    assert errors(document)


def test_what_fails_depends_on_level_baseline_and_strictness() -> None:
    report = told.violated()
    assert report.with_verdict(Verdict.VIOLATED)
    assert not report.conforms()
    only_inferred = report.without(r.rule for r in report.results if r.fails)
    assert only_inferred.conforms()
    assert not only_inferred.conforms(strict=True)
    assert not evolve(only_inferred, baseline_faults=("stale",)).conforms()
