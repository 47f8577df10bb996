"""Secrets are taken out of recorded traffic before an exchange is made of it.

A recording is read without knowing its secrets beforehand: they are learnt from where they stand
(see `telling`), and from then on replaced wherever else they turn up. Equal secrets get equal
placeholders.
"""

import base64
import binascii
import html
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final
from urllib.parse import unquote, unquote_plus, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from runwright.history import Exchange, Message, placeholder
from runwright.mask import SHORTEST, Mask, text_of
from runwright.spec import Spec
from runwright.telling import (
    Span,
    is_credential_header,
    is_masked,
    is_session_cookie,
    is_telling,
    looks_random,
    secret_spans,
)

SHORT: Final = "***"
"""What stands for a secret too short to be looked for elsewhere."""

_SIGNER: Final = re.compile(r'\b(?:username|credential|oauth_token|id|keyId)="?([^",/\s]+)', re.I)
_PLAIN_SCHEMES: Final = ("bearer", "basic", "token", "apikey", "api-key", "key")
_SCHEMES: Final = (*_PLAIN_SCHEMES, "digest", "hmac", "oauth", "signature", "aws4-hmac-sha256")
_COOKIES: Final = ("cookie", "set-cookie")


@frozen(kw_only=True)
class Recorded:
    """One request and its answer as a recording has them, secrets and all."""

    worker: str
    seq: int
    at: float
    took: float
    method: str
    url: str = field(repr=False)
    request_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    request_content: bytes = field(default=b"", repr=False)
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    response_content: bytes = field(default=b"", repr=False)
    error: str | None = field(default=None, repr=False)


@frozen
class _Text:
    """A text, and where secrets stand in it."""

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, text: str) -> "_Text":
        return cls(text, tuple(secret_spans(text)))


@frozen
class _Spelled:
    """A message as texts; of the headers, those that are not left out."""

    headers: tuple[tuple[str, _Text], ...]
    body: _Text
    encoding: str
    content: bytes

    @property
    def texts(self) -> tuple[_Text, ...]:
        return (*(text for _, text in self.headers), self.body)


@frozen(order=True)
class _Proof:
    """The label of credentials, and how far they are from saying who sends them."""

    distance: int
    label: str


