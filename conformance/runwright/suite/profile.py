"""How much a session does."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Profile:
    """The size of a session; times are in seconds of the suite's clock.

    ``plans`` lives of runs are led, ``others`` of them by the second tenant, and begin within
    ``spread``; ``bodies`` broken bodies are sent to each operation, and ``fuzz`` cases of each
    kind are generated for it. ``patience`` is how long an emulator's runs are waited for.
    """

    name: str
    plans: int
    others: int
    spread: float
    bodies: int
    fuzz: int
    patience: float


QUICK: Final = Profile(name="quick", plans=12, others=1, spread=8, bodies=6, fuzz=0, patience=140)
DEFAULT: Final = Profile(
    name="default", plans=18, others=2, spread=24, bodies=24, fuzz=8, patience=200
)
THOROUGH: Final = Profile(
    name="thorough", plans=60, others=6, spread=90, bodies=200, fuzz=40, patience=600
)
PROFILES: Final[Mapping[str, Profile]] = {p.name: p for p in (QUICK, DEFAULT, THOROUGH)}
