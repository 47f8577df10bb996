"""Makes a test of each rule, and runs a session for each API when its first rule is asked for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runwright.budget import tell_spent
from runwright.history import write_history
from runwright.mistake import Mistake
from runwright.suite.assignment import Assignment, Outcome
from runwright.suite.audit import run_suite
from runwright.suite.crew import Crew, CrewError
from runwright.suite.options import (
    TOLD,
    budget_of,
    folder_of,
    memory_of,
    place_of,
    rulebooks_of,
    shard_of,
    target_of,
)
from runwright.suite.profile import PROFILES
from runwright.suite.reach import ReachError, check_reached, tell_end

CREW = pytest.StashKey[Crew]()
"""The crew that this process is a part of, if there is one."""

Examine = Callable[[str], Outcome]
"""Returns what came of the session of an API, which runs but once."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the test of rules every rule of the chosen APIs and reading."""
    if "rule" not in metafunc.fixturenames:
        return
    reading = metafunc.config.getoption("--runwright-reading")
    rules = [
        (api, entry.rule.id)
        for api, rulebook in rulebooks_of(metafunc.config).items()
        for entry in rulebook.entries
        if entry.holds_under(reading)
    ]
    metafunc.parametrize(("api", "rule"), rules, ids=[rule for _, rule in rules])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Do this worker's share of what the collected tests need, if there are several workers."""
    config = session.config
    folder = folder_of(config)
    if folder is None or config.option.collectonly:
        return
    needed = tuple(dict.fromkeys(_needed(session)))
    if needed:
        place, count = place_of(config)
        saved = config.getoption("--runwright-save")
        crew = Crew(folder, place, count, save=Path(saved) if saved else None)
        config.stash[CREW] = crew
        crew.work([_assign(config, api) for api in needed])


def _needed(session: pytest.Session) -> Iterator[str]:
    """Yield the API of each test that is about a rule of it."""
    for item in session.items:
        if isinstance(item, pytest.Function) and "examine" in item.fixturenames:
            yield str(item.callspec.params["api"])


@pytest.fixture(scope="session")
def examine(request: pytest.FixtureRequest) -> Examine:
    """Return what runs the session of an API, or returns what came of it."""
    config = request.config
    outcomes: dict[str, Outcome | Exception] = {}

    def examine(api: str) -> Outcome:
        if api not in outcomes:
            try:
                outcomes[api] = _run(config, api)
            except (CrewError, ReachError, Mistake) as error:
                outcomes[api] = error
            except Exception as error:
                # Once is enough: another session would cost the server as much again.
                outcomes[api] = error
                raise
        outcome = outcomes[api]
        if isinstance(outcome, Exception):
            pytest.fail(str(outcome), pytrace=False)
        return outcome

    return examine


def _run(config: pytest.Config, api: str) -> Outcome:
    assignment = _assign(config, api)
    if CREW in config.stash:
        return config.stash[CREW].outcome(assignment)
    audit = run_suite(
        assignment.rulebook,
        target=assignment.target,
        reading=assignment.reading,
        seed=assignment.seed,
        profile=assignment.profile,
        budget=assignment.budget,
        fault=assignment.fault,
        shard=assignment.shard,
        memory=assignment.memory,
    )
    if config.getoption("--runwright-save"):
        write_history(audit.history, Path(config.getoption("--runwright-save")))
    check_reached(audit.history, assignment.target)
    lines = [tell_spent(audit.spent, assignment.budget), audit.memory, tell_end(audit.history)]
    config.stash.setdefault(TOLD, []).extend(f"{api}: {line}" for line in lines if line)
    return Outcome(
        report=audit.report, spent=audit.spent, remarks=audit.remarks, command=audit.command
    )


def _assign(config: pytest.Config, api: str) -> Assignment:
    return Assignment(
        rulebook=rulebooks_of(config)[api],
        target=target_of(config),
        reading=config.getoption("--runwright-reading"),
        seed=config.getoption("--runwright-seed"),
        profile=PROFILES[config.getoption("--runwright-profile")],
        budget=budget_of(config),
        fault=config.getoption("--runwright-fault"),
        shard=shard_of(config),
        memory=memory_of(config),
    )
