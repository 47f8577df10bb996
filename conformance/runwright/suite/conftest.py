"""Makes a test of each rule, and runs a session for each API when its first rule is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runwright.budget import Budget, tell_spent
from runwright.history import write_history
from runwright.rulebook import Rulebook, load_rulebook
from runwright.spec import apis
from runwright.suite.audit import Audit, run_suite
from runwright.suite.options import target_of
from runwright.suite.profile import PROFILES

SPENT = pytest.StashKey[list[str]]()
"""What the sessions have spent, a line each."""

Examine = Callable[[str], Audit]
"""Returns the session of an API, which runs but once."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the test of rules every rule of the chosen APIs and reading."""
    if "rule" not in metafunc.fixturenames:
        return
    reading = metafunc.config.getoption("--runwright-reading")
    rules = [
        (api, entry.rule.id)
        for api in metafunc.config.getoption("--runwright-api") or apis()
        for entry in load_rulebook(api).entries
        if entry.holds_under(reading)
    ]
    metafunc.parametrize(("api", "rule"), rules, ids=[rule for _, rule in rules])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what the sessions have spent against their limits."""
    for line in config.stash.get(SPENT, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def examine(request: pytest.FixtureRequest) -> Examine:
    """Return what runs the session of an API, or returns the one that ran."""
    config = request.config
    audits: dict[str, Audit] = {}

    def examine(api: str) -> Audit:
        if api not in audits:
            audits[api] = _run(config, load_rulebook(api))
        return audits[api]

    return examine


def _run(config: pytest.Config, rulebook: Rulebook) -> Audit:
    budget = Budget(
        max_requests=config.getoption("--runwright-max-requests"),
        max_runs=config.getoption("--runwright-max-runs"),
        rate=config.getoption("--runwright-rate"),
    )
    audit = run_suite(
        rulebook,
        target=target_of(config),
        reading=config.getoption("--runwright-reading"),
        seed=config.getoption("--runwright-seed"),
        profile=PROFILES[config.getoption("--runwright-profile")],
        budget=budget,
        fault=config.getoption("--runwright-fault"),
    )
    line = f"{rulebook.spec.api}: {tell_spent(audit.spent, budget)}"
    config.stash.setdefault(SPENT, []).append(line)
    if config.getoption("--runwright-save"):
        write_history(audit.history, Path(config.getoption("--runwright-save")))
    return audit
