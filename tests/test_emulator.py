"""The parts of the emulator's framework: clock, chance, scripts, pages, numerals, the gate."""

import json
import subprocess
import sys
import threading
import time

import httpx
import pytest
from attrs import frozen
from runwright.emulator.app import create_app
from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.chance import Chance, deal
from runwright.emulator.clock import EPOCH, ManualClock, RunningClock, stamp
from runwright.emulator.listing import by_number, by_offset
from runwright.emulator.mutant import MutantError, find_mutant, mutant, mutants_of
from runwright.emulator.script import Script
from runwright.emulator.server import ServerError, announce, build_world, running, serve
from runwright.emulator.store import Store
from runwright.emulator.tenants import ALICE, BOB
from runwright.emulator.world import World, WorldError, operation, world_class
from runwright.numeral import text_of
from runwright.spec import Spec
from runwright.validation import JSON
from visitor import STRANGER, Visitor

# ---- time ------------------------------------------------------------------------------------


def test_a_running_clock_runs_at_its_speed() -> None:
    clock = RunningClock(1000, start=50.0)
    before = clock.now()
    began = time.monotonic()
    while time.monotonic() - began < 0.02:
        time.sleep(0.001)
    assert 50.0 <= before < before + 20 <= clock.now()
    assert clock.real(90_500) == 91


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_clock_cannot_run_at_every_speed(speed: float) -> None:
    with pytest.raises(ValueError, match="a clock cannot run at speed"):
        RunningClock(speed)


async def test_whoever_waits_moves_a_manual_clock() -> None:
    clock = ManualClock()
    await clock.until(EPOCH + 3)
    await clock.until(EPOCH + 1)
    assert clock.now() == EPOCH + 3
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)


def test_a_stamp_rounds_down_to_the_millisecond() -> None:
    assert stamp(EPOCH) == "2026-01-05T09:00:00.000Z"
    assert stamp(EPOCH + 0.9999) == "2026-01-05T09:00:00.999Z"


# ---- chance ----------------------------------------------------------------------------------


def test_draws_depend_on_the_name_alone() -> None:
    first, second = Chance(1, "alice", 2), Chance(1, "alice", 2)
    first.whole(1, 6)
    assert first.branch("id").uuid() == second.branch("id").uuid()
    assert first.branch("id").uuid() != Chance(1, "bob", 2).branch("id").uuid()


def test_every_round_of_a_deck_holds_each_card() -> None:
    deck = ("a", "b", "b", "c")
    for start in (0, 4, 8):
        dealt = [deal(deck, number, "seed") for number in range(start, start + 4)]
        assert sorted(dealt) == sorted(deck)


# ---- scripts ---------------------------------------------------------------------------------


def test_a_script_is_read_without_being_changed() -> None:
    script = Script([(2.0, "running"), (0.0, "queued"), (5.0, "done")])
    assert [script.at(t) for t in (-1, 0, 1.9, 2, 4.9, 5, 99)] == [
        "queued",
        "queued",
        "queued",
        "running",
        "running",
        "done",
        "done",
    ]
    assert script.since(4.0) == 2.0
    assert (script.start, script.end, script.last) == (0.0, 5.0, "done")
    assert script.reached("done", 4.0) is None
    assert script.reached("running", 9.0) == 2.0


def test_a_cut_replaces_what_lay_ahead() -> None:
    script = Script([(0.0, "queued"), (2.0, "running"), (5.0, "done")])
    assert script.cut(1.0, (1.0, "canceled")).scenes == ((0.0, "queued"), (1.0, "canceled"))
    assert script.cut(-1.0).scenes == ((0.0, "queued"),)
    assert script.cut(9.0).scenes == script.scenes


def test_a_script_needs_a_scene() -> None:
    with pytest.raises(ValueError, match="at least one scene"):
        Script([])


