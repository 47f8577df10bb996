"""A tour: whole lives of runs, looked at by the clock, over every operation that a spec links."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen
from runwright import roles
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.history import MALFORMED_ID, UNKNOWN_ID, Exchange
from runwright.pointer import resolve
from runwright.spec import Operation, Spec
from runwright.suite.places import Places
from visitor import STRANGER, Form, Visitor

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
IMPOSSIBLE_ID = "42 or so"
JSON_TYPE = {"content-type": "application/json"}
OTHER_TYPE = {"content-type": "text/plain"}


@frozen
class Started:
    """A run that was started: its id, how to poll it, how to cancel it if that is possible."""

    id: str
    poll: str
    cancel: str | None


@define(eq=False)
class Tour:
    """What two tenants, and those who are none, do with a server in the course of an hour."""

    visitor: Visitor
    runs: list[Started] = field(factory=list)
    _places: dict[str, Places] = field(factory=dict)

    @property
    def spec(self) -> Spec:
        return self.visitor.spec

    def values(self, operation: Operation, tenant: Tenant = ALICE) -> dict[str, str]:
        """Return path parameters that do not name a run."""
        if tenant.name not in self._places:
            places = Places(self.spec, self.visitor.world.parameters(tenant))
            places.find(lambda op, values: self.visitor.call(op, values, tenant=tenant))
            self._places[tenant.name] = places
        found = self._places[tenant.name].of(operation)
        assert found is not None, f"{operation.path}: no value for a path parameter is known"
        return dict(found)

    def run_call(
        self, name: str, run: str, query: Mapping[str, str] | None = None, **how: Any
    ) -> Exchange:
        """Poll or cancel a run."""
        operation = self.spec.operations[name]
        owner = ALICE if how.get("tenant") in (None, STRANGER) else how["tenant"]
        parameter = self.spec.identifying_parameters[name]
        body: Any = {} if operation.request_body else None
        values = {**self.values(operation, owner), **(query or {}), parameter: run}
        return self.visitor.call(operation, values, body=body, **how)

    def start(self, operation: Operation, body: Any, method: str | None = None) -> None:
        """Start a run and read from the answer's links what to do with it."""
        answer = self.visitor.call(operation, self.values(operation), body=body, method=method)
        links = {link.role: link for link in self.spec.links(operation)}
        if not answer.succeeded or "poll" not in links:
            return
        poll = links["poll"]
        polling = self.spec.operations[poll.operation_id]
        links |= {link.role: link for link in self.spec.links(polling) if link.role == "cancel"}
        source = poll.parameters[self.spec.identifying_parameters[polling.id]]
        run = str(resolve(answer.body, source.removeprefix("$response.body#")))
        cancel = links["cancel"].operation_id if "cancel" in links else None
        self.runs.append(Started(run, polling.id, cancel))

    def look(self) -> None:
        for run in self.runs:
            self.run_call(run.poll, run.id)

    def look_around(self) -> None:
        """Call every safe operation that names no run, with each query parameter in turn."""
        for operation in self.spec.operations.values():
            if operation.is_safe and operation.id not in self.spec.identifying_parameters:
                for query in ({}, *queries(self.spec, operation)):
                    self.visitor.call(operation, {**self.values(operation), **query})

    def look_closely(self) -> None:
        """Poll with each query parameter in turn."""
        for run in self.runs[:6]:
            for query in queries(self.spec, self.spec.operations[run.poll]):
                self.run_call(run.poll, run.id, query=query)

    def cancel(self, runs: Sequence[Started]) -> None:
        for run in runs:
            if run.cancel:
                self.run_call(run.cancel, run.id)

    def read(self, runs: Sequence[Started]) -> None:
        """Ask by safe methods for what starts runs, and for what cancels them."""
        unread = roles.unread(self.spec)
        for name in sorted(self.spec.starters & unread):
            operation = self.spec.operations[name]
            self.start(operation, examples(self.spec, operation)[0], method="GET")
        for run in runs:
            for method in ("GET", "HEAD") if run.cancel in unread else ():
                for name, by in ((run.poll, None), (str(run.cancel), method), (run.poll, None)):
                    self.visitor.clock.advance(0.01)
                    self.run_call(name, run.id, method=by)

    def live(self, *, least: int, every: float = 1.6) -> None:
        """Start at least so many runs, look until all have ended, cancel some on the way."""
        kinds = [
            (self.spec.operations[name], body)
            for name in sorted(self.spec.starters)
            for body in examples(self.spec, self.spec.operations[name])
        ]
        while len(self.runs) < least:
            for kind in kinds:
                self.start(*kind)
        self.read(self.runs[-4:])
        ordinary = len(self.runs)
        for kind in kinds * 2:
            self.start(*kind)
        self.cancel(self.runs[ordinary::2])
        for step in range(16):
            self.look()
            if step % 7 == 1:
                self.look_around()
            if step % 11 == 5:
                self.look_closely()
            if step == 3:
                self.cancel(self.runs[ordinary + 1 :: 2])
            self.visitor.clock.advance(every)
        self.cancel(self.runs[:3])
        self.look()

    def write(self) -> None:
        """Call the other operations that take a body."""
        for operation in self.spec.operations.values():
            about_run = operation.id in self.spec.identifying_parameters
            if operation.request_body and not about_run and operation.id not in self.spec.starters:
                for body in examples(self.spec, operation) * 3:
                    self.visitor.call(operation, self.values(operation), body=body)

    def intrude(self) -> None:
        """Ask for runs as another tenant, as nobody, with a wrong key; and for no run."""
        for run in self.runs[:3]:
            for name in filter(None, (run.poll, run.cancel)):
                self.run_call(name, NOBODYS_ID, intent=UNKNOWN_ID)
                self.run_call(name, NOBODYS_ID, tenant=BOB, intent=UNKNOWN_ID)
                self.run_call(name, run.id, tenant=BOB)
                self.trespass(name, run.id)
                self.run_call(name, run.id, tenant=None)
                self.run_call(name, run.id, tenant=STRANGER)
                self.run_call(name, run.id)

    def look_over_the_fence(self) -> None:
        """List as another tenant, who owns none of the runs."""
        for operation in self.spec.operations.values():
            if operation.is_safe and operation.id not in self.spec.identifying_parameters:
                places = self.values(operation)
                self.visitor.call(operation, self.values(operation, BOB), tenant=BOB)
                for query in ({}, *queries(self.spec, operation)):
                    self.visitor.call(operation, {**places, **query}, tenant=BOB)

    def trespass(self, name: str, run: str) -> None:
        """Ask for a run as another tenant, in the place where it is."""
        operation = self.spec.operations[name]
        values = self.values(operation)
        if operation.is_safe and values:
            run_id = {self.spec.identifying_parameters[name]: run}
            self.visitor.call(operation, {**values, **run_id}, tenant=BOB)

    def blunder(self) -> None:
        """Send every operation what it does not document."""
        for operation in self.spec.operations.values():
            name = self.spec.identifying_parameters.get(operation.id)
            values = {**self.values(operation), **({name: NOBODYS_ID} if name else {})}
            body = examples(self.spec, operation)[0]
            for tenant in (None, STRANGER):
                self.visitor.call(operation, values, tenant=tenant, body=body)
            path = self.visitor.exchanges[-1].url.partition("emulator.test")[2].partition("?")[0]
            self.visitor.send("DELETE", path)
            if name:
                impossible = {**values, name: IMPOSSIBLE_ID}
                self.visitor.call(operation, impossible, body=body, intent=MALFORMED_ID)
            for twins in _with_twins(self.spec, operation):
                self.start(operation, twins)
            if operation.request_body:
                self.visitor.call(operation, values, body=body, headers=OTHER_TYPE)
                for content in (b"", b"{", b"[]", b"7", b'{"nothing": true}', b'{"input": 7}'):
                    self.visitor.send(operation.method, path, content=content, headers=JSON_TYPE)