class Redactor:
    """Turns recorded traffic into exchanges without secrets."""

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        secrets: Mapping[str, str] | None = None,
        namespace: str = "",
    ) -> None:
        """Know where the API of a spec carries its credentials, and some secrets by labels.

        All labels have the namespace in them, so that those of two recordings differ.

        Raises:
            ShortSecretError: a secret is too short to be told from other text.
        """
        schemes = (spec.document if spec else {}).get("components", {}).get("securitySchemes", {})
        keys = [s for s in schemes.values() if isinstance(s, dict) and s.get("type") == "apiKey"]
        names = {(str(s.get("in")), str(s.get("name")).lower()) for s in keys}
        self._declared = {
            place: frozenset(name for where, name in names if where == place)
            for place in ("header", "query", "cookie")
        }
        words = set(_words(spec.document)) if spec else set()
        self._vocabulary = "\n".join({*words, placeholder("credential-")})
        self._prefix = f"{namespace}-" if namespace else ""
        given = {f"{self._prefix}{label}": secret for label, secret in (secrets or {}).items()}
        self._labels = {secret: label for label, secret in given.items()}
        self._count = 0
        self._mask = Mask(given)
        self.known = len(given)
        """How many secrets were met so far."""

    def exchange(self, recorded: Recorded) -> Exchange:
        """Return the exchange that a recorded request makes, without its secrets.

        Raises:
            ValueError: its URL or its times are none, or a text has what no text may have.
        """
        if not (math.isfinite(recorded.at) and math.isfinite(recorded.took)):
            raise ValueError("its times are no finite numbers")
        proofs = [*self._learn_headers(recorded.request_headers), *self._learn_url(recorded.url)]
        for _ in self._learn_headers(recorded.response_headers):
            continue  # a secret that the server hands out says nothing of who asked
        sent = self._shown(recorded.request_headers, with_credentials=True)
        request = self._spelled(sent, recorded.request_content)
        got = self._shown(recorded.response_headers, with_credentials=False)
        response = self._spelled(got, recorded.response_content)
        error = _Text.of(recorded.error or "")
        for text in (*request.texts, *response.texts, error):
            self._learn_text(text)
        clean = Exchange(
            worker=recorded.worker,
            seq=recorded.seq,
            at=recorded.at,
            took=recorded.took,
            method=recorded.method,
            url=self._url(recorded.url),
            request=self._message(request),
            status=recorded.status,
            response=self._message(response),
            error=None if recorded.error is None else self._clean(error),
            actor=min(proofs).label if proofs else None,
        )
        # Half of a character can stand in no file: better now than when a report is written.
        headers = chain.from_iterable((*clean.request.headers, *clean.response.headers))
        "".join((clean.method, clean.url, clean.error or "", *headers)).encode()
        return clean

    def again(self, exchange: Exchange) -> Exchange:
        """Return an exchange without the secrets that were met since it was made."""
        return evolve(
            exchange,
            url=self._mask.text(exchange.url),
            request=self._masked(exchange.request),
            response=self._masked(exchange.response),
            error=None if exchange.error is None else self._mask.text(exchange.error),
        )

    def clean(self, text: str) -> str:
        """Return a text without secrets, be they known or told by where they stand."""
        return self._clean(_Text.of(text))

    def _masked(self, message: Message) -> Message:
        headers = tuple((name, self._mask.text(value)) for name, value in message.headers)
        content = self._mask.content(message.content)
        if headers == message.headers and content == message.content:
            return message
        return Message(headers, content)

    def _shown(
        self, headers: Iterable[tuple[str, str]], *, with_credentials: bool
    ) -> Iterator[tuple[str, str]]:
        """Yield headers without credentials, or with placeholders for those that are no cookies."""
        for written, value in headers:
            name = written.lower()
            if not self._is_credential(name):
                yield name, value
            elif with_credentials and name not in _COOKIES:
                yield name, self._blank(value.strip())

    def _blank(self, value: str) -> str:
        """Return what is shown of a credential header: its scheme, if that is a known one."""
        scheme, blank, rest = value.partition(" ")
        if scheme.lower() not in _SCHEMES:
            scheme, blank, rest = "", "", value
        secret = rest.strip()
        is_known = len(secret) >= SHORTEST and not is_masked(secret)
        return f"{scheme}{blank}{placeholder(self._label(secret)) if is_known else SHORT}"

    def _spelled(self, headers: Iterable[tuple[str, str]], content: bytes) -> _Spelled:
        kept = tuple((name, _Text.of(value)) for name, value in headers)
        text, encoding = text_of(content)
        return _Spelled(kept, _Text.of(text), encoding, content)

    def _is_credential(self, header: str) -> bool:
        return header in self._declared["header"] or is_credential_header(header)

    def _is_telling(self, parameter: str) -> bool:
        return parameter.lower() in self._declared["query"] or is_telling(parameter)

    # How secrets are replaced.

    def _message(self, spelled: _Spelled) -> Message:
        headers = tuple((name, self._clean(text)) for name, text in spelled.headers)
        text = self._in_place(spelled.body)
        content = spelled.content
        if text != spelled.body.text:
            content = text.encode(spelled.encoding)
        return Message(headers, self._mask.content(content))

    def _clean(self, text: _Text) -> str:
        return self._mask.text(self._in_place(text))

    def _in_place(self, text: _Text) -> str:
        """Return a text without the secrets that stand where its spans say."""
        pieces, at = [], 0
        for span in sorted(text.spans, key=lambda span: (span.start, -span.end)):
            if at <= span.start < span.end:
                written = text.text[span.start : span.end]
                pieces += [text.text[at : span.start], self._stand_for(_readings(written, span))]
                at = span.end
        return "".join([*pieces, text.text[at:]]) if pieces else text.text

    def _stand_for(self, readings: tuple[str, ...]) -> str:
        """Return what replaces a secret where it stands."""
        if is_masked(readings[0]):
            return readings[0]
        secret = readings[-1]
        return placeholder(self._label(secret)) if len(secret) >= SHORTEST else SHORT

    def _url(self, url: str) -> str:
        parts = urlsplit(url)
        pairs = [piece.partition("=") for piece in parts.query.split("&")]
        query = "&".join(
            f"{name}={self._stand_for((value, unquote_plus(value)))}"
            if value and self._is_telling(unquote_plus(name))
            else name + sign + value
            for name, sign, value in pairs
        )
        host = parts.netloc.rpartition("@")[2]
        return self._clean(_Text.of(urlunsplit(parts._replace(netloc=host, query=query))))

    # How secrets are met.

    def _learn_text(self, text: _Text) -> None:
        for span in text.spans:
            written = text.text[span.start : span.end]
            if not is_masked(written):
                self._learn(*reversed(_readings(written, span)))

    def _learn_url(self, url: str) -> Iterator[_Proof]:
        parts = urlsplit(url)
        if "@" in parts.netloc:
            user, _, password = parts.netloc.rpartition("@")[0].partition(":")
            yield from _proof(1, self._learn(unquote(password or user)))
        for piece in parts.query.split("&"):
            name, _, value = piece.partition("=")
            if value and self._is_telling(unquote_plus(name)):
                yield from _proof(2, self._learn(unquote_plus(value), value))
        # A URL may hold a URL, or a JSON text.
        stages = {url, unquote(url), unquote_plus(url)}
        for text in stages | {unquote_plus(stage) for stage in stages}:
            self._learn_text(_Text.of(text))

    def _learn_headers(self, headers: Iterable[tuple[str, str]]) -> Iterator[_Proof]:
        for written, value in headers:
            name = written.lower()
            if name in _COOKIES:
                yield from self._learn_cookies(name, value)
            elif self._is_credential(name):
                distance = 0 if name in self._declared["header"] else 1
                yield from _proof(distance, self._learn_credential(value.strip()))

    def _learn_cookies(self, header: str, value: str) -> Iterator[_Proof]:
        crumbs = value.split(";")
        for crumb in crumbs if header == "cookie" else crumbs[:1]:
            name, _, raw = crumb.strip().partition("=")
            secret = raw.strip('"')
            told = is_session_cookie(name) or name.lower() in self._declared["cookie"]
            # Cookies hold words, too, and they are left out with their header anyway.
            if told or looks_random(secret):
                yield from _proof(3, self._learn(unquote(secret), secret))

    def _learn_credential(self, value: str) -> str | None:
        """Learn what stands after “Bearer”, or the like; return the label of whose it is."""
        scheme, _, rest = value.partition(" ")
        secret = rest.strip() or scheme
        if rest and scheme.lower() not in _PLAIN_SCHEMES:
            # A signature is new each time; who signs stays the same.
            self._learn(secret)
            signer = _SIGNER.search(rest)
            return self._label(signer[1] if signer else secret)
        if scheme.lower() == "basic":
            user, _, password = _decode_basic(secret).partition(":")
            self._learn(password or user)
        return self._learn(secret)

    def _learn(self, secret: str, *written: str) -> str | None:
        """Take a secret and how else it was written; return its label, None for what is none."""
        if not secret or is_masked(secret):
            return None
        label = self._label(secret)
        for form in {secret, *written}:
            # A word of the API's own would be replaced where it is no secret.
            if len(form) >= SHORTEST and form not in self._vocabulary:
                self.known += self._mask.learn(form, label)
        return label

    def _label(self, secret: str) -> str:
        if secret not in self._labels:
            self._count += 1
            self._labels[secret] = f"{self._prefix}credential-{self._count}"
        return self._labels[secret]


