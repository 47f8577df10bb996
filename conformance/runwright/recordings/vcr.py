"""Cassettes, as Schemathesis, vcrpy and Ruby's VCR write them, in YAML or JSON."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import IO, Final

import msgspec
import yaml
from attrs import evolve

from runwright.history import Exchange
from runwright.recordings.entry import UNREADABLE, moment
from runwright.recordings.flaw import Flaw
from runwright.recordings.listing import read_items
from runwright.redaction import Recorded, Redactor

_LIST: Final = re.compile(rb"(?:http_)?interactions\s*:")
_ITEM: Final = re.compile(rb" *- ")
_NULL: Final = "tag:yaml.org,2002:null"


class _Loader(yaml.CBaseLoader):
    """Reads YAML as texts, times and numbers, too; but for what is null, or bytes."""

    def nothing(self, node: yaml.ScalarNode) -> None:
        return None

    def packed(self, node: yaml.ScalarNode) -> dict[str, str]:
        return {"base64_string": node.value}


_Loader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_constructor(_NULL, _Loader.nothing)
for _tag in ("tag:yaml.org,2002:binary", "!binary"):
    _Loader.add_constructor(_tag, _Loader.packed)


class _Content(msgspec.Struct):
    string: "Body" = None
    base64_string: str | None = None


Body = _Content | str | None
Headers = Mapping[str, tuple[str, ...] | str] | None


class _Request(msgspec.Struct):
    method: str
    uri: str
    headers: Headers = None
    body: Body = None


class _Status(msgspec.Struct):
    code: int


class _Response(msgspec.Struct):
    status: _Status
    elapsed: float | None = None
    headers: Headers = None
    body: Body = None


class _Interaction(msgspec.Struct):
    request: _Request
    response: _Response | None = None
    recorded_at: str | None = None


def read(stream: IO[bytes], name: str, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield the interactions of a cassette in YAML, one at a time."""
    for seq, (number, text) in enumerate(_items(stream)):
        where = f"{name}:{number}"
        try:
            (raw,) = yaml.load(text, Loader=_Loader)
            yield redactor.exchange(_recorded(raw, seq))
        except yaml.YAMLError as error:
            yield Flaw(where, f"not YAML: {' '.join(str(error).split())}")
        except (*UNREADABLE, TypeError, RecursionError) as error:
            yield Flaw(where, f"not an interaction of a cassette: {error}")


def read_json(
    stream: IO[bytes], name: str, redactor: Redactor, *, member: str
) -> Iterator[Exchange | Flaw]:
    """Return the interactions of a cassette in JSON, which are the items of a member."""

    def make(raw: object, seq: int) -> Exchange:
        return redactor.exchange(_recorded(raw, seq))

    return read_items(stream, member, make, name=name, kind="an interaction of a cassette")


def _items(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the text of each item of the list of interactions, with its first line."""
    inside, dash = False, b""
    first, lines = 0, list[bytes]()
    for number, line in enumerate(stream, start=1):
        if _LIST.match(line):
            inside, dash = True, b""
            continue
        if inside and not dash and (found := _ITEM.match(line)):
            dash = found[0]
        if inside and dash and line.startswith(dash):
            if lines:
                yield first, b"".join(lines)
            first, lines = number, [line]
        elif inside and lines and (line.startswith(b" ") or not line.strip()):
            lines.append(line)
        elif inside and line.strip():
            inside = False
    if lines:
        yield first, b"".join(lines)


def _recorded(raw: object, seq: int) -> Recorded:
    interaction = msgspec.convert(raw, _Interaction, strict=False)
    request, response = interaction.request, interaction.response
    time = interaction.recorded_at
    recorded = Recorded(
        worker="vcr",
        seq=seq,
        # A cassette without times still has an order.
        at=moment(time) if time else float(seq),
        took=0.0,
        method=request.method.upper(),
        url=request.uri,
        request_headers=_headers(request.headers),
        request_content=_content(request.body),
        error=None if response else "no answer",
    )
    if response is None:
        return recorded
    return evolve(
        recorded,
        took=max(0.0, response.elapsed or 0.0),
        status=response.status.code,
        response_headers=_headers(response.headers),
        response_content=_content(response.body),
    )


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, values in (headers or {}).items()
        for value in ((values,) if isinstance(values, str) else values)
    )


def _content(body: Body) -> bytes:
    if isinstance(body, _Content):
        if body.base64_string:
            return base64.b64decode(body.base64_string)
        return _content(body.string)
    return body.encode() if body else b""
