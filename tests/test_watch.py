"""A watch sees what a client does, changes nothing of it, and judges it."""

import asyncio
import gc
import gzip
import os
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import runwright
from attrs import evolve
from jobs import ALL_RULES, conforming
from loopback import Loopback, Reply, serving
from pipe0_client import AsyncPipe0, Pipe0
from pipe0_client.errors import NotFoundError
from runwright.emulator.server import Emulator, running
from runwright.history import Exchange, placeholder, read_history
from runwright.report import Verdict
from runwright.spec import SpecError
from runwright.tap.reach import UnreachableClientError
from runwright.tap.taken import ABANDONED, PENDING
from runwright.watched import Watched, WatchError, watch

TOKEN = "sk_0123456789abcdef"
SIGNED = {"authorization": f"Bearer {TOKEN}"}
RUN_PATH = "/v1/pipes/check/zc5y300pye1er3kn46vsty5z"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running("pipe0", speed=100) as running_emulator:
        yield running_emulator


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback.answer(Reply(body={"status": "running"}))


def only(watched: Watched) -> Exchange:
    (exchange,) = watched.history.exchanges
    return exchange


def start(api: Pipe0) -> str:
    run = api.run_pipes(
        pipes=[{"pipe_id": "person:name:split@1"}], input=[{"id": 1, "name": "Ada Lovelace"}]
    )
    return run.id


