"""A folder of plain JSON bodies: what successive polls of runs answered, in order of file name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from runwright.history import NOT_JSON, Exchange, HistoryError, Message
from runwright.piecewise import response_validator
from runwright.recordings.flaw import Flaw
from runwright.redaction import Recorded, Redactor
from runwright.spec import Operation, Spec
from runwright.trace import identity

UNTOLD: Final = "untold"
"""What stands in a URL for a parameter that no body tells."""


def read(folder: Path, spec: Spec, redactor: Redactor) -> Iterator[Exchange | Flaw]:
    """Yield an exchange for each ``*.json`` file, as the answer of an operation that polls.

    The files count as a second apart, numbers in their names by value: 2.json before 10.json.

    Raises:
        HistoryError: the API has no operation that polls, or the folder no such file.
    """
    operations = tuple(spec.operations[name] for name in spec.polls)
    if not operations:
        raise HistoryError(
            f"{folder}: {spec.api} has no operation that polls, so nothing says what bodies answer"
        )
    paths = sorted(folder.glob("*.json"), key=_natural)
    if not paths:
        raise HistoryError(f"{folder}: no *.json file in this folder")
    for number, path in enumerate(paths):
        try:
            content = path.read_bytes()
        except OSError as error:
            yield Flaw(str(path), str(error.strerror))
            continue
        body = Message(content=content).json
        if body is NOT_JSON:
            yield Flaw(str(path), "not JSON")
            continue
        fitting = _fitting(spec, operations, body)
        if len(fitting) > 1:
            names = " or ".join(operation.id for operation in fitting)
            yield Flaw(str(path), f"nothing in it tells whether it is an answer of {names}")
            continue
        (operation,) = fitting
        yield redactor.exchange(
            Recorded(
                worker="bodies",
                seq=number,
                at=float(number),
                took=0.0,
                method=operation.method,
                url=_url(spec, operation, body),
                status=operation.success_status,
                response_headers=(("content-type", "application/json"),),
                response_content=content,
            )
        )


def _fitting(spec: Spec, operations: tuple[Operation, ...], body: Any) -> tuple[Operation, ...]:
    """Return the operations whose answer a body fits best: by schema, else by its members."""
    ranks = {operation: _likeness(spec, operation, body) for operation in operations}
    best = max(ranks.values())
    return tuple(operation for operation, rank in ranks.items() if rank == best)


def _likeness(spec: Spec, operation: Operation, body: Any) -> tuple[bool, int]:
    validator = response_validator(spec, operation, operation.success_status)
    schema = spec.deref(spec.response_schema(operation, operation.success_status)) or {}
    known = set(body if isinstance(body, dict) else ()) & set(schema.get("properties", ()))
    return validator is not None and validator.is_valid(body), len(known)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece)
        for piece in re.split(r"(\d+)", path.name)
    ]


def _url(spec: Spec, operation: Operation, body: Any) -> str:
    """Return the URL that was asked, as far as the body tells: a project_id from its project."""
    lifecycle = spec.lifecycles[spec.polls[operation.id]]
    asked = spec.identifying_parameters.get(operation.id)

    def value_of(name: str) -> str:
        if name == asked:
            return identity(body, lifecycle) or UNTOLD
        told = body.get(name, body.get(name.removesuffix("_id"))) if isinstance(body, dict) else ""
        return told if isinstance(told, str) and told else UNTOLD

    path = re.sub(r"\{([^}]+)\}", lambda found: quote(value_of(found[1]), safe=""), operation.path)
    if asked and f"{{{asked}}}" not in operation.path:
        path += f"?{urlencode({asked: value_of(asked)})}"
    return f"http://recorded.invalid{path}"
