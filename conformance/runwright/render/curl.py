"""The shell command that repeats an exchange, with the credentials left to the caller."""

import shlex

from runwright.history import SECRET_MARK, Exchange

TRANSPORT_HEADERS = frozenset(
    {"host", "accept-encoding", "connection", "content-length", "user-agent", "accept"}
)


def curl_line(exchange: Exchange) -> str:
    """Return a curl command; a secret reads ``$RUNWRIGHT_TOKEN``."""
    words = ["curl", "-i"]
    if exchange.method != "GET":
        words += ["-X", exchange.method]
    for name, value in exchange.request.headers:
        if name not in TRANSPORT_HEADERS:
            words += ["-H", f"{name}: {value}"]
    if exchange.request.content:
        words += ["--data-raw", exchange.request.content.decode(errors="replace")]
    words.append(exchange.url)
    return " ".join(_quote(word) for word in words)


def _quote(word: str) -> str:
    if SECRET_MARK not in word:
        return shlex.quote(word)
    # Double quotes, so that the shell puts the caller's own token there.
    start = word.index(SECRET_MARK)
    end = word.index("]", start) + 1
    body = (word[:start], word[end:])
    escaped = [
        part.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
        for part in body
    ]
    return f'"{escaped[0]}$RUNWRIGHT_TOKEN{escaped[1]}"'
