"""Calls operations as somebody, within the budget, and remembers why something was not sent."""

import itertools
from collections.abc import Callable, Mapping

import httpx
from attrs import frozen

from runwright.budget import BudgetSpentError, NotAdmittedError
from runwright.history import Exchange
from runwright.probe import NOBODY, Probe, Request, Sender, Session, UnsendableError, through
from runwright.spec import Operation, Spec
from runwright.suite.agenda import Agenda
from runwright.suite.draft import Draft, Who
from runwright.suite.keyring import Keyring
from runwright.suite.places import Places
from runwright.suite.plan import Plan

Cause = Plan | Draft
"""What a request was sent for."""


@frozen(kw_only=True, eq=False)
class Setting:
    """Where a session takes place: the server's spec, the connection, the keys, the places.

    With `hands`, these send in turns, as workers that share the session's clock.
    """

    spec: Spec
    session: Session
    keyring: Keyring
    places: Mapping[str, Places]
    """What each tenant may use, by the tenant's name."""
    worker: str = "suite"
    hands: tuple[httpx.BaseTransport, ...] = ()


class Caller:
    """Sends all requests of a session but those that find the places.

    Requests leave one after the other, so that their order in the history is certain; those that
    wait for the end of a run leave aside, each as a worker of its own. What belongs to one cause,
    such as all the life of a run, is sent by one hand.
    """

    def __init__(self, setting: Setting) -> None:
        """Have sent nothing yet."""
        self.setting = setting
        self.remarks: list[str] = []
        self.is_over = False
        """True once nothing more is to be sent: by the budget, or as the server lets nobody in."""
        self.has_refused = False
        """True once the budget has refused a request."""
        self.causes: dict[str, Cause] = {}
        """Why each exchange was made, by its id; those that look around have no cause."""
        self._probes = _probes(setting)
        self._turns: dict[Cause, int] = {}
        self._aside = itertools.count(1)

    def sender(self, who: Who, operation: Operation, way: int = 0) -> Sender | None:
        """Return whose credentials to send; None if there is nobody of that kind."""
        keyring = self.setting.keyring
        if who == "missing":
            return NOBODY
        if who == "wrong":
            wrongs = keyring.wrongs(operation)
            return wrongs[way % len(wrongs)][1] if wrongs else None
        tenant = keyring.owner if who == "owner" else keyring.other
        return None if tenant is None else keyring.sender(tenant, operation, way)

    def name(self, who: Who) -> str:
        """Return the name of the tenant whose things a request is about."""
        keyring = self.setting.keyring
        return keyring.other.name if who == "other" and keyring.other else keyring.owner.name

    def places(self, who: Who) -> Places:
        """Return the places of the tenant whose things a request is about."""
        return self.setting.places[self.name(who)]

    def send(
        self,
        request: Request,
        sender: Sender,
        intent: str | None = None,
        *,
        cause: Cause | None = None,
    ) -> Exchange | None:
        """Send; None if the budget, or HTTP, does not allow the request."""
        turn = 0 if cause is None else self._turns.setdefault(cause, len(self._turns))
        probe = self._probes[turn % len(self._probes)]
        return self._send(probe, request, sender, intent, cause)

    def send_aside(
        self,
        agenda: Agenda,
        request: Request,
        sender: Sender,
        then: Callable[[Exchange | None], object],
        *,
        cause: Cause | None = None,
    ) -> None:
        """Send without waiting for the answer, which `then` gets."""
        probe = Probe(self.setting.session, f"{self.setting.worker}-aside{next(self._aside)}")
        agenda.aside(lambda: self._send(probe, request, sender, None, cause), then)

    def below(self, url: str) -> Request | None:
        """Return a GET for a URL that the server named, None if it leads elsewhere."""
        return self._probes[0].below(url)

    def remark(self, text: str) -> None:
        """Note, once, why something was not done."""
        if text not in self.remarks:
            self.remarks.append(text)

    def _send(
        self,
        probe: Probe,
        request: Request,
        sender: Sender,
        intent: str | None,
        cause: Cause | None,
    ) -> Exchange | None:
        if self.setting.session.recorder.is_silent:
            self.remark("the server did not answer, so nothing more was sent")
            self.is_over = True
            return None
        if self.setting.session.recorder.is_unknown(self.name("owner")):
            self.remark("the server does not know the token, so nothing more was sent")
            self.is_over = True
            return None
        try:
            exchange = probe.send(request, sender, intent=intent)
        except UnsendableError:
            return None
        except NotAdmittedError as refusal:
            self.has_refused = True
            self.remark(str(refusal))
            if isinstance(refusal, BudgetSpentError) and refusal.kind != "runs":
                self.is_over = True
            return None
        if cause is not None:
            self.causes[exchange.id] = cause
        return exchange


def _probes(setting: Setting) -> tuple[Probe, ...]:
    session, worker, count = setting.session, setting.worker, len(setting.hands)
    if not count:
        return (Probe(session, worker),)
    return tuple(
        Probe(through(session, hand, clock=worker), f"{worker}-{index}of{count}")
        for index, hand in enumerate(setting.hands, start=1)
    )
