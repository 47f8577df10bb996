"""What broke a rule before: requests and plans, kept in a database of Hypothesis's.

A session sends first what is kept, and keeps what breaks a rule in the end. The database is a
folder, or a Redis server that several machines share.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, field, frozen
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from runwright.mistake import Mistake
from runwright.report import Report, Verdict
from runwright.shard import Shard
from runwright.spec import Spec
from runwright.suite.caller import Cause
from runwright.suite.draft import Draft, Slot
from runwright.suite.kept import decode, encode
from runwright.suite.plan import Plan
from runwright.suite.programme import Programme
from runwright.suite.scripted import CHANGES

VARIABLE: Final = "RUNWRIGHT_DATABASE"
"""The environment variable that may name a database, for its URL may hold a password."""
REDIS: Final = ("redis", "rediss", "unix")
"""The schemes of URLs that lead to a Redis server."""
TIMEOUT: Final = 10.0
"""Seconds that a Redis server may take to answer."""
PREFIX: Final = b"runwright:"
"""What every key in a Redis server begins with."""


class DatabaseError(Mistake):
    """The database cannot be used; the message says why, and what would do."""


@frozen(kw_only=True)
class Memory:
    """A database of Hypothesis's; ``name`` is what may be shown of where it is."""

    name: str
    database: ExampleDatabase = field(repr=False)
    errors: tuple[type[Exception], ...] = (OSError,)

    def recall(self, spec: Spec) -> tuple[Cause, ...]:
        """Return what broke a rule of an API before, in an order that is always the same.

        What the spec has no operation for any more is left out.

        Raises:
            DatabaseError: the database does not answer.
        """
        try:
            values = sorted(self.database.fetch(_key(spec)))
        except self.errors as error:
            raise DatabaseError(f"{self.name} cannot be read: {error}") from None
        found = (decode(value, spec) for value in values)
        return tuple(cause for cause in found if cause is not None)

    def learn(
        self, spec: Spec, report: Report, causes: Mapping[str, Cause], recalled: Iterable[Cause]
    ) -> str:
        """Keep what shows a rule broken, forget what was tried again in vain; tell so."""
        guilty = _of(_shown(report), causes)
        tried = {encode(cause) for cause in causes.values()}
        before = {encode(cause) for cause in recalled}
        cleared = (before & tried) - _of(_seen(report), causes)
        try:
            for value in sorted(guilty):
                self.database.save(_key(spec), value)
            for value in sorted(cleared):
                self.database.delete(_key(spec), value)
        except self.errors as error:
            return f"{self.name} could not be written: {error}"
        return (
            f"{self.name}: tried {len(before & tried)} of before, "
            f"keeps {len(guilty)} that broke a rule, forgot {len(cleared)}"
        )


def open_memory(place: str) -> Memory:
    """Open the database in a folder, or at a URL such as ``redis://host:6379/0``.

    Raises:
        DatabaseError: it cannot be used.
    """
    if urlsplit(place).scheme in REDIS:
        return _open_redis(place)
    if "://" in place:
        known = ", ".join(f"{scheme}://" for scheme in REDIS)
        raise DatabaseError(f"a database is a folder, or a URL that begins with one of {known}")
    folder = Path(place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"{folder} cannot be a database: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DatabaseError(f"{folder} cannot be a database: nothing can be written there")
    return Memory(name=place, database=DirectoryBasedExampleDatabase(folder))


def _open_redis(url: str) -> Memory:
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
        from redis.exceptions import RedisError
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise DatabaseError(
            "a database on Redis needs redis-py; install it with: pip install 'runwright[redis]'"
        ) from None
    parts = urlsplit(url)
    # The URL may hold a password; what is shown does not.
    name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        redis = Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        redis.ping()
    except (RedisError, OSError, ValueError) as error:
        raise DatabaseError(f"{name} cannot be reached: {error}") from None
    database = RedisExampleDatabase(redis, key_prefix=PREFIX)
    return Memory(name=name, database=database, errors=(OSError, RedisError))


def _key(spec: Spec) -> bytes:
    return f"suite/1/{spec.api}".encode()


def _shown(report: Report) -> set[str]:
    """Return the ids of the exchanges that are the least to show each violated rule broken."""
    return {
        exchange.id
        for result in report.with_verdict(Verdict.VIOLATED)
        for exchange in result.smallest or result.violations[0].exchanges
    }


def _seen(report: Report) -> set[str]:
    """Return the ids of all exchanges in which a rule was seen to be broken."""
    return _shown(report) | {
        exchange.id
        for result in report.with_verdict(Verdict.VIOLATED)
        for violation in result.violations
        for exchange in violation.exchanges
    }


def _of(names: Iterable[str], causes: Mapping[str, Cause]) -> set[bytes]:
    return {encode(causes[name]) for name in names if name in causes}


def unlike(recalled: Iterable[Cause], programme: Programme) -> tuple[Cause, ...]:
    """Return what is recalled but for what a programme has by itself."""
    whole: tuple[Cause, ...] = (*programme.plans, *programme.drafts)
    drawn = set(map(encode, whole))
    return tuple(cause for cause in recalled if encode(cause) not in drawn)


def replay(
    programme: Programme,
    recalled: Iterable[Cause],
    *,
    careful: bool,
    observe_only: bool,
    shards: Sequence[Shard] = (),
) -> Programme:
    """Return a programme that begins with what broke a rule before, or a shard's part of that.

    With `careful`, what might change something other than a run is left out.
    """
    mine = [cause for cause in recalled if _is_of(encode(cause), shards)]
    plans = [cause for cause in mine if isinstance(cause, Plan) and not observe_only]
    first = 1 + max((draft.number for draft in programme.drafts), default=-1)
    drafts = [
        evolve(cause, number=first + number)
        for number, cause in enumerate(mine)
        if isinstance(cause, Draft)
        and not (observe_only and (cause.method or not cause.operation.is_safe))
        and not (careful and cause.verb in CHANGES and Slot.UNKNOWN not in cause.values.values())
    ]
    return Programme(plans=(*plans, *programme.plans), drafts=(*drafts, *programme.drafts))


def _is_of(value: bytes, shards: Sequence[Shard]) -> bool:
    """True if something is a shard's, whatever else there is to be divided."""
    number = int.from_bytes(hashlib.sha256(value).digest(), "big")
    for shard in shards:
        number, rest = divmod(number, shard.count)
        if rest != shard.index - 1:
            return False
    return True
