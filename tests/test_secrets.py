"""No byte of a secret gets into a history or a report, wherever and however it was sent."""

import base64
import html
import io
import json
import re
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlencode

import pytest
from attrs import evolve
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from runwright.history import SECRET_MARK, History, dump_history
from runwright.judge import judge
from runwright.mask import MOST, Mask
from runwright.redaction import SHORT, Recorded, Redactor, secrets_in
from runwright.render.html import render_html
from runwright.render.terminal import print_report
from runwright.report import encode_report
from runwright.rulebook import load_rulebook
from runwright.spec import load_spec
from runwright.telling import is_masked

SPEC = load_spec("nekt")
RUN = "https://api.nekt.ai/api/v1/runs/5b0d7c1e-2f3a-4b6c-9d8e-1a2b3c4d5e6f/"
BARE = Recorded(worker="w", seq=0, at=0.0, took=0.0, method="POST", url=RUN, status=200)
JSON = (("content-type", "application/json"),)

WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~/=:@?", max_size=12)
CORE = st.text(string.ascii_letters + string.digits, min_size=12, max_size=30).filter(
    lambda core: re.search(r"\d", core) and re.search("[A-Za-z]{2}", core)
)


@st.composite
def secrets(draw: st.DrawFn, around: st.SearchStrategy[str]) -> str:
    """Something that is no word, with anything before and after it."""
    secret = draw(around) + draw(CORE) + draw(around)
    assume(not is_masked(secret) and secret == secret.strip())
    return secret


Place = Callable[[str], Recorded]


def header(name: str, value: str, *, response: bool = False) -> Recorded:
    if response:
        return evolve(BARE, response_headers=((name, value),))
    return evolve(BARE, request_headers=((name, value),))


def sent(content: str, kind: str = "application/json") -> Recorded:
    return evolve(BARE, request_headers=(("content-type", kind),), request_content=content.encode())


def received(content: str | bytes, kind: str = "application/json") -> Recorded:
    raw = content if isinstance(content, bytes) else content.encode()
    return evolve(BARE, response_headers=(("content-type", kind),), response_content=raw)


def query(name: str, value: str) -> str:
    return urlencode({name: value})


