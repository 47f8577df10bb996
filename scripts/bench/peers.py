"""What other generators make of the same specs, for the benchmark, in ``build/bench/peers``.

Each is given what `scripts/generate.py` gives to openapi-python-client: the spec with its enums
and objects under names of their own, and without conditions. All run with their own defaults.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

from attrs import frozen
from codegen.document import PlainDocument
from runwright.spec import load_spec

LONGEST = 300
"""Seconds that a generator may take for one API."""


@frozen(kw_only=True)
class Peer:
    """A generator: its distribution on PyPI, and how to run it."""

    name: str
    distribution: str
    prefix: str
    """What the names of its packages begin with; the API's id follows."""
    command: Callable[[Path, str], list[str]]
    """Arguments for Python that read a document and write a package of a name beside it."""

    def package(self, api: str) -> str:
        """Return the name of the package or module for an API."""
        return f"{self.prefix}_{api}"


@frozen(kw_only=True)
class Shelf:
    """The folder with all that was generated, and why some was not."""

    folder: Path
    missing: Mapping[tuple[str, str], str]
    """Reasons by the prefix of the peer and API."""

    def why_not(self, peer: Peer, api: str) -> str | None:
        """Return why there is nothing of a peer for an API, or None if there is."""
        return self.missing.get((peer.prefix, api))


def _openapi_python_client(document: Path, package: str) -> list[str]:
    return [
        *("-m", "openapi_python_client", "generate", "--meta", "none", "--overwrite"),
        *("--path", str(document), "--output-path", str(document.parent / package)),
    ]


def _openapi_generator(document: Path, package: str) -> list[str]:
    folder = document.parent / f"{package}_project"
    return [
        *("-c", "import sys, openapi_generator_cli as g; sys.exit(g.run(sys.argv[1:]).returncode)"),
        *("generate", "-g", "python", "-i", str(document)),
        *("-o", str(folder), f"--additional-properties=packageName={package}"),
    ]


def _datamodel_codegen(kind: str) -> Callable[[Path, str], list[str]]:
    def command(document: Path, package: str) -> list[str]:
        return [
            *("-m", "datamodel_code_generator", "--input", str(document)),
            *("--input-file-type", "openapi", "--output", str(document.parent / f"{package}.py")),
            *("--output-model-type", kind, "--target-python-version", "3.11"),
            *("--formatters", "builtin"),
        ]

    return command


PLAIN = Peer(
    name="openapi-python-client",
    distribution="openapi-python-client",
    prefix="plain",
    command=_openapi_python_client,
)
OPENAPI_GENERATOR = Peer(
    name="openapi-generator (pydantic)",
    distribution="openapi-generator-cli",
    prefix="openapi",
    command=_openapi_generator,
)
PYDANTIC = Peer(
    name="datamodel-code-generator (pydantic)",
    distribution="datamodel-code-generator",
    prefix="pydantic",
    command=_datamodel_codegen("pydantic_v2.BaseModel"),
)
MSGSPEC = Peer(
    name="datamodel-code-generator (msgspec)",
    distribution="datamodel-code-generator",
    prefix="msgspec",
    command=_datamodel_codegen("msgspec.Struct"),
)
PEERS = (PLAIN, OPENAPI_GENERATOR, PYDANTIC, MSGSPEC)


def generate(apis: tuple[str, ...], folder: Path) -> Shelf:
    """Run each generator over each API, unless that was done before, and make it importable."""
    missing: dict[tuple[str, str], str] = {}
    folder = folder / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    for api in apis:
        text = json.dumps(PlainDocument(load_spec(api).document).document, indent=1)
        document = folder / f"{api}.json"
        document.write_text(text, encoding="utf-8")
        for peer in PEERS:
            reason = _make(peer, document, text)
            if reason is not None:
                missing[peer.prefix, api] = reason
    for path in (folder, *folder.glob("*_project")):
        if str(path) not in sys.path:
            sys.path.append(str(path))
    return Shelf(folder=folder, missing=missing)


def _make(peer: Peer, document: Path, text: str) -> str | None:
    """Let a peer generate what is not there; return why it has not."""
    try:
        version = metadata.version(peer.distribution)
    except metadata.PackageNotFoundError:
        return f"{peer.distribution} is not installed"
    package = peer.package(document.stem)
    command = peer.command(document, package)
    mark = document.parent / f"{package}.made"
    state = hashlib.sha256(f"{version} {command} {text}".encode()).hexdigest()
    if mark.exists() and mark.read_text(encoding="utf-8") == state:
        return None
    print(f"  {peer.name} {version} makes {package} …", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return f"{peer.distribution} {version} was not done after {LONGEST} s"
    said = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode != 0 or not _is_there(document.parent, package):
        return f"{peer.distribution} {version} failed: {said[-1] if said else 'without a word'}"
    mark.write_text(state, encoding="utf-8")
    return None


def _is_there(folder: Path, package: str) -> bool:
    places = (folder / package, folder / f"{package}.py", folder / f"{package}_project" / package)
    return any(place.exists() for place in places)
