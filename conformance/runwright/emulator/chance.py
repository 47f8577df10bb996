"""Draws that depend on a seed and a name alone, so that a world is the same each time."""

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Chance:
    """A source of draws; two with equal names give the same ones."""

    def __init__(self, *name: object) -> None:
        """Begin the draws that belong to a name, such as a seed, a tenant and a run's number."""
        self.name = name
        self._random = random.Random(repr(name))

    def branch(self, *name: object) -> "Chance":
        """Return the draws of something below this, untouched by what was drawn here."""
        return Chance(*self.name, *name)

    def between(self, low: float, high: float) -> float:
        """Draw a number from a range."""
        return self._random.uniform(low, high)

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from a range, both ends included."""
        return self._random.randint(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        """Draw one of several things, each as likely as the others."""
        return self._random.choice(options)

    def happens(self, probability: float) -> bool:
        """Draw whether something happens."""
        return self._random.random() < probability

    def moments(self, low: float, high: float, count: int) -> tuple[float, ...]:
        """Draw moments from a range, in order."""
        return tuple(sorted(self._random.uniform(low, high) for _ in range(count)))

    def uuid(self) -> str:
        """Draw a random UUID (version 4)."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def text(self, length: int, alphabet: str = ALPHABET) -> str:
        """Draw a string over an alphabet; it begins with a letter if the alphabet has any."""
        letters = [c for c in alphabet if c.isalpha()] or list(alphabet)
        rest = self._random.choices(alphabet, k=length - 1)
        return "".join([self._random.choice(letters), *rest])


def deal(deck: Sequence[T], number: int, *name: object) -> T:
    """Return the card at a place of an endless row of shuffled decks.

    So every few runs hold each fate once, in an order that the name decides. A card that stands
    in the deck twice comes twice as often. The first of all is the deck's first, so that who
    tries something out meets the plain case.
    """
    round_, place = divmod(number, len(deck))
    cards = list(deck)
    random.Random(repr((*name, round_))).shuffle(cards)
    if round_ == 0:
        cards.insert(0, cards.pop(cards.index(deck[0])))
    return cards[place]


def digest(*parts: object, length: int = 8) -> str:
    """Return a fingerprint, in lower-case hexadecimal, of things by their ``repr``."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:length]
