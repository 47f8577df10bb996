"""Measuring in processes of their own, which begin with nothing imported."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from bench.race import Times

SCRIPTS = Path(__file__).parents[1]


def run(code: str, *arguments: str, folder: Path) -> tuple[float, ...]:
    """Run Python code in a new process; return the numbers that it prints as a JSON array.

    The code can import what is in scripts/ and what was generated in `folder`. Everything is
    compiled once and kept there, whatever the environment says of bytecode.

    Raises:
        subprocess.CalledProcessError: it failed; what it said has been printed.
    """
    peers = folder / "peers"
    places = (SCRIPTS, peers, *peers.glob("*_project"))
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    } | {
        "PYTHONPATH": os.pathsep.join(map(str, places)),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return tuple(msgspec.json.decode(done.stdout, type=list[float]))


def turns(
    codes: Mapping[str, str], *arguments: str, rounds: int, folder: Path
) -> tuple[Times, ...]:
    """Run each code in a new process, in turn; return the times of each number that they print.

    The first round, in which what they import is compiled and read from the disk, does not count.
    """
    names = list(codes)
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in names}
    for number in range(rounds + 1):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            found[name].append(run(codes[name], *arguments, folder=folder))
    rows = {name: _columns(numbers[1:]) for name, numbers in found.items()}
    return tuple(
        Times(names[0], ({name: columns[place] for name, columns in rows.items()},))
        for place in range(len(rows[names[0]]))
    )


def _columns(rows: Iterable[tuple[float, ...]]) -> list[tuple[float, ...]]:
    return list(zip(*rows, strict=True))


def now() -> float:
    """Return the bytes that this process has in memory, or has had at most if nobody tells."""
    return _told("VmRSS:")


def peak() -> float:
    """Return the bytes that this process has had in memory at most."""
    return _told("VmHWM:")


def _told(name: str) -> float:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(1024.0 * int(line.split()[1]) for line in status if line.startswith(name))
    except OSError:
        # Where it exists, that is better: this begins with what the parent process had.
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(most if sys.platform == "darwin" else 1024 * most)
