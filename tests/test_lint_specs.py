"""Each fault that the linter knows, planted into a small good spec, with the line it must print.

The good spec is ``fixtures/lint/toy``. A fault in ``fixtures/lint/faults`` is a text (`old`, which
stands there once, or `everywhere`) and its replacement; `down` says how many lines below the
replaced text the linter must see the fault.
"""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lint_specs
import pytest
import yaml

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures" / "lint"
FAULTS = {
    f"{path.stem}: {fault['name']}": fault
    for path in sorted((FIXTURES / "faults").glob("*.yaml"))
    for fault in yaml.safe_load(path.read_text(encoding="utf-8"))
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the good spec and its ledger, in a folder below the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(FIXTURES / "toy", tmp_path / "specs" / "toy")
    return Path("specs/toy")


def test_a_good_spec_is_clean(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_specs.main([str(toy)]) == 0
    assert capsys.readouterr().out == "1 spec, 0 findings\n"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str, toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fault = FAULTS[name]
    path = toy / fault.get("file", "openapi.yaml")
    good = path.read_text(encoding="utf-8")
    assert good.count(fault["old"]) == 1 or fault.get("everywhere")
    path.write_text(good.replace(fault["old"], fault["new"]), encoding="utf-8")
    first = good[: good.index(fault["old"])].count("\n") + 1
    assert lint_specs.main([str(toy)]) == 1
    *lines, _ = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{path}:{first + says.get('down', 0)}: {says['message']}" for says in fault["says"]
    ]


def test_a_spec_without_ledger_is_a_fault(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (toy / "ledger.yaml").unlink()
    assert lint_specs.main([str(toy / "openapi.yaml")]) == 1
    assert capsys.readouterr().out == (
        "specs/toy/openapi.yaml:1: no ledger.yaml stands beside the spec; "
        "write one, it says where each promise comes from\n"
        "1 spec, 1 finding\n"
    )


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("openapi.yaml", None, "openapi.yaml: no such file"),
        ("openapi.yaml", "openapi: {", "openapi.yaml:1: not YAML: "),
        ("openapi.yaml", "", "openapi.yaml: the file is empty"),
        ("openapi.yaml", "swagger: '2.0'", "openapi.yaml: not an OpenAPI 3.1 document; "),
        ("openapi.yaml", "[]", "openapi.yaml: not an OpenAPI 3.1 document; "),
        ("ledger.yaml", "api: [", "ledger.yaml:1: not YAML: "),
        ("ledger.yaml", "# nothing yet", "ledger.yaml: the file is empty"),
    ],
)
def test_unreadable_input_is_told_from_faults(
    toy: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    content: str | None,
    message: str,
) -> None:
    path = toy / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    assert lint_specs.main([str(toy)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"specs/toy/{message}")


def test_the_command_exits_as_it_says(toy: Path) -> None:
    (toy / "ledger.yaml").unlink()
    command = [sys.executable, str(ROOT / "scripts" / "lint_specs.py"), str(toy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("1 spec, 1 finding\n")


def remedies() -> Iterator[tuple[str, str]]:
    """Yield the longest constant piece of each remedy in the linter, with where it stands."""
    for path in sorted((ROOT / "conformance" / "runwright" / "lint").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if isinstance(node, ast.Call) and name in ("finding", "Finding"):
                pieces = [
                    part.value
                    for part in ast.walk(node.args[-1])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                if pieces:
                    yield f"{path.name}:{node.lineno}", max(pieces, key=len)


def messages(faults: dict[str, Any]) -> str:
    """Return all that the faults make the linter say."""
    return "\n".join(says["message"] for fault in faults.values() for says in fault["says"])


def test_every_message_has_a_fault_that_shows_it() -> None:
    found = dict(remedies())
    assert len(found) > 40
    said = messages(FAULTS)
    unseen = [where for where, piece in found.items() if piece not in said]
    assert [where for where in unseen if not where.startswith("linter.py")] == []
    assert len(unseen) == 1, "a spec without ledger has a test of its own"
