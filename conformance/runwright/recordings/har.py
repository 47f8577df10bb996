"""HAR 1.2, as browsers, proxies and test tools write it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlencode

import msgspec
from attrs import evolve

from runwright.history import NOT_JSON, Exchange, Message
from runwright.recordings.entry import moment
from runwright.recordings.flaw import Flaw
from runwright.recordings.listing import read_items
from runwright.redaction import Recorded, Redactor

SENT_IS_LOST: Final = "the recorder did not keep the body of the request"
GOT_IS_LOST: Final = "the recorder did not keep the body of the answer"
"""Why an exchange counts as unanswered whose bodies are not known."""

BODILESS: Final = (204, 304)
"""Statuses of answers that have no body."""


class _Pair(msgspec.Struct):
    name: str
    value: str | int | float | None = None


class _Body(msgspec.Struct):
    """A body: its text, or the name of a file beside the HAR that holds it.

    ``size`` is how many bytes there were; below zero if the recorder does not know.
    """

    text: str | None = None
    encoding: str | None = None
    mime_type: str | None = msgspec.field(default=None, name="mimeType")
    size: float | None = None
    params: tuple[_Pair, ...] | None = None
    file: str | None = msgspec.field(default=None, name="_file")

    def content(self, size: float, folder: Path | None) -> bytes | None:
        """Return the bytes, of which there were so many; None if they were not all kept."""
        if self.file is not None:
            return _beside(self.file, folder)
        if self.params and not self.text:
            return urlencode(_pairs(self.params)).encode()
        if self.text is None:
            return b"" if size == 0 else None
        is_encoded = self.encoding == "base64"
        content = base64.b64decode(self.text) if is_encoded else self.text.encode()
        # What a browser cuts off at its limit is no whole text any more.
        is_cut = len(content) < size and Message(content=content).json is NOT_JSON
        return None if is_cut else content


class _Request(msgspec.Struct):
    method: str
    url: str
    headers: tuple[_Pair, ...] | None = None
    posted: _Body | None = msgspec.field(default=None, name="postData")
    size: float | None = msgspec.field(default=None, name="bodySize")

    def content(self, folder: Path | None) -> bytes | None:
        # Of a request without a body many recorders say that its size is unknown.
        has_none = self.method in ("GET", "HEAD", "OPTIONS") or (self.posted and self.posted.text)
        size = 0 if has_none else max(0, self.size or 0)
        return (self.posted or _Body()).content(size, folder)


class _Response(msgspec.Struct):
    status: int | None = None
    headers: tuple[_Pair, ...] | None = None
    kept: _Body | None = msgspec.field(default=None, name="content")
    size: float | None = msgspec.field(default=None, name="bodySize")
    error: str | None = msgspec.field(default=None, name="_error")

    def content(self, method: str, folder: Path | None) -> bytes | None:
        body = self.kept or _Body(size=self.size if self.size is not None else -1)
        if not body.text and (method == "HEAD" or self.status in BODILESS):
            return b""
        return body.content(body.size or max(0, self.size or 0), folder)

    @property
    def typed_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers; of an answer without any, what its body is known to be."""
        kind = self.kept.mime_type if self.kept else None
        if self.headers or not kind or kind == "x-unknown":
            return _pairs(self.headers)
        return (("content-type", kind),)


class _Entry(msgspec.Struct):
    started: str = msgspec.field(name="startedDateTime")
    request: _Request
    response: _Response
    time: float | None = None


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the entries of a HAR file, one at a time."""
    folder = Path(name).parent if Path(name).is_file() else None
    lost = 0

    def make(raw: object, number: int) -> Exchange:
        nonlocal lost
        recorded = _recorded(msgspec.convert(raw, _Entry, strict=False), number, folder)
        lost += recorded.error in (SENT_IS_LOST, GOT_IS_LOST)
        return redactor.exchange(recorded)

    yield from read_items(stream, "log.entries", make, name=name, kind="a HAR entry")
    if lost:
        yield Flaw(
            name,
            f"the recorder did not keep the bodies of {lost} entries, which count as unanswered; "
            "export with content, in Playwright with content: 'embed'",
        )


def _recorded(entry: _Entry, number: int, folder: Path | None) -> Recorded:
    request, response = entry.request, entry.response
    sent = request.content(folder)
    recorded = Recorded(
        worker="har",
        seq=number,
        at=moment(entry.started),
        took=max(0.0, entry.time or 0) / 1000,
        method=request.method,
        url=request.url,
        # What HTTP/2 puts before the headers is written among them by browsers.
        request_headers=tuple(h for h in _pairs(request.headers) if not h[0].startswith(":")),
        request_content=sent or b"",
    )
    if not response.status:
        return evolve(recorded, error=response.error or "no answer")
    got = response.content(request.method, folder)
    if sent is None or got is None:
        return evolve(recorded, error=SENT_IS_LOST if sent is None else GOT_IS_LOST)
    return evolve(
        recorded,
        status=response.status,
        response_headers=response.typed_headers,
        response_content=got,
    )


def _pairs(pairs: tuple[_Pair, ...] | None) -> tuple[tuple[str, str], ...]:
    return tuple((p.name, "" if p.value is None else str(p.value)) for p in pairs or ())


def _beside(file: str, folder: Path | None) -> bytes | None:
    """Return what a file below the folder of a HAR holds, None if there is none."""
    if folder is None:
        return None
    path = (folder / file).resolve()
    try:
        return path.read_bytes() if path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):
        return None
