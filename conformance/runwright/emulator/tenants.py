"""The two tenants whom every emulator serves; their tokens are public and open nothing else."""

from typing import Final

from attrs import field, frozen


@frozen
class Tenant:
    """Someone who may call a server: a name for labels, and the secret that proves it."""

    name: str
    token: str = field(repr=False)


ALICE: Final = Tenant("alice", "emulator-alice-7c41d0aa")
BOB: Final = Tenant("bob", "emulator-bob-93e8f5bb")
TENANTS: Final = (ALICE, BOB)

TOKEN_VARIABLE: Final = "RUNWRIGHT_TOKEN"
"""The environment variable from which programs of this project read a token."""
OTHER_TOKEN_VARIABLE: Final = "RUNWRIGHT_OTHER_TOKEN"
"""The one for a second tenant's token, for checks that need two."""
