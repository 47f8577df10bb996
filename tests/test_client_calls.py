"""Calls of the generated clients, against a real server on loopback."""

import json
import logging
import pickle
import ssl
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import nekt_client
import pipe0_client
import pytest
from loopback import Loopback, Reply, Seen, serving
from nekt_client import Nekt
from pipe0_client import (
    NO_RETRIES,
    ApiError,
    AsyncPipe0,
    CallOptions,
    ConnectionFailedError,
    DecodeError,
    Pipe0,
    Pipe0Error,
    RequestTimeoutError,
    Retries,
    answer,
    errors,
)

TOKEN = "pk-very-secret-0815"
QUICK = Retries(first=0.001, most=0.001)


def run(status: str = "pending", **members: Any) -> dict[str, Any]:
    """Return the body of a run."""
    return {
        "id": "r1",
        "organization_id": "o1",
        "status": status,
        "order": [1],
        "errors": [],
        "field_definitions": {},
        "records": {},
    } | members


PROBLEM = {"type": "not-found", "title": "Not Found", "status": 404, "detail": "No such run"}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def api(server: Loopback) -> Iterator[Pipe0]:
    with Pipe0(TOKEN, base_url=server.url, retries=QUICK) as client:
        yield client


class TestRequests:
    def test_a_body_is_built_from_keywords(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run()))
        started = api.run_pipes(
            pipes=[{"pipe_id": "person:workemail:waterfall@1"}],
            input=[{"id": 1, "name": "Ada"}],
            config={"environment": "sandbox"},
        )
        assert started.id == "r1"
        sent = server.seen[0]
        assert (sent.method, sent.path) == ("POST", "/v1/pipes/run")
        assert sent.headers["authorization"] == f"Bearer {TOKEN}"
        assert sent.headers["content-type"] == "application/json"
        assert sent.json == {
            "pipes": [{"pipe_id": "person:workemail:waterfall@1"}],
            "input": [{"id": 1, "name": "Ada"}],
            "config": {"environment": "sandbox"},
        }

    def test_a_body_takes_models_too(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run()))
        pipe = pipe0_client.models.Pipe(pipe_id="prompt:run@1")
        api.run_pipes(pipes=[pipe], input=[{"id": "a"}], x_environment="sandbox")
        assert server.seen[0].json["pipes"] == [{"pipe_id": "prompt:run@1"}]
        assert server.seen[0].headers["x-environment"] == "sandbox"

    def test_a_path_parameter_cannot_leave_its_place(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run()))
        api.check_pipes_run("a/b?c#d e")
        assert server.seen[0].path == "/v1/pipes/check/a%2Fb%3Fc%23d%20e"
        for climbing in ("", ".", ".."):
            with pytest.raises(ValueError, match="run_id"):
                api.check_pipes_run(climbing)

    def test_a_form_is_sent_as_a_form(self, server: Loopback) -> None:
        server.answer(Reply(status=404, body={"detail": "Not found."}))
        with Nekt(TOKEN, base_url=server.url) as nekt, pytest.raises(nekt_client.ApiError):
            nekt.trigger_pipeline("orders", full_sync=True)
        assert server.seen[0].body == b"full_sync=true"
        assert server.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
        assert server.seen[0].headers["x-api-key"] == TOKEN

    def test_no_body_is_sent_where_none_is_given(self, server: Loopback) -> None:
        server.answer(Reply(status=404, body={"detail": "Not found."}))
        with Nekt(TOKEN, base_url=server.url) as nekt, pytest.raises(nekt_client.ApiError):
            nekt.trigger_pipeline("orders")
        assert server.seen[0].body == b""

    def test_what_the_answer_came_with_is_kept(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run(), headers={"X-Task-Priority": "2", "X-Request-Id": "q7"}))
        facts = answer(api.check_pipes_run("r1"))
        assert facts is not None
        assert (facts.status, facts.request_id) == (200, "q7")
        assert facts.headers["x-task-priority"] == "2"

    def test_pages_are_asked_for_when_needed(self, server: Loopback) -> None:
        elsewhere = "http://internal:8000/api/v1/sources/?page=2&page_size=1"
        first = {"count": 2, "next": elsewhere, "previous": None, "results": []}
        server.answer(Reply(body=first), Reply(body=first | {"next": None}))
        with Nekt(TOKEN, base_url=server.url) as nekt:
            sources = nekt.iter_sources(page_size=1)
            assert server.seen == []
            assert list(sources) == []
            assert server.seen[1].path == "/api/v1/sources/?page=2&page_size=1"
            server.answer(Reply(body=first))
            with pytest.raises(nekt_client.errors.PagesError):
                list(nekt.iter_sources())

    async def test_the_asynchronous_twin_does_the_same(self, server: Loopback) -> None:
        server.answer(Reply(status=503), Reply(body=run("completed")))
        async with AsyncPipe0(TOKEN, base_url=server.url, retries=QUICK) as api:
            done = await api.check_pipes_run("r1")
        assert done.outcome == "success"
        assert len(server.seen) == 2


