"""Answers as tables, through the clients: rows, Arrow, pandas and Polars."""

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import nekt_client
import nekt_v2_client
import pandas
import pipe0_client
import polars
import pyarrow
import pytest
from clarifeye_client import Clarifeye
from codegen.project import generate
from loopback import Loopback, Reply, serving
from nekt_client import AsyncNekt, Nekt
from pipe0_client import Pipe0, RunFailedError
from runwright.spec import read_spec
from test_client_emulator import PIPE, ROWS, calling, start_and_wait


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


def cell(value: Any = None, status: str = "completed", **members: Any) -> dict[str, Any]:
    return {
        "value": value,
        "status": status,
        "type": "string",
        "format": None,
        "reason": None,
        "claimed_by": None,
        "resolved_by": None,
    } | members


def record(identifier: Any, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "fields": {"id": cell(identifier), **fields}}


def run(*records: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "organization_id": "o1",
        "status": "completed",
        "order": [one["id"] for one in records],
        "errors": [],
        "field_definitions": {},
        "records": {str(one["id"]): one for one in reversed(records)},
    } | members


def fetched(server: Loopback, body: Any) -> Any:
    server.answer(Reply(body=body))
    with Pipe0("k", base_url=server.url) as api:
        return api.wait("r1")


REASON = {"code": "RequirementUnmet", "summary": "No domain", "message": "A domain is missing"}


class TestRows:
    def test_they_come_in_the_order_of_the_input(self, server: Loopback) -> None:
        done = fetched(server, run(record(7), record("a"), record(3), record(1.5)))
        assert [row["id"] for row in done.to_rows(beside=[])] == [7, "a", 3, 1.5]

    def test_each_status_stands_beside_its_value(self, server: Loopback) -> None:
        found, lost = cell("a@example.com"), cell(None, "failed", reason=REASON)
        done = fetched(server, run(record(1, email=found), record(2, email=lost)))
        names = ["id", "id.status", "id.reason", "id.message"]
        names += ["email", "email.status", "email.reason", "email.message"]
        rows = done.to_rows()
        assert [list(row) for row in rows] == [names, names]
        assert list(rows[0].values())[4:] == ["a@example.com", "completed", None, None]
        assert list(rows[1].values())[4:] == [
            None,
            "failed",
            "RequirementUnmet",
            "A domain is missing",
        ]
        assert done.to_rows(beside=["status"])[1] == {
            "id": 2,
            "id.status": "completed",
            "email": None,
            "email.status": "failed",
        }
        assert done.to_rows(beside="status") == done.to_rows(beside=["status"])
        for strange in (["color"], "color"):
            with pytest.raises(ValueError, match=r"status, reason, message; not color"):
                done.to_rows(beside=strange)

    def test_values_are_plain(self, server: Loopback) -> None:
        values = ["x", 1, 2.5, True, None, ["y", {"z": None}], {"a": {"b": []}}]
        done = fetched(server, run(*(record(n, v=cell(v)) for n, v in enumerate(values))))
        assert [row["v"] for row in done.to_rows()] == values
        assert {type(row["v.status"]) for row in done.to_rows()} == {str}

    def test_a_status_that_nobody_knew_is_itself(self, server: Loopback) -> None:
        done = fetched(server, run(record(1, email=cell(None, "postponed"))))
        assert done.to_rows()[0]["email.status"] == "postponed"
        assert done.to_arrow()["email.status"].to_pylist() == ["postponed"]

    def test_names_that_meet_are_told_apart(self, server: Loopback) -> None:
        fields = {"email": cell("a"), "email.status": cell("b"), "email.status_": cell("c")}
        (row,) = fetched(server, run(record(1, **fields))).to_rows(beside=["status"])
        assert (row["email"], row["email.status"], row["email.status_"]) == ("a", "b", "c")
        assert row["email.status__"] == "completed"
        assert row["email.status.status"] == row["email.status_.status"] == "completed"

    def test_what_is_missing_is_none(self, server: Loopback) -> None:
        """A record that the order leaves out, one that is not there, and fields of some only."""
        body = run(record(1, a=cell(1)), record(2, b=cell(2)), record(3))
        body["order"] = [2, "gone", 1]
        body["records"]["3"]["fields"] = {}
        rows = fetched(server, body).to_rows(beside=["status"])
        assert [(row["id"], row["a"], row["b"]) for row in rows] == [
            (2, None, 2),
            ("gone", None, None),
            (1, 1, None),
            (3, None, None),
        ]
        assert [row["id.status"] for row in rows] == ["completed", None, "completed", None]

    def test_a_number_is_found_however_it_is_spelled(self, server: Loopback) -> None:
        body = run(record(7, a=cell("x")))
        text = json.dumps(body).replace('"order": [7]', '"order": [7.0, "7"]').encode()
        assert [row["a"] for row in fetched(server, text).to_rows()] == ["x", "x"]

    def test_a_run_without_order_or_records_has_them_as_they_come(self, server: Loopback) -> None:
        body = run(record("b"), record("a"))
        assert [r["id"] for r in fetched(server, body | {"order": None}).to_rows()] == ["a", "b"]
        assert fetched(server, body | {"order": [], "records": {}}).to_rows() == []

    def test_a_run_that_failed_has_its_rows_too(self, server: Loopback) -> None:
        with pytest.raises(RunFailedError) as caught:
            fetched(server, run(record(1, email=cell("a")), status="failed"))
        assert caught.value.body.to_rows()[0]["email"] == "a"

    @pytest.mark.parametrize("api", ["pipe0", "pipe0_pipeline"])
    def test_the_emulators_rows_are_the_input(self, api: str) -> None:
        with calling(api) as (client, emulator, _):
            ended = start_and_wait(api, client, emulator, timeout=None)
        rows = ended.to_rows()
        assert [row["id"] for row in rows] == [row["id"] for row in ROWS]
        assert [row["name"] for row in rows] == [row["name"] for row in ROWS]
        assert {row["name.status"] for row in rows} == {"completed"}
        assert all(row["work_email.status"] for row in rows)
        assert PIPE["pipe_id"]


