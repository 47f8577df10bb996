"""The command line as people and CI systems use it: a process, its output, and its exit code."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from attrs import evolve
from nekt_story import RUNNING, SUCCESS, look, tell
from runwright.history import History, read_history, write_history

CONFORMS, VIOLATED, USAGE, UNREACHABLE = 0, 1, 2, 3
FAULT = "cache-key-lacks-the-path"
BROKEN = "nekt.run.id-matches-path"


def runwright(
    *arguments: str | Path,
    folder: Path | None = None,
    token: str | None = None,
    other: str | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runwright", *map(str, arguments)],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            **({"RUNWRIGHT_TOKEN": token} if token else {}),
            **({"RUNWRIGHT_OTHER_TOKEN": other} if other else {}),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the history and the report of a test of a mutant."""
    folder = tmp_path_factory.mktemp("broken")
    done = runwright(
        "test", "nekt", "--fault", FAULT, "--profile", "quick",
        "--save", folder / "history.ndjson", "--report", folder / "report.json",
        "--evidence", folder,
    )  # fmt: skip
    assert done.returncode == VIOLATED, done.stderr
    assert f"VIOLATED {BROKEN}" in done.stdout
    assert "DOES NOT CONFORM" in done.stdout
    assert "\x1b[" not in done.stdout
    return folder


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The URL of `runwright serve nekt` on a free port."""
    with subprocess.Popen(
        [sys.executable, "-m", "runwright", "serve", "nekt", "--port", "0", "--speed", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "honest, on http://127.0.0.1:" in line, line
        yield line.split()[-1]
        process.terminate()


def test_help_lists_the_commands_with_examples() -> None:
    done = runwright("--help")
    assert done.returncode == CONFORMS
    for command in (
        "apis",
        "rules",
        "explain",
        "serve",
        "test",
        "judge",
        "report",
        "diff",
        "merge",
    ):
        assert command in done.stdout
        assert f"runwright {command}" in runwright(command, "--help").stdout


def test_an_honest_emulator_conforms() -> None:
    done = runwright("test", "pipe0_pipeline", "--profile", "quick")
    assert done.returncode == CONFORMS, done.stdout
    assert "pipe0_pipeline CONFORMS" in done.stdout


def test_verdicts_of_several_stand_together_at_the_end() -> None:
    apis = ("pipe0_pipeline", "clarifeye")
    done = runwright("test", *apis, "--profile", "quick")
    last = done.stdout.splitlines()[-2:]
    assert [line.split(" (")[0] for line in last] == [f"{api} CONFORMS" for api in apis]


def test_limits_that_allow_nothing_give_no_verdict() -> None:
    done = runwright("test", "nekt", "--profile", "quick", "--max-requests", "0")
    assert done.returncode == USAGE
    assert "these limits allow no request" in done.stderr
    assert not done.stdout


def test_json_is_all_that_is_printed_when_asked_for(broken: Path) -> None:
    done = runwright("judge", broken / "history.ndjson", "--api", "nekt", "--json")
    assert done.returncode == VIOLATED
    report = json.loads(done.stdout)
    verdicts = {result["rule"]: result["verdict"] for result in report["results"]}
    assert [rule for rule, verdict in verdicts.items() if verdict == "VIOLATED"] == [BROKEN]


def test_evidence_is_a_history_that_shows_the_same(broken: Path) -> None:
    smallest = broken / f"{BROKEN}.ndjson"
    assert len(read_history(smallest).exchanges) == 1
    done = runwright("judge", smallest, "--api", "nekt")
    assert done.returncode == VIOLATED
    assert f"VIOLATED {BROKEN}" in done.stdout


def test_recordings_that_know_nothing_of_each_other_have_no_clock_in_common(tmp_path: Path) -> None:
    ended, after = (
        evolve(tell("nekt", look(run)).exchanges[0], at=at, took=0.1, clock="suite")
        for run, at in ((SUCCESS, 5.0), ({**RUNNING, "id": SUCCESS["id"]}, 5.5))
    )
    one, two, both = (tmp_path / f"{name}.ndjson" for name in ("one", "two", "both"))
    write_history(History(exchanges=(ended,)), one)
    write_history(History(exchanges=(after,)), two)
    write_history(History(exchanges=(ended, evolve(after, worker="another"))), both)
    rule = "VIOLATED nekt.run.terminal-is-final"
    assert rule in runwright("judge", both, "--api", "nekt").stdout
    joined = runwright("judge", one, two, "--api", "nekt").stdout
    assert "2 exchanges" in joined
    assert rule not in joined


def test_a_saved_report_is_rendered_in_every_form(broken: Path) -> None:
    forms = [broken / f"out{suffix}" for suffix in (".html", ".xml", ".md", ".svg", ".json")]
    options = [word for path in forms for word in ("--report", path)]
    assert runwright("report", broken / "report.json", *options).returncode == VIOLATED
    assert BROKEN in forms[0].read_text()
    failures = ElementTree.parse(forms[1]).getroot().findall(".//failure")
    assert len(failures) == 1
    assert BROKEN in forms[2].read_text()
    assert "<svg" in forms[3].read_text()
    assert json.loads(forms[4].read_text()) == json.loads((broken / "report.json").read_text())


def test_a_report_differs_from_itself_in_nothing(broken: Path) -> None:
    done = runwright("diff", broken / "report.json", broken / "report.json")
    assert done.returncode == CONFORMS
    assert "NOT WORSE" in done.stdout


def test_a_baseline_accepts_what_is_known_until_it_expires(broken: Path) -> None:
    known = broken / "known.yaml"
    history = broken / "history.ndjson"
    assert (
        runwright("judge", history, "--api", "nekt", "--write-baseline", known).returncode
        == VIOLATED
    )
    accepted = runwright("judge", history, "--api", "nekt", "--baseline", known)
    assert accepted.returncode == CONFORMS, accepted.stdout
    text = known.read_text()
    expires = text.rpartition("expires: ")[2].strip()
    known.write_text(text.replace(expires, "2020-01-01"))
    expired = runwright("judge", history, "--api", "nekt", "--baseline", known)
    assert expired.returncode == VIOLATED


def test_shards_are_joined(broken: Path, tmp_path: Path) -> None:
    history = read_history(broken / "history.ndjson")
    for number in (0, 1):
        shard = History(exchanges=history.exchanges[number::2], api="nekt")
        write_history(shard, tmp_path / f"{number}.ndjson")
    done = runwright("merge", "0.ndjson", "1.ndjson", "-o", "all.ndjson", folder=tmp_path)
    assert done.returncode == CONFORMS, done.stderr
    assert read_history(tmp_path / "all.ndjson").exchanges == history.exchanges


def test_an_emulator_is_served_and_tested_by_its_url(served: str) -> None:
    assert httpx.get(f"{served}/api/v1/runs/").status_code == 401
    done = runwright(
        "test", "nekt", "--url", served, "--observe-only", "--max-requests", "40",
        token="emulator-alice-7c41d0aa",
    )  # fmt: skip
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert "emulator-alice" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("test", "nothing"), "there are: clarifeye, nekt, nekt_v2, pipe0, pipe0_pipeline"),
        (("test", "nekt", "--fault", "nothing"), "no fault called 'nothing'"),
        (("test", "nekt", "--profile", "nothing"), "there are: quick, default, thorough"),
        (("test", "nekt", "--url", "http://127.0.0.1:1"), "set RUNWRIGHT_TOKEN"),
        (("test", "nekt", "--fault", "x", "--url", "http://127.0.0.1:1"), "leave out --url"),
        (("test", "nekt", "--report", "x.pdf"), ".json, .html"),
        (("judge", "nowhere.har", "--api", "nekt"), "nowhere.har: No such file"),
        (("report", "nowhere.json"), "nowhere.json"),
        (("explain", "nekt.nothing"), "no rule is called 'nekt.nothing'"),
        (("serve", "nekt", "--fault", "nothing"), "no fault called 'nothing'"),
        (("serve", "nothing"), "no API is called 'nothing'"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = runwright(*arguments, folder=tmp_path)
    assert done.returncode == USAGE, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_cannot_be_reached_is_told_apart(tmp_path: Path) -> None:
    done = runwright(
        "test", "nekt", "--url", "http://127.0.0.1:1", "--max-requests", "3",
        "--report", "badge.svg", "--report", "verdict.json",
        token="some-token-of-mine", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == UNREACHABLE
    assert "did not answer" in done.stderr
    assert "nekt: no verdict" in (tmp_path / "badge.svg").read_text()
    report = json.loads((tmp_path / "verdict.json").read_text())
    assert report["conforms"] is False
    assert f"error: {report['cut_short']}\n" in done.stderr


@pytest.mark.parametrize("command", ["serve", "test", "rules"])
@pytest.mark.parametrize("name", ["openapi.yaml", "my"])
def test_a_spec_in_the_place_of_an_api_is_told_where_it_belongs(
    command: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / "my").mkdir()
    (tmp_path / "openapi.yaml").touch()
    done = runwright(command, name, folder=tmp_path)
    assert done.returncode == USAGE, done.stdout
    assert f"{name} is no API's id" in done.stderr
    assert f"--spec {name}" in done.stderr


def test_a_token_that_is_too_short_is_told_by_its_variable() -> None:
    done = runwright("test", "nekt", "--url", "http://127.0.0.1:1", token="short")
    assert done.returncode == USAGE
    assert "RUNWRIGHT_TOKEN has 5 characters; give a token of 8 or more" in done.stderr
    assert "plan" not in done.stderr


def test_a_rule_is_explained_by_its_sentence() -> None:
    done = runwright("explain", BROKEN, "--brief")
    assert done.returncode == CONFORMS
    for word in (BROKEN, "(MUST)", "A UUID string identifying this Pipeline run.", FAULT):
        assert word in done.stdout


def test_rules_tell_what_cannot_be_checked_when_asked() -> None:
    few = json.loads(runwright("rules", "pipe0", "--json").stdout)
    many = json.loads(runwright("rules", "pipe0", "--all", "--json").stdout)
    assert many[: len(few)] == few
    assert {"seed", "current"} == {row["reading"] for row in few if "reading" in row}
    added = {row["rule"]: row for row in many[len(few) :]}
    assert all(row["excluded"] and row["claim"] for row in added.values())
    assert "pipe0.docs.poll-until" in added
    shown = " ".join(runwright("rules", "pipe0", "--all").stdout.split())
    assert "not checked: " in shown


def test_every_rule_is_listed_with_its_level() -> None:
    rules = json.loads(runwright("rules", "nekt", "--json").stdout)
    assert {"rule": BROKEN, "level": "MUST"}.items() <= next(
        entry for entry in rules if entry["rule"] == BROKEN
    ).items()
