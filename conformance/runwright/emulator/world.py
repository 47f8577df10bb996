"""A world is what the emulator of one API knows: tenants, runs, and an answer to every operation.

To write one, subclass `World` in ``worlds/<api>.py`` and assign the class to ``WORLD`` there:

- a method for each operation of the spec, marked ``@operation("<operationId>")``; it gets a
  `Call` (let in, decoded, valid by the spec) and returns a `Reply`, or a `Later` if the answer
  must wait; it refuses by raising `Refused`;
- `problem`, the API's own error body;
- runs as frozen attrs classes with ``id`` and ``expires``, put into ``self.store``; what a run
  is at a moment comes from its `Script`, drawn from ``self.birth(tenant)`` when it is created,
  and is rendered by small methods (``render_run(run, now)``), since those are what mutants
  override. A cancel replaces the run by one with a cut script.

A handler takes the time from ``call.now`` and draws only from the `Chance` of a birth, so that the
same requests at the same times get the same answers.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from attrs import frozen

from runwright.emulator.call import STATUSES, Call, Kind, Later, Refused, Reply
from runwright.emulator.chance import Chance
from runwright.emulator.clock import Clock
from runwright.emulator.store import R, Store
from runwright.emulator.tenants import TENANTS, Tenant
from runwright.ledger import READINGS, Reading
from runwright.mistake import Mistake
from runwright.spec import Operation, Spec
from runwright.validation import JSON

Handler = Callable[[Call], Reply | Later]
H = TypeVar("H", bound=Callable[..., Reply | Later])

_MARK = "__operation__"


class WorldError(Mistake):
    """A world does not fit its spec, or there is none; the message says which."""


def operation(operation_id: str) -> Callable[[H], H]:
    """Declare a method to be the handler of an operation."""

    def declare(method: H) -> H:
        setattr(method, _MARK, operation_id)
        return method

    return declare


@frozen
class Birth:
    """The beginning of one run: its number among its tenant's, from 0, and its draws."""

    number: int
    chance: Chance


