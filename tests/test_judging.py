"""What `runwright judge` does with recordings that are not what they should be."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from runwright.history import Exchange, History, Message, read_history, write_history
from test_cli import CONFORMS, USAGE, VIOLATED, runwright
from test_recordings import KEY, har_entry, write_har

LIST: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
SERVER = "https://api.nekt.ai"
SECRET = "zzTopSecretValue0987"


def entry(url: str = f"{SERVER}/api/v1/runs/", body: Any = LIST, **response: Any) -> dict[str, Any]:
    text = json.dumps(body)
    content = {"size": len(text), "mimeType": "application/json", "text": text}
    made = har_entry(**{"content": content, **response})
    made["request"]["url"] = url
    return made


REFUSED: dict[str, Any] = {"status": 502, "content": {}}


def balance() -> dict[str, Any]:
    return entry("https://api.pipe0.com/v1/credit-balance", **REFUSED)


def unkept(**content: Any) -> dict[str, Any]:
    return {"size": 900, "mimeType": "application/json", **content}


class TestNothingJudged:
    def test_another_base_path_is_no_verdict(self, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", entry("https://gw.example/proxy/api/v1/runs/"))
        done = runwright("judge", path, "--api", "nekt")
        assert done.returncode == USAGE, done.stdout
        assert "CONFORMS" not in done.stdout
        assert "no request was one of nekt" in done.stderr
        assert "https://gw.example (1), first for GET /proxy/api/v1/runs/" in done.stderr
        assert "--url" in done.stderr
        told = runwright("judge", path, "--api", "nekt", "--url", "https://gw.example/proxy")
        assert told.returncode == CONFORMS, told.stderr

    def test_a_history_of_another_api_is_no_verdict(self, tmp_path: Path) -> None:
        one = Exchange(worker="w", seq=0, at=0, took=0, method="GET", url=f"{SERVER}/api/v1/runs/",
                       status=200, response=Message(content=b"{}"))  # fmt: skip
        write_history(History(exchanges=(one,), api="nekt"), tmp_path / "h.ndjson")
        done = runwright("judge", tmp_path / "h.ndjson", "--api", "pipe0")
        assert done.returncode == USAGE, done.stdout
        assert "warning: this is a history of nekt, judged as one of pipe0" in done.stderr
        assert "no request was one of pipe0" in done.stderr

    def test_another_generation_is_judged_with_a_warning(self, tmp_path: Path) -> None:
        one = Exchange(worker="w", seq=0, at=0, took=0, method="GET", url=f"{SERVER}/api/v1/runs/",
                       status=401, response=Message(content=b"{}"))  # fmt: skip
        write_history(History(exchanges=(one,), api="nekt"), tmp_path / "h.ndjson")
        done = runwright("judge", tmp_path / "h.ndjson", "--api", "nekt_v2")
        assert done.returncode in (CONFORMS, VIOLATED)
        assert "a history of nekt, judged as one of nekt_v2" in done.stderr

    def test_a_wrong_method_that_is_served_is_still_a_violation(self, tmp_path: Path) -> None:
        one = Exchange(worker="w", seq=0, at=0, took=0, method="DELETE", status=200,
                       url=f"{SERVER}/api/v1/runs/", intent="wrong-method")  # fmt: skip
        write_history(History(exchanges=(one,), api="nekt"), tmp_path / "h.ndjson")
        done = runwright("judge", tmp_path / "h.ndjson", "--api", "nekt", "--strict")
        assert done.returncode == VIOLATED, done.stdout + done.stderr

    @pytest.mark.parametrize("entries", [[], None])
    def test_an_empty_recording_says_so(self, entries: list[Any] | None, tmp_path: Path) -> None:
        log = {"version": "1.2"} if entries is None else {"version": "1.2", "entries": entries}
        (tmp_path / "e.har").write_text(json.dumps({"log": log}))
        done = runwright("judge", "e.har", "--api", "nekt", folder=tmp_path)
        assert done.returncode == USAGE
        assert "e.har can be read, but there is no exchange in it" in done.stderr

    @pytest.mark.parametrize("url", ["foo", "http://", "http://[::1", "ftp://host"])
    def test_a_base_url_that_is_none_is_refused(self, url: str, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", entry())
        done = runwright("judge", path, "--api", "nekt", "--url", url)
        assert done.returncode == USAGE
        assert f"--url {url}: expected http(s)://host[/path]" in done.stderr

    def test_a_base_url_is_of_one_api(self, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", entry())
        done = runwright("judge", path, "--api", "auto", "--url", SERVER)
        assert done.returncode == USAGE
        assert "name the API for --url" in done.stderr


class TestBodiesThatWereNotKept:
    @pytest.mark.parametrize(
        "content",
        [
            unkept(),
            unkept(_file="abc.json"),
            unkept(_file="../a.har"),
            unkept(text=json.dumps(LIST)[:20]),
            unkept(size=-1),
        ],
    )
    def test_they_accuse_nobody(self, content: dict[str, Any], tmp_path: Path) -> None:
        (tmp_path / "below").mkdir()
        lost = entry(content=content)
        path = write_har(tmp_path / "below" / "a.har", lost, entry())
        done = runwright("judge", path, "--api", "nekt")
        assert done.returncode == CONFORMS, done.stdout
        assert "did not keep the bodies of 1 entries" in done.stderr
        write_har(path, lost)
        alone = runwright("judge", path, "--api", "nekt")
        assert alone.returncode == USAGE
        assert "was answered: the recorder did not keep the body of the answer" in alone.stderr

    def test_a_request_without_its_body_counts_as_unanswered(self, tmp_path: Path) -> None:
        lost = entry(f"{SERVER}/api/v1/pipelines/x/trigger/", body={}, status=400)
        lost["request"].update(method="POST", bodySize=40)
        done = runwright("judge", write_har(tmp_path / "a.har", lost, entry()), "--api", "nekt")
        assert done.returncode == CONFORMS, done.stdout
        assert "did not keep the bodies of 1 entries" in done.stderr

    def test_a_body_in_a_file_beside_the_har_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "abc.json").write_text(json.dumps({**LIST, "count": "none"}))
        path = write_har(tmp_path / "a.har", entry(content=unkept(_file="abc.json")))
        done = runwright("judge", path, "--api", "nekt")
        assert done.returncode == VIOLATED, done.stdout + done.stderr
        assert "/count" in done.stdout

    def test_a_type_is_known_where_headers_were_left_out(self, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", entry(headers=[]))
        done = runwright("judge", path, "--api", "nekt", "--strict")
        assert done.returncode == CONFORMS, done.stdout


class TestPipes:
    @pytest.fixture
    def har(self, tmp_path: Path) -> Path:
        return write_har(tmp_path / "a.har", balance(), {"request": {}})

    @pytest.mark.parametrize("api", ["auto", "pipe0"])
    def test_a_report_says_what_could_not_be_read(self, api: str, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", balance(), *[{"request": {}}] * 23)
        done = runwright("judge", path, "--api", api, "--json")
        notes = json.loads(done.stdout)["notes"]
        assert notes[0].startswith(f"passed over: {path}: entry 1: not a HAR entry")
        assert len(notes) == 21
        assert notes[-1] == "passed over: 3 more"

    def test_what_comes_through_a_pipe_is_sorted(self, har: Path, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: pipe.write_bytes(har.read_bytes()))
        writer.start()
        done = runwright("judge", pipe, "--api", "auto")
        writer.join()
        assert done.returncode == CONFORMS, done.stderr
        assert f"passed over: {pipe}: entry 1: not a HAR entry" in done.stderr

    def test_nobody_else_can_read_what_is_kept(self, har: Path, tmp_path: Path) -> None:
        (tmp_path / "tmp").mkdir()
        with subprocess.Popen(
            [sys.executable, "-m", "runwright", "judge", "-", "--api", "auto"],
            env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path / "tmp")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            process.stdin.write(har.read_bytes())
            process.stdin.flush()
            seen = set[str]()
            # Before it keeps anything, Python tries the folder with a file that has a name.
            kept = re.compile(rf"{re.escape(str(tmp_path / 'tmp'))}/.* \(deleted\)")
            while not any(map(kept.fullmatch, seen)):
                assert process.poll() is None
                seen = {_target(one) for one in Path(f"/proc/{process.pid}/fd").iterdir()}
            assert list((tmp_path / "tmp").iterdir()) == []
            _, told = process.communicate()
        assert process.returncode == CONFORMS, told
        assert b"passed over: stdin: entry 1" in told


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


class TestSecrets:
    def test_what_is_learnt_later_is_taken_out_of_everything(self, tmp_path: Path) -> None:
        early = entry(body={**LIST, "count": f"it is {SECRET}"})
        late = entry()
        late["request"]["headers"] = [{"name": "X-API-Key", "value": SECRET}]
        write_har(tmp_path / "late.har", early, late)
        places = [tmp_path / f"out{suffix}" for suffix in (".json", ".html", ".xml", ".md")]
        done = runwright(
            "judge", "late.har", "--api", "nekt", "--evidence", tmp_path / "evidence",
            "--write-baseline", tmp_path / "known.yaml",
            *(word for place in places for word in ("--report", place)), folder=tmp_path,
        )  # fmt: skip
        assert done.returncode == VIOLATED, done.stderr
        evidence = list((tmp_path / "evidence").iterdir())
        assert evidence
        for place in (*places, tmp_path / "known.yaml", *evidence):
            assert SECRET not in place.read_text()
        assert SECRET not in done.stdout + done.stderr

    def test_a_flaw_quotes_nothing_of_the_file(self, tmp_path: Path) -> None:
        path = write_har(tmp_path / "a.har", entry())
        path.write_text(path.read_text().replace('"headers":', f'"{SECRET}" : "{KEY}" oops', 1))
        done = runwright("judge", path, "--api", "nekt")
        assert SECRET not in done.stderr
        assert KEY not in done.stderr

    def test_a_request_can_be_repeated_with_ones_own_token(self, tmp_path: Path) -> None:
        wrong = entry(body={**LIST, "count": "none"})
        wrong["request"]["headers"] = [{"name": "Authorization", "value": f"Bearer {KEY}"}]
        done = runwright("judge", write_har(tmp_path / "a.har", wrong), "--api", "nekt")
        assert f'curl -i -H "authorization: Bearer $RUNWRIGHT_TOKEN" {SERVER}' in done.stdout
        assert KEY not in done.stdout

    def test_two_recordings_with_two_keys_are_of_two_senders(self, tmp_path: Path) -> None:
        first, second = entry(), entry(body={**LIST, "count": "none"})
        second["request"]["headers"] = [{"name": "X-API-Key", "value": SECRET}]
        write_har(tmp_path / "a.har", first)
        write_har(tmp_path / "b.har", second)
        runwright("judge", "a.har", "b.har", "--api", "nekt", "--evidence", ".", folder=tmp_path)
        (exchange,) = read_history(tmp_path / "nekt.protocol.body-matches-schema.ndjson").exchanges
        assert exchange.actor == "credential-2"


def test_reports_of_several_apis_are_one_document(tmp_path: Path) -> None:
    runs = entry("https://eu.app.clarifeye.ai/api/v1/projects/1/pipeline-runs/", **REFUSED)
    write_har(tmp_path / "a.har", runs, balance())
    done = runwright(
        "judge", "a.har", "--api", "auto", "--json", "--report", "r.json", folder=tmp_path
    )
    for text in (done.stdout, (tmp_path / "r.json").read_text()):
        assert {report["api"] for report in json.loads(text)} == {"clarifeye", "pipe0"}
    again = runwright("report", "r.json", "--report", "again.json", folder=tmp_path)
    assert again.returncode == done.returncode, again.stderr
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(done.stdout)


def test_a_fault_of_our_own_is_no_verdict(tmp_path: Path) -> None:
    script = """
import sys
import runwright.cli.judging as judging

def fail(*arguments, **options):
    raise RuntimeError("what nobody expects")

judging.clean_report = fail
from runwright.cli import run
sys.argv = ["runwright", "judge", "a.har", "--api", "nekt"]
raise SystemExit(run())
"""
    write_har(tmp_path / "a.har", entry())
    for debug in ("", "1"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "RUNWRIGHT_DEBUG": debug},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 70
        assert "RuntimeError: what nobody expects; please report it" in done.stderr
        assert ("Traceback" in done.stderr) == bool(debug)


def test_an_exchange_is_told_apart_though_two_recordings_name_it_alike(tmp_path: Path) -> None:
    one = Exchange(worker="w", seq=0, at=0, took=0, method="GET", url=f"{SERVER}/api/v1/runs/",
                   status=401, response=Message(content=b"{}"))  # fmt: skip
    for name, at in (("a", 0.0), ("b", 5.0)):
        write_history(
            History(exchanges=(evolve(one, at=at),), api="nekt"), tmp_path / f"{name}.ndjson"
        )
    done = runwright("judge", "a.ndjson", "b.ndjson", "--api", "nekt", "--json", folder=tmp_path)
    assert json.loads(done.stdout)["exchanges"] == 2
