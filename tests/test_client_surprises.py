"""What no caller of a client expects, and what it does about it all the same."""

import copy
import json
import logging
import pickle
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import nekt_client
import pipe0_client
import pytest
from loopback import Loopback, Reply, serving
from nekt_client import Nekt
from pipe0_client import (
    NO_RETRIES,
    ApiError,
    AsyncPipe0,
    CallOptions,
    ConnectionFailedError,
    DecodeError,
    Pace,
    Patience,
    Pipe0,
    RequestTimeoutError,
    Retries,
    WaitError,
    WaitTimeoutError,
    errors,
)
from test_client_waiting import VirtualClock, run, statuses

TOKEN = "pk-very/secret+0815"
QUICK = Retries(first=0.001, most=0.002)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def api(server: Loopback) -> Iterator[Pipe0]:
    with Pipe0(TOKEN, base_url=server.url, retries=NO_RETRIES, clock=VirtualClock()) as client:
        yield client


class TestToken:
    ECHOES = (
        TOKEN,
        TOKEN.replace("/", r"\/"),
        "pk-very%2Fsecret%2B0815",
    )

    @pytest.mark.parametrize("echo", ECHOES)
    @pytest.mark.parametrize("status", [200, 401])
    def test_a_server_that_echoes_it_gives_nothing_away(
        self, api: Pipe0, server: Loopback, caplog: pytest.LogCaptureFixture, echo: str, status: int
    ) -> None:
        caplog.set_level(logging.DEBUG)
        # Half of it stands within the characters of a body that a message shows.
        for padding in ("", " " * 30):
            server.answer(Reply(status=status, body=f"<p>{padding}{echo}</p>".encode()))
            with pytest.raises(pipe0_client.Pipe0Error) as caught:
                api.check_pipes_run("r1")
            again = pickle.loads(pickle.dumps(caught.value))
            for error in (caught.value, again, copy.copy(caught.value)):
                shown = f"{error!r} {error} {vars(error)} {caplog.text}"
                assert "pk-very" not in shown
                assert "***" in str(vars(error)["raw"])

    def test_nor_does_a_wait(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=f"<p>{TOKEN}".encode()))
        with pytest.raises(errors.LooksFailedError) as caught:
            api.wait("r1", patience=Patience(misses=1))
        assert "pk-very" not in f"{caught.value} {caught.value.__cause__}"
        server.answer(Reply(body=run("completed", order=TOKEN)))
        with pytest.raises(DecodeError) as misfit:
            api.wait("r1")
        assert "pk-very" not in f"{misfit.value} {misfit.value.raw!r}"

    @pytest.mark.parametrize(
        "spelled",
        [
            TOKEN,
            TOKEN.replace("+", r"\u002B"),
            TOKEN.replace("/", r"\/").replace("+", r"\u002b"),
            TOKEN.replace("/", "%2f"),
            TOKEN.replace("/", "%252f").replace("+", "%252B"),
            TOKEN.replace("/", r"\x2f"),
            TOKEN.replace("+", "&#43;"),
            TOKEN.replace("/", "~1"),
            "".join(f"%{ord(character):02X}" for character in TOKEN),
        ],
    )
    @pytest.mark.parametrize("status", [200, 302, 401, 503])
    def test_wherever_it_is_echoed(
        self,
        api: Pipe0,
        server: Loopback,
        caplog: pytest.LogCaptureFixture,
        spelled: str,
        status: int,
    ) -> None:
        caplog.set_level(logging.DEBUG)  # that of the HTTP library, too
        body = b'{"detail": "no ' + spelled.encode() + b'"}'
        for name in ("X-Request-Id", "Content-Type", "WWW-Authenticate", "Retry-After", "Server"):
            server.answer(Reply(status=status, body=body, headers={name: spelled}))
            with pytest.raises(pipe0_client.Pipe0Error) as caught:
                api.check_pipes_run("r1")
            assert_hidden(caught.value, spelled, caplog.text)

    @pytest.mark.parametrize(
        "location",
        [
            f"/x/{TOKEN}",
            f"/x?next={TOKEN}",
            "/x?token=pk-very%2Fsecret%2B0815",
            f"http://elsewhere.example/{TOKEN}",
            f"http://{TOKEN.replace('/', '')}.example/{TOKEN}",
            f"http://[{TOKEN}",
        ],
    )
    def test_where_a_redirect_leads(
        self, api: Pipe0, server: Loopback, caplog: pytest.LogCaptureFixture, location: str
    ) -> None:
        caplog.set_level(logging.DEBUG)  # that of the HTTP library, too
        server.answer(Reply(status=302, headers={"Location": location}), Reply(body=run()))
        with pytest.raises(errors.RedirectRefusedError) as caught:
            api.check_pipes_run("r1")
        assert_hidden(caught.value, TOKEN, caplog.text)
        assert "pk-very" not in str(caught.value)
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        "answer", [b"HTTP/1.1 200 OK\r\nno header %s\r\n\r\n", b"NONSENSE %s\r\n\r\n"]
    )
    def test_what_the_library_says_of_an_answer(self, answer: bytes) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def serve() -> None:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer % TOKEN.encode())

            thread = threading.Thread(target=serve)
            thread.start()
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with (
                Pipe0(TOKEN, base_url=url, retries=NO_RETRIES) as api,
                pytest.raises(ConnectionFailedError, match="illegal") as caught,
            ):
                api.check_pipes_run("r1")
            thread.join()
        assert_hidden(caught.value, TOKEN)

    @pytest.mark.parametrize("status", ["failed", "canceled", "archived"])
    def test_what_a_run_says_as_it_ends(self, api: Pipe0, server: Loopback, status: str) -> None:
        said = [{"code": "c", "message": f"no credits for {TOKEN}", "more": TOKEN}]
        server.answer(
            Reply(body=run(status) | {"errors": said, TOKEN: 1}, headers={"X-Echo": TOKEN})
        )
        with pytest.raises(WaitError) as caught:
            api.wait("r1")
        assert caught.value.body.errors[0].message == "no credits for ***"
        assert_hidden(caught.value, TOKEN)
        ended = next(iter(api.wait_each(["r1"])))
        assert_hidden(ended.error, TOKEN)

    def test_what_is_no_error_is_as_it_came(self, api: Pipe0, server: Loopback) -> None:
        body = run("completed") | {"note": TOKEN}
        server.answer(Reply(body=body, headers={"X-Echo": TOKEN}))
        made = api.wait("r1")
        assert json.loads(pipe0_client.encode(made)) == body
        answer = pipe0_client.answer(made)
        assert answer is not None
        assert answer.headers["x-echo"] == "***"

    def test_one_with_spaces(self, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        server.answer(Reply(status=404, headers={"X-Echo": "pk+very+'secret'"}))
        with (
            Pipe0("pk very 'secret'", base_url=server.url) as api,
            pytest.raises(ApiError) as caught,
        ):
            api.check_pipes_run("r1")
        assert caught.value.headers["x-echo"] == "***"
        assert "very" not in caplog.text

    @pytest.mark.parametrize("piece", ["\\", "%25", "&#0", "~", "e"])
    def test_what_looks_like_one_for_long_takes_no_long(self, server: Loopback, piece: str) -> None:
        server.answer(Reply(status=404, body=b'\\"' + piece.encode() * 300_000))
        began = time.perf_counter()
        for token in (TOKEN, "\\" * 9 + "e", "%" * 12, "&#0" * 4, "e" * 12, "short"):
            with Pipe0(token, base_url=server.url) as api, pytest.raises(errors.NotFoundError):
                api.check_pipes_run("r1")
        assert time.perf_counter() - began < 20

    def test_what_an_error_stands_for_has_it_no_more(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run(order=TOKEN)))
        with pytest.raises(DecodeError) as caught:
            api.check_pipes_run("r1")
        assert caught.value.raw != json.dumps(run(order=TOKEN)).encode()
        assert caught.value.__context__ is None

    def test_a_short_one_garbles_no_word(self, server: Loopback) -> None:
        server.answer(Reply(status=404, body={"detail": "the key e is not here"}))
        with (
            Pipe0("e", base_url=server.url) as api,
            pytest.raises(ApiError, match=r"the key \*\*\* is not here"),
        ):
            api.check_pipes_run("r1")

    def test_no_proxy_is_asked_for_this_machine(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving() as proxy:
            proxy.answer(Reply(body=run()))
            server.answer(Reply(body=run()))
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            with Pipe0(TOKEN, base_url=server.url) as api:
                assert api.check_pipes_run("r1").id == "r1"
            assert proxy.seen == []
            # Where plain http is allowed by name, a proxy is as good as any network.
            far = "http://api.example.org"
            with Pipe0(TOKEN, base_url=far, allow_plain_http=True) as api:
                assert api.check_pipes_run("r1").id == "r1"
            assert len(proxy.seen) == 1

    def test_an_interrupt_shows_no_frame_that_has_it(self) -> None:
        class Interrupted(httpx.BaseTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                raise KeyboardInterrupt(str(request.headers["authorization"])[:0])

        with (
            Pipe0(TOKEN, base_url="https://x.example", transport=Interrupted()) as api,
            pytest.raises(KeyboardInterrupt) as caught,
        ):
            api.check_pipes_run("r1")
        frames = [entry.frame for entry in caught.traceback]
        assert not [f for f in frames if "httpx" in str(f.code.path)]
        assert TOKEN not in str([{k: repr(v) for k, v in f.f_locals.items()} for f in frames[1:]])

    @pytest.mark.parametrize("client", [Pipe0, AsyncPipe0])
    @pytest.mark.parametrize(
        ("token", "options"),
        [
            (TOKEN, {"base_url": "http://api.example.org"}),
            (TOKEN, {"base_url": "api.example.org"}),
            (TOKEN, {"timeout": 0}),
            (f"{TOKEN}\n", {}),
        ],
    )
    def test_nor_does_a_client_that_is_not_made(
        self, client: Callable[..., object], token: str, options: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError) as caught:
            client(token, **options)
        assert_hidden(caught.value, TOKEN)
        frames = [entry.frame for entry in caught.traceback][1:]
        assert len(frames) > 1
        assert TOKEN not in str([{k: repr(v) for k, v in f.f_locals.items()} for f in frames])

    def test_what_the_caller_was_at_keeps_its_traceback(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run(), cut=True))

        def fail() -> None:
            try:
                raise LookupError("the caller's own")
            except LookupError:
                with pytest.raises(ConnectionFailedError):
                    api.check_pipes_run("r1")
                raise

        with pytest.raises(LookupError) as caught:
            fail()
        assert [entry.name for entry in caught.traceback][-1] == "fail"
        assert len(caught.traceback) == 2

    def test_the_address_of_a_page_is_shown_without_secrets(self, server: Loopback) -> None:
        body = {"count": 1, "next": "http://x/?token=abc", "previous": None, "results": []}
        server.answer(Reply(body=body))
        with Nekt(TOKEN, base_url=server.url) as nekt:
            with pytest.raises(nekt_client.errors.PagesError, match=r"token=\*\*\*"):
                list(nekt.iter_runs())
            server.answer(Reply(body=body | {"next": f"http://x/{TOKEN}?of={TOKEN}"}))
            with pytest.raises(nekt_client.errors.PagesError, match="was read before") as caught:
                list(nekt.iter_runs())
            assert_hidden(caught.value, TOKEN)
            server.answer(Reply(body=body | {"next": "http://[x"}))
            with pytest.raises(nekt_client.errors.PagesError, match="makes no sense"):
                list(nekt.iter_runs())


def assert_hidden(error: Exception | None, spelled: str, log: str = "") -> None:
    """Assert that nothing of an error tells the token, also to tools that show variables."""
    assert error is not None
    told = [log, repr(error), repr(vars(error)), *traceback.format_exception(error)]
    link: BaseException | None = error
    while link is not None:
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if "_runtime" in frame.f_code.co_filename:
                told += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
        link = link.__cause__
    kept = pickle.dumps(error)
    again = pickle.loads(kept)
    told += [str(kept), repr(vars(again)), str(pickle.dumps(copy.copy(error)))]
    for text in told:
        assert TOKEN not in text
        assert spelled not in text
        assert spelled.encode("unicode_escape").decode() not in text


def every_error(api: Pipe0, server: Loopback) -> Iterator[pipe0_client.Pipe0Error]:
    """Yield an error of each kind, as a caller gets it."""
    for reply in (
        Reply(status=401, body={"type": "t", "title": "t", "status": 401, "detail": "d"}),
        Reply(status=418),
        Reply(body=run(), cut=True),
        Reply(body=b"<html>"),
        Reply(status=302, headers={"Location": "http://elsewhere.example/"}),
    ):
        server.answer(reply)
        with pytest.raises(pipe0_client.Pipe0Error) as caught:
            api.check_pipes_run("r1")
        yield caught.value
    for script in (
        statuses("failed"),
        statuses("canceled"),
        statuses("archived"),
        statuses("pending"),
        (*statuses("pending"), Reply(status=404)),
        (Reply(status=500),),
    ):
        server.answer(*script)
        with pytest.raises(WaitError) as ended:
            api.wait("r1", timeout=30)
        yield ended.value
    with pytest.raises(errors.ResumeTokenError) as strange:
        api.resume("x")
    yield strange.value
    with pytest.raises(errors.InsecureTransportError) as insecure:
        Pipe0(TOKEN, base_url="http://api.example.org")
    yield insecure.value
    yield errors.ExtraMissingError("This needs rich.")


class TestErrors:
    def test_each_survives_pickling_and_copying(self, api: Pipe0, server: Loopback) -> None:
        seen = set()
        for error in every_error(api, server):
            seen.add(type(error))
            for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                assert type(again) is type(error)
                assert str(again) == str(error) != ""
                assert vars(again).keys() == vars(error).keys()
            assert TOKEN.encode() not in pickle.dumps(error)
        assert len(seen) == 14

    def test_a_misfit_says_which_answer_it_was(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run(order=[[]]), headers={"X-Request-Id": "q7"}))
        with pytest.raises(DecodeError, match="request q7") as caught:
            api.check_pipes_run("r1")
        error = caught.value
        assert (error.status, error.method, error.request_id) == (200, "GET", "q7")
        assert error.url == f"{server.url}/v1/pipes/check/r1"

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"<html>Sign in", "at the top expected JSON, got '<html>Sign in'"),
            (b"", "at the top expected JSON, got an empty body"),
            (b'{"id": "r1"}', "at /status expected a status, got nothing"),
            (b'{"id": "r2", "status": "pending"}', "at /id expected r1, got r2"),
        ],
    )
    def test_a_misfit_in_a_wait_says_as_much(
        self, api: Pipe0, server: Loopback, body: bytes, said: str
    ) -> None:
        headers = {"X-Request-Id": "q7", "Content-Type": "text/html"}
        server.answer(Reply(body=body, headers=headers))
        with pytest.raises(errors.LooksFailedError) as caught:
            api.wait("r1", patience=Patience(misses=1))
        error = caught.value.__cause__
        assert isinstance(error, DecodeError)
        url = f"{server.url}/v1/pipes/check/r1"
        assert f"The answer to GET {url} (200, text/html, request q7) does not fit" in str(error)
        assert said in str(error)
        assert (error.status, error.method, error.request_id) == (200, "GET", "q7")
        assert (error.url, error.raw) == (url, body)

    def test_the_look_of_a_pickled_wait_is_there(self, api: Pipe0, server: Loopback) -> None:
        server.answer(*statuses("pending"))
        with pytest.raises(WaitTimeoutError) as caught:
            api.wait("r1", timeout=5)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (again.look.status, again.body.status) == ("pending", "pending")
        assert again.token == caught.value.token