def queries(spec: Spec, operation: Operation) -> Iterator[dict[str, str]]:
    """Yield values for each optional query parameter: examples, words, small numbers."""
    for parameter in operation.parameters:
        if parameter["in"] != "query" or parameter.get("required"):
            continue
        schema = spec.deref(parameter["schema"])
        item = spec.deref(schema.get("items", schema))
        shown = [example["value"] for example in parameter.get("examples", {}).values()]
        told = [parameter["example"]] if "example" in parameter else [*shown]
        told += item.get("examples", ())
        told += item.get("enum", ())
        least = [item["minimum"]] if "minimum" in item else []
        told += [*least, 1, 2, 3] if item.get("type") == "integer" else ["nothing"]
        for value in dict.fromkeys(map(str, _flat(told))):
            yield {parameter["name"]: value}


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


def examples(spec: Spec, operation: Operation) -> list[Any]:
    """Return the example bodies of an operation, forms last; one None if it takes no body."""
    content: Mapping[str, Any] = (operation.request_body or {}).get("content", {})
    found: list[Any] = []
    for media, kind in (("application/json", dict), ("application/x-www-form-urlencoded", Form)):
        shown = content.get(media, {}).get("examples", {})
        found += [kind(spec.deref(example)["value"]) for example in shown.values()]
    return found or [None]


def _with_twins(spec: Spec, operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield the bodies of a start in which two things have one id."""
    for body in examples(spec, operation) if operation.id in spec.starters else ():
        for name, items in (body or {}).items():
            things = items if isinstance(items, list) else []
            for thing in [t for t in things if isinstance(t, dict) and "id" in t][:1]:
                yield {**body, name: [*things, thing]}


def tour(visitor: Visitor, *, least: int = 8) -> None:
    """Go round everything once, and look again an hour later."""
    whole = Tour(visitor)
    whole.live(least=least)
    whole.write()
    whole.intrude()
    whole.look_over_the_fence()
    whole.blunder()
    visitor.clock.advance(3600)
    whole.look()
