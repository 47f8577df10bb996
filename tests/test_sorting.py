"""``judge --api auto``: which API was recorded is told by servers, paths and answers."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from atelier import PATH, SPEC, tour
from attrs import evolve
from runwright.history import Exchange, History, Message, dump_history
from runwright.sorting import UnsortableError, sort_exchanges
from runwright.spec import apis, load_spec
from visitor import Visitor, visit

SPECS = [load_spec(api) for api in apis()]
CONFORMS, VIOLATED, USAGE = 0, 1, 2


def asked(url: str, *, method: str = "GET", status: int = 200, seq: int = 0) -> Exchange:
    return Exchange(
        worker="w", seq=seq, at=float(seq), took=0.1, method=method, url=url, status=status,
        response=Message((("content-type", "application/json"),), b"{}"),
    )  # fmt: skip


def generation(api: str) -> Visitor:
    """Start a run of either generation of Nekt, and look at it until it is over."""
    visitor = visit(api)
    source = visitor.call("listSources").body["results"][0]
    slug = source["pipeline_slug" if api == "nekt" else "slug"]
    run = visitor.call("triggerPipeline", {"pipeline_slug": slug}).body["id"]
    for _ in range(40):
        visitor.clock.advance(1)
        visitor.call("getRun", {"id": run})
    return visitor


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://api.pipe0.com/v1/pipes/check/r1", "pipe0"),
        ("https://api.pipe0.com/v1/check?id=r1", "pipe0_pipeline"),
        ("http://127.0.0.1:8080/v1/pipes/check/r1", "pipe0"),
        ("https://staging.example/api/v1/projects/p/pipeline-runs/r", "clarifeye"),
    ],
)
def test_server_and_path_tell_the_api(url: str, api: str) -> None:
    sorting = sort_exchanges([asked(url)], SPECS)
    assert sorting.apis == (api,)
    assert sorting.strangers == ()


@pytest.mark.parametrize("api", ["nekt", "nekt_v2"])
def test_answers_tell_what_paths_do_not(api: str) -> None:
    assert sort_exchanges(generation(api).exchanges, SPECS).found == (api,)


def test_a_wrong_method_is_of_the_api_too_and_strangers_are_counted() -> None:
    sorting = sort_exchanges(
        [
            asked("https://api.pipe0.com/v1/pipes/check/r1"),
            asked("https://api.pipe0.com/v1/pipes/check/r1", method="DELETE", status=405),
            asked("https://cdn.example/logo.png"),
            asked("https://cdn.example/font.woff"),
        ],
        SPECS,
    )
    assert sorting.apis == ("pipe0", "pipe0", None, None)
    assert sorting.strangers == (("https://cdn.example", 2),)


def test_what_cannot_be_told_is_said() -> None:
    with pytest.raises(UnsortableError, match=r"may be nekt or nekt_v2; say which with --api"):
        sort_exchanges([asked("https://api.nekt.ai/api/v1/runs/x/", status=500)], SPECS)
    with pytest.raises(UnsortableError, match=r"known are clarifeye, nekt.*example \(1\)"):
        sort_exchanges([asked("https://example/other")], SPECS)


def test_one_s_own_spec_is_told_from_ours() -> None:
    exchanges = [*tour().exchanges, asked("https://api.pipe0.com/v1/pipes/check/r1", seq=9999)]
    assert sort_exchanges(exchanges, [*SPECS, SPEC]).found == ("atelier", "pipe0")


# ---- through the door ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of two APIs, and of something else."""
    seen = [evolve(e, worker="a") for e in generation("nekt_v2").exchanges]
    seen += [
        evolve(e, worker="b", url=e.url.replace("emulator", "atelier")) for e in tour().exchanges
    ]
    seen.append(evolve(asked("https://cdn.example/logo.png"), worker="c"))
    path = tmp_path_factory.mktemp("mixed") / "seen.ndjson.gz"
    path.write_bytes(gzip.compress(dump_history(History(exchanges=tuple(seen)))))
    return path


def runwright(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "runwright", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("through", ["file", "pipe"])
def test_each_api_of_a_recording_is_judged(mixed: Path, through: str) -> None:
    source, stdin = (mixed, b"") if through == "file" else ("-", mixed.read_bytes())
    done = runwright("judge", source, "--api", "auto", "--spec", PATH, stdin=stdin)
    told = done.stderr.decode()
    assert done.returncode == CONFORMS, done.stdout.decode() + told
    assert "recorded: atelier (" in told
    assert "nekt_v2 (42 exchanges)" in told
    assert "left out: https://cdn.example (1)" in told
    assert b"atelier CONFORMS" in done.stdout
    assert b"nekt_v2 CONFORMS" in done.stdout


def test_without_its_spec_an_api_is_left_out_or_named(mixed: Path, tmp_path: Path) -> None:
    done = runwright("judge", mixed, "--api", "auto")
    assert done.returncode == CONFORMS
    assert b"left out: http://atelier.test" in done.stderr
    alone = tmp_path / "seen.ndjson"
    alone.write_bytes(dump_history(tour().history))
    done = runwright("judge", alone, "--api", "auto")
    assert (done.returncode, done.stdout) == (USAGE, b"")
    assert b"name its spec with --spec" in done.stderr


def test_a_violation_in_one_of_several_apis_fails(mixed: Path, tmp_path: Path) -> None:
    text = gzip.decompress(mixed.read_bytes())
    spoiled = tmp_path / "spoiled.ndjson"
    spoiled.write_bytes(text.replace(b'\\"percentDone\\":100', b'\\"percentDone\\":7'))
    done = runwright("judge", spoiled, "--api", "auto", "--spec", PATH)
    assert done.returncode == VIOLATED
    assert b"VIOLATED atelier.job.percent-done-never-decreases" in done.stdout
    assert b"nekt_v2 CONFORMS" in done.stdout
