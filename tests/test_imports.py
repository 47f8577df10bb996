"""Who may import whom: the pure core knows nothing of what stands on it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[1]
SOURCE_ROOTS = ("conformance", "generated", "scripts")


@frozen
class Layer:
    """Modules of runwright, the layers below them, and the libraries that only they may use."""

    modules: tuple[str, ...]
    below: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def layer(modules: str, below: str = "", uses: str = "") -> Layer:
    return Layer(tuple(modules.split()), tuple(below.split()), tuple(uses.split()))


CORE_LIBRARIES = ("attrs", "jsonschema_rs", "msgspec", "yaml")
LAYERS = {
    # Pure: what an API promises, what was seen of it, and the judge, history in and report out.
    "contract": layer(
        "mistake pointer numeral sharing lifecycle document normal_form operation spec roles form "
        "narrowing validation piecewise instance"
    ),
    "history": layer("history shard excerpt mask telling redaction", "contract"),
    "observation": layer("look part trace timeline strip chronicle coverage", "history"),
    "rule": layer("rule", "observation"),
    "rules": layer("rules", "rule"),
    "ledger": layer("ledger", "rule"),
    "rulebook": layer("rulebook", "rules ledger"),
    "lint": layer("lint contract", "rulebook", "openapi_spec_validator"),
    "verdict": layer(
        "report judge shrink alteration summing streaming baseline comparison cleaning",
        "rulebook",
    ),
    # At the edge: where histories come from, and where reports go.
    "render": layer("render", "verdict", "jinja2 markupsafe rich"),
    "recordings": layer("recordings", "observation", "ijson"),
    "strategies": layer("strategies", "verdict", "hypothesis"),
    "emulator": layer("emulator", "ledger", "starlette uvicorn"),
    "probe": layer("probe budget", "history", "httpx"),
    "tap": layer("tap", "", "httpx"),
    "watch": layer(
        "watched collection scope census sorting wire testing",
        "lint render recordings tap",
        "anyio httpx rich",
    ),
    "record": layer("record", "watch", "rich"),
    # What people start. Nobody below imports it.
    "suite": layer(
        "suite",
        "lint render recordings strategies emulator probe record",
        "httpx hypothesis pytest redis requests rich schemathesis",
    ),
    "front": layer("__init__", "lint watch"),
    "plugin": layer("pytest_plugin", "front", "pytest"),
    "command": layer("cli __main__", "suite front", "rich typer"),
}

EDGE = ("emulator", "probe", "tap", "watch", "record", "plugin", "suite", "command")
EFFECTS = ("asyncio", "http", "random", "secrets", "socket", "subprocess", "threading", "time")
"""Clock, chance and the network are arguments of everything that does not stand at the edge."""

PACKAGES = sorted(p.name for p in (ROOT / "generated").glob("*_client"))
CLIENT_LIBRARIES = ("attrs", "httpx", "msgspec", "stamina")
CLIENT_EXTRAS = {
    "tabular": ("pandas", "polars", "pyarrow"),
    "pages": ("pandas", "polars", "pyarrow"),
    "progress": ("rich",),
}
"""For type checkers, and when they are asked for: importing a client imports none of them."""
ALONE = f"a client stands alone, on {', '.join(CLIENT_LIBRARIES)}"
OPEN_TO_SCRIPTS = ("contract", "ledger", "lifecycle", "lint", "mistake", "pointer", "spec")
"""Generator and linter read contracts and rules; they judge nothing and call no server."""

MEASURING = ("matrix", "kills", "benchmark", "bench")
"""Scripts that measure how well and how fast things work, and import them."""


def layer_of(module: str) -> str | None:
    """Return the layer of a top module of runwright, None if it has no place yet."""
    return next((name for name, layer in LAYERS.items() if module in layer.modules), None)


def reach(name: str) -> frozenset[str]:
    """Return a layer with all layers below it."""
    found = {name}
    for below in LAYERS[name].below:
        found |= reach(below)
    return frozenset(found)


def imported(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of everything that a module of a package imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            above = parents[: len(parents) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def violations(root: str, module: str, source: str) -> list[str]:
    """Return what a module imports although it must not.

    `root` is the source root, `module` the path below it without ``.py``.
    """
    package = ".".join(module.split("/")[:-1])
    found = []
    for line, name in imported(source, package):
        reason = {
            "conformance": refuse_in_runwright,
            "generated": refuse_in_client,
            "scripts": refuse_in_script,
        }[root](module, name)
        if reason:
            found.append(f"{root}/{module}.py:{line}: imports {name}; {reason}")
    return found


def refuse_in_runwright(module: str, name: str) -> str | None:
    own = module.split("/")[1]
    layer = layer_of(own)
    if layer is None:
        return f"give {own} a place in LAYERS of tests/test_imports.py"
    top, _, rest = name.partition(".")
    if top in sys.stdlib_module_names:
        has_effect = top in EFFECTS and layer not in EDGE
        return f"{own} is pure, {top} is not" if has_effect else None
    if top != "runwright":
        allowed = top in (*CORE_LIBRARIES, *LAYERS[layer].libraries)
        return None if allowed else f"{own} may not use {top}"
    target = rest.split(".")[0]
    other = layer_of(target if is_module(target) else "__init__")
    return None if other in reach(layer) else f"{target} does not stand below {own}"


def is_module(target: str) -> bool:
    """True for a module of runwright, False for a name in its ``__init__``."""
    folder = ROOT / "conformance" / "runwright"
    return (folder / target).is_dir() or (folder / f"{target}.py").is_file()


def refuse_in_client(module: str, name: str) -> str | None:
    top, own = name.split(".")[0], module.split("/")[0]
    extras = CLIENT_EXTRAS.get(module.split("/")[-1], ())
    if top in (own, *CLIENT_LIBRARIES, *extras) or top in sys.stdlib_module_names:
        return None
    return ALONE


def refuse_in_script(module: str, name: str) -> str | None:
    top, _, rest = name.partition(".")
    if module.startswith("runtime/"):
        return refuse_in_client(module, name)
    if module.split("/")[0] in MEASURING:
        return None
    if top == "runwright" and rest.split(".")[0] not in OPEN_TO_SCRIPTS:
        return f"open to scripts are {', '.join(OPEN_TO_SCRIPTS)}"
    if (ROOT / "generated" / top).is_dir():
        return "scripts make clients, they do not use them"
    return None


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_client_imports_no_extra(package: str) -> None:
    extras = sorted({name for names in CLIENT_EXTRAS.values() for name in names})
    # httpx itself imports rich where there is one.
    program = (
        f"import sys, httpx; before = set(sys.modules); import {package}; "
        f"print([e for e in {extras} if e in sys.modules and e not in before])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_client_imports_only_what_calls_need(package: str) -> None:
    late = ("async_client", "models", "operations", "_runtime.conversion", "_runtime.waiter")
    program = (
        f"import sys, {package} as client; "
        f"print([e for e in {late} if f'{package}.{{e}}' in sys.modules]); "
        "print([name for name in client.__all__ if name not in dir(client)]); "
        "print([name for name in client.__all__ if getattr(client, name, None) is None])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n" * 3


def modules() -> Iterator[tuple[str, str, str]]:
    """Yield root, module path and source of every module of the project."""
    for root in SOURCE_ROOTS:
        for path in sorted((ROOT / root).rglob("*.py")):
            module = str(path.relative_to(ROOT / root).with_suffix(""))
            yield root, module, path.read_text(encoding="utf-8")


def test_every_import_goes_down() -> None:
    seen = list(modules())
    assert {root for root, _, _ in seen} == set(SOURCE_ROOTS)
    found = [line for module in seen for line in violations(*module)]
    assert not found, "\n".join(found)


def circle(seen: list[tuple[str, str, str]]) -> list[str]:
    """Return modules of which each imports the next and the last the first, if there are such."""
    graph: dict[str, set[str]] = {}
    names = {dotted(module) for _, module, _ in seen}
    for _, module, source in seen:
        package = ".".join(module.split("/")[:-1])
        for _, name in imported(source, package):
            target = name if name in names else name.rpartition(".")[0]
            if target in names and target != dotted(module):
                graph.setdefault(dotted(module), set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def dotted(module: str) -> str:
    """Return the name under which a module is imported."""
    return module.replace("/", ".").removesuffix(".__init__")


def test_no_import_leads_in_a_circle() -> None:
    assert circle(list(modules())) == []


def test_a_circle_is_named() -> None:
    one = ("scripts", "lint/one", "from lint import two")
    two = ("scripts", "lint/two", "def late():\n    from .one import name")
    assert set(circle([one, two])) == {"lint.one", "lint.two"}
    assert circle([one]) == []


@pytest.mark.parametrize(
    ("root", "module", "source", "reason"),
    [
        (
            "conformance",
            "runwright/lifecycle",
            "from runwright.history import History",
            "imports runwright.history.History; history does not stand below lifecycle",
        ),
        (
            "conformance",
            "runwright/history",
            "from runwright import judge",
            "imports runwright.judge; judge does not stand below history",
        ),
        (
            "conformance",
            "runwright/rules/common",
            "def check():\n    from ..emulator.world import World",
            "imports runwright.emulator.world.World; emulator does not stand below rules",
        ),
        (
            "conformance",
            "runwright/judge",
            "import httpx",
            "imports httpx; judge may not use httpx",
        ),
        (
            "conformance",
            "runwright/judge",
            "import runwright.cli",
            "imports runwright.cli; cli does not stand below judge",
        ),
        (
            "conformance",
            "runwright/rules/order",
            "from time import monotonic",
            "imports time.monotonic; rules is pure, time is not",
        ),
        (
            "conformance",
            "runwright/probe",
            "from nekt_client import Nekt",
            "imports nekt_client.Nekt; probe may not use nekt_client",
        ),
        (
            "conformance",
            "runwright/cli",
            "import lint_specs",
            "imports lint_specs; cli may not use lint_specs",
        ),
        (
            "conformance",
            "runwright/novelty",
            "import attrs",
            "imports attrs; give novelty a place in LAYERS of tests/test_imports.py",
        ),
        (
            "generated",
            "nekt_client/_runtime/wire",
            "from runwright.lifecycle import Outcome",
            f"imports runwright.lifecycle.Outcome; {ALONE}",
        ),
        (
            "generated",
            "nekt_client/client",
            "from pipe0_client.models import Run",
            f"imports pipe0_client.models.Run; {ALONE}",
        ),
        (
            "scripts",
            "runtime/waiter",
            "import yaml",
            f"imports yaml; {ALONE}",
        ),
        (
            "scripts",
            "codegen/project",
            "from runwright.judge import judge",
            f"imports runwright.judge.judge; open to scripts are {', '.join(OPEN_TO_SCRIPTS)}",
        ),
        (
            "scripts",
            "generate",
            "import nekt_client",
            "imports nekt_client; scripts make clients, they do not use them",
        ),
    ],
)
def test_an_import_that_goes_up_is_named(root: str, module: str, source: str, reason: str) -> None:
    (line,) = violations(root, module, source)
    assert line.startswith(f"{root}/{module}.py:")
    assert line.endswith(f": {reason}")


@pytest.mark.parametrize(
    ("root", "module", "source"),
    [
        ("conformance", "runwright/rules/common", "from . import order\nfrom .order import before"),
        ("conformance", "runwright/cli", "from runwright import __version__\nimport typer"),
        ("conformance", "runwright/trace", "import json\nfrom runwright.pointer import resolve"),
        ("generated", "nekt_client/client", "from . import models\nfrom ._runtime.wire import A"),
        ("scripts", "lint/text", "from runwright.spec import load_yaml\nimport lint.finding"),
    ],
)
def test_an_import_that_goes_down_is_fine(root: str, module: str, source: str) -> None:
    assert violations(root, module, source) == []