class TestArrow:
    def types(self, server: Loopback, *values: Any) -> tuple[str, list[Any], bool]:
        records = [record(n, v=cell(value)) for n, value in enumerate(values)]
        table = fetched(server, run(*records)).to_arrow(beside=[])
        field = table.schema.field("v")
        return str(field.type), table["v"].to_pylist(), bool(field.metadata)

    @pytest.mark.parametrize(
        ("values", "type_"),
        [
            (["a", None, "b"], "string"),
            ([1, None, 2], "int64"),
            ([1, 2.5], "double"),
            ([True, None, False], "bool"),
            ([None, None], "null"),
            ([["a"], [], None], "list<item: string>"),
            ([[1, 2], [None]], "list<item: int64>"),
        ],
    )
    def test_a_column_of_one_type_has_it(
        self, server: Loopback, values: list[Any], type_: str
    ) -> None:
        assert self.types(server, *values) == (type_, values, False)

    @pytest.mark.parametrize(
        ("values", "texts"),
        [
            (["a", 1, None], ['"a"', "1", None]),
            ([True, 1], ["true", "1"]),
            ([{"a": [1, "ä"]}, None], ['{"a":[1,"ä"]}', None]),
            ([["a", 1], []], ['["a",1]', "[]"]),
            ([1 << 63, 1], [str(1 << 63), "1"]),
            ([(1 << 53) + 1, 0.5], [str((1 << 53) + 1), "0.5"]),
        ],
    )
    def test_any_other_is_json_text(
        self, server: Loopback, values: list[Any], texts: list[Any]
    ) -> None:
        assert self.types(server, *values) == ("string", texts, True)

    def test_what_the_spec_types_has_its_type_without_values(self, server: Loopback) -> None:
        schema = fetched(server, run(record(1, v=cell()))).to_arrow().schema
        assert str(schema.field("v.reason").type) == "string"
        assert str(schema.field("v.status").type) == "string"

    def test_whatever_reads_arrow_reads_an_answer(self, server: Loopback) -> None:
        done = fetched(server, run(record(1, v=cell("x")), record(2, v=cell("y"))))
        assert pyarrow.table(done).equals(done.to_arrow())
        assert polars.DataFrame(done).equals(done.to_polars())

    def test_pandas_keeps_integers_with_gaps(self, server: Loopback) -> None:
        frame = fetched(server, run(record(1, n=cell(7), b=cell(True)), record(2))).to_pandas()
        assert str(frame["n"].dtype) == "Int64"
        assert str(frame["b"].dtype) == "boolean"
        assert frame["n"].tolist() == [7, pandas.NA]
        assert frame["id.status"].tolist() == ["completed", "completed"]

    def test_polars_has_the_same(self, server: Loopback) -> None:
        done = fetched(server, run(record(1, n=cell(7)), record(2, n=cell(None, "failed"))))
        frame = done.to_polars(beside=["status"])
        assert frame.to_dicts() == done.to_rows(beside=["status"])

    @pytest.mark.parametrize(
        ("method", "missing", "needed"),
        [
            ("to_arrow", "pyarrow", "pyarrow"),
            ("to_pandas", "pandas", "pandas pyarrow"),
            ("to_pandas", "pyarrow", "pyarrow"),
            ("to_polars", "polars", "polars pyarrow"),
            ("to_polars", "pyarrow", "pyarrow"),
        ],
    )
    def test_a_library_that_is_missing_is_named(
        self,
        server: Loopback,
        monkeypatch: pytest.MonkeyPatch,
        method: str,
        missing: str,
        needed: str,
    ) -> None:
        done = fetched(server, run(record(1)))
        monkeypatch.setitem(sys.modules, missing, None)
        with pytest.raises(pipe0_client.errors.ExtraMissingError) as caught:
            getattr(done, method)()
        assert isinstance(caught.value, ImportError)
        assert f"needs {missing}" in str(caught.value)
        assert str(caught.value).endswith(f"pip install {needed}")
        assert done.to_rows() == [
            {"id": 1, "id.status": "completed", "id.reason": None, "id.message": None}
        ]


