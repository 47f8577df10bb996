"""A history is what an observer saw: requests, answers, errors and times.

On disk it is NDJSON: a header line, then one exchange a line, as ``history.schema.json`` says.
Secrets never enter it: whoever makes an exchange leaves credentials out and writes a
placeholder where a body or URL repeated one.
"""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from attrs import field, frozen

from runwright.mistake import Mistake

FORMAT: Final = "runwright-history/1"
SKEW: Final = 1.0
"""Seconds by which the clocks of two observers may differ."""

UNKNOWN_ID: Final = "unknown-id"
"""The intent of a request for an id that the server cannot know."""

UNKNOWN_ID_ELSEWHERE: Final = "unknown-id-elsewhere"
"""The intent of such a request below a place that is another tenant's, which may be refused."""

MALFORMED_ID: Final = "malformed-id"
"""The intent of a request for a run by what no server gives out as an id."""

Credentials = Literal["valid", "missing", "wrong", "unknown"]
"""What the request carried; ``unknown`` where the recorder could not tell."""


SECRET_MARK: Final = "[secret:"
"""How every placeholder for a secret begins."""


def placeholder(label: str) -> str:
    """Return what stands in a history where a secret was."""
    return f"{SECRET_MARK}{label}]"


class _NotJSON:
    def __repr__(self) -> str:
        return "NOT_JSON"


NOT_JSON: Final = _NotJSON()
"""What `Message.json` answers for content that is no JSON text."""


@frozen
class Decoded:
    """A decoded JSON text that stands for its own bytes, which may be many.

    ``is_marked`` tells whether a placeholder for a secret stood in them.
    """

    value: Any
    is_marked: bool


@frozen
class Message:
    """Headers (names in lower case) and content of a request or an answer.

    The content may be given `Decoded`; it then has the bytes that the value is written in.
    """

    headers: tuple[tuple[str, str], ...] = ()
    _content: bytes | Decoded = field(default=b"", alias="content")

    @property
    def content(self) -> bytes:
        """The bytes of the body; empty if there is none."""
        if isinstance(self._content, Decoded):
            return msgspec.json.encode(self._content.value)
        return self._content

    @property
    def decoded(self) -> Decoded | None:
        """The decoded text that was given instead of the content."""
        return self._content if isinstance(self._content, Decoded) else None

    @property
    def has_content(self) -> bool:
        """True if there is a body."""
        return bool(self._content)

    @property
    def is_marked(self) -> bool:
        """True if a placeholder for a secret stands in the content."""
        if isinstance(self._content, Decoded):
            return self._content.is_marked
        return SECRET_MARK.encode() in self._content

    def header(self, name: str) -> str | None:
        """Return the first header of that name, given in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def json(self) -> Any:
        """The decoded content, or NOT_JSON."""
        if isinstance(self._content, Decoded):
            return self._content.value
        try:
            return msgspec.json.decode(self._content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return NOT_JSON

    @property
    def media_type(self) -> str | None:
        """The media type without parameters, in lower case."""
        value = self.header("content-type")
        return None if value is None else value.split(";")[0].strip().lower()


@frozen(kw_only=True)
class Exchange:
    """One request and what came of it.

    ``at`` is the time of sending, in seconds since the epoch by the observer's clock; ``took``
    the seconds until the whole answer (or the error) was there. ``seq`` counts the requests of
    one ``worker`` in the order of sending. ``actor`` is a label for whose credentials were
    used, never the credentials; two labels with ``valid`` credentials are two tenants. ``intent``
    says what a probe was after, where the request alone does not show it. ``clock`` names the
    clock by which workers that share one were told the time; None for a clock of the worker's own.
    """

    worker: str
    seq: int
    at: float
    took: float
    method: str
    url: str
    request: Message = Message()
    status: int | None = None
    response: Message = Message()
    error: str | None = None
    actor: str | None = None
    credentials: Credentials = "unknown"
    intent: str | None = None
    clock: str | None = None

    @property
    def id(self) -> str:
        """The exchange's name in reports, unique in a history."""
        return f"{self.worker}-{self.seq}"

    @property
    def succeeded(self) -> bool:
        """True for an answer of the 2xx class."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def body(self) -> Any:
        """The answer's decoded body, or NOT_JSON."""
        return self.response.json

    def precedes(self, other: "Exchange") -> bool:
        """True if this exchange surely ended before the other began."""
        ended = self.at + self.took
        if self.worker == other.worker:
            # Equal times are no order: a coarse clock gives them to requests that overlap.
            return self.seq < other.seq and ended < other.at
        shared = self.clock is not None and self.clock == other.clock
        return ended + (0.0 if shared else SKEW) < other.at


class HistoryError(Mistake):
    """A history cannot be read or joined; the message names file and line, or the exchange."""