class TestWhatIsSeen:
    def test_a_generated_client_is_watched_until_its_run_has_ended(
        self, emulator: Emulator
    ) -> None:
        token = emulator.tenants[0].token
        with (
            Pipe0(token, base_url=emulator.url) as api,
            runwright.watch(api, api="pipe0") as watched,
        ):
            identifier = start(api)
            api.wait(identifier)
        report = watched.report()
        assert report.conforms()
        assert report.runs == 1
        assert report.target == httpx.URL(emulator.url).copy_with(path="").__str__().rstrip("/")
        assert report.exchanges == len(watched.history.exchanges) > 1
        assert token not in repr(watched.history)

    async def test_its_asynchronous_twin_is_watched_too(self, emulator: Emulator) -> None:
        token = emulator.tenants[0].token
        async with (
            AsyncPipe0(token, base_url=emulator.url) as api,
            runwright.watch(api, api="pipe0") as watched,
        ):
            with pytest.raises(NotFoundError):
                await api.check_pipes_run(run_id="no0such0run0no0such0run0")
        assert only(watched).status == 404

    async def test_a_transport_is_handed_to_clients_made_later(self, server: Loopback) -> None:
        with watch(api="pipe0") as watched:
            with httpx.Client(transport=watched.transport()) as client:
                client.get(server.url + RUN_PATH)
            async with httpx.AsyncClient(transport=watched.async_transport()) as client_too:
                await client_too.get(server.url + RUN_PATH)
        assert [(e.seq, e.status) for e in watched.history.exchanges] == [(0, 200), (1, 200)]

    def test_a_request_and_its_answer_are_there_whole(self, server: Loopback) -> None:
        server.answer(Reply(body={"id": 7}, headers={"x-more": "yes"}))
        with httpx.Client(headers=SIGNED) as client, watch(client, api="pipe0") as watched:
            client.post(server.url + "/v1/pipes/run", json={"pipes": []})
        exchange = only(watched)
        assert (exchange.method, exchange.url) == ("POST", server.url + "/v1/pipes/run")
        assert exchange.request.json == {"pipes": []}
        assert exchange.request.header("content-type") == "application/json"
        assert exchange.actor is not None
        assert exchange.request.header("authorization") == f"Bearer {placeholder(exchange.actor)}"
        assert exchange.body == {"id": 7}
        assert exchange.response.header("x-more") == "yes"
        assert exchange.took > 0

    def test_two_keys_are_two_actors(self, server: Loopback) -> None:
        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            for key in (TOKEN, TOKEN[::-1], TOKEN):
                headers = {"authorization": f"Bearer {key}", "cookie": "session=new-each-time"}
                client.get(server.url + RUN_PATH, headers=headers)
        actors = [exchange.actor for exchange in watched.history.exchanges]
        assert actors[0] == actors[2] != actors[1]
        assert None not in actors

    def test_each_hop_of_a_redirect_is_an_exchange(self, server: Loopback) -> None:
        server.answer(Reply(status=307, headers={"location": RUN_PATH}), Reply(body={}))
        with httpx.Client(follow_redirects=True) as client, watch(client, api="pipe0") as watched:
            client.get(server.url + RUN_PATH + "1")
        assert [e.status for e in watched.history.exchanges] == [307, 200]

    def test_compressed_answers_are_decoded(self, server: Loopback) -> None:
        packed = gzip.compress(b'{"status":"running"}')
        server.answer(Reply(body=packed, headers={"content-encoding": "gzip"}))
        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            assert client.get(server.url + RUN_PATH).json() == {"status": "running"}
        assert only(watched).body == {"status": "running"}

    @pytest.mark.parametrize("encoding", ["br", "compress"])
    def test_what_cannot_be_decoded_counts_as_unanswered(
        self, server: Loopback, encoding: str
    ) -> None:
        server.answer(Reply(body=b"\x8b\x00\x80{}\x03", headers={"content-encoding": encoding}))
        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            client.get(server.url + RUN_PATH)
        assert only(watched).status is None
        assert f"encoded as {encoding}" in (only(watched).error or "")

    def test_form_and_file_uploads_are_noted_while_they_are_sent(self, server: Loopback) -> None:
        def rows() -> Iterator[bytes]:
            yield b'{"pipes": '
            yield b"[]}"

        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            client.post(server.url + "/v1/pipes/run", files={"rows": b"a,b"})
            headers = {"content-length": "13"}
            client.post(server.url + "/v1/pipes/run", content=rows(), headers=headers)
        first, second = (e.request for e in watched.history.exchanges)
        assert b"a,b" in first.content
        assert second.json == {"pipes": []}
        assert [seen.body for seen in server.seen] == [first.content, second.content]

    async def test_many_at_once_are_told_apart(self, server: Loopback) -> None:
        def get(client: httpx.Client, number: int) -> None:
            assert client.get(f"{server.url}{RUN_PATH}{number}").status_code == 200

        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            threads = [threading.Thread(target=get, args=(client, n)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        async with httpx.AsyncClient() as tasks, watch(tasks, api="pipe0") as watched_too:
            await asyncio.gather(*(tasks.get(f"{server.url}{RUN_PATH}{n}") for n in range(8)))
        for one in (watched, watched_too):
            exchanges = one.history.exchanges
            assert sorted(e.seq for e in exchanges) == list(range(8))
            assert len({e.url for e in exchanges}) == 8

    def test_the_history_is_there_at_any_time(self, server: Loopback) -> None:
        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            for number in range(1, 4):
                client.get(server.url + RUN_PATH)
                assert len(watched.history.exchanges) == number
                assert watched.report().exchanges == number


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces; counts how many were asked for, and may break off."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces, self.error, self.asked = pieces, error, 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.asked += 1
            yield piece
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def mocked(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer), base_url="https://api.pipe0.com")


class TestWhatIsLeftAlone:
    def test_a_stream_is_read_at_the_programs_pace(self) -> None:
        body = Pieces(b'{"a":', b"1", b"}")
        with (
            mocked(lambda request: httpx.Response(200, stream=body)) as client,
            watch(client, api="pipe0") as watched,
        ):
            with client.stream("GET", RUN_PATH) as response:
                assert body.asked == 0
                pieces = response.iter_raw()
                assert next(pieces) == b'{"a":'
                assert body.asked == 1
                assert only(watched).error == PENDING
                assert list(pieces) == [b"1", b"}"]
            assert body.is_closed
        assert only(watched).body == {"a": 1}

    async def test_an_asynchronous_stream_is_too(self) -> None:
        body = Pieces(b'{"a":', b"1}")
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=body))
        client = httpx.AsyncClient(transport=transport, base_url="https://api.pipe0.com")
        async with client, watch(client, api="pipe0") as watched:
            async with client.stream("GET", RUN_PATH) as response:
                pieces = response.aiter_raw()
                assert await anext(pieces) == b'{"a":'
                assert body.asked == 1
                assert [piece async for piece in pieces] == [b"1}"]
            assert body.is_closed
        assert only(watched).body == {"a": 1}

    def test_an_answer_that_the_program_leaves_counts_as_unanswered(self) -> None:
        body = Pieces(b"[1,", b"2]")
        with (
            mocked(lambda request: httpx.Response(200, stream=body)) as client,
            watch(client, api="pipe0") as watched,
        ):
            with client.stream("GET", RUN_PATH) as response:
                next(response.iter_raw())
            dropped = client.send(client.build_request("GET", RUN_PATH), stream=True)
            next(dropped.iter_raw())
            del dropped, response
            gc.collect()
        exchanges = watched.history.exchanges
        assert [(e.status, e.error) for e in exchanges] == [(None, ABANDONED)] * 2

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
    def test_what_has_no_body_is_whole_unread(self, method: str, status: int) -> None:
        with (
            mocked(lambda request: httpx.Response(status, stream=Pieces())) as client,
            watch(client, api="pipe0") as watched,
        ):
            client.send(client.build_request(method, RUN_PATH), stream=True).close()
        assert only(watched).status == status

    def test_errors_pass_through_and_are_seen(self, server: Loopback) -> None:
        server.answer(Reply(body={"a": "b" * 100}, cut=True))
        with (
            httpx.Client() as client,
            watch(client, api="pipe0", url=server.url) as watched,
            pytest.raises(httpx.RemoteProtocolError) as broken_off,
        ):
            client.get(server.url + RUN_PATH)
        with (
            httpx.Client() as client,
            watch(client, api="pipe0") as unheard,
            pytest.raises(httpx.ConnectError),
        ):
            client.get("http://127.0.0.1:1" + RUN_PATH)
        assert only(watched).status is None
        assert only(watched).error == f"RemoteProtocolError: {broken_off.value}"
        assert (only(unheard).error or "").startswith("ConnectError: ")

    async def test_a_canceled_request_is_seen_as_such(self) -> None:
        async def never(request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        client = httpx.AsyncClient(
            transport=httpx.MockTransport(never), base_url="https://api.pipe0.com"
        )
        async with client, watch(client, api="pipe0") as watched:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get(RUN_PATH), 0.01)
        assert (only(watched).error or "").startswith("CancelledError")

    def test_the_program_gets_and_sends_the_same_with_and_without(self, server: Loopback) -> None:
        body = os.urandom(300_000)
        server.answer(Reply(body=body, headers={"x-a": "1", "set-cookie": "a=b"}))

        def send(client: httpx.Client) -> tuple[Any, ...]:
            headers = {"content-length": "2"}
            content = iter([b"a", b"b"])
            request = client.build_request("PUT", server.url, content=content, headers=headers)
            stream = request.stream
            response = client.send(request)
            assert response.request is request
            assert request.stream is stream
            rest = [pair for pair in response.headers.multi_items() if pair[0] != "date"]
            return response.status_code, response.content, rest, dict(client.cookies)

        with httpx.Client() as plain, httpx.Client() as client, watch(client, api="pipe0"):
            assert send(plain) == send(client)
        assert server.seen[0] == server.seen[1]

    def test_clients_are_as_they_were_when_the_watch_is_over(self) -> None:
        client = httpx.Client(mounts={"all://other": httpx.MockTransport(lambda r: None)})  # type: ignore[arg-type]
        transport, mounts = client._transport, dict(client._mounts)
        with watch(client, api="pipe0"):
            assert client._transport is not transport
            with watch(client, api="pipe0"):
                assert client._transport is not transport
        assert client._transport is transport
        assert dict(client._mounts) == mounts
        client.close()

    def test_a_client_is_opened_and_closed_through_a_watch(self) -> None:
        opened: list[str] = []

        class Transport(httpx.BaseTransport):
            def __enter__(self) -> "Transport":
                opened.append("open")
                return self

            def __exit__(self, *error: object) -> None:
                opened.append("close")

        client = httpx.Client(transport=Transport())
        with watch(client, api="pipe0"), client:
            assert opened == ["open"]
        assert opened == ["open", "close"]

    def test_too_much_is_not_kept(self) -> None:
        body = Pieces(*[b"x" * 1000] * 50)
        with (
            mocked(lambda request: httpx.Response(200, stream=body)) as client,
            watch(client, api="pipe0", largest=20_000) as watched,
        ):
            assert len(client.get(RUN_PATH).content) == 50_000
        assert only(watched).error == "the answer is larger than 20000 bytes and was not kept"


