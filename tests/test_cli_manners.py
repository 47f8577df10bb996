"""What every command has in common: help, exit codes, JSON, and how it ends before its time."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from runwright.history import Exchange, History, read_history, write_history
from test_cli import CONFORMS, UNREACHABLE, USAGE, VIOLATED, runwright

COMMANDS = (
    "apis", "rules", "explain", "lint", "serve", "test", "judge", "report", "diff", "merge",
    "record",
)  # fmt: skip
JUDGING = ("test", "judge", "report", "diff", "record")
INTERRUPTED = 130


# ---- help ------------------------------------------------------------------------------------


def test_help_tells_the_commands_and_the_exit_codes() -> None:
    done = runwright("--help")
    assert done.returncode == CONFORMS
    listed = re.findall(r"^│ (\w+) {2,}\w", done.stdout, re.MULTILINE)
    assert set(listed) == set(COMMANDS)
    said = " ".join(done.stdout.split())
    for code in ("0 conforms", "1 violated", "2 usage", "3 the server", "70 a fault", "130 inter"):
        assert code in said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_json(command: str) -> None:
    done = runwright(command, "--help")
    assert done.returncode == CONFORMS
    assert re.search(rf"Examples?:\s+(\w+=\S+ )?runwright {command}\b", done.stdout)
    assert "--json" in done.stdout
    assert ("Exit codes:" in done.stdout) == (command in JUDGING)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("runwright te", "test"),
        ("runwright test ne", "nekt_v2"),
        ("runwright test nekt --prof", "--profile"),
        ("runwright test nekt --profile q", "quick"),
        ("runwright serve nekt --fault cache-key", "cache-key-lacks-the-path"),
        ("runwright explain pipe0.run.id", "pipe0.run.id-matches-path"),
        ("runwright judge h.ndjson --api cl", "clarifeye"),
        ("runwright judge h.ndjson --api au", "auto"),
    ],
)
def test_a_shell_can_complete(words: str, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runwright"],
        env={
            "PATH": os.environ["PATH"],
            "_RUNWRIGHT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert expected in done.stdout.split()


def test_a_shell_is_told_how() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runwright", "--show-completion", "bash"],
        env={"PATH": os.environ["PATH"], "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "_RUNWRIGHT_COMPLETE=complete_bash" in done.stdout


# ---- JSON ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small history of nekt that conforms, and its report."""
    folder = tmp_path_factory.mktemp("recorded")
    exchange = Exchange(
        worker="w",
        seq=1,
        at=0.0,
        took=0.1,
        method="GET",
        url="https://api.nekt.ai/api/v1/runs/",
        status=401,
        credentials="missing",
    )
    write_history(History(exchanges=(exchange,), api="nekt"), folder / "history.ndjson")
    done = runwright(
        "judge", folder / "history.ndjson", "--api", "nekt", "--report", folder / "report.json"
    )
    assert done.returncode == CONFORMS, done.stderr
    return folder


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("report", "report.json"), "results"),
        (("diff", "report.json", "report.json"), "differences"),
        (("judge", "history.ndjson", "--api", "nekt"), "results"),
        (("merge", "history.ndjson", "-o", "all.ndjson"), "missing_shards"),
        (("explain", "nekt.run.id-matches-path"), "sentences"),
        (("explain", "nekt.docs.status-words"), "excluded"),
        (("test", "nekt", "--plan", "--profile", "quick"), "rows"),
        (("apis",), "nekt"),
    ],
)
def test_json_is_all_that_is_printed(arguments: tuple[str, ...], key: str, recorded: Path) -> None:
    done = runwright(*arguments, "--json", folder=recorded)
    assert done.returncode == CONFORMS, done.stderr
    assert key in json.loads(done.stdout)


def test_plans_of_several_apis_stand_in_an_array() -> None:
    done = runwright("test", "nekt", "pipe0", "--plan", "--profile", "quick", "--json")
    assert [plan["api"] for plan in json.loads(done.stdout)] == ["nekt", "pipe0"]


def test_faults_and_rules_are_lists_in_json() -> None:
    faults = json.loads(runwright("serve", "nekt", "--list-faults", "--json").stdout)
    assert {"cache-key-lacks-the-path"} <= {fault["fault"] for fault in faults}
    assert all(fault["breaks"].startswith("nekt.") for fault in faults)
    rules = json.loads(runwright("rules", "pipe0", "--json").stdout)
    assert all(rule["rule"].startswith("pipe0.") for rule in rules)


