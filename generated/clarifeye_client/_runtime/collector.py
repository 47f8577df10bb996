# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Keeps the garbage collector out of the way while many objects are made."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 1 << 16
"""From this many bytes on, the garbage collector is paused while a body is decoded or encoded."""

_GROWTH = 1.5
"""A full pass is due when so many times the memory is in use that was after the last one."""
_SHARE = 16
"""Memory in use is looked up when as many objects were made as this share of its blocks."""
_FEW = 10_000
"""Objects: so many may always be made before it is."""


class _Collector:
    """Pauses the garbage collector while anybody wants it paused.

    Decoding makes many objects and no garbage, and each of the collector's passes over them is
    wasted. Counting makes it safe for threads: the last to finish restores what the first found.

    What was made meanwhile counts as old afterwards, so that no pass over it follows at once. The
    collector then knows neither of these objects nor of the others that aged with them, and would
    put its full passes off for ever. So they are made from here, whenever memory has grown by half:
    all that is ever kept is passed over a few times, and what is dropped costs nothing.
    """

    def __init__(self) -> None:
        # A pass runs finalizers, and those may decode something in the same thread.
        self._lock = threading.RLock()
        self._pauses = 0
        self._was_enabled = False
        self._moves = True
        self._made = 0
        self._enough = 0
        self._least = sys.maxsize

    @contextmanager
    def paused(self) -> Iterator[None]:
        if self._is_due():
            before = _full_passes()
            gc.collect()
            if _full_passes() > before:  # else another thread was amid a pass, and there was none
                self._least = sys.getallocatedblocks()
        with self._lock:
            self._pauses += 1
            if self._pauses == 1:
                self._was_enabled = gc.isenabled()
                gc.disable()
        try:
            yield
        finally:
            with self._lock:
                if self._pauses == 1 and self._was_enabled:
                    self._move()
                    gc.enable()
                self._pauses -= 1

    def _is_due(self) -> bool:
        """Return True if a full pass is worth its time."""
        with self._lock:
            is_enabled = self._was_enabled if self._pauses else gc.isenabled()
            young = _young()
            if not is_enabled or not gc.get_threshold()[0] or self._made + young < self._enough:
                return False
            blocks = sys.getallocatedblocks()
            self._made = -young
            self._enough = max(_FEW, blocks // _SHARE)
            if blocks >= _GROWTH * self._least:
                return True
            self._least = min(self._least, blocks)
            return False

    def _move(self) -> None:
        """Move all objects to the oldest generation, without a pass."""
        # Counting what others have frozen takes long, and they seldom thaw it.
        self._moves = self._moves and gc.get_freeze_count() == 0
        if self._moves:
            self._made += _young()
            gc.freeze()
            gc.unfreeze()


def _full_passes() -> int:
    return int(gc.get_stats()[-1]["collections"])


def _young() -> int:
    """Return how many objects were made since the collector's last full pass, roughly."""
    first, second, third = gc.get_count()
    size, times, _ = gc.get_threshold()
    return first + size * (second + times * third)


COLLECTOR = _Collector()
