"""A stage: runs of one API, and what a conforming server answers about them at any time."""

import json
from collections.abc import Sequence
from enum import Enum, auto
from typing import Any
from urllib.parse import quote, urlsplit

from attrs import define, evolve, field, frozen

from runwright import roles
from runwright.history import UNKNOWN_ID, Message
from runwright.instance import Maker, uuid
from runwright.part import lifecycle_places
from runwright.pointer import ANY, expand, tokens
from runwright.spec import Operation, Spec
from runwright.strategies.course import Course, Script, make_course, put
from runwright.validation import request_validator

JSON_HEADERS = (("content-type", "application/json"),)


class Kind(Enum):
    """What a request is about."""

    POLL = auto()
    LIST = auto()
    CANCEL = auto()
    READ = auto()
    UNKNOWN = auto()
    FOREIGN = auto()
    MISSING = auto()
    WRONG = auto()
    LIMITED = auto()
    UNAVAILABLE = auto()
    LOST = auto()


@frozen(kw_only=True)
class Said:
    """A request and its answer, before it has a worker and a time."""

    method: str
    url: str
    request: Message = field(factory=Message)
    status: int | None
    response: Message = field(factory=Message)
    actor: str | None = "ada"
    credentials: Any = "valid"
    intent: str | None = None
    error: str | None = None


@define
class Run:
    """One run: its key, when it was created and what it goes through, its courses by schema."""

    key: Any
    created: float
    script: Script
    courses: dict[str, Course] = field(factory=dict)


