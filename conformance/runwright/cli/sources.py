"""What recordings hold of each API, and what cannot be read of them."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from runwright.cli.options import UsageError, chosen
from runwright.history import Exchange, History, joined_reasons
from runwright.recordings import read_recording
from runwright.recordings.flaw import Flaw
from runwright.recordings.source import Kept
from runwright.redaction import Redactor
from runwright.render.number import count
from runwright.render.terminal import console
from runwright.rulebook import Rulebook
from runwright.sorting import sort_exchanges
from runwright.spec import Spec, apis

MOST_FLAWS = 20
"""Pieces that cannot be read which a report names."""


@define
class Aside:
    """What recordings hold beside exchanges, as far as they were read."""

    headings: list[History] = field(factory=list)
    flaws: list[str] = field(factory=list)
    passed_over: int = 0

    def pass_over(self, flaw: str) -> None:
        """Take in a piece that cannot be read."""
        self.passed_over += 1
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(f"passed over: {flaw}")

    @property
    def cut_short(self) -> str | None:
        """Why histories end before their time, if some do."""
        return joined_reasons(heading.cut_short for heading in self.headings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, for those who read the report only."""
        rest = self.passed_over - len(self.flaws)
        return (*self.flaws, *([f"passed over: {rest:,} more"] if rest else []))


@frozen
class Share:
    """What was recorded of an API, and what takes the secrets out of it."""

    rulebook: Rulebook
    redactor: Redactor
    exchanges: Iterator[Exchange]
    aside: Aside


def share(
    sources: Sequence[str | Kept],
    rulebook: Rulebook,
    wanted: Sequence[bool] | None = None,
    *,
    quiet: bool = False,
) -> Share:
    """Return what was recorded of an API, or the wanted exchanges; flaws are told unless quiet."""
    redactor = Redactor(rulebook.spec)
    aside = Aside()
    exchanges = _read(sources, rulebook.spec, redactor, aside, wanted, quiet=quiet)
    return Share(rulebook, redactor, exchanges, aside)


def sort_shares(sources: Sequence[str | Kept], own: Path | None) -> tuple[Share, ...]:
    """Return what was recorded of each API, told without being told; one's own may be among them.

    All is read twice: where a secret stands is known only when the API is.
    """
    books = {book.spec.api: book for book in chosen(apis(), None)}
    books |= {book.spec.api: book for book in (chosen((), own) if own else ())}
    found = (one for source in sources for one in read_recording(source))
    seen = (one for one in found if not isinstance(one, Flaw))
    sorting = sort_exchanges(seen, [book.spec for book in books.values()])
    shares: list[Share] = []
    for name in sorting.found:
        wanted = [api == name for api in sorting.apis]
        shares.append(share(sources, books[name], wanted, quiet=bool(shares)))
    counts = Counter(sorting.apis)
    told = [f"{name} ({count(counts[name], 'exchange')})" for name in sorting.found]
    told += [f"left out: {server} ({number})" for server, number in sorting.strangers]
    tell(f"recorded: {', '.join(told)}")
    return tuple(shares)


def _read(
    sources: Sequence[str | Kept],
    spec: Spec,
    redactor: Redactor,
    aside: Aside,
    wanted: Sequence[bool] | None = None,
    *,
    quiet: bool = False,
) -> Iterator[Exchange]:
    """Yield the exchanges of recordings, or the wanted ones of them, each under its own name.

    What else is found goes aside, but for headings of another API that is sorted out.

    Raises:
        UsageError: there is none.
    """
    seen: dict[str, dict[int, int]] = {}
    place = itertools.count()

    def check(heading: History) -> None:
        is_other = heading.api not in (None, spec.api)
        if wanted is None or not is_other:
            aside.headings.append(heading)
        if wanted is None and is_other:
            tell(f"warning: this is a history of {heading.api}, judged as one of {spec.api}")

    for number, source in enumerate(sources):
        for found in read_recording(source, spec, redactor=redactor, tell=check):
            if isinstance(found, Flaw):
                told = redactor.clean(str(found))
                aside.pass_over(told)
                if not quiet:
                    tell(f"passed over: {told}")
            elif wanted is None or wanted[next(place)]:
                names = seen.setdefault(found.worker, {})
                digest = hash(found)
                if found.seq not in names:
                    names[found.seq] = digest
                    yield found
                elif names[found.seq] != digest:
                    # Recordings that know nothing of each other may use one name twice.
                    clock = None if found.clock is None else f"{found.clock}-{number}"
                    yield evolve(found, worker=f"{found.worker}-{number}", clock=clock)
    if not seen:
        told = ", ".join(one if isinstance(one, str) else one.name for one in sources)
        raise UsageError(
            f"nothing to judge: no exchange could be read from {told}"
            if aside.passed_over
            else f"nothing to judge: {told} can be read, but there is no exchange in it"
        )


def tell(text: str) -> None:
    """Tell something on standard error."""
    console(stderr=True).print(text, markup=False, soft_wrap=True)
