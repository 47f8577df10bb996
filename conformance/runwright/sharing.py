"""Decoding of successive JSON texts in which what did not change is the same object.

A poller reads the same large body again and again. Each text is compared with the one before,
container by container and as bytes, and only what differs is decoded; so a reader can tell by
identity what it has read before.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from attrs import define

LEAST: Final = 256
"""Bytes of a container below which it is decoded as a whole."""

MOST: Final = 65_536
"""Bytes of a container above which its parts are compared, and its own text is not kept."""

ENTRY: Final = 16
"""Bytes that an entry of a container counts for, which takes some memory whatever it holds."""

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder()

Key = str | int


@define(eq=False)
class _Node:
    """A value with its text, and with what it holds where that was looked into."""

    text: bytes
    value: Any
    inner: "dict[Key, _Node] | None" = None


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: decoded bodies are many objects, and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Sharing:
    """A decoder that remembers the text before.

    ``fresh`` counts the bytes of all texts that were not the same before, and a few for each
    entry of a container that was made anew.
    """

    def __init__(self) -> None:
        self.fresh = 0
        self._text: bytes | None = None
        self._root: _Node | None = None

    def decode(self, content: bytes) -> Any:
        """Decode a JSON text; what equals the text before at the same place is the same object.

        Raises:
            msgspec.DecodeError, UnicodeDecodeError, RecursionError: the text is not JSON. What
                was remembered stays.
        """
        if self._root is None or content != self._text:
            with collector_paused():
                self._root = self._read(content.strip(b" \t\r\n"), self._root)
            self._text = content
        return self._root.value

    def _read(self, text: bytes, former: _Node | None) -> _Node:
        large = len(text) > MOST
        is_container = len(text) >= LEAST and text[0] in b"{["
        if not is_container or (former is None and not large):
            self.fresh += len(text)
            return _Node(text, _VALUE.decode(text))
        before: Mapping[Key, _Node] = {}
        if former is not None and former.value.__class__ is _kind(text):
            before = _inside(former)
        inner: dict[Key, _Node] = {}
        for key, raw in _split(text):
            part = bytes(raw)
            node = before.get(key)
            inner[key] = node if node is not None and node.text == part else self._read(part, node)
        if large and former is not None and _same(inner, before):
            return former
        self.fresh += ENTRY * len(inner)
        values = {key: node.value for key, node in inner.items()}
        value = values if _kind(text) is dict else list(values.values())
        return _Node(b"" if large else text, value, inner)


def _same(inner: Mapping[Key, _Node], before: Mapping[Key, _Node]) -> bool:
    return len(inner) == len(before) and all(before.get(key) is node for key, node in inner.items())


def _inside(node: _Node) -> dict[Key, _Node]:
    if node.inner is None:
        node.inner = {key: _Node(bytes(raw), node.value[key]) for key, raw in _split(node.text)}
    return node.inner


def _kind(text: bytes) -> type:
    return dict if text.startswith(b"{") else list


def _split(text: bytes) -> Iterable[tuple[Key, msgspec.Raw]]:
    if _kind(text) is dict:
        return _MEMBERS.decode(text).items()
    return enumerate(_ITEMS.decode(text))