class TestHttpx:
    """What is relied on of httpx beyond its documentation: fails when that changes."""

    def test_a_client_keeps_its_transports_where_they_are_looked_for(self) -> None:
        with httpx.Client(mounts={"http://": httpx.HTTPTransport()}) as client:
            assert isinstance(client._transport, httpx.HTTPTransport)
            (mounted,) = client._mounts.values()
            assert isinstance(mounted, httpx.HTTPTransport)
        client_too = httpx.AsyncClient()
        assert isinstance(client_too._transport, httpx.AsyncHTTPTransport)
        assert client_too._mounts == {}

    def test_a_client_sends_through_the_transport_that_is_found_there(self) -> None:
        with httpx.Client() as client:
            client._transport = httpx.MockTransport(lambda request: httpx.Response(299))
            assert client.get("https://api.pipe0.com").status_code == 299

    @pytest.mark.parametrize(
        ("kind", "method"),
        [
            (httpx.HTTPTransport, "handle_request"),
            (httpx.AsyncHTTPTransport, "handle_async_request"),
            (httpx.MockTransport, "handle_request"),
            (httpx.MockTransport, "handle_async_request"),
            (httpx.ASGITransport, "handle_async_request"),
            (httpx.WSGITransport, "handle_request"),
        ],
    )
    def test_transports_have_the_methods_that_are_tapped(
        self, kind: type[Any], method: str
    ) -> None:
        assert method in vars(kind)


