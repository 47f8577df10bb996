"""A pytest plugin: the fixture `runwright_history` records what a test does over HTTP.

    @pytest.mark.runwright(api="nekt")
    def test_sync(runwright_history):
        my_program.sync()
        runwright.assert_conforms(runwright_history)

Nothing but pytest is imported before the fixture is used.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from runwright.watched import Watched

MARKER = "runwright"
SETTINGS = ("api", "url", "reading", "save", "secrets", "largest")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the configuration name the API that tests are about."""
    parser.addini("runwright_api", "The API that `runwright_history` is of, unless marked.")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(api, url=None, reading='seed', save=None): what `runwright_history` records.",
    )


@pytest.fixture
def runwright_history(request: pytest.FixtureRequest) -> "Iterator[Watched]":
    """What a test and the program under it send over HTTP, and what they get.

    Watched is what goes through httpx, requests, urllib3 and urllib.request in this process; of
    httpx also what goes to mocks and applications. Which API it is comes from the marker
    `runwright`, from the fixture's parameter, or from `runwright_api` in pytest's configuration.
    """
    settings = _settings(request)
    try:
        from runwright.watched import watch
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "runwright":
            raise
        pytest.fail(
            f"runwright_history needs {error.name}, which is not installed; "
            "pip install 'runwright[judge]'",
            pytrace=False,
        )
    with watch(everywhere=True, **settings) as watched:
        yield watched


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if default := request.config.getini("runwright_api"):
        settings["api"] = default
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        settings.update(zip(SETTINGS, marker.args, strict=False))
        settings.update(marker.kwargs)
    parameter = getattr(request, "param", None)
    if parameter is not None:
        settings.update(parameter if isinstance(parameter, dict) else {"api": parameter})
    if unknown := set(settings) - set(SETTINGS):
        pytest.fail(
            f"the marker runwright takes {', '.join(SETTINGS)}, not {', '.join(sorted(unknown))}",
            pytrace=False,
        )
    if "api" not in settings:
        pytest.fail(
            "runwright_history does not know which API it is about; mark the test with "
            '@pytest.mark.runwright(api="…"), or set runwright_api in the configuration',
            pytrace=False,
        )
    return settings