def secrets_in(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an environment that are secrets by their names, by those names."""
    return {
        name: value
        for name, value in environment.items()
        if len(value) >= 2 * SHORTEST
        and looks_random(value)
        and is_credential_header(name.lower())
        and not is_masked(value)
        and not value.startswith(("/", "~", "http:", "https:"))
    }


def _proof(distance: int, label: str | None) -> Iterator[_Proof]:
    if label is not None:
        yield _Proof(distance, label)


def _readings(written: str, span: Span) -> tuple[str, ...]:
    """Return the readings of a secret as it is written, the one that is meant last."""
    readings = [written]
    if span.in_url and ("%" in written or "+" in written):
        readings.append(unquote_plus(written))
    if "&" in written and ";" in written:
        readings.append(html.unescape(written))
    while "\\" in readings[-1]:
        try:
            text = json.loads(f'"{readings[-1]}"', strict=False)
        except ValueError:
            break
        readings.append(text)
    return tuple(readings)


def _decode_basic(secret: str) -> str:
    try:
        return base64.b64decode(secret, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _words(node: Any) -> Iterator[str]:
    """Yield the words of an API: names of members, and the values that they may have."""
    if isinstance(node, dict):
        for key, member in node.items():
            if key == "enum":
                yield from (word for word in member if isinstance(word, str))
            elif key == "const" and isinstance(member, str):
                yield member
            elif key in ("properties", "states", "paths"):
                yield from map(str, member)
            yield from _words(member)
    elif isinstance(node, list):
        for member in node:
            yield from _words(member)
