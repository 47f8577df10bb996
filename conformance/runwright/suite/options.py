"""The options that ``pytest --pyargs runwright.suite`` adds; a pytest plugin.

It is loaded by its entry point in every run of pytest, so it imports what it needs only when one
of its options is used.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from runwright.budget import Budget
    from runwright.rulebook import Rulebook
    from runwright.shard import Shard
    from runwright.suite.memory import Memory
    from runwright.suite.target import Target

TOLD: Final = pytest.StashKey[list[str]]()
"""What the sessions have to tell in the end, a line each."""
RULEBOOKS: "Final[pytest.StashKey[Mapping[str, Rulebook]]]" = pytest.StashKey()
"""What the chosen APIs are judged by."""
FOLDER: Final = pytest.StashKey[Path]()
"""Where the workers of pytest-xdist share what they do."""

OF_ONE_API: Final = (
    "--runwright-url",
    "--runwright-fault",
    "--runwright-save",
    "--runwright-shard",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options in a group of their own."""
    group = parser.getgroup("runwright", "runwright: conformance of APIs that report runs")
    group.addoption(
        "--runwright-api",
        action="append",
        default=[],
        metavar="API",
        help="an API to test; may be repeated (default: all that have a spec)",
    )
    group.addoption(
        "--runwright-spec",
        type=Path,
        metavar="FILE",
        help="an OpenAPI 3.1 file with lifecycles, to test an API of your own",
    )
    group.addoption(
        "--runwright-url",
        metavar="URL",
        help="the server to test, for one API; credentials come from the environment variables "
        "RUNWRIGHT_TOKEN and RUNWRIGHT_OTHER_TOKEN (default: the emulator)",
    )
    group.addoption(
        "--runwright-profile",
        default="default",
        metavar="NAME",
        help="how much to do: quick, default or thorough",
    )
    group.addoption("--runwright-seed", type=int, default=0, metavar="N", help="decides all draws")
    group.addoption(
        "--runwright-reading",
        choices=["seed", "current"],
        default="seed",
        help="whose promises to judge by",
    )
    group.addoption(
        "--runwright-fault", metavar="NAME", help="the mutant that the emulator is to be"
    )
    group.addoption(
        "--runwright-set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter that cannot be found out, such as a workspace in the path or in a header "
        "of every request; other:NAME=VALUE for that of the second tenant; may be repeated",
    )
    group.addoption("--runwright-max-requests", type=int, metavar="N", help="send no more")
    group.addoption("--runwright-max-runs", type=int, metavar="N", help="start no more")
    group.addoption("--runwright-rate", type=float, metavar="N", help="requests a second at most")
    group.addoption("--runwright-deadline", type=float, metavar="N", help="seconds, in all")
    group.addoption(
        "--runwright-observe-only", action="store_true", help="start and change nothing"
    )
    group.addoption(
        "--runwright-shard",
        metavar="I/N",
        help="do one part of the work, such as 2/5, or auto: the part that a CI system tells",
    )
    group.addoption(
        "--runwright-database",
        metavar="PLACE",
        help="a folder, or a Redis server such as redis://host:6379/0, that keeps what broke a "
        "rule; it is tried first in the next run (default: RUNWRIGHT_DATABASE, or none)",
    )
    group.addoption("--runwright-strict", action="store_true", help="let inferred rules fail, too")
    group.addoption(
        "--runwright-save", metavar="FILE", help="write the history of one API here, as NDJSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that make no sense before anything is collected."""
    own = config.getoption("--runwright-spec")
    named = [*config.getoption("--runwright-api"), *([own] if own else [])]
    if not named and not any(config.getoption(option) for option in OF_ONE_API):
        return
    from runwright.spec import SpecError
    from runwright.suite.profile import PROFILES

    try:
        rulebooks_of(config)
    except SpecError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("--runwright-profile") not in PROFILES:
        raise pytest.UsageError(f"--runwright-profile is one of {', '.join(PROFILES)}")
    for option in OF_ONE_API:
        if config.getoption(option) and len(named) != 1:
            raise pytest.UsageError(
                f"{option} goes with one API; name it with --runwright-api, or --runwright-spec"
            )
    if config.getoption("--runwright-shard") and not config.getoption("--runwright-url"):
        raise pytest.UsageError(
            "--runwright-shard is a part of the work on one server, which all parts test; "
            "say which with --runwright-url"
        )
    _check_fault(config)
    _check_place(config)
    target_of(config)
    budget_of(config)
    shard_of(config)
    memory_of(config)


def _check_fault(config: pytest.Config) -> None:
    fault = config.getoption("--runwright-fault")
    if fault is None:
        return
    from runwright.emulator.mutant import MutantError, find_mutant

    if config.getoption("--runwright-url"):
        raise pytest.UsageError("--runwright-fault is for the emulator; leave out --runwright-url")
    (api,) = rulebooks_of(config)
    try:
        find_mutant(api, fault)
    except MutantError as error:
        raise pytest.UsageError(str(error)) from None


def _check_place(config: pytest.Config) -> None:
    saved = config.getoption("--runwright-save")
    if saved is not None and Path(saved).is_dir():
        raise pytest.UsageError(f"{saved}: this is a folder; name a file in it")
    if saved is not None and not Path(saved).absolute().parent.is_dir():
        raise pytest.UsageError(f"{saved}: there is no folder {Path(saved).parent}; make it first")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where all of them share what they do, if they can."""
    if node.gateway.spec.popen:
        folder = Path(tempfile.gettempdir()) / f"runwright-{node.workerinput['testrunuid']}"
        node.config.stash[FOLDER] = folder
        node.workerinput["runwright_folder"] = str(folder)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what the sessions have spent against their limits, and what they have kept."""
    lines = [*config.stash.setdefault(TOLD, [])]
    folder = config.stash.get(FOLDER, None)
    if folder is not None and folder.is_dir():
        from runwright.suite.crew import told

        lines += told(folder)
    for line in lines:
        terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what workers have shared."""
    folder = config.stash.get(FOLDER, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def rulebooks_of(config: pytest.Config) -> "Mapping[str, Rulebook]":
    """Return the rulebooks of the APIs that the options name, by id; of all if they name none.

    Raises:
        SpecError: there is no such API, or a spec cannot be used.
    """
    from runwright.contract import contract_of
    from runwright.spec import apis

    if RULEBOOKS not in config.stash:
        own = config.getoption("--runwright-spec")
        named = [*config.getoption("--runwright-api"), *([own] if own else [])]
        books = [contract_of(api) for api in named or apis()]
        config.stash[RULEBOOKS] = {book.spec.api: book for book in books}
    return config.stash[RULEBOOKS]


def folder_of(config: pytest.Config) -> Path | None:
    """Return where the workers share what they do; None if this process is none of them."""
    folder = getattr(config, "workerinput", {}).get("runwright_folder")
    return None if folder is None else Path(folder)


def place_of(config: pytest.Config) -> "tuple[Shard | None, int]":
    """Return which worker this is, and how many there are; None for one that replaces another."""
    from runwright.shard import Shard

    told = config.workerinput  # type: ignore[attr-defined]
    index, count = int(told["workerid"].removeprefix("gw")) + 1, int(told["workercount"])
    return (Shard(index, count) if index <= count else None), count


def shard_of(config: pytest.Config) -> "Shard | None":
    """Return the part of the work that the options name.

    Raises:
        pytest.UsageError: they name none that there is.
    """
    from runwright.shard import ShardError, read_shard

    text = config.getoption("--runwright-shard")
    if text is None:
        return None
    try:
        return read_shard(text)
    except ShardError as error:
        raise pytest.UsageError(str(error)) from None


def memory_of(config: pytest.Config) -> "Memory | None":
    """Return the database that the options, or the environment, name.

    Raises:
        pytest.UsageError: it cannot be used.
    """
    from runwright.suite.memory import VARIABLE, DatabaseError, open_memory

    place = config.getoption("--runwright-database") or os.environ.get(VARIABLE)
    try:
        return open_memory(place) if place else None
    except DatabaseError as error:
        raise pytest.UsageError(str(error)) from None


def budget_of(config: pytest.Config) -> "Budget":
    """Return what the options allow to be spent.

    Raises:
        pytest.UsageError: a limit makes no sense.
    """
    from runwright.budget import Budget

    try:
        return Budget(
            max_requests=config.getoption("--runwright-max-requests"),
            max_runs=config.getoption("--runwright-max-runs"),
            rate=config.getoption("--runwright-rate"),
            deadline=config.getoption("--runwright-deadline"),
            observe_only=config.getoption("--runwright-observe-only"),
        )
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


def target_of(config: pytest.Config) -> "Target | None":
    """Return the server that the options name, None for the emulator.

    Raises:
        pytest.UsageError: a setting is no NAME=VALUE, or the environment has no credentials.
    """
    from runwright.suite.target import (
        CredentialsError,
        SettingError,
        Target,
        read_settings,
        tenants_from_environment,
    )

    url = config.getoption("--runwright-url")
    if url is None:
        return None
    try:
        tenants = tenants_from_environment()
        parameters = read_settings(config.getoption("--runwright-set"))
    except CredentialsError as error:
        raise pytest.UsageError(str(error)) from None
    except SettingError as error:
        raise pytest.UsageError(f"--runwright-set {error}") from None
    return Target(url=url, tenants=tenants, parameters=parameters)