class TestSteps:
    def test_the_steps_of_a_run_are_its_rows(self) -> None:
        with calling("clarifeye") as (api, emulator, _):
            project = emulator.parameters["alice"]["project_id"]
            flow = api.list_extraction_flows(project)[0]
            done = api.run_extraction_flow_and_wait(project, flow.id, timeout=None)
            rows, table = done.to_rows(), done.to_arrow()
            pages = api.iter_pipeline_runs(project, limit=1).to_rows()
        assert [row["step"] for row in rows] == [step.step for step in done.steps]
        assert [row["status"] for row in rows] == [str(step.status) for step in done.steps]
        assert isinstance(rows[0]["created_at"], datetime)
        assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
        assert str(table.schema.field("depends_on").type) == "list<item: string>"
        assert json.loads(table["inputs"].to_pylist()[0]) == rows[0]["inputs"]
        assert done.id in [row["id"] for row in pages]

    def test_a_run_without_steps_has_the_same_columns(self, server: Loopback) -> None:
        body = {"id": "r1", "status": "completed", "steps": []}
        server.answer(Reply(body=body))
        with Clarifeye("k", base_url=server.url) as api:
            table = api.get_pipeline_run("p1", "r1").to_arrow()
        assert table.num_rows == 0
        assert "status" in table.schema.names
        assert str(table.schema.field("inputs").type) == "string"


LISTED: dict[str, Any] = {
    "id": "r1",
    "created_at": "2026-05-02T10:00:00.5+02:00",
    "updated_at": "2026-05-02T08:00:00Z",
    "status": "success",
    "pipeline": {"id": "p1", "slug": "orders"},
    "log": {"parsed_log": "done"},
    "use_custom_logs": False,
    "trigger": {"type": "cron"},
    "triggered_by": None,
    "triggered_by_token": {"id": "t", "token": "nk-secret"},
}


def page(*results: dict[str, Any], following: str | None = None) -> Reply:
    url = following and f"http://elsewhere/api/v1/runs/?page={following}"
    body = {"count": 3, "next": url, "previous": None, "results": list(results)}
    return Reply(body=body)


