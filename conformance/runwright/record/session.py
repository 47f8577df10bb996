"""A whole recording: a program is run, what its processes sent is collected and judged."""

import os
import secrets
import shlex
import time
from collections.abc import Sequence

from attrs import frozen

from runwright.collection import Collection
from runwright.history import History
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.record.program import run_program
from runwright.record.station import open_station
from runwright.redaction import Redactor, secrets_in
from runwright.report import Report
from runwright.rulebook import Rulebook
from runwright.scope import share_of
from runwright.shrink import with_smallest


@frozen(kw_only=True)
class Recording:
    """What a program did, the verdict on it, and how the program ended.

    ``strangers`` are the servers that are not the API's, with the number of requests to each.
    ``command`` is what was run, without the secrets that were met.
    """

    command: str
    history: History
    report: Report
    exit_code: int
    processes: int
    strangers: tuple[tuple[str, int], ...]

    @property
    def is_empty(self) -> bool:
        """True if no exchange with the API was seen."""
        return not self.history.exchanges


def record_program(
    command: Sequence[str],
    rulebook: Rulebook,
    *,
    urls: tuple[str, ...] = (),
    reading: Reading = "seed",
    conduct: bool = False,
) -> Recording:
    """Run a command, record what it and the Pythons that it starts send, and judge it.

    With `conduct` the program is judged, too.

    Raises:
        ProgramError: there is no such program.
    """
    redactor = Redactor(
        rulebook.spec, secrets=secrets_in(os.environ), namespace=secrets.token_hex(3)
    )
    collection = Collection(redactor)
    with open_station(collection) as station:
        code = run_program(command, address=station.address, environment=os.environ)
        station.drain()
    share = share_of(collection.exchanges(until=time.time()), rulebook.spec, urls)
    history = History(
        exchanges=share.exchanges,
        api=rulebook.spec.api,
        target=", ".join(share.servers) or None,
    )
    report = judge(history, rulebook, reading=reading, conduct=conduct)
    return Recording(
        history=history,
        report=with_smallest(report, history, rulebook),
        command=redactor.clean(shlex.join(command)),
        exit_code=code,
        processes=len(station.workers),
        strangers=share.strangers,
    )
