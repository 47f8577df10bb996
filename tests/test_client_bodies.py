"""What comes is what goes: bodies that fit, bodies from a drifted future, and garbage."""

import copy
import importlib
import json
import pickle
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, assert_type

import attrs
import clarifeye_client
import nekt_client
import pipe0_client
import pytest
from clarifeye_client._runtime.codec import Codec as ClarifeyeCodec
from clarifeye_client.models import PipelineRun
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from nekt_client._runtime.codec import Codec as NektCodec
from nekt_client.models import ApiToken
from pipe0_client import DecodeError, encode, evolve, models, unfold, unknown
from pipe0_client._runtime.codec import Codec
from runwright.spec import Spec, apis, load_spec, schema_name

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

_TEXT = st.text(max_size=8)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_LEAVES: SearchStrategy[Any] = st.none() | st.booleans() | _NUMBERS | _TEXT
_SHALLOW = st.lists(_LEAVES, max_size=2) | st.dictionaries(_TEXT, _LEAVES, max_size=2)
_JSON: SearchStrategy[Any] = _LEAVES | _SHALLOW | st.dictionaries(_TEXT, _SHALLOW, max_size=2)
_NASTY: SearchStrategy[Any] = st.sampled_from(
    [
        "9" * 5000,
        "-" + "1" * 4400,
        "12345678901234567891",
        10**400,
        -(10**30),
        1.5e300,
        "1e999",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "error",
        {"id": None},
        {"id": "x", "status": 5},
    ]
)
_TIMES = st.sampled_from(
    [
        "2026-05-02T08:00:00Z",
        "2026-05-02T08:00:00.1Z",
        "2026-05-02T10:00:00.120+02:00",
        "2026-05-02T08:00:00.123456789Z",
    ]
)


class Bodies:
    """Draws instances of a spec's schemas; conditions are not its concern."""

    def __init__(self, spec: Spec, *, drifted: bool) -> None:
        self.spec = spec
        self.drifted = drifted

    def draw(self, draw: DrawFn, schema: Any, depth: int = 0) -> Any:
        vital = self._vital(schema)
        schema = self.spec.deref(schema)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self.draw(draw, draw(st.sampled_from(choices)), depth)
        if "enum" in schema:
            if self.drifted and schema.get("x-open-enum") and draw(st.booleans()):
                return draw(st.text(min_size=1, max_size=9))
            return draw(st.sampled_from(schema["enum"]))
        kinds = schema.get("type", "any")
        kind = draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
        if kind == "object":
            return self._object(draw, schema, depth, vital)
        if kind == "array":
            items = draw(st.integers(0, 2))
            return [self.draw(draw, schema.get("items", {}), depth + 1) for _ in range(items)]
        if kind == "string":
            if schema.get("format") == "date-time":
                return draw(_TIMES)
            return draw(st.text(max_size=12) | st.just("6f1e0c2a-8f0e-4c39-9b8e-2d8a3f0f7a11"))
        if kind == "any":
            return draw(_JSON)
        scalars: dict[str, SearchStrategy[Any]] = {
            "integer": st.integers(),
            "number": _NUMBERS,
            "boolean": st.booleans(),
            "null": st.none(),
        }
        return draw(scalars[kind])

    def _object(self, draw: DrawFn, schema: Any, depth: int, vital: frozenset[str]) -> Any:
        made = {}
        required = schema.get("required", ())
        for name, member in schema.get("properties", {}).items():
            if name not in required and draw(st.booleans()):
                continue
            made[name] = self.draw(draw, member, depth + 1)
            if self.drifted and name not in vital and draw(st.integers(0, 9)) == 0:
                drift = draw(st.sampled_from(("drop", "null")))
                if drift == "drop":
                    del made[name]
                else:
                    made[name] = None
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for name in draw(st.lists(st.text(max_size=6), max_size=2, unique=True)):
                made.setdefault(name, self.draw(draw, extra, depth + 1))
        elif self.drifted:
            for name in draw(st.lists(st.text(max_size=6), max_size=2, unique=True)):
                if name not in schema.get("properties", {}):
                    made[name] = draw(_JSON)
        return made

    def _vital(self, schema: Any) -> frozenset[str]:
        lifecycle = self.spec.lifecycles.get(schema_name(schema) or "")
        if lifecycle is None:
            return frozenset()
        return frozenset(m for m in (lifecycle.key, lifecycle.status) if m)


