"""The runs that a session has started, and how the spec's links lead on from an answer."""

import random
import uuid
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field

from runwright.history import NOT_JSON, Exchange
from runwright.pointer import MISSING, resolve
from runwright.spec import Link, Operation, Spec
from runwright.suite.plan import Plan, Stage


@define(eq=False)
class Life:
    """A run as the session knows it: its id, its addresses, and what of its plan is left."""

    plan: Plan
    tenant: str
    key: str = ""
    poll: Operation | None = None
    """The operation that reads it; None as long as it has not begun, or cannot be read."""
    addresses: dict[str, Mapping[str, str]] = field(factory=dict)
    """The parameters for the operations that links lead to, by operation id."""
    roles: dict[str, str] = field(factory=dict)
    """The operations that list and cancel it, by role."""
    seen: set[Stage] = field(factory=set)
    looks: int = 0
    failures: int = 0
    after: int = 0

    @property
    def has_ended(self) -> bool:
        """True once it was seen at an end."""
        return "ended" in self.seen

    def learn(self, spec: Spec, exchange: Exchange, operation: Operation) -> None:
        """Take the addresses that an answer leads to."""
        if exchange.status is None:
            return
        match = spec.match(operation.method, exchange.url)
        given = match.path_parameters if match else {}
        for link in spec.links(operation, exchange.status):
            values = follow(link, exchange, given)
            if values is None:
                continue
            self.addresses.setdefault(link.operation_id, values)
            if link.role == "poll" and self.poll is None:
                self.poll = spec.operations[link.operation_id]
                self.key = values.get(spec.identifying_parameters[link.operation_id], "")
            self.roles.setdefault(link.role, link.operation_id)

    def learn_from_body(self, spec: Spec, exchange: Exchange, operation: Operation) -> None:
        """Take the address of a run that an answer shows whole, without a link."""
        schema = spec.answer_schema(operation) or ""
        lifecycle = spec.lifecycles.get(schema)
        if lifecycle is None or lifecycle.key is None or exchange.body is NOT_JSON:
            return
        key = _text(resolve(exchange.body, lifecycle.key))
        match = spec.match(operation.method, exchange.url)
        for name, polled in spec.polls.items():
            if polled == schema and key and self.poll is None:
                self.poll, self.key = spec.operations[name], key
                given = dict(match.path_parameters) if match else {}
                self.addresses[name] = {**given, spec.identifying_parameters[name]: key}


def follow(link: Link, exchange: Exchange, given: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the parameters that a link gives; None if one of them is not there.

    `given` are the path parameters of the request that was answered.
    """
    values = {}
    for name, expression in link.parameters.items():
        value = _evaluate(str(expression), exchange, given)
        if value is None:
            return None
        values[name.rpartition(".")[2]] = value
    return values


def _evaluate(expression: str, exchange: Exchange, given: Mapping[str, str]) -> str | None:
    """Return the value of a runtime expression of OpenAPI, or of a constant."""
    if expression.startswith("$response.body#"):
        return _text(resolve(exchange.body, expression.removeprefix("$response.body#")))
    if expression.startswith("$request.body#"):
        return _text(resolve(exchange.request.json, expression.removeprefix("$request.body#")))
    if expression.startswith("$response.header."):
        return exchange.response.header(expression.removeprefix("$response.header.").lower())
    if expression.startswith("$request.header."):
        return exchange.request.header(expression.removeprefix("$request.header.").lower())
    if expression.startswith("$request.query."):
        asked = dict(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))
        return asked.get(expression.removeprefix("$request.query."))
    if expression.startswith("$request.path."):
        return given.get(expression.removeprefix("$request.path."))
    return None if expression.startswith("$") else expression


def _text(value: object) -> str | None:
    if value is MISSING or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def unknown_id(like: str, chance: random.Random) -> str:
    """Return an id in the form of another one, that surely nothing has."""
    if like.isascii() and like.isdecimal():
        # Numbers are given away one by one, so those nearby may be there; this fits into 32 bits.
        return str(int(like) + 10**8 + chance.randrange(10**9))
    try:
        uuid.UUID(like)
    except ValueError:
        changed = "".join(_scramble(like, chance))
        return changed if changed != like else f"{like}0"
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _scramble(text: str, chance: random.Random) -> Iterator[str]:
    for char in text:
        if char.isascii() and char.isdigit():
            yield chance.choice("0123456789")
        elif char.isascii() and char.isalpha():
            letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
            yield letter if char.islower() else letter.upper()
        else:
            yield char
