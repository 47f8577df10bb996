"""The generator of clients, run over a spec that has everything that is hard."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import generate as command
import pytest
from codegen.project import GenerationError, Names, generate
from loopback import Loopback, Reply, serving
from runwright.spec import apis, load_spec, read_spec

KILN = (Path(__file__).parent / "fixtures" / "kiln.yaml").read_text(encoding="utf-8")


def write(folder: Path, text: str = KILN) -> Path:
    path = folder / "kiln" / "openapi.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def kiln(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("made")
    generate(read_spec(write(folder)), folder / "kiln_client")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("kiln_client")
    sys.path.remove(str(folder))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


FIRING: dict[str, Any] = {
    "nr": 7,
    "state": {"type": "done"},
    "pots": {"a": {"b": [{"size": 1, "x-mark": "m"}]}},
    "glaze": None,
    "class": "c",
    "list": ["x"],
    "str": "s",
    "parent": {"nr": 6, "state": {"type": "melted"}, "pots": {}, "new": [1]},
    "shape": {"error": "none", "extra": True},
    "outcome": 0.5,
}


class TestHardSpec:
    def test_members_of_any_name_and_shape(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(body=FIRING))
        with kiln.Kiln("k", base_url=server.url) as api:
            firing = api.get_firing(7)
        assert server.seen[0].headers["x-kiln-key"] == "k"
        assert firing.class_ == "c"
        assert firing.pots["a"]["b"][0].x_mark == "m"
        assert not firing.parent.state.type.is_known
        assert type(firing.shape).__name__ == "Error"
        assert firing.outcome == kiln.Outcome.SUCCESS
        assert firing.outcome_ == 0.5
        assert firing.glaze is None
        assert json.loads(kiln.encode(firing)) == FIRING
        assert kiln.unknown(firing) == {"/parent/new": [1], "/shape/extra": True}

    def test_parameters_of_any_name_and_style(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(body=FIRING))
        with kiln.Kiln("k", base_url=server.url) as api:
            api.get_firing(7, options_=True, expand=["a", "b"], only=["x", "y z"], class_="ash")
        assert server.seen[0].path == (
            "/firings/7?options=true&expand[]=a&expand[]=b&only=x%2Cy%20z&class=ash"
        )

    def test_bodies_of_any_name(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(status=201, body=FIRING))
        pot = kiln.models.Pot(size=2, x_mark="m")
        with kiln.Kiln("k", base_url=server.url) as api:
            api.start_firing(glaze="salt", self_="s", body_=None, pots=[pot])
        assert server.seen[0].json == {
            "glaze": "salt",
            "self": "s",
            "body": None,
            "pots": [{"size": 2, "x-mark": "m"}],
        }

    def test_answers_that_are_arrays_or_nothing(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(body=[FIRING, FIRING]), Reply(status=204))
        with kiln.Kiln("k", base_url=server.url) as api:
            firings = api.list_firings()
            assert json.loads(kiln.encode(firings)) == [FIRING, FIRING]
            assert api.delete_firing(7) is None
        assert "x-kiln-key" not in server.seen[1].headers

    def test_errors_without_a_body_of_their_own(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(status=410), Reply(status=404, body=b"<b>no</b>"))
        with kiln.Kiln("k", base_url=server.url) as api:
            with pytest.raises(kiln.errors.GoneError):
                api.get_firing(7)
            with pytest.raises(kiln.errors.NotFoundError):
                api.get_firing(7)

    def test_a_status_deep_in_the_body_is_waited_for(
        self, kiln: ModuleType, server: Loopback
    ) -> None:
        server.answer(Reply(body=FIRING | {"state": {"type": "cracked"}}))
        with kiln.Kiln("k", base_url=server.url) as api:
            with pytest.raises(kiln.RunFailedError, match="firing 7 has ended as 'cracked'"):
                api.wait(7)
            server.answer(Reply(body=FIRING | {"state": {"type": 3}}))
            with pytest.raises(kiln.WaitError):
                api.wait(7, timeout=0.1)

    def test_looks_ask_for_what_the_poll_can_be_asked_for(
        self, kiln: ModuleType, server: Loopback
    ) -> None:
        done = Reply(body=FIRING)
        server.answer(done, done, Reply(status=201, body=FIRING), done, Reply(body=FIRING))
        asked = {"expand": ["a", "b"], "only": ["x", "y"], "class_": "ash"}
        query = "?expand[]=a&expand[]=b&only=x%2Cy&class=ash"
        with kiln.Kiln("k", base_url=server.url) as api:
            api.wait(7, **asked)
            assert [ended.error for ended in api.wait_each([7], **asked)] == [None]
            # The start's own answer has ended, but shows less than was asked for.
            pace = kiln.Pace(least=0.001)
            api.start_firing_and_wait(glaze="ash", self_="s", pace=pace, **asked)
            api.start_firing_and_wait(glaze="ash", self_="s")
        wanted = [("GET", 7, query), ("GET", 7, query), ("POST", "", ""), ("GET", 7, query)]
        assert [(seen.method, seen.path) for seen in server.seen] == [
            *(
                (method, f"/firings{f'/{key}' if key else ''}{query}")
                for method, key, query in wanted
            ),
            ("POST", "/firings"),
        ]

    def test_a_number_that_nobody_listed_is_one(self, kiln: ModuleType, server: Loopback) -> None:
        server.answer(Reply(body=FIRING | {"grade": 7}))
        with kiln.Kiln("k", base_url=server.url) as api:
            assert api.get_firing(1).grade == 7

    def test_enums_have_usable_names(self, kiln: ModuleType) -> None:
        assert [glaze.name for glaze in kiln.models.Glaze] == ["ASH", "VALUE_1", "TRUE_BLUE"]


class TestNames:
    """A spec may call its schemas as it likes; the client keeps the names that it needs itself."""

    def test_classes_of_any_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Loopback
    ) -> None:
        text = KILN
        names = {"Pot": "Model", "Glaze": "Sequence", "Error": "Stove", "Firing": "pipe-run"}
        for old, new in {**names, "Piece": "Pace", "Map": "class_var", "Batch": "any"}.items():
            text = text.replace(f'schemas/{old}"', f'schemas/{new}"')
            text = text.replace(f"    {old}:\n", f"    {new}:\n", 2)
            text = text.replace(f"    {old}: {{", f"    {new}: {{")
        text = text.replace("  responses:\n    Stove:", "  responses:\n    Error:")
        generate(read_spec(write(tmp_path, text), "stove"), tmp_path / "stove_client")
        monkeypatch.syspath_prepend(tmp_path)
        stove = importlib.import_module("stove_client")
        server.answer(Reply(body=FIRING | {"glaze": "lava"}))
        with stove.Stove("k", base_url=server.url) as api:
            firing = api.wait(7)
            assert type(firing).__name__ == "PipeRun"
            assert type(firing.pots["a"]["b"][0]).__name__ == "ModelSchema"
            assert type(firing.shape).__name__ == "StoveSchema"
            assert firing.to_rows() == [{"value": "x"}]
            server.answer(Reply(status=404, body={"error": "No"}))
            with pytest.raises(stove.errors.NotFoundError) as caught:
                api.get_batch()
        assert type(caught.value.body).__name__ == "StoveSchema"

    def test_members_that_are_called_like_types(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Loopback
    ) -> None:
        members = {
            "Glaze": '{$ref: "#/components/schemas/Glaze"}',
            "Any": "{type: string}",
            "anything": "{}",
            "date": "{type: string, format: date}",
            "datetime": "{type: string, format: date-time}",
            "later": "{type: array, items: {type: string, format: date}}",
            "property": "{type: string}",
            "bool": "{type: boolean}",
        }
        old = "        nr: {type: integer}\n"
        new = "".join(f"        {name}: {schema}\n" for name, schema in members.items())
        text = KILN.replace(old, old + new)
        generate(read_spec(write(tmp_path, text), "hall"), tmp_path / "hall_client")
        monkeypatch.syspath_prepend(tmp_path)
        hall = importlib.import_module("hall_client")
        came = FIRING | {"Glaze": "moss", "Any": "a", "anything": [1], "property": "p"}
        came |= {"date": "2031-05-06", "datetime": "2031-05-06T07:08:09Z", "later": ["2031-05-07"]}
        server.answer(Reply(body=came | {"bool": True}))
        with hall.Hall("k", base_url=server.url) as api:
            firing = api.get_firing(7)
        assert (firing.Glaze_, firing.any_, firing.property, firing.bool) == (
            "moss",
            "a",
            "p",
            True,
        )
        assert (firing.date.year, firing.datetime.hour, firing.later[0].day) == (2031, 7, 7)
        assert (firing.outcome_, firing.outcome.value, firing.is_ended) == (0.5, "success", True)
        assert json.loads(hall.encode(firing)) == came | {"bool": True}

    def test_what_waiting_calls_so_already(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Loopback
    ) -> None:
        more = "- {name: ids, in: query, schema: {type: string}}"
        more += "\n        - {name: resumed, in: query, schema: {type: string}}"
        text = KILN.replace("- {name: options,", f"{more}\n        - {{name: options,")
        text = text.replace("operationId: deleteFiring", "operationId: close")
        text = text.replace("operationId: listFirings", "operationId: wait")
        generate(read_spec(write(tmp_path, text), "oast"), tmp_path / "oast_client")
        monkeypatch.syspath_prepend(tmp_path)
        oast = importlib.import_module("oast_client")
        server.answer(Reply(body=FIRING))
        with oast.Oast("k", base_url=server.url) as api:
            (ended,) = api.wait_each([7], ids_="a")
            api.resume(ended.token, resumed_="b")
            server.answer(Reply(body=[FIRING]))
            assert [firing.nr for firing in api.wait_()] == [7]
            server.answer(Reply(status=204))
            assert api.close_(7) is None
        assert [sent.path.partition("?")[2] for sent in server.seen] == [
            "ids=a",
            "resumed=b",
            "",
            "",
        ]

    @pytest.mark.parametrize(
        ("api", "package", "title"),
        [
            ("nekt_v2", "nekt_v2_client", "NektV2"),
            ("client", "client_client", "Client"),
            ("api", "api_client", "ApiClient"),
            ("pages", "pages_client", "PagesClient"),
            ("timeout", "timeout_client", "TimeoutClient"),
            ("conflict", "conflict_client", "ConflictClient"),
            ("2fa", "api_2fa_client", "Api2fa"),
            ("größe", "größe_client", "GrE"),
            ("窯", "窯_client", "ApiClient"),
        ],
    )
    def test_a_client_of_any_name(self, api: str, package: str, title: str) -> None:
        assert Names.of(api) == Names(package=package, title=title)

    def test_an_api_called_api(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Loopback
    ) -> None:
        generate(read_spec(write(tmp_path), "api"), tmp_path / "api_client")
        monkeypatch.syspath_prepend(tmp_path)
        made = importlib.import_module("api_client")
        server.answer(Reply(body=FIRING | {"state": {"type": "cracked"}}))
        with made.ApiClient("k", base_url=server.url) as api:
            with pytest.raises(made.RunFailedError) as failed:
                api.wait(7)
            server.answer(Reply(status=404))
            with pytest.raises(made.ApiError) as refused:
                api.get_firing(7)
        assert isinstance(failed.value, made.ApiClientError)
        assert isinstance(refused.value, made.ApiClientError)


class TestGenerator:
    def test_it_makes_the_same_twice(self, tmp_path: Path) -> None:
        spec = read_spec(write(tmp_path))
        for name in ("one", "two"):
            generate(spec, tmp_path / name, Names.of("kiln"))
        assert list(command.differences(tmp_path / "one", tmp_path / "two")) == []

    def test_a_warning_makes_no_client(self, tmp_path: Path) -> None:
        known, unknown = "properties: {error: {type: string}}", "#/components/schemas/Nowhere"
        text = KILN.replace(known, f"properties: {{error: {{$ref: '{unknown}'}}}}")
        with pytest.raises(GenerationError, match="Could not find reference"):
            generate(read_spec(write(tmp_path, text)), tmp_path / "kiln_client")

    def test_differences_are_listed(self, tmp_path: Path) -> None:
        for name, text in (("old", "a = 1\n"), ("new", "a = 2\n")):
            (tmp_path / name / "_runtime").mkdir(parents=True)
            (tmp_path / name / "models.py").write_text(text)
            (tmp_path / name / f"{name}.py").write_text("")
        listed = "\n".join(command.differences(tmp_path / "old", tmp_path / "new"))
        assert "missing: generated/old/new.py" in listed
        assert "superfluous: generated/old/old.py" in listed
        assert "changed: generated/old/models.py\n    @@ -1 +1 @@\n    -a = 1\n    +a = 2" in listed

    def test_a_clean_check_says_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main(["--check", "nekt"]) == 0
        assert capsys.readouterr().out == ""

    def test_an_unknown_api_is_an_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert command.main(["no_such"]) == 2
        assert "no_such" in capsys.readouterr().err

    @pytest.mark.parametrize("api", apis())
    def test_a_client_stands_alone(self, api: str) -> None:
        for path in (command.GENERATED / f"{api}_client").rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "import runwright" not in text
            assert "from runwright" not in text

    @pytest.mark.parametrize("api", apis())
    def test_every_operation_is_a_method_of_both_clients(self, api: str) -> None:
        names = Names.of(api)
        module = importlib.import_module(names.package)
        for operation in load_spec(api).operations.values():
            wanted = operation.id.replace("_", "").lower()
            for client in (names.title, f"Async{names.title}"):
                methods = {name.replace("_", "").lower() for name in dir(getattr(module, client))}
                assert wanted in methods