def answers() -> Iterator[Any]:
    """Yield one of each API's operations for each kind of body that they answer with."""
    for api in apis():
        operations = importlib.import_module(f"{api}_client.operations")
        spec = load_spec(api)
        met = []
        for operation in spec.operations.values():
            schema = spec.response_schema(operation, operation.success_status)
            if schema is not None and schema not in met:
                met.append(schema)
                yield pytest.param(
                    spec, schema, _operation(operations, operation.id), id=f"{api}-{operation.id}"
                )


def _operation(module: Any, operation_id: str) -> Any:
    wanted = operation_id.replace("_", "").lower()
    return next(
        value
        for name, value in vars(module).items()
        if name.isupper() and name.replace("_", "").lower() == wanted
    )


def codec_of(operation: Any) -> Any:
    return next(iter(operation.codecs.values()))


@pytest.mark.parametrize(("spec", "schema", "operation"), list(answers()))
class TestRoundTrip:
    @FEW
    @given(data=st.data())
    def test_what_fits_comes_back(
        self,
        spec: Spec,
        schema: Any,
        operation: Any,
        data: Any,
    ) -> None:
        body = Bodies(spec, drifted=False).draw(data.draw, schema)
        _round_trip(operation, body)

    @FEW
    @given(data=st.data())
    def test_what_drifted_comes_back(
        self,
        spec: Spec,
        schema: Any,
        operation: Any,
        data: Any,
    ) -> None:
        body = Bodies(spec, drifted=True).draw(data.draw, schema)
        _round_trip(operation, body)

    @FEW
    @given(data=st.data())
    def test_garbage_is_a_decode_error(
        self,
        spec: Spec,
        schema: Any,
        operation: Any,
        data: Any,
    ) -> None:
        module = importlib.import_module(f"{spec.api}_client")
        body = Bodies(spec, drifted=True).draw(data.draw, schema)
        whole = json.dumps(body).encode()
        raw = data.draw(
            st.binary(max_size=30)
            | _JSON.map(lambda value: json.dumps(value).encode())
            | st.builds(lambda n, junk: _broken(body, n, junk), st.integers(0, 10**6), _JSON)
            | st.builds(lambda n, junk: _broken(body, n, junk), st.integers(0, 10**6), _NASTY)
            | st.integers(0, len(whole)).map(lambda end: whole[:end])
        )
        misfit, made = _attempt(operation, raw, module.DecodeError)
        if misfit is None:
            assert json.loads(module.encode(made)) == json.loads(raw)
            _read_all(made)
        else:
            assert misfit.raw == raw
            assert misfit.expected
            assert misfit.pointer == "" or misfit.pointer.startswith("/")


def _read_all(made: Any) -> None:
    """Read whatever there is to be read."""
    assert repr(made)
    if hasattr(made, "to_rows"):
        assert isinstance(made.to_rows(), list)
    if isinstance(made, list | dict):
        for member in made.values() if isinstance(made, dict) else made:
            _read_all(member)
    elif hasattr(made, "__struct_fields__"):
        assert getattr(made, "is_ended", False) in (True, False)
        for name in made.__struct_fields__:
            _read_all(getattr(made, name))


def _attempt(operation: Any, raw: bytes, kind: type[Exception]) -> tuple[Any, Any]:
    try:
        return None, codec_of(operation).decode(raw)
    except kind as error:
        return error, None


def _round_trip(operation: Any, body: Any) -> None:
    raw = json.dumps(body, ensure_ascii=True).encode()
    module = importlib.import_module(operation.__class__.__module__.partition(".")[0])
    made = codec_of(operation).decode(raw)
    assert json.loads(module.encode(made)) == body
    assert json.loads(module.encode(pickle.loads(pickle.dumps(made)))) == body
    assert json.loads(module.encode(copy.deepcopy(made))) == body


def _broken(body: Any, where: int, junk: Any) -> bytes:
    """Put junk at one place in a body."""
    body = copy.deepcopy(body)
    places = list(_places({"": body}))
    holder, key = places[where % len(places)]
    if holder == {"": body}:
        return json.dumps(junk).encode()
    holder[key] = junk
    return json.dumps(body).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, member in list(members):
        yield value, key
        yield from _places(member)


RUN: dict[str, Any] = {
    "id": "r1",
    "organization_id": "o1",
    "status": "completed",
    "order": [1],
    "errors": [],
    "field_definitions": {},
    "records": {
        "1": {
            "id": 1,
            "fields": {
                "id": {
                    "value": 1,
                    "status": "completed",
                    "type": "number",
                    "format": None,
                    "reason": None,
                    "claimed_by": None,
                    "resolved_by": None,
                    "widgets": {},
                }
            },
        }
    },
}
RUN_CODEC = Codec[models.PipesResponse](models.PipesResponse)
PROBLEM_CODEC = Codec[models.Problem](models.Problem)


