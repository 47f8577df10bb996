"""A mask replaces secrets that are known, wherever and however encoded they stand.

A secret is looked for as it is, in base64 and in hexadecimal, and each of these also with its
characters escaped as JSON, URLs, HTML and Python's `repr` do it, even several times over.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import frozen

from runwright.history import placeholder
from runwright.mistake import Mistake

SHORTEST: Final = 8
"""Characters below which a secret cannot be told from other text."""

MOST: Final = 256
"""Secrets that are looked for; of more, those that were met last."""

_ESCAPES: Final = ("%", "\\", "&", "+")
"""Without any of these a text is not escaped."""

_SHORT_ESCAPES: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ENTITIES: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


def _percent(char: str) -> str:
    """Return an expression for one character as URLs escape it."""
    octets = char.encode(errors="surrogatepass")
    return f"(?i:{''.join(f'%(?:25)*{octet:02x}' for octet in octets)})"


def _plain(char: str) -> str:
    """Return an expression for a character of an escape, which a URL may escape again."""
    return f"(?:{re.escape(char)}|{_percent(char)})"


_BACKSLASHES: Final = _plain("\\") + "+"
_AMPERSAND: Final = f"{_plain('&')}(?:amp{_plain(';')})*"


def text_of(content: bytes) -> tuple[str, str]:
    """Return what bytes read as text, and in which encoding; of what is no text, each byte."""
    if not content:
        return "", "utf-8"
    try:
        encoding = json.detect_encoding(content)
        text = content.decode(encoding)
        if text.encode(encoding) == content:
            return text, encoding
    except UnicodeError:
        return content.decode("latin-1"), "latin-1"
    return content.decode("latin-1"), "latin-1"


@frozen
class _Form:
    """One way to write a secret, apart from escapes."""

    text: str

    @cached_property
    def anchor(self) -> str:
        """The longest piece that no encoder escapes; empty if there is none of use."""
        return max(re.findall(r"[A-Za-z0-9]{3,}", self.text), key=len, default="")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches the form with any of its characters escaped."""
        return re.compile("".join(map(_any_escape, self.text)))

    def replace_in(self, text: str, mark: str, is_escaped: bool) -> str:
        """Return a text in which a mark stands for the form."""
        if self.text in text:
            text = text.replace(self.text, mark)
        if is_escaped and self.anchor in text:
            text = self.pattern.sub(lambda _: mark, text)
        return text


def _any_escape(char: str) -> str:
    """Return an expression for one character in all its escapes, be it escaped repeatedly."""
    wide = char.encode("utf-16-be", "surrogatepass").hex()
    units = [wide[i : i + 4] for i in range(0, len(wide), 4)]
    number = ord(char)
    ways = [
        _plain(char),
        f"(?i:{''.join(f'{_BACKSLASHES}u{unit}' for unit in units)})",
        f"(?i:{_BACKSLASHES}(?:U{number:08x}|x{number:02x}))",
        f"(?i:{_AMPERSAND}{_plain('#')}(?:0*{number}|x0*{number:x}){_plain(';')})",
    ]
    if char in _SHORT_ESCAPES:
        ways.append(f"{_BACKSLASHES}{_SHORT_ESCAPES[char]}")
    if char in _ENTITIES:
        ways.append(f"{_AMPERSAND}{_ENTITIES[char]}{_plain(';')}")
    if char == " ":
        ways.append(_plain("+"))
    if char == "\\":
        return _BACKSLASHES
    either = f"(?:{'|'.join(ways)})"
    return f"(?:{_BACKSLASHES})?{either}" if char in "\"'/" else either


def _forms(secret: str) -> tuple[_Form, ...]:
    texts = [secret, *_in_base64(secret), secret.encode(errors="surrogatepass").hex()]
    texts.append(texts[-1].upper())
    return tuple(map(_Form, dict.fromkeys(texts)))


def _in_base64(secret: str) -> Iterator[str]:
    """Yield what a secret reads in base64, whatever stands before and after it."""
    raw = secret.encode(errors="surrogatepass")
    for before in range(3):
        padded = b"\0" * before + raw
        whole = base64.b64encode(padded).decode()
        # The first and last characters depend on the neighbours as well.
        core = whole[(0, 2, 3)[before] : len(padded) * 8 // 6]
        yield core
        yield core.translate(str.maketrans("+/", "-_"))


@frozen
class _Secret:
    text: str
    mark: str
    forms: tuple[_Form, ...]


def _secret(text: str, label: str) -> _Secret:
    return _Secret(text, placeholder(label), _forms(text))


class ShortSecretError(Mistake):
    """A secret is too short to be told from other text; the message says whose."""


class Mask:
    """Replaces secrets wherever they stand, each by the placeholder of its label."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        """Take secrets by their labels; these are looked for however many others are met.

        Raises:
            ShortSecretError: a secret is too short to be told from other text.
        """
        self._given: dict[str, _Secret] = {}
        self._learnt: dict[str, _Secret] = {}
        for label, secret in (secrets or {}).items():
            if len(secret) < SHORTEST:
                raise ShortSecretError(
                    f"the secret of {label} has {len(secret)} characters; below {SHORTEST} "
                    "it cannot be told from other text"
                )
            self._given.setdefault(secret, _secret(secret, label))
        self._order: tuple[_Secret, ...] | None = None

    def learn(self, secret: str, label: str) -> bool:
        """Look for a secret from now on; return False if that is done already."""
        if secret in self._given:
            return False
        known = self._learnt.pop(secret, None)
        self._learnt[secret] = known or _secret(secret, label)
        if known is not None:
            return False
        if len(self._learnt) > MOST:
            del self._learnt[next(iter(self._learnt))]
        self._order = None
        return True

    @property
    def _secrets(self) -> tuple[_Secret, ...]:
        """All secrets; one that holds another one comes first."""
        if self._order is None:
            found = (*self._given.values(), *self._learnt.values())
            self._order = tuple(sorted(found, key=lambda secret: -len(secret.text)))
        return self._order

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        is_escaped = any(escape in text for escape in _ESCAPES)
        for secret in self._secrets:
            for form in secret.forms:
                text = form.replace_in(text, secret.mark, is_escaped)
        return text

    def content(self, content: bytes) -> bytes:
        """Return bytes without secrets, be they text of any encoding or none."""
        if not self._secrets or not content:
            return content
        text, encoding = text_of(content)
        clean = self.text(text)
        if clean != text:
            content = clean.encode(encoding)
        return content if encoding == "utf-8" and b"\0" not in content else self._bare(content)

    def _bare(self, content: bytes) -> bytes:
        """Replace secrets in bytes that may be anything, whatever they look like."""
        text = content.decode(errors="surrogateescape")
        clean = self.text(text)
        if clean != text:
            content = clean.encode(errors="surrogateescape")
        for secret in self._secrets:
            for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
                form = secret.text.encode(encoding, "surrogatepass")
                if form in content:
                    content = content.replace(form, secret.mark.encode(encoding))
        return content