class TestErrors:
    def test_a_traceback_names_them_as_programs_do(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=404, body=PROBLEM))
        with pytest.raises(ApiError) as caught:
            api.check_pipes_run("nope")
        (*_, last) = traceback.format_exception(caught.value)
        assert last.startswith("pipe0_client.errors.NotFoundError: 404 ")
        for name in errors.__all__:
            found = getattr(errors, name)
            assert f"{found.__module__}.{found.__qualname__}" == f"pipe0_client.errors.{name}"
            assert pickle.loads(pickle.dumps(found)) is found

    def test_a_documented_status_has_a_class_and_a_body(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=404, body=PROBLEM, headers={"X-Request-Id": "q9"}))
        with pytest.raises(errors.NotFoundError) as caught:
            api.check_pipes_run("nope")
        error = caught.value
        assert error.body is not None
        assert error.body.detail == "No such run"
        assert (error.status, error.method, error.request_id) == (404, "GET", "q9")
        assert str(error) == (
            f"404 Not Found from GET {server.url}/v1/pipes/check/nope: No such run (request q9)"
        )

    def test_an_undocumented_status_has_a_class_too(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=418, body=PROBLEM | {"status": 418}))
        with pytest.raises(errors.UndocumentedStatusError, match="418") as caught:
            api.check_pipes_run("r1")
        assert isinstance(caught.value, Pipe0Error)

    @pytest.mark.parametrize("status", [299, 399, 499, 599])
    def test_a_status_that_is_no_standard_one(
        self, api: Pipe0, server: Loopback, status: int
    ) -> None:
        server.answer(Reply(status=status, body=run()))
        if status == 299:
            assert api.check_pipes_run("r1").id == "r1"
        else:
            with pytest.raises(errors.UndocumentedStatusError, match=str(status)):
                api.check_pipes_run("r1")

    @pytest.mark.parametrize(
        "body", [b"<html>Bad Gateway</html>", b"", b"\xff\xfe", b"[1, 2", b'"text"', b"null"]
    )
    def test_an_error_in_another_format_is_still_that_error(
        self, api: Pipe0, server: Loopback, body: bytes
    ) -> None:
        server.answer(Reply(status=401, body=body, headers={"Content-Type": "text/html"}))
        with pytest.raises(errors.UnauthorizedError) as caught:
            api.check_pipes_run("r1")
        assert caught.value.body is None
        assert caught.value.raw == body

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b"<html>Welcome</html>", ""),
            (b"", ""),
            (json.dumps(run(id=None)).encode(), "/id"),
            (json.dumps(run(order=[[]])).encode(), "/order/0"),
            (
                json.dumps(run(records={"a/b": {"id": 1, "fields": 7}})).encode(),
                "/records/a~1b/fields",
            ),
        ],
    )
    def test_a_success_that_does_not_fit_says_where(
        self, api: Pipe0, server: Loopback, body: bytes, pointer: str
    ) -> None:
        server.answer(Reply(body=body))
        with pytest.raises(DecodeError, match="GET http") as caught:
            api.check_pipes_run("r1")
        assert caught.value.pointer == pointer
        assert caught.value.raw == body
        assert caught.value.expected
        assert caught.value.got

    def test_a_broken_connection_is_wrapped(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(body=run(), cut=True))
        with pytest.raises(ConnectionFailedError) as caught:
            api.run_pipes(pipes=[], input=[])
        assert caught.value.__cause__ is not None
        assert caught.value.method == "POST"

    def test_nobody_listening_is_wrapped(self) -> None:
        with (
            Pipe0(TOKEN, base_url="http://127.0.0.1:9", retries=NO_RETRIES) as api,
            pytest.raises(ConnectionFailedError),
        ):
            api.get_credit_balance()

    def test_a_closed_client_says_so(self, server: Loopback) -> None:
        with Pipe0(TOKEN, base_url=server.url) as api:
            pass
        with pytest.raises(errors.RequestError, match="closed"):
            api.get_credit_balance()

    def test_a_request_has_a_timeout(self, api: Pipe0, server: Loopback) -> None:
        over = threading.Event()

        def stall(_: Seen) -> Reply:
            over.wait(5)
            return Reply(body=run())

        server.answer(stall)
        with pytest.raises(RequestTimeoutError, match=r"0\.05 s"):
            api.check_pipes_run("r1", options=CallOptions(timeout=0.05, retries=NO_RETRIES))
        over.set()