class World(ABC, Generic[R]):
    """The emulated server of one API.

    Every method without an underscore is a seam: a mutant is a subclass that overrides one.
    """

    _handlers: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Note which method handles which operation; an override needs no mark of its own."""
        super().__init_subclass__(**kwargs)
        found = dict(cls._handlers)
        for name, member in vars(cls).items():
            if hasattr(member, _MARK):
                found[getattr(member, _MARK)] = name
        cls._handlers = found

    def __init__(
        self,
        spec: Spec,
        *,
        clock: Clock,
        seed: int = 0,
        reading: Reading = "seed",
        tenants: tuple[Tenant, ...] = TENANTS,
    ) -> None:
        """Begin without runs.

        Raises:
            WorldError: an operation of the spec has no handler, or the reading is unknown.
        """
        if reading not in READINGS:
            raise WorldError(f"no reading is called {reading!r}; there are: {', '.join(READINGS)}")
        missing = sorted(self._unhandled(spec))
        if missing:
            raise WorldError(f"{spec.api}: no handler for {', '.join(missing)}")
        self.spec = spec
        self.clock = clock
        self.seed = seed
        self.reading = reading
        self.tenants = tenants
        self.store: Store[R] = Store()
        self._births = dict.fromkeys((tenant.name for tenant in tenants), 0)

    def _unhandled(self, spec: Spec) -> set[str]:
        return set(spec.operations) - set(self._handlers)

    @property
    def is_current(self) -> bool:
        """True if the world behaves as the newest docs have it, not as the seed."""
        return self.reading == "current"

    # ---- who is it? --------------------------------------------------------------------------

    def authorize(self, operation: Operation, headers: Mapping[str, str]) -> Tenant:
        """Return whose credentials a request carries (header names are in lower case).

        Raises:
            Refused: an operation that needs credentials got none, or wrong ones.
        """
        schemes = self.spec.document.get("components", {}).get("securitySchemes", {})
        presented = False
        # One that asks for nothing lets anybody in, so it comes last.
        for requirement in sorted(operation.security, key=lambda needed: not needed):
            named = [self.spec.deref(schemes[name]) for name in requirement]
            presented |= any(_header_of(scheme) in headers for scheme in named)
            for tenant in self.tenants:
                if all(self.proves(tenant, scheme, headers) for scheme in named):
                    return tenant
        if not operation.security:
            return self.tenants[0]
        kind = Kind.WRONG_CREDENTIALS if presented else Kind.NO_CREDENTIALS
        raise Refused(kind, self.denial(kind), headers=_challenge(operation, schemes))

    def proves(self, tenant: Tenant, scheme: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        """True if the headers prove by a security scheme that the tenant calls.

        An API key in the header ``Authorization`` is written ``Token <key>``.
        """
        value = headers.get(_header_of(scheme), "").strip()
        if scheme["type"] != "apiKey":
            word, _, token = value.partition(" ")
            named = scheme.get("scheme", "bearer").lower()
            return word.lower() == named and token.strip() == tenant.token
        if _header_of(scheme) == "authorization":
            return value == f"Token {tenant.token}"
        return value == tenant.token

    def denial(self, kind: Kind) -> str:
        """Return the sentence for a request without credentials, or with wrong ones."""
        return (
            "Credentials are missing." if kind is Kind.NO_CREDENTIALS else "Credentials are wrong."
        )

    # ---- what does it want? ------------------------------------------------------------------

    def method_of(self, method: str, offered: Mapping[str, Operation]) -> str:
        """Return as which method a request is taken, of a path that offers some operations."""
        return method

    def admit(self, call: Call) -> None:
        """Refuse a valid call for a reason that holds for every operation, such as a rate."""

    def handle(self, call: Call) -> Reply | Later:
        """Answer a call by its operation's handler."""
        handler: Handler = getattr(self, self._handlers[call.operation.id])
        return handler(call)

    def find(self, call: Call, run_id: str) -> R:
        """Return the caller's run.

        Raises:
            Refused: there is none of that id that the caller may see.
        """
        run = self.store.find(call.tenant.name, run_id, call.now)
        if run is None:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run

    def absence(self, call: Call) -> str:
        """Return the sentence for a run that is not there; it must not tell why."""
        return "There is no run with this id."

    def birth(self, tenant: Tenant) -> Birth:
        """Count one more run of a tenant, and return its draws."""
        number = self._births[tenant.name]
        self._births[tenant.name] = number + 1
        return Birth(number, Chance(self.seed, tenant.name, number))

    # ---- what is it told? --------------------------------------------------------------------

    def status_of(self, refused: Refused, operation: Operation | None) -> int:
        """Return the HTTP status of a refusal: the first fitting one that is documented."""
        fitting = STATUSES[refused.kind]
        if operation is None:
            return fitting[0]
        return next((status for status in fitting if operation.documents(status)), fitting[0])

    @abstractmethod
    def problem(self, status: int, refused: Refused) -> JSON:
        """Return the API's error body for a refusal."""

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        """Answer a refused call; `operation` is None if no operation was meant."""
        status = self.status_of(refused, operation)
        return Reply(status, self.problem(status, refused), dict(refused.headers))

    def finish(self, reply: Reply, call: Call | None) -> Reply:
        """Give every answer its last touch; `call` is None for one that was not let in."""
        return reply

    # ---- what must a caller know beforehand? -------------------------------------------------

    def parameters(self, tenant: Tenant) -> Mapping[str, str]:
        """Return the path parameters that a tenant can only know from elsewhere, by name.

        Such as the id of the tenant's project, where no operation tells it.
        """
        return {}


def _header_of(scheme: Mapping[str, Any]) -> str:
    if scheme["type"] == "apiKey":
        # `RawRequest.carried` has queries and cookies under such names, too.
        place = "" if scheme["in"] == "header" else f"{scheme['in']} "
        return place + (str(scheme["name"]) if place else str(scheme["name"]).lower())
    if scheme["type"] in ("http", "oauth2", "openIdConnect"):
        return "authorization"
    raise WorldError(f"a security scheme of type {scheme['type']} is not supported")


def _challenge(operation: Operation, schemes: Mapping[str, Any]) -> Mapping[str, str]:
    words = {
        schemes[name].get("scheme", "bearer").title()
        for requirement in operation.security
        for name in requirement
        if schemes[name]["type"] != "apiKey"
    }
    return {"WWW-Authenticate": ", ".join(sorted(words))} if words else {}


def world_class(api: str) -> type[World[Any]]:
    """Return the honest world of one of the project's APIs by its id.

    Raises:
        WorldError: there is none.
    """
    name = f"runwright.emulator.worlds.{api}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise WorldError(f"no emulator for an API called {api!r}") from None
    found: type[World[Any]] = module.WORLD
    return found
