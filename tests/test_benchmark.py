"""The benchmark: what it says of figures and targets, and that it compares like with like."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import benchmark
import msgspec
import pytest
from bench.bodies import answer_schema, large_body, small_bodies
from bench.chapter import CHAPTERS, Chapter, Effort, Row, Table, Target, load_chapter
from bench.picture import draw
from bench.race import Times, race
from runwright.spec import apis, load_spec
from runwright.validation import whole_of

TABLE = Table(
    title="Time, times <ours>",
    columns=("large", "small"),
    rows=(Row(name="ours", values=(1.0, 1.0)), Row(name="theirs", values=(12.5, None))),
)
CHAPTER = Chapter(
    title="Decoding",
    tables=(TABLE,),
    targets=(
        Target(claim="large, times the twin", value=1.1, most=1.15),
        Target(claim="theirs, times ours", value=12.5, least=15),
        Target(claim="a peer that is not there, times ours", value=None, least=5),
    ),
    notes=("theirs, small: not available, it failed",),
)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command on one made-up chapter."""

    def load(name: str) -> Callable[[Effort], Chapter]:
        return lambda effort: CHAPTER

    def run(*arguments: str) -> int:
        places = ("--json", str(tmp_path / "b.json"), "--picture", str(tmp_path / "b.svg"))
        return benchmark.main([*places, *arguments])

    monkeypatch.setattr(benchmark, "load_chapter", load)
    monkeypatch.setattr(benchmark, "BUILD", tmp_path)
    return run


def test_a_missed_target_is_told_and_fails_nothing(
    bench: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench("decode") == 0
    said = capsys.readouterr().out
    assert "1 of 3 targets met." in said
    assert "MISSED: theirs, times ours — 12.50, aim ≥ 15.00" in said
    assert "not measured: a peer that is not there, times ours" in said
    assert "not available, it failed" in said
    saved = json.loads((tmp_path / "b.json").read_bytes())
    assert saved["decode"]["tables"][0]["rows"][1] == {"name": "theirs", "values": [12.5, None]}
    ElementTree.fromstring((tmp_path / "b.svg").read_text(encoding="utf-8"))


@pytest.mark.parametrize("arguments", [("nonsense",), ("--share", "0")])
def test_wrong_arguments_are_refused(bench: Callable[..., int], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        bench(*arguments)
    assert caught.value.code == 2


def test_the_picture_has_a_dot_for_every_figure() -> None:
    picture = ElementTree.fromstring(draw([CHAPTER]))
    told = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert told == ["ours, large: 1.00", "ours, small: 1.00", "theirs, large: 12.50"]


def test_a_row_has_a_figure_for_each_column() -> None:
    with pytest.raises(ValueError, match="has not a value per column"):
        Table(title="t", columns=("a", "b"), rows=(Row(name="r", values=(1.0,)),))


def test_a_ratio_compares_turns_of_one_round() -> None:
    # The machine is ten times slower in the second round.
    times = Times("ours", ({"ours": (1.0, 10.0, 1.0), "theirs": (2.0, 20.0, 2.0)},))
    assert times.ratio("theirs", "ours") == 2
    assert times.ratio_of("nobody", "ours") is None


def test_slow_contenders_are_compared_by_way_of_the_first() -> None:
    times = Times("ours", ({"ours": (1.0,), "peek": (0.5,)}, {"ours": (2.0,), "slow": (40.0,)}))
    assert times.ratio("slow", "peek") == 40


def test_everybody_has_as_many_turns() -> None:
    turns: list[str] = []
    calls = {name: (lambda name=name: turns.append(name)) for name in "abc"}
    found = race(calls, rounds=4)
    assert {name: len(found.heats[0][name]) for name in calls} == {"a": 4, "b": 4, "c": 4}
    assert set(turns) == {"a", "b", "c"}


@pytest.mark.parametrize("name", ["startup", "crowd", "watch", "judging"])
def test_a_chapter_is_found_by_its_name(name: str) -> None:
    assert name in CHAPTERS
    assert callable(load_chapter(name))


@pytest.mark.parametrize("api", apis())
def test_the_twin_reads_and_writes_what_we_read(api: str) -> None:
    twin = importlib.import_module(f"bench.twins.{api}")
    client = importlib.import_module(f"{api}_client")
    operations = importlib.import_module(f"{api}_client.operations")
    (codec,) = operations.RUN_PLAN.poll.codecs.values()
    bodies = (*small_bodies(api), *([large_body(3, 4)] if api == "pipe0" else []))
    for body in bodies:
        by_hand = msgspec.json.decode(body, type=twin.Answer)
        ours = codec.decode(body)
        assert not client.unknown(ours)
        assert msgspec.to_builtins(by_hand) == msgspec.to_builtins(ours)


def test_the_large_body_is_as_the_spec_says() -> None:
    validator = whole_of(load_spec("pipe0"), answer_schema("pipe0"))
    assert list(validator.errors(json.loads(large_body(2, 20)))) == []


def test_importing_a_client_imports_nothing_that_can_wait() -> None:
    waiting = "stamina attrs asyncio anyio rich pyarrow pipe0_client.models pipe0_client.operations"
    code = (
        "import sys; sys.modules['click'] = None\n"  # httpx has a command line where that exists
        "import pipe0_client\n"
        f"print([name for name in {waiting.split()} if name in sys.modules])\n"
        "print(pipe0_client.models.Record.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "Record"]
