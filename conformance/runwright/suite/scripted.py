"""Probes that follow from a spec alone: credentials, ids, methods, bodies and parameters.

Each is a `Draft`, decided before anything is sent.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from runwright.history import MALFORMED_ID, UNKNOWN_ID, UNKNOWN_ID_ELSEWHERE
from runwright.roles import run_parameter, unread
from runwright.spec import Operation, Spec
from runwright.suite.bodies import (
    NO_BODY,
    Body,
    BrokenBody,
    broken_bodies,
    encode_body,
    example_bodies,
    example_values,
    media_of,
)
from runwright.suite.draft import Draft, Slot, Who
from runwright.suite.keyring import Keyring
from runwright.suite.parameters import fitting
from runwright.suite.plan import starting, waiting

BAD_IDS: Final = (
    "not-an-id",
    "0",
    "-1",
    "null",
    "a" * 300,
    "../../etc/passwd",
    "' OR '1'='1",
    "{id}",
    "é日本",
    "00000000-0000-0000-0000-00000000000g",
)
"""Values that no server uses as ids, and that some fall over."""

PERHAPS: Final = ("0", "-1", "null")
"""Those that might be some server's ids after all."""

BAD_VALUES: Final = ("", "-1", "0", "1.5", "abc", "99999999999999999999", "null", "é", "a,b")

CHANGES: Final = ("PUT", "PATCH", "DELETE")
"""Methods that change what is there; a server that is not an emulator is spared them."""

T = TypeVar("T")


def scripted_drafts(
    spec: Spec, keyring: Keyring, *, seed: int, bodies: int, careful: bool
) -> tuple[Draft, ...]:
    """Return all probes of a spec, in an order that the seed decides.

    At most `bodies` broken bodies are sent to one operation. With `careful`, no request is made
    that might change or delete something other than a run.
    """
    chance = random.Random(seed)
    drafts = [
        draft
        for operation in spec.operations.values()
        if not (careful and operation.method in CHANGES)
        for draft in (
            *_documented(spec, operation),
            *_credentials(spec, keyring, operation),
            *_ids(spec, operation, chance),
            *_broken(spec, operation, bodies, chance),
            *_media_types(spec, operation),
            *_twins(spec, operation),
            *_elsewhere(spec, operation),
            *_parameters(spec, operation),
        )
    ]
    drafts += _methods(spec, careful=careful)
    chance.shuffle(drafts)
    # What may start runs comes last, when there is least that it could disturb.
    return (*drafts, *_read_starts(spec))


def values_of(spec: Spec, operation: Operation) -> dict[str, str | Slot]:
    """Return an operation's parameters, filled with a run and places that exist."""
    run = run_parameter(spec, operation.id)
    values: dict[str, str | Slot] = dict.fromkeys(operation.path_names, Slot.PLACE)
    return {**values, run: Slot.RUN} if run else values


def _valid(spec: Spec, operation: Operation) -> Body:
    return NO_BODY if operation.is_safe else example_bodies(spec, operation)[0]


def _draft(
    operation: Operation, values: Mapping[str, str | Slot], body: Body, **more: Any
) -> Draft:
    headers = (*body.headers, *more.pop("headers", ()))
    return Draft(operation=operation, values=values, headers=headers, content=body.content, **more)


def _documented(spec: Spec, operation: Operation) -> Iterator[Draft]:
    """Yield calls as the docs show them; starting and canceling runs is left to the plans."""
    values = values_of(spec, operation)
    if operation.is_safe:
        for _ in range(2):
            yield _draft(operation, values, NO_BODY, purpose="as documented")
    elif Slot.RUN not in values.values() and operation not in _that_start(spec):
        for body in example_bodies(spec, operation):
            yield _draft(operation, values, body, purpose="as documented")


def _that_start(spec: Spec) -> tuple[Operation, ...]:
    return (*starting(spec), *waiting(spec))


def _credentials(spec: Spec, keyring: Keyring, operation: Operation) -> Iterator[Draft]:
    if not operation.security:
        return
    values, body = values_of(spec, operation), _valid(spec, operation)
    yield _draft(operation, values, body, purpose="no credentials", who="missing")
    for way, (what, _) in enumerate(keyring.wrongs(operation)):
        yield _draft(operation, values, body, purpose=what, who="wrong", way=way)
    if operation.is_safe:
        for way in range(1, keyring.ways(operation)):
            yield _draft(operation, values, body, purpose="other documented scheme", way=way)


def _ids(spec: Spec, operation: Operation, chance: random.Random) -> Iterator[Draft]:
    values, body = values_of(spec, operation), _valid(spec, operation)
    run = spec.identifying_parameters.get(operation.id)
    if run is not None:
        yield from _tenants(operation, values, body, run)
    for name in values:
        for bad in _some(BAD_IDS, 5, chance):
            intent = MALFORMED_ID if name == run and bad not in PERHAPS else None
            given = {**values, name: bad}
            yield _draft(operation, given, body, purpose=f"malformed {name}", intent=intent)


