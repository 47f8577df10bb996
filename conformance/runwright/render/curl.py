"""The shell command that repeats an exchange, with the credentials left to the caller."""

import re
import shlex

from runwright.history import SECRET_MARK, Exchange

TRANSPORT_HEADERS = frozenset(
    {"host", "accept-encoding", "connection", "content-length", "user-agent", "accept"}
)
BROWSERS = ("sec-", "accept-language", "referer", "priority", "dnt")
"""How the headers begin that a browser adds to every request, whatever the page asks for."""

OTHERS = frozenset({"other", "bob"})
"""What the second tenant is called, of a server under test and of an emulator."""

_PLACEHOLDER = re.compile(re.escape(SECRET_MARK) + r"([^\]]*)\]")


def curl_line(exchange: Exchange) -> str:
    """Return a curl command; a secret reads as the variable that holds the caller's own."""
    words = ["curl", "-i"]
    if exchange.method == "HEAD":
        words.append("-I")  # with -X, curl would wait for a body
    elif exchange.method != "GET" or exchange.request.content:
        words += ["-X", exchange.method]
    for name, value in exchange.request.headers:
        if name not in TRANSPORT_HEADERS and not name.startswith(BROWSERS):
            words += ["-H", f"{name}: {value}"]
    if exchange.request.content:
        words += ["--data-raw", exchange.request.content.decode(errors="replace")]
    words.append(exchange.url)
    return " ".join(_quote(word) for word in words)


def short_curl_line(exchange: Exchange, most: int = 4000) -> str | None:
    """Return the curl command, None if it is longer than anybody would read."""
    line = curl_line(exchange)
    return line if len(line) <= most else None


def _quote(word: str) -> str:
    if SECRET_MARK not in word:
        return shlex.quote(word)
    # Double quotes, so that the shell puts the caller's own token there.
    pieces = _PLACEHOLDER.split(word)
    quoted = [
        _variable(piece) if index % 2 else re.sub(r'([\\"$`])', r"\\\1", piece)
        for index, piece in enumerate(pieces)
    ]
    return f'"{"".join(quoted)}"'


def _variable(label: str) -> str:
    return "$RUNWRIGHT_OTHER_TOKEN" if label in OTHERS else "$RUNWRIGHT_TOKEN"
