"""How much memory it takes at most to decode the large body, each way in a process of its own."""

import statistics

from bench.bodies import large_body
from bench.chapter import Chapter, Effort, Row, Table, Target
from bench.contenders import OURS
from bench.fresh import run
from bench.subjects import LARGE, subjects

MOST = 3.5
CODE = """
import json, sys
from bench.contenders import reader
from bench.fresh import now, peak

decode = reader(sys.argv[1], "pipe0").decode
decode(open(sys.argv[3], "rb").read())  # what is made once is made now
before = now()
raw = open(sys.argv[2], "rb").read()
has_read = now()
value = decode(raw)
print(json.dumps([peak() - has_read, peak() - before]))
"""


def chapter(effort: Effort) -> Chapter:
    """Decode the large body in fresh processes, and see how far their memory grows."""
    found = subjects(effort.folder)
    raw = large_body()
    large, small = effort.folder / "large.json", effort.folder / "small.json"
    large.write_bytes(raw)
    small.write_bytes(large_body(1, 1))
    grown = {
        name: [
            run(CODE, name, str(large), str(small), folder=effort.folder)
            for _ in range(min(3, effort.rounds(3)))
        ]
        for name in found.every[0].readers
    }
    times = {
        name: tuple(statistics.median(column) / len(raw) for column in zip(*rows, strict=True))
        for name, rows in grown.items()
    }
    return Chapter(
        title="Memory",
        tables=(
            Table(
                title=f"Peak memory of decoding {LARGE} ({len(raw) / 1e6:.1f} MB), times the body",
                columns=("what decoding adds", "with the body itself"),
                rows=tuple(Row(name=name, values=values) for name, values in times.items()),
            ),
        ),
        targets=(
            Target(
                claim=f"peak memory that decoding {LARGE} adds, times the body",
                value=times[OURS][0],
                most=MOST,
            ),
        ),
        notes=("Growth of a fresh process from when it has read, or not read, the body.",),
    )
