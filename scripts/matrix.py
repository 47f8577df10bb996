"""Let the suite hunt every mutant of the emulators, and print which rule caught which, how soon.

`requests` and `seconds` tell when the first violation was complete, `verdict` when the whole
session had been judged: what a user of `runwright test` waits. All are measured in that run.

Writes matrix.json and matrix.svg to build/. Exits 1 if a mutant is not caught by the rule that it
breaks or breaks another one that it does not name, if the honest emulator breaks a rule, or if a
rule that a vendor promises catches no mutant.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from fnmatch import fnmatch
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

import msgspec
from kills.picture import draw
from kills.table import console_for, print_matrix
from kills.tally import dump, findings
from kills.trial import Order, Trial, carry_out, orders_for
from rich.console import Console
from runwright.emulator.mutant import Family, find_mutant
from runwright.spec import apis
from runwright.suite.profile import DEFAULT, PROFILES

BUILD = Path(__file__).parents[1] / "build"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute and print the matrix, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("apis", nargs="*", metavar="API", help="default: all of them")
    parser.add_argument("--family", choices=get_args(Family), help="only mutants of one family")
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        default=[],
        help="only mutants of that name, * is a wildcard; may be given again",
    )
    parser.add_argument("--profile", choices=PROFILES, default=DEFAULT.name)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="default: the cores")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--speed",
        type=float,
        help="let the emulators' clocks run by themselves, so fast; by default the sessions move "
        "them on, so that it does not matter how busy the machine is",
    )
    parser.add_argument("--out", type=Path, default=BUILD, help="default: build/")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.apis) - set(apis()))
    if unknown:
        parser.error(f"no API is called {', '.join(unknown)}; there are: {', '.join(apis())}")
    every = [
        order
        for api in options.apis or apis()
        for order in orders_for(
            api, profile=options.profile, seed=options.seed, speed=options.speed
        )
    ]
    orders = [order for order in every if _is_wanted(order, options.family, options.only)]
    if not orders:
        parser.error("no mutant is like that")
    whole = len(orders) == len(every)
    trials = hunt(orders, jobs=options.jobs)
    options.out.mkdir(parents=True, exist_ok=True)
    content = msgspec.json.encode(dump(trials, whole=whole))
    (options.out / "matrix.json").write_bytes(msgspec.json.format(content, indent=1))
    (options.out / "matrix.svg").write_text(draw(trials), encoding="utf-8")
    print_matrix(console_for(Console()), trials, whole=whole)
    return 1 if any(findings(trials, whole=whole)) else 0


def _is_wanted(order: Order, family: str | None, names: Sequence[str]) -> bool:
    if order.fault is None:
        return family is None and not names
    mutant = find_mutant(order.api, order.fault)
    named = not names or any(fnmatch(mutant.name, name) for name in names)
    return family in (None, mutant.family) and named


def hunt(orders: Sequence[Order], *, jobs: int) -> tuple[Trial, ...]:
    """Carry out orders, several at once, and return the trials in the same order."""
    # Forked workers would inherit the locks of threads that serve nobody there.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        places = {pool.submit(carry_out, order): place for place, order in enumerate(orders)}
        found = ((places[done], done.result()) for done in as_completed(places))
        return tuple(trial for _, trial in sorted(_told(found, len(orders)), key=lambda t: t[0]))


def _told(found: Iterable[tuple[int, Trial]], total: int) -> Iterable[tuple[int, Trial]]:
    """Pass trials on, and tell on standard error how far it is."""
    in_place = sys.stderr.isatty()
    for number, (place, trial) in enumerate(found, 1):
        mutant = trial.mutant
        caught = mutant is None or mutant.breaks in trial.violated
        line = f"{number}/{total} {trial.order.api} {trial.order.fault or 'honest'}"
        line += (
            ""
            if caught and not trial.unlisted
            else f": {'; '.join(findings([trial], whole=False))}"
        )
        print(
            f"\r\x1b[K{line}" if in_place else line,
            end="" if in_place else "\n",
            file=sys.stderr,
            flush=True,
        )
        yield place, trial
    if in_place:
        print(file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