# ---- lists and names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "limit", "items", "before", "after"),
    [
        (0, 2, [0, 1], False, True),
        (2, 2, [2, 3], True, True),
        (3, 2, [3, 4], True, False),
        (9, 2, [], True, False),
        (0, 9, [0, 1, 2, 3, 4], False, False),
    ],
)
def test_pages_by_offset(
    offset: int, limit: int, items: list[int], before: bool, after: bool
) -> None:
    page = by_offset(range(5), url="http://h/p/?a=1&offset=7", offset=offset, limit=limit)
    assert list(page.items) == items
    assert page.count == 5
    assert (page.previous is not None, page.next is not None) == (before, after)
    if page.next:
        assert page.next == f"http://h/p/?a=1&offset={offset + limit}&limit={limit}"


def test_pages_by_number() -> None:
    last = by_number(range(5), url="http://h/p/", page=3, size=2)
    assert last is not None
    assert (list(last.items), last.next, last.previous) == ([4], None, "http://h/p/?page=2")
    assert by_number(range(5), url="http://h/p/", page=4, size=2) is None
    none: tuple[int, ...] = ()
    empty = by_number(none, url="http://h/p/", page=1, size=2)
    assert empty is not None
    assert (empty.count, empty.next, empty.previous) == (0, None, None)


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("7", "7"),
        (7, "7"),
        (7.0, "7"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.00001, "0.00001"),
        (-1.5e-05, "-0.000015"),
        (1e-7, "1e-7"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(identifier: float, text: str) -> None:
    assert text_of(identifier) == text


@frozen
class Kept:
    id: str
    expires: float | None = None


def test_a_store_keeps_tenants_apart_and_forgets_in_time() -> None:
    store: Store[Kept] = Store()
    for name in ("a", "b", "c"):
        store.put("alice", Kept(name, expires=10.0 if name == "b" else None))
    store.put("alice", Kept("a", expires=20.0))
    assert [run.id for run in store.newest_first("alice", 5.0)] == ["c", "b", "a"]
    assert [run.id for run in store.oldest_first("alice", 10.0)] == ["a", "c"]
    assert store.find("bob", "a", 0.0) is None
    assert store.find("alice", "a", 20.0) is None
    assert (store.owner_of("a"), store.owner_of("z")) == ("alice", None)


# ---- the gate, on a world of one page --------------------------------------------------------

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Echo", "version": "1"},
    "servers": [{"url": "https://echo.example/api"}],
    "security": [{"key": []}],
    "paths": {
        "/echo/{number}/": {
            "post": {
                "operationId": "echo",
                "parameters": [
                    {
                        "name": "number",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer"},
                    },
                    {"name": "flag", "in": "query", "schema": {"type": "boolean", "default": True}},
                    {
                        "name": "tag[]",
                        "in": "query",
                        "schema": {"type": "array", "items": {"type": "string", "maxLength": 3}},
                    },
                    {
                        "name": "X-Size",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "number"},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Body"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"$ref": "#/components/schemas/Body"}
                        },
                    }
                },
                "responses": {"200": {"description": "."}, "400": {"description": "."}},
            },
        },
        "/open": {
            "get": {
                "operationId": "open",
                "security": [],
                "responses": {"200": {"description": "."}},
            }
        },
    },
    "components": {
        "schemas": {
            "Body": {
                "type": "object",
                "properties": {"full": {"type": "boolean"}, "text": {"type": "string"}},
                "required": ["full"],
            }
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}


class Echo(World[Kept]):
    """Answers with what it was asked."""

    @operation("echo")
    def echo(self, call: Call) -> Reply:
        """Say it again."""
        return Reply(
            200,
            {
                "tenant": call.tenant.name,
                "path": dict(call.path),
                "query": dict(call.query),
                "headers": dict(call.headers),
                "body": call.body,
            },
        )

    @operation("open")
    def open_(self, call: Call) -> Reply:
        """Fail, whoever asks."""
        raise RuntimeError("a fault in a world")

    def problem(self, status: int, refused: Refused) -> JSON:
        """Tell everything."""
        return {"kind": refused.kind, "places": [error.pointer for error in refused.errors]}


@pytest.fixture
def echo() -> Visitor:
    clock = ManualClock()
    return Visitor(Echo(Spec("echo", DOCUMENT), clock=clock), clock)


def ask(
    echo: Visitor,
    path: str = "/api/echo/7/",
    query: tuple[tuple[str, str], ...] = (),
    content: bytes = b"",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> tuple[int | None, JSON]:
    given = {"x-size": "1.5"} if headers is None else headers
    exchange = echo.send(method, path, query=list(query), content=content, headers=given)
    return exchange.status, exchange.body


def test_parameters_are_decoded_by_their_schemas(echo: Visitor) -> None:
    status, body = ask(echo, query=(("flag", "False"), ("tag[]", "a"), ("tag[]", "b"), ("x", "y")))
    assert status == 200
    assert body == {
        "tenant": "alice",
        "path": {"number": 7},
        "query": {"flag": False, "tag[]": ["a", "b"]},
        "headers": {"X-Size": 1.5},
        "body": None,
    }
    assert ask(echo)[1]["query"] == {"flag": True}


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/json; charset=utf-8", b'{"full": true, "text": "a b"}'),
        ("application/x-www-form-urlencoded", b"full=true&text=a+b"),
    ],
)
def test_bodies_are_decoded_by_their_content_type(
    echo: Visitor, content_type: str, content: bytes
) -> None:
    headers = {"x-size": "1", "content-type": content_type}
    assert ask(echo, content=content, headers=headers)[1]["body"] == {"full": True, "text": "a b"}


