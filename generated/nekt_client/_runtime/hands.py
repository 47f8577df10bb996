# Made by scripts/generate.py from the OpenAPI document of nekt; do not edit.
"""Threads that do one thing after another, and never keep a process from ending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any

Task = tuple["Future[Any]", Callable[[], Any]]


class Hands:
    """Some daemon threads with one queue.

    `ThreadPoolExecutor` joins its threads when the interpreter exits, and so a request to a slow
    server would hold up whoever pressed Ctrl-C; these are left behind.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._given = 0

    def give(self, do: Callable[[], Any]) -> Future[Any]:
        """Have something done, with the caller's context, as soon as a thread is free."""
        future: Future[Any] = Future()
        self._tasks.put((future, partial(copy_context().run, do)))
        self._given += 1
        if len(self._threads) < min(self._most, self._given):
            thread = Thread(target=_work, args=(self._tasks,), name="wait", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def dismiss(self) -> None:
        """Let each thread end once it is done with what it does."""
        for _ in self._threads:
            self._tasks.put(None)


def _work(tasks: SimpleQueue[Task | None]) -> None:
    while (task := tasks.get()) is not None:
        future, do = task
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001  it is raised where the result is asked for
            future.set_exception(error)
