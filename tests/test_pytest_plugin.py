"""The pytest plugin records what a test does, and asserts on it."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import runwright
from loopback import Loopback, Reply, serving

pytest_plugins = "pytester"

NOT_FOUND = {"type": "not-found", "title": "Not Found", "status": 404, "detail": "No such run."}
PATH = "/v1/pipes/check/zc5y300pye1er3kn46vsty5z"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback.answer(Reply(status=404, body=NOT_FOUND))


@pytest.fixture
def project(pytester: pytest.Pytester, server: Loopback) -> pytest.Pytester:
    """A project with a program that asks a server."""
    pytester.makepyfile(
        program=f"import httpx\ndef ask():\n    return httpx.get({server.url + PATH!r})"
    )
    return pytester


def outcome(project: pytest.Pytester, source: str) -> pytest.RunResult:
    project.makepyfile(source)
    return project.runpytest_inprocess(
        *("-p", "no:cacheprovider", "--strict-markers"),
        *("-o", "asyncio_default_fixture_loop_scope=function"),
    )


@pytest.mark.runwright("pipe0")
def test_the_fixture_is_here_as_the_package_is_installed(
    runwright_history: runwright.Watched, server: Loopback
) -> None:
    import httpx

    httpx.get(server.url + PATH)
    assert [e.status for e in runwright_history.history.exchanges] == [404]
    assert runwright.assert_conforms(runwright_history).api == "pipe0"


@pytest.mark.runwright("pipe0")
def test_the_libraries_of_others_are_seen_too(
    runwright_history: runwright.Watched, server: Loopback
) -> None:
    import urllib.error
    import urllib.request

    import requests

    requests.get(server.url + PATH, headers={"Authorization": "Bearer sk_0123456789abcdef"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(server.url + PATH)
    error.value.read()
    exchanges = runwright_history.history.exchanges
    assert [(e.status, e.body) for e in exchanges] == [(404, NOT_FOUND)] * 2
    assert runwright.assert_conforms(runwright_history).conforms()


def test_watches_over_each_other_see_the_same_in_whatever_order_they_end(server: Loopback) -> None:
    import requests

    before = dict(vars(HTTPConnection))
    with runwright.watch(api="pipe0", everywhere=True) as outer:
        with runwright.watch(api="pipe0", everywhere=True) as inner:
            requests.get(server.url + PATH)
        requests.get(server.url + PATH)
    assert [len(one.history.exchanges) for one in (outer, inner)] == [2, 1]
    assert dict(vars(HTTPConnection)) == before
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        early = first.enter_context(runwright.watch(api="pipe0", everywhere=True))
        late = second.enter_context(runwright.watch(api="pipe0", everywhere=True))
        requests.get(server.url + PATH)
        first.close()
        requests.get(server.url + PATH)
    requests.get(server.url + PATH)
    assert [len(one.history.exchanges) for one in (early, late)] == [1, 2]


def test_the_marker_says_what_is_recorded(project: pytest.Pytester) -> None:
    result = outcome(
        project,
        """
        import program, pytest, runwright

        @pytest.mark.runwright(api="pipe0", reading="current")
        def test_it(runwright_history):
            program.ask()
            report = runwright.assert_conforms(runwright_history)
            assert (report.api, report.reading, report.exchanges) == ("pipe0", "current", 1)

        @pytest.mark.runwright(api="nekt")
        class TestMany:
            @pytest.mark.runwright("pipe0")
            def test_the_nearest_marker_wins(self, runwright_history):
                assert runwright_history.history.api == "pipe0"

            def test_a_marker_of_the_class_counts(self, runwright_history):
                assert runwright_history.history.api == "nekt"

        @pytest.mark.parametrize("runwright_history", ["nekt", {"api": "pipe0"}], indirect=True)
        def test_a_parameter_counts(runwright_history):
            assert runwright_history.history.api in ("nekt", "pipe0")
        """,
    )
    result.assert_outcomes(passed=5)


def test_the_configuration_may_say_it_for_all_tests(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nrunwright_api = nekt_v2\n")
    result = outcome(
        project,
        "def test_it(runwright_history):\n    assert runwright_history.history.api == 'nekt_v2'",
    )
    result.assert_outcomes(passed=1)


def test_each_test_has_a_history_of_its_own(project: pytest.Pytester) -> None:
    result = outcome(
        project,
        """
        import program, pytest
        pytestmark = pytest.mark.runwright("pipe0")

        @pytest.mark.parametrize("number", range(3))
        def test_it(runwright_history, number):
            program.ask()
            assert len(runwright_history.history.exchanges) == 1
        """,
    )
    result.assert_outcomes(passed=3)


def test_asynchronous_tests_are_recorded_too(project: pytest.Pytester, server: Loopback) -> None:
    result = outcome(
        project,
        f"""
        import httpx, pytest

        @pytest.mark.asyncio
        @pytest.mark.runwright("pipe0")
        async def test_it(runwright_history):
            async with httpx.AsyncClient() as client:
                await client.get({server.url + PATH!r})
            assert len(runwright_history.history.exchanges) == 1
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_failed_assertion_shows_what_was_broken(
    project: pytest.Pytester, server: Loopback
) -> None:
    server.answer(Reply(status=404, body={"detail": "It has no title."}))
    result = outcome(
        project,
        """
        import program, pytest, runwright

        @pytest.mark.runwright("pipe0")
        def test_it(runwright_history):
            program.ask()
            runwright.assert_conforms(runwright_history)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: pipe0 DOES NOT CONFORM (*",
            "*VIOLATED pipe0.protocol.body-matches-schema (*",
            "*“*”",
            "*expected*the documented structure",
            '*actual*"title" is a required property',
            f"*seen*GET {PATH} → 404",
            f"*repeat*curl -i {server.url}{PATH}",
        ]
    )
    assert "testing.py" not in result.stdout.str()


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("", "*does not know which API it is about; mark the test with*"),
        ("@pytest.mark.runwright(api='pipe0', apo=1)", "*the marker runwright takes api, url*"),
        ("@pytest.mark.runwright('pipe1')", "*no API is called 'pipe1'*"),
    ],
)
def test_mistakes_are_told_with_a_remedy(project: pytest.Pytester, mark: str, message: str) -> None:
    result = outcome(project, f"import pytest\n{mark}\ndef test_it(runwright_history):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])


def test_a_missing_extra_is_named_and_breaks_no_other_test(project: pytest.Pytester) -> None:
    missing = "raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)"
    project.makepyfile(jsonschema_rs=missing)
    project.makepyfile(
        """
        import pytest

        @pytest.mark.runwright("pipe0")
        def test_it(runwright_history):
            pass

        def test_other():
            pass
        """
    )
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*needs jsonschema_rs, which is not installed; pip install*"])


def test_the_plugin_loads_nothing_but_pytest() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import runwright.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['runwright', 'runwright.pytest_plugin']"
