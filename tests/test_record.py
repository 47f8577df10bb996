"""A recorded program runs as it would alone; all that it sends over HTTP is seen and judged."""

import ast
import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback import Loopback, Reply, serving
from runwright.collection import Collection
from runwright.emulator.server import running
from runwright.history import Exchange, placeholder, read_history
from runwright.record.program import INJECTED, ProgramError, injected, run_program
from runwright.record.session import Recording, record_program
from runwright.record.station import open_station
from runwright.redaction import Redactor
from runwright.report import read_report
from runwright.rulebook import load_rulebook
from runwright.tap.agent import ADDRESS
from runwright.tap.frame import LENGTH, unpack
from runwright.tap.taken import ABANDONED, PENDING
from runwright.wire import WireError, parse_request, unframe

TOKEN = "sk_0123456789abcdef"
PATH = "/v1/pipes/check/zc5y300pye1er3kn46vsty5z"
RUNNING = {"status": "running"}
TAP = INJECTED.parents[1] / "tap"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback.answer(Reply(body=RUNNING))


Run = Callable[..., Recording]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Record a script, given as text; its arguments follow."""

    def record(script: str, *arguments: str) -> Recording:
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(script))
        return record_program([sys.executable, str(path), *arguments], load_rulebook("pipe0"))

    return record


def seen(recording: Recording) -> tuple[Exchange, ...]:
    return recording.history.exchanges


class TestLibraries:
    def test_every_library_is_seen_sync_and_async(self, server: Loopback, run: Run) -> None:
        script = """
            import asyncio, importlib.util, sys
            assert importlib.util.find_spec("httpx"), "looking for it is not importing it"
            import httpx, requests, urllib.request, urllib3

            url = sys.argv[1]
            headers = {"Authorization": "Bearer sk_0123456789abcdef"}

            async def main():
                async with httpx.AsyncClient(headers=headers) as client:
                    assert (await client.get(url + "?by=async")).json() == {"status": "running"}

            assert httpx.get(url + "?by=httpx", headers=headers).json() == {"status": "running"}
            asyncio.run(main())
            found = requests.get(url, params={"by": "requests"}, headers=headers)
            assert found.json() == {"status": "running"}
            with requests.Session() as session:
                session.get(url + "?by=stream", headers=headers, stream=True).content
            assert urllib3.request("GET", url + "?by=urllib3", headers=headers).json()
            request = urllib.request.Request(url + "?by=urllib", headers=headers)
            with urllib.request.urlopen(request) as answer:
                assert answer.read() == b'{"status": "running"}'
        """
        recording = run(script, server.url + PATH)
        assert recording.exit_code == 0
        ways = ("httpx", "async", "requests", "stream", "urllib3", "urllib")
        assert [e.url for e in seen(recording)] == [f"{server.url}{PATH}?by={way}" for way in ways]
        assert all(e.body == RUNNING for e in seen(recording))
        assert len({e.actor for e in seen(recording)}) == 1
        (actor,) = {e.actor for e in seen(recording)}
        assert actor is not None
        shown = {e.request.header("authorization") for e in seen(recording)}
        assert shown == {f"Bearer {placeholder(actor)}"}

    def test_what_is_sent_is_seen_however_it_is_sent(self, server: Loopback, run: Run) -> None:
        script = """
            import array, io, sys, http.client, requests, httpx, urllib.parse
            url = sys.argv[1]
            requests.post(url, json={"a": 1})
            requests.post(url, data={"a": "1"})
            requests.post(url, data=io.BytesIO(b"from a file"))
            requests.post(url, files={"rows": b"a,b"})
            httpx.post(url, content=iter([b"in ", b"pieces"]), headers={"content-length": "9"})
            parts = urllib.parse.urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc)
            for body in (io.StringIO("text"), [b"li", b"st"], array.array("b", b"array"), "words"):
                size = {"content-length": "5" if not isinstance(body, (io.StringIO, list)) else "4"}
                connection.request("POST", parts.path, body=body, headers=size)
                assert connection.getresponse().read() == b'{"status": "running"}'
            connection.close()
        """
        recording = run(script, server.url + PATH)
        assert recording.exit_code == 0
        contents = [e.request.content for e in seen(recording)]
        assert contents == [sent.body for sent in server.seen]
        assert [json.loads(contents[0]), contents[1]] == [{"a": 1}, b"a=1"]
        assert contents[2] == b"from a file"
        assert b"a,b" in contents[3]
        assert contents[4:] == [b"in pieces", b"text", b"list", b"array", b"words"]

    def test_what_is_sent_in_chunks_is_put_together(self, run: Run) -> None:
        with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}") as url:
            script = """
                import requests, sys
                requests.post(sys.argv[1], data=iter([b"in ", b"chunks"]))
            """
            recording = run(script, url + PATH)
        assert [e.request.content for e in seen(recording)] == [b"in chunks"]

    def test_errors_are_seen_and_reach_the_program(self, run: Run) -> None:
        script = """
            import sys, urllib.request, requests
            for send in (requests.get, urllib.request.urlopen):
                try:
                    send(sys.argv[1])
                except OSError as error:
                    continue
                raise SystemExit("no error")
        """
        recording = run(script, "http://127.0.0.1:1" + PATH)
        assert recording.exit_code == 0
        assert [e.status for e in seen(recording)] == [None, None]
        assert all("refused" in (e.error or "") for e in seen(recording))

    @pytest.mark.parametrize(
        ("answer", "body"),
        [
            (b'transfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n', {"a": 1}),
            (b'content-length: 7\r\n\r\n{"a":1}', {"a": 1}),
            (b'connection: close\r\n\r\n{"a":1}', {"a": 1}),
        ],
    )
    def test_each_framing_is_understood(self, run: Run, answer: bytes, body: object) -> None:
        with answering(b"HTTP/1.1 200 OK\r\n" + answer) as url:
            script = """
                import http.client, io, requests, sys, urllib.request
                url = sys.argv[1]
                assert requests.get(url).json() == {"a": 1}
                assert list(requests.get(url, stream=True).iter_content(3))
                with urllib.request.urlopen(url) as whole:
                    assert whole.read() == b'{"a":1}'
                with urllib.request.urlopen(url) as pieces:
                    assert io.BufferedReader(pieces, 2).read() == b'{"a":1}'
                with urllib.request.urlopen(url) as lines:
                    assert lines.readline() == b'{"a":1}'
                    assert lines.read() == b""
                with urllib.request.urlopen(url) as bits:
                    assert b"".join(iter(lambda: bits.read1(2), b"")) == b'{"a":1}'
            """
            recording = run(script, url + PATH)
        assert recording.exit_code == 0
        assert [e.body for e in seen(recording)] == [body] * 6

    def test_what_the_program_does_not_read_counts_as_unanswered(
        self, server: Loopback, run: Run
    ) -> None:
        script = """
            import gc, sys, urllib.request
            answer = urllib.request.urlopen(sys.argv[1])
            answer.read(5)
            answer.close()
            urllib.request.urlopen(sys.argv[1])
            gc.collect()
        """
        recording = run(script, server.url + PATH)
        assert [e.error for e in seen(recording)] == [ABANDONED] * 2


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Serve the same bytes to everyone, and hang up after each request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    request = line.recv(65536)
                    if b"chunked" in request:
                        while not request.endswith(b"0\r\n\r\n"):
                            request += line.recv(65536)
                    line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


class TestProcesses:
    def test_every_process_below_is_seen(self, server: Loopback, run: Run) -> None:
        script = """
            import multiprocessing, os, subprocess, sys

            def get(way):
                import httpx
                httpx.get(f"{sys.argv[1]}?by={way}")

            if __name__ == "__main__":
                get("parent")
                for way in ("fork", "spawn", "forkserver"):
                    process = multiprocessing.get_context(way).Process(target=get, args=(way,))
                    process.start()
                    process.join()
                code = f"import requests; requests.get({sys.argv[1] + '?by=subprocess'!r})"
                subprocess.run([sys.executable, "-c", code], check=True)
                if os.fork() == 0:
                    get("copy")
                    os._exit(0)
                os.wait()
                get("parent")
        """
        recording = run(script, server.url + PATH)
        assert recording.exit_code == 0
        ways = ["parent", "fork", "spawn", "forkserver", "subprocess", "copy", "parent"]
        assert [e.url.partition("=")[2] for e in seen(recording)] == ways
        assert recording.processes == 6

    def test_what_was_done_before_a_kill_is_seen(self, server: Loopback, run: Run) -> None:
        script = """
            import httpx, os, signal, sys
            httpx.get(sys.argv[1])
            os.kill(os.getpid(), signal.SIGKILL)
        """
        recording = run(script, server.url + PATH)
        assert recording.exit_code == 128 + signal.SIGKILL
        assert len(seen(recording)) == 1

    @pytest.mark.parametrize(
        "end", ["os._exit(3)", 'os.execvp("python3", ["python3", "-c", "raise SystemExit(3)"])']
    )
    def test_what_was_done_in_quick_succession_is_seen_however_it_ends(
        self, server: Loopback, run: Run, end: str
    ) -> None:
        script = f"""
            import httpx, os, sys
            with httpx.Client() as client:
                for _ in range(50):
                    client.get(sys.argv[1])
                {end}
        """
        recording = run(script, server.url + PATH)
        assert recording.exit_code == 3
        assert [exchange.seq for exchange in seen(recording)] == list(range(50))

    def test_a_kill_loses_no_more_than_the_last_moment(self, server: Loopback, run: Run) -> None:
        script = """
            import httpx, os, signal, sys, time
            with httpx.Client() as client:
                for _ in range(50):
                    client.get(sys.argv[1])
                time.sleep(1)
                os.kill(os.getpid(), signal.SIGKILL)
        """
        recording = run(script, server.url + PATH)
        assert [exchange.seq for exchange in seen(recording)] == list(range(50))

    def test_large_answers_are_there_when_the_process_ends(
        self, server: Loopback, run: Run
    ) -> None:
        body = {"text": "x" * 3_000_000}
        server.answer(Reply(body=body))
        script = """
            import httpx, sys
            for _ in range(4):
                httpx.get(sys.argv[1])
        """
        recording = run(script, server.url + PATH)
        assert [e.body == body for e in seen(recording)] == [True] * 4

    def test_many_threads_are_told_apart(self, server: Loopback, run: Run) -> None:
        script = """
            import httpx, sys
            from concurrent.futures import ThreadPoolExecutor
            with httpx.Client() as client, ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda n: client.get(f"{sys.argv[1]}{n}"), range(60)))
        """
        recording = run(script, server.url + PATH)
        assert sorted(e.seq for e in seen(recording)) == list(range(60))
        assert len({e.url for e in seen(recording)}) == 60

    def test_what_is_under_way_at_the_end_counts_as_unanswered(
        self, server: Loopback, run: Run
    ) -> None:
        script = """
            import httpx, sys
            client = httpx.Client()
            response = client.send(client.build_request("GET", sys.argv[1]), stream=True)
            sys.kept = response
        """
        recording = run(script, server.url + PATH)
        assert [e.error for e in seen(recording)] == [PENDING]

    def test_what_is_sent_while_the_interpreter_ends_is_seen(
        self, server: Loopback, run: Run
    ) -> None:
        script = """
            import atexit, httpx, sys
            atexit.register(lambda: httpx.get(sys.argv[1]))
        """
        assert len(seen(run(script, server.url + PATH))) == 1


class TestTheProgramIsLeftAlone:
    def test_nothing_of_this_project_is_loaded_into_it(self, run: Run) -> None:
        script = f"""
            import sys
            foreign = {{"runwright", "attrs", "msgspec", "httpx", "http", "pickletools"}}
            assert not foreign & set(sys.modules), foreign & set(sys.modules)
            assert not [entry for entry in sys.path if entry == {str(INJECTED)!r}]
        """
        assert run(script).exit_code == 0

    def test_its_own_sitecustomize_is_loaded(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys\nsys.customized = __file__\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        script = """
            import sitecustomize, sys
            assert sys.customized == sitecustomize.__file__
        """
        assert run(script).exit_code == 0

    def test_it_runs_when_nobody_collects(self, server: Loopback, tmp_path: Path) -> None:
        path = tmp_path / "script.py"
        path.write_text("import httpx, sys\nassert httpx.get(sys.argv[1]).status_code == 200\n")
        for address in (f"unix:{tmp_path}/none", "tcp:1:key", "nonsense"):
            code = run_program(
                [sys.executable, str(path), server.url], address=address, environment=os.environ
            )
            assert code == 0
        assert len(server.seen) == 3

    def test_another_library_of_that_name_does_no_harm(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "httpx.py").write_text("VERSION = 'mine'\n")
        script = """
            import httpx
            assert httpx.VERSION == "mine"
        """
        assert run(script).exit_code == 0

    def test_the_folders_on_its_path_stay(self) -> None:
        environment = injected({"PYTHONPATH": "/a:/b", "HOME": "/c"}, "unix:/d")
        assert environment["PYTHONPATH"] == f"{INJECTED}:/a:/b"
        assert environment["HOME"] == "/c"
        assert environment[ADDRESS] == "unix:/d"
        assert injected({"PYTHONPATH": ""}, "unix:/d")["PYTHONPATH"] == str(INJECTED)

    @pytest.mark.parametrize("path", sorted(TAP.glob("*.py")), ids=lambda path: path.stem)
    def test_what_runs_inside_it_fits_older_pythons(self, path: Path) -> None:
        tree = ast.parse(path.read_text(), feature_version=(3, 9))
        tops = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                tops.add(str(node.module).partition(".")[0])
        assert tops <= {*sys.stdlib_module_names, "httpx"}


class TestStation:
    def test_it_can_be_reached_over_tcp_by_who_knows_the_key(
        self, server: Loopback, tmp_path: Path
    ) -> None:
        path = tmp_path / "script.py"
        path.write_text("import httpx, sys\nhttpx.get(sys.argv[1])\n")
        collection = Collection(Redactor())
        with open_station(collection, over_tcp=True) as station:
            command = [sys.executable, str(path), server.url]
            wrong = station.address.rpartition(":")[0] + ":" + "0" * 32
            for address in (station.address, wrong):
                assert run_program(command, address=address, environment=os.environ) == 0
            station.drain()
        assert len(server.seen) == 2
        assert len(collection.exchanges()) == 1

    def test_it_makes_nothing_but_plain_values(self) -> None:
        content = pickle.dumps(os.getcwd)
        with pytest.raises(pickle.UnpicklingError, match="is no plain value"):
            unpack(io.BytesIO(LENGTH.pack(len(content)) + content))

    @pytest.mark.parametrize("sent", [b"", b"\0\0", LENGTH.pack(9) + b"short"])
    def test_what_breaks_off_is_passed_over(self, sent: bytes) -> None:
        assert unpack(io.BytesIO(sent)) is None


class TestWire:
    def test_a_request_to_a_proxy_names_its_server(self) -> None:
        head = b"GET http://api.example.com/v1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
        assert parse_request(head, b"", scheme="http").url == "http://api.example.com/v1"

    def test_what_is_no_request_is_an_error(self) -> None:
        with pytest.raises(WireError, match="is not the first line of a request"):
            parse_request(b"nonsense\r\n\r\n", b"", scheme="http")

    @pytest.mark.parametrize(
        ("headers", "content"),
        [
            ((("Transfer-Encoding", "chunked"),), b"4\r\nab"),
            ((("Transfer-Encoding", "chunked"),), b"4\r\nabcd\r\n"),
            ((("Content-Length", "9"),), b"abcd"),
            ((), b"abcd"),
        ],
    )
    def test_half_a_body_is_an_error(
        self, headers: tuple[tuple[str, str], ...], content: bytes
    ) -> None:
        with pytest.raises(WireError, match=ABANDONED):
            unframe(content, headers, hit_end=False)


def runwright(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runwright", "record", "--api", "pipe0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload,no-any-return]


STORY = """
import httpx, sys, time
client = httpx.Client(base_url=sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})
run = {"pipes": [{"pipe_id": "person:name:split@1"}], "input": [{"id": 1, "name": "Ada Lovelace"}]}
found = client.post("/v1/pipes/run", json=run).json()
while found["status"] in ("pending", "processing"):
    found = client.get("/v1/pipes/check/" + found["id"]).json()
