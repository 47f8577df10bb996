# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Reads from an answer only what waiting needs, without building the rest."""

from typing import Any

import msgspec

from .conversion import describe, escape
from .errors import DecodeError
from .lifecycle import tokens


class Peek:
    """Finds status and key in the bytes of an answer."""

    def __init__(self, *, status: str, key: str | None) -> None:
        self._status = tokens(status)
        self._key = tokens(key) if key else None
        tree: dict[str, Any] = {}
        for path in (self._status, self._key or ()):
            branch = tree
            for token in path:
                branch = branch.setdefault(token, {})
        self._decoder = msgspec.json.Decoder(_struct(tree))

    def __call__(self, raw: bytes) -> tuple[str, str | None]:
        """Return status and key.

        Raises:
            DecodeError: the bytes are not whole JSON, or there is no status in them.
        """
        try:
            found = self._decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DecodeError(
                pointer="", expected="JSON with a status", got=str(error), raw=raw
            ) from None
        status = _at(found, self._status)
        if not isinstance(status, str):
            pointer = "".join("/" + escape(token) for token in self._status)
            got = "nothing" if status is msgspec.UNSET else describe(status)
            raise DecodeError(pointer=pointer, expected="a status", got=got, raw=raw)
        key = _at(found, self._key) if self._key else None
        return status, None if key is msgspec.UNSET or key is None else str(key)


def _struct(tree: dict[str, Any]) -> Any:
    fields = []
    names = {}
    for index, (token, branch) in enumerate(tree.items()):
        name = f"f{index}"
        names[name] = token
        fields.append((name, _struct(branch) if branch else Any, msgspec.UNSET))
    return msgspec.defstruct("Peeked", fields, rename=names)


def _at(found: Any, path: tuple[str, ...]) -> Any:
    for token in path:
        name = next(
            (field.name for field in msgspec.structs.fields(found) if field.encode_name == token),
            None,
        )
        found = getattr(found, name) if name else msgspec.UNSET
        if found is msgspec.UNSET:
            return found
    return found
