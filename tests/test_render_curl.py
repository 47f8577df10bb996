"""The command that repeats a request sends it as it was."""

import shutil
import subprocess

import pytest
from attrs import evolve
from loopback import Reply, serving
from runwright.history import Exchange, Message
from runwright.render.curl import curl_line

BODY = b'{"a": "it\'s $HOME"}'
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def exchange(method: str, url: str, content: bytes = b"") -> Exchange:
    headers = (("content-type", "application/json"),) if content else ()
    return Exchange(
        worker="w", seq=0, at=0, took=0, method=method, url=url, request=Message(headers, content)
    )


def test_a_method_that_curl_would_not_choose_is_named() -> None:
    url = "https://h.example/a"
    assert curl_line(exchange("GET", url)) == f"curl -i {url}"
    assert curl_line(exchange("HEAD", url)) == f"curl -i -I {url}"
    assert curl_line(exchange("DELETE", url)) == f"curl -i -X DELETE {url}"
    assert curl_line(exchange("GET", url, b"{}")).startswith("curl -i -X GET ")


def test_what_a_browser_adds_is_left_out() -> None:
    asked = exchange("POST", "https://h.example/a", b"{}")
    added = {"sec-ch-ua": '"Chromium"', "sec-fetch-mode": "cors", "referer": "https://h.example/"}
    request = Message((*added.items(), *asked.request.headers), b"{}")
    assert curl_line(evolve(asked, request=request)) == curl_line(asked)


@needs_curl
@pytest.mark.parametrize(
    ("method", "content"),
    [("GET", b""), ("GET", BODY), ("HEAD", b""), ("POST", b""), ("POST", BODY)],
)
def test_a_shell_sends_the_same(method: str, content: bytes) -> None:
    with serving() as server:
        server.answer(Reply(body={"all": "well"}))
        line = curl_line(exchange(method, f"{server.url}/a?b=c", content))
        done = subprocess.run(line, shell=True, capture_output=True, timeout=10, check=True)
    (sent,) = server.seen
    assert (sent.method, sent.path, sent.body) == (method, "/a?b=c", content)
    assert done.stdout.startswith(b"HTTP/1.1 200")
