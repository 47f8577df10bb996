"""Python imports this at its start when its folder is on PYTHONPATH: it begins to record.

Then it makes room for the `sitecustomize` that would have been imported without it. It runs in
whatever Python the recorded program has, so it loads what it needs by its place on disk.
"""

import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TAP = os.path.join(os.path.dirname(os.path.dirname(HERE)), "tap")


def _record() -> None:
    address = os.environ.get("RUNWRIGHT_RECORD")
    if not address:
        return
    if sys.version_info < (3, 9):  # noqa: UP036  the program's Python, not this project's
        print("runwright: this process is not recorded; it needs Python 3.9", file=sys.stderr)
        return
    try:
        _load("runwright_tap", os.path.join(TAP, "__init__.py"), TAP)
        agent = importlib.import_module("runwright_tap.agent")
        agent.start(address)
    except Exception as error:  # noqa: BLE001  a recorder must not break what it records
        print(f"runwright: this process is not recorded: {error!r}", file=sys.stderr)


def _load(name: str, path: str, folder: str) -> None:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[folder])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _make_room() -> None:
    """Import the next module of this name, as if this one did not exist."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_record()
_make_room()
