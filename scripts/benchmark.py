"""Measure the clients beside their peers, and what watching and judging cost: ratios in one run.

Prints tables and targets; writes bench.json and bench.svg to build/. Exits 0 even if a target is
missed, and says so: it is a benchmark, no test.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.chapter import CHAPTERS, Chapter, Effort, load_chapter
from bench.picture import draw
from bench.table import print_chapter, print_summary
from rich.console import Console

BUILD = Path(__file__).parents[1] / "build"
WIDTH = 150
"""Columns of a table that is piped somewhere."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chapters that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(CHAPTERS)}")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the usual rounds: 0.05 for a first look"
    )
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json", metavar="FILE")
    parser.add_argument("--picture", type=Path, default=BUILD / "bench.svg", metavar="FILE")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.chapters) - set(CHAPTERS))
    if unknown:
        parser.error(f"no chapter is called {', '.join(unknown)}; there are: {', '.join(CHAPTERS)}")
    if not options.share > 0:
        parser.error("--share must be above 0")
    console = _console()
    effort = Effort(folder=BUILD / "bench", share=options.share)
    effort.folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Chapter] = {}
    for name in [name for name in CHAPTERS if name in (options.chapters or CHAPTERS)]:
        began = time.monotonic()
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found[name] = load_chapter(name)(effort)
        print_chapter(console, found[name])
        print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print_summary(console, found.values())
    for path in (options.json, options.picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    options.picture.write_text(draw(found.values()), encoding="utf-8")
    return 0


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


if __name__ == "__main__":
    sys.exit(main())
