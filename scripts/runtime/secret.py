"""A credential that cannot be printed, logged or pickled by accident."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn
from urllib.parse import quote

_LONG = 8
"""A token of fewer characters is blotted out as a word only: it may be part of any other."""


class Secret:
    """Holds a token; only ``reveal`` gives it away."""

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        if not value or value != value.strip() or not value.isascii() or not value.isprintable():
            # The value itself must not get into the message.
            raise ValueError(
                "The token is empty, or has white space around it, or a character that no "
                "HTTP header can carry."
            )
        self._reveal: Final[Callable[[], str]] = lambda: value

    def reveal(self) -> str:
        """Return the token."""
        return self._reveal()

    def hide(self, raw: bytes) -> bytes:
        """Return the bytes with the token blotted out, should a server have echoed it.

        It is found as it is, and as JSON and URLs may write it.
        """
        value = self._reveal()
        for form in {value, value.replace("/", r"\/"), quote(value, safe="")}:
            if len(value) < _LONG:
                whole = rf"(?<![A-Za-z0-9_]){re.escape(form)}(?![A-Za-z0-9_])"
                raw = re.sub(whole.encode(), b"***", raw)
            else:
                raw = raw.replace(form.encode(), b"***")
        return raw

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token is not pickled; make a new client where you need one.")