class TestAnswers:
    @pytest.mark.parametrize("status", [500, 501, 507, 520, 524, 599])
    def test_any_5xx_is_worth_another_try(self, server: Loopback, status: int) -> None:
        server.answer(Reply(status=status), Reply(body=run()))
        with Pipe0(TOKEN, base_url=server.url, retries=QUICK) as api:
            assert api.check_pipes_run("r1").id == "r1"

    def test_a_broken_encoding_is_a_broken_answer(self, server: Loopback) -> None:
        broken = Reply(body=b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"})
        server.answer(broken, Reply(body=run()))
        with Pipe0(TOKEN, base_url=server.url, retries=QUICK) as api:
            assert api.check_pipes_run("r1").id == "r1"

    def test_a_date_is_read_by_the_servers_own_clock(self, api: Pipe0, server: Loopback) -> None:
        """A client whose clock is years off waits no longer than it is asked to."""
        now = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
        later = now + timedelta(seconds=42)
        dates = {"Date": now, "Retry-After": later}
        headers = {name: format_datetime(date, usegmt=True) for name, date in dates.items()}
        with pytest.raises(errors.TooManyRequestsError) as caught:
            self.fetch(Reply(status=429, headers=headers))
        assert caught.value.retry_after == 42

    def fetch(self, reply: Reply) -> Any:
        def respond(_: httpx.Request) -> httpx.Response:
            return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.content)

        transport = httpx.MockTransport(respond)
        url = "https://x.example"
        with Pipe0(TOKEN, base_url=url, transport=transport, retries=NO_RETRIES) as api:
            return api.check_pipes_run("r1")

    @pytest.mark.parametrize(
        "date",
        [
            "",
            "yesterday",
            "Mon, 99 Foo 2031 25:00:00 GMT",
            "Mon, 01 Jan 2024 00:00:00 +99999999999999",
        ],
    )
    def test_a_clock_that_makes_no_sense_is_passed_over(
        self, api: Pipe0, server: Loopback, date: str
    ) -> None:
        with pytest.raises(errors.TooManyRequestsError) as caught:
            self.fetch(Reply(status=429, headers={"Date": date, "Retry-After": "7"}))
        assert caught.value.retry_after == 7
        with pytest.raises(errors.TooManyRequestsError) as caught:
            self.fetch(Reply(status=429, headers={"Retry-After": date}))
        assert caught.value.retry_after is None
        # Beside a success it stands in nobody's way, least of all in that of other runs.
        server.answer(Reply(body=run("completed"), headers={"Retry-After": date}))
        assert api.wait("r1").status == "completed"
        assert [ended.error for ended in api.wait_each(["r1", "r1"])] == [None, None]

    def test_a_misfit_in_an_error_hides_no_status(self, api: Pipe0, server: Loopback) -> None:
        problem = {"type": "t", "title": "t", "status": "9" * 5000, "detail": "no"}
        server.answer(Reply(status=401, body=problem))
        with pytest.raises(errors.UnauthorizedError, match="no") as caught:
            api.check_pipes_run("r1")
        assert caught.value.body is None

    @pytest.mark.parametrize(
        ("body", "is_problem"),
        [
            ({"error": "oops"}, False),
            ({}, False),
            ({"title": None, "detail": None}, False),
            ({"detail": "no"}, True),
            ({"status": 0}, True),
        ],
    )
    def test_a_problem_that_is_none(
        self, api: Pipe0, server: Loopback, body: Any, is_problem: bool
    ) -> None:
        server.answer(Reply(status=400, body=body))
        with pytest.raises(ApiError) as caught:
            api.check_pipes_run("r1")
        assert isinstance(caught.value.body, pipe0_client.models.Problem) is is_problem
        assert (caught.value.body is None) is not is_problem
        assert json.loads(caught.value.raw) == body

    def test_a_numeric_status_is_an_unknown_one(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run() | {"status": 5}))
        assert api.check_pipes_run("r1").status == "5"
        with pytest.raises(errors.UnknownStatusError, match="'5'"):
            api.wait("r1")
        server.answer(Reply(body=run() | {"status": 5}), Reply(body=run("completed")))
        assert api.wait("r1", patience=Patience(unknown=None)).status == "completed"

    def test_a_byte_order_mark_is_passed_over(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=b"\xef\xbb\xbf" + json.dumps(run("completed")).encode()))
        made = api.wait("r1")
        assert json.loads(pipe0_client.encode(made)) == run("completed")

    def test_all_that_would_have_fit_is_told(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run() | {"credits": {"spent": "much"}}))
        with pytest.raises(DecodeError) as caught:
            api.check_pipes_run("r1")
        assert (caught.value.pointer, caught.value.got) == ("/credits/spent", "the string 'much'")
        assert caught.value.expected == "an integer or a number"

    def test_numbers_and_strings_may_change_places(self, api: Pipe0, server: Loopback) -> None:
        record = {"id": 7, "fields": {}}
        body = run(id=17, organization_id=3.5, order=["7"], records={"7": record})
        body["credits"] = {"spent": "1.5"}
        server.answer(Reply(body=body))
        made = api.check_pipes_run("17")
        assert (made.id, made.organization_id) == ("17", "3.5")
        assert made.credits
        assert made.credits.spent == 1.5
        assert json.loads(pipe0_client.encode(made)) == body

    def test_null_may_stand_where_no_doc_says_so(self, api: Pipe0, server: Loopback) -> None:
        body = run("completed") | {"order": None, "errors": None, "records": None}
        body |= {"organization_id": None, "credits": None}
        server.answer(Reply(body=body))
        made = api.wait("r1")
        assert (made.order, made.errors, made.records) == ([], [], {})
        assert str(made.organization_id) == "None"
        assert not made.credits
        assert json.loads(pipe0_client.encode(made)) == body

    @pytest.mark.parametrize(
        ("depth", "kind"), [(50, None), (100_000, DecodeError)], ids=["deep", "too deep"]
    )
    def test_depth(
        self, api: Pipe0, server: Loopback, depth: int, kind: type[Exception] | None
    ) -> None:
        nested = b"[" * depth + b"]" * depth
        body = json.dumps(run(), sort_keys=True).encode()[:-1] + b', "new": ' + nested + b"}"
        server.answer(Reply(body=body))
        if kind is None:
            made = api.check_pipes_run("r1")
            assert json.loads(pipe0_client.encode(made)) == json.loads(body)
        else:
            with pytest.raises(kind):
                pipe0_client.encode(api.check_pipes_run("r1"))


