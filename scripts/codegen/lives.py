"""What the templates need to know of lifecycles, and of who polls and cancels what."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen
from openapi_python_client.strings import PythonIdentifier
from runwright.lifecycle import Lifecycle
from runwright.spec import Operation, Spec

from codegen.calls import Argument, Call, UnsupportedSpecError
from codegen.document import Classes


@frozen(kw_only=True)
class Life:
    """The lifecycle of one schema."""

    constant: str
    schema: str
    lifecycle: Lifecycle

    @property
    def vital(self) -> tuple[str, ...]:
        """The members of the schema without which nothing can be said of the thing."""
        members = (self.lifecycle.key, self.lifecycle.status)
        return tuple(m.lstrip("/").split("/")[0] for m in members if m is not None)


@frozen(kw_only=True)
class Start:
    """An operation that starts a run, and where the poll's arguments come from."""

    call: Call
    gives_up: bool
    """True if it waits by itself, and may answer 408 while the run goes on."""
    sources: tuple[tuple[str, str], ...]
    """Pairs of a parameter that the poll requires, and the Python that finds its value."""


@frozen(kw_only=True)
class Wait:
    """An operation that is polled until a run has ended."""

    name: str
    """The name of the method: ``wait``, or ``wait_<thing>`` where there are several."""
    suffix: str
    life: Life
    poll: Call
    key: tuple[Argument, ...]
    """The arguments that name the run."""
    identifier: str
    """The one of them that the answer repeats."""
    choices: tuple[Argument, ...]
    """The arguments of the poll that a caller may leave out."""
    cancel: Call | None
    starts: tuple[Start, ...]

    @property
    def constant(self) -> str:
        """The name of the plan's constant."""
        return f"{self.life.constant}_PLAN"

    @property
    def many(self) -> Argument:
        """The argument that there are many of when many runs are waited for."""
        return next(a for a in self.key if a.json_name == self.identifier)

    def in_place(self, place: str) -> tuple[Argument, ...]:
        """The arguments that name the run and belong in a place, such as the query."""
        return tuple(argument for argument in self.key if argument.place == place)

    def choices_beside(self, call: Call) -> tuple[Argument, ...]:
        """Return the choices that are no arguments of another call; its own serve for both."""
        own = {argument.name for argument in call.arguments}
        return tuple(choice for choice in self.choices if choice.name not in own)

    @property
    def canceling(self) -> tuple[str, ...]:
        """What the cancel is called with: the poll's arguments of the same names."""
        if self.cancel is None:
            return ()
        own = {a.json_name: a.name for a in self.key}
        return tuple(
            own[a.json_name] if a.place == "path" else f"{a.name}={own[a.json_name]}"
            for a in self.cancel.arguments
            if a.required
        )


def lives(spec: Spec, classes: Classes) -> tuple[Life, ...]:
    """Return the lifecycles of an API's schemas.

    Views of one thing share its name, so the schema's name tells them apart; the view that is
    polled has the plain name.
    """
    counted: dict[str, int] = {}
    for lifecycle in spec.lifecycles.values():
        counted[lifecycle.thing] = counted.get(lifecycle.thing, 0) + 1
    polled: dict[str, list[str]] = {thing: [] for thing in counted}
    for schema in set(spec.polls.values()):
        polled[spec.lifecycles[schema].thing].append(schema)
    return tuple(
        Life(
            constant=_constant(
                lifecycle.thing
                if counted[lifecycle.thing] == 1 or [schema] == polled[lifecycle.thing]
                else schema
            ),
            schema=classes[schema],
            lifecycle=lifecycle,
        )
        for schema, lifecycle in spec.lifecycles.items()
    )


def waits(
    spec: Spec, calls: tuple[Call, ...], found: tuple[Life, ...], classes: Classes
) -> tuple[Wait, ...]:
    """Return what can be waited for."""
    by_id = {call.id: call for call in calls}
    by_schema = {life.schema: life for life in found}
    made = []
    for operation_id, schema in spec.polls.items():
        poll = by_id[operation_id]
        life = by_schema[classes[schema]]
        suffix = _suffix(spec, schema)
        made.append(
            Wait(
                name=f"wait{suffix}",
                suffix=suffix,
                life=life,
                poll=poll,
                key=tuple(a for a in poll.arguments if a.required),
                identifier=spec.identifying_parameters[operation_id],
                choices=tuple(a for a in poll.arguments if not a.required and a.place != "body"),
                cancel=_cancel(spec, operation_id, by_id),
                starts=tuple(_starts(spec, operation_id, poll, by_id)),
            )
        )
    return tuple(made)


def methods(spec: Spec) -> frozenset[str]:
    """Return the names of a client's methods that are no operations."""
    return frozenset({"close"}).union(
        f"{method}{_suffix(spec, schema)}"
        for schema in spec.polls.values()
        for method in ("wait", "wait_until", "wait_each", "resume", "cancel_and_wait")
    )


def _suffix(spec: Spec, schema: str) -> str:
    """Return what tells the waits for one kind of thing from those for others."""
    return f"_{spec.lifecycles[schema].thing}" if len(spec.polls) > 1 else ""


def _cancel(spec: Spec, poll_id: str, by_id: Mapping[str, Call]) -> Call | None:
    for operation in spec.operations.values():
        links = spec.links(operation)
        if operation.id == poll_id or any(
            link.role == "poll" and link.operation_id == poll_id for link in links
        ):
            for link in links:
                if link.role == "cancel":
                    return by_id[link.operation_id]
    return None


def _starts(spec: Spec, poll_id: str, poll: Call, by_id: Mapping[str, Call]) -> Iterator[Start]:
    key = {argument.json_name for argument in poll.arguments if argument.required}
    for operation in spec.operations.values():
        if operation.is_safe:
            continue
        gives_up = "408" in operation.responses
        for link in _links(spec, operation):
            if link.get("operationId") != poll_id:
                continue
            if link.get("x-role") == "poll" or gives_up:
                call = by_id[operation.id]
                yield Start(
                    call=call,
                    gives_up=gives_up,
                    sources=tuple(
                        (name.split(".")[-1], _source(expression, operation, call))
                        for name, expression in link.get("parameters", {}).items()
                        if name.split(".")[-1] in key
                    ),
                )


def _links(spec: Spec, operation: Operation) -> Iterator[Mapping[str, Any]]:
    response = operation.response(operation.success_status) or {}
    for link in response.get("links", {}).values():
        yield spec.deref(link)


def _named(call: Call, parameter: str) -> str:
    name = parameter.split(".")[-1]
    return next((a.name for a in call.arguments if a.json_name == name), name)


def _source(expression: str, operation: Operation, call: Call) -> str:
    """Turn a runtime expression of OpenAPI into Python over ``started`` and the arguments."""
    expression = str(expression)
    if expression == "$response.body#":
        return "started"
    if expression.startswith("$response.body#/"):
        return f"waiter.at(started, {expression.removeprefix('$response.body#')!r})"
    if expression.startswith(("$request.path.", "$request.query.", "$request.header.")):
        return _named(call, expression)
    raise UnsupportedSpecError(
        f"{operation.id}: a client cannot follow the link's {expression}; it knows the body of "
        "the answer, and path, query and headers of the request"
    )


def _constant(name: str) -> str:
    return str(PythonIdentifier(name, "field_")).upper().replace("-", "_")
