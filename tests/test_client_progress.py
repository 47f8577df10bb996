"""Progress bars: what they show of one run and of many, and that they always leave tidily."""

import io
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pipe0_client
import pytest
from loopback import Loopback, Reply, serving
from pipe0_client import AsyncPipe0, Pipe0, Progress, WaitError, progress_bar
from rich.console import Console
from test_client_stopping import ENDLESS, stalling
from test_client_waiting import RUNS, AsyncVirtualClock, VirtualClock, by_id, run, statuses

HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"
"""What hides a terminal's cursor, and what shows it again."""


class Screen:
    """A terminal that remembers; it has no colors, so that texts can be compared."""

    def __init__(self, **options: Any) -> None:
        self.file = io.StringIO()
        self.console = Console(
            file=self.file,
            **{"force_terminal": True, "color_system": None, "width": 120} | options,
        )

    @property
    def text(self) -> str:
        return self.file.getvalue()

    @property
    def last(self) -> str:
        """The line that stays."""
        assert self.text.count(HIDDEN) == self.text.count(SHOWN) > 0
        return self.text.removesuffix(SHOWN).rstrip().rsplit("\r\x1b[2K", 1)[-1]


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def api(server: Loopback) -> Iterator[Pipe0]:
    with Pipe0("k", base_url=server.url, clock=VirtualClock()) as client:
        yield client


