"""What is read and written in the benchmark, and by whom: one subject for each column."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from attrs import frozen
from runwright.spec import apis

from bench.bodies import FIELDS, RECORDS, large_body, small_bodies
from bench.contenders import Reader, readers
from bench.peers import generate

LARGE = f"pipe0 {RECORDS:,}×{FIELDS}"


@frozen(kw_only=True)
class Subject:
    """Bodies of one API that are read in one go, and those who can."""

    name: str
    api: str
    bodies: tuple[bytes, ...]
    readers: dict[str, Reader]

    @property
    def size(self) -> int:
        """The bytes of all bodies together."""
        return sum(map(len, self.bodies))


@frozen(kw_only=True)
class Subjects:
    """The large body first, then the small ones of each API; and who cannot read what, and why."""

    every: tuple[Subject, ...]
    complaints: tuple[str, ...]


@cache
def subjects(folder: Path) -> Subjects:
    """Make peers and bodies."""
    shelf = generate(tuple(apis()), folder)
    complaints: list[str] = []

    def made(name: str, api: str, bodies: tuple[bytes, ...]) -> Subject:
        able = readers(api, shelf, small_bodies(api), complaints.append)
        return Subject(name=name, api=api, bodies=bodies, readers=able)

    large = made(LARGE, "pipe0", (large_body(),))
    small = [made(api, api, small_bodies(api)) for api in apis()]
    return Subjects(every=(large, *small), complaints=tuple(dict.fromkeys(complaints)))


def decoding(reader: Reader, subject: Subject) -> Callable[[], object]:
    """Return what reads all bodies of a subject once."""
    decode, bodies = reader.decode, subject.bodies

    def call() -> None:
        for body in bodies:
            decode(body)

    return call


def encoding(reader: Reader, subject: Subject) -> Callable[[], object]:
    """Return what writes all bodies of a subject once, from what was read."""
    encode, values = reader.encode, [reader.decode(body) for body in subject.bodies]

    def call() -> None:
        for value in values:
            encode(value)

    return call


def leaving_alone(call: Callable[[], object], api: str) -> Callable[[], object]:
    """Return a call during which our client never pauses the collector."""
    module = vars(import_module(f"{api}_client._runtime.codec"))

    def alone() -> None:
        usual, module["LARGE"] = module["LARGE"], 1 << 62
        try:
            call()
        finally:
            module["LARGE"] = usual

    return alone
