# Made by scripts/generate.py from the OpenAPI document of pipe0; do not edit.
"""Keeps the garbage collector out of the way while many objects are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 1 << 16
"""From this many bytes on, the garbage collector is paused while a body is decoded or encoded."""


class _Collector:
    """Pauses the garbage collector while anybody wants it paused.

    Decoding makes many objects and no garbage, and each of the collector's passes over them is
    wasted. Counting makes it safe for threads: the last to finish restores what the first found.
    What was made meanwhile counts as old afterwards, so that no pass over it follows at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pauses = 0
        self._was_enabled = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            if self._pauses == 0:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._pauses += 1
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if self._pauses == 0 and self._was_enabled:
                    if gc.get_freeze_count() == 0:
                        # Together these move all to the oldest generation, without a pass.
                        gc.freeze()
                        gc.unfreeze()
                    gc.enable()


COLLECTOR = _Collector()
