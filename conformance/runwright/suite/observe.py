"""Carrying out a programme against a server, and recording what came of it."""

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from runwright.budget import Budget, NotAdmittedError, Spent
from runwright.history import Exchange
from runwright.probe import Probe, Sender, Session, UnsendableError, open_session
from runwright.spec import METHODS, Operation, Spec
from runwright.suite.agenda import Agenda
from runwright.suite.caller import Caller, Cause, Setting
from runwright.suite.clock import SuiteClock
from runwright.suite.draft import address
from runwright.suite.errands import Errands
from runwright.suite.keyring import Keyring
from runwright.suite.places import Places
from runwright.suite.plan import may_start
from runwright.suite.programme import Programme
from runwright.suite.runner import Runner
from runwright.suite.target import Target, keyring_of

LONGEST_ANSWER: Final = 200.0
"""Real seconds that one answer may take: some wait for the end of a run."""


@frozen
class Progress:
    """How far a session is: its phase, and how many of the things to do are done."""

    phase: str
    done: int
    total: int
    spent: Spent


Tell = Callable[[Progress], object]


class Interruption(KeyboardInterrupt):
    """Somebody has stopped a session; it has what was recorded until then."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        """Keep what was recorded."""
        super().__init__()
        self.exchanges = exchanges


@frozen(kw_only=True)
class Observed:
    """What a session saw and spent; remarks say what could not be done.

    ``causes`` are what exchanges were made for, by their ids.
    """

    exchanges: tuple[Exchange, ...]
    spent: Spent
    remarks: tuple[str, ...]
    causes: Mapping[str, Cause]


def observe(
    spec: Spec,
    target: Target,
    programme: Programme,
    *,
    seed: int = 0,
    budget: Budget | None = None,
    watch: tuple[str, ...] = (),
    worker: str = "suite",
    tell: Tell = lambda progress: None,
) -> Observed:
    """Carry out a programme against a server.

    Raises:
        ProbeError: the target's URL or secrets cannot be used.
        Interruption: somebody has stopped the session.
    """
    clock = target.clock or SuiteClock(target.speed, now=target.now)
    keyring = keyring_of(spec, target)
    session = open_session(
        target.url,
        budget=budget,
        secrets=keyring.secrets,
        now=clock.now,
        starts_run=_starts_run(spec),
        timeout=LONGEST_ANSWER,
    )
    with contextlib.closing(session):
        places, remarks = _find_places(spec, session, keyring, target, worker)
        setting = Setting(
            spec=spec,
            session=session,
            keyring=keyring,
            places=places,
            worker=worker,
            hands=target.hands,
        )
        caller, agenda = Caller(setting), Agenda(clock)
        runner = Runner(caller, agenda)
        errands = Errands(programme.drafts, runner, seed)
        for plan in programme.plans:
            agenda.after(plan.start, functools.partial(runner.begin, plan))
        for key in watch:
            runner.watch(key)
        deadline = clock.now() + target.patience
        try:
            while not caller.is_over:
                errands.plan()
                if clock.now() >= deadline:
                    # The runs are given up; what can be asked is still asked.
                    if not errands.step() and not errands.pass_over():
                        break
                elif agenda.step():
                    tell(_progress(programme, runner, errands))
                elif not agenda.is_empty:
                    agenda.wait()
                elif not errands.pass_over():
                    break
        except KeyboardInterrupt:
            agenda.abandon()
            raise Interruption(session.recorder.exchanges) from None
        finally:
            agenda.close()
        if budget is not None and budget.observe_only:
            caller.remark("the session only observes: it started and changed nothing")
        unended = sum(1 for life in runner.lives if life.poll is not None and not life.has_ended)
        if unended:
            caller.remark(f"the end of {unended} of {len(runner.lives)} runs was not seen")
        if errands.left or errands.unsent:
            caller.remark(f"{errands.left + errands.unsent} probes were not sent")
        return Observed(
            exchanges=session.recorder.exchanges,
            spent=session.gate.spent,
            remarks=(*remarks, *caller.remarks),
            causes=caller.causes,
        )


def _progress(programme: Programme, runner: Runner, errands: Errands) -> Progress:
    ended = sum(1 for life in runner.lives if life.has_ended)
    unbegun = max(0, len(programme.plans) - len(runner.lives))
    return Progress(
        "probe",
        ended + errands.done + errands.unsent,
        len(runner.lives) + unbegun + errands.done + errands.unsent + errands.left,
        runner.caller.setting.session.gate.spent,
    )


def _starts_run(spec: Spec) -> Callable[[str, str], bool]:
    def starts_run(method: str, url: str) -> bool:
        # A method that the path does not have may be taken for one that it has.
        found = (spec.match(known, url) for known in (method, *METHODS))
        match = next(filter(None, found), None)
        return match is not None and may_start(spec, method, match.operation.path)

    return starts_run


def _find_places(
    spec: Spec, session: Session, keyring: Keyring, target: Target, worker: str
) -> tuple[Mapping[str, Places], tuple[str, ...]]:
    found: dict[str, Places] = {}
    remarks: list[str] = []
    for tenant in target.tenants:
        probe = Probe(session, f"{worker}-{tenant.name}")
        sender = functools.partial(keyring.sender, tenant)
        places = Places(spec, target.parameters.get(tenant.name, {}))

        def ask(
            operation: Operation,
            values: Mapping[str, str],
            probe: Probe = probe,
            places: Places = places,
            sender: Callable[[Operation], Sender] = sender,
        ) -> Exchange | None:
            if session.recorder.is_silent:
                return None
            try:
                request = places.complete(operation, address(operation, values))
                return probe.send(request, sender(operation))
            except (UnsendableError, NotAdmittedError) as error:
                remarks.append(str(error))
                return None

        places.find(ask)
        found[tenant.name] = places
    return found, tuple(dict.fromkeys(remarks))
