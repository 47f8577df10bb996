"""How long it takes to turn the bytes of an answer into typed objects."""

from bench.chapter import Chapter, Effort, Row, Table, Target
from bench.contenders import OURS, TWIN, names
from bench.peers import PLAIN
from bench.race import Times, race, ratios
from bench.subjects import LARGE, Subject, decoding, leaving_alone, subjects

ALONE = "our client, never pausing the collector"


def chapter(effort: Effort) -> Chapter:
    """Decode each subject with the collector paused for all, and with it running for all."""
    found = subjects(effort.folder)
    paused, running = (
        {subject.name: _times(subject, effort, collect) for subject in found.every}
        for collect in (False, True)
    )
    return Chapter(
        title="Decoding",
        tables=(
            _table("Decoding, the collector paused for all; times our client", paused),
            _table("Decoding, the collector running; times our client", running, (ALONE,)),
            Table(
                title="Our client, milliseconds and megabytes a second",
                columns=tuple(paused),
                rows=(
                    _row("paused, ms", [1e3 * times.median(OURS) for times in paused.values()]),
                    _row("running, ms", [1e3 * times.median(OURS) for times in running.values()]),
                    _row(
                        "running, MB/s",
                        [s.size / 1e6 / running[s.name].median(OURS) for s in found.every],
                    ),
                ),
                drawn=False,
            ),
        ),
        targets=(*_beside_twin(paused, running), *_beside_generator(paused, running)),
        notes=(
            "A small subject: each example that the spec has of the answer to a poll, 0.5 to 3 KB.",
            "Our client pauses the collector itself where a body has more than 64 KB.",
            *found.complaints,
        ),
    )


def _times(subject: Subject, effort: Effort, collect: bool) -> Times:
    contenders = {name: decoding(reader, subject) for name, reader in subject.readers.items()}
    if collect and subject.name == LARGE:
        contenders[ALONE] = leaving_alone(contenders[OURS], subject.api)
    usual = 10 if subject.name == LARGE else 150
    return race(contenders, rounds=effort.rounds(usual), collect=collect)


def _table(title: str, raced: dict[str, Times], more: tuple[str, ...] = ()) -> Table:
    return Table(
        title=title,
        columns=tuple(raced),
        rows=tuple(
            Row(name=name, values=ratios(raced.values(), name, OURS))
            for name in (OURS, *more, *names()[1:])
        ),
    )


def _row(name: str, values: list[float]) -> Row:
    return Row(name=name, values=tuple(values))


def _beside_twin(paused: dict[str, Times], running: dict[str, Times]) -> list[Target]:
    targets = []
    for how, raced, ours in (("paused", paused, OURS), ("running", running, ALONE)):
        large = raced[LARGE].ratio(ours, TWIN)
        small = {name: raced[name].ratio(OURS, TWIN) for name in raced if name != LARGE}
        worst = max(small, key=lambda name: small[name])
        targets += [
            Target(claim=f"{LARGE}, {how} for both, times the twin", value=large, most=1.15),
            Target(
                claim=f"small, {how} for both, times the twin; the worst, {worst}",
                value=small[worst],
                most=1.4,
            ),
        ]
    return targets


def _beside_generator(paused: dict[str, Times], running: dict[str, Times]) -> list[Target]:
    said = f"the generator's from_dict(json.loads), {LARGE}, times our client"
    return [
        Target(
            claim=f"{said}, paused for both",
            value=paused[LARGE].ratio_of(PLAIN.name, OURS),
            least=5,
        ),
        Target(
            claim=f"{said}, each as it comes",
            value=running[LARGE].ratio_of(PLAIN.name, OURS),
            least=15,
        ),
    ]
