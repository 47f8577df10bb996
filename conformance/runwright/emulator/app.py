"""The edge to HTTP: an ASGI application with a route for every documented operation."""

import itertools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runwright.emulator.call import Kind, Later, RawRequest, Refused, Reply
from runwright.emulator.gate import Gate
from runwright.emulator.world import World
from runwright.spec import Operation, Spec


def create_app(world: World[Any]) -> Starlette:
    """Return the application that serves a world.

    Paths stand below the base path of the spec's first server. Whatever is not documented gets
    the API's own error body: 404 for a path, 405 for a method.
    """
    base = base_path(world.spec)
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in world.spec.operations.values():
        by_path.setdefault(operation.path, {})[operation.method] = operation
    # A path without parameters comes before one whose parameter would match it, too.
    routes = [
        Route(base + _numbered(path), _Resource(world, operations))
        for path, operations in sorted(by_path.items(), key=lambda item: "{" in item[0])
    ]
    elsewhere = _Nowhere(world)
    app = Starlette(
        routes=[*routes, Route("/{path:path}", elsewhere)],
        exception_handlers={500: _Fault(world).answer},
    )
    app.router.redirect_slashes = False
    return app


def _numbered(path: str) -> str:
    """Return a path whose parameters have names that Starlette takes: ``p0``, ``p1`` and so on."""
    numbers = itertools.count()
    return re.sub(r"\{[^}]+\}", lambda _: f"{{p{next(numbers)}}}", path)


def base_path(spec: Spec) -> str:
    """Return the path of the spec's first server, without a slash at its end."""
    servers = spec.document.get("servers", [])
    return urlsplit(servers[0]["url"]).path.rstrip("/") if servers else ""


class _Resource:
    """The ASGI endpoint of one path."""

    def __init__(self, world: World[Any], operations: Mapping[str, Operation]) -> None:
        self._world = world
        self._operations = operations
        self._gates = {method: Gate(world, op) for method, op in operations.items()}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        gate = self._gates.get(self._world.method_of(request.method, self._operations))
        if gate is None:
            refused = Refused(
                Kind.WRONG_METHOD,
                f"The method {request.method} is not allowed.",
                headers={"Allow": ", ".join(self._gates)},
            )
            answer: Reply | Later = self._world.finish(self._world.refuse(refused, None), None)
        else:
            answer = gate.answer(await _read(request, gate.operation))
        while isinstance(answer, Later):
            await self._world.clock.until(answer.moment)
            answer = answer.then()
        await _response(answer)(scope, receive, send)


class _Nowhere:
    """The ASGI endpoint of every other path."""

    def __init__(self, world: World[Any]) -> None:
        self._world = world

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        refused = Refused(Kind.NO_ROUTE, "There is nothing here.")
        answer = self._world.finish(self._world.refuse(refused, None), None)
        await _response(answer)(scope, receive, send)


class _Fault:
    """What a caller sees of a fault in a world; the server still logs it."""

    def __init__(self, world: World[Any]) -> None:
        self._world = world

    async def answer(self, request: Request, error: Exception) -> Response:
        return _response(self._world.refuse(Refused(Kind.FAULT, "Something went wrong."), None))


async def _read(request: Request, operation: Operation) -> RawRequest:
    return RawRequest(
        method=request.method,
        url=str(request.url),
        path={
            name: str(request.path_params[f"p{number}"])
            for number, name in enumerate(operation.path_names)
        },
        query=tuple(request.query_params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        content=await request.body(),
    )


def _response(reply: Reply) -> Response:
    content = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
    return Response(
        content,
        status_code=reply.status,
        headers={**reply.headers, "content-type": reply.media_type},
    )
