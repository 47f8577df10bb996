# Made by scripts/generate.py from the OpenAPI document of nekt_v2; do not edit.
"""A credential that cannot be printed, logged or pickled by accident."""

from collections.abc import Callable
from typing import Final, NoReturn


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

    def hide_in(self, text: str) -> str:
        """Return the text with the token blotted out, should a server have echoed it."""
        return text.replace(self._reveal(), "***")

    def hide_in_bytes(self, raw: bytes) -> bytes:
        """Return the bytes with the token blotted out, should a server have echoed it."""
        return raw.replace(self._reveal().encode(), b"***")

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A token is not pickled; make a new client where you need one.")
