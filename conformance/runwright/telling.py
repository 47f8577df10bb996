"""Where secrets stand in HTTP traffic, told by names and shapes.

Names are those of headers, cookies, query parameters, and members of JSON, forms and XML. What
is known by its shape alone: bearer and other tokens, private keys, passwords in URLs.
"""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

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
_HEADER: Final = re.compile(
    r"(?:^|[-_])(?:token|secret|password|passphrase|api[-_]?key|access[-_]?key|auth[-_]?key|"
    r"private[-_]?key|subscription[-_]?key|function[-_]?key|credential|authorization|auth|jwt|"
    r"signature|cookie|sessionid|session[-_]?token|assertion|bearer)$"
)
_NO_SECRET: Final = ("access-control-", "sec-", "www-", "proxy-authenticate")
_PAGES: Final = re.compile(r"page|next|prev|cursor|continuation|sync")
_COOKIE: Final = re.compile(r"sess|sid|token|auth|[cx]srf|secret|jwt|login|remember|key", re.I)

_WORDS: Final = """
    token authtoken accesstoken refreshtoken idtoken sessiontoken bearertoken apitoken
    usertoken csrftoken xsrftoken csrfmiddlewaretoken oauthtoken oauthtokensecret
    securitytoken xamzsecuritytoken personalaccesstoken bottoken
    apikey apikeysecret apisecret accesskey secretaccesskey awssecretaccesskey
    accesskeysecret accountkey privatekey secretkey encryptionkey signingkey sessionkey
    clientsecret clientassertion consumersecret appsecret secret signingsecret
    webhooksecret sharedsecret
    password passwd pwd passphrase userpassword dbpassword credential xamzcredential
    authorization jwt bearer codeverifier otp
    signature sig xamzsignature xgoogsignature xgoogcredential
"""
_NAMES: Final = frozenset(_WORDS.split())
"""Names in lower case, without what parts their words."""

_ROOTS: Final = (
    *("token", "key", "secret", "passw", "pwd", "passphrase", "credential", "authorization"),
    *("jwt", "bearer", "verifier", "otp", "sig", "assertion"),
)
"""Each name has one of these in it."""

_LONGEST: Final = 40
"""Characters before a root that may belong to a name."""

_SMALLEST: Final = 5
"""Characters that a name and its value need, or a shape."""

_MASKED: Final = re.compile(
    r"\*{2,}|[•●…]|\.{3}$|^\[Filtered\]$|^<[^>]*>$|^x+$|^\[secret:|^redacted$", re.IGNORECASE
)


def is_credential_header(name: str) -> bool:
    """True for a header, named in lower case, whose value is a secret."""
    if name in CREDENTIAL_HEADERS:
        return True
    if name.startswith(_NO_SECRET):
        return False
    return _HEADER.search(name) is not None and _PAGES.search(name) is None


def is_telling(name: str) -> bool:
    """True for a query parameter or member whose value is a secret."""
    return name.replace("_", "").replace("-", "").lower() in _NAMES


def is_session_cookie(name: str) -> bool:
    """True for a cookie whose value stands for its bearer."""
    return _COOKIE.search(name) is not None


def is_masked(value: str) -> bool:
    """True for what stands where a secret was already taken out."""
    return _MASKED.search(value) is not None


def looks_random(value: str) -> bool:
    """True for what is no word: it has letters and digits."""
    return re.search(r"\d", value) is not None and re.search(r"[A-Za-z]", value) is not None


@frozen
class Span:
    """Where in a text a secret stands, as it is written there."""

    start: int
    end: int
    in_url: bool = False


def secret_spans(text: str) -> Iterator[Span]:
    """Yield where in a text secrets stand; spans may overlap."""
    if len(text) < _SMALLEST:
        return
    yield from _named(text)
    yield from _shaped(text)


_NAME: Final = re.compile(r"[A-Za-z][\w-]*")
_NAME_BACKWARDS: Final = re.compile(r"[\w-]*")
_ESCAPE: Final = re.compile(r"(?:[nrtbf]|u[0-9a-fA-F]{4})(?=[A-Za-z])")
_PERCENT: Final = re.compile(r"[0-9a-fA-F]{2}(?=[A-Za-z])")
_QUOTES: Final = ("", '"', "'")
_QUOTE: Final = re.compile(r"""\\*(?:["']|&quot;|%22)""")
_COLON: Final = re.compile(r"(?:\s|\+|%20)*(?:[:=]|%3[Aa])(?:\s|\+|%20)*")
_PAIR: Final = re.compile(r"(?:=|%3[Dd])(?P<value>[^&\s\"'<>;,\\#]+)")
_PART: Final = re.compile(
    r"\"?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n(?P<value>.+?)(?=\r?\n--|\Z)", re.DOTALL
)
_ELEMENT: Final = re.compile(r"(?:\s[^>]*)?>(?P<value>[^<]+)<")