def _in_order(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Return exchanges in the order of time, each once.

    Raises:
        HistoryError: two that differ have the same worker and number.
    """
    found: dict[str, Exchange] = {}
    for exchange in exchanges:
        if found.setdefault(exchange.id, exchange) != exchange:
            raise HistoryError(
                f"two different exchanges are called {exchange.id}; "
                "each worker needs a name of its own"
            )
    return tuple(sorted(found.values(), key=lambda e: (e.at, e.worker, e.seq)))


@frozen(kw_only=True)
class History:
    """All exchanges of an observation, in the order of time; equal ones count once.

    ``cut_short`` says why it ends before its time, if it does: the server went away.
    """

    exchanges: tuple[Exchange, ...] = field(converter=_in_order)
    api: str | None = None
    target: str | None = None
    notes: tuple[str, ...] = ()
    cut_short: str | None = None

    def merge(self, *others: "History") -> "History":
        """Join shards, in any order; what they disagree about, such as the target, is left out.

        Raises:
            HistoryError: the shards have exchanges that differ but are called the same.
        """
        shards = (self, *others)
        return History(
            exchanges=tuple(e for shard in shards for e in shard.exchanges),
            api=_agreed(shard.api for shard in shards),
            target=_agreed(shard.target for shard in shards),
            notes=tuple(sorted({note for shard in shards for note in shard.notes})),
            cut_short=joined_reasons(shard.cut_short for shard in shards),
        )


def joined_reasons(reasons: Iterable[str | None]) -> str | None:
    """Return in one text why parts of an observation ended before their time; None if none did."""
    return "; ".join(sorted(set(filter(None, reasons)))) or None


def _agreed(values: Iterable[str | None]) -> str | None:
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None


def write_history(history: History, path: Path) -> None:
    """Write a history as NDJSON."""
    path.write_bytes(dump_history(history))


def dump_history(history: History) -> bytes:
    """Return a history as NDJSON."""
    header = {
        "format": FORMAT,
        "api": history.api,
        "target": history.target,
        "notes": list(history.notes),
        **({} if history.cut_short is None else {"cut_short": history.cut_short}),
    }
    lines = [msgspec.json.encode(header), *map(encode_exchange, history.exchanges)]
    return b"\n".join(lines) + b"\n"


def encode_exchange(exchange: Exchange) -> bytes:
    """Return an exchange as one line of JSON, without the line's end."""
    return msgspec.json.encode(
        {
            "worker": exchange.worker,
            **({} if exchange.clock is None else {"clock": exchange.clock}),
            "seq": exchange.seq,
            "at": exchange.at,
            "took": exchange.took,
            "actor": exchange.actor,
            "credentials": exchange.credentials,
            "intent": exchange.intent,
            "request": {
                "method": exchange.method,
                "url": exchange.url,
                **_dump_message(exchange.request),
            },
            "response": None
            if exchange.status is None
            else {"status": exchange.status, **_dump_message(exchange.response)},
            "error": exchange.error,
        }
    )


def _dump_message(message: Message) -> dict[str, Any]:
    dumped: dict[str, Any] = {"headers": [list(pair) for pair in message.headers]}
    if not message.content:
        return dumped
    try:
        text = message.content.decode()
    except UnicodeDecodeError:
        return {**dumped, "base64": message.content}
    # Text keeps every byte, so that a body judged from a file is the body that was sent.
    return {**dumped, "text": text}


def read_history(path: Path) -> History:
    """Read an NDJSON history.

    Raises:
        HistoryError: the file is missing, is no history, or a line cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}") from None
    return parse_history(content, name=str(path))


def parse_history(content: bytes, *, name: str = "history") -> History:
    """Read a history from bytes; `name` stands in error messages."""
    lines = content.split(b"\n")
    try:
        header = _HEADER.decode(lines[0])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        header = None
    if header is None or header.format != FORMAT:
        raise HistoryError(f"{name}:1: not a history; the first line must say {FORMAT!r}")
    exchanges = tuple(
        parse_exchange(line, where=f"{name}:{number}")
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    )
    try:
        return History(
            api=header.api,
            target=header.target,
            notes=header.notes,
            cut_short=header.cut_short,
            exchanges=exchanges,
        )
    except HistoryError as error:
        raise HistoryError(f"{name}: {error}") from None


def parse_exchange(line: bytes, *, where: str) -> Exchange:
    """Read one line of a history.

    Raises:
        HistoryError: the line is not an exchange; the message begins with `where`.
    """
    try:
        raw = _EXCHANGE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HistoryError(f"{where}: not an exchange: {error}") from None
    request, response = raw.request, raw.response
    return Exchange(
        worker=raw.worker,
        clock=raw.clock,
        seq=raw.seq,
        at=raw.at,
        took=raw.took,
        actor=raw.actor,
        credentials=raw.credentials,
        intent=raw.intent,
        method=request.method,
        url=request.url,
        request=request.message,
        status=None if response is None else response.status,
        response=Message() if response is None else response.message,
        error=raw.error,
    )


class _Header(msgspec.Struct):
    """The first line; unknown members of any line are passed over."""

    format: str
    api: str | None = None
    target: str | None = None
    notes: tuple[str, ...] = ()
    cut_short: str | None = None


class _Message(msgspec.Struct):
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    base64: bytes | None = None

    @property
    def message(self) -> Message:
        content = self.text.encode() if self.base64 is None else self.base64
        return Message(tuple((name.lower(), value) for name, value in self.headers), content)


class _Request(_Message, kw_only=True):
    method: str
    url: str


class _Response(_Message, kw_only=True):
    status: int


class _Exchange(msgspec.Struct, kw_only=True):
    worker: str
    seq: Annotated[int, msgspec.Meta(ge=0)]
    at: float
    took: Annotated[float, msgspec.Meta(ge=0)]
    request: _Request
    response: _Response | None
    actor: str | None = None
    credentials: Credentials = "unknown"
    intent: str | None = None
    error: str | None = None
    clock: str | None = None


_HEADER: Final = msgspec.json.Decoder(_Header)
_EXCHANGE: Final = msgspec.json.Decoder(_Exchange)