class TestRetries:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
    def test_a_read_is_repeated(self, api: Pipe0, server: Loopback, status: int) -> None:
        server.answer(Reply(status=status), Reply(body=run(), cut=True), Reply(body=run()))
        assert api.check_pipes_run("r1").id == "r1"
        assert len(server.seen) == 3

    @pytest.mark.parametrize("status", [400, 401, 404, 409])
    def test_a_refusal_is_not(self, api: Pipe0, server: Loopback, status: int) -> None:
        server.answer(Reply(status=status, body=PROBLEM))
        with pytest.raises(ApiError):
            api.check_pipes_run("r1")
        assert len(server.seen) == 1

    def test_starting_a_run_is_not_repeated(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=503))
        with pytest.raises(ApiError):
            api.run_pipes(pipes=[], input=[])
        assert len(server.seen) == 1

    def test_unless_the_caller_says_so(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=503), Reply(body=run()))
        api.run_pipes(pipes=[], input=[], options=CallOptions(repeat=True))
        assert len(server.seen) == 2

    def test_the_last_error_is_raised(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=500, body=PROBLEM | {"status": 500}))
        with pytest.raises(errors.InternalServerError):
            api.check_pipes_run("r1")
        assert len(server.seen) == QUICK.attempts

    def test_hints_are_read_in_both_forms_and_capped(self) -> None:
        from pipe0_client._runtime.operation import retry_after
        from pipe0_client._runtime.retry import judge

        now = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
        in_a_minute = format_datetime(now + timedelta(seconds=60), usegmt=True)
        assert retry_after("7") == 7
        assert retry_after(in_a_minute, now=now) == 60
        assert retry_after(format_datetime(now - timedelta(days=1), usegmt=True), now=now) == 0
        assert [retry_after(seconds) for seconds in ("2.0", "0.25", "7.")] == [2, 0.25, 7]
        for nonsense in ("soon", "-3", "", "1e9", "٣", ".5", "1.2.3", "1.٣", "99" * 400):
            assert retry_after(nonsense) in (None, 999999999)

        def limited(seconds: float) -> ApiError:
            return ApiError("", status=429, method="GET", url="", retry_after=seconds)

        decide = judge(Retries(longest_hint=20), jitter=lambda: 0.0)
        assert decide(limited(3)) == 3
        assert decide(limited(3600)) == 20