def _tenants(
    operation: Operation, values: Mapping[str, str | Slot], body: Body, run: str
) -> Iterator[Draft]:
    """Yield requests for runs that are not there, and for those of the other tenant.

    Both in each way of addressing them, so that their answers can be compared.
    """
    for places in dict.fromkeys((Slot.PLACE, Slot.FOREIGN) if len(values) > 1 else (Slot.PLACE,)):
        there = dict.fromkeys(values, places)
        intent = UNKNOWN_ID if places is Slot.PLACE else UNKNOWN_ID_ELSEWHERE
        askers: tuple[Who, ...] = ("owner", "other")
        for who in askers:
            unknown = {**there, run: Slot.UNKNOWN}
            yield _draft(operation, unknown, body, purpose="unknown id", who=who, intent=intent)
        yield _draft(
            operation, {**there, run: Slot.RUN}, body, purpose="the owner's run", who="other"
        )


def _elsewhere(spec: Spec, operation: Operation) -> Iterator[Draft]:
    """Yield each tenant's request for what lies at a place of the other's."""
    values = values_of(spec, operation)
    if operation.is_safe and values and Slot.RUN not in values.values():
        there = dict.fromkeys(values, Slot.FOREIGN)
        whos: tuple[Who, ...] = ("owner", "other")
        for who in whos:
            yield _draft(operation, there, NO_BODY, purpose="another tenant's", who=who)


def _broken(spec: Spec, operation: Operation, most: int, chance: random.Random) -> Iterator[Draft]:
    """Yield broken bodies, each kind of flaw in turn."""
    values = values_of(spec, operation)
    by_flaw: dict[str, list[BrokenBody]] = {}
    for broken in broken_bodies(spec, operation):
        by_flaw.setdefault(broken.flaw, []).append(broken)
    for group in by_flaw.values():
        chance.shuffle(group)
    turns = itertools.zip_longest(*by_flaw.values())
    chosen = [broken for turn in turns for broken in turn if broken is not None][:most]
    for broken in chosen:
        what = f"{broken.flaw}: {broken.where}"
        yield _draft(operation, values, broken.body, purpose=f"broken body, {what}")


def _twins(spec: Spec, operation: Operation) -> Iterator[Draft]:
    """Yield a start with two things of one id, which no schema forbids."""
    media = media_of(operation)
    if media is None or "json" not in media[0] or operation not in starting(spec):
        return
    for value in example_values(spec, operation):
        members = value.items() if isinstance(value, dict) else ()
        for name, items in members:
            first = next(_with_id(items), None)
            if first is not None:
                body = encode_body(media[0], {**value, name: [*items, first]})
                purpose = f"two of {name} with one id"
                yield _draft(operation, values_of(spec, operation), body, purpose=purpose)


def _with_id(items: Any) -> Iterator[Mapping[str, Any]]:
    things = items if isinstance(items, list) else ()
    yield from (item for item in things if isinstance(item, dict) and "id" in item)


def _media_types(spec: Spec, operation: Operation) -> Iterator[Draft]:
    body = _valid(spec, operation)
    documented = (operation.request_body or {}).get("content", {})
    if not body.content:
        return
    values = values_of(spec, operation)
    for media_type in ("text/plain", "application/xml", "application/octet-stream"):
        if media_type not in documented:
            other = Body(media_type, body.content)
            yield _draft(operation, values, other, purpose=f"as {media_type}")


def _parameters(spec: Spec, operation: Operation) -> Iterator[Draft]:
    """Yield requests with one query or header parameter each, fitting or not.

    Operations that start runs are left out: each of these requests would start one.
    """
    if operation in _that_start(spec):
        return
    values, body = values_of(spec, operation), _valid(spec, operation)
    for parameter in operation.parameters:
        name, place = str(parameter["name"]), parameter["in"]
        if place not in ("query", "header") or name in values:
            continue
        fits = fitting(spec, parameter)
        for text in (*fits, *BAD_VALUES):
            if place == "header" and not text.isascii():
                continue
            given = {"query" if place == "query" else "headers": ((name, text),)}
            what = "a" if text in fits else "an odd"
            yield _draft(operation, values, body, purpose=f"{what} {name}", **given)


def _methods(spec: Spec, *, careful: bool) -> Iterator[Draft]:
    """Yield one method for each path that the path does not have, the most harmless first."""
    by_path: dict[str, list[Operation]] = {}
    for operation in spec.operations.values():
        by_path.setdefault(operation.path, []).append(operation)
    for operations in by_path.values():
        there = {operation.method for operation in operations}
        run = spec.identifying_parameters.get(operations[0].id)
        values = values_of(spec, operations[0])
        if run is not None:
            values[run] = Slot.UNKNOWN
        wanted = ("GET", "PUT", "DELETE") if run is not None or not careful else ("GET",)
        missing = [method for method in wanted if method not in there]
        for method in missing[:2]:
            yield _draft(operations[0], values, NO_BODY, purpose="wrong method", method=method)


def _read_starts(spec: Spec) -> Iterator[Draft]:
    """Yield a request by a safe method with all that a start needs, where none is documented."""
    for operation in _that_start(spec):
        if operation.id in unread(spec):
            values, body = values_of(spec, operation), _valid(spec, operation)
            yield _draft(operation, values, body, purpose="start by a safe method", method="GET")


def _some(things: Sequence[T], most: int, chance: random.Random) -> Sequence[T]:
    return things if len(things) <= most else chance.sample(things, most)