@pytest.mark.parametrize(
    ("request_", "kind", "status", "places"),
    [
        ({"path": "/api/echo/seven/"}, Kind.INVALID_PATH, 400, ["/number"]),
        ({"path": "/api/echo/7"}, Kind.NO_ROUTE, 404, []),
        ({"path": "/echo/7/"}, Kind.NO_ROUTE, 404, []),
        ({"method": "GET"}, Kind.WRONG_METHOD, 405, []),
        ({"query": (("flag", "maybe"),)}, Kind.INVALID_PARAMETER, 400, ["/flag"]),
        (
            {"query": (("tag[]", "ok"), ("tag[]", "long"))},
            Kind.INVALID_PARAMETER,
            400,
            ["/tag[]/1"],
        ),
        ({"headers": {}}, Kind.INVALID_PARAMETER, 400, ["/X-Size"]),
        ({"content": b"{}"}, Kind.WRONG_MEDIA_TYPE, 400, []),
        ({"json": b"{"}, Kind.MALFORMED, 400, []),
        ({"json": b'{"full": NaN}'}, Kind.MALFORMED, 400, []),
        ({"json": b"\xff"}, Kind.MALFORMED, 400, []),
        ({"json": b"[" * 100_000}, Kind.MALFORMED, 400, []),
        ({"json": b'{"full": 1}'}, Kind.INVALID_BODY, 400, ["/full"]),
        ({"json": b"{}"}, Kind.INVALID_BODY, 400, [""]),
    ],
)
def test_what_is_not_documented_is_refused(
    echo: Visitor, request_: dict[str, object], kind: Kind, status: int, places: list[str]
) -> None:
    if "json" in request_:
        headers = {"x-size": "1", "content-type": "application/json"}
        request_ = {"content": request_["json"], "headers": headers}
    assert ask(echo, **request_) == (status, {"kind": kind, "places": places})  # type: ignore[arg-type]


def test_a_refused_method_is_told_the_allowed_ones(echo: Visitor) -> None:
    exchange = echo.send("PUT", "/api/echo/7/")
    assert exchange.response.header("allow") == "POST"


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [(None, "no-credentials"), (STRANGER, "wrong-credentials"), (BOB, "bob"), (ALICE, "alice")],
)
def test_tenants_are_told_apart(echo: Visitor, tenant: object, expected: str) -> None:
    exchange = echo.send("POST", "/api/echo/7/", headers={"x-size": "1"}, tenant=tenant)  # type: ignore[arg-type]
    assert expected in exchange.body.values()