IN_HEADERS: dict[str, Place] = {
    "bearer": lambda s: header("Authorization", f"Bearer {s}"),
    "token": lambda s: header("authorization", f"Token {s}"),
    "no scheme": lambda s: header("Authorization", s),
    "declared": lambda s: header("X-API-Key", s),
    "of its own": lambda s: header("X-Acme-Access-Token", s),
    "proxy": lambda s: header("Proxy-Authorization", f"Bearer {s}"),
    "handed out": lambda s: header("X-CSRF-Token", s, response=True),
}
ANYWHERE: dict[str, Place] = {
    "basic": lambda s: header(
        "Authorization", f"Basic {base64.b64encode(f'user:{s}'.encode()).decode()}"
    ),
    "basic user": lambda s: header(
        "Authorization", f"Basic {base64.b64encode(f'{s}:'.encode()).decode()}"
    ),
    "cookie": lambda s: header("Cookie", f"theme=dark; session={quote(s, safe='')}"),
    "cookie of any name": lambda s: header("Cookie", f"x={quote(s, safe='')}"),
    "set-cookie": lambda s: header("Set-Cookie", f"sid={quote(s, safe='')}; Path=/", response=True),
    "user of a URL": lambda s: evolve(BARE, url=f"https://{quote(s, safe='')}@api.nekt.ai/runs/"),
    "password of a URL": lambda s: evolve(
        BARE, url=f"https://user:{quote(s, safe='')}@api.nekt.ai/runs/"
    ),
    "query": lambda s: evolve(BARE, url=f"{RUN}?a=1&{query('api_key', s)}"),
    "query of a URL in a query": lambda s: evolve(
        BARE, url=f"{RUN}?{query('next', 'https://x/?' + query('access_token', s))}"
    ),
    "JSON in a query": lambda s: evolve(
        BARE, url=f"{RUN}?{query('filter', json.dumps({'secret': s}))}"
    ),
    "fragment": lambda s: evolve(BARE, url=f"{RUN}#{query('id_token', s)}"),
    "location": lambda s: header("Location", f"/a?{query('sig', s)}", response=True),
    "sent JSON": lambda s: sent(json.dumps({"a": {"password": s}})),
    "sent JSON in UTF-8": lambda s: sent(json.dumps({"clientSecret": s}, ensure_ascii=False)),
    "sent JSON, spaced": lambda s: sent(json.dumps({"API-Key": s}, indent=3)),
    "sent list": lambda s: sent(json.dumps({"tokens": ["one-of-them", s]})),
    "sent form": lambda s: sent(
        urlencode({"grant_type": "x", "client_secret": s}), "application/x-www-form-urlencoded"
    ),
    "sent part": lambda s: sent(
        f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{s}\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "received JSON": lambda s: received(json.dumps([{"access_token": s}])),
    "JSON in JSON": lambda s: received(json.dumps({"log": json.dumps({"refresh_token": s})})),
    "JSON in JSON in JSON": lambda s: received(
        json.dumps({"log": json.dumps({"more": json.dumps({"token": s})})})
    ),
    "a link in JSON": lambda s: received(
        json.dumps({"url": f"https://b/f?X-Amz-Date=1&{query('X-Amz-Signature', s)}"})
    ),
    "a link in escaped JSON": lambda s: received(
        json.dumps({"url": f"https://b/f?x=1&{query('sig', s)}"}).replace("&", "\\u0026")
    ),
    "a database's address": lambda s: received(
        json.dumps({"dsn": f"postgres://admin:{quote(s, safe='')}@db/x"})
    ),
    "received lines": lambda s: received(
        json.dumps({"a": 1}) + "\n" + json.dumps({"secret_key": s}) + "\n"
    ),
    "received events": lambda s: received(
        f"data: {json.dumps({'jwt': s})}\n\n", "text/event-stream"
    ),
    "received XML": lambda s: received(
        f"<a><ns:Password x='1'>{html.escape(s)}</ns:Password></a>", "application/xml"
    ),
    "received page": lambda s: received(
        f"<input name='q'><pre>{html.escape(json.dumps({'password': s}))}</pre>", "text/html"
    ),
    "received JSON in UTF-16": lambda s: received(json.dumps({"password": s}).encode("utf-16")),
    "received JSON in UTF-32": lambda s: received(json.dumps({"token": s}).encode("utf-32-le")),
    "an error": lambda s: evolve(BARE, status=None, error=f"cannot reach {RUN}?token={quote(s)}"),
}

Writing = Callable[[str], str]
WRITINGS: dict[str, Writing] = {
    "as it is": str,
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON of a browser": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s))[1:-1],
    "URL": quote,
    "URL, all of it": lambda s: quote(s, safe=""),
    "URL in small letters": lambda s: re.sub(
        "%..", lambda found: found[0].lower(), quote(s, safe="")
    ),
    "form": quote_plus,
    "form in a form": lambda s: quote_plus(quote_plus(s)),
    "HTML": html.escape,
    "Python": lambda s: repr(s)[1:-1],
    "ASCII": lambda s: ascii(s)[1:-1],
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 behind a name": lambda s: base64.b64encode(f"me:{s}:x".encode()).decode(),
    "base64 of URLs": lambda s: base64.urlsafe_b64encode(b"a" + s.encode()).decode(),
    "hexadecimal": lambda s: s.encode().hex(),
    "HEXADECIMAL": lambda s: s.encode().hex().upper(),
}


def echoes(secret: str, write: Writing) -> Iterator[Recorded]:
    """Yield exchanges that repeat a secret where nothing tells that it is one."""
    text = write(secret)
    visible = text if text.isprintable() and text.isascii() else quote(text)
    yield evolve(BARE, seq=1, url=f"{RUN}{quote(text, safe='%+&')}/x?q={quote_plus(text)}")
    yield evolve(BARE, seq=2, response_headers=(("x-echo", visible),))
    yield evolve(BARE, seq=3, response_headers=JSON, response_content=f'["{text}"]'.encode())
    yield evolve(BARE, seq=4, response_content=json.dumps({"note": f"it is {text}!"}).encode())
    yield evolve(BARE, seq=5, request_content=b"\xff\xfe\x00" + text.encode() + b"\x80")
    yield evolve(BARE, seq=6, response_content=f"<p title='{text}'>".encode("utf-16"))
    yield evolve(BARE, seq=7, status=None, error=f"ReadError: {text}")


def history_of(*recorded: Recorded) -> History:
    """Return a history as recorders make it: cleaned again of what was learnt late."""
    redactor = Redactor(SPEC, namespace="n")
    exchanges = [redactor.exchange(one) for one in recorded]
    return History(exchanges=tuple(map(redactor.again, exchanges)), api="nekt")


def readings(raw: bytes) -> Iterator[str]:
    """Yield all that someone might read in some bytes, who takes off up to three wrappings."""
    pieces = []
    for word in set(re.findall(rb"[A-Za-z0-9+/_-]{10,}", raw)):
        for skip in range(4):
            piece = word[skip:].translate(bytes.maketrans(b"-_", b"+/"))
            pieces.append(base64.b64decode(piece[: len(piece) // 4 * 4]))
    for word in set(re.findall(rb"[0-9A-Fa-f]{16,}", raw)):
        pieces += [
            bytes.fromhex(word[skip : len(word) - (len(word) - skip) % 2].decode())
            for skip in (0, 1)
        ]
    unpacked = b"\n".join(pieces)
    found = {raw.decode(errors="replace"), raw.decode("latin-1"), unpacked.decode(errors="replace")}
    yield from found
    for pair in (raw, raw[1:], unpacked):
        yield from (pair.decode(wide, errors="replace") for wide in ("utf-16-le", "utf-16-be"))
    for _ in range(3):
        found = {turn(text) for text in found for turn in UNWRAP} - found
        yield from found


def unescape(text: str) -> str:
    """Return a text without the backslashes of JSON."""

    def plain(found: re.Match[str]) -> str:
        try:
            return str(json.loads(f'"{found[0]}"'))
        except ValueError:
            return found[0][-1]

    return re.sub(r"(?:\\u[0-9a-fA-F]{4})+|\\[^u]", plain, text) if "\\" in text else text


UNWRAP: tuple[Callable[[str], str], ...] = (unquote, unquote_plus, html.unescape, unescape)


def assert_hidden(secret: str, *outputs: bytes) -> None:
    for output in outputs:
        for text in readings(output):
            at = text.find(secret)
            assert at < 0, text[max(0, at - 40) : at + len(secret) + 40]


@pytest.mark.parametrize("place", IN_HEADERS)
@given(secret=secrets(PLAIN), write=st.sampled_from(list(WRITINGS.values())))
@settings(max_examples=10, deadline=None)
def test_a_secret_of_a_header_is_nowhere(place: str, secret: str, write: Writing) -> None:
    assume(" " not in secret)
    first = IN_HEADERS[place](secret)
    history = history_of(first, *echoes(secret, write))
    assert_hidden(secret, dump_history(history))


@pytest.mark.parametrize("place", ANYWHERE)
@given(secret=secrets(WILD), write=st.sampled_from(list(WRITINGS.values())))
@settings(max_examples=10, deadline=None)
def test_a_secret_of_any_kind_is_nowhere(place: str, secret: str, write: Writing) -> None:
    assume(place != "basic user" or ":" not in secret)  # no user has one in the name
    first = ANYWHERE[place](secret)
    history = history_of(*echoes(secret, write), evolve(first, seq=9))
    assert_hidden(secret, dump_history(history))
    assert any(SECRET_MARK in str(exchange) for exchange in history.exchanges)


@given(
    secret=secrets(PLAIN),
    place=st.sampled_from([ANYWHERE[name] for name in sorted({*ANYWHERE} - {"basic user"})]),
    write=st.sampled_from(list(WRITINGS.values())),
)
@settings(max_examples=10, deadline=None)
def test_no_report_shows_a_secret(secret: str, place: Place, write: Writing) -> None:
    history = history_of(place(secret), *echoes(secret, write))
    report = judge(history, load_rulebook("nekt"))
    terminal = io.StringIO()
    print_report(Console(file=terminal, width=140), report)
    page = render_html([report])
    assert_hidden(secret, encode_report(report), terminal.getvalue().encode(), page.encode())


@given(secret=secrets(WILD), write=st.sampled_from(list(WRITINGS.values())))
@settings(max_examples=40, deadline=None)
@example(secret="a\\b\\\\c\"d'e/f012345", write=WRITINGS["JSON in JSON"])
@example(secret="+ +%2B%25 012345", write=WRITINGS["form in a form"])
def test_a_mask_knows_a_secret_however_it_is_written(secret: str, write: Writing) -> None:
    masked = Mask({"k": secret}).text(f'x="{write(secret)}";')
    assert "[secret:k]" in masked
    assert_hidden(secret, masked.encode())


class TestWhatIsNoSecret:
    @pytest.mark.parametrize(
        "body",
        [
            {"token": "nk_****a1b2"},
            {"token": "nk_…a1b2", "password": "<redacted>", "secret": "***"},
            {"next_page_token": "eWVzLCBhIHBhZ2UgdG9rZW4x", "tokens_used": 128, "key": "value"},
            {"status": "completed", "signature_required": True, "password": None},
            {"triggered_by_token": "99999999-0000-4000-8000-000000000001"},
            {"session_id": "run-0123456789", "message": "The token: expired yesterday."},
        ],
    )
    def test_bodies_stay_as_they_are(self, body: object) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        recorded = evolve(BARE, response_headers=JSON, response_content=content)
        (exchange,) = history_of(recorded).exchanges
        assert exchange.response.content == content

    def test_a_word_of_the_api_is_only_replaced_where_it_is_a_secret(self) -> None:
        first = sent(json.dumps({"password": "triggered_by_token"}))
        second = evolve(
            BARE, seq=1, response_content=b'{"triggered_by_token": null, "a": "triggered_by_token"}'
        )
        asked, told = history_of(first, second).exchanges
        assert asked.request.json["password"].startswith(SECRET_MARK)
        assert told.response.content == second.response_content

    def test_cookies_that_are_words_are_not_looked_for(self) -> None:
        first = header("Cookie", "consent=succeeded; lang=en-GB-oxendict")
        second = evolve(BARE, seq=1, response_content=b'{"status": "succeeded"}')
        assert history_of(first, second).exchanges[1].body == {"status": "succeeded"}

    def test_binary_content_stays_as_it_is(self) -> None:
        content = bytes(range(256)) * 3
        (exchange,) = history_of(evolve(BARE, response_content=content)).exchanges
        assert exchange.response.content == content

    def test_headers_about_credentials_stay(self) -> None:
        kept = (
            ("www-authenticate", 'Bearer realm="runs"'),
            ("access-control-allow-credentials", "true"),
            ("x-ratelimit-remaining-tokens", "17"),
            ("x-next-page-token", "abcdefgh12345678"),
        )
        (exchange,) = history_of(evolve(BARE, response_headers=kept)).exchanges
        assert exchange.response.headers == kept


class TestPlaceholders:
    def test_equal_secrets_have_equal_placeholders_and_others_do_not(self) -> None:
        first = sent(json.dumps({"password": "one-secret-1", "token": "two-secrets-2"}))
        second = evolve(
            BARE, seq=1, url=f"{RUN}?token=two-secrets-2", response_content=b'["one-secret-1"]'
        )
        asked, told = history_of(first, second).exchanges
        one, two = asked.request.json["password"], asked.request.json["token"]
        assert one != two
        assert told.body == [one]
        assert told.url == f"{RUN}?token={two}"

    def test_short_secrets_are_blotted_out_where_they_stand(self) -> None:
        recorded = evolve(
            sent(json.dumps({"password": "abc", "name": "abc"})), url=f"{RUN}?token=abc&x=abc"
        )
        (exchange,) = history_of(recorded).exchanges
        assert exchange.request.json == {"password": SHORT, "name": "abc"}
        assert exchange.url == f"{RUN}?token={SHORT}&x=abc"

    def test_the_firmest_credential_says_who_it_is(self) -> None:
        redactor = Redactor(SPEC)

        def actor(*headers: tuple[str, str]) -> str | None:
            return redactor.exchange(evolve(BARE, request_headers=headers)).actor

        cookie, key = ("Cookie", "session=0123456789abc"), ("Authorization", "Bearer abcdef0123456")
        assert actor(cookie, key) == actor(key, cookie) == actor(key) is not None
        assert actor(cookie) not in (None, actor(key))
        assert actor(key, ("X-API-Key", "nk_0123456789")) == actor(("x-api-key", "nk_0123456789"))
        assert actor() is None

    def test_what_a_server_hands_out_says_not_who_asked(self) -> None:
        handed = evolve(BARE, response_headers=(("set-cookie", "session=0123456789abc"),))
        assert history_of(handed).exchanges[0].actor is None

    def test_who_signs_is_the_same_though_each_signature_is_new(self) -> None:
        def signed(seq: int, signer: str, signature: str) -> Recorded:
            value = f"AWS4-HMAC-SHA256 Credential={signer}/2026/x, Signature={signature}"
            return evolve(BARE, seq=seq, request_headers=(("Authorization", value),))

        history = history_of(
            signed(1, "AKIA1", "0123456789ab"),
            signed(2, "AKIA1", "ba9876543210"),
            signed(3, "AKIA2", "aaaaaaaaaaa1"),
        )
        first, second, third = (exchange.actor for exchange in history.exchanges)
        assert first == second != third

    def test_of_very_many_secrets_those_met_last_are_looked_for(self) -> None:
        mask = Mask({"mine": "given-secret-0"})
        for number in range(MOST + 10):
            assert mask.learn(f"secret-number-{number:05}", f"k{number}")
            mask.learn("always-used-secret-1", "used")
        assert mask.text("secret-number-00000") == "secret-number-00000"
        masked = mask.text(f"given-secret-0 always-used-secret-1 secret-number-{MOST:05}")
        assert masked == f"[secret:mine] [secret:used] [secret:k{MOST}]"


def test_an_environment_has_secrets_by_name() -> None:
    environment = {
        "PIPE0_TOKEN": "sk_0123456789abcdef",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCY",
        "SSH_AUTH_SOCK": "/tmp/ssh-0123456789/agent",
        "GIT_CREDENTIAL": "/usr/lib/git-core/credential1",
        "DEPLOY_TOKEN": "production-environment",
        "SHORT_TOKEN": "abc1",
        "PATH": "/usr/bin:/bin0123456789",
        "PAGE_TOKEN": "0123456789abcdef0123",
    }
    assert set(secrets_in(environment)) == {"PIPE0_TOKEN", "AWS_SECRET_ACCESS_KEY"}
