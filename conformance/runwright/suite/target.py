"""The server that a session tests: one that is there already, or the emulator of an API."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import httpx
from attrs import frozen

from runwright.emulator.clock import RunningClock, SteppedClock
from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE, Tenant
from runwright.emulator.world import World
from runwright.ledger import Reading
from runwright.mask import SHORTEST
from runwright.mistake import Mistake
from runwright.spec import Spec
from runwright.suite.clock import SessionClock
from runwright.suite.keyring import Keyring
from runwright.suite.profile import DEFAULT, Profile

REAL_PATIENCE: Final = 1800.0
"""Seconds for which the runs of a server that is no emulator of ours are waited for."""


OWNER, OTHER = "owner", "other"
"""How the tenants are called whose tokens the environment holds."""


class CredentialsError(Mistake):
    """The credentials for a server are not to be had; the message names the variable."""


class SettingError(Mistake):
    """A path parameter is not given as it must be; the message says how."""


@frozen(kw_only=True)
class Target:
    """A server under test: where it is, who may call it, and how fast its clock runs.

    ``parameters`` are those that cannot be found out, by tenant. ``now`` is the
    server's clock if it can be read, ``clock`` one that it shares with the session, which then
    moves it on. With ``careful`` nothing but runs is changed on it. ``hands`` send what is sent to
    it, in turns; without any, the session itself does.
    """

    url: str
    tenants: tuple[Tenant, ...]
    parameters: Mapping[str, Mapping[str, str]]
    speed: float = 1.0
    patience: float = REAL_PATIENCE
    now: Callable[[], float] | None = None
    clock: SessionClock | None = None
    careful: bool = True
    hands: tuple[httpx.BaseTransport, ...] = ()


def keyring_of(spec: Spec, target: Target) -> Keyring:
    """Return the keys to a target: its first tenant owns the runs, its second is the other one.

    An API that asks nobody for credentials can tell no tenants apart.
    """
    asks = any(any(operation.security) for operation in spec.operations.values())
    tenants = target.tenants if asks else target.tenants[:1]
    return Keyring(spec=spec, owner=tenants[0], other=tenants[1] if len(tenants) > 1 else None)


def tenants_from_environment(environment: Mapping[str, str] = os.environ) -> tuple[Tenant, ...]:
    """Return the tenants whose tokens the environment holds; the second one may be missing.

    Raises:
        CredentialsError: the first token is missing, or one is too short to be kept secret.
    """
    token = environment.get(TOKEN_VARIABLE)
    if not token:
        raise CredentialsError(
            f"set {TOKEN_VARIABLE} to a token for the server, and {OTHER_TOKEN_VARIABLE} to one "
            "of another tenant if you have two"
        )
    other = environment.get(OTHER_TOKEN_VARIABLE)
    for variable, secret in ((TOKEN_VARIABLE, token), (OTHER_TOKEN_VARIABLE, other)):
        if secret and len(secret) < SHORTEST:
            raise CredentialsError(
                f"{variable} has {len(secret)} characters; give a token of {SHORTEST} or more, for "
                "a shorter one cannot be told from other text, and so not be kept out of reports"
            )
    return (Tenant(OWNER, token), *([Tenant(OTHER, other)] if other else []))


def read_settings(settings: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Return path parameters by tenant: of ``NAME=VALUE`` for both, ``other:NAME=VALUE`` for one.

    Raises:
        SettingError: a setting is neither.
    """
    found: dict[str, dict[str, str]] = {OWNER: {}, OTHER: {}}
    common: dict[str, str] = {}
    for setting in settings:
        name, sign, value = setting.partition("=")
        tenant, colon, own_name = name.partition(":")
        if not sign or not name or (colon and (tenant not in found or not own_name)):
            raise SettingError(
                f"{setting}: write it as NAME=VALUE or, where only one tenant has it, as "
                f"{OWNER}:NAME=VALUE or {OTHER}:NAME=VALUE"
            )
        if colon:
            found[tenant][own_name] = value
        else:
            common[name] = value
    return {tenant: {**common, **own} for tenant, own in found.items()}


@contextlib.contextmanager
def emulated(
    api: str | Spec,
    *,
    reading: Reading = "seed",
    seed: int = 0,
    profile: Profile = DEFAULT,
    speed: float | None = None,
    fault: str | None = None,
    world: type[World[Any]] | None = None,
) -> Iterator[Target]:
    """Serve the emulator of an API as long as the context lasts.

    Its clock moves on as the session goes, so that a session is the same each time and waits
    for nothing; with a `speed` it runs by itself, so many times as fast as real ones.
    """
    # The emulator needs a server, which a session against another one does not.
    from runwright.emulator.server import running

    running_clock = None if speed is None else RunningClock(speed)
    stepped = SteppedClock() if running_clock is None else None
    clock = running_clock or stepped
    with running(
        api, seed=seed, reading=reading, fault=fault, clock=clock, world=world
    ) as emulator:
        yield Target(
            url=emulator.url,
            tenants=emulator.tenants,
            parameters=emulator.parameters,
            speed=speed or 1.0,
            patience=profile.patience,
            now=emulator.world.clock.now,
            clock=stepped,
            careful=False,
        )
