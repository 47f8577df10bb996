# Made by scripts/generate.py from the OpenAPI document of clarifeye; do not edit.
"""Modules that are imported when something of them is wanted, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Deferred:
    """Stands for a module until then.

    Most of what importing a client would take goes into its models and what reads them; a program
    that only names the client, or whose run takes another path, does without.
    """

    def __init__(self, package: str, name: str) -> None:
        self.__dict__.update(__package__=package, __name__=name)

    def __getattr__(self, name: str) -> Any:
        module = import_module(f".{self.__name__}", self.__package__)
        found = getattr(module, name)
        self.__dict__[name] = found
        return found
