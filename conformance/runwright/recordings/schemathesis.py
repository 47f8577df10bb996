"""The NDJSON report of Schemathesis 4: an event a line, interactions in those of scenarios."""

import base64
from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgspec

from runwright.history import Exchange
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the interactions of every scenario that was finished."""
    seq = 0
    for number, line in enumerate(stream, start=1):
        if b'"ScenarioFinished"' not in line[:40]:
            continue
        where = f"{name}:{number}"
        try:
            recorder = msgspec.json.decode(line)["ScenarioFinished"].get("recorder") or {}
            interactions = dict(recorder.get("interactions") or {})
        except (
            msgspec.DecodeError,
            UnicodeDecodeError,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:
            yield Flaw(where, f"not an event of Schemathesis: {error!r}")
            continue
        for interaction in interactions.values():
            try:
                yield redactor.exchange(_recorded(interaction, seq))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                yield Flaw(where, f"not an interaction: {error!r}")
            seq += 1


def _recorded(interaction: Mapping[str, Any], seq: int) -> Recorded:
    request, response = interaction["request"], interaction.get("response")
    took = float(response["elapsed"]) if response else 0.0
    return Recorded(
        worker="schemathesis",
        seq=seq,
        at=float(interaction["timestamp"]),
        took=took,
        method=request["method"],
        url=request["uri"],
        request_headers=_headers(request),
        request_content=_content(request.get("body")),
        status=response["status_code"] if response else None,
        response_headers=_headers(response) if response else (),
        response_content=_content(response.get("content")) if response else b"",
        error=None if response else "no answer",
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, str(value))
        for name, values in (message.get("headers") or {}).items()
        for value in (values if isinstance(values, list) else [values])
    )


def _content(value: object) -> bytes:
    if isinstance(value, Mapping) and "$base64" in value:
        return base64.b64decode(value["$base64"])
    return value.encode() if isinstance(value, str) else b""
