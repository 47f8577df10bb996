"""Errands send drafts, one by one, between the looks at the runs."""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from runwright.history import UNKNOWN_ID, UNKNOWN_ID_ELSEWHERE, Exchange
from runwright.suite.bodies import NO_BODY
from runwright.suite.draft import Draft, Slot, Who
from runwright.suite.lives import Life, unknown_id
from runwright.suite.plan import Plan, pace_of, starting, waiting
from runwright.suite.runner import Runner

GAP: Final = 0.05
"""Seconds between two drafts."""


class Errands:
    """Drafts that are still to be sent, in an order that no answer changes.

    Those that might disturb a run come last. One that needs a run, or the end of one, waits for
    it, and the others wait behind it, unless it waits in vain.
    """

    def __init__(self, drafts: Sequence[Draft], runner: Runner, seed: int) -> None:
        """Have sent none yet."""
        self.done = 0
        self.unsent = 0
        self._left = deque(sorted(drafts, key=_disturbs))
        self._is_planned = False
        self._runner = runner
        self._caller = runner.caller
        self._spec = runner.spec
        self._seed = seed
        self._starting = starting(self._spec)
        self._waiting = waiting(self._spec)

    @property
    def left(self) -> int:
        """How many are still to be sent."""
        return len(self._left)

    def plan(self) -> None:
        """Plan to send the next one, if that is possible by now."""
        if self._left and not self._is_planned and self._next_values() is not None:
            self._is_planned = True
            self._runner.agenda.after(GAP, self._turn)

    def _turn(self) -> None:
        self._is_planned = False
        self.step()
        self.plan()

    def step(self) -> bool:
        """Send the next one; False if that is not possible."""
        values = self._next_values() if self._left else None
        if values is None:
            return False
        draft = self._left.popleft()
        self.done += 1
        self._send(draft, values)
        return True

    def pass_over(self) -> bool:
        """Give up waiting for what the next one needs; False if there is none."""
        if not self._left:
            return False
        self._left.popleft()
        self.unsent += 1
        return True

    def _next_values(self) -> Mapping[str, str] | None:
        draft = self._left[0]
        # Each has draws of its own, so that they don't depend on which was sent first.
        return self._values(draft, random.Random(f"{self._seed}/{draft.number}"))

    def _send(self, draft: Draft, values: Mapping[str, str]) -> None:
        operation = draft.operation
        sender = self._caller.sender(draft.who, operation, draft.way)
        if sender is None:
            return
        request = draft.fill(values)
        if not draft.is_whole:
            request = self._caller.places(draft.who).complete(operation, request)
        # Whatever the method: who ignores it answers when the run has ended.
        if operation in self._waiting:
            self._caller.send_aside(
                self._runner.agenda,
                request,
                sender,
                lambda got: self._answered(draft, got),
                cause=draft,
            )
        else:
            intent = self._intent(draft, values)
            exchange = self._caller.send(request, sender, intent, cause=draft)
            self._answered(draft, exchange)

    def _intent(self, draft: Draft, values: Mapping[str, str]) -> str | None:
        """Return what a draft is after, now that its places are known.

        Where no place of the other tenant's is known it asks at the owner's, which may be refused.
        """
        if draft.intent != UNKNOWN_ID or draft.who != "other":
            return draft.intent
        places = [name for name, value in draft.values.items() if value is Slot.PLACE]
        owned = self._caller.places("owner").of(draft.operation) or {}
        is_owners = bool(places) and all(values[name] == owned.get(name) for name in places)
        return UNKNOWN_ID_ELSEWHERE if is_owners else draft.intent

    def _answered(self, draft: Draft, exchange: Exchange | None) -> None:
        """Follow the run that a draft has started, or the pages of a list."""
        if exchange is None and self._caller.has_refused:
            self.done -= 1
            self.unsent += 1
        if exchange is None or not exchange.succeeded or exchange.credentials != "valid":
            return
        operation = draft.operation
        if operation in self._starting or operation in self._waiting:
            plan = Plan(
                operation=operation.id,
                body=NO_BODY,
                who=draft.who,
                place=0,
                start=0.0,
                pace=sum(pace_of(self._spec)),
                visits=(),
                after=1,
            )
            self._runner.adopt(plan, exchange)
        elif operation.is_safe and draft.verb == operation.method:
            self._runner.turn_pages(exchange)

    def _values(self, draft: Draft, chance: random.Random) -> Mapping[str, str] | None:
        """Return a draft's parameters with its slots filled; None if that is not possible yet."""
        operation = draft.operation
        lives = reversed(self._runner.lives)
        run = next((life for life in lives if self._serves(life, draft)), None)
        known = run.addresses.get(operation.id, {}) if run is not None else {}
        mine: Who = "other" if draft.who == "other" else "owner"
        theirs: Who = "owner" if draft.who == "other" else "other"
        values: dict[str, str] = {}
        for name, value in draft.values.items():
            if isinstance(value, str):
                values[name] = value
            elif value in (Slot.PLACE, Slot.FOREIGN):
                who = mine if value is Slot.PLACE else theirs
                found = self._caller.places(who).of(operation) or {}
                # A run may lie elsewhere than where the first of its tenant's places is.
                there = known.get(name) if who == "owner" else None
                if there is None and name not in found:
                    return None
                values[name] = there or found[name]
            elif run is None:
                return None
            elif value is Slot.RUN:
                values[name] = run.key
            else:
                values[name] = unknown_id(run.key, chance)
        return values

    def _serves(self, life: Life, draft: Draft) -> bool:
        """True if a run may stand for a draft's."""
        if life.poll is None or life.tenant != self._caller.name("owner"):
            return False
        return life.has_ended or not _disturbs(draft)


def _disturbs(draft: Draft) -> bool:
    """True if a draft may change the run that it is about."""
    return draft.verb not in ("GET", "HEAD") and Slot.RUN in draft.values.values()
