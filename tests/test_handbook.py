"""What conformance/README.md tells CI systems to run does what it says there."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import evolve
from runwright.history import read_history, write_history
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK

PAGE = Path(__file__).parents[1] / "conformance" / "README.md"
PARTS = 3


def pipelines() -> Iterator[dict[str, Any]]:
    """Yield the pipelines on the page."""
    text = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield yaml.safe_load(block)


def commands(pipeline: dict[str, Any], job: str) -> list[str]:
    """Return what a job runs of ours."""
    jobs = pipeline.get("jobs", pipeline)
    lines = jobs[job].get("script") or [step.get("run", "") for step in jobs[job]["steps"]]
    return [line for line in lines if line.startswith("runwright ")]


def run(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command line as a shell would."""
    ours = f"{shlex.quote(sys.executable)} -m runwright"
    return subprocess.run(
        line.replace("runwright", ours, 1),
        shell=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "RUNWRIGHT_TOKEN": "some-token-of-mine", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the histories that the parts of a session would save."""
    folder = tmp_path_factory.mktemp("parts")
    history = run_suite("nekt", profile=evolve(QUICK, plans=3, others=1)).history
    for index in range(1, PARTS + 1):
        part = evolve(history, notes=(f"shard {index}/{PARTS}",))
        write_history(part, folder / f"shard-{index}.ndjson")
    return folder


@pytest.mark.parametrize("number", [0, 1], ids=["github", "gitlab"])
def test_the_parts_of_a_pipeline_are_those_of_a_whole(number: int, tmp_path: Path) -> None:
    pipeline = list(pipelines())[number]
    saved = set()
    for index in range(1, PARTS + 1):
        for line in commands(pipeline, "shard"):
            told = {"GITLAB_CI": "1", "CI_NODE_INDEX": f"{index}", "CI_NODE_TOTAL": f"{PARTS}"}
            line = line.replace("${{ matrix.shard }}", str(index))
            done = run(f"{line} --plan --json --profile quick", tmp_path, **told)
            assert done.returncode == 0, done.stderr
            saved.add(line.replace("$CI_NODE_INDEX", str(index)).partition("--save ")[2])
    assert saved == {f"shard-{index}.ndjson" for index in range(1, PARTS + 1)}


@pytest.mark.parametrize("number", [0, 1], ids=["github", "gitlab"])
def test_the_parts_come_to_a_verdict(number: int, recorded: Path) -> None:
    pipeline = list(pipelines())[number]
    lines = commands(pipeline, "verdict")
    assert [line.split()[1] for line in lines] == ["merge", "judge"]
    for line in lines:
        done = run(line, recorded)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "missing" not in done.stderr
    assert read_history(recorded / "all.ndjson").exchanges
    assert (recorded / "junit.xml").read_text().startswith("<?xml")


def test_merging_and_judging_take_no_more_than_the_judge(recorded: Path, tmp_path: Path) -> None:
    names = ("hypothesis", "schemathesis", "starlette", "uvicorn", "pytest", "redis")
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in names)
    )
    for line in commands(next(pipelines()), "verdict"):
        done = run(line, recorded, PYTHONPATH=str(tmp_path))
        assert done.returncode == 0, done.stderr


def test_github_and_gitlab_have_as_many_parts_as_they_say() -> None:
    github, gitlab = itertools.islice(pipelines(), 2)
    assert github["jobs"]["shard"]["strategy"]["matrix"]["shard"] == list(range(1, PARTS + 1))
    assert gitlab["shard"]["parallel"] == PARTS
