"""The runner carries out plans by the clock, several at once, and drafts in the time between.

All requests but those that wait for the end of a run leave from one thread, one after the other,
so that their order in the history is certain.
"""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from attrs import frozen

from runwright.budget import BudgetSpentError, NotAdmittedError
from runwright.history import NOT_JSON, Exchange
from runwright.probe import NOBODY, Probe, Request, Sender, Session, UnsendableError
from runwright.spec import Operation, Spec
from runwright.suite.bodies import Body, example_bodies
from runwright.suite.clock import SuiteClock
from runwright.suite.draft import Draft, Slot, Who, address
from runwright.suite.keyring import Keyring
from runwright.suite.lives import Life, unknown_id
from runwright.suite.places import Places
from runwright.suite.plan import Plan, Stage, Visit, pace_of, starting, waiting

TRIES: Final = 4
"""How often a plan tries to start its run, each time with other data."""
FAILURES: Final = 5
"""Looks in a row that may fail before a run is given up."""
PAGES: Final = 2
"""How many further pages of a list are read."""
NAP: Final = 0.02
"""Real seconds of the longest wait at once, so that answers from other threads are seen."""


@frozen(kw_only=True, eq=False)
class Course:
    """All that a runner needs to know, and what it is to do."""

    spec: Spec
    session: Session
    clock: SuiteClock
    keyring: Keyring
    places: Mapping[str, Places]
    plans: tuple[Plan, ...]
    drafts: tuple[Draft, ...]
    seed: int
    deadline: float
    """Seconds of the clock after which no run is waited for."""
    worker: str = "suite"
    watch: tuple[str, ...] = ()
    """Ids of runs that exist already."""


