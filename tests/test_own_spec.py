"""A spec is enough: what a user with an OpenAPI file of their own gets, through every door."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import generate as command
import httpx
import lint_specs
import pytest
from atelier import BOOK, PATH, SPEC, tour
from runwright.contract import UnsoundSpecError, contract_of, read_contract
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running
from runwright.emulator.tenants import ALICE, BOB
from runwright.history import read_history, write_history
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rule import Level
from runwright.spec import SpecError
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK
from runwright.testing import assert_conforms
from runwright.watched import watch

CONFORMS, VIOLATED, USAGE = 0, 1, 2
BAZAAR = PATH.parents[1] / "bazaar.yaml"


def runwright(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runwright", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the spec, in a folder of the user's."""
    path = tmp_path / "my-atelier" / "openapi.yaml"
    path.parent.mkdir()
    shutil.copy(PATH, path)
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ---- what it promises ------------------------------------------------------------------------


def test_the_linter_accepts_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_specs.main([str(PATH)]) == 0
    assert capsys.readouterr().out == "1 spec, 0 findings\n"


def test_the_spec_that_the_docs_show_is_enough(tmp_path: Path) -> None:
    page = (PATH.parents[3] / "specs" / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "my" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    linted = runwright("lint", path)
    assert "none of them fatal" in linted.stderr
    done = runwright("test", "--spec", path.parent, "--profile", "quick")
    assert done.returncode == CONFORMS, done.stdout
    assert re.search(r"HOLDS +MUST +my\.job\.terminal-is-final +[1-9]", done.stdout)
    assert "UNKNOWN" not in done.stdout
    assert command.main(["--spec", str(path), "--out", str(tmp_path)]) == 0
    assert "def create_job_and_wait" in (tmp_path / "my_client" / "client.py").read_text()


def test_what_its_owner_declares_is_a_must() -> None:
    levels = {entry.rule.id.removeprefix("atelier."): entry.level for entry in BOOK.all_entries}
    assert levels["job.terminal-is-final"] is Level.MUST
    assert levels["shot.never-vanishes"] is Level.MUST
    assert levels["job.reason-when-broken"] is Level.MUST
    assert levels["protocol.body-matches-schema"] is Level.MUST
    assert levels["security.missing-credentials-are-refused"] is Level.MUST
    assert levels["protocol.no-server-error"] is Level.SHOULD
    assert levels["protocol.safe-methods-change-nothing"] is Level.SHOULD
    assert levels["conduct.polls-keep-the-pace"] is Level.SHOULD
    assert levels["security.foreign-run-looks-unknown"] is Level.INFERRED
    entry = BOOK.entry("atelier.job.log-lines-only-grows")
    assert entry is not None
    assert entry.line is not None
    assert entry.line.sentence.text == "logLines of a job only grows at its end."
    assert str(entry.line.sentence.source) == "Atelier, openapi.yaml"
    assert BOOK.rules_without_line == ()


@pytest.mark.parametrize("untold", [("401",), ("400", "401", "404", "409")])
def test_refusals_that_it_does_not_speak_of_accuse_nobody(
    own: Path, untold: tuple[str, ...]
) -> None:
    lines = own.read_text(encoding="utf-8").splitlines(keepends=True)
    told = [line for line in lines if not line.strip().startswith(tuple(f'"{s}"' for s in untold))]
    own.write_text("".join(told), encoding="utf-8")
    done = runwright("test", "--spec", own, "--profile", "quick")
    assert done.returncode == CONFORMS, done.stdout
    assert "atelier CONFORMS" in done.stdout


def test_a_ledger_beside_it_is_heard(own: Path) -> None:
    own.with_name("ledger.yaml").write_text(
        "api: atelier\n"
        "sources: {wiki: {title: House rules}}\n"
        "lines:\n"
        "  - {id: atelier.job.log-lines-only-grows, level: INFERRED, sentence: Logs grow.,"
        " source: wiki}\n",
        encoding="utf-8",
    )
    book = read_contract(own)
    grows, final = (
        book.entry(f"atelier.job.{name}") for name in ("log-lines-only-grows", "terminal-is-final")
    )
    assert grows is not None
    assert final is not None
    assert (grows.level, final.level) == (Level.INFERRED, Level.MUST)
    assert grows.line is not None
    assert str(grows.line.sentence.source) == "House rules"


def test_a_spec_of_ours_is_what_it_is() -> None:
    assert contract_of("nekt") is contract_of(Path("specs/nekt/openapi.yaml"))


def test_its_name_is_what_its_rules_begin_with_or_that_of_its_place(own: Path) -> None:
    assert read_contract(own).spec.api == "atelier"
    rule = "        - x-rule: atelier.job.reason-when-broken\n          description:"
    edit(own, rule, "        - description:")
    assert read_contract(own).spec.api == "my_atelier"
    other = own.with_name("studio.yaml")
    shutil.copy(own, other)
    assert read_contract(other).spec.api == "studio"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("      operationId: listProjects\n", "", "has no operationId; add one"),
        (
            "rendered: {outcome: success}",
            "rendered: {}",
            "state rendered of Job has neither `to` nor `outcome`",
        ),
        ("operationId: getExport\n              x-role", "operationId: nope\n              x-role",
         "link poll leads to no operation: nope"),
        ('#/components/schemas/NewJob"', '#/components/schemas/Nothing"', "leads nowhere"),
        ("waiting: {to: [rendering, stopped]", "waiting: {to: [gone]", "names gone, which is not"),
        ("  - studioKey: []", "  - otherKey: []", "no security scheme is called otherKey"),
        ("type: object\n      required: [title", "type: objekt\n      required: [title",
         "is no JSON Schema"),
    ],
)  # fmt: skip
def test_a_fault_has_file_line_and_remedy(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "atelier" / "openapi.yaml"
    path.parent.mkdir()
    shutil.copy(PATH, path)
    edit(path, old, new)
    with pytest.raises(UnsoundSpecError, match=message) as caught:
        read_contract(path)
    first = str(caught.value).splitlines()[1]
    assert first.startswith(f"{path}:")
    assert first.removeprefix(f"{path}:").split(":")[0].isdecimal()


def test_what_only_readers_miss_is_no_fault(own: Path) -> None:
    edit(own, "      description: All projects that the key opens.\n", "      x-internal: true\n")
    assert read_contract(own).spec.api == "atelier"
    assert lint_specs.main([str(own)]) == 1


# ---- waiters ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("mine")
    assert command.main(["--spec", str(PATH), "--out", str(folder)]) == 0
    sys.path.insert(0, str(folder))
    yield importlib.import_module("atelier_client")
    sys.path.remove(str(folder))


class SharedClock:
    """The waiter's clock, which is the emulator's: when one sleeps, the other goes on."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float, stop: threading.Event | None) -> bool:
        self._clock.advance(seconds)
        return stop is not None and stop.is_set()


@pytest.fixture
def served() -> Iterator[tuple[Emulator, ManualClock]]:
    clock = ManualClock()
    with running(SPEC, clock=clock) as emulator:
        yield emulator, clock


def test_a_generated_client_waits_for_what_the_emulator_plays(
    client: ModuleType, served: tuple[Emulator, ManualClock]
) -> None:
    emulator, clock = served
    (project,) = emulator.parameters["alice"].values()
    with client.Atelier(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api:
        done = api.start_job_and_wait_job(int(project), scene_name="sunset", timeout=300)
        assert (done.state.phase, done.percent_done, done.scene_name) == ("rendered", 100, "sunset")
        ticket = api.start_export(int(project), file_format="zip")
        packed = api.wait_export(int(project), ticket.export_id, timeout=300)
        assert (packed.phase, packed.export_id) == ("packed", ticket.export_id)
        started = api.start_job(int(project), scene_name="dawn")
        stopped = api.cancel_and_wait_job(int(project), started.job_id, timeout=300)
        assert stopped.state.phase == "stopped"
        ends = set()
        for _ in range(6):
            try:
                job = api.start_job_and_wait_job(int(project), scene_name="noon", timeout=300)
                ends.add(job.state.phase)
            except client.RunFailedError as failure:
                ends.add(failure.body.state.phase)
        assert ends == {"rendered", "broken"}
        with pytest.raises(client.errors.NotFoundError):
            api.get_job(int(project), 5)


def test_a_client_of_another_kind_of_api_waits_too(tmp_path: Path) -> None:
    assert command.main(["--spec", str(BAZAAR), "--out", str(tmp_path)]) == 0
    sys.path.insert(0, str(tmp_path))
    try:
        bazaar_client = importlib.import_module("bazaar_client")
    finally:
        sys.path.remove(str(tmp_path))
    clock = ManualClock()
    with (
        running(read_contract(BAZAAR).spec, clock=clock) as emulator,
        bazaar_client.Bazaar(None, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        done = api.create_task_and_wait(prompt="a cat", timeout=300)
        assert done.status == "DONE"
        assert {output.status for output in done.outputs.values()} == {"OK"}
        assert api.run_task(prompt="a dog").status in ("DONE", "ERROR")
        assert api.task_status(task_id=done.info.id).info.id == done.info.id


def test_the_suite_tests_another_kind_of_api() -> None:
    report = run_suite(str(BAZAAR), profile=QUICK).report
    assert report.conforms(strict=True)
    unmet = {result.rule for result in report.with_verdict(Verdict.UNKNOWN)}
    assert {rule for rule in unmet if ".security." not in rule} <= {
        "bazaar.task.result-is-set-once"
    }


def test_make_takes_spec_and_folder() -> None:
    told = subprocess.run(
        ["make", "-n", "generate", "SPEC=my/openapi.yaml", "OUT=my/folder"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PATH.parents[3],
    ).stdout
    assert 'scripts/generate.py --spec "my/openapi.yaml" --out "my/folder"' in told


def test_a_client_goes_where_nothing_else_is(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = own.parent / "atelier_client"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert command.main(["--spec", str(own)]) == 2
    assert "is there already, and no client" in capsys.readouterr().err
    assert (mine / "thesis.txt").is_file()
    generated = PATH.parents[3] / "generated"
    assert command.main(["--spec", str(own), "--out", str(generated)]) == 2
    assert "name another folder" in capsys.readouterr().err


def test_a_bad_spec_makes_no_client(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(own, "atelier.job.reason-when-broken", "atelier.reason")
    assert command.main(["--spec", str(own), "--out", str(own.parent)]) == 2
    told = capsys.readouterr().err
    assert f"{own}:" in told
    assert "does not read atelier.<subject>.<claim>" in told
    assert not (own.parent / "atelier_client").exists()


# ---- the command line ------------------------------------------------------------------------


def test_the_suite_tests_it_and_the_judge_judges_it(tmp_path: Path) -> None:
    saved, report = tmp_path / "seen.ndjson", tmp_path / "report.json"
    done = runwright(
        "test", "--spec", PATH, "--profile", "quick", "--save", saved, "--report", report
    )
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert "atelier CONFORMS" in done.stdout
    assert "0 not met" in done.stdout
    again = runwright("judge", saved, "--spec", PATH, "--json")
    assert again.returncode == CONFORMS
    assert json.loads(again.stdout)["results"] == json.loads(report.read_text())["results"]
    assert runwright("report", report).returncode == CONFORMS


def test_a_broken_recording_is_violated_with_its_sentence(tmp_path: Path) -> None:
    saved = tmp_path / "seen.ndjson"
    write_history(tour().history, saved)
    text = saved.read_text(encoding="utf-8")
    saved.write_text(text.replace('\\"percentDone\\":100', '\\"percentDone\\":7'), encoding="utf-8")
    done = runwright("judge", saved, "--spec", PATH)
    assert done.returncode == VIOLATED
    assert "VIOLATED atelier.job.percent-done-never-decreases (MUST)" in done.stdout
    assert "“percentDone of a job never goes back.”" in done.stdout


def test_a_served_emulator_is_tested_like_any_server() -> None:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "runwright", "serve", "--spec", str(PATH)),
            *("--port", "0", "--speed", "40"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Atelier (atelier), honest, on http://127.0.0.1:")
        assert "projectId 1001" in process.stdout.readline()
        try:
            done = runwright(
                "test", "--spec", PATH, "--url", line.split()[-1], "--profile", "quick",
                "--max-runs", "3", "--max-requests", "120",
                RUNWRIGHT_TOKEN=ALICE.token, RUNWRIGHT_OTHER_TOKEN=BOB.token,
            )  # fmt: skip
        finally:
            process.terminate()
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert "runs started (at most 3)" in done.stderr or "3 runs started" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rules", "--spec", PATH), "atelier.job.terminal-is-final"),
        (("explain", "atelier.job.log-lines-only-grows", "--spec", PATH, "--brief"), "promised"),
        (("test", "--spec", PATH, "--plan"), "/projects/{projectId}/jobs"),
        (("lint", PATH), ""),
    ],
    ids=["rules", "explain", "plan", "lint"],
)
def test_other_commands_take_it_too(arguments: tuple[str | Path, ...], told: str) -> None:
    done = runwright(*arguments)
    assert done.returncode == CONFORMS, done.stderr
    assert told in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("test",), "or an OpenAPI file of your own with --spec"),
        (("serve", "nekt", "--spec", PATH), "not both"),
        (("test", "--spec", "nowhere.yaml"), "nowhere.yaml: no such file"),
        (("serve", "--spec", PATH, "--fault", "any"), "there are no faults of an API"),
        (("explain", "atelier.job.x"), "For an API of your own name its spec with --spec"),
        (("judge", "x.ndjson"), "--api (auto finds out)"),
    ],
)
def test_a_wrong_use_is_told(arguments: tuple[str | Path, ...], told: str) -> None:
    done = runwright(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_pytest_runs_the_suite_for_it() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "runwright.suite", "-q"),
            *("-p", "no:cacheprovider", "--runwright-spec", str(PATH)),
            *("--runwright-profile", "quick"),
        ],
        capture_output=True,
        text=True,
        cwd=PATH.parent,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(BOOK.entries)} passed" in done.stdout


# ---- recording -------------------------------------------------------------------------------

SCRIPT = """
import httpx, os, sys
base, project = sys.argv[1:]
with httpx.Client(base_url=base, headers={"X-Studio-Key": os.environ["KEY"]}) as api:
    job = api.post(f"/projects/{project}/jobs", json={"sceneName": "sunset"}).json()
    api.get(f"/projects/{project}/jobs/{job['jobId']}").raise_for_status()
"""


def test_a_program_is_recorded_and_judged(
    served: tuple[Emulator, ManualClock], tmp_path: Path
) -> None:
    emulator, _ = served
    script, saved = tmp_path / "script.py", tmp_path / "seen.ndjson"
    script.write_text(SCRIPT, encoding="utf-8")
    project = emulator.parameters["alice"]["projectId"]
    done = runwright(
        "record", "--spec", PATH, "--save", saved, "--",
        sys.executable, script, emulator.url, project, KEY=ALICE.token,
    )  # fmt: skip
    assert done.returncode == CONFORMS, done.stderr
    assert "atelier CONFORMS" in done.stderr
    assert ALICE.token not in saved.read_text(encoding="utf-8")
    assert len(read_history(saved).exchanges) == 2
    assert runwright("judge", saved, "--spec", PATH).returncode == CONFORMS


def test_a_client_is_watched(served: tuple[Emulator, ManualClock]) -> None:
    emulator, _ = served
    project = emulator.parameters["alice"]["projectId"]
    headers = {"X-Studio-Key": ALICE.token}
    with httpx.Client(base_url=emulator.url, headers=headers) as api, watch(api, api=PATH) as seen:
        job: Any = api.post(f"/projects/{project}/jobs", json={"sceneName": "sunset"}).json()
        api.get(f"/projects/{project}/jobs/{job['jobId']}")
    report = assert_conforms(seen)
    assert assert_conforms(seen.history, api=str(PATH)) == report
    held = {result.rule for result in report.with_verdict(Verdict.HOLDS)}
    assert {"atelier.job.begins-initial", "atelier.job.id-matches-path"} <= held
    assert judge(seen.history, BOOK) == report


def test_no_spec_is_told_apart_from_a_bad_one(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such file"):
        read_contract(tmp_path / "openapi.yaml")
    swagger = tmp_path / "swagger.yaml"
    swagger.write_text("swagger: '2.0'\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"not an OpenAPI 3\.1 document"):
        read_contract(swagger)