def test_an_emulator_tells_where_it_is_in_json() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "runwright", "serve", "clarifeye", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == INTERRUPTED
    assert told["url"].startswith("http://127.0.0.1:")
    assert [tenant["name"] for tenant in told["tenants"]] == ["alice", "bob"]


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "place", "says"),
    [
        ("--save", "missing/h.ndjson", "there is no folder missing; make it first"),
        ("--save", "folder", "is a directory"),
        ("--report", "missing/r.html", "there is no folder missing; make it first"),
        ("--report", "r.pdf", ".json, .html"),
        ("--write-baseline", "missing/b.yaml", "there is no folder missing"),
        ("--baseline", "missing.yaml", "missing.yaml"),
        ("--evidence", "file/below", "is no folder; choose another place"),
        ("--database", "file", "cannot be a database"),
        ("--database", "ftp://host", "begins with one of redis://"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_sent(
    option: str, place: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    done = runwright("test", "nekt", option, place, folder=tmp_path)
    assert done.returncode == USAGE
    assert says in " ".join(done.stderr.split())
    assert "nekt: plan" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "history.ndjson", "-o", "missing/all.ndjson"),
        ("report", "report.json", "--report", "missing/r.md"),
        ("diff", "report.json", "report.json", "--report", "missing/d.md"),
        ("diff", "report.json", "report.json", "--report", "d.html"),
        ("judge", "history.ndjson", "--api", "nekt", "--report", "missing/r.md"),
        ("record", "--api", "nekt", "--save", "missing/h.ndjson", "--", "true"),
        ("merge", "missing.ndjson", "-o", "all.ndjson"),
        ("report", "history.ndjson"),
        ("diff", "report.json", "missing.json"),
    ],
)
def test_a_place_that_is_none_is_an_error_of_usage(
    arguments: tuple[str, ...], recorded: Path
) -> None:
    done = runwright(*arguments, folder=recorded)
    assert done.returncode == USAGE
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_comparison_is_written_for_a_pull_request(recorded: Path, tmp_path: Path) -> None:
    files = [tmp_path / "comment.md", tmp_path / "comparison.json"]
    options = [word for path in files for word in ("--report", path)]
    done = runwright("diff", "report.json", "report.json", *options, folder=recorded)
    assert done.returncode == CONFORMS, done.stderr
    assert files[0].read_text().startswith("### ✅ Not worse: ")
    assert json.loads(files[1].read_text())["regresses"] is False


# ---- ending before one's time ----------------------------------------------------------------


OWN = str(Path(__file__).parent / "fixtures" / "atelier" / "openapi.yaml")


