"""Whether a server under test was there, and let us in: what a session's exchanges tell."""

from collections.abc import Sequence
from typing import Final

from runwright.history import Exchange

MANY: Final = 10
"""Requests at the end of a session that go unanswered when a server is gone."""

REFUSALS: Final = (401, 403)


def why_silent(target: str, exchanges: Sequence[Exchange]) -> str | None:
    """Tell of a server that has answered nothing; None if it has answered."""
    if any(exchange.status is not None for exchange in exchanges):
        return None
    return f"{target} did not answer: {_reason(exchanges)}"


def why_gone(target: str, exchanges: Sequence[Exchange]) -> str | None:
    """Tell of a server that stopped answering, or left most requests without an answer.

    The exchanges are in the order of time.
    """
    answered = [index for index, one in enumerate(exchanges) if one.status is not None]
    silent = len(exchanges) - len(answered)
    last = exchanges[answered[-1] + 1 :] if answered else exchanges
    if len(last) >= MANY:
        told = f"stopped answering after {len(exchanges) - len(last)} of {len(exchanges)} requests"
    elif silent > len(answered):
        told = f"left {silent} of {len(exchanges)} requests without an answer"
    else:
        return None
    reason = _reason(last or exchanges)
    return f"{target} {told}: {reason}. What they would have shown is not known"


def is_refused(actor: str, exchanges: Sequence[Exchange]) -> bool:
    """True if the server refused all that was sent with an actor's credentials."""
    own = [e for e in exchanges if e.actor == actor and e.credentials == "valid"]
    statuses = {exchange.status for exchange in own} - {None}
    return bool(statuses) and statuses <= set(REFUSALS)


def _reason(exchanges: Sequence[Exchange]) -> str | None:
    return next((exchange.error for exchange in exchanges if exchange.error), None)
