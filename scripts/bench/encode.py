"""How long it takes to write an answer that was read as JSON again."""

import gc

from bench.chapter import Chapter, Effort, Row, Table
from bench.contenders import OURS, names
from bench.race import Times, race, ratios
from bench.subjects import LARGE, Subject, encoding, subjects


def chapter(effort: Effort) -> Chapter:
    """Encode what each contender has decoded."""
    found = subjects(effort.folder)
    raced = {subject.name: _times(subject, effort) for subject in found.every}
    return Chapter(
        title="Encoding",
        tables=(
            Table(
                title="Encoding an answer that was decoded, the collector running; times our "
                "client",
                columns=tuple(raced),
                rows=tuple(
                    Row(name=name, values=ratios(raced.values(), name, OURS)) for name in names()
                ),
            ),
        ),
        notes=("Our client compares what it writes with what came, lest unknown members be lost.",),
    )


def _times(subject: Subject, effort: Effort) -> Times:
    contenders = {name: encoding(reader, subject) for name, reader in subject.readers.items()}
    # What all of them have read stays there all the time, and is no collector's business.
    gc.collect()
    gc.freeze()
    try:
        return race(contenders, rounds=effort.rounds(6 if subject.name == LARGE else 80))
    finally:
        gc.unfreeze()