class TestOneRun:
    def test_its_status_is_shown(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(*statuses("pending", "processing", "completed"))
        api.wait("r1", on_look=progress_bar(console=screen.console))
        assert screen.last.startswith("run r1 ━")
        assert screen.last.endswith(" completed")

    def test_a_failed_look_is_shown(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(*statuses("pending"), Reply(status=500))
        with pytest.raises(pipe0_client.errors.LooksFailedError):
            api.wait("r1", on_look=progress_bar(console=screen.console))
        assert screen.last.endswith(" pending (InternalServerError)")

    @pytest.mark.parametrize("options", [{"timeout": 5}, {"stop": True}])
    def test_it_closes_however_the_wait_ends(
        self, api: Pipe0, server: Loopback, screen: Screen, options: dict[str, Any]
    ) -> None:
        server.answer(*statuses("pending"))
        bar = progress_bar(console=screen.console)
        if "stop" in options:
            options = {"stop": threading.Event()}
            options["stop"].set()
        with pytest.raises(WaitError):
            api.wait("r1", on_look=bar, **options)
        assert screen.last.startswith("run r1 ")

    def test_it_closes_when_a_run_cannot_be_canceled(
        self, api: Pipe0, server: Loopback, screen: Screen
    ) -> None:
        server.answer(Reply(status=409, body={"detail": "No"}), *statuses("processing"))
        with pytest.raises(pipe0_client.errors.ConflictError):
            api.cancel_and_wait("r1", on_look=progress_bar(console=screen.console))
        assert screen.last.endswith(" processing")

    def test_a_start_shows_too(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(*statuses("pending", "completed"))
        bar = progress_bar(console=screen.console)
        api.run_pipes_and_wait(pipes=[], input=[], on_look=bar)
        assert screen.last.endswith(" completed")
        server.answer(*statuses("failed"))
        with pytest.raises(WaitError):
            api.run_pipes_and_wait(pipes=[], input=[], on_look=bar)
        assert screen.last.endswith(" failed")

    def test_a_status_cannot_steer_the_terminal(
        self, api: Pipe0, server: Loopback, screen: Screen
    ) -> None:
        server.answer(Reply(body=run("[bold]\x1b[2Jx\n")))
        with pytest.raises(WaitError):
            api.wait("r1", on_look=progress_bar(console=screen.console))
        assert screen.last.endswith("[bold]�[2Jx�")


class TestManyRuns:
    def test_the_ended_are_counted(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(by_id(RUNS))
        assert len(list(api.wait_each(RUNS, on_look=progress_bar(console=screen.console)))) == 5
        assert "0 of 5 runs" in screen.text
        assert "5 of 5 runs" in screen.last
        for told in ("2 completed", "1 failed", "1 archived"):
            assert told in screen.last

    async def test_in_an_event_loop_too(self, server: Loopback, screen: Screen) -> None:
        server.answer(by_id(RUNS))
        async with AsyncPipe0("k", base_url=server.url, clock=AsyncVirtualClock()) as api:
            bar = progress_bar(console=screen.console)
            assert len([ended async for ended in api.wait_each(RUNS, on_look=bar)]) == 5
            assert "5 of 5 runs" in screen.last
            server.answer(*statuses("pending", "completed"))
            await api.wait("r1", on_look=bar)
        assert screen.last.endswith(" completed")

    @pytest.mark.parametrize("width", [80, 40, 12])
    def test_it_takes_one_line_of_a_narrow_terminal(
        self, api: Pipe0, server: Loopback, width: int
    ) -> None:
        screen, name = Screen(width=width), "0b6c3a52-9a1f-4e0e-8a7c-3f1f5d1c7e11"
        server.answer(*(Reply(body=run(status, id=name)) for status in ("processing", "completed")))
        api.wait(name, on_look=progress_bar(console=screen.console))
        assert "0b6" in screen.last or width < 40
        server.answer(by_id(RUNS))
        list(api.wait_each(RUNS, on_look=progress_bar(console=screen.console)))
        assert screen.text.count("\n") == 2

    def test_leaving_early_closes_it(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(by_id(RUNS))
        for _ in api.wait_each(RUNS, on_look=progress_bar(console=screen.console)):
            break
        assert " of 5 runs" in screen.last

    def test_several_waits_share_one(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(by_id({key: ["pending", "completed"] for key in "abc"}))
        with progress_bar(console=screen.console) as bar:
            for key in "abc":
                api.wait(key, on_look=bar)
        assert screen.text.count(HIDDEN) == 1
        assert "3 of 3 runs" in screen.last

    def test_it_can_disappear(self, api: Pipe0, server: Loopback, screen: Screen) -> None:
        server.answer(*statuses("completed"))
        api.wait("r1", on_look=progress_bar(console=screen.console, transient=True))
        assert screen.text.endswith(("\r\x1b[2K", "\x1b[1A\x1b[2K"))


class TestElsewhere:
    def test_nothing_is_written_where_nobody_looks(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending", "completed"))
        screen = Screen(force_terminal=False)
        api.wait("r1", on_look=progress_bar(console=screen.console))
        assert screen.text == ""

    def test_the_library_is_named_if_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "rich.console", None)
        with pytest.raises(pipe0_client.errors.ExtraMissingError, match=r"pip install rich$"):
            progress_bar()

    def test_no_other_name_is_made_up(self) -> None:
        with pytest.raises(AttributeError, match="no attribute 'progress'"):
            _ = pipe0_client.progress  # type: ignore[attr-defined]

    def test_anybody_can_listen(self, api: Pipe0, server: Loopback) -> None:
        class Listener(Progress):
            said: list[tuple[str, Any]] = []

            def begin(self, thing: str, keys: Iterable[Mapping[str, Any]]) -> None:
                self.said.append((f"begin {thing}", list(keys)))

            def __call__(self, look: pipe0_client.Look) -> None:
                self.said.append(("look", look.status))

            def end(self, key: Mapping[str, Any]) -> None:
                if self.said[-1] != ("end", key):
                    self.said.append(("end", key))

        server.answer(*statuses("pending", "completed"))
        api.wait("r1", on_look=Listener())
        key = {"run_id": "r1"}
        assert Listener.said == [
            ("begin run", [key]),
            ("look", "pending"),
            ("look", "completed"),
            ("end", key),
        ]


PROGRAM = """
import sys
from pipe0_client import Pipe0, progress_bar
with Pipe0("k", base_url=sys.argv[1], timeout=300) as api:
    for ended in api.wait_each(["r1", "r2"], on_look=progress_bar()):
        print(ended.key["run_id"])
"""


def on_terminal(url: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the program with a terminal for its standard error."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url],
        stdout=subprocess.PIPE,
        stderr=theirs,
        stdin=theirs,
        env=environment,
    )
    os.close(theirs)
    return process, ours


def read_all(terminal: int) -> str:
    found = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            piece = b""
        if not piece:
            os.close(terminal)
            return found.decode()
        found += piece


class TestTerminal:
    def test_a_real_one_shows_it(self, server: Loopback) -> None:
        server.answer(by_id({"r1": ["completed"], "r2": ["failed"]}))
        process, terminal = on_terminal(server.url)
        shown = read_all(terminal)
        printed, _ = process.communicate(timeout=ENDLESS)
        assert process.returncode == 0
        assert sorted(printed.split()) == [b"r1", b"r2"], "what is printed goes where it belongs"
        assert "2 of 2 runs" in shown
        assert "\x1b[32m1 completed" in shown

    def test_a_real_one_is_tidy_after_an_interrupt(self) -> None:
        with stalling() as (server, asked):
            process, terminal = on_terminal(server.url)
            assert asked.wait(ENDLESS)
            process.send_signal(signal.SIGINT)
            shown = read_all(terminal)
            process.communicate(timeout=ENDLESS)
            assert process.returncode != 0
        assert "KeyboardInterrupt" in shown
        assert shown.count(HIDDEN) == shown.count(SHOWN) == 1

    def test_a_pipe_gets_nothing(self, server: Loopback) -> None:
        server.answer(by_id({"r1": ["completed"], "r2": ["failed"]}))
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, server.url], capture_output=True, check=True
        )
        assert sorted(done.stdout.split()) == [b"r1", b"r2"]
        assert done.stderr == b""
