"""Minimal evidence: the smallest history of each violated rule, as a file that shows it again."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from jobs import RULEBOOK
from runwright.cli import run
from runwright.history import read_history, write_history
from runwright.judge import judge
from runwright.report import Verdict, encode_report, parse_reports
from runwright.shrink import smallest_evidence, with_smallest
from told_reports import FINAL, broken_history


class Command:
    """The command line, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["runwright", *words])
        code = run()
        shown = self._capsys.readouterr()
        return code, shown.out, shown.err

    def json(self, *words: str) -> tuple[int, Any, str]:
        code, out, err = self(*words, "--json")
        return code, json.loads(out), err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_only_what_shows_it_is_left() -> None:
    history = broken_history()
    plain = judge(history, RULEBOOK)
    report = with_smallest(plain, history, RULEBOOK)
    assert report.without([]) != plain
    for result in report.results:
        assert bool(result.smallest) == (result.verdict is Verdict.VIOLATED)
    final = next(result for result in report.results if result.rule == FINAL)
    assert [exchange.body["status"] for exchange in final.smallest] == ["done", "running"]


def test_without_a_hint_the_whole_history_is_tried() -> None:
    history = broken_history()
    entry = RULEBOOK.entry(FINAL)
    assert entry is not None
    found = smallest_evidence(history, entry, RULEBOOK.spec)
    assert found is not None
    assert len(found.exchanges) == 2
    assert smallest_evidence(history, entry, RULEBOOK.spec, effort=1) is None
    kept = RULEBOOK.entry("jobs.job.result-when-done")
    assert kept is not None
    assert smallest_evidence(history, kept, RULEBOOK.spec) is None


def test_it_survives_a_file() -> None:
    history = broken_history()
    report = with_smallest(judge(history, RULEBOOK), history, RULEBOOK)
    (again,) = parse_reports(encode_report(report))
    assert again == report


@pytest.mark.parametrize(
    ("api", "fault", "options"),
    [
        ("nekt", "log-keeps-its-tail", ()),
        ("clarifeye", "detail-asks-no-permission", ()),
        ("pipe0", "cancel-answers-from-the-replica", ("--reading", "current")),
    ],
)
def test_each_file_is_judged_as_the_whole_was(
    tmp_path: Path, command: Command, api: str, fault: str, options: tuple[str, ...]
) -> None:
    folder = tmp_path / "new" / "evidence"
    session = ("test", api, "--profile", "quick", *options, "--fault", fault)
    code, report, err = command.json(*session, "--evidence", str(folder))
    assert code == 1
    violated = [r for r in report["results"] if r["verdict"] == "VIOLATED"]
    assert {f"{result['rule']}.ndjson" for result in violated} == {
        path.name for path in folder.iterdir()
    }

    words = ("--seed", "0", "--profile", "quick", *options, "--fault", fault)
    again = shlex.join(("runwright", "test", api, *words))
    assert f"repeat with: {again}" in report["notes"]
    assert f"{api}: repeat with: {again}\n" in err
    (spent,) = [line for line in err.splitlines() if " spent " in line]
    assert f"{report['exchanges']} requests (no limit)" in spent
    assert "runs started (no limit)" in spent

    assert violated
    for result in violated:
        file = folder / f"{result['rule']}.ndjson"
        exchanges = read_history(file).exchanges
        assert [exchange.id for exchange in exchanges] == result["smallest"]
        assert 1 <= len(exchanges) <= 4
        code, judged, _ = command.json("judge", str(file), "--api", api, *options, "--strict")
        assert code == 1
        verdicts = {found["rule"]: found["verdict"] for found in judged["results"]}
        assert verdicts[result["rule"]] == "VIOLATED"

        _, shown, _ = command("judge", str(file), "--api", api, *options)
        repeated = [line for line in shown.splitlines() if line.startswith("  repeat  curl ")]
        assert len(repeated) >= len(exchanges)
        for exchange in exchanges:
            assert any(exchange.url in line for line in repeated)


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, command: Command) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    history = tmp_path / "seen.ndjson"
    write_history(broken_history(), history)
    code, _, err = command("judge", str(history), "--api", "nekt", "--evidence", str(file))
    assert code == 2
    assert "file" in err