async def test_a_fault_is_answered_in_the_api_s_own_way(echo: Visitor) -> None:
    transport = httpx.ASGITransport(create_app(echo.world), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://h") as client:
        answer = await client.get("/api/open")
    assert (answer.status_code, answer.json()) == (500, {"kind": "fault", "places": []})


# ---- finding worlds and mutants --------------------------------------------------------------


def test_a_world_must_handle_every_operation() -> None:
    class Mute(World[Kept]):
        def problem(self, status: int, refused: Refused) -> JSON:
            return None

    with pytest.raises(WorldError, match="echo: no handler for echo, open"):
        Mute(Spec("echo", DOCUMENT), clock=ManualClock())


def test_a_world_knows_two_readings() -> None:
    with pytest.raises(WorldError, match="no reading is called 'old'; there are: seed, current"):
        build_world("pipe0", reading="old")  # type: ignore[arg-type]


def test_an_unknown_api_or_fault_is_named() -> None:
    with pytest.raises(WorldError, match="no emulator for an API called 'nothing'"):
        world_class("nothing")
    with pytest.raises(MutantError, match=r"pipe0 has no fault called 'x'; there are: .*, "):
        find_mutant("pipe0", "x")
    assert mutants_of("nothing") == {}


def test_a_mutant_needs_a_story() -> None:
    class Silent(Echo):
        pass

    with pytest.raises(TypeError, match="mutant Silent has no docstring"):
        mutant(breaks="echo.a.b", family="body")(Silent)


# ---- serving ---------------------------------------------------------------------------------


def test_a_server_leaves_nothing_behind() -> None:
    before = threading.active_count()
    with running("pipe0", seed=3, speed=50) as emulator:
        answer = httpx.get(
            f"{emulator.url}/v1/credit-balance",
            headers={"authorization": f"Bearer {emulator.credentials['alice']}"},
        )
        assert answer.status_code == 200
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(emulator.url)


def test_a_server_stops_while_someone_waits() -> None:
    waiting: list[BaseException | httpx.Response] = []
    body = {
        "pipes": [{"pipe_id": "prompt:run@1"}],
        "input": [{"id": number} for number in range(99)],
    }

    def wait(url: str, token: str) -> None:
        try:
            headers = {"authorization": f"Bearer {token}"}
            waiting.append(httpx.post(f"{url}/v1/pipes/run/sync", json=body, headers=headers))
        except httpx.HTTPError as error:
            waiting.append(error)

    with running("pipe0") as emulator:
        token = emulator.credentials["alice"]
        thread = threading.Thread(target=wait, args=(emulator.url, token))
        thread.start()
        while not list(emulator.world.store.oldest_first("alice", 0.0)):
            thread.join(0.01)
    thread.join()
    assert len(waiting) == 1


def test_a_taken_port_is_named() -> None:
    with running("pipe0") as emulator:
        port = int(emulator.url.rpartition(":")[2])
        with pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve("pipe0", port=port)


def test_a_person_is_told_how_to_use_a_server() -> None:
    world = build_world("pipe0", fault="no-result-is-no-error")
    lines = list(announce(world, "http://127.0.0.1:1", fault="no-result-is-no-error"))
    assert "Pipe0 pipes (pipe0), with the fault no-result-is-no-error" in lines[0]
    assert ALICE.token in lines[1]
    assert lines[-1] == f"export RUNWRIGHT_TOKEN={ALICE.token} RUNWRIGHT_OTHER_TOKEN={BOB.token}"


def test_serving_in_the_foreground_ends_with_an_interrupt() -> None:
    code = "from runwright.emulator.server import serve; serve('pipe0', speed=5)"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        while True:
            try:
                answer = httpx.get(f"{url}/v1/credit-balance")
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        process.send_signal(2)
        process.communicate(timeout=20)
    assert answer.status_code == 401
    assert json.loads(answer.content)["type"] == "unauthorized"