print(sys.stdin.read() + found["status"])
raise SystemExit(int(sys.argv[3]))
"""


class TestCommand:
    @pytest.fixture
    def story(self, tmp_path: Path) -> str:
        path = tmp_path / "story.py"
        path.write_text(STORY)
        return str(path)

    def test_a_good_server_and_program(self, story: str, tmp_path: Path) -> None:
        files = [str(tmp_path / name) for name in ("h.ndjson", "r.json", "r.html")]
        with running("pipe0", speed=100) as emulator:
            token = emulator.tenants[0].token
            done = runwright(
                *("--save", files[0], "--report", files[1], "--report", files[2], "--"),
                *(sys.executable, story, emulator.url, token, "0"),
                input="stdin and ",
            )
        assert done.returncode == 0, done.stderr
        assert done.stdout == "stdin and completed\n"
        assert "pipe0 CONFORMS" in done.stderr
        history = read_history(Path(files[0]))
        assert len(history.exchanges) >= 2
        assert read_report(Path(files[1])).exchanges == len(history.exchanges)
        written = [Path(name).read_text() for name in files]
        assert "<html" in written[2]
        assert all(token not in text for text in (*written, done.stderr))

    @pytest.mark.parametrize(("ends", "code"), [("0", 1), ("7", 7)])
    def test_a_bad_server_is_told_by_the_exit_code(self, story: str, ends: str, code: int) -> None:
        with running("pipe0", speed=100, fault="cached-value-has-no-resolver") as emulator:
            token = emulator.tenants[0].token
            done = runwright("--", sys.executable, story, emulator.url, token, ends, input="")
        assert done.returncode == code
        assert done.stdout == "completed\n"
        assert "VIOLATED pipe0.field.resolved-by-when-completed" in done.stderr
        assert ("the program ended with 7" in done.stderr) == (code == 7)

    def test_what_is_known_of_a_server_is_accepted(self, story: str, tmp_path: Path) -> None:
        rule = "pipe0.field.resolved-by-when-completed"
        known = tmp_path / "known.yaml"
        known.write_text(f"known:\n- {{rule: {rule}, reason: told, expires: 2999-01-01}}\n")
        with running("pipe0", speed=100, fault="cached-value-has-no-resolver") as emulator:
            token = emulator.tenants[0].token
            done = runwright(
                *("--baseline", str(known), "--evidence", str(tmp_path / "found"), "--conduct"),
                *("--report", str(tmp_path / "r.json"), "--"),
                *(sys.executable, story, emulator.url, token, "0"),
                input="",
            )
        results = {result.rule: result for result in read_report(tmp_path / "r.json").results}
        assert results[rule].known is not None
        assert any(result.is_about_client for result in results.values())
        assert read_history(tmp_path / "found" / f"{rule}.ndjson").exchanges
        failing = [name for name, result in results.items() if result.fails]
        assert done.returncode == bool(failing), (failing, done.stderr)
        assert not any(name.startswith("pipe0.field") for name in failing)

    def test_another_api_at_a_url_is_no_success(self, server: Loopback) -> None:
        code = f"import httpx; httpx.get({server.url + '/other'!r})"
        done = runwright("--url", server.url, "--", sys.executable, "-c", code)
        assert done.returncode == 2, done.stderr
        assert "no request was one of pipe0" in done.stderr
        assert "CONFORMS" not in done.stderr
        refused = runwright("--url", "foo", "--", sys.executable, "-c", "1/0")
        assert refused.returncode == 2
        assert "--url foo: expected http(s)://" in refused.stderr
        assert "ZeroDivisionError" not in refused.stderr

    def test_signals_reach_the_program(self, tmp_path: Path) -> None:
        path = tmp_path / "patient.py"
        path.write_text(
            "import signal, sys\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
            "print('ready', flush=True)\n"
            "while True:\n    signal.pause()\n"
        )
        command = [sys.executable, "-m", "runwright", "record", "--api", "pipe0", "--"]
        with subprocess.Popen(
            [*command, sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as recorder:
            assert recorder.stdout is not None
            assert recorder.stdout.readline() == b"ready\n"
            recorder.send_signal(signal.SIGTERM)
            recorder.communicate(timeout=60)
        assert recorder.returncode == 9

    def test_no_traffic_is_no_success(self) -> None:
        done = runwright("--", sys.executable, "-c", "print('nothing')")
        assert done.returncode == 2
        assert done.stdout == "nothing\n"
        assert "no request was seen" in done.stderr

    def test_traffic_with_others_is_no_success(self, server: Loopback) -> None:
        code = f"import httpx; httpx.get({server.url + '/other'!r})"
        done = runwright("--", sys.executable, "-c", code)
        assert done.returncode == 2
        assert f"left out, as not of the API: {server.url} (1)" in done.stderr
        assert "say so with --url" in done.stderr

    def test_a_place_that_cannot_be_written_to_is_refused_at_once(self, tmp_path: Path) -> None:
        done = runwright("--save", str(tmp_path / "a" / "b"), "--", sys.executable, "-c", "1/0")
        assert done.returncode == 2
        assert "there is no folder" in done.stderr
        assert "ZeroDivisionError" not in done.stderr


def test_what_cannot_be_run_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("print(1)\n")
    with pytest.raises(ProgramError, match=f"write: -- python {script}"):
        run_program([str(script)], address="", environment={})
    with pytest.raises(ProgramError, match="no such program"):
        run_program(["no-such-program"], address="", environment={"PATH": "/nowhere"})