class TestSecrecy:
    def test_the_token_is_in_nothing_that_is_printed(
        self, server: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        echo = {"type": "t", "title": "t", "status": 401, "detail": f"The token {TOKEN} is bad"}
        server.answer(Reply(status=401, body=echo))
        with Pipe0(TOKEN, base_url=server.url) as api:
            with pytest.raises(ApiError) as refused:
                api.get_credit_balance()
            server.answer(Reply(body=run(), cut=True))
            with pytest.raises(ConnectionFailedError) as broken:
                api.run_pipes(pipes=[], input=[])
            shown = [repr(api), repr(vars(api)), caplog.text]
        for caught in (refused.value, broken.value):
            shown += [repr(caught), repr(vars(caught)), *_with_variables(caught)]
            shown.append(repr(pickle.loads(pickle.dumps(caught))))
        assert not [text for text in shown if TOKEN in text]

    def test_a_client_is_not_pickled(self, api: Pipe0) -> None:
        with pytest.raises(TypeError, match="token"):
            pickle.dumps(api)

    def test_it_stays_with_its_host_when_redirected(self, api: Pipe0, server: Loopback) -> None:
        with serving() as other:
            other.answer(Reply(body=run()))
            server.answer(Reply(status=302, headers={"Location": f"{other.url}/x"}))
            with pytest.raises(errors.RedirectRefusedError, match="another host"):
                api.check_pipes_run("r1")
            assert other.seen == []

    def test_a_redirect_within_the_host_is_followed(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=307, headers={"Location": "/v2/x?token=abc"}), Reply(body=run()))
        facts = answer(api.check_pipes_run("r1"))
        assert server.seen[1].path == "/v2/x?token=abc"
        assert facts is not None
        assert facts.url == f"{server.url}/v2/x?token=***"

    def test_a_write_is_not_redirected(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=308, headers={"Location": "/v2/x"}))
        with pytest.raises(errors.RedirectRefusedError, match="not repeated"):
            api.run_pipes(pipes=[], input=[])

    def test_a_circle_of_redirects_ends(self, api: Pipe0, server: Loopback) -> None:
        server.answer(Reply(status=302, headers={"Location": "/again"}))
        with pytest.raises(errors.RedirectRefusedError, match="5 times"):
            api.check_pipes_run("r1")

    @pytest.mark.parametrize(
        ("url", "count"),
        [("https://api.example.com", 1), ("HTTPS://api.example.com", 1), ("http://127.0.0.1:1", 0)],
    )
    def test_authorities_are_read_for_tls_and_only_for_it(
        self, url: str, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[Any] = []
        monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *given: read.append(1))
        with Pipe0(TOKEN, base_url=url):
            assert len(read) == count

    def test_plain_http_is_refused_but_to_this_machine(self) -> None:
        with pytest.raises(errors.InsecureTransportError, match="allow_plain_http"):
            Pipe0(TOKEN, base_url="http://api.example.org")
        for near in ("http://localhost:1", "http://127.8.9.1", "http://[::1]:8080"):
            Pipe0(TOKEN, base_url=near).close()
        Pipe0(TOKEN, base_url="http://api.example.org", allow_plain_http=True).close()
        Pipe0(None, base_url="http://api.example.org").close()

    @pytest.mark.parametrize(
        "url", ["api.example.org", "ftp://x", "https://u:p@x", "https://x?a=b"]
    )
    def test_a_strange_base_url_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="base URL"):
            Pipe0(TOKEN, base_url=url)

    @pytest.mark.parametrize("token", ["", " x", "a\nb", "ключ"])
    def test_a_token_that_no_header_can_carry_is_refused(self, token: str) -> None:
        with pytest.raises(ValueError, match="token") as caught:
            Pipe0(token)
        assert token.strip() == "" or token not in str(caught.value)


def _with_variables(error: BaseException) -> Iterator[str]:
    """Yield what tools print that show the variables of each frame, causes included."""
    seen: BaseException | None = error
    while seen is not None:
        yield repr(vars(seen))
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            if "tests" not in frame.f_code.co_filename:
                yield repr({k: repr(v) for k, v in frame.f_locals.items()})
        seen = seen.__cause__ or seen.__context__
