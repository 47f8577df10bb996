"""Parts of large JSON values: what stands at some pointers, and what stands around it."""

from collections.abc import Iterable
from typing import Any

import msgspec
from attrs import evolve

from runwright.history import NOT_JSON, Exchange, Message
from runwright.pointer import tokens

MOST_CONTENT = 65_536
"""Bytes of a body that is kept whole."""

SMALL = 400
"""Bytes of JSON that are kept wherever they stand."""

LONG = 2000
"""Characters of a string that are kept."""


def shorten(exchange: Exchange, pointers: Iterable[str]) -> Exchange:
    """Return an exchange without most of what is large in its bodies.

    The pointers lead into its answer, and still do. An exchange with small bodies is returned
    itself.
    """
    request = _shorten(exchange.request, ())
    response = _shorten(exchange.response, pointers)
    if request is exchange.request and response is exchange.response:
        return exchange
    return evolve(exchange, request=request, response=response)


def _shorten(message: Message, pointers: Iterable[str]) -> Message:
    if len(message.content) <= MOST_CONTENT:
        return message
    if message.json is NOT_JSON:
        return Message(message.headers, message.content[:MOST_CONTENT])
    content = msgspec.json.encode(prune(message.json, pointers))
    return message if len(content) >= len(message.content) else Message(message.headers, content)


def prune(value: Any, pointers: Iterable[str]) -> Any:
    """Return a JSON value without what is large and leads to none of the pointers.

    Each pointer still leads to the same place: large members of objects are left out, large
    items of arrays become null.
    """
    return _prune(value, [tokens(pointer) for pointer in pointers])


def _prune(value: Any, paths: list[tuple[str, ...]]) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONG else value[:LONG] + "…"
    if isinstance(value, dict):
        return {
            key: _prune(member, _below(paths, key))
            for key, member in value.items()
            if _below(paths, key) or _is_small(member)
        }
    if isinstance(value, list):
        return [
            _prune(item, _below(paths, str(index)))
            if _below(paths, str(index)) or _is_small(item)
            else None
            for index, item in enumerate(value)
        ]
    return value


def _below(paths: list[tuple[str, ...]], token: str) -> list[tuple[str, ...]]:
    return [path[1:] for path in paths if path and path[0] == token]


def _is_small(value: Any) -> bool:
    if isinstance(value, dict | list):
        return len(value) <= SMALL and len(msgspec.json.encode(value)) <= SMALL
    return True
