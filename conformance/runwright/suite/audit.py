"""A whole session: find a server, send what was planned, and have the history judged once."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from runwright.budget import Budget, Spent
from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE, Tenant
from runwright.history import Exchange, History
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.probe import Probe, Session, UnsendableError, open_session
from runwright.report import Report
from runwright.rulebook import Rulebook, load_rulebook
from runwright.spec import Operation, Spec
from runwright.suite.clock import SuiteClock
from runwright.suite.draft import Draft, address
from runwright.suite.fuzz import fuzz_drafts
from runwright.suite.keyring import Keyring
from runwright.suite.places import Places
from runwright.suite.plan import Plan, draw_plans, starting, waiting
from runwright.suite.profile import DEFAULT, Profile
from runwright.suite.runner import Course, Runner
from runwright.suite.scripted import scripted_drafts

REAL_PATIENCE: Final = 1800.0
"""Seconds for which the runs of a server that is no emulator of ours are waited for."""
LONGEST_ANSWER: Final = 200.0
"""Real seconds that one answer may take: some wait for the end of a run."""


class CredentialsError(ValueError):
    """The credentials for a server are not to be had; the message names the variable."""


@frozen
class Progress:
    """How far a session is: its phase, and how many of the things to do are done."""

    phase: str
    done: int
    total: int
    spent: Spent


Tell = Callable[[Progress], object]


@frozen(kw_only=True)
class Target:
    """A server under test: where it is, who may call it, and how fast its clock runs.

    ``parameters`` are path parameters that cannot be found out, by tenant. ``now`` is the
    server's clock if it can be read. With ``careful`` nothing but runs is changed on it.
    """

    url: str
    tenants: tuple[Tenant, ...]
    parameters: Mapping[str, Mapping[str, str]]
    speed: float = 1.0
    patience: float = REAL_PATIENCE
    now: Callable[[], float] | None = None
    careful: bool = True


@frozen(kw_only=True)
class Programme:
    """All that a session is going to do, decided before anything is sent."""

    plans: tuple[Plan, ...]
    drafts: tuple[Draft, ...]


@frozen(kw_only=True)
class Audit:
    """What came of a session; remarks say what could not be done."""

    history: History
    report: Report
    spent: Spent
    remarks: tuple[str, ...]


def run_suite(
    api: str | Rulebook,
    *,
    target: Target | None = None,
    reading: Reading = "seed",
    seed: int = 0,
    profile: Profile = DEFAULT,
    budget: Budget | None = None,
    speed: float | None = None,
    fault: str | None = None,
    watch: tuple[str, ...] = (),
    worker: str = "suite",
    tell: Tell = lambda progress: None,
) -> Audit:
    """Test a server by a rulebook; without a target, the emulator of the API.

    `watch` are ids of runs that exist already. `speed` and `fault` are the emulator's.

    Raises:
        ProbeError: the target's URL or secrets cannot be used.
    """
    rulebook = load_rulebook(api) if isinstance(api, str) else api
    with contextlib.ExitStack() as stack:
        if target is None:
            served = _emulator(rulebook.spec.api, reading, seed, speed or profile.speed, fault)
            target = evolve_patience(stack.enter_context(served), profile)
        tell(Progress("plan", 0, 1, Spent(0, 0)))
        programme = draw_programme(
            rulebook.spec,
            keyring_of(rulebook.spec, target),
            seed=seed,
            profile=profile,
            careful=target.careful,
            observe_only=budget is not None and budget.observe_only,
        )
        history, spent, remarks = _observe(
            rulebook.spec,
            target,
            programme,
            seed=seed,
            budget=budget or Budget(),
            watch=watch,
            worker=worker,
            tell=tell,
        )
    tell(Progress("judge", 0, 1, spent))
    notes = (f"seed {seed}, profile {profile.name}", *remarks)
    history = History(exchanges=history, api=rulebook.spec.api, target=target.url, notes=notes)
    report = judge(history, rulebook, reading=reading)
    tell(Progress("judge", 1, 1, spent))
    return Audit(history=history, report=report, spent=spent, remarks=remarks)


def evolve_patience(target: Target, profile: Profile) -> Target:
    """Return an emulator's target with the patience of a profile."""
    from attrs import evolve

    return evolve(target, patience=profile.patience)


