"""HTTP/1.1 messages read from the bytes that crossed the wire."""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from runwright.tap.taken import ABANDONED

Headers = tuple[tuple[str, str], ...]

BLANK: Final = b"\r\n\r\n"


class WireError(ValueError):
    """Bytes are no whole HTTP message; the message says what is missing."""


@frozen
class WireRequest:
    """A request as it was framed."""

    url: str
    headers: Headers
    content: bytes


def parse_request(head: bytes, body: bytes, *, scheme: str) -> WireRequest:
    """Read a request from its first lines and its framed body.

    Raises:
        WireError: the first lines are none of HTTP.
    """
    lines = head.partition(BLANK)[0].split(b"\r\n")
    words = lines[0].decode("latin-1").split(" ")
    if len(words) != 3:
        raise WireError(f"{lines[0][:60]!r} is not the first line of a request")
    target = words[1]
    pairs = (line.decode("latin-1").partition(":") for line in lines[1:] if line)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    if target.startswith("/"):
        target = f"{scheme}://{_value(headers, 'host')}{target}"
    if "chunked" in _value(headers, "transfer-encoding").lower():
        body = _unchunk(body)
    return WireRequest(target, headers, body)


def unframe(content: bytes, headers: Iterable[tuple[str, str]], *, hit_end: bool) -> bytes:
    """Return the body of an answer that was read off its connection.

    Raises:
        WireError: it was not read to its end.
    """
    found = tuple(headers)
    if "chunked" in _value(found, "transfer-encoding").lower():
        return _unchunk(content)
    size = _value(found, "content-length")
    if size.isdecimal():
        if len(content) < int(size):
            raise WireError(ABANDONED)
        return content[: int(size)]
    if not hit_end:
        raise WireError(ABANDONED)
    return content


def _unchunk(content: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while True:
        end = content.find(b"\n", at)
        try:
            size = int(content[at : max(end, at)].partition(b";")[0], 16)
        except ValueError:
            raise WireError(ABANDONED) from None
        if size == 0:
            return b"".join(pieces)
        piece = content[end + 1 : end + 1 + size]
        if len(piece) < size:
            raise WireError(ABANDONED)
        pieces.append(piece)
        # Each chunk is followed by an end of line.
        at = content.find(b"\n", end + 1 + size) + 1


def _value(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
