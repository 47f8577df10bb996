"""How long it takes to write an answer that was read as JSON again."""

from bench.chapter import Chapter, Effort, Row, Table
from bench.contenders import OURS, names
from bench.race import race, ratios
from bench.subjects import LARGE, encoding, subjects


def chapter(effort: Effort) -> Chapter:
    """Encode what each contender has decoded."""
    found = subjects(effort.folder)
    raced = {
        subject.name: race(
            {name: encoding(reader, subject) for name, reader in subject.readers.items()},
            rounds=effort.rounds(6 if subject.name == LARGE else 80),
        )
        for subject in found.every
    }
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
