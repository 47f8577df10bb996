# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Between bytes and models: strict and fast first, forgiving where that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import msgspec

from .collector import COLLECTOR, LARGE
from .errors import DecodeError
from .model import Answer, Kept, Model, keep

T = TypeVar("T")

_PREPARING = threading.RLock()
"""Held while msgspec looks at classes: a thread that met one half looked at would crash all."""


class Codec(Generic[T]):
    """Decodes one type of answer."""

    def __init__(self, type_: Any) -> None:
        self.type = type_
        self._read: Callable[[bytes], T] | None = None
        self._is_model = isinstance(type_, type) and issubclass(type_, Model)
        origin, arguments = get_origin(type_), get_args(type_)
        item = arguments[-1] if origin in (list, dict) else None
        self._item: Codec[Any] | None = None
        if isinstance(item, type) and issubclass(item, Model):
            # Each model of an array or map at the top keeps its own piece of the answer.
            self._item = Codec(item)
            self._outer: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
                list[msgspec.Raw] if origin is list else dict[str, msgspec.Raw]
            )

    def __repr__(self) -> str:
        return f"Codec({self.type})"

    def decode(self, raw: bytes, *, answer: Answer | None = None) -> T:
        """Read an answer.

        Raises:
            DecodeError: the bytes are not JSON, or not of this type.
        """
        # The whole of a small answer takes a microsecond or two, so what is done here counts.
        read = self._read
        if read is None:
            return self._prepare(raw, answer)
        try:
            if len(raw) < LARGE:
                made = read(raw)
            else:
                with COLLECTOR.paused():
                    made = read(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._forgive(raw, answer)
        if self._is_model or isinstance(made, Model):
            model: Any = made
            model._kept_ = (raw, None, answer)  # by way of `__dict__` it takes twice as long
        return made

    def _prepare(self, raw: bytes, answer: Answer | None) -> T:
        """Read the first answer, or one whose parts are read one by one."""
        if self._item is not None:
            return cast(T, self._decode_each(raw, answer))
        with _PREPARING:
            try:
                self._read = self._read or msgspec.json.Decoder(self.type).decode
            except TypeError:
                # msgspec refuses unions of several objects; the forgiving way takes them.
                self._read = _refuse
        return self.decode(raw, answer=answer)

    def _forgive(self, raw: bytes, answer: Answer | None) -> T:
        from .conversion import Misfit, check_same, convert  # seldom needed

        plain = decode_plain(raw)
        try:
            made = convert(plain, self.type)
            if not isinstance(made, Model) and self._item is None:
                # Nothing here remembers what came, so it must be the same that goes.
                check_same(made, plain)
        except Misfit as misfit:
            raise DecodeError(
                pointer=misfit.pointer, expected=misfit.expected, got=misfit.got, raw=raw
            ) from None
        if isinstance(made, Model):
            keep(made, Kept(raw=raw, plain=plain, answer=answer))
        return cast(T, made)

    def _decode_each(self, raw: bytes, answer: Answer | None) -> Any:
        assert self._item is not None
        try:
            pieces = self._outer.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._forgive(raw, answer)
        try:
            if isinstance(pieces, dict):
                return {k: self._item.decode(bytes(p), answer=answer) for k, p in pieces.items()}
            return [self._item.decode(bytes(piece), answer=answer) for piece in pieces]
        except DecodeError:
            return self._forgive(raw, answer)  # once more, for the pointer from the top


def _refuse(raw: bytes) -> Any:
    raise msgspec.DecodeError


def decode_plain(raw: bytes) -> Any:
    """Read JSON without a type.

    Raises:
        DecodeError: the bytes are not JSON.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_json(raw, error) from None


def no_json(raw: bytes, error: Exception) -> DecodeError:
    """Return the error for bytes that are not JSON."""
    start = raw[:40].decode("utf-8", "replace")
    got = f"{start!r}{'…' if len(raw) > 40 else ''} ({error})" if raw else "an empty body"
    return DecodeError(pointer="", expected="JSON", got=got, raw=raw)
