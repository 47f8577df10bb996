"""VCR cassettes, as Schemathesis and the vcr libraries write them in YAML."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any

import yaml

from runwright.history import Exchange
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the interactions of a cassette, one at a time."""
    for seq, (number, text) in enumerate(_items(stream)):
        where = f"{name}:{number}"
        try:
            (interaction,) = yaml.load(text, Loader=yaml.CBaseLoader)
            yield redactor.exchange(_recorded(interaction, seq))
        except yaml.YAMLError as error:
            yield Flaw(where, f"not YAML: {error}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield Flaw(where, f"not an interaction of a cassette: {error!r}")


def _items(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the text of each item of the list ``http_interactions``, with its first line."""
    inside = False
    first, lines = 0, list[bytes]()
    for number, line in enumerate(stream, start=1):
        if line.startswith((b"http_interactions:", b"interactions:")):
            inside = True
        elif inside and line.startswith(b"- "):
            if lines:
                yield first, b"".join(lines)
            first, lines = number, [line]
        elif inside and lines and (line.startswith(b" ") or not line.strip()):
            lines.append(line)
        elif inside and line.strip():
            inside = False
    if lines:
        yield first, b"".join(lines)


def _recorded(interaction: Mapping[str, Any], seq: int) -> Recorded:
    request, response = interaction["request"], interaction.get("response")
    status = response["status"]["code"] if response else None
    recorded_at = interaction.get("recorded_at")
    return Recorded(
        worker="vcr",
        seq=seq,
        # A cassette without times still has an order.
        at=datetime.fromisoformat(recorded_at).timestamp() if recorded_at else float(seq),
        took=float(response.get("elapsed") or 0) if response else 0.0,
        method=request["method"],
        url=request["uri"],
        request_headers=_headers(request),
        request_content=_content(request.get("body")),
        status=int(status) if status else None,
        response_headers=_headers(response) if response else (),
        response_content=_content(response.get("body")) if response else b"",
        error=None if response else "no answer",
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, str(value))
        for name, values in (message.get("headers") or {}).items()
        for value in (values if isinstance(values, list) else [values])
    )


def _content(body: object) -> bytes:
    if isinstance(body, Mapping):
        if body.get("base64_string"):
            return base64.b64decode(body["base64_string"])
        return str(body.get("string") or "").encode()
    return body.encode() if isinstance(body, str) else b""
