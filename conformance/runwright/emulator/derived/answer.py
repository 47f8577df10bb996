"""Answers in the form that a spec gives them, with what the world knows put where it belongs."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from attrs import frozen

from runwright.emulator.app import base_path
from runwright.emulator.call import Call, Reply
from runwright.emulator.derived.album import Album, with_member
from runwright.emulator.derived.estate import names_for
from runwright.emulator.derived.page import plain, window
from runwright.part import outermost_places
from runwright.pointer import ANY, MISSING, expand, place_of, resolve, tokens
from runwright.spec import Operation, Spec
from runwright.validation import JSON, Validator, whole_of

Render = Callable[[str], JSON]
"""Draws the thing in question as one of its schemas shows it."""


@frozen(eq=False)
class Answers:
    """Makes the answers of a spec's operations."""

    spec: Spec
    album: Album

    # ---- what an operation answers with ------------------------------------------------------

    def media(self, operation: Operation) -> tuple[str, Mapping[str, Any]] | None:
        """Return the JSON media type of an operation's success, and what stands there."""
        content = (operation.response(operation.success_status) or {}).get("content", {})
        return next(((kind, media) for kind, media in content.items() if "json" in kind), None)

    def _outermost(self, operation: Operation) -> tuple[tuple[tuple[str, ...], str], ...]:
        """Return where an operation's answer has things with a lifecycle."""
        name = self.spec.answer_schema(operation)
        return outermost_places(self.spec, name) if name else ()

    def shown(self, operation: Operation) -> tuple[str, ...]:
        """Return the schemas with a lifecycle that an operation's answer has outermost."""
        return tuple(schema for _, schema in self._outermost(operation))

    def lists(self, operation: Operation) -> bool:
        """True if an operation answers with a list of things that have a lifecycle."""
        return operation.is_safe and any(ANY in p for p, _ in self._outermost(operation))

    def member(self, schema: str, member: str) -> Mapping[str, Any]:
        """Return the schema of a member below a component schema; any value's if there is none."""
        node: Any = {"$ref": f"#/components/schemas/{schema}"}
        for token in tokens(member):
            node = _property(self.spec, node, token)
        return node if isinstance(node, Mapping) else {}

    # ---- what is said again ------------------------------------------------------------------

    def repeated(self, schema: str, said: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Return what a request said that the thing which it started shows."""
        lifecycle = self.spec.lifecycles[schema]
        own = {tokens(m)[0] for m in (lifecycle.key or "", lifecycle.status) if m}
        own |= {tokens(member)[0] for member in lifecycle.clock.values()}
        face = self.album.faces(schema, next(iter(lifecycle.states)))[0]
        fits = whole_of(self.spec, schema)
        return {
            name: value
            for name, value in said.items()
            if name not in own
            and _property(self.spec, {"$ref": f"#/components/schemas/{schema}"}, name) is not None
            and fits.is_valid({**face, name: value})
        }

    def agreeing(
        self, schema: str, body: dict[str, JSON], main: dict[str, JSON]
    ) -> dict[str, JSON]:
        """Return a view of a thing that says of each member what its main view says."""
        fits = whole_of(self.spec, schema)
        for name in body.keys() & main.keys():
            _settle(body, place_of(name), main[name], fits)
        return body

    # ---- answers -----------------------------------------------------------------------------

    def showing(self, call: Call, thing: str, key: str | int, render: Render) -> Reply:
        """Answer with a thing, or with an envelope that has it or what it is known by."""
        known = {**call.path, **self._link_values(call, key)}
        found = self.media(call.operation)
        body: JSON = b""
        if found is not None:
            fits = self.album.fits(found[1])
            body = self.album.sample(found[1], call.operation.id)
            for pattern, schema in self._outermost(call.operation):
                if self.spec.lifecycles[schema].thing == thing:
                    body = _placed(body, pattern, render(schema), fits)
            for link in self.spec.links(call.operation):
                for name, expression in link.parameters.items():
                    if str(expression).startswith("$response.body#"):
                        value = known.get(name.rpartition(".")[2], MISSING)
                        pointer = str(expression).removeprefix("$response.body#")
                        if pointer:
                            _settle(body, pointer, value, fits)
                        elif value is not MISSING and fits.is_valid(value):
                            body = value  # an answer that is nothing but an id
        return self._reply(call, body, known)

    def listing(
        self, call: Call, runs: Sequence[Any], render: Callable[[Any, str, float], JSON]
    ) -> Reply:
        """Answer with the part of a list that a query asks for."""
        found = self.media(call.operation)
        assert found is not None
        fits = self.album.fits(found[1])
        body = self.album.sample(found[1], call.operation.id)
        known = [p["name"] for p in call.operation.parameters if p["in"] == "query"]
        shown = window(runs, call.query, known=known, url=self._bare(call.url))
        for pattern, schema in self._outermost(call.operation):
            if ANY in pattern:
                listed = [r for r in shown.items if r.thing == self.spec.lifecycles[schema].thing]
                around, inside = _split(pattern)
                shell = self._item(call.operation, body, around)
                items = {
                    str(run.key): _inside(shell, inside, render(run, schema, call.now))
                    for run in listed
                }
                # A list, or a map by their keys.
                told = (_placed(body, around, s, fits) for s in (list(items.values()), items))
                body = next((b for b in told if b is not body and fits.is_valid(b)), body)
        for name in list(body) if isinstance(body, dict) else ():
            for value in shown.members.get(plain(name), ()):
                if _settle(body, place_of(name), value, fits):
                    break
        return self._reply(call, body, call.path)

    def _item(self, operation: Operation, body: JSON, around: tuple[str, ...]) -> JSON:
        """Return an item of a list in an answer, by what is around: as it has one, or as it may."""
        shown = next((item for _, item in expand(body, (*around, ANY))), None)
        root = self.spec.answer_schema(operation) or ""
        place = next((p for p in self.spec.places(root) if p.pattern == (*around, ANY)), None)
        if shown is not None or place is None:
            return shown
        node = {"$ref": f"#/components/schemas/{place.schema}"}
        return self.album.sample({"schema": node}, operation.id, place.schema)

    def reply(
        self,
        call: Call,
        known: Mapping[str, JSON],
        items: Sequence[Mapping[str, JSON]] | None = None,
    ) -> Reply:
        """Answer with an example in which is told what is known, and what the request said."""
        found = self.media(call.operation)
        body: JSON = b""
        if found is not None:
            fits = self.album.fits(found[1])
            body = self.album.sample(found[1], call.operation.id)
            if items is not None:
                body = _with_items(body, items, fits)
            said = call.body if isinstance(call.body, dict) else {}
            if isinstance(body, dict):
                for name in said.keys() & body.keys():
                    _settle(body, place_of(name), said[name], fits)
                _tell(body, known, fits)
        return self._reply(call, body, known)

    def _link_values(self, call: Call, key: str | int) -> Mapping[str, JSON]:
        links = self.spec.links(call.operation)
        names = {self.spec.identifying_parameters.get(link.operation_id) for link in links}
        return {name: key for name in names if name is not None}

    def _reply(self, call: Call, body: JSON, known: Mapping[str, JSON]) -> Reply:
        operation = call.operation
        status, found = operation.success_status, self.media(operation)
        headers = {}
        for name, raw in ((operation.response(status) or {}).get("headers", {})).items():
            header = self.spec.deref(raw)
            address = self._address(call, known) if name.lower() == "location" else None
            if address is not None:
                headers[name] = address
            elif header.get("required"):
                headers[name] = str(self.album.sample(header, operation.id, name))
        return Reply(status, body, headers, media_type=found[0] if found else "application/json")

    def _bare(self, url: str) -> str:
        """Return a URL without the credentials in its query."""
        schemes = self.spec.document.get("components", {}).get("securitySchemes", {}).values()
        keys = [scheme["name"] for scheme in schemes if scheme.get("in") == "query"]
        parts = urlsplit(url)
        told = parse_qsl(parts.query, keep_blank_values=True)
        return urlunsplit(parts._replace(query=urlencode([p for p in told if p[0] not in keys])))

    def _address(self, call: Call, known: Mapping[str, JSON]) -> str | None:
        """Return the URL at which what a call started is polled."""
        poll = next((k for k in self.spec.links(call.operation) if k.role == "poll"), None)
        if poll is None:
            return None
        path = self.spec.operations[poll.operation_id].path
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        parts = urlsplit(call.url)
        return f"{parts.scheme}://{parts.netloc}{base_path(self.spec)}{path}"


def _property(spec: Spec, node: Any, name: str) -> Any:
    """Return the schema of a property, through references and whatever joins schemas."""
    found = spec.deref(node)
    if not isinstance(found, Mapping):
        return None
    if name in found.get("properties", {}):
        return found["properties"][name]
    members = [m for key in ("allOf", "anyOf", "oneOf") for m in found.get(key, ())]
    return next((p for m in members if (p := _property(spec, m, name)) is not None), None)


def _settle(body: JSON, pointer: str, value: JSON, fits: Validator) -> bool:
    """Set what stands at a place if the whole then fits; True if it does."""
    *above, last = tokens(pointer) or ("",)
    place = resolve(body, place_of(*above))
    if value is MISSING or not isinstance(place, dict):
        return False
    had, old = last in place, place.get(last)
    place[last] = value
    if fits.is_valid(body):
        return True
    if had:
        place[last] = old
    else:
        del place[last]
    return False


def _placed(body: JSON, pattern: tuple[str, ...], value: JSON, fits: Validator) -> JSON:
    """Return a body with a value at a place that it may have, the body itself if that fits not."""
    if not pattern:
        return value
    changed = copy.deepcopy(body)
    for _, holder in list(expand(changed, pattern[:-1])):
        if isinstance(holder, dict) and pattern[-1] != ANY:
            holder[pattern[-1]] = copy.deepcopy(value)
        elif isinstance(holder, list):
            holder[:] = [copy.deepcopy(value)]
    return changed if fits.is_valid(changed) else body


def _split(pattern: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is around the items of a list, and the way to the thing inside each of them."""
    last = len(pattern) - 1 - pattern[::-1].index(ANY)
    return pattern[:last], pattern[last + 1 :]


def _inside(shell: JSON, way: tuple[str, ...], value: JSON) -> JSON:
    """Return a value, or a copy of what is around it with the value at the end of a way."""
    return value if not way else with_member(shell, place_of(*way), value)


def _with_items(body: JSON, items: Sequence[Mapping[str, JSON]], fits: Validator) -> JSON:
    """Return a list, itself or inside an envelope, with an item for each thing that is owned."""
    members = body.items() if isinstance(body, dict) else [("", body)]
    for name, value in members:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            shown = [copy.deepcopy(value[index % len(value)]) for index in range(len(items))]
            for item, known in zip(shown, items, strict=True):
                for parameter, told in known.items():
                    item.update(dict.fromkeys(names_for(parameter, item)[:1], told))
            changed = {**body, name: shown} if isinstance(body, dict) else shown
            if fits.is_valid(changed):
                return changed
    return body


def _tell(body: dict[str, JSON], known: Mapping[str, JSON], fits: Validator) -> None:
    """Put into a body the ids that its address has; `id` alone means the last of them."""
    for name, value in known.items():
        for member in body:
            if plain(member) == plain(name):
                _settle(body, place_of(member), value, fits)
    for name in list(known)[-1:]:
        if not any(plain(member) == plain(name) for member in body):
            for member in names_for(name, body)[:1]:
                _settle(body, place_of(member), known[name], fits)
