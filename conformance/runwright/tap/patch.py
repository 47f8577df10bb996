"""Puts taps under transports of httpx that are made by others, and takes them away again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx

from .taken import Tap
from .transport import carry, carry_async

_SYNC, _ASYNC = "handle_request", "handle_async_request"

_lock = threading.Lock()
_taps: dict[type[Any], tuple[Tap, ...]] = {}


def install(tap: Tap, transports: tuple[type[Any], ...]) -> None:
    """Let a tap take note of all that goes through these classes of transports."""
    with _lock:
        for kind in transports:
            if kind not in _taps:
                _taps[kind] = ()
                for name in (_SYNC, _ASYNC):
                    if name in vars(kind):
                        setattr(kind, name, _noting(kind, name, vars(kind)[name]))
            _taps[kind] = (*_taps[kind], tap)


def remove(tap: Tap, transports: tuple[type[Any], ...]) -> None:
    """Take a tap away again; the last one leaves a class as it was."""
    with _lock:
        for kind in transports:
            left = tuple(other for other in _taps[kind] if other is not tap)
            _taps[kind] = left
            if not left and _restore(kind):
                del _taps[kind]


def _restore(kind: type[Any]) -> bool:
    """Put the methods of a class back; return False if someone else has put theirs over ours."""
    ours = {name: vars(kind)[name] for name in (_SYNC, _ASYNC) if name in vars(kind)}
    if not all(hasattr(method, "runwright_original") for method in ours.values()):
        return False
    for name, method in ours.items():
        setattr(kind, name, method.runwright_original)
    return True


def _noting(kind: type[Any], name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that tells all taps of a class, each of which sees the one before."""

    def handle_request(self: Any, request: httpx.Request) -> httpx.Response:
        def send(request: httpx.Request, taps: tuple[Tap, ...]) -> httpx.Response:
            if not taps:
                response: httpx.Response = original(self, request)
                return response
            return carry(taps[-1], lambda request: send(request, taps[:-1]), request)

        return send(request, _taps.get(kind, ()))

    async def handle_async_request(self: Any, request: httpx.Request) -> httpx.Response:
        async def send(request: httpx.Request, taps: tuple[Tap, ...]) -> httpx.Response:
            if not taps:
                response: httpx.Response = await original(self, request)
                return response
            return await carry_async(taps[-1], lambda request: send(request, taps[:-1]), request)

        return await send(request, _taps.get(kind, ()))

    method: Any = handle_request if name == _SYNC else handle_async_request
    method.runwright_original = original
    method.__doc__ = original.__doc__
    return method  # type: ignore[no-any-return]