def _named(text: str) -> Iterator[Span]:
    """Yield what stands beside telling names."""
    folded = text.lower()
    if len(folded) != len(text):
        # Some letters change their length; then only the common ones are folded.
        folded = text.translate(_ASCII_LOWER)
    for root in _ROOTS:
        done = at = 0
        while (at := folded.find(root, at)) >= 0:
            start = _start_of_name(text, at)
            at += len(root)
            name = _NAME.match(text, start)
            if name is None or name.end() <= done:
                continue
            done = name.end()
            if is_telling(name[0]) or is_telling(name[0].removesuffix("s")):
                yield from _beside(text, start, done)


_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _start_of_name(text: str, at: int) -> int:
    if text[at - 1 : at] in _QUOTES:
        return at
    before = _NAME_BACKWARDS.match(text[max(0, at - _LONGEST) : at][::-1])
    start = at - (before.end() if before else 0)
    # What looks like the name's beginning may be the end of an escape: \ntoken, %26token.
    left = text[start - 1 : start]
    escape = {"\\": _ESCAPE, "%": _PERCENT}.get(left)
    found = escape.match(text, start) if escape else None
    return found.end() if found else start


def _beside(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the values of a name that stands at a place."""
    quote = _QUOTE.match(text, end)
    if quote is not None and text.endswith(quote[0], 0, start):
        colon = _COLON.match(text, quote.end())
        if colon is not None:
            yield from _strings(text, colon.end())
            return
    pair = _PAIR.match(text, end)
    if pair is not None:
        yield Span(*pair.span("value"), in_url=True)
    part = _PART.match(text, end) if text.endswith(('name="', "name="), 0, start) else None
    if part is not None:
        yield Span(*part.span("value"))
    element = _ELEMENT.match(text, end) if text[max(0, start - 1) : start] in "<:" else None
    if element is not None:
        yield Span(*element.span("value"))


_BETWEEN: Final = re.compile(r"\s*,\s*")
_SPACE: Final = re.compile(r"\s*")


def _strings(text: str, at: int) -> Iterator[Span]:
    """Yield where the string lies that begins at a place, or each string of a list."""
    in_list = text.startswith("[", at)
    if in_list:
        at = _after(_SPACE, text, at + 1)
    while (opening := _QUOTE.match(text, at)) is not None:
        end = _end(text, opening[0], opening.end())
        yield Span(opening.end(), end)
        between = _BETWEEN.match(text, end + len(opening[0]))
        if not in_list or between is None:
            return
        at = between.end()


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _end(text: str, quote: str, at: int) -> int:
    """Return where the string ends that a quote opened."""
    bare = quote.lstrip("\\")
    depth = len(quote) - len(bare)
    start = at
    while (found := text.find(bare, at)) >= 0:
        run = found
        while run > start and text[run - 1] == "\\":
            run -= 1
        # Each time that a string is put inside a string, the backslashes before quotes double,
        # and one is added.
        if (found - run) % (2 * depth + 2) == depth:
            return found - depth
        at = found + len(bare)
    return len(text)


@frozen
class _Shape:
    needles: tuple[str, ...]
    back: int
    expression: re.Pattern[str]
    in_url: bool = False


def _shape(needles: str, back: int, expression: str, *, in_url: bool = False) -> _Shape:
    return _Shape(tuple(needles.split("|")), back, re.compile(expression, re.DOTALL), in_url)


_SHAPES: Final = (
    _shape(
        "earer |EARER |asic |ASIC |oken |OKEN |ikey |iKey |i-key |I-Key ",
        0,
        r"[A-Za-z-]+\s+(?P<value>(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)",
    ),
    _shape("eyJ", 0, r"(?P<value>eyJ[\w-]{5,}\.eyJ[\w-]{5,}(?:\.[\w-]*)?)"),
    _shape("-----BEGIN ", 0, r"(?P<value>-----BEGIN [A-Z ]*KEY-----.*?-----END [A-Z ]*KEY-----)"),
    _shape("://", 0, r"://[^/\s:@\"'<>]*:(?P<value>[^/\s@\"'<>]+)@", in_url=True),
    _shape("_live_|_test_", 2, r"(?P<value>[spr]k_[a-z]+_\w{10,})"),
    _shape("sk-", 0, r"(?P<value>sk-[\w-]{20,})"),
    _shape("ghp_|gho_|ghu_|ghs_|ghr_", 0, r"(?P<value>gh._\w{30,})"),
    _shape("github_pat_|glpat-", 0, r"(?P<value>[a-z_]+[-_][\w-]{20,})"),
    _shape("xox", 0, r"(?P<value>xox[abeoprs]-[\w-]{10,})"),
    _shape("AKIA|ASIA", 0, r"(?P<value>A[KS]IA[0-9A-Z]{16})"),
    _shape("AIza", 0, r"(?P<value>AIza[\w-]{35})"),
)


def _shaped(text: str) -> Iterator[Span]:
    """Yield what is a secret by its shape."""
    for shape in _SHAPES:
        for needle in shape.needles:
            at = -1
            while (at := text.find(needle, at + 1)) >= 0:
                found = shape.expression.match(text, max(0, at - shape.back))
                if found is not None:
                    yield Span(*found.span("value"), shape.in_url)
