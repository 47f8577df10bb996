"""The gate reads a request by the spec: it lets in what is documented and refuses the rest."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

import msgspec
from attrs import frozen

from runwright.emulator.call import Call, Kind, Later, RawRequest, Refused, Reply
from runwright.emulator.world import World
from runwright.form import FORM, decode_form, decode_texts
from runwright.spec import Operation, Spec
from runwright.validation import (
    ALL_RULES,
    JSON,
    SchemaError,
    Validator,
    compile_schema,
    request_validator,
)


class Gate:
    """The way in to one operation of a world."""

    def __init__(self, world: World[Any], operation: Operation) -> None:
        """Read once what the operation documents."""
        self.world = world
        self.operation = operation
        self._readers = _readers(world.spec, operation)

    def answer(self, raw: RawRequest) -> Reply | Later:
        """Answer a request, whatever it holds."""
        try:
            call = self.let_in(raw)
        except Refused as refused:
            return self.world.finish(self.world.refuse(refused, self.operation), None)
        return self._carry_out(call)

    def let_in(self, raw: RawRequest) -> Call:
        """Return the call that a request makes.

        Raises:
            Refused: credentials, a parameter or the body are not as documented.
        """
        tenant = self.world.authorize(self.operation, raw.carried)
        found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for reader in self._readers:
            value = reader.read(raw)
            if value is not _ABSENT:
                found[reader.place][reader.name] = value
        return Call(
            operation=self.operation,
            tenant=tenant,
            now=self.world.clock.now(),
            raw=raw,
            path=found["path"],
            query=found["query"],
            headers=found["header"],
            body=_body(self.world.spec, self.operation, raw),
        )

    def _carry_out(self, call: Call) -> Reply | Later:
        def settle(reply: Reply | Later) -> Reply | Later:
            if isinstance(reply, Reply):
                return self.world.finish(reply, call)
            return Later(reply.moment, lambda: attempt(reply.then))

        def attempt(act: Any) -> Any:
            try:
                return settle(act())
            except Refused as refused:
                return self.world.finish(self.world.refuse(refused, self.operation), call)

        def enter() -> Reply | Later:
            self.world.admit(call)
            return self.world.handle(call)

        answer: Reply | Later = attempt(enter)
        return answer


class _Absent:
    pass


_ABSENT = _Absent()


@frozen(eq=False)
class Reader:
    """What reads one documented parameter."""

    name: str
    place: str
    required: bool
    explode: bool
    schema: Mapping[str, Any]
    validator: Validator

    @classmethod
    def of(cls, spec: Spec, parameter: Mapping[str, Any]) -> "Reader":
        """Make the reader of a parameter of the spec."""
        return cls(
            name=parameter["name"],
            place=parameter["in"],
            required=parameter.get("required", False),
            explode=parameter.get("explode", parameter["in"] == "query"),
            schema=spec.deref(parameter.get("schema", {})),
            validator=compile_schema(spec, parameter.get("schema", {}), ALL_RULES),
        )

    def read(self, raw: RawRequest) -> Any:
        """Return the parameter's decoded value, its default, or `_ABSENT`.

        Raises:
            Refused: it is missing but required, or does not fit its schema.
        """
        texts = self._texts(raw)
        if not texts:
            if self.required:
                self._refuse("is missing", SchemaError("", "This parameter is required."))
            return self.schema.get("default", _ABSENT)
        value = decode_texts(texts, self.schema, explode=self.explode)
        if not self.validator.is_valid(value):
            self._refuse("is not valid", *self.validator.errors(value))
        return value

    def _texts(self, raw: RawRequest) -> list[str]:
        if self.place == "path":
            return [raw.path[self.name]]
        if self.place == "query":
            return [value for key, value in raw.query if key == self.name]
        return [raw.headers[self.name.lower()]] if self.name.lower() in raw.headers else []

    def _refuse(self, why: str, *errors: SchemaError) -> NoReturn:
        raise Refused(
            Kind.INVALID_PATH if self.place == "path" else Kind.INVALID_PARAMETER,
            f"The {self.place} parameter {self.name} {why}.",
            errors=tuple(SchemaError(f"/{self.name}{e.pointer}", e.message) for e in errors),
        )


@cache
def _readers(spec: Spec, operation: Operation) -> tuple["Reader", ...]:
    return tuple(
        Reader.of(spec, parameter)
        for parameter in operation.parameters
        if parameter["in"] in ("path", "query", "header")
    )


def _body(spec: Spec, operation: Operation, raw: RawRequest) -> JSON:
    request = operation.request_body
    if request is None:
        return None
    if not raw.content:
        if request.get("required"):
            raise Refused(Kind.MALFORMED, "The request needs a body.")
        return None
    media = raw.headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in request["content"]:
        raise Refused(Kind.WRONG_MEDIA_TYPE, f"The body must be {' or '.join(request['content'])}.")
    if media == FORM:
        schema = request["content"][FORM].get("schema", {})
        body, validator = (
            decode_form(spec, schema, raw.content),
            compile_schema(spec, schema, ALL_RULES),
        )
    else:
        body = _json(raw.content)
        found = request_validator(spec, operation)
        if found is None:
            return body
        validator = found
    errors = () if validator.is_valid(body) else tuple(validator.errors(body))
    if errors:
        raise Refused(
            Kind.INVALID_BODY, f"Invalid input at {_place(errors[0].pointer)}.", errors=errors
        )
    return body


def _json(content: bytes) -> JSON:
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Refused(Kind.MALFORMED, "The body is not JSON.") from None


def _place(pointer: str) -> str:
    """Write ``/pipes/0/pipe_id`` as ``pipes[0].pipe_id``; the whole body as `body`."""
    text = ""
    for token in pointer.split("/")[1:]:
        text += f"[{token}]" if token.isdecimal() else f".{token}"
    return text.lstrip(".") or "body"
