"""A mutant is a world that breaks just one rule, as a vendor might really come to break it.

To write one, subclass the API's world in ``mutants/<api>.py``, or in a module of the package of
that name, and override one seam:

    @mutant(breaks="pipe0.run.terminal-is-final", family="polls")
    class RetryReopensRun(Pipe0):
        \"\"\"A retry of the last job takes a run that has ended back to work.\"\"\"

        def status_of_run(self, run: Run, now: float) -> str: ...

The class name gives the mutant's name (``retry-reopens-run``), its docstring the story. Where the
fault cannot be without breaking another rule, too, `also` names it with the reason; a sharper
fault is better.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from attrs import field, frozen

from runwright.emulator.world import World
from runwright.mistake import Mistake

Family = Literal["body", "keys", "polls", "protocol"]
"""Where a fault shows: in one body, across keys, across polls, or in protocol and security."""

_MARK = "__mutant__"

W = TypeVar("W", bound=World[Any])


class MutantError(Mistake):
    """There is no such mutant; the message names those that there are."""


@frozen(kw_only=True)
class Mutant:
    """A world that breaks one rule: its name, the rule's id, the family, and the story.

    `also` are the rules that cannot but break with it, each with the reason.
    """

    name: str
    api: str
    breaks: str
    family: Family
    story: str
    also: Mapping[str, str] = field(factory=dict)
    world: type[World[Any]] = field(repr=False)


def mutant(
    *, breaks: str, family: Family, also: Mapping[str, str] | None = None
) -> Callable[[type[W]], type[W]]:
    """Declare a world to be a mutant that breaks the rule of that id, and its kin in `also`."""

    def declare(world: type[W]) -> type[W]:
        story = " ".join((inspect.getdoc(world) or "").split())
        if not story or "__doc__" not in vars(world) or vars(world)["__doc__"] is None:
            raise TypeError(f"mutant {world.__name__} has no docstring; it must tell the story")
        setattr(
            world,
            _MARK,
            Mutant(
                name=re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", world.__name__).lower(),
                api=world.__module__.rpartition(".mutants.")[2].partition(".")[0],
                breaks=breaks,
                family=family,
                story=story,
                also=dict(also or {}),
                world=world,
            ),
        )
        return world

    return declare


def mutants_of(api: str) -> Mapping[str, Mutant]:
    """Return an API's mutants by name, in the order in which they are written."""
    name = f"runwright.emulator.mutants.{api}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return {}
    parts = pkgutil.iter_modules(getattr(module, "__path__", ()), prefix=f"{name}.")
    modules = (module, *(importlib.import_module(part.name) for part in parts))
    marked = [
        vars(member).get(_MARK)
        for found in modules
        for member in vars(found).values()
        if isinstance(member, type)
    ]
    return {found.name: found for found in marked if isinstance(found, Mutant)}


def find_mutant(api: str, name: str) -> Mutant:
    """Return an API's mutant by its name.

    Raises:
        MutantError: there is none of that name.
    """
    mutants = mutants_of(api)
    if name not in mutants:
        known = ", ".join(mutants) or "none"
        raise MutantError(f"{api} has no fault called {name!r}; there are: {known}")
    return mutants[name]
