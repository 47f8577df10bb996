"""Check every spec and its ledger, and print what is wrong with them.

Each line reads ``file:line: what is wrong; what to do``. Exits 1 if there is such a line, 2 if
a file cannot be read, 0 otherwise.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from runwright.lint.finding import Finding
from runwright.lint.linter import lint
from runwright.spec import SpecError, specs_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint the given specs, all of the project's if none is given, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="an openapi.yaml or its folder (default: every folder in specs/)",
    )
    paths = parser.parse_args(arguments).paths or sorted(specs_folder().glob("*/openapi.yaml"))
    if not paths:
        print(f"{specs_folder()}: no spec stands here", file=sys.stderr)
        return 2
    found: list[Finding] = []
    for path in paths:
        try:
            found += lint(path / "openapi.yaml" if path.is_dir() else path)
        except SpecError as error:
            print(error, file=sys.stderr)
            return 2
    for finding in found:
        print(finding)
    print(f"{_count(len(paths), 'spec')}, {_count(len(found), 'finding')}")
    return 1 if found else 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main())
