# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Between bytes and models: strict and fast first, forgiving where that fails."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import msgspec

from .conversion import Misfit, check_same, convert, hints
from .errors import DecodeError
from .model import Answer, Kept, Model

T = TypeVar("T")

LARGE = 1 << 16
"""From this many bytes on, the garbage collector is paused while a body is decoded."""


class _Collector:
    """Pauses the garbage collector while anybody wants it paused.

    Decoding makes many objects and no garbage, and each of the collector's passes over them is
    wasted. Counting makes it safe for threads: the last to finish restores what the first found.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pauses = 0
        self._was_enabled = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            if self._pauses == 0:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._pauses += 1
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if self._pauses == 0 and self._was_enabled:
                    gc.enable()


_COLLECTOR = _Collector()


class Codec(Generic[T]):
    """Decodes one type of answer."""

    def __init__(self, type_: Any) -> None:
        self._type = type_
        self._fast: msgspec.json.Decoder[Any] | None = None
        self._ready = False
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
        return f"Codec({self._type})"

    def decode(self, raw: bytes, *, answer: Answer | None = None) -> T:
        """Read an answer.

        Raises:
            DecodeError: the bytes are not JSON, or not of this type.
        """
        if self._item is not None:
            return cast(T, self._decode_each(raw, answer))
        if not self._ready:
            self._prepare()
        if self._fast is not None:
            try:
                if len(raw) < LARGE:
                    made: Any = self._fast.decode(raw)
                else:
                    with _COLLECTOR.paused():
                        made = self._fast.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
            else:
                if isinstance(made, Model):
                    made._kept_ = Kept(raw=raw, answer=answer)
                return cast(T, made)
        return self._forgive(raw, answer)

    def _prepare(self) -> None:
        if not _has_own_names(self._type, set()):
            try:
                self._fast = msgspec.json.Decoder(self._type)
            except TypeError:
                # msgspec refuses unions of several objects; the forgiving way takes them.
                self._fast = None
        self._ready = True

    def _forgive(self, raw: bytes, answer: Answer | None) -> T:
        plain = decode_plain(raw)
        try:
            made = convert(plain, self._type)
            if not isinstance(made, Model) and self._item is None:
                # Nothing here remembers what came, so it must be the same that goes.
                check_same(made, plain)
        except Misfit as misfit:
            raise DecodeError(
                pointer=misfit.pointer, expected=misfit.expected, got=misfit.got, raw=raw
            ) from None
        if isinstance(made, Model):
            made._kept_ = Kept(
                raw=raw, plain=plain if isinstance(plain, dict) else None, answer=answer
            )
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


def decode_plain(raw: bytes) -> Any:
    """Read JSON without a type.

    Raises:
        DecodeError: the bytes are not JSON.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = raw[:40].decode("utf-8", "replace")
        got = f"{start!r}{'…' if len(raw) > 40 else ''} ({error})" if raw else "an empty body"
        raise DecodeError(pointer="", expected="JSON", got=got, raw=raw) from None


def _has_own_names(type_: Any, seen: set[Any]) -> bool:
    """True if a model below a type has an attribute that is not named as in JSON."""
    if get_origin(type_) is None and isinstance(type_, type):
        if not issubclass(type_, Model) or type_ in seen:
            return False
        seen.add(type_)
        return bool(type_._names_) or any(_has_own_names(h, seen) for h in hints(type_).values())
    return any(_has_own_names(argument, seen) for argument in get_args(type_))