def decode(body: Mapping[str, Any]) -> models.PipesResponse:
    return RUN_CODEC.decode(json.dumps(body).encode())


class TestOpenEnums:
    def test_a_value_that_nobody_knew(self) -> None:
        status = decode(RUN | {"status": "archived"}).status
        assert not status.is_known
        assert status == "archived"
        assert hash(status) == hash("archived")
        assert f"{status} {status!s}" == "archived archived"
        assert repr(status) == "<RunStatus 'archived' (unknown)>"
        assert pickle.loads(pickle.dumps(status)) == status
        assert copy.deepcopy(status) == status
        assert isinstance(status, models.RunStatus)
        assert json.loads(encode({"x": status})) == {"x": "archived"}

    def test_a_value_that_the_spec_lists(self) -> None:
        status = decode(RUN).status
        assert status is models.RunStatus.COMPLETED
        assert status.is_known
        assert repr(status) == "<RunStatus.COMPLETED: 'completed'>"

    def test_it_is_made_of_strings_only(self) -> None:
        with pytest.raises(ValueError, match="7"):
            models.RunStatus(7)  # type: ignore[arg-type]


class TestMembers:
    def test_unknown_ones_are_kept_and_shown(self) -> None:
        body = copy.deepcopy(RUN)
        body["priority"] = {"level": 2}
        body["records"]["1"]["fields"]["id"]["note~/"] = None
        run = decode(body)
        assert unknown(run) == {
            "/priority": {"level": 2},
            "/records/1/fields/id/note~0~1": None,
        }
        assert json.loads(encode(run)) == body

    def test_parts_keep_theirs_once_unfolded(self) -> None:
        body = copy.deepcopy(RUN)
        body["records"]["1"]["new"] = 1
        run = decode(body)
        unfold(run)
        assert json.loads(encode(run.records["1"])) == body["records"]["1"]

    def test_changes_win(self) -> None:
        body = RUN | {"extra": 1, "status": "pending"}
        run = decode(body)
        run.status = models.RunStatus.FAILED
        run.order.append(2)
        del run.records["1"]
        assert json.loads(encode(run)) == body | {
            "status": "failed",
            "order": [1, 2],
            "records": {},
        }

    def test_what_came_otherwise_goes_back_as_it_came(self) -> None:
        body = RUN | {"id": 17, "order": None, "credits": None, "records": None}
        del body["errors"]
        run = decode(body)
        assert run.id == "17"
        assert run.order == []
        assert run.errors == []
        assert run.records == {}
        assert run.credits is pipe0_client.UNSET
        assert json.loads(encode(run)) == body

    def test_a_dropped_member_does_not_stop_its_reader(self) -> None:
        body = {k: v for k, v in RUN.items() if k != "organization_id"}
        run = decode(body)
        assert not run.organization_id
        assert json.loads(encode(run)) == body
        with pytest.raises(DecodeError, match="/status"):
            decode({k: v for k, v in RUN.items() if k != "status"})

    def test_an_absent_member_stays_itself(self) -> None:
        run = pickle.loads(pickle.dumps(copy.deepcopy(decode(RUN))))
        assert run.credits is pipe0_client.UNSET
        assert not run.credits

    def test_maps_are_dictionaries(self) -> None:
        run = decode(RUN)
        assert len(run.records) == 1
        assert [record.id for record in run.records.values()] == [1]

    def test_times_keep_their_spelling(self) -> None:
        run = ClarifeyeCodec[Any](PipelineRun)
        body = {
            "id": "x",
            "created_at": "2026-05-02T10:00:00.100+02:00",
            "updated_at": "20260502T080000Z",
            "status": "running",
        }
        made = run.decode(json.dumps(body).encode())
        assert made.created_at - made.updated_at == timedelta(microseconds=100_000)
        assert json.loads(clarifeye_client.encode(made)) == body

    def test_a_token_in_an_answer_is_not_printed(self) -> None:
        made = NektCodec[Any](ApiToken).decode(b'{"id": "1", "token": "nk-secret"}')
        assert made.token == "nk-secret"
        assert "nk-secret" not in repr(made)

    def test_a_string_is_no_list_of_what_it_might_name(self) -> None:
        listed: Any = NektCodec[Any](nekt_client.models.RunPage)
        body = {"count": 1, "next": None, "previous": None}
        for results in ("error", 7, {"id": "r1"}):
            with pytest.raises(nekt_client.DecodeError, match="/results expected an array"):
                listed.decode(json.dumps(body | {"results": results}).encode())

    @pytest.mark.parametrize(
        "status",
        [
            pytest.param("9" * 5000, id="more digits than Python reads"),
            pytest.param("-" + "9" * 5000, id="so many below zero"),
            pytest.param([], id="no number"),
        ],
    )
    def test_what_is_no_integer(self, status: Any) -> None:
        body = {"type": "t", "title": "t", "status": status, "detail": "d"}
        with pytest.raises(DecodeError, match="/status expected an integer"):
            PROBLEM_CODEC.decode(json.dumps(body).encode())

    def test_a_number_beyond_what_floats_hold(self) -> None:
        for spent in (10**400, "1" + "0" * 400):
            body = RUN | {"id": 17, "credits": {"spent": spent}}
            run = decode(body)
            assert run.credits
            assert run.credits.spent == 10**400
            assert json.loads(encode(run)) == body
        with pytest.raises(DecodeError, match="/credits/spent expected"):
            decode(RUN | {"credits": {"spent": "1e999"}})

    @pytest.mark.parametrize("digits", ["9007199254740993", "12345678901234567891", "9" * 400])
    def test_digits_are_kept_as_they_came(self, digits: str) -> None:
        body = {"type": "t", "title": "t", "status": digits, "detail": "d"}
        made = PROBLEM_CODEC.decode(json.dumps(body).encode())
        assert made.status == int(digits)
        assert json.loads(encode(made)) == body
        made.status += 1
        assert json.loads(encode(made))["status"] == int(digits) + 1

    @pytest.mark.parametrize("piece", [b'"\xff"', b'{"\xfe": 1}', b"1e999", b"9" * 5000])
    def test_an_unknown_member_that_no_one_can_read(self, piece: bytes) -> None:
        """Whoever does not ask for it does not suffer from it."""
        raw = json.dumps(RUN).encode()[:-1] + b', "new": ' + piece + b"}"
        run = RUN_CODEC.decode(raw)
        assert (run.id, len(run.records)) == ("r1", 1)
        for ask in (encode, unknown, unfold):
            with pytest.raises(DecodeError, match="unknown to the spec"):
                ask(run)


