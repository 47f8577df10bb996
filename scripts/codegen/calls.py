"""What the templates need to know of operations: arguments, answers and errors."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from attrs import frozen
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import PythonIdentifier
from runwright.spec import Operation, Spec

from codegen.annotation import Annotator, identifier
from codegen.document import pascal
from codegen.shapes import Shapes, members, text_of

_RESERVED = frozenset(
    {"self", "options", "body"}
    # What waiting takes beside the arguments of the operations, and what it calls its own.
    | {"timeout", "pace", "patience", "on_look", "stop", "in_flight", "rate", "state", "token"}
    | {
        "began",
        "started",
        "vigil",
        "vigils",
        "waiter",
        "refusal",
        "seen",
        "key",
        "resumed",
        "named",
    }
    # What a client's module calls in its methods.
    | {"operations", "paging", "waiting", "joined", "members", "members_if_any", "make_settings"}
)


@frozen(kw_only=True)
class Argument:
    """An argument of a method, and the place that it fills in the request."""

    name: str
    json_name: str
    place: str
    """``path``, ``query``, ``header`` or ``body``."""
    type: str
    required: bool
    joined: bool
    """True if a list is one value with commas."""
    description: str


@frozen(kw_only=True)
class Call:
    """One operation as a method."""

    id: str
    """The operation's id in the spec."""
    name: str
    method: str
    path: str
    summary: str
    description: str
    arguments: tuple[Argument, ...]
    body: str
    """``none``, ``members`` (the arguments are the body's members) or ``whole``."""
    body_required: bool
    form: bool
    result: str
    answers: tuple[tuple[int, str | None], ...]
    failures: tuple[int, ...]
    item: str | None
    """The type of what is on the pages, if it is a list in pages."""
    needs_token: bool
    patience: float | None

    @property
    def constant(self) -> str:
        """The name of the operation's constant."""
        return self.name.upper()

    @property
    def iterator(self) -> str:
        """The name of the method that goes through all pages."""
        return f"iter_{self.name.removeprefix('list_')}"

    @property
    def documentation(self) -> str:
        """The method's docstring, not yet wrapped: paragraphs, and a list of arguments."""
        return f"{self.summary.strip().rstrip('.')}.\n\n{self.description}"

    def at(self, place: str) -> tuple[Argument, ...]:
        """Return the arguments that fill one place."""
        return tuple(argument for argument in self.arguments if argument.place == place)


@frozen(kw_only=True)
class Fault:
    """A status of an error, its class, and how its body reads."""

    status: int
    name: str
    phrase: str
    body: str | None


_BODIES = ("json", "data")
"""The kinds of bodies that a client can send, the best first; data is a form."""


class UnsupportedSpecError(ValueError):
    """The spec has something that no client can be made for."""


def endpoints_by_operation(
    endpoints: Iterator[Endpoint], spec: Spec
) -> Iterator[tuple[Endpoint, Operation]]:
    """Pair what the generator parsed with the operations of the spec."""
    operations = {str(PythonIdentifier(o.id, "field_")): o for o in spec.operations.values()}
    for endpoint in endpoints:
        yield endpoint, operations[str(endpoint.name)]


@frozen
class Context:
    """What the description of an operation takes from the rest of its API."""

    annotator: Annotator
    shapes: Shapes
    faults: Mapping[int, Fault]
    methods: frozenset[str]
    """What a client has beside its operations."""

    def argument(self, prop: PropertyProtocol) -> str:
        """Return the type of an argument."""
        return self.annotator.argument(prop, self.shapes.open_enums, self.shapes.typed)


def calls(endpoints: Iterator[Endpoint], spec: Spec, context: Context) -> tuple[Call, ...]:
    """Describe the operations of an API."""
    return tuple(
        _call(endpoint, operation, context)
        for endpoint, operation in endpoints_by_operation(endpoints, spec)
    )


def _call(endpoint: Endpoint, operation: Operation, context: Context) -> Call:
    arguments: list[Argument] = []
    for place, props in (
        ("path", endpoint.path_parameters),
        ("query", endpoint.query_parameters),
        ("header", endpoint.header_parameters),
    ):
        arguments += [
            _argument(prop, place, context, arguments, _raw(operation, prop, place))
            for prop in props
        ]
    body = "none"
    body_required = form = False
    if endpoint.bodies:
        known = [body for body in endpoint.bodies if str(body.body_type) in _BODIES]
        if not known:
            raise UnsupportedSpecError(
                f"{operation.id}: a client sends JSON or a form, and no other body"
            )
        chosen = min(known, key=lambda body: _BODIES.index(str(body.body_type)))
        form = str(chosen.body_type) == "data"
        body_required = bool((operation.request_body or {}).get("required"))
        body, own = _body(chosen.prop, context, arguments, body_required)
        arguments += own
    answers = tuple(_answers(endpoint, context.annotator))
    results = dict.fromkeys(result or "None" for _, result in answers)
    return Call(
        id=operation.id,
        name=identifier(str(endpoint.name), str(endpoint.name), context.methods),
        method=operation.method,
        path=operation.path,
        summary=text_of(endpoint.summary),
        description=text_of(endpoint.description),
        arguments=tuple(sorted(arguments, key=_rank)),
        body=body,
        body_required=body_required,
        form=form,
        result=" | ".join(results) or "None",
        answers=answers,
        failures=tuple(
            int(s) for s in operation.responses if s.isdecimal() and int(s) in context.faults
        ),
        item=_item(context.shapes, " | ".join(results)) if operation.is_safe else None,
        needs_token=bool(operation.security) and {} not in operation.security,
        # A server that gives up by itself says so by 408, so wait longer than it does.
        patience=240.0 if "408" in operation.responses else None,
    )


