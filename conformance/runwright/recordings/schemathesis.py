"""The NDJSON report of Schemathesis 4: an event a line, interactions in those of scenarios."""

import base64
from collections.abc import Iterator, Mapping
from typing import IO

import msgspec
from attrs import evolve

from runwright.history import Exchange
from runwright.recordings.entry import UNREADABLE
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor


class _Content(msgspec.Struct):
    base64: str = msgspec.field(name="$base64")


Body = _Content | str | None
Headers = Mapping[str, tuple[str, ...] | str] | None


class _Request(msgspec.Struct):
    method: str
    uri: str
    headers: Headers = None
    body: Body = None


class _Response(msgspec.Struct):
    status_code: int
    elapsed: float = 0.0
    headers: Headers = None
    content: Body = None


class _Interaction(msgspec.Struct):
    request: _Request
    timestamp: float
    response: _Response | None = None


class _Recorder(msgspec.Struct):
    interactions: dict[str, msgspec.Raw] | None = None


class _Scenario(msgspec.Struct):
    recorder: _Recorder | None = None


class _Event(msgspec.Struct):
    finished: _Scenario = msgspec.field(name="ScenarioFinished")


_EVENT = msgspec.json.Decoder(_Event)
_INTERACTION = msgspec.json.Decoder(_Interaction)


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the interactions of every scenario that was finished."""
    seq = 0
    for number, line in enumerate(stream, start=1):
        if b'"ScenarioFinished"' not in line[:40]:
            continue
        where = f"{name}:{number}"
        try:
            recorder = _EVENT.decode(line).finished.recorder or _Recorder()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Flaw(where, f"not an event of Schemathesis: {error}")
            continue
        for raw in (recorder.interactions or {}).values():
            try:
                yield redactor.exchange(_recorded(_INTERACTION.decode(raw), seq))
            except (*UNREADABLE, RecursionError) as error:
                yield Flaw(where, f"not an interaction: {error}")
            seq += 1


def _recorded(interaction: _Interaction, seq: int) -> Recorded:
    request, response = interaction.request, interaction.response
    recorded = Recorded(
        worker="schemathesis",
        seq=seq,
        at=interaction.timestamp,
        took=0.0,
        method=request.method,
        url=request.uri,
        request_headers=_headers(request.headers),
        request_content=_content(request.body),
        error=None if response else "no answer",
    )
    if response is None:
        return recorded
    return evolve(
        recorded,
        took=max(0.0, response.elapsed),
        status=response.status_code,
        response_headers=_headers(response.headers),
        response_content=_content(response.content),
    )


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, values in (headers or {}).items()
        for value in ((values,) if isinstance(values, str) else values)
    )


def _content(body: Body) -> bytes:
    if isinstance(body, _Content):
        return base64.b64decode(body.base64)
    return body.encode() if body else b""