class TestPages:
    def test_a_page_is_a_table(self, server: Loopback) -> None:
        server.answer(page(LISTED))
        with Nekt("k", base_url=server.url) as api:
            table = api.list_runs()
        (row,) = table.to_rows()
        assert row["pipeline"] == "orders"
        assert row["trigger"] == "cron"
        assert row["triggered_by"] is None
        assert row["log"] == "done"
        assert row["created_at"] == datetime(2026, 5, 2, 8, 0, 0, 500_000, tzinfo=UTC)
        assert "nk-secret" not in str(row)

    def test_all_pages_are_one_table(self, server: Loopback) -> None:
        three = [LISTED | {"id": name} for name in "abc"]
        script = [page(three[0], following="2"), page(following="3"), page(*three[1:])]
        server.answer(*script)
        with Nekt("k", base_url=server.url) as api:
            runs = api.iter_runs()
            assert server.seen == []
            assert [row["id"] for row in runs.to_rows()] == ["a", "b", "c"]
            assert list(runs) == []
            server.answer(*script)
            frame = api.iter_runs().to_polars()
        assert frame["id"].to_list() == ["a", "b", "c"]
        assert len(server.seen) == 6

    async def test_in_an_event_loop_too(self, server: Loopback) -> None:
        script = [page(LISTED, following="2"), page(LISTED)]
        async with AsyncNekt("k", base_url=server.url) as api:
            for method in ("to_rows", "to_arrow", "to_pandas", "to_polars"):
                server.answer(*script)
                assert len(await getattr(api.iter_runs(), method)()) == 2
            server.answer(*script)
            assert [found.id async for found in api.iter_runs()] == ["r1", "r1"]

    def test_a_page_that_failed_is_asked_for_again(self, server: Loopback) -> None:
        a, b = LISTED | {"id": "a"}, LISTED | {"id": "b"}
        script = [page(a, following="2"), Reply(status=503), page(b)]
        with Nekt("k", base_url=server.url, retries=nekt_client.NO_RETRIES) as api:
            server.answer(*script)
            runs = api.iter_runs()
            assert next(runs).id == "a"
            with pytest.raises(nekt_client.ApiError):
                next(runs)
            assert [run.id for run in runs] == ["b"]
            assert list(runs) == []
            server.answer(*script)
            runs = api.iter_runs()
            with pytest.raises(nekt_client.ApiError):
                runs.to_rows()
            assert [row["id"] for row in runs.to_rows()] == ["a", "b"]
            server.answer(page(a, following="2"), page(b, following="2"))
            runs = api.iter_runs()
            assert [next(runs).id, next(runs).id] == ["a", "b"]
            for _ in range(2):
                with pytest.raises(nekt_client.errors.PagesError):
                    next(runs)

    async def test_in_an_event_loop_it_is_asked_for_again_too(self, server: Loopback) -> None:
        a, b = LISTED | {"id": "a"}, LISTED | {"id": "b"}
        script = [page(a, following="2"), Reply(status=503), page(b)]
        async with AsyncNekt("k", base_url=server.url, retries=nekt_client.NO_RETRIES) as api:
            server.answer(*script)
            runs = api.iter_runs()
            with pytest.raises(nekt_client.ApiError):
                await runs.to_rows()
            assert [row["id"] for row in await runs.to_rows()] == ["a", "b"]
            server.answer(*script)
            runs = api.iter_runs()
            assert (await anext(runs)).id == "a"
            with pytest.raises(nekt_client.ApiError):
                await anext(runs)
            assert [found.id async for found in runs] == ["b"]

    def test_what_may_be_an_id_or_an_object_is_shown_as_it_is(self, server: Loopback) -> None:
        listed = {"id": "r1", "status": "queued", "source": "s1", "triggered_by": 7}
        server.answer(page(listed, listed | {"source": {"id": "s1", "slug": "orders"}}))
        with nekt_v2_client.NektV2("k", base_url=server.url) as api:
            found = api.list_runs()
        assert [row["source"] for row in found.to_rows()] == ["s1", {"id": "s1", "slug": "orders"}]
        assert found.to_arrow()["source"].to_pylist() == ['"s1"', '{"id":"s1","slug":"orders"}']

    def test_a_list_without_columns_has_all_members(self, server: Loopback) -> None:
        last = {"id": "r1", "status": "success"}
        server.answer(page({"id": "s1", "pipeline_slug": "x", "last_run": last}))
        with nekt_client.Nekt("k", base_url=server.url) as api:
            (row,) = api.list_sources().to_rows()
        assert (row["last_run.id"], row["last_run.status"]) == ("r1", "success")
        assert row["last_run.started_at"] is None


@pytest.fixture(scope="module")
def kiln(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("made")
    spec = Path(__file__).parent / "fixtures" / "kiln.yaml"
    generate(read_spec(spec, "oven"), folder / "oven_client")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("oven_client")
    sys.path.remove(str(folder))


class TestAnySpec:
    """A spec of one's own gets tables by its `x-table`, and nothing else."""

    def test_cells_that_are_values_and_rows_with_columns_besides(
        self, kiln: ModuleType, server: Loopback
    ) -> None:
        shelf = {
            "x": {"about": {"mark": "x", "height": 2}, "cone": 6, "glazes": {"cone": "ash"}},
            "y": {"about": {"mark": "y", "secret": "s"}, "glazes": {"rim": "lava"}},
        }
        server.answer(Reply(body={"kiln": {"stacked": ["y", "x"], "shelf": shelf}}))
        with kiln.Oven("k", base_url=server.url) as api:
            batch = api.get_batch()
        nothing = {"cone_": None, "height": None, "cone": None, "rim": None}
        assert batch.to_rows() == [
            {"mark": "y"} | nothing | {"rim": "lava"},
            {"mark": "x"} | nothing | {"cone_": 6, "height": 2, "cone": "ash"},
        ]
        types = {field.name: str(field.type) for field in batch.to_arrow().schema}
        assert types["cone_"] == "int64"
        assert types["height"] == "double"
        assert types["cone"] == "string"

    def test_rows_that_are_no_objects(self, kiln: ModuleType, server: Loopback) -> None:
        body = {"nr": 7, "state": {"type": "done"}, "pots": {}, "list": ["a", "b"]}
        server.answer(Reply(body=body))
        with kiln.Oven("k", base_url=server.url) as api:
            firing = api.get_firing(7)
        assert firing.to_rows() == [{"value": "a"}, {"value": "b"}]
        with pytest.raises(ValueError, match="nothing; not status"):
            firing.to_rows(beside=["status"])
