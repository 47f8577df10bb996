# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""What an operation asks and what its answers mean, without sending anything."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from .codec import Codec
from .errors import ApiError, DecodeError, UndocumentedStatusError
from .model import UNSET, Answer, Model
from .redaction import Hide, redacted
from .wire import Request, Response

T = TypeVar("T")
Pairs = Iterable[tuple[str, Any]]

_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")
_SENSELESS = (ValueError, IndexError, TypeError, OverflowError)
"""What the standard library says of a date that is none."""
_SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?")
"""HTTP knows whole ones only, some servers others, too."""
_TELLING = ("detail", "message", "error", "title")


class Failure(Struct, frozen=True, kw_only=True):
    """The class of error that a documented status raises, and how its body reads."""

    error: type[ApiError]
    codec: Codec[Any] | None = None


class Operation(Struct, Generic[T], frozen=True, kw_only=True):
    """One method on one path, as the spec has it."""

    name: str
    method: str
    path: str
    codecs: Mapping[int, Codec[Any] | None]
    """How the body of each documented success reads; None: there is none."""
    failures: Mapping[int, Failure]
    needs_token: bool = True
    form: bool = False
    """True if the body is sent as a form's fields."""
    timeout: float | None = None
    """Seconds that this operation may take, where the client's own default is too short."""

    @property
    def is_repeatable(self) -> bool:
        """True if HTTP calls the method idempotent, so that repeating it does no harm."""
        return self.method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")

    @property
    def final(self) -> frozenset[int]:
        """The statuses after which a repetition would do again what goes on all the same.

        A start that documents 408 answers so when it gives up waiting for the run.
        """
        return frozenset({408} if 408 in self.failures and not self.is_repeatable else ())


def text(value: Any) -> str:
    """Write a parameter's value as URLs and headers have it; what was left out is empty."""
    if value is None or value is UNSET:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def present(pairs: Pairs) -> list[tuple[str, str]]:
    """Return the parameters that were given, as text; a sequence becomes one pair for each."""
    found = []
    for name, value in pairs:
        if value is UNSET or value is None:
            continue
        if isinstance(value, list | tuple | set | frozenset):
            found += [(name, text(member)) for member in value]
        else:
            found.append((name, text(value)))
    return found


def joined(value: Any) -> Any:
    """Write a sequence as one value with commas."""
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(text(member) for member in value)
    return value


def members(*pairs: tuple[str, Any]) -> dict[str, Any]:
    """Build a body of the members that were given."""
    return {name: value for name, value in pairs if value is not UNSET}


def members_if_any(*pairs: tuple[str, Any]) -> Any:
    """Build a body of the members that were given, or none if none was."""
    return members(*pairs) or UNSET


def check(operation: Operation[Any], request: Request, response: Response, hide: Hide) -> Answer:
    """Return the facts of an answer that says that the request succeeded.

    Raises:
        ApiError: it says that the request failed.
    """
    headers = redacted(response.headers, hide)
    answer = Answer(
        status=response.status,
        method=request.method,
        url=request.shown_url,
        headers=headers,
        request_id=next((headers[name] for name in _REQUEST_IDS if name in headers), None),
    )
    if not 200 <= response.status < 300:
        raise _failure(operation, answer, hide(response.content))
    return answer


def decode(operation: Operation[T], raw: bytes, answer: Answer | None) -> T:
    """Turn the body of a success into what it says.

    Raises:
        DecodeError: it is not what the spec says.
    """
    codecs = operation.codecs
    codec = next(iter(codecs.values()), None)
    if answer is not None:
        codec = codecs.get(answer.status, codec)
    if codec is None:
        return cast(T, None)  # T is None where no success has a body
    try:
        return cast(T, codec.decode(raw, answer=answer))
    except DecodeError as error:
        if answer is None:
            raise
        raise located(error, answer) from None


def located(error: DecodeError, answer: Answer) -> DecodeError:
    """Return the same error, saying which answer it is that does not fit."""
    kind = answer.headers.get("content-type", "no content type")
    mark = f", request {answer.request_id}" if answer.request_id else ""
    misfit = DecodeError(
        pointer=error.pointer,
        expected=error.expected,
        got=error.got,
        raw=error.raw,
        source=f"The answer to {answer.method} {answer.url} ({answer.status}, {kind}{mark})",
    )
    misfit.status, misfit.request_id = answer.status, answer.request_id
    misfit.method, misfit.url = answer.method, answer.url
    return misfit


def _failure(operation: Operation[Any], answer: Answer, raw: bytes) -> ApiError:
    documented = operation.failures.get(answer.status)
    body = None
    candidates = [documented] if documented else list(operation.failures.values())
    for candidate in candidates:
        if candidate.codec is None or not raw:
            continue
        try:
            found = candidate.codec.decode(raw, answer=answer)
        except DecodeError:
            continue  # HTML from a proxy, say: the status tells enough
        if not _is_empty(found):
            body = found
            break
    phrase = _phrase(answer.status)
    message = said(raw)
    mark = f" (request {answer.request_id})" if answer.request_id else ""
    kind = documented.error if documented else UndocumentedStatusError
    return kind(
        f"{answer.status} {phrase} from {answer.method} {answer.url}"
        f"{f': {message}' if message else ''}{mark}",
        status=answer.status,
        method=answer.method,
        url=answer.url,
        body=body,
        raw=raw,
        headers=answer.headers,
        request_id=answer.request_id,
        retry_after=hint_in(answer),
    )


def _is_empty(body: Any) -> bool:
    """True if an object has nothing of what the spec says of it."""
    return isinstance(body, Model) and all(
        getattr(body, name) in (UNSET, None, [], {}) for name in body.__struct_fields__
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(not a standard status)"


def said(raw: bytes) -> str:
    """Return what an error body says to a human, if it says it where error bodies do."""
    try:
        plain = Codec[Any](Any).decode(raw)
    except DecodeError:
        return ""
    if isinstance(plain, dict):
        for name in _TELLING:
            if isinstance(plain.get(name), str):
                return str(plain[name])[:300]
    return ""


def hint_in(answer: Answer) -> float | None:
    """Return the seconds that an answer asks to be waited; its own clock is the one that counts."""
    now = None
    with contextlib.suppress(*_SENSELESS):
        now = _moment(answer.headers.get("date", ""))
    return retry_after(answer.headers.get("retry-after"), now=now)


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Read a ``Retry-After`` header, seconds or a date, as seconds from now."""
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        whole, _, part = value.partition(".")
        return float(f"{whole[:9]}.{part[:9]}")
    try:
        return max(0.0, (_moment(value) - (now or datetime.now(UTC))).total_seconds())
    except _SENSELESS:
        return None