class TestAttrs:
    """Models are filled by msgspec, and attrs classes for whoever looks at them."""

    def test_attrs_knows_the_members(self) -> None:
        assert attrs.has(models.Credits)
        assert [field.name for field in attrs.fields(models.Credits)] == ["spent"]
        optional = attrs.fields_dict(models.PipesResponse)["credits"]
        assert optional.default is pipe0_client.UNSET
        assert optional.kw_only

    def test_attrs_copies_them(self) -> None:
        run = decode(RUN)
        again = attrs.evolve(run, id="r2")  # type: ignore[misc]  # mypy looks for a decorator
        assert again == decode(RUN | {"id": "r2"})
        assert attrs.asdict(run)["records"]["1"]["fields"]["id"]["value"] == 1

    def test_a_copy_with_changes_keeps_what_the_spec_does_not_know(self) -> None:
        body = copy.deepcopy(RUN) | {"new": 1, "credits": {"spent": 1, "left": 2}, "id": 17}
        body["records"]["1"]["more"] = [3]
        run = decode(body)
        again = evolve(run, status=models.RunStatus.FAILED, credits=models.Credits(spent=5))
        assert_type(again, models.PipesResponse)
        assert (run.status, again.status) == ("completed", "failed")
        assert json.loads(encode(again)) == body | {"status": "failed", "credits": {"spent": 5}}
        assert unknown(again) == {"/new": 1, "/records/1/more": [3]}
        assert json.loads(encode(pickle.loads(pickle.dumps(again)))) == json.loads(encode(again))
        assert pipe0_client.answer(again) == pipe0_client.answer(run)
        assert json.loads(encode(run)) == body
        with pytest.raises(TypeError, match="nonsense"):
            evolve(run, nonsense=1)
        assert evolve(models.Credits(spent=1), spent=2) == models.Credits(spent=2)

    def test_they_are_compared_by_their_members(self) -> None:
        assert decode(RUN) == decode(RUN)
        assert decode(RUN) != decode(RUN | {"status": "failed"})
        assert repr(models.Credits(spent=1)) == "Credits(spent=1)"
