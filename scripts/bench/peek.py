"""What a poll costs that only asks for the status."""

from importlib import import_module

from bench.chapter import Chapter, Effort, Row, Table, Target
from bench.contenders import OURS, TWIN, UNTYPED
from bench.peers import PLAIN
from bench.race import Times, race, ratios
from bench.subjects import LARGE, Subject, decoding, subjects

PEEK = "our client, status only"


def chapter(effort: Effort) -> Chapter:
    """Read the status out of each subject, and all of it."""
    found = subjects(effort.folder)
    raced = {subject.name: _times(subject, effort) for subject in found.every}
    names = (PEEK, OURS, TWIN, PLAIN.name, *UNTYPED)
    return Chapter(
        title="Asking for the status",
        tables=(
            Table(
                title="Finding the status in an answer, times our client's full decoding",
                columns=tuple(raced),
                rows=tuple(
                    Row(name=name, values=ratios(raced.values(), name, OURS)) for name in names
                ),
                digits=3,
            ),
        ),
        targets=(
            Target(
                claim=f"status only, {LARGE}, times our full decoding",
                value=raced[LARGE].ratio(PEEK, OURS),
                most=1 / 4,
            ),
            Target(
                claim=f"status only, {LARGE}, times the generator's from_dict(json.loads)",
                value=raced[LARGE].ratio_of(PEEK, PLAIN.name),
                most=1 / 100,
            ),
        ),
    )


def _times(subject: Subject, effort: Effort) -> Times:
    peek = import_module(f"{subject.api}_client.operations").RUN_PLAN.peek

    def look() -> None:
        for body in subject.bodies:
            peek(body)

    contenders = {
        name: decoding(reader, subject)
        for name, reader in subject.readers.items()
        if name in (OURS, TWIN, PLAIN.name, *UNTYPED)
    }
    rounds = effort.rounds(8 if subject.name == LARGE else 80)
    return race({OURS: contenders[OURS], PEEK: look, **contenders}, rounds=rounds)
