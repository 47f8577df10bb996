"""Serving a world over HTTP: in the foreground, or in a thread beside a test."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import uvicorn
from attrs import field, frozen

from runwright.emulator.app import base_path, create_app
from runwright.emulator.clock import Clock, RunningClock
from runwright.emulator.derived.world import DerivedWorld
from runwright.emulator.mutant import MutantError, find_mutant
from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE, Tenant
from runwright.emulator.world import World, world_class
from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.spec import Spec, load_spec

HOST = "127.0.0.1"


class ServerError(Mistake):
    """The server did not start; the message says why."""


@frozen(kw_only=True)
class Emulator:
    """A running emulator: where it listens, whom it serves, and the world behind it.

    ``url`` takes the place of the vendor's server URL, base path included. ``parameters`` are
    the path parameters that a tenant must know beforehand, by the tenant's name.
    """

    api: str
    url: str
    tenants: tuple[Tenant, ...]
    world: World[Any] = field(repr=False)

    @property
    def credentials(self) -> Mapping[str, str]:
        """The tenants' tokens by name; the first tenant comes first."""
        return {tenant.name: tenant.token for tenant in self.tenants}

    @property
    def parameters(self) -> Mapping[str, Mapping[str, str]]:
        """The path parameters that each tenant must know beforehand."""
        return {tenant.name: self.world.parameters(tenant) for tenant in self.tenants}


def build_world(
    api: str | Spec,
    *,
    seed: int = 0,
    speed: float = 1.0,
    reading: Reading = "seed",
    fault: str | None = None,
    clock: Clock | None = None,
    world: type[World[Any]] | None = None,
) -> World[Any]:
    """Return the world of an API, honest or with a fault; `clock` takes the place of `speed`.

    Without a `world` of its own, a spec that is not the project's gets one that plays its
    lifecycles.

    Raises:
        SpecError: no API has that id.
        WorldError: the API has no emulator, or none can be made from the spec.
        MutantError: the API has no fault of that name.
    """
    spec = load_spec(api) if isinstance(api, str) else api
    kind = world or _world_of(spec, fault)
    return kind(spec, clock=clock or RunningClock(speed), seed=seed, reading=reading)


@contextlib.contextmanager
def running(
    api: str | Spec,
    *,
    seed: int = 0,
    speed: float = 1.0,
    reading: Reading = "seed",
    fault: str | None = None,
    clock: Clock | None = None,
    world: type[World[Any]] | None = None,
) -> Iterator[Emulator]:
    """Serve an API on a free loopback port for as long as the context lasts.

    Raises:
        ServerError: the server did not start.
    """
    served = build_world(
        api, seed=seed, speed=speed, reading=reading, fault=fault, clock=clock, world=world
    )
    name = served.spec.api
    with _listen(HOST, 0) as listener:
        server = uvicorn.Server(_config(served))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"emulator-{name}", daemon=True
        )
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise ServerError(f"the emulator of {name} ended before it had started")
                thread.join(0.005)
            yield Emulator(
                api=name, url=_url(served, listener), tenants=served.tenants, world=served
            )
        finally:
            # Answers that still wait for the clock are given up with their connections.
            server.should_exit = server.force_exit = True
            thread.join()


def _world_of(spec: Spec, fault: str | None) -> type[World[Any]]:
    if spec.is_ours:
        return world_class(spec.api) if fault is None else find_mutant(spec.api, fault).world
    if fault is not None:
        raise MutantError(f"{spec.file}: there are no faults of an API that only has a spec")
    return DerivedWorld


def serve(
    api: str | Spec,
    *,
    host: str = HOST,
    port: int = 0,
    seed: int = 0,
    speed: float = 1.0,
    reading: Reading = "seed",
    fault: str | None = None,
    as_json: bool = False,
    say: Callable[[str], object] = print,
) -> None:
    """Serve an API in the foreground until interrupted; port 0 takes a free one.

    Says the URL, the credentials and how to hand them to programs, a line at a time, or all of
    it as one line of JSON.

    Raises:
        ServerError: the address cannot be listened on.
    """
    world = build_world(api, seed=seed, speed=speed, reading=reading, fault=fault)
    with _listen(host, port) as listener:
        url = _url(world, listener)
        told = json.dumps(describe(world, url, fault=fault)) if as_json else None
        for line in announce(world, url, fault=fault) if told is None else [told]:
            say(line)
        uvicorn.Server(_config(world)).run(sockets=[listener])


def announce(world: World[Any], url: str, *, fault: str | None = None) -> Iterator[str]:
    """Yield the lines that tell a person how to use a served world."""
    honesty = f"with the fault {fault}" if fault else "honest"
    yield f"{world.spec.title} ({world.spec.api}), {honesty}, on {url}"
    for tenant in world.tenants:
        known = "".join(f", {key} {value}" for key, value in world.parameters(tenant).items())
        yield f"  {tenant.name}: token {tenant.token}{known}"
    variables = zip((TOKEN_VARIABLE, OTHER_TOKEN_VARIABLE), world.tenants, strict=False)
    yield "export " + " ".join(f"{variable}={tenant.token}" for variable, tenant in variables)


def describe(world: World[Any], url: str, *, fault: str | None = None) -> dict[str, Any]:
    """Return what a program has to know of a served world, as JSON values."""
    return {
        "api": world.spec.api,
        "title": world.spec.title,
        "url": url,
        "fault": fault,
        "tenants": [
            {
                "name": tenant.name,
                "token": tenant.token,
                "parameters": dict(world.parameters(tenant)),
            }
            for tenant in world.tenants
        ],
    }


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise ServerError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    # Connections inherit it: without it each answer waits 40 ms for the caller's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(world: World[Any], listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}{base_path(world.spec)}"


def _config(world: World[Any]) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(world),
        log_config=None,
        log_level="error",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
    )
