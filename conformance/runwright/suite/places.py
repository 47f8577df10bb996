"""What a request needs to exist before it can be sent, such as a project, and where to find it.

A value is taken, in this order, from what the user gave, from a list that the API itself offers,
or from the spec's examples. Parameters outside of paths that an operation requires are no places,
but are taken from the same.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import define, evolve, field

from runwright.history import NOT_JSON, Exchange
from runwright.probe import Request
from runwright.roles import run_parameter
from runwright.spec import Operation, Spec
from runwright.suite.parameters import required

MOST: Final = 5
"""How many values of one parameter are worth knowing."""

Ask = Callable[[Operation, Mapping[str, str]], Exchange | None]
"""Calls a safe operation as one tenant; None if that is not possible."""


@define(eq=False)
class Places:
    """The values that one tenant may use for path parameters that do not name a run."""

    spec: Spec
    given: Mapping[str, str]
    _found: dict[str, tuple[str, ...]] = field(factory=dict)
    _asked: dict[str, tuple[Mapping[str, Any], ...]] = field(factory=dict)

    def names(self, operation: Operation) -> tuple[str, ...]:
        """Return the path parameters of an operation that do not name a run."""
        run = run_parameter(self.spec, operation.id)
        return tuple(name for name in operation.path_names if name != run)

    def of(self, operation: Operation, choice: int = 0) -> Mapping[str, str] | None:
        """Return values for all of an operation's places; None if one of them is not known.

        `choice` selects among several values of the last one.
        """
        chosen = {}
        for name in self.names(operation):
            values = self._found.get(_prefix(operation, name), ())
            if not values:
                return None
            chosen[name] = values[0]
        if chosen:
            chosen[name] = values[choice % len(values)]
        return chosen

    def choices(self, operation: Operation) -> int:
        """Return how many values the last place of an operation has, at least 1."""
        names = self.names(operation)
        return max(1, len(self._found.get(_prefix(operation, names[-1]), ()))) if names else 1

    def complete(self, operation: Operation, request: Request) -> Request:
        """Return a request with whatever else the operation requires in its query and headers."""
        named = {name for name, _ in request.query} | {name.lower() for name, _ in request.headers}
        more: dict[str, list[tuple[str, str]]] = {"query": [], "header": []}
        for place, name, shown in required(self.spec, operation):
            text = self.given.get(name, shown)
            is_there = (name if place == "query" else name.lower()) in named
            if text is not None and not is_there:
                more[place].append((name, text))
        return evolve(
            request,
            query=(*request.query, *more["query"]),
            headers=(*request.headers, *more["header"]),
        )

    def find(self, ask: Ask) -> None:
        """Look for values of every place of every operation."""
        for operation in self.spec.operations.values():
            self._find(operation, ask)

    def _find(self, operation: Operation, ask: Ask) -> None:
        for name in self.names(operation):
            prefix = _prefix(operation, name)
            if prefix not in self._found:
                self._found[prefix] = ()  # so that lists that need each other end
                self._found[prefix] = self._look_for(operation, name, prefix, ask)

    def _look_for(self, operation: Operation, name: str, prefix: str, ask: Ask) -> tuple[str, ...]:
        if name in self.given:
            return (self.given[name],)
        for values in self._listed(name, prefix, ask):
            if values:
                return values[:MOST]
        return tuple(_examples(operation, name))

    def _listed(self, name: str, prefix: str, ask: Ask) -> Iterator[tuple[str, ...]]:
        """Yield what lists say: that of the collection itself, then any that has the member."""
        collection = prefix.removesuffix(f"{{{name}}}").rstrip("/")
        short = name.rpartition("_")[2]
        lists = [op for op in self.spec.operations.values() if _is_list(self.spec, op)]
        for operation in lists:
            if operation.path.rstrip("/") == collection:
                yield _members(self._items(operation, ask), (name, short))
        for member in (name, *([short] if short != "id" else [])):
            for operation in lists:
                yield _members(self._items(operation, ask), (member,))

    def _items(self, operation: Operation, ask: Ask) -> tuple[Mapping[str, Any], ...]:
        if operation.id not in self._asked:
            self._find(operation, ask)
            values = self.of(operation)
            exchange = None if values is None else ask(operation, values)
            self._asked[operation.id] = tuple(items_of(exchange)) if exchange else ()
        return self._asked[operation.id]


def items_of(exchange: Exchange) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the list that an answer holds, itself or in one of its members."""
    body = exchange.body
    if body is NOT_JSON or not exchange.succeeded:
        return
    if isinstance(body, dict):
        body = next((v for v in body.values() if isinstance(v, list)), [])
    if isinstance(body, list):
        yield from (item for item in body if isinstance(item, dict))


def _is_list(spec: Spec, operation: Operation) -> bool:
    shown = {name for _, name, text in required(spec, operation) if text is not None}
    return (
        operation.method == "GET"
        and operation.id not in spec.identifying_parameters
        and not operation.path.rstrip("/").endswith("}")
        and all(
            parameter["in"] == "path" or parameter["name"] in shown
            for parameter in operation.parameters
            if parameter.get("required")
        )
    )


def _members(items: tuple[Mapping[str, Any], ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first of these members of each item that has one, each value once."""
    found: dict[str, None] = {}
    for item in items:
        value = next((item[name] for name in names if item.get(name) is not None), None)
        if isinstance(value, str | int) and not isinstance(value, bool):
            found[str(value)] = None
    return tuple(found)


def _prefix(operation: Operation, name: str) -> str:
    mark = f"{{{name}}}"
    return operation.path.partition(mark)[0] + mark


def _examples(operation: Operation, name: str) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter["name"] == name and parameter["in"] == "path":
            schema = parameter.get("schema", {})
            told = [parameter.get("example"), schema.get("example"), schema.get("default")]
            told += [*schema.get("examples", ()), *schema.get("enum", ())]
            told += [shown.get("value") for shown in parameter.get("examples", {}).values()]
            yield from (str(value) for value in told if value is not None)
