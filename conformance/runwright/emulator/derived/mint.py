"""New ids, as a schema wants them: integers, UUIDs, or texts like the one that an example shows."""

from collections.abc import Mapping
from typing import Any, Final

from runwright.emulator.chance import Chance
from runwright.emulator.derived.album import Album
from runwright.emulator.world import WorldError
from runwright.validation import ALL_RULES, compile_schema

FIRST: Final = 1001
"""The first integer that is given away, if the schema has nothing against it."""
LENGTH: Final = 20
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def mint(
    album: Album, schema: Mapping[str, Any], *, like: object, number: int, chance: Chance
) -> str | int:
    """Return an id that fits a schema; ids with different numbers differ.

    `like` is an id that an example shows.

    Raises:
        WorldError: no id could be made.
    """
    fits = compile_schema(album.spec, schema, ALL_RULES)
    node = album.spec.deref(schema)
    kinds = node.get("type", "string")
    if "integer" in kinds or "number" in kinds:
        low = int(node.get("minimum", node.get("exclusiveMinimum", 0) + 1))
        return max(FIRST, low) + number
    if node.get("format") == "uuid":
        return chance.uuid()
    text = chance.text(min(LENGTH, node.get("maxLength", LENGTH)))
    tries = [text, _varied(like, fits.is_valid, chance)] if isinstance(like, str) else [text]
    for made in reversed(tries) if "pattern" in node else tries:
        if fits.is_valid(made):
            return made
    raise WorldError(
        f"{album.spec.file}: no id could be made that fits {dict(node)}; give it an example"
    )


def _varied(text: str, fits: Any, chance: Chance) -> str:
    """Return another text of the same form: each letter and digit changed if that still fits."""
    made = list(text)
    for index, old in enumerate(text):
        alphabet = (
            "0123456789" if old.isdecimal() else LETTERS if old.islower() else LETTERS.upper()
        )
        if not old.isascii() or not old.isalnum():
            continue
        made[index] = chance.one_of(alphabet)
        if not fits("".join(made)):
            made[index] = old
    return "".join(made)