def draw_programme(
    spec: Spec,
    keyring: Keyring,
    *,
    seed: int,
    profile: Profile,
    careful: bool = True,
    observe_only: bool = False,
) -> Programme:
    """Decide all that a session will do; the same arguments give the same programme."""
    drafts = (
        *scripted_drafts(spec, keyring, seed=seed, bodies=profile.bodies, careful=careful),
        *fuzz_drafts(spec, seed=seed, examples=profile.fuzz, careful=careful),
    )
    if observe_only:
        return Programme(plans=(), drafts=tuple(d for d in drafts if d.verb in ("GET", "HEAD")))
    others = profile.others if keyring.other is not None else 0
    plans = draw_plans(spec, profile.plans, others=others, spread=profile.spread, seed=seed)
    return Programme(plans=plans, drafts=drafts)


def keyring_of(spec: Spec, target: Target) -> Keyring:
    """Return the keys to a target: its first tenant owns the runs, its second is the other one."""
    tenants = target.tenants
    return Keyring(spec=spec, owner=tenants[0], other=tenants[1] if len(tenants) > 1 else None)


def tenants_from_environment(environment: Mapping[str, str] = os.environ) -> tuple[Tenant, ...]:
    """Return the tenants whose tokens the environment holds; the second one may be missing.

    Raises:
        CredentialsError: the first token is missing.
    """
    token = environment.get(TOKEN_VARIABLE)
    if not token:
        raise CredentialsError(
            f"set {TOKEN_VARIABLE} to a token for the server, and {OTHER_TOKEN_VARIABLE} to one "
            "of another tenant if you have two"
        )
    other = environment.get(OTHER_TOKEN_VARIABLE)
    return (Tenant("owner", token), *([Tenant("other", other)] if other else []))


@contextlib.contextmanager
def _emulator(
    api: str, reading: Reading, seed: int, speed: float, fault: str | None
) -> Iterator[Target]:
    from runwright.emulator.server import running

    with running(api, seed=seed, speed=speed, reading=reading, fault=fault) as emulator:
        yield Target(
            url=emulator.url,
            tenants=emulator.tenants,
            parameters=emulator.parameters,
            speed=speed,
            now=emulator.world.clock.now,
            careful=False,
        )


def _observe(
    spec: Spec,
    target: Target,
    programme: Programme,
    *,
    seed: int,
    budget: Budget,
    watch: tuple[str, ...],
    worker: str,
    tell: Tell,
) -> tuple[tuple[Exchange, ...], Spent, tuple[str, ...]]:
    clock = SuiteClock(target.speed, now=target.now)
    keyring = keyring_of(spec, target)
    starts = {operation.id for operation in (*starting(spec), *waiting(spec))}

    def starts_run(method: str, url: str) -> bool:
        match = spec.match(method, url)
        return match is not None and match.operation.id in starts

    session = open_session(
        target.url,
        budget=budget,
        secrets=keyring.secrets,
        now=clock.now,
        starts_run=starts_run,
        timeout=LONGEST_ANSWER,
    )
    with contextlib.closing(session):
        places = {
            tenant.name: _find_places(spec, session, keyring, tenant, target, worker)
            for tenant in target.tenants
        }
        runner = Runner(
            Course(
                spec=spec,
                session=session,
                clock=clock,
                keyring=keyring,
                places=places,
                plans=programme.plans,
                drafts=programme.drafts,
                seed=seed,
                deadline=target.patience,
                worker=worker,
                watch=watch,
            ),
            lambda done, total: tell(Progress("probe", done, total, session.gate.spent)),
        )
        runner.run()
        return session.recorder.exchanges, session.gate.spent, tuple(runner.remarks)


def _find_places(
    spec: Spec, session: Session, keyring: Keyring, tenant: Tenant, target: Target, worker: str
) -> Places:
    probe = Probe(session, f"{worker}-find-{tenant.name}")

    def ask(operation: Operation, values: Mapping[str, str]) -> Exchange | None:
        try:
            return probe.send(address(operation, values), keyring.sender(tenant, operation))
        except UnsendableError:
            return None

    places = Places(spec, target.parameters.get(tenant.name, {}))
    places.find(ask)
    return places
