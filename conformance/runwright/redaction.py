"""Secrets are taken out of recorded traffic before an exchange is made of it.

A recording is read without knowing its secrets beforehand: they are learnt from where they stand
(credential headers, cookies, telling query parameters and JSON members), and from then on
replaced wherever else they turn up. Equal secrets get equal placeholders.
"""

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from attrs import field, frozen

from runwright.history import Exchange, Message, placeholder
from runwright.spec import Spec

SHORTEST: Final = 8
"""Characters below which a secret cannot be told from other text."""

CREDENTIAL_HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-api-token",
        "api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-amz-security-token",
    }
)
TELLING_NAMES: Final = frozenset(
    {
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "api_key",
        "apikey",
        "api_token",
        "client_secret",
        "secret",
        "password",
        "signature",
        "x-amz-signature",
        "x-amz-security-token",
    }
)
_MASKED = re.compile(r"\*{3,}|^\[Filtered\]$|^<[^>]*>$", re.IGNORECASE)
_MEMBER = re.compile(
    rb'"('
    + "|".join(map(re.escape, sorted(TELLING_NAMES))).encode()
    + rb')"\s*:\s*("(?:[^"\\]|\\.)*")',
    re.IGNORECASE,
)


@frozen(kw_only=True)
class Recorded:
    """One request and its answer as a recording has them, secrets and all."""

    worker: str
    seq: int
    at: float
    took: float
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    request_content: bytes = field(default=b"", repr=False)
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    response_content: bytes = field(default=b"", repr=False)
    error: str | None = None


class Redactor:
    """Turns recorded traffic into exchanges without secrets."""

    def __init__(self, spec: Spec | None = None) -> None:
        """Know no secret yet, but where the API of a spec carries its credentials."""
        schemes = (spec.document if spec else {}).get("components", {}).get("securitySchemes", {})
        keys = [s for s in schemes.values() if isinstance(s, dict) and s.get("type") == "apiKey"]
        self._headers = CREDENTIAL_HEADERS | {
            str(s["name"]).lower() for s in keys if s.get("in") == "header"
        }
        self._query = TELLING_NAMES | {
            str(s["name"]).lower() for s in keys if s.get("in") == "query"
        }
        self._labels: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._bytes: re.Pattern[bytes] | None = None

    def exchange(self, recorded: Recorded) -> Exchange:
        """Return the exchange that a recorded request makes, without its secrets."""
        actor = None
        for headers in (recorded.request_headers, recorded.response_headers):
            for name, value in headers:
                if name.lower() in self._headers:
                    label = self._learn_header(name.lower(), value)
                    actor = actor or label
        for name, value in parse_qsl(urlsplit(recorded.url).query):
            if name.lower() in self._query:
                actor = self._learn(value) or actor
        for content in (recorded.request_content, recorded.response_content):
            self._learn_members(content)
        return Exchange(
            worker=recorded.worker,
            seq=recorded.seq,
            at=recorded.at,
            took=recorded.took,
            method=recorded.method,
            url=self._url(recorded.url),
            request=self._message(recorded.request_headers, recorded.request_content),
            status=recorded.status,
            response=self._message(recorded.response_headers, recorded.response_content),
            error=None if recorded.error is None else self.text(recorded.error),
            actor=actor,
        )

    def text(self, text: str) -> str:
        """Return a text without the secrets known so far."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._forms[found[0]], text)

    def content(self, content: bytes) -> bytes:
        """Return bytes without the secrets known so far."""
        if self._bytes is None:
            return content
        return self._bytes.sub(lambda found: self._forms[found[0].decode()].encode(), content)

    def _message(self, headers: Iterable[tuple[str, str]], content: bytes) -> Message:
        clean = tuple(
            (name.lower(), self.text(value))
            for name, value in headers
            if name.lower() not in self._headers
        )
        return Message(clean, self.content(content))

    def _url(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return self.text(urlunsplit(parts._replace(netloc=host)))

    def _learn_header(self, name: str, value: str) -> str | None:
        if name in ("cookie", "set-cookie"):
            crumbs = value.split(";") if name == "cookie" else value.split(";")[:1]
            labels = [self._learn(crumb.partition("=")[2].strip()) for crumb in crumbs]
            return next((label for label in labels if label), None)
        # “Bearer abc”: the secret is what follows the scheme.
        scheme, _, rest = value.strip().partition(" ")
        return self._learn(rest.strip() or scheme)

    def _learn_members(self, content: bytes) -> None:
        for found in _MEMBER.finditer(content):
            try:
                value = json.loads(found[2])
            except ValueError:
                continue
            self._learn(value)

    def _learn(self, secret: str) -> str | None:
        """Take a secret, and return the label of its owner; None for what is none."""
        if len(secret) < SHORTEST or _MASKED.search(secret):
            return None
        if secret not in self._labels:
            label = f"credential-{len(self._labels) + 1}"
            self._labels[secret] = label
            for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
                self._forms.setdefault(form, placeholder(label))
            longest_first = sorted(self._forms, key=len, reverse=True)
            expression = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(expression)
            self._bytes = re.compile(expression.encode())
        return self._labels[secret]
