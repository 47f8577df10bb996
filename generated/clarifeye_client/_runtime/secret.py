# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""A credential that cannot be printed, logged or pickled by accident."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from functools import cache
from operator import methodcaller
from typing import Final, NoReturn
from weakref import WeakSet

_LONG = 8
"""A token of fewer characters is blotted out as a word only: it may be part of any other."""


_MARKS = re.compile(rb"[\\%&~]")
"""Where none of these is, a token without spaces can only stand as it is."""
_NAMED = {
    "/": "~1",
    "~": "~0",
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    " ": r"\+",
}


class Secret:
    """Holds a token; only ``reveal`` gives it away."""

    __slots__ = ("__weakref__", "_blot", "_is_long", "_is_one_word", "_reveal", "_spelled")

    def __init__(self, value: str) -> None:
        if not value or value != value.strip() or not value.isascii() or not value.isprintable():
            del value  # it must not get into the message, nor stand beside it in a traceback
            raise ValueError(
                "The token is empty, or has white space around it, or a character that no "
                "HTTP header can carry."
            )
        self._reveal: Final[Callable[[], str]] = lambda: value
        # No frame of `hide` has the token in its variables.
        self._blot: Final[Callable[[bytes], bytes]] = methodcaller(
            "replace", value.encode(), b"***"
        )
        self._is_long: Final = len(value) >= _LONG
        self._is_one_word: Final = " " not in value
        self._spelled: Final = cache(lambda: re.compile(_spellings(value).encode()))
        BLOTTER.learn(self)

    def reveal(self) -> str:
        """Return the token."""
        return self._reveal()

    def hide(self, raw: bytes) -> bytes:
        """Return the bytes with the token blotted out, should a server have echoed it.

        It is found as it is, and as JSON, JSON Pointers, URLs and HTML may spell it.
        """
        if self._is_long:
            raw = self._blot(raw)
            if self._is_one_word and _MARKS.search(raw) is None:
                return raw
        return self._spelled().sub(b"***", raw)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token is not pickled; make a new client where you need one.")


class _Blotter(logging.Filter):
    """Blots all tokens out of what a library logs of its own accord."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: WeakSet[Secret] = WeakSet()
        self._lock = threading.RLock()

    def learn(self, secret: Secret) -> None:
        with self._lock:
            self._secrets.add(secret)

    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            secrets = tuple(self._secrets)
        left = said = record.getMessage().encode("utf-8", "surrogatepass")
        for secret in secrets:
            left = secret.hide(left)
        if left != said:
            record.msg, record.args = left.decode("utf-8", "surrogatepass"), ()
        return True


BLOTTER = _Blotter()


def _spellings(value: str) -> str:
    """Return a pattern for all the ways in which a token may be spelled."""
    pattern = "".join(map(_spellings_of, re.findall(r"\\+|[^\\]", value)))
    return pattern if len(value) >= _LONG else rf"(?<![A-Za-z0-9_]){pattern}(?![A-Za-z0-9_])"


def _spellings_of(piece: str) -> str:
    """Return a pattern for a character, or for several backslashes, however many they become."""
    # Each begins with a character of its own: so the bytes are searched several times as fast.
    character = piece[0]
    itself, code = re.escape(character), ord(character)
    digits = "".join(f"[{digit}{digit.upper()}]" for digit in f"{code:02x}")
    # And no part of it is of any length: a server may send nothing but backslashes.
    forms = [itself, f"%(?:25){{0,4}}{digits}", rf"\\{{1,16}}(?:u00|x){digits}"]
    forms += [f"&#0{{0,6}}{code};", f"&#[xX]0{{0,6}}{digits};"]
    if character == "\\":
        return f"(?:{'|'.join(forms)}){{1,{8 * len(piece)}}}+"
    if not character.isalnum():
        forms.append(rf"\\{{1,16}}{itself}")
    if character in _NAMED:
        forms.append(_NAMED[character])
    return f"(?:{'|'.join(forms)})"