class TestEverywhere:
    async def test_clients_that_others_make_are_seen(self, server: Loopback) -> None:
        before = vars(httpx.HTTPTransport)["handle_request"]
        with watch(api="pipe0", everywhere=True) as watched:
            httpx.get(server.url + RUN_PATH)
            async with httpx.AsyncClient() as client:
                await client.get(server.url + RUN_PATH)
            with mocked(lambda request: httpx.Response(200, json={})) as mock:
                mock.get(server.url + RUN_PATH)
        httpx.get(server.url + RUN_PATH)
        assert len(watched.history.exchanges) == 3
        assert vars(httpx.HTTPTransport)["handle_request"] is before

    def test_watches_do_not_hide_traffic_from_each_other(self, server: Loopback) -> None:
        first, second = (watch(api="pipe0", everywhere=True) for _ in range(2))
        with first:
            httpx.get(server.url + RUN_PATH)
            with second:
                httpx.get(server.url + RUN_PATH)
            httpx.get(server.url + RUN_PATH)
        assert [len(one.history.exchanges) for one in (first, second)] == [3, 1]

    def test_another_patch_on_top_is_left_where_it_is(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = vars(httpx.HTTPTransport)["handle_request"]
        with watch(api="pipe0", everywhere=True) as watched:
            ours = vars(httpx.HTTPTransport)["handle_request"]

            def theirs(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
                response: httpx.Response = ours(self, request)
                return response

            monkeypatch.setattr(httpx.HTTPTransport, "handle_request", theirs)
            httpx.get(server.url + RUN_PATH)
        assert vars(httpx.HTTPTransport)["handle_request"] is theirs
        httpx.get(server.url + RUN_PATH)
        assert len(watched.history.exchanges) == 1
        monkeypatch.undo()
        with watch(api="pipe0", everywhere=True) as later:
            httpx.get(server.url + RUN_PATH)
        assert len(later.history.exchanges) == 1
        assert vars(httpx.HTTPTransport)["handle_request"] is before


class TestWhoseTrafficItIs:
    def get(self, *urls: str, **options: Any) -> Watched:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
        with httpx.Client(transport=transport) as client, watch(client, **options) as watched:
            for url in urls:
                client.get(url)
        return watched

    def test_what_goes_to_the_named_servers_is_the_apis(self) -> None:
        watched = self.get(
            "https://api.pipe0.com" + RUN_PATH,
            "https://api.pipe0.com/v1/other",
            "https://staging.example.com" + RUN_PATH,
            "https://other.example.com/a",
            "https://other.example.com/b",
            api="pipe0",
        )
        assert len(watched.history.exchanges) == 2
        assert watched.history.target == "https://api.pipe0.com"
        assert watched.share().strangers == (
            ("https://other.example.com", 2),
            ("https://staging.example.com", 1),
        )

    def test_else_what_goes_to_servers_that_have_its_paths(self) -> None:
        watched = self.get(
            "https://staging.example.com" + RUN_PATH,
            "https://staging.example.com/v1/other",
            "https://other.example.com/a",
            api="pipe0",
        )
        assert watched.history.target == "https://staging.example.com"
        assert len(watched.history.exchanges) == 2

    def test_a_base_url_decides(self) -> None:
        watched = self.get(
            "https://gateway.example.com/pipe0" + RUN_PATH,
            "https://gateway.example.com/pipe0",
            "https://gateway.example.com/pipe0?x=1",
            "https://gateway.example.com/pipe01/other",
            "https://api.pipe0.com" + RUN_PATH,
            api="pipe0",
            url="https://gateway.example.com/pipe0/",
        )
        assert len(watched.history.exchanges) == 3


@pytest.fixture(scope="module")
def broken() -> Watched:
    with (
        running("pipe0", speed=100, fault="cached-value-has-no-resolver") as emulator,
        Pipe0(emulator.tenants[0].token, base_url=emulator.url) as api,
        runwright.watch(api, api="pipe0") as watched,
    ):
        api.wait(start(api))
    return watched


class TestVerdicts:
    def test_a_broken_promise_is_found(self, broken: Watched) -> None:
        report = broken.report()
        assert not report.conforms()
        assert report.with_verdict(Verdict.VIOLATED)

    def test_a_failed_assertion_shows_sentence_evidence_and_commands(self, broken: Watched) -> None:
        (result, *_) = broken.report().with_verdict(Verdict.VIOLATED)
        with pytest.raises(AssertionError) as failure:
            runwright.assert_conforms(broken)
        text = " ".join(str(failure.value).split())
        assert "pipe0 DOES NOT CONFORM" in text
        assert f"VIOLATED {result.rule}" in text
        assert f"“{result.sentence}”" in text
        assert f"expected {result.violations[0].expected}"[:40] in text
        assert "repeat curl -i" in text

    def test_a_baseline_accepts_what_is_known(self, broken: Watched, tmp_path: Path) -> None:
        violated = broken.report().with_verdict(Verdict.VIOLATED)
        entries = [
            f"  - {{rule: {result.rule}, reason: known, expires: '2999-01-01'}}"
            for result in violated
        ]
        path = tmp_path / "known.yaml"
        path.write_text("\n".join(["known:", *entries]))
        report = runwright.assert_conforms(broken, baseline=path, strict=True)
        assert all(result.known for result in report.with_verdict(Verdict.VIOLATED))

    def test_a_history_that_was_cut_short_proves_nothing(self) -> None:
        history = evolve(conforming(), api=None, cut_short="http://jobs stopped answering")
        with pytest.raises(
            AssertionError, match=r"jobs NO VERDICT .*\n\ncut short: http://jobs sto"
        ):
            runwright.assert_conforms(history, api=ALL_RULES)

    def test_a_history_can_be_asserted_on_alone(self, broken: Watched) -> None:
        with pytest.raises(AssertionError, match="DOES NOT CONFORM"):
            runwright.assert_conforms(broken.history)
        with pytest.raises(AssertionError, match="nothing was seen of nekt"):
            runwright.assert_conforms(runwright.History(exchanges=()), api="nekt")

    def test_nothing_seen_is_no_success(self) -> None:
        with (
            mocked(lambda request: httpx.Response(200)) as client,
            watch(client, api="nekt") as watched,
        ):
            client.get("/elsewhere")
        with pytest.raises(
            AssertionError, match=r"nothing was seen of nekt.*api\.pipe0\.com \(1\)"
        ):
            runwright.assert_conforms(watched)

    def test_requests_of_which_none_is_the_apis_are_no_success(self) -> None:
        with (
            mocked(lambda request: httpx.Response(200)) as client,
            watch(client, api="pipe0", url="https://api.pipe0.com") as watched,
        ):
            client.get("/proxy/v1/credit-balance")
        with pytest.raises(AssertionError, match=r"no request was one of pipe0") as failure:
            runwright.assert_conforms(watched)
        assert "https://api.pipe0.com (1), first for GET /proxy/v1/" in str(failure.value)
        assert "url=…" in str(failure.value)

    def test_requests_without_answers_are_no_success(self) -> None:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody is there")

        with (
            mocked(refuse) as client,
            watch(client, api="pipe0") as watched,
            pytest.raises(httpx.ConnectError),
        ):
            client.get("/v1/credit-balance")
        with pytest.raises(AssertionError, match=r"no request to pipe0 was answered: .*nobo"):
            runwright.assert_conforms(watched)

    def test_a_history_that_names_no_api_needs_one(self) -> None:
        with pytest.raises(ValueError, match=r"assert_conforms\(…, api=…\)"):
            runwright.assert_conforms(runwright.History(exchanges=()))


class TestSaving:
    def test_the_history_is_written_when_the_block_is_left(
        self, server: Loopback, tmp_path: Path
    ) -> None:
        path = tmp_path / "history.ndjson"
        with httpx.Client(headers=SIGNED, base_url=server.url) as client:
            watched = watch(client, api="pipe0", save=path)

            def fail() -> None:
                with watched:
                    client.get(RUN_PATH)
                    raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                fail()
        assert read_history(path) == watched.history
        assert TOKEN.encode() not in path.read_bytes()

    async def test_an_asynchronous_block_writes_it_too(
        self, server: Loopback, tmp_path: Path
    ) -> None:
        path = tmp_path / "history.ndjson"
        async with httpx.AsyncClient() as client, watch(client, api="pipe0", save=path):
            await client.get(server.url + RUN_PATH)
        assert len(read_history(path).exchanges) == 1

    def test_a_place_that_cannot_be_written_to_is_refused_at_once(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none" / "history.ndjson"):
            with pytest.raises(WatchError, match="no file can be written there"):
                watch(api="pipe0", save=path)

    def test_a_place_that_is_gone_at_the_end_is_an_error(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        with pytest.raises(FileNotFoundError), watch(api="pipe0", save=folder / "a.ndjson"):
            folder.rmdir()

    def test_it_does_not_hide_the_programs_own_error(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()

        def fail() -> None:
            with watch(api="pipe0", save=folder / "a.ndjson"):
                folder.rmdir()
                raise KeyError

        with pytest.raises(KeyError) as failure:
            fail()
        assert "could not write" in failure.value.__notes__[0]


class TestSecrets:
    def test_a_secret_is_taken_out_of_what_was_seen_before_it_was_known(
        self, server: Loopback
    ) -> None:
        server.answer(Reply(body={"note": TOKEN}))
        with httpx.Client() as client, watch(client, api="pipe0") as watched:
            client.get(server.url + RUN_PATH)
            assert TOKEN in repr(watched.history)
            client.get(server.url + RUN_PATH, headers=SIGNED)
        assert TOKEN not in repr(watched.history)
        first, second = (e.body["note"] for e in watched.history.exchanges)
        assert first == second == f"[secret:{watched.history.exchanges[1].actor}]"

    def test_secrets_are_known_from_the_environment_or_from_the_caller(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PIPE0_API_KEY", TOKEN)
        server.answer(Reply(body={"note": f"{TOKEN} and hunter2hunter2"}))
        with (
            httpx.Client() as client,
            watch(client, api="pipe0", secrets={"mine": "hunter2hunter2"}) as watched,
        ):
            client.get(server.url + RUN_PATH)
        note = only(watched).body["note"]
        assert "PIPE0_API_KEY]" in note
        assert "mine]" in note
        assert TOKEN not in note

    def test_the_labels_of_two_watches_are_never_the_same(self, server: Loopback) -> None:
        seen = []
        for key in (TOKEN, TOKEN[::-1]):
            with httpx.Client() as client, watch(client, api="pipe0") as watched:
                client.get(server.url + RUN_PATH, headers={"authorization": f"Bearer {key}"})
            seen.append(watched.history)
        merged = seen[0].merge(seen[1])
        assert len({exchange.actor for exchange in merged.exchanges}) == 2


class TestMistakes:
    def test_what_is_no_client_is_refused_with_a_way_out(self) -> None:
        with pytest.raises(UnreachableClientError, match=r"transport=watched\.transport\(\)"):
            watch(object(), api="pipe0")

    def test_an_unknown_api_is_refused(self) -> None:
        with pytest.raises(SpecError, match="no API is called 'pipe1'"):
            watch(api="pipe1")

    def test_a_short_secret_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"the secret of .*mine has 3 characters"):
            watch(api="pipe0", secrets={"mine": "abc"})


def test_nothing_is_held_of_answers_that_were_dropped() -> None:
    with (
        mocked(lambda request: httpx.Response(200, stream=Pieces(b"x" * 100_000))) as client,
        watch(client, api="pipe0", largest=1000),
    ):
        client.get(RUN_PATH)
        tracemalloc.start()
        for _ in range(50):
            client.get(RUN_PATH)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert held < 1_000_000


def test_importing_the_package_loads_none_of_it() -> None:
    assert set(runwright.__all__) <= set(dir(runwright))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        runwright.nonsense  # noqa: B018
    assert runwright.watch is watch
