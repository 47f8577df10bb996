"""The runner leads runs through their plans by the clock, several at once."""

from typing import Final

from runwright.history import NOT_JSON, Exchange
from runwright.roles import unread
from runwright.spec import Operation
from runwright.suite.agenda import Agenda
from runwright.suite.bodies import NO_BODY, example_bodies
from runwright.suite.caller import Caller, Cause
from runwright.suite.draft import Who, address
from runwright.suite.lives import Life
from runwright.suite.plan import Plan, Stage, Visit, pace_of, waiting

TRIES: Final = 4
"""How often a plan tries to start its run, each time with other data."""
FAILURES: Final = 5
"""Looks in a row that may fail before a run is given up."""
PAGES: Final = 2
"""How many further pages of a list are read."""
EXISTING_LOOKS: Final = 2
"""Looks after the end at a run that existed already."""
SHORT_OF_BREATH: Final = 20
"""Looks after which a run counts as long, and is looked at less and less often."""


class Runner:
    """Starts runs, looks at them, and does what their plans say; an agenda tells it when."""

    def __init__(self, caller: Caller, agenda: Agenda) -> None:
        """Lead no run yet."""
        self.caller = caller
        self.agenda = agenda
        self.spec = caller.setting.spec
        self.lives: list[Life] = []
        self._causes: dict[Life, Cause] = {}
        self._waiting = waiting(self.spec)

    # ---- beginning ---------------------------------------------------------------------------

    def begin(self, plan: Plan, attempt: int = 0) -> None:
        """Start a plan's run; where its own data are refused, with the spec's examples."""
        operation = self.spec.operations[plan.operation]
        places = self.caller.places(plan.who)
        sender = self.caller.sender(plan.who, operation)
        values = places.of(operation, plan.place + max(0, attempt - 1))
        if sender is None:
            return
        if values is None:
            unknown = ", ".join(places.names(operation))
            self.caller.remark(f"{operation.id} was not called: no value is known for {unknown}")
            return
        examples = example_bodies(self.spec, operation)
        body = plan.body if attempt == 0 else examples[min(attempt, len(examples)) - 1]
        request = places.complete(
            operation, address(operation, values, headers=body.headers, content=body.content)
        )
        if operation in self._waiting:
            self.caller.send_aside(
                self.agenda,
                request,
                sender,
                lambda got: self._begun(plan, attempt, got),
                cause=plan,
            )
        else:
            self._begun(plan, attempt, self.caller.send(request, sender, cause=plan))

    def _begun(self, plan: Plan, attempt: int, exchange: Exchange | None) -> None:
        if exchange is None:
            return
        if exchange.succeeded:
            self.adopt(plan, exchange)
        elif attempt + 1 >= TRIES:
            answer = exchange.status or exchange.error
            doubt = "; is the path of the server's URL right?" if answer in (404, 405) else ""
            self.caller.remark(
                f"{plan.operation} did not start a run; its answer is {answer}{doubt}"
            )
        elif exchange.status == 429:
            patience = self._patience(exchange, plan.pace)
            self.agenda.after(patience, lambda: self.begin(plan, attempt + 1))
        else:
            self.begin(plan, attempt + 1)

    def adopt(self, plan: Plan, exchange: Exchange) -> None:
        """Follow a run from the answer that started it."""
        operation = self.spec.operations[plan.operation]
        life = Life(plan=plan, tenant=self.caller.name(plan.who), after=plan.after)
        if cause := self.caller.causes.get(exchange.id):
            self._causes[life] = cause
        life.learn(self.spec, exchange, operation)
        life.learn_from_body(self.spec, exchange, operation)
        self._follow(life, plan.pace / 2)

    def watch(self, key: str) -> None:
        """Follow a run that exists already."""
        for name in self.spec.polls:
            operation = self.spec.operations[name]
            values = self.caller.places("owner").of(operation)
            if values is None:
                self.caller.remark(f"{key} was not watched: {name} needs to know more than its id")
                continue
            plan = _quiet_plan(operation, pace_of(self.spec)[0], after=EXISTING_LOOKS)
            life = Life(plan=plan, tenant=self.caller.name("owner"), after=plan.after)
            life.poll, life.key = operation, key
            life.addresses[name] = {**values, self.spec.identifying_parameters[name]: key}
            self._follow(life, 0.0)

    def _follow(self, life: Life, wait: float) -> None:
        self.lives.append(life)
        if life.poll is not None:
            self._reach(life, "started")
            self.agenda.after(wait, lambda: self._look(life))

    # ---- looking -----------------------------------------------------------------------------

    def _look(self, life: Life) -> None:
        """Look at a run, and plan the next look."""
        if life.poll is None:
            return
        exchange = self._ask(life, life.poll, life.plan.who)
        if exchange is None:
            return
        life.looks += 1
        pace = life.plan.pace * min(5.0, 1.1 ** max(0, life.looks - SHORT_OF_BREATH))
        if not exchange.succeeded or exchange.body is NOT_JSON:
            life.failures += 1
            if life.failures < FAILURES:
                self.agenda.after(self._patience(exchange, pace), lambda: self._look(life))
            else:
                answer = exchange.status or exchange.error
                self.caller.remark(f"the run {life.key} could not be read; its answer is {answer}")
            return
        life.failures = 0
        if life.looks == 1:
            life.learn(self.spec, exchange, life.poll)
        lifecycle = self.spec.lifecycles[self.spec.polls[life.poll.id]]
        status = lifecycle.status_of(exchange.body)
        if lifecycle.is_terminal(status):
            self._see_end(life, pace)
            return
        if status not in lifecycle.initial:
            self._reach(life, "working")
        self.agenda.after(pace, lambda: self._look(life))

    def _see_end(self, life: Life, pace: float) -> None:
        if not life.has_ended:
            self._reach(life, "ended")
            lag = max((part.lag for part in self.spec.lifecycles.values()), default=0.0)
            if lag:
                self.agenda.after(lag + pace, lambda: self._look_beside(life))
        if life.after > 0:
            life.after -= 1
            self.agenda.after(pace, lambda: self._look(life))

    def _reach(self, life: Life, stage: Stage) -> None:
        """Note that a run was first seen at a stage, and plan what is to be done then."""
        if stage in life.seen:
            return
        if stage == "ended":
            self._reach(life, "working")
        life.seen.add(stage)
        for visit in life.plan.visits:
            if visit.stage == stage:
                self._plan_visit(life, visit)

    def _plan_visit(self, life: Life, visit: Visit) -> None:
        self.agenda.after(visit.wait, lambda: self._visit(life, visit))

    def _patience(self, exchange: Exchange, pace: float) -> float:
        """Return the seconds to wait before the next try: what the server says, if it does."""
        told = exchange.response.header("retry-after") or ""
        return float(told) * self.agenda.clock.speed if told.isdecimal() else pace

    def _look_beside(self, life: Life) -> None:
        if life.poll is not None:
            self._ask(life, life.poll, life.plan.who)

    # ---- visiting ----------------------------------------------------------------------------

    def _visit(self, life: Life, visit: Visit) -> None:
        """Do something beside the regular looks."""
        mine = life.plan.who
        foreign: Who = "owner" if mine == "other" else "other"
        cancel = self.spec.operations.get(life.roles.get("cancel", ""))
        listing = self.spec.operations.get(life.roles.get("list", ""))
        # Half of a stranger's requests name the owner's places, half the stranger's own.
        odd = life.looks % 2 == 1
        match visit.act:
            case "look":
                self._look_beside(life)
            case "foreign-look" if life.poll is not None:
                self._ask(life, life.poll, foreign, own_places=odd)
            case "missing-look" if life.poll is not None:
                self._ask(life, life.poll, "missing")
            case "wrong-look" if life.poll is not None:
                self._ask(life, life.poll, "wrong", way=life.looks)
            case "list" if listing is not None:
                self.turn_pages(self._ask(life, listing, mine))
            case "cancel" if cancel is not None:
                self._ask(life, cancel, mine)
                self._look_beside(life)
            case "get-cancel" | "head-cancel" if cancel is not None:
                if cancel.id in unread(self.spec):
                    method = visit.act.partition("-")[0].upper()
                    self._look_beside(life)
                    self._ask(life, cancel, mine, method=method)
                    self._look_beside(life)
            case "foreign-cancel" if cancel is not None:
                self._ask(life, cancel, foreign, own_places=odd)
            case _:
                return  # the API has no such operation

    def _ask(
        self,
        life: Life,
        operation: Operation,
        who: Who,
        *,
        method: str = "",
        own_places: bool = False,
        way: int = 0,
    ) -> Exchange | None:
        """Call an operation about a run as somebody, maybe by another method than its own."""
        sender = self.caller.sender(who, operation, way)
        if sender is None:
            return None
        values = dict(life.addresses.get(operation.id, {}))
        if own_places:
            values |= self.caller.places(who).of(operation) or {}
        bare = operation.is_safe or method
        body = NO_BODY if bare else example_bodies(self.spec, operation)[0]
        request = address(
            operation, values, method=method, headers=body.headers, content=body.content
        )
        request = self.caller.places(who).complete(operation, request)
        return self.caller.send(request, sender, cause=self._causes.get(life))

    def turn_pages(self, exchange: Exchange | None, pages: int = PAGES) -> None:
        """Follow what a list says of its next page, as the same sender."""
        body = None if exchange is None else exchange.body
        link = body.get("next") if isinstance(body, dict) else None
        if exchange is None or not isinstance(link, str) or pages == 0:
            return
        request, match = self.caller.below(link), self.spec.match("GET", link)
        if request is None or match is None:
            return
        owner = exchange.actor == self.caller.name("owner")
        sender = self.caller.sender("owner" if owner else "other", match.operation)
        if sender is not None:
            cause = self.caller.causes.get(exchange.id)
            self.turn_pages(self.caller.send(request, sender, cause=cause), pages - 1)


def _quiet_plan(operation: Operation, pace: float, *, after: int) -> Plan:
    """Return a plan for a run that is only looked at."""
    visits = (Visit("list", "started", 0.0), Visit("list", "ended", 0.0))
    return Plan(
        operation=operation.id,
        body=NO_BODY,
        who="owner",
        place=0,
        start=0.0,
        pace=pace,
        visits=visits,
        after=after,
    )
