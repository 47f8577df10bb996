"""The benchmark, chapter by chapter: how fast and how light things are, beside their peers.

`scripts/benchmark.py` (`make bench`) runs the chapters that `bench.chapter.CHAPTERS` names, prints
their tables and targets, and writes ``build/bench.json`` and ``build/bench.svg``.

A chapter is a module here with one function, and its name in `CHAPTERS`:

    def chapter(effort: Effort) -> Chapter:
        ratios = race({"judge": judge, "parse": parse}, rounds=effort.rounds(200))
        return Chapter(
            title="Judging",
            tables=(
                Table(
                    title="Judging an exchange, times parsing it",
                    columns=("pipe0", "nekt"),
                    rows=(Row(name="judge", values=(1.4, 1.2)),),
                ),
            ),
            targets=(Target(claim="judging, times parsing", value=1.4, most=2.0),),
            notes=("300 exchanges of a run of the suite.",),
        )

What is compared takes turns in one process, or in fresh ones that take turns, so that a machine
that slows down slows all of them down; what counts are ratios. `bench.race` does so. A figure that
could not be had is None, and a note says why; nothing is left out silently. A chapter imports what
it needs beyond the standard library, attrs, rich and runwright within its functions, and may take
a minute or two. `effort.rounds(n)` scales its rounds, `effort.folder` is its place for files.
"""
