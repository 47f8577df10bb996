"""A visitor calls an emulator's application in process, by a manual clock, and records it all."""

from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from attrs import define, field
from runwright.emulator.app import base_path, create_app
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import build_world
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.emulator.world import World
from runwright.history import Credentials, Exchange, History, Message, placeholder
from runwright.ledger import Reading
from runwright.spec import Operation, Spec

ORIGIN = "http://emulator.test"
LATENCY = 0.05
"""Virtual seconds that a request takes, so that one surely precedes the next."""


@define(eq=False)
class Visitor:
    """One tenant's or a stranger's calls to a world; `exchanges` keeps them in order."""

    world: World[Any]
    clock: ManualClock
    exchanges: list[Exchange] = field(factory=list)
    _app: Any = None

    def __attrs_post_init__(self) -> None:
        self._app = create_app(self.world)

    @property
    def spec(self) -> Spec:
        return self.world.spec

    @property
    def history(self) -> History:
        return History(exchanges=tuple(self.exchanges), api=self.spec.api)

    def call(
        self,
        operation: str | Operation,
        parameters: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        method: str | None = None,
        tenant: Tenant | None = ALICE,
        headers: Mapping[str, str] | None = None,
        intent: str | None = None,
    ) -> Exchange:
        """Call an operation by id; parameters go where the spec has them, the rest to the query.

        With a `method`, its path is called by that instead of its own.
        """
        found = self.spec.operations[operation] if isinstance(operation, str) else operation
        path, query = found.path, []
        for name, value in (parameters or {}).items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", quote(value, safe=""))
            else:
                query.append((name, value))
        return self.send(
            method or found.method,
            base_path(self.spec) + path,
            query=query,
            content=_encode(body),
            headers={**_media_of(body), **(headers or {})},
            tenant=tenant,
            intent=intent,
            security=found.security,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        tenant: Tenant | None = ALICE,
        intent: str | None = None,
        security: tuple[Mapping[str, Any], ...] | None = None,
    ) -> Exchange:
        """Send any request; without a tenant it carries no credentials."""
        sent = dict(headers or {})
        needed = security if security is not None else self.spec.document.get("security", [])
        if tenant is not None and needed:
            sent.update(credential_headers(self.spec, needed[0], tenant.token))
        suffix = f"?{urlencode(query)}" if query else ""
        at = self.clock.now()
        self.clock.advance(LATENCY / 2)
        status, answered, answer = _drive(self._app, method, path + suffix, sent, content)
        self.clock.advance(LATENCY / 2)
        exchange = Exchange(
            worker="visitor",
            seq=len(self.exchanges),
            at=at,
            took=self.clock.now() - at,
            method=method,
            url=ORIGIN + path + suffix,
            request=Message(_masked_headers(sent), _mask(content)),
            status=status,
            response=Message(_masked_headers(answered), _mask(b"" if method == "HEAD" else answer)),
            actor=tenant.name if tenant else None,
            credentials=_credentials(tenant),
            intent=intent,
        )
        self.exchanges.append(exchange)
        return exchange


def visit(
    api: str,
    *,
    seed: int = 0,
    reading: Reading = "seed",
    fault: str | None = None,
) -> Visitor:
    """Return a visitor of a fresh world whose clock only the visitor moves."""
    clock = ManualClock()
    return Visitor(build_world(api, seed=seed, reading=reading, fault=fault, clock=clock), clock)


def credential_headers(spec: Spec, requirement: Mapping[str, Any], token: str) -> Mapping[str, str]:
    """Return the headers that prove a tenant by the schemes of a security requirement."""
    found = {}
    for name in requirement:
        scheme = spec.document["components"]["securitySchemes"][name]
        if scheme["type"] == "http":
            found["authorization"] = f"Bearer {token}"
        elif scheme["name"].lower() == "authorization":
            found["authorization"] = f"Token {token}"
        else:
            found[scheme["name"].lower()] = token
    return found


class Form(dict[str, Any]):
    """A body to be sent as a form instead of as JSON."""


def _encode(body: Any) -> bytes:
    if isinstance(body, Form):
        return urlencode({name: str(value).lower() for name, value in body.items()}).encode()
    return b"" if body is None else msgspec.json.encode(body)


def _media_of(body: Any) -> dict[str, str]:
    if isinstance(body, Form):
        return {"content-type": "application/x-www-form-urlencoded"}
    return {} if body is None else {"content-type": "application/json"}


STRANGER = Tenant("stranger", "nobody-knows-this-token")


def _credentials(tenant: Tenant | None) -> Credentials:
    if tenant is None:
        return "missing"
    return "valid" if tenant in (ALICE, BOB) else "wrong"


def _mask(content: bytes) -> bytes:
    for tenant in (ALICE, BOB, STRANGER):
        content = content.replace(tenant.token.encode(), placeholder(tenant.name).encode())
    return content


def _masked_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), _mask(value.encode()).decode()) for name, value in headers.items())


def _drive(
    app: Any, method: str, target: str, headers: Mapping[str, str], content: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Call an ASGI application that never really waits."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": _unquoted(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (b"host", b"emulator.test"),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("emulator.test", 80),
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    _run(app(scope, receive, send))
    head = next(m for m in sent if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    answered = {name.decode(): value.decode("latin-1") for name, value in head["headers"]}
    return head["status"], answered, body


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the application waits for something that is not the manual clock")


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