@define
class Stage:
    """Answers requests; times are in seconds since the epoch, by the server's clock."""

    maker: Maker
    runs: list[Run] = field(factory=list)
    parameters: dict[str, str] = field(factory=dict)
    refusals: dict[tuple[str, int], Any] = field(factory=dict)

    @property
    def spec(self) -> Spec:
        """The spec of the API."""
        return self.maker.spec

    @property
    def thing(self) -> str:
        """What the API runs."""
        return self.spec.lifecycles[next(iter(self.spec.polls.values()))].thing

    def new_key(self) -> Any:
        """Return a key for a run that no other has."""
        name = next(iter(self.spec.polls.values()))
        schema: Any = {"$ref": f"#/components/schemas/{name}"}
        for token in tokens(self.spec.lifecycles[name].key or "id"):
            schema = self.maker.merged(schema)["properties"][token]
        schema = self.maker.merged(schema)
        if schema.get("type") == "integer":
            return self.maker.chance.randint(1, 10**9)
        identifier = uuid(self.maker.chance)
        return identifier if "format" in schema else identifier.replace("-", "")

    def starts(self) -> Sequence[Operation]:
        """Return the operations that start runs."""
        return [self.spec.operations[name] for name in sorted(self.spec.starters)]

    def polls(self) -> Sequence[Operation]:
        """Return the operations that poll runs."""
        return [self.spec.operations[name] for name in self.spec.polls]

    def cancels(self) -> Sequence[Operation]:
        """Return the operations that cancel a run."""
        names = self.spec.identifying_parameters
        return [self.spec.operations[n] for n in names if not self.spec.operations[n].is_safe]

    def lists(self) -> Sequence[Operation]:
        """Return the operations that show runs inside something else."""
        return [
            operation
            for operation in self.spec.operations.values()
            if operation.is_safe and any(pattern for pattern, _ in self._places(operation))
        ]

    def _places(self, operation: Operation) -> Sequence[tuple[tuple[str, ...], str]]:
        name = self.spec.answer_schema(operation)
        found = lifecycle_places(self.spec, name) if name else ()
        kind = self.thing
        return [pair for pair in found if self.spec.lifecycles[pair[1]].thing == kind]

    def course(self, run: Run, schema: str) -> Course:
        """Return what a run shows through one view."""
        if schema not in run.courses:
            inside = self.spec.envelopes.get(schema)
            run.courses[schema] = (
                make_course(self.maker, schema, run.script, run.key, run.created)
                if inside is None
                else self._wrapped(self.course(run, inside.schema), schema, inside.pattern)
            )
        return run.courses[schema]

    def _wrapped(self, course: Course, schema: str, way: tuple[str, ...]) -> Course:
        """Return what a run shows inside an envelope."""
        around = self.maker.make({"$ref": f"#/components/schemas/{schema}"})
        return evolve(
            course,
            scenes=tuple((second, _inside(around, way, body)) for second, body in course.scenes),
        )

    def url(self, operation: Operation, key: Any) -> str:
        """Return the URL of an operation, about a run with that key if it is about a run."""
        base = self.spec.document.get("servers", [{"url": ""}])[0]["url"]
        own = self.spec.identifying_parameters.get(operation.id)
        path = urlsplit(base).path.rstrip("/") + operation.path
        for name in operation.path_names:
            text = str(key) if name == own else self._parameter(operation, name)
            path = path.replace(f"{{{name}}}", quote(text, safe=""))
        asked = f"?{own}={quote(str(key))}" if own and own not in operation.path_names else ""
        return f"https://api.example{path}{asked}"

    def _parameter(self, operation: Operation, name: str) -> str:
        if name not in self.parameters:
            found = next(p for p in operation.parameters if p["name"] == name)
            text = str(self.maker.make(found["schema"]))
            self.parameters[name] = text.replace("/", "") or "x"
        return self.parameters[name]

    def start(self, operation: Operation, run: Run) -> Said:
        """Return the request that starts a run, and its answer."""
        name = str(self.spec.answer_schema(operation))
        if name in self.spec.lifecycles:
            body = self.course(run, name).scenes[0][1]
        else:
            body = self._envelope(operation)
            for link in self.spec.links(operation):
                for value in link.parameters.values():
                    if value.startswith("$response.body#"):
                        put(body, value.removeprefix("$response.body#"), run.key)
        content, credentials = self._request(operation)
        return Said(
            method=operation.method,
            url=self.url(operation, run.key),
            request=Message(JSON_HEADERS if content else (), content),
            status=operation.success_status,
            response=_message(body),
            credentials=credentials,
        )

    def _request(self, operation: Operation) -> tuple[bytes, str]:
        """Return a body that fits, or none and credentials that let nobody judge that."""
        schema, validator = (
            self.spec.request_schema(operation),
            request_validator(self.spec, operation),
        )
        if schema is None or validator is None:
            return b"", "valid"
        for _ in range(5):
            value = Maker(self.spec, self.maker.chance, strange=0).make(schema)
            if validator.is_valid(value):
                return json.dumps(value).encode(), "valid"
        return b"", "unknown"

    def _envelope(self, operation: Operation) -> Any:
        return self.maker.make(self.spec.response_schema(operation, operation.success_status))

    def show(self, operation: Operation, run: Run, now: float) -> Said:
        """Return a poll, a list or a cancel that leaves a run alone, and its answer."""
        if self._is_gone(run, now) and operation not in self.lists():
            return self.refuse(operation, run.key, 404)
        name = str(self.spec.answer_schema(operation))
        body = self._envelope(operation)
        taken: list[tuple[str, ...]] = []
        for pattern, schema in self._places(operation):
            if not any(pattern[: len(above)] == above for above in taken):
                taken.append(pattern)
                body = self._shown(body, pattern, schema, run, now)
        if name in self.spec.lifecycles:
            body = self.course(run, name).at(now - run.created)
        return Said(
            method=operation.method,
            url=self.url(operation, run.key),
            status=operation.success_status,
            response=_message(body),
        )

    def _shown(self, body: Any, pattern: tuple[str, ...], schema: str, run: Run, now: float) -> Any:
        """Put runs into all places of an envelope where they belong."""
        if not pattern:
            return body
        *above, last = pattern
        there = [r for r in self.runs if r.created <= now and not self._is_gone(r, now)]
        bodies = [self.course(r, schema).at(now - r.created) for r in there]
        if last == ANY:
            *above, last = above
            for _, holder in expand(body, tuple(above)):
                if isinstance(holder, dict) and isinstance(holder.get(last), list):
                    holder[last] = bodies
            return body
        for _, holder in expand(body, tuple(above)):
            if isinstance(holder, dict) and isinstance(holder.get(last), dict):
                holder[last] = self.maker.chance.choice(bodies) if bodies else None
        return body

    def _is_gone(self, run: Run, now: float) -> bool:
        lifecycle = self.spec.lifecycles[next(iter(self.spec.polls.values()))]
        if lifecycle.retention is None:
            return False
        second, status = run.script[-1]
        ended = run.created + second if lifecycle.is_terminal(status) else None
        since = run.created if lifecycle.retention.since == "creation" else ended
        return since is not None and now > since + lifecycle.retention.seconds

    def refuse(self, operation: Operation, key: Any, status: int, **said: Any) -> Said:
        """Return a request that is refused; one operation refuses always in the same words."""
        schema = self.spec.response_schema(operation, status)
        place = (operation.id, status)
        if place not in self.refusals:
            self.refusals[place] = None if schema is None else self.maker.make(schema)
        body = self.refusals[place]
        return Said(
            method=operation.method,
            url=self.url(operation, key),
            status=status,
            response=Message() if schema is None else _message(body, _media(operation, status)),
            **said,
        )

    def read(self, run: Run) -> Said | None:
        """Return a refused request by a safe method for what starts or cancels runs."""
        unread = roles.unread(self.spec)
        asked = [o for o in self.spec.operations.values() if o.id in unread]
        if not asked:
            return None
        chance = self.maker.chance
        said = self.refuse(chance.choice(asked), run.key, chance.choice((404, 405)))
        method = chance.choice(("GET", "HEAD"))
        bare = Message() if method == "HEAD" else said.response
        return evolve(said, method=method, response=bare)

    def play(self, kind: Kind, run: Run, now: float) -> Said | None:
        """Return what is said about a run, None if the API has no such thing."""
        poll = self.maker.chance.choice(self.polls())
        if kind in (Kind.LIST, Kind.CANCEL):
            several = self.lists() if kind is Kind.LIST else self.cancels()
            return self.show(self.maker.chance.choice(several), run, now) if several else None
        if kind is Kind.READ:
            return self.read(run)
        if kind is Kind.LOST:
            lost = "ReadTimeout: the read operation timed out"
            return Said(method=poll.method, url=self.url(poll, run.key), status=None, error=lost)
        if kind in _REFUSED:
            status, said = _REFUSED[kind]
            key = self.new_key() if kind is Kind.UNKNOWN else run.key
            known = poll.documents(status) or status in (429, 503)
            return self.refuse(poll, key, status, **said) if known else None
        return self.show(poll, run, now)


_REFUSED: dict[Kind, tuple[int, dict[str, Any]]] = {
    Kind.UNKNOWN: (404, {"intent": UNKNOWN_ID, "actor": "bob"}),
    Kind.FOREIGN: (404, {"actor": "bob"}),
    Kind.MISSING: (401, {"actor": None, "credentials": "missing"}),
    Kind.WRONG: (401, {"actor": None, "credentials": "wrong"}),
    Kind.LIMITED: (429, {}),
    Kind.UNAVAILABLE: (503, {}),
}


def _media(operation: Operation, status: int) -> str:
    """Return the documented media type of an answer in JSON."""
    kinds = (operation.response(status) or {}).get("content", {})
    return next((kind for kind in kinds if "json" in kind), "application/json")


def _inside(around: Any, way: tuple[str, ...], body: Any) -> Any:
    """Return a body, with what is around it if it stands at the end of a way."""
    if not way:
        return body
    inner = around.get(way[0])
    inner = inner if isinstance(inner, dict) else {}
    return {**around, way[0]: _inside(inner, way[1:], body)}


def _message(body: Any, media: str = "application/json") -> Message:
    return Message((("content-type", media),), json.dumps(body).encode())