def _rank(argument: Argument) -> tuple[bool, bool]:
    return argument.place != "path", not argument.required


def _raw(operation: Operation, prop: PropertyProtocol, place: str) -> Mapping[str, Any]:
    name = prop.name.get_untrusted_value()
    for parameter in operation.parameters:
        if parameter["in"] == place and parameter["name"] == name:
            return parameter
    return {}


def _argument(
    prop: PropertyProtocol,
    place: str,
    context: Context,
    others: list[Argument],
    raw: Mapping[str, Any],
) -> Argument:
    json_name = prop.name.get_untrusted_value()
    taken = _RESERVED | {other.name for other in others}
    # Many waits at once take as a list what one takes by itself.
    taken |= {f"{other.name}s" for other in others if other.required and other.place != "body"}
    joined = raw.get("explode", raw.get("style", "form") == "form") is False
    return Argument(
        name=identifier(json_name, str(prop.python_name), taken),
        json_name=json_name,
        place=place,
        type=context.argument(prop),
        required=prop.required,
        joined=joined,
        description=str(raw.get("description") or text_of(prop.description)),
    )


def _body(
    prop: PropertyProtocol, context: Context, others: list[Argument], required: bool
) -> tuple[str, list[Argument]]:
    shape = None
    if isinstance(prop, ModelProperty):
        shape = context.shapes.named(str(prop.class_info.name))
    if shape is None or shape.is_open:
        whole = Argument(
            name="body",
            json_name="body",
            place="body",
            type=context.argument(prop),
            required=required,
            joined=False,
            description=text_of(prop.description),
        )
        return "whole", [whole]
    own: list[Argument] = []
    documented = {attribute.json_name: attribute for attribute in shape.attributes}
    for member in members(context.annotator.models[shape.name]):
        found = _argument(member, "body", context, [*others, *own], {})
        attribute = documented[found.json_name]
        own.append(
            Argument(
                name=found.name,
                json_name=found.json_name,
                place="body",
                type=attribute.argument_type,
                required=attribute.required and required,
                joined=False,
                description=attribute.description,
            )
        )
    return "members", own


def _answers(endpoint: Endpoint, annotator: Annotator) -> Iterator[tuple[int, str | None]]:
    for response in endpoint.responses.patterns:
        limits = response.status_code.range
        if limits is None or not 200 <= limits[0] < 300:
            continue
        has_body = response.source["attribute"] == "response.json()"
        yield limits[0], annotator.attribute(response.prop) if has_body else None


def _item(shapes: Shapes, result: str) -> str | None:
    """Return the type of a page's results, if the answer is a page with a link to the next."""
    shape = shapes.named(result)
    if shape is None:
        return None
    types = {attribute.json_name: attribute.type for attribute in shape.attributes}
    found = re.fullmatch(r"list\[(\w+)\]( \| UnsetType)?", types.get("results", ""))
    return found.group(1) if found and "next" in types else None


def faults(endpoints: Iterator[Endpoint], spec: Spec, annotator: Annotator) -> Mapping[int, Fault]:
    """Describe the errors that an API documents, by status."""
    bodies: dict[int, list[str]] = {}
    for endpoint in endpoints:
        for response in endpoint.responses.patterns:
            limits = response.status_code.range
            if limits is None or limits[0] != limits[1] or limits[0] < 400:
                continue
            found = bodies.setdefault(limits[0], [])
            if response.source["attribute"] == "response.json()":
                found.append(annotator.attribute(response.prop))
    return {status: _fault(status, types) for status, types in sorted(bodies.items())}


def _fault(status: int, types: list[str]) -> Fault:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = f"Status {status}"
    union = " | ".join(dict.fromkeys(types))
    return Fault(status=status, name=fault_name(phrase), phrase=phrase, body=union or None)


def fault_name(phrase: str) -> str:
    """Return the name of the error for a status of HTTP, by its phrase."""
    name = pascal(phrase).removesuffix("Error")
    # `RequestTimeoutError` is the client's own: no answer at all.
    return f"{ {'RequestTimeout': 'ServerGaveUp'}.get(name, name) }Error"
