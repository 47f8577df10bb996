"""HAR 1.2, as browsers, proxies and test tools write it."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any
from urllib.parse import urlencode

import ijson

from runwright.history import Exchange
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the entries of a HAR file, one at a time."""
    number = 0
    try:
        for number, entry in enumerate(ijson.items(stream, "log.entries.item", use_float=True)):
            where = f"{name}: entry {number}"
            try:
                yield redactor.exchange(_recorded(entry, number))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                yield Flaw(where, f"not a HAR entry: {error!r}")
    except ijson.JSONError as error:
        yield Flaw(f"{name}: after entry {number}", f"not JSON: {error}")


def _recorded(entry: Mapping[str, Any], number: int) -> Recorded:
    request, response = entry["request"], entry["response"]
    status = int(response.get("status") or 0)
    return Recorded(
        worker="har",
        seq=number,
        at=datetime.fromisoformat(entry["startedDateTime"]).timestamp(),
        took=max(0.0, float(entry.get("time") or 0)) / 1000,
        method=request["method"],
        url=request["url"],
        request_headers=_headers(request),
        request_content=_posted(request.get("postData") or {}),
        status=status or None,
        response_headers=_headers(response),
        response_content=_content(response.get("content") or {}),
        error=None if status else str(response.get("_error") or "no answer"),
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(h["name"]), str(h["value"])) for h in message.get("headers", ()))


def _posted(data: Mapping[str, Any]) -> bytes:
    if data.get("text"):
        return _decode(str(data["text"]), data.get("encoding"))
    pairs = [(p["name"], p.get("value", "")) for p in data.get("params") or ()]
    return urlencode(pairs).encode()


def _content(content: Mapping[str, Any]) -> bytes:
    return _decode(str(content.get("text") or ""), content.get("encoding"))


def _decode(text: str, encoding: object) -> bytes:
    return base64.b64decode(text) if encoding == "base64" else text.encode()
