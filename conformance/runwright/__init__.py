"""Contracts for APIs that report asynchronous runs.

What most programs need is here; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runwright.contract import read_contract
    from runwright.history import Exchange, History, read_history, write_history
    from runwright.report import Report, Verdict
    from runwright.rulebook import load_rulebook
    from runwright.testing import assert_conforms
    from runwright.watched import Watched, watch

__all__ = [
    "Exchange",
    "History",
    "Report",
    "Verdict",
    "Watched",
    "assert_conforms",
    "load_rulebook",
    "read_contract",
    "read_history",
    "watch",
    "write_history",
]

_HOMES = {
    "Exchange": "history",
    "History": "history",
    "Report": "report",
    "Verdict": "report",
    "Watched": "watched",
    "assert_conforms": "testing",
    "load_rulebook": "rulebook",
    "read_contract": "contract",
    "read_history": "history",
    "watch": "watched",
    "write_history": "history",
}


def __getattr__(name: str) -> Any:
    """Load a public name from the module where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'runwright' has no attribute {name!r}")
    return getattr(import_module(f"runwright.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
