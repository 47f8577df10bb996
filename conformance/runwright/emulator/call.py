"""A call that was let in, the answers to it, and the ways in which a call is refused."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from http.cookies import SimpleCookie
from typing import Any, Final

from attrs import evolve, field, frozen

from runwright.emulator.tenants import Tenant
from runwright.spec import Operation
from runwright.validation import JSON, SchemaError


@frozen(kw_only=True)
class RawRequest:
    """A request as it came in; header names are in lower case."""

    method: str
    url: str
    path: Mapping[str, str] = field(factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = b""

    @property
    def carried(self) -> Mapping[str, str]:
        """Wherever credentials may be: headers, ``query <name>`` and ``cookie <name>``."""
        cookies = SimpleCookie(self.headers.get("cookie", ""))
        return {
            **{f"query {name}": value for name, value in self.query},
            **{f"cookie {name}": morsel.value for name, morsel in cookies.items()},
            **self.headers,
        }


@frozen(kw_only=True)
class Call:
    """A request that was let in: who calls which operation, with what, at what virtual time.

    Parameters are decoded by their schemas and stand under their documented names; one that was
    left out has its schema's default, or is missing. ``body`` is None if there was none.
    """

    operation: Operation
    tenant: Tenant
    now: float
    raw: RawRequest
    path: Mapping[str, Any] = field(factory=dict)
    query: Mapping[str, Any] = field(factory=dict)
    headers: Mapping[str, Any] = field(factory=dict)
    body: JSON = None

    @property
    def url(self) -> str:
        """The whole URL that was called."""
        return self.raw.url


@frozen
class Reply:
    """An answer: status, JSON body (bytes are sent as they are), further headers."""

    status: int
    body: JSON
    headers: Mapping[str, str] = field(factory=dict)
    media_type: str = "application/json"

    def with_headers(self, **headers: object) -> "Reply":
        """Return the reply with more headers; ``retry_after`` becomes ``Retry-After``."""
        more = {name.replace("_", "-").title(): str(value) for name, value in headers.items()}
        return evolve(self, headers={**self.headers, **more})

    def with_body(self, body: JSON) -> "Reply":
        """Return the reply with another body."""
        return evolve(self, body=body)


@frozen
class Later:
    """An answer that is given only when the virtual time has reached a moment."""

    moment: float
    then: Callable[[], Reply]


class Kind(StrEnum):
    """Why a call is refused."""

    NO_CREDENTIALS = "no-credentials"
    WRONG_CREDENTIALS = "wrong-credentials"
    FORBIDDEN = "forbidden"
    NO_ROUTE = "no-route"
    NOT_FOUND = "not-found"
    WRONG_METHOD = "wrong-method"
    WRONG_MEDIA_TYPE = "wrong-media-type"
    MALFORMED = "malformed"
    INVALID_PATH = "invalid-path"
    INVALID_PARAMETER = "invalid-parameter"
    INVALID_BODY = "invalid-body"
    CONFLICT = "conflict"
    TIMEOUT = "timeout"
    PAYMENT = "payment"
    RATE_LIMITED = "rate-limited"
    FAULT = "fault"


STATUSES: Final[Mapping[Kind, tuple[int, ...]]] = {
    Kind.NO_CREDENTIALS: (401, 403),
    Kind.WRONG_CREDENTIALS: (401, 403),
    Kind.FORBIDDEN: (403, 404),
    Kind.NO_ROUTE: (404,),
    Kind.NOT_FOUND: (404, 400),
    Kind.WRONG_METHOD: (405,),
    Kind.WRONG_MEDIA_TYPE: (415, 400, 422),
    Kind.MALFORMED: (400, 422),
    Kind.INVALID_PATH: (404, 400, 422),
    Kind.INVALID_PARAMETER: (400, 422),
    Kind.INVALID_BODY: (422, 400),
    Kind.CONFLICT: (409, 400),
    Kind.TIMEOUT: (408, 504),
    Kind.PAYMENT: (402, 403),
    Kind.RATE_LIMITED: (429,),
    Kind.FAULT: (500,),
}
"""The statuses that fit each kind, the best first; the first documented one is taken."""


class Refused(Exception):  # noqa: N818  it is an answer, not an error of the program
    """A call is refused.

    ``detail`` is a sentence for the caller; ``errors`` are the schema's complaints, with pointers
    into the body, or below the parameter's name; ``code`` is the API's own name for the reason,
    if it has one; ``headers`` go with the answer.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: tuple[SchemaError, ...] = (),
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse for a reason."""
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.code = code
        self.headers = dict(headers or {})