class Runner:
    """Carries out a course once."""

    def __init__(self, course: Course, tell: Callable[[int, int], None]) -> None:
        """Get ready; `tell` hears how much is done and how much there is to do."""
        self.course = course
        self.spec = course.spec
        self.probe = Probe(course.session, course.worker)
        self.lives: list[Life] = []
        self.remarks: list[str] = []
        self._tell = tell
        self._chance = random.Random(course.seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._drafts = deque(course.drafts)
        self._postponed = 0
        self._slow: list[tuple[Future[Exchange | None], Callable[[Exchange | None], None]]] = []
        self._slow_count = itertools.count(1)
        self._pool = ThreadPoolExecutor(max_workers=3, thread_name_prefix="suite-wait")
        self._is_over = False
        self._done = 0
        self._starts = (*starting(course.spec), *waiting(course.spec))

    # ---- by the clock ------------------------------------------------------------------------

    def run(self) -> None:
        """Carry out everything, until it is done, the deadline has come or the budget is spent."""
        clock = self.course.clock
        begun = clock.now()
        for plan in self.course.plans:
            self._at(begun + plan.start, lambda plan=plan: self._begin(plan))  # type: ignore[misc]
        for key in self.course.watch:
            self._watch(key)
        try:
            while not self._is_over and clock.now() - begun < self.course.deadline:
                if not self._step():
                    break
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
        left = sum(1 for life in self.lives if life.poll is not None and not life.has_ended)
        if left:
            self.remarks.append(f"{left} of {len(self.lives)} runs were not seen to end")

    def _step(self) -> bool:
        """Do the next thing; False if nothing is left to do."""
        clock = self.course.clock
        for entry in self._slow:
            future, then = entry
            if future.done():
                self._slow.remove(entry)
                then(future.result())
                return True
        if self._events and self._events[0][0] <= clock.now():
            heapq.heappop(self._events)[2]()
            self._progress()
            return True
        if self._drafts and self._postponed <= len(self._drafts):
            self._send_draft(self._drafts.popleft())
            self._progress()
            return True
        self._postponed = 0
        if not self._events and not self._slow:
            return False
        until = self._events[0][0] - clock.now() if self._events else NAP * clock.speed
        clock.wait(min(max(until, 0.0), NAP * clock.speed))
        return True

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._count), act))

    def _later(self, life: Life, seconds: float, act: Callable[[], None]) -> None:
        life.pending += 1

        def go() -> None:
            life.pending -= 1
            act()

        self._at(self.course.clock.now() + seconds, go)

    def _progress(self) -> None:
        ended = sum(1 for life in self.lives if life.has_ended)
        self._tell(self._done + ended, self._done + len(self._drafts) + len(self.course.plans))

    # ---- sending -----------------------------------------------------------------------------

    def _send(self, request: Request, sender: Sender, intent: str | None = None) -> Exchange | None:
        """Send, or return None if the budget or HTTP does not allow it."""
        try:
            return self.probe.send(request, sender, intent=intent)
        except UnsendableError:
            return None
        except NotAdmittedError as refusal:
            self._refused(refusal)
            return None

    def _refused(self, refusal: NotAdmittedError) -> None:
        if str(refusal) not in self.remarks:
            self.remarks.append(str(refusal))
        if isinstance(refusal, BudgetSpentError) and refusal.kind != "runs":
            self._is_over = True

    def _send_aside(
        self, request: Request, sender: Sender, then: Callable[[Exchange | None], None]
    ) -> None:
        """Send from another thread, since the answer may wait for the end of a run."""
        number = next(self._slow_count)
        probe = Probe(self.course.session, f"{self.course.worker}-wait{number}")

        def send() -> Exchange | None:
            try:
                return probe.send(request, sender)
            except (UnsendableError, NotAdmittedError) as refusal:
                if isinstance(refusal, NotAdmittedError):
                    self._refused(refusal)
                return None

        self._slow.append((self._pool.submit(send), then))

    def _sender(self, who: Who, operation: Operation, way: int = 0) -> Sender | None:
        keyring = self.course.keyring
        if who == "missing":
            return NOBODY
        if who == "wrong":
            wrongs = keyring.wrongs(operation)
            return wrongs[way % len(wrongs)][1] if wrongs else None
        tenant = keyring.owner if who == "owner" else keyring.other
        return None if tenant is None else keyring.sender(tenant, operation, way)

    def _name(self, who: Who) -> str:
        other = self.course.keyring.other
        return (
            other.name if who == "other" and other is not None else self.course.keyring.owner.name
        )

    # ---- plans -------------------------------------------------------------------------------

    def _begin(self, plan: Plan, attempt: int = 0) -> None:
        """Start a plan's run; where its own data are refused, with the spec's examples."""
        operation = self.spec.operations[plan.operation]
        places = self.course.places[self._name(plan.who)]
        values = places.of(operation, plan.place + max(0, attempt - 1))
        sender = self._sender(plan.who, operation)
        if sender is None:
            return
        if values is None:
            self._remark(
                f"{operation.id}: no value is known for {', '.join(places.names(operation))}"
            )
            return
        body = plan.body if attempt == 0 else _example(self.spec, operation, attempt - 1)
        request = address(operation, values, headers=body.headers, content=body.content)
        if operation in waiting(self.spec):
            self._send_aside(request, sender, lambda got: self._begun(plan, attempt, got))
        else:
            self._begun(plan, attempt, self._send(request, sender))

    def _begun(self, plan: Plan, attempt: int, exchange: Exchange | None) -> None:
        operation = self.spec.operations[plan.operation]
        if exchange is None:
            return
        if exchange.succeeded:
            self._adopt(plan, exchange, operation)
        elif exchange.status == 429:
            self._at(
                self.course.clock.now() + self._patience(exchange, plan.pace),
                lambda: self._begin(plan, min(attempt, TRIES)),
            ) if attempt < TRIES else None
        elif attempt + 1 < TRIES:
            self._begin(plan, attempt + 1)
        else:
            self._remark(
                f"{operation.id}: no run could be started; the answer is {exchange.status}"
            )

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)

    def _adopt(self, plan: Plan, exchange: Exchange, operation: Operation) -> None:
        """Follow a run from the answer that started it."""
        life = Life(plan=plan, tenant=self._name(plan.who), after=plan.after)
        life.learn(self.spec, exchange, operation)
        life.learn_from_body(self.spec, exchange, operation)
        self.lives.append(life)
        if life.poll is not None:
            self._reach(life, "started")
            self._later(life, plan.pace / 2, lambda: self._look(life))

    def _watch(self, key: str) -> None:
        """Follow a run that exists already."""
        for name in self.spec.polls:
            operation = self.spec.operations[name]
            values = self.course.places[self._name("owner")].of(operation)
            if values is None:
                continue
            visits = (Visit("list", "started", 0.0), Visit("list", "ended", 0.0))
            pace = pace_of(self.spec)[0]
            plan = Plan(
                operation=name,
                body=Body(),
                who="owner",
                place=0,
                start=0.0,
                pace=pace,
                visits=visits,
                after=2,
            )
            life = Life(plan=plan, tenant=self._name("owner"), after=plan.after)
            life.poll, life.key = operation, key
            life.addresses[name] = {**values, self.spec.identifying_parameters[name]: key}
            self.lives.append(life)
            self._reach(life, "started")
            self._later(life, 0.0, lambda life=life: self._look(life))  # type: ignore[misc]

    def _reach(self, life: Life, stage: Stage) -> None:
        """Note that a run was first seen at a stage, and plan what is to be done then."""
        if stage in life.seen:
            return
        if stage == "ended" and "working" not in life.seen:
            self._reach(life, "working")
        life.seen.add(stage)
        for visit in life.plan.visits:
            if visit.stage == stage:
                self._later(life, visit.wait, lambda visit=visit: self._visit(life, visit))  # type: ignore[misc]

    def _look(self, life: Life) -> None:
        """Look at a run, and plan the next look."""
        operation = life.poll
        if operation is None:
            return
        who = life.plan.who
        exchange = self._ask(life, operation, who)
        if exchange is None:
            return
        life.looks += 1
        pace = life.plan.pace * min(5.0, 1.1 ** max(0, life.looks - 20))
        if not exchange.succeeded or exchange.body is NOT_JSON:
            life.failures += 1
            if life.failures < FAILURES:
                self._later(life, self._patience(exchange, pace), lambda: self._look(life))
            return
        life.failures = 0
        if life.looks == 1:
            life.learn(self.spec, exchange, operation)
        lifecycle = self.spec.lifecycles[self.spec.polls[operation.id]]
        status = lifecycle.status_of(exchange.body)
        if not lifecycle.is_terminal(status):
            if status not in lifecycle.initial:
                self._reach(life, "working")
            self._later(life, pace, lambda: self._look(life))
            return
        if not life.has_ended:
            self._reach(life, "ended")
            lag = max((part.lag for part in self.spec.lifecycles.values()), default=0.0)
            if lag:
                self._later(life, lag + pace, lambda: self._ask_again(life))
        if life.after > 0:
            life.after -= 1
            self._later(life, pace, lambda: self._look(life))

    def _patience(self, exchange: Exchange, pace: float) -> float:
        """Return the seconds to wait before the next try: what the server says, if it does."""
        told = exchange.response.header("retry-after") or ""
        return float(told) * self.course.clock.speed if told.isdecimal() else pace

    def _ask(
        self, life: Life, operation: Operation, who: Who, *, own_places: bool = False, way: int = 0
    ) -> Exchange | None:
        """Call an operation about a run as somebody."""
        sender = self._sender(who, operation, way)
        if sender is None:
            return None
        values = dict(life.addresses.get(operation.id, {}))
        if own_places:
            values |= self.course.places[self._name(who)].of(operation) or {}
        body = example_bodies(self.spec, operation)[0] if not operation.is_safe else Body()
        request = address(operation, values, headers=body.headers, content=body.content)
        return self._send(request, sender)

    def _visit(self, life: Life, visit: Visit) -> None:
        """Do something beside the regular looks."""
        act, poll = visit.act, life.poll
        mine = life.plan.who
        foreign: Who = "owner" if mine == "other" else "other"
        cancel = self.spec.operations.get(life.roles.get("cancel", ""))
        listing = self.spec.operations.get(life.roles.get("list", ""))
        odd = life.looks % 2 == 1
        if act == "cancel" and cancel is not None:
            self._ask(life, cancel, mine)
            self._later(life, 0.0, lambda: self._ask_again(life))
        elif act == "foreign-cancel" and cancel is not None:
            self._ask(life, cancel, foreign, own_places=odd)
        elif act == "list" and listing is not None:
            self._turn_pages(self._ask(life, listing, mine))
        elif poll is not None and act == "look":
            self._ask_again(life)
        elif poll is not None and act == "foreign-look":
            self._ask(life, poll, foreign, own_places=odd)
        elif poll is not None and act == "missing-look":
            self._ask(life, poll, "missing")
        elif poll is not None and act == "wrong-look":
            self._ask(life, poll, "wrong", way=life.looks)

    def _ask_again(self, life: Life) -> None:
        if life.poll is not None:
            self._ask(life, life.poll, life.plan.who)

    def _turn_pages(self, exchange: Exchange | None, pages: int = PAGES) -> None:
        """Follow what a list says of its next page, as the same sender."""
        body = None if exchange is None else exchange.body
        link = body.get("next") if isinstance(body, dict) else None
        if exchange is None or not isinstance(link, str) or pages == 0:
            return
        request = self.probe.below(link)
        match = self.spec.match("GET", link)
        if request is None or match is None or exchange.actor is None:
            return
        who: Who = "owner" if exchange.actor == self.course.keyring.owner.name else "other"
        sender = self._sender(who, match.operation)
        if sender is not None:
            self._turn_pages(self._send(request, sender), pages - 1)

    # ---- drafts ------------------------------------------------------------------------------

    def _send_draft(self, draft: Draft) -> None:
        operation = draft.operation
        sender = self._sender(draft.who, operation, draft.way)
        values = self._values(draft)
        if sender is None:
            self._done += 1
            return
        if values is None:
            # Perhaps a run will be there later.
            self._postponed += 1
            self._drafts.append(draft)
            return
        self._postponed = 0
        self._done += 1
        request = draft.fill(values)
        if operation in waiting(self.spec) and draft.verb == operation.method:
            self._send_aside(request, sender, lambda got: self._answered(draft, got))
        else:
            self._answered(draft, self._send(request, sender, draft.intent))

    def _answered(self, draft: Draft, exchange: Exchange | None) -> None:
        if exchange is None or not exchange.succeeded or exchange.credentials != "valid":
            return
        if draft.operation in self._starts and draft.verb == draft.operation.method:
            least, most = pace_of(self.spec)
            plan = Plan(
                operation=draft.operation.id,
                body=Body(),
                who=draft.who,
                place=0,
                start=0.0,
                pace=(least + most),
                visits=(),
                after=1,
            )
            self._adopt(plan, exchange, draft.operation)
        elif draft.operation.is_safe:
            self._turn_pages(exchange)

    def _values(self, draft: Draft) -> Mapping[str, str] | None:
        """Return a draft's parameters with its slots filled; None if that is not possible yet."""
        operation = draft.operation
        name = self._name(draft.who)
        run = next((life for life in reversed(self.lives) if self._serves(life, draft)), None)
        known = dict(run.addresses.get(operation.id, {})) if run is not None else {}
        found = self.course.places[name].of(operation) or {}
        values: dict[str, str] = {}
        for parameter, value in draft.values.items():
            if isinstance(value, str):
                values[parameter] = value
            elif value is Slot.UNKNOWN:
                if run is None:
                    return None
                values[parameter] = unknown_id(run.key, self._chance)
            elif parameter in known or parameter in found:
                values[parameter] = known.get(parameter) or found[parameter]
            elif run is not None and value is Slot.RUN:
                values[parameter] = run.key
            else:
                return None
        return values

    def _serves(self, life: Life, draft: Draft) -> bool:
        """True if a run may stand for a draft's: none at work may be disturbed by a cancel."""
        if life.poll is None or life.tenant != self.course.keyring.owner.name:
            return False
        unsafe = not draft.operation.is_safe or draft.method not in ("", draft.operation.method)
        return life.has_ended or not (unsafe and draft.needs(Slot.RUN))


def _example(spec: Spec, operation: Operation, number: int) -> Body:
    bodies = example_bodies(spec, operation)
    return bodies[min(number, len(bodies) - 1)]