@pytest.mark.parametrize(
    ("tested", "judged"), [(("nekt",), "--api nekt"), (("--spec", OWN), f"--spec {OWN}")]
)
def test_what_was_recorded_before_an_interruption_is_kept(
    tested: tuple[str, ...], judged: str, tmp_path: Path
) -> None:
    saved = tmp_path / "kept.ndjson"
    with subprocess.Popen(
        [sys.executable, "-m", "runwright", "test", *tested, "--save", str(saved)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while "probe" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == INTERRUPTED
    assert "Traceback" not in rest
    assert f"kept in {saved}; judge it with: runwright judge {saved} {judged}\n" in rest
    history = read_history(saved)
    assert history.exchanges
    assert history.notes == ("interrupted",)


@pytest.mark.parametrize("arguments", [("rules", "--json"), ("--help",)])
def test_a_reader_may_stop_reading(arguments: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "runwright", *arguments],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == CONFORMS


def test_a_verdict_is_told_by_the_exit_code_though_nobody_reads(recorded: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    history = read_history(recorded / "history.ndjson")
    (exchange,) = history.exchanges
    broken = History(exchanges=(evolve(exchange, status=200),), api="nekt")
    write_history(broken, recorded / "broken.ndjson")
    done = subprocess.run(
        [sys.executable, "-m", "runwright", "judge", "broken.ndjson", "--api", "nekt",
         "--report", "broken.md"],
        cwd=recorded,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == VIOLATED, done.stderr
    assert "Traceback" not in done.stderr
    assert "missing-credentials-are-refused" in (recorded / "broken.md").read_text()


def test_a_disk_that_is_full_is_told(recorded: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "runwright", "rules"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == USAGE
    assert done.stderr == "error: the output: No space left on device\n"


def test_a_silent_server_is_asked_a_few_times_only() -> None:
    done = runwright(
        "test", "nekt", "--url", "http://127.0.0.1:1", token="some-token-of-mine"
    )  # fmt: skip
    assert done.returncode == UNREACHABLE
    assert "http://127.0.0.1:1 did not answer" in done.stderr
    (count,) = set(re.findall(r"judge \((\d+) requests", done.stderr))
    assert int(count) <= 5


# ---- servers that are not what they should be -------------------------------------------------


@contextlib.contextmanager
def serving(*options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The URL of an emulator of nekt, and its process."""
    with subprocess.Popen(
        [sys.executable, "-m", "runwright", "serve", "nekt", "--port", "0", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process
        process.kill()


def _judged(folder: Path, saved: str) -> Iterator[subprocess.CompletedProcess[str]]:
    """Judge what a test saved: as it is, told by itself, and merged as one of several shards."""
    yield runwright("judge", saved, "--api", "nekt", folder=folder)
    yield runwright("judge", saved, "--api", "auto", folder=folder)
    merged = runwright("merge", saved, "-o", "all.ndjson", folder=folder)
    assert merged.returncode == CONFORMS
    assert re.search(r"warning: http://\S+ stopped answering after", merged.stderr)
    yield runwright("judge", "all.ndjson", "--api", "nekt", folder=folder)


def test_a_server_that_dies_meanwhile_is_no_server_that_conforms(tmp_path: Path) -> None:
    with serving("--speed", "20") as (url, server), subprocess.Popen(
        [sys.executable, "-m", "runwright", "test", "nekt", "--url", url, "--rate", "200",
         "--save", "h.ndjson", "--report", "r.json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "RUNWRIGHT_TOKEN": "emulator-alice-7c41d0aa"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert process.stdout is not None
        while "probe" not in process.stderr.readline():
            assert process.poll() is None
        server.kill()
        told = process.stderr.read()
        printed = process.stdout.read()
    assert process.returncode == UNREACHABLE, told
    assert "nekt NO VERDICT" in printed
    assert "CONFORMS" not in printed
    exchanges = read_history(tmp_path / "h.ndjson").exchanges
    answered = [index for index, one in enumerate(exchanges) if one.status is not None]
    said = f"{url} stopped answering after {answered[-1] + 1} of {len(exchanges)} requests"
    assert said in told
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["exchanges"] == len(exchanges)
    assert said in report["cut_short"]
    assert not report["conforms"]
    for judged in _judged(tmp_path, "h.ndjson"):
        assert judged.returncode == UNREACHABLE, judged.stdout
        assert "nekt NO VERDICT" in judged.stdout
        assert said in judged.stderr
    compared = runwright("diff", "r.json", "r.json", folder=tmp_path)
    assert compared.returncode == UNREACHABLE, compared.stdout
    assert f"error: r.json: {said}" in compared.stderr
    # What never reached the server has started no run.
    (runs,) = re.findall(r"spent .* (\d+) runs? started", told)
    assert int(runs) <= sum(1 for e in exchanges if e.method == "POST" and e.status is not None)


@pytest.mark.parametrize(("api", "path"), [("pipe0", ""), ("nekt", "/v9")])
def test_a_server_that_is_another_one_is_not_judged(api: str, path: str) -> None:
    with serving() as (url, _):
        done = runwright(
            "test", api, "--url", f"{url}{path}", "--profile", "quick", "--max-requests", "30",
            token="emulator-alice-7c41d0aa",
        )  # fmt: skip
    assert done.returncode == USAGE, done.stdout
    assert f"nothing of {api} is at {url}{path}: all that was sent to it" in done.stderr
    assert done.stdout == ""


def test_a_token_of_a_second_tenant_that_there_is_not_accuses_nobody() -> None:
    with serving("--speed", "50") as (url, _):
        done = runwright(
            "test", "nekt", "--url", url, "--profile", "quick", "--strict",
            token="emulator-alice-7c41d0aa", other="a-token-of-nobody",
        )  # fmt: skip
    assert done.returncode == USAGE, done.stdout
    assert f"{url} refuses RUNWRIGHT_OTHER_TOKEN: all that was sent with it" in done.stderr
    assert "VIOLATED" not in done.stdout


def test_a_server_that_refuses_the_token_is_not_judged(tmp_path: Path) -> None:
    with serving() as (url, _):
        done = runwright(
            "test", "nekt", "--url", url, "--save", "h.ndjson",
            token="a-token-of-somebody", folder=tmp_path,
        )  # fmt: skip
    assert done.returncode == USAGE, done.stdout
    assert f"{url} refuses RUNWRIGHT_TOKEN: all that was sent with it" in done.stderr
    sent = read_history(tmp_path / "h.ndjson").exchanges
    assert 5 <= sum(exchange.credentials == "valid" for exchange in sent) < 15