class TestArguments:
    """What cannot work is refused at once, and by name."""

    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (lambda: Pace(least=-1), "Pace: least must be at least 0, not -1"),
            (lambda: Pace(growth=0.5), "growth must be at least 1"),
            (lambda: Pace(jitter=2), "jitter must be at least 0 and at most 1"),
            (lambda: Patience(deadline=-5), "Patience: deadline must be at least 0"),
            (lambda: Patience(stall=float("nan")), "stall must be at least 0, not nan"),
            (lambda: Patience(misses=-1), "misses must be at least 0"),
            (lambda: Retries(attempts=0), "Retries: attempts must be at least 1"),
            (lambda: CallOptions(timeout=0), "timeout of more than 0 seconds, not 0"),
            (lambda: CallOptions(timeout=-1), "timeout of more than 0 seconds, not -1"),
            (lambda: CallOptions(timeout=float("nan")), "more than 0 seconds, not nan"),
            (lambda: Pipe0("k", timeout=0), "timeout of more than 0 seconds, not 0"),
            (lambda: Pipe0("k", base_url="https://[x"), "no base URL"),
            (lambda: Pipe0("k", base_url="https://x:99999"), "no base URL"),
        ],
    )
    def test_numbers_and_addresses(self, make: Callable[[], object], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            make()

    def test_what_would_wait_for_ever(self, api: Pipe0) -> None:
        with pytest.raises(ValueError, match="more than 0 looks a second"):
            list(api.wait_each(["r1"], rate=0))
        with pytest.raises(ValueError, match="At least 1 look"):
            list(api.wait_each(["r1"], in_flight=0))

    def test_one_name_is_no_list_of_names(self, api: Pipe0) -> None:
        with pytest.raises(TypeError, match="'r1' names one run"):
            list(api.wait_each("r1"))

    def test_a_header_that_cannot_be_sent_is_not_sent_again(
        self, server: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        with Pipe0(TOKEN, base_url=server.url) as api:
            with pytest.raises(errors.RequestError, match="Illegal header") as caught:
                api.check_pipes_run("r1", options=CallOptions(headers={"X": "a\r\nY: b"}))
            assert type(caught.value) is errors.RequestError
        assert "retry" not in caplog.text

    @pytest.mark.parametrize(
        ("base_url", "headers", "said"),
        [
            ("https://api..example", {}, "label"),
            (f"https://{'a' * 64}.example", {}, "label"),
            ("https://xn--a.example", {}, "Codepoint U\\+0080"),
            ("https://x.example", {"X-Name": "Zoë"}, "'ascii' codec can't encode"),
        ],
    )
    async def test_a_host_or_header_that_none_can_have(
        self, base_url: str, headers: dict[str, str], said: str
    ) -> None:
        options = CallOptions(headers=headers)
        with Pipe0(TOKEN, base_url=base_url) as api:
            with pytest.raises(errors.RequestError, match=said) as caught:
                api.check_pipes_run("r1", options=options)
            assert isinstance(caught.value.__cause__, UnicodeError)
            assert_hidden(caught.value, TOKEN)
        async with AsyncPipe0(TOKEN, base_url=base_url, retries=NO_RETRIES) as twin:
            with pytest.raises(errors.RequestError):
                await twin.check_pipes_run("r1", options=options)

    def test_a_callers_header_stands_in_place_of_ours(self, api: Pipe0, server: Loopback) -> None:
        sent: list[httpx.Headers] = []

        def respond(request: httpx.Request) -> httpx.Response:
            sent.append(request.headers)
            return httpx.Response(200, json=run())

        own = {"accept": "text/plain", "USER-AGENT": "me", "content-type": "x/y"}
        with Pipe0(
            TOKEN, base_url="https://x.example", transport=httpx.MockTransport(respond)
        ) as pipe0:
            pipe0.run_pipes(pipes=[], input=[], options=CallOptions(headers=own))
        for name, value in own.items():
            assert sent[0].get_list(name) == [value]

    def test_a_redirect_to_nowhere(self, api: Pipe0, server: Loopback) -> None:
        for location in ("http://[bad", "http://x:abc/"):
            server.answer(Reply(status=302, headers={"Location": location}))
            with pytest.raises(errors.RequestError):
                api.check_pipes_run("r1")

    def test_retries_are_silent_until_logging_is_set_up(self, server: Loopback) -> None:
        server.answer(Reply(status=503), Reply(body=run()))
        program = (
            "from pipe0_client import Pipe0, Retries\n"
            f"with Pipe0('k', base_url={server.url!r}, retries=Retries(first=0.001)) as api:\n"
            "    print(api.check_pipes_run('r1').id)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == ("r1\n", "")


class Drip(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that never ends, and never pauses long enough for a library to call it a time-out."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield b" "

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


class TestTime:
    def test_a_body_that_drips_ends_in_time(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
        url = "https://x.example"
        with (
            Pipe0(TOKEN, base_url=url, transport=transport, timeout=0.1, retries=NO_RETRIES) as api,
            pytest.raises(RequestTimeoutError, match=r"within 0\.1 s"),
        ):
            api.check_pipes_run("r1")

    async def test_in_an_event_loop_too(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
        async with AsyncPipe0(
            TOKEN, base_url="https://x.example", transport=transport, timeout=0.1
        ) as api:
            with pytest.raises(WaitTimeoutError):
                await api.wait("r1", timeout=0.2)


FIRST_ANSWERS = """
import importlib, json, sys, threading
from concurrent.futures import ThreadPoolExecutor
import httpx

sys.setswitchinterval(1e-6)
body = json.loads(sys.argv[1])
for _ in range(12):
    for name in [name for name in sys.modules if name.startswith("pipe0_client")]:
        del sys.modules[name]
    pipe0_client = importlib.import_module("pipe0_client")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    ready = threading.Barrier(16)
    def ask(_):
        ready.wait()
        return api.check_pipes_run("r1").id
    with (
        pipe0_client.Pipe0("k", base_url="https://x.example", transport=transport) as api,
        ThreadPoolExecutor(16) as threads,
    ):
        assert set(threads.map(ask, range(16))) == {"r1"}
"""


class TestThreads:
    def test_first_answers_may_come_to_several_at_once(self) -> None:
        arguments = [sys.executable, "-c", FIRST_ANSWERS, json.dumps(run())]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
