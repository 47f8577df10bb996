"""Running a program so that it records what it does over HTTP."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import define, field

from runwright.mistake import Mistake
from runwright.tap.agent import ADDRESS

INJECTED: Final = Path(__file__).parent / "inject"
"""The folder whose `sitecustomize` every Python below this process imports."""

FORWARDED: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


class ProgramError(Mistake):
    """A program cannot be started; the message says why, and what would do."""


def run_program(command: Sequence[str], *, address: str, environment: Mapping[str, str]) -> int:
    """Run a command to its end and return its exit code, 128 + n if signal n ended it.

    Its input and output are this process's own, and so are the signals that it gets.

    Raises:
        ProgramError: there is no such program.
    """
    with _signals() as relay:
        try:
            child = subprocess.Popen(command, env=injected(environment, address))
        except FileNotFoundError:
            raise ProgramError(f"{command[0]}: no such program{_remedy(command)}") from None
        except OSError as error:
            raise ProgramError(f"{command[0]}: {error.strerror}{_remedy(command)}") from None
        relay.attach(child)
        code = child.wait()
    return code if code >= 0 else 128 - code


def injected(environment: Mapping[str, str], address: str) -> dict[str, str]:
    """Return an environment in which every Python records, and sends to an address."""
    path = [str(INJECTED), *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, ADDRESS: address, "PYTHONPATH": os.pathsep.join(path)}


def _remedy(command: Sequence[str]) -> str:
    if command[0].endswith(".py"):
        return f"; write: -- python {command[0]}"
    return "; what stands after -- is a program with its arguments"


@define
class _Relay:
    """Hands signals on to a child, those also that came before it began."""

    _child: "subprocess.Popen[bytes] | None" = None
    _early: list[int] = field(factory=list)

    def attach(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child
        for number in self._early:
            child.send_signal(number)

    def take(self, number: int, frame: object) -> None:
        if number in (signal.SIGINT, getattr(signal, "SIGQUIT", None)) and _is_foreground():
            return  # the terminal has sent it to the child as well
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)


def _is_foreground() -> bool:
    """True if keys pressed in a terminal reach this process and its children alike."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


@contextmanager
def _signals() -> Iterator[_Relay]:
    """Relay signals for as long as the context lasts; only the main thread can."""
    relay = _Relay()
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in FORWARDED if hasattr(signal, name)]
        before = {number: signal.signal(number, relay.take) for number in numbers}
    try:
        yield relay
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
