# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""How waiting can go wrong, each with the last look and a token to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import NektError

if TYPE_CHECKING:
    from .look import Look


class WaitError(NektError):
    """Waiting ended without the result that was asked for.

    ``look`` is the last look, ``body`` the last answer that showed the run, decoded, or None;
    ``token`` lets `resume` go on in another process; it is empty where a start was given up, whose
    run nobody can name.
    """

    token: str

    def __init__(
        self, message: str, *, look: Look | None = None, body: Any = None, token: str = ""
    ) -> None:
        super().__init__(message)
        self.look = look
        self.body = body
        self.token = token


class RunFailedError(WaitError):
    """The run has ended, and it failed; ``body`` says why."""


class RunCanceledError(WaitError):
    """The run has ended because somebody canceled it."""


class RunLostError(WaitError):
    """The server does not know the run any more, though it did before."""


class WaitTimeoutError(WaitError, TimeoutError):
    """The deadline of the wait has come; the run may still go on."""


class RunStalledError(WaitError):
    """Nothing in the run has changed for longer than the caller's patience."""


class UnknownStatusError(WaitError):
    """The run has a status that the spec does not list, so that nobody can say if it has ended.

    `Patience(unknown=…)` lets such a status last.
    """


class LooksFailedError(WaitError):
    """Too many looks in a row failed; the last one's error is the ``__cause__``."""


class StateMissedError(WaitError):
    """The run can no longer reach the state that was waited for."""


class WaitStoppedError(WaitError):
    """The caller's event was set."""


class ResumeTokenError(NektError, ValueError):
    """A token to go on waiting with cannot be read by this client."""
