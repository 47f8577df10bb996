"""Whether a server under test was there, and let us in: what a session's exchanges tell."""

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runwright.emulator.tenants import OTHER_TOKEN_VARIABLE, TOKEN_VARIABLE, Tenant
from runwright.history import Exchange, History
from runwright.probe import MANY, PATIENCE
from runwright.suite.target import Target

REFUSALS: Final = frozenset({401, 403})
ABSENCES: Final = frozenset({404, 405})
SAFE: Final = ("GET", "HEAD", "OPTIONS")


class ReachError(Exception):
    """A session has seen nothing of a server; the message says why."""


class SilentError(ReachError):
    """No request got an answer."""


class RefusedError(ReachError):
    """The server refused all that was sent with a tenant's token."""


class AstrayError(ReachError):
    """The server has nothing where the API should be."""


def check_reached(history: History, target: Target | None) -> None:
    """Check that a server answered at all, by a history with its end, and let its owner in.

    Raises:
        SilentError: it gave no answer.
        RefusedError: it gave no other answers than refusals, to the owner or to a second tenant.
        AstrayError: runs were to be started, and nothing was there.
    """
    exchanges = history.exchanges
    if all(exchange.status is None for exchange in exchanges):
        raise SilentError(history.cut_short or f"{history.target} was sent no request")
    if target is None:
        return
    owner, *others = target.tenants
    own, statuses = _sent_by(owner, exchanges)
    if statuses and statuses <= REFUSALS:
        raise RefusedError(
            f"{history.target} refuses {TOKEN_VARIABLE}: all that was sent with it was answered "
            "with 401 or 403, so nothing was judged but that; is it a token of this server?"
        )
    for other in others:
        sent, told = _sent_by(other, exchanges)
        # Who asks only for what is another's may be told that, too.
        if len(sent) >= PATIENCE and _has_written(sent) and told == {401}:
            raise RefusedError(
                f"{history.target} refuses {OTHER_TOKEN_VARIABLE}: all that was sent with it was "
                "answered with 401, as if there were no second tenant; is it a token of this "
                "server? Without it, what only two tenants can show is left out"
            )
    # Who only asks for ids that there are not is right to be told so.
    if _has_written(own) and statuses and statuses <= REFUSALS | ABSENCES:
        raise AstrayError(
            f"nothing of {history.api} is at {history.target}: all that was sent to it was "
            "answered with 404 or the like, so nothing was judged; is the URL right, and what is "
            "set for its parameters?"
        )


def _sent_by(
    tenant: Tenant, exchanges: Sequence[Exchange]
) -> tuple[Sequence[Exchange], set[int | None]]:
    """Return what was sent with a tenant's credentials, and the statuses of the answers."""
    sent = [e for e in exchanges if e.actor == tenant.name and e.credentials == "valid"]
    return sent, {exchange.status for exchange in sent} - {None}


def _has_written(sent: Sequence[Exchange]) -> bool:
    return any(one.method not in SAFE and one.intent is None for one in sent)


def with_end(history: History) -> History:
    """Return the history of a session that says of itself if the server went away."""
    return evolve(history, cut_short=_why_gone(history))


def tell_end(history: History) -> str | None:
    """Return in one line why a history ends before its time; None if it is whole."""
    return None if history.cut_short is None else f"cut short: {history.cut_short}"


def _why_gone(history: History) -> str | None:
    """Tell of a server that stopped answering, or left most requests without an answer."""
    exchanges = history.exchanges
    if not exchanges:
        return None
    answered = [index for index, one in enumerate(exchanges) if one.status is not None]
    silent = len(exchanges) - len(answered)
    if not answered:
        return f"{history.target} did not answer: {_reason(exchanges)}"
    last = exchanges[answered[-1] + 1 :]
    if len(last) >= MANY:
        told = f"stopped answering after {len(exchanges) - len(last)} of {len(exchanges)} requests"
    elif silent > len(answered):
        told = f"left {silent} of {len(exchanges)} requests without an answer"
    else:
        return None
    reason = (_reason(last or exchanges) or "").rstrip(".")
    return f"{history.target} {told}: {reason}. What the rest would have shown is not known"


def _reason(exchanges: Sequence[Exchange]) -> str | None:
    return next((exchange.error for exchange in exchanges if exchange.error), None)
