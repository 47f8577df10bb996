"""How much room texts need, and how they are shortened to fit."""

from bisect import bisect
from collections.abc import Sequence

SLIM, BROAD = frozenset("fijlrtI.,:;!|'()[]/_- "), frozenset("mwMW@%—…")

WIDTHS = (260, 300, 330, 380, 440, 520, 600, 690, 780, 880, 980, 1080)
"""Widths of a picture in pixels from which on more of its texts are shown."""

SMALL = 600
"""A picture that is not so wide has less room beside its lanes."""
BESIDE, LITTLE_BESIDE = 212, 114
"""Pixels beside the lanes of a picture, and of a small one, as the style sheet has them."""


def width_of(text: str, size: float) -> float:
    """Return the pixels that a bold text takes at most in the usual sans-serif fonts."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in SLIM:
        return 0.5
    if character in BROAD or ord(character) > 0x2E7F:
        return 1.05
    return 0.83 if character.isupper() else 0.71


def shown_from(needed: float, share: float) -> str | None:
    """Return the class of what needs so many pixels of a share of the lanes, in percent.

    None if no picture is so wide.
    """
    lanes = 100 * needed / share if share > 0 else float("inf")
    is_small = lanes + BESIDE <= SMALL
    picture = lanes + (LITTLE_BESIDE if is_small else BESIDE)
    return next((f"at-{width}" for width in WIDTHS if width >= picture), None)


def apart(places: Sequence[float], distance: float = 3.5) -> Sequence[str | None]:
    """Return the classes of strokes at places in percent of the lanes.

    The wider a picture, the more of them can stand so many pixels from each other, and are shown;
    None for those that never can.
    """
    kinds: list[str | None] = [None] * len(places)
    shown: list[float] = []
    for width in WIDTHS:
        room = 100 * distance / (width - (LITTLE_BESIDE if width < SMALL else BESIDE))
        for index, place in enumerate(places):
            at = bisect(shown, place)
            near = shown[max(0, at - 1) : at + 1]
            if kinds[index] is None and all(abs(place - other) >= room for other in near):
                shown.insert(at, place)
                kinds[index] = f"at-{width}"
    return kinds


def shorten(label: str, most: int) -> str:
    """Shorten a label in the middle of its longest word."""
    if len(label) <= most:
        return label
    words = label.split(" / ")
    longest = max(words, key=len)
    room = max(5, most - (len(label) - len(longest)))
    if len(longest) > room:
        tail = (room - 1) // 2
        words[words.index(longest)] = f"{longest[: room - 1 - tail]}…{longest[-tail:]}"
    text = " / ".join(words)
    return text if len(text) <= most else f"…{text[1 - most :]}"
