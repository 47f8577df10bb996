"""The options that ``pytest --pyargs runwright.suite`` adds; a pytest plugin.

It is loaded by its entry point in every run of pytest, so it imports what it needs only when one
of its options is used.
"""

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from runwright.suite.target import Target

OF_ONE_API: Final = ("--runwright-url", "--runwright-fault", "--runwright-save")


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
        help="a path parameter that cannot be found out; may be repeated",
    )
    group.addoption("--runwright-max-requests", type=int, metavar="N", help="send no more")
    group.addoption("--runwright-max-runs", type=int, metavar="N", help="start no more")
    group.addoption("--runwright-rate", type=float, metavar="N", help="requests a second at most")
    group.addoption("--runwright-strict", action="store_true", help="let inferred rules fail, too")
    group.addoption(
        "--runwright-save", metavar="FILE", help="write the history of one API here, as NDJSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that make no sense before anything is collected."""
    named = config.getoption("--runwright-api")
    if not named and not any(config.getoption(option) for option in OF_ONE_API):
        return
    from runwright.spec import SpecError, load_spec
    from runwright.suite.profile import PROFILES

    try:
        for api in named:
            load_spec(api)
    except SpecError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("--runwright-profile") not in PROFILES:
        raise pytest.UsageError(f"--runwright-profile is one of {', '.join(PROFILES)}")
    for option in OF_ONE_API:
        if config.getoption(option) and len(named) != 1:
            raise pytest.UsageError(f"{option} goes with one API; name it with --runwright-api")
    target_of(config)


def target_of(config: pytest.Config) -> "Target | None":
    """Return the server that the options name, None for the emulator.

    Raises:
        pytest.UsageError: a setting is no NAME=VALUE, or the environment has no credentials.
    """
    from runwright.suite.target import CredentialsError, Target, tenants_from_environment

    url = config.getoption("--runwright-url")
    if url is None:
        return None
    values = {}
    for text in config.getoption("--runwright-set"):
        name, sign, value = text.partition("=")
        if not name or not sign:
            raise pytest.UsageError(f"--runwright-set {text}: write it as NAME=VALUE")
        values[name] = value
    try:
        tenants = tenants_from_environment()
    except CredentialsError as error:
        raise pytest.UsageError(str(error)) from None
    return Target(url=url, tenants=tenants, parameters={t.name: values for t in tenants})
