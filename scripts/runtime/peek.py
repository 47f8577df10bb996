"""Reads from an answer only what waiting needs, without building the rest."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from .codec import no_json
from .conversion import describe, escape
from .errors import DecodeError
from .lifecycle import tokens


class Peek:
    """Finds status and key in the bytes of an answer."""

    def __init__(self, *, status: str, key: str | None) -> None:
        self._status = tokens(status)
        self._key = tokens(key) if key else None
        self._decoder: msgspec.json.Decoder[Any] | None = None

    def __repr__(self) -> str:
        return f"Peek({'/'.join(self._status)})"

    def __call__(self, raw: bytes) -> tuple[str, str | None]:
        """Return status and key.

        Raises:
            DecodeError: the bytes are not whole JSON, or there is no status in them.
        """
        if self._decoder is None:
            self._prepare()
        assert self._decoder is not None
        try:
            found = self._decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise no_json(raw, error) from None
        status = self._find_status(found)
        if isinstance(status, int | float) and not isinstance(status, bool):
            status = str(status)  # as the whole answer would be read
        if not isinstance(status, str):
            pointer = "".join("/" + escape(token) for token in self._status)
            got = "nothing" if status is msgspec.UNSET else describe(status)
            raise DecodeError(pointer=pointer, expected="a status", got=got, raw=raw)
        key = self._find_key(found)
        return status, None if key is msgspec.UNSET or key is None else str(key)

    def _prepare(self) -> None:
        tree: dict[str, Any] = {}
        for path in (self._status, self._key or ()):
            branch = tree
            for token in path:
                branch = branch.setdefault(token, {})
        self._find_status = _finder(tree, self._status)
        self._find_key = _finder(tree, self._key) if self._key else lambda _: None
        self._decoder = msgspec.json.Decoder(_struct(tree))


def _struct(tree: dict[str, Any]) -> Any:
    """Make a struct with nothing but the members of a tree."""
    fields = [
        (f"f{index}", _struct(branch) if branch else Any, msgspec.UNSET)
        for index, branch in enumerate(tree.values())
    ]
    names = {f"f{index}": token for index, token in enumerate(tree)}
    return msgspec.defstruct("Peeked", fields, rename=names)


def _finder(tree: dict[str, Any], path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return what finds the value at a path in a struct made of the tree."""
    names = []
    for token in path:
        names.append(f"f{list(tree).index(token)}")
        tree = tree[token]
    if len(names) == 1:
        return attrgetter(names[0])

    def find(found: Any) -> Any:
        for name in names:
            if found is msgspec.UNSET:
                break
            found = getattr(found, name)
        return found

    return find
