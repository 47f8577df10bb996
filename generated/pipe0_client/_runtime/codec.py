# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Between bytes and models: strict and fast first, forgiving where that fails."""

from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import msgspec

from .collector import COLLECTOR, LARGE
from .conversion import Misfit, check_same, convert
from .errors import DecodeError
from .model import Answer, Kept, Model, keep

T = TypeVar("T")


class Codec(Generic[T]):
    """Decodes one type of answer."""

    def __init__(self, type_: Any) -> None:
        self.type = type_
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
        return f"Codec({self.type})"

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
                    with COLLECTOR.paused():
                        made = self._fast.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
            else:
                if isinstance(made, Model):
                    keep(made, Kept(raw=raw, answer=answer))
                return cast(T, made)
        return self._forgive(raw, answer)

    def _prepare(self) -> None:
        try:
            self._fast = msgspec.json.Decoder(self.type)
        except TypeError:
            # msgspec refuses unions of several objects; the forgiving way takes them.
            self._fast = None
        self._ready = True

    def _forgive(self, raw: bytes, answer: Answer | None) -> T:
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
