"""The world of an API of which nothing is known but its spec.

Links tell which operations start, poll and cancel a thing with a lifecycle; lists show the things
that were started. Whatever else there is answers with an example, or with something made up.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.chance import Chance
from runwright.emulator.derived.album import Album
from runwright.emulator.derived.answer import Answers
from runwright.emulator.derived.estate import Estate
from runwright.emulator.derived.face import Sitter
from runwright.emulator.derived.life import Life, draw_run, unit_of
from runwright.emulator.derived.mint import mint
from runwright.emulator.derived.portrait import draw, seat
from runwright.emulator.derived.refusal import documented, problem_like
from runwright.emulator.tenants import Tenant
from runwright.emulator.world import Birth, World
from runwright.pointer import resolve, tokens
from runwright.roles import canceling, started_by, thing_of, waiting
from runwright.spec import Operation, Spec
from runwright.validation import JSON

TOO_LATE: Final = (409, 400)


@frozen(kw_only=True)
class Run:
    """A thing with a lifecycle that somebody has started: a portrait for each of its schemas."""

    id: str
    thing: str
    key: str | int
    places: Mapping[str, Any]
    """The other path parameters under which it was started, such as the id of its project."""
    sitters: Mapping[str, Sitter] = field(repr=False)
    main: str
    """The schema as which it is polled."""
    expires: float | None = None

    @property
    def life(self) -> Life:
        """Its life, as its polls show it."""
        return self.sitters[self.main].life


class DerivedWorld(World[Run]):
    """Things that live as their spec declares; mutants override the methods that render them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without runs.

        Raises:
            WorldError: something cannot be made from the spec.
        """
        super().__init__(*args, **kwargs)
        self.album = Album(self.spec)
        self.estate = Estate(self.spec, self.album, self.seed, self.tenants)
        self.answers = Answers(self.spec, self.album)
        self.born: dict[tuple[str, str], int] = {}
        self.started = started_by(self.spec)
        self.canceling = canceling(self.spec)
        self.waiting = {operation.id for operation in waiting(self.spec)}
        for schema, lifecycle in self.spec.declared.items():
            for state in lifecycle.states:
                self.album.faces(schema, state)

    def _unhandled(self, spec: Spec) -> set[str]:
        return set()

    # ---- operations --------------------------------------------------------------------------

    def handle(self, call: Call) -> Reply | Later:
        """Answer a call by what its operation is to the things that run."""
        operation = call.operation
        self.estate.check(call)
        if operation.id in self.started:
            return self.start(call, self.spec.polls[self.started[operation.id]])
        if operation.id in self.waiting:
            run = self.begin(call, self.spec.answer_schema(operation) or "")
            return Later(run.life.script.end, lambda: self.show(self.at(call, run), run))
        if operation.id in self.canceling:
            return self.cancel(call)
        if operation.id in self.spec.polls:
            return self.show(call, self.find_run(call))
        return self.answer_other(call)

    def start(self, call: Call, schema: str) -> Reply:
        """Start a thing, and answer with it or with what it is known by."""
        run = self.begin(call, schema)
        return self.show(call, run)

    def cancel(self, call: Call) -> Reply:
        """Cancel a thing, and answer as is documented."""
        run = self.find_run(call)
        life = run.life.canceled(call.now, unit_of(run.life.lifecycle), self.chance_of(run))
        if life is None:
            if any(str(status) in call.operation.responses for status in TOO_LATE):
                raise Refused(Kind.CONFLICT, f"It is too late: the {run.thing} has ended.")
            return self.show(call, run)
        if life is not run.life:
            run = self.keep(call.tenant, self.canceled(run, life, call.now))
        return self.show(call, run)

    def answer_other(self, call: Call) -> Reply:
        """Answer what neither starts, polls nor cancels anything."""
        owner = self.run_around(call)
        if owner is not None and call.operation.method == "DELETE":
            self.store.remove(call.tenant.name, owner.id)
            return self.answers.reply(call, {})
        if self.answers.lists(call.operation):
            return self.answers.listing(call, self.listed(call), self.render)
        known = self.estate.change(call)
        return self.answers.reply(call, known, items=self.estate.items(call))

    # ---- what the operations do --------------------------------------------------------------

    def begin(self, call: Call, schema: str) -> Run:
        """Create a thing by a call; `schema` is the one as which it is polled."""
        schema = self.spec.declaring(schema)
        lifecycle = self.spec.declared[schema]
        birth = self.birth_of(lifecycle.thing, call.tenant)
        views = [n for n, other in self.spec.declared.items() if other.thing == lifecycle.thing]
        key = self.new_key(schema, birth, call.tenant)
        life = draw_run(lifecycle, birth.chance, number=birth.number, created=call.now)
        said = call.body if isinstance(call.body, dict) else {}
        sitters = {
            name: seat(
                self.album,
                name,
                evolve(life, lifecycle=self.spec.declared[name]),
                chance=birth.chance.branch("face"),
                key=key,
                said=self.answers.repeated(name, said),
            )
            for name in views
        }
        run = Run(
            id=f"{lifecycle.thing}/{key}",
            thing=lifecycle.thing,
            key=key,
            places=dict(call.path),
            sitters=sitters,
            main=schema,
        )
        return self.keep(call.tenant, run)

    def birth_of(self, thing: str, tenant: Tenant) -> Birth:
        """Count one more of a tenant's things of a kind, and return its draws."""
        number = self.born.get((thing, tenant.name), 0)
        self.born[thing, tenant.name] = number + 1
        return Birth(number, Chance(self.seed, tenant.name, thing, number))

    def new_key(self, schema: str, birth: Birth, tenant: Tenant) -> str | int:
        """Return what a new thing is known by."""
        key = self.spec.lifecycles[schema].key or "id"
        node = self.answers.member(schema, key)
        shown = (resolve(example, key) for example in self.album.examples.get(schema, ()))
        number = birth.number * len(self.tenants) + self.tenants.index(tenant)
        chance = birth.chance.branch("key")
        return mint(self.album, node, like=next(shown, None), number=number, chance=chance)

    def keep(self, tenant: Tenant, run: Run) -> Run:
        """Keep a thing as long as its lifecycle promises."""
        retention = run.life.lifecycle.retention
        expires = None
        if retention is not None:
            since = run.life.created if retention.since == "creation" else run.life.script.end
            expires = since + retention.seconds
        return self.store.put(tenant.name, evolve(run, expires=expires))

    def canceled(self, run: Run, life: Life, now: float) -> Run:
        """Return a thing that goes on with the script of another life; its parts end with it."""
        sitters = {
            name: evolve(sitter, life=sitter.life.following(life.script, now))
            for name, sitter in run.sitters.items()
        }
        return evolve(run, sitters=sitters)

    def chance_of(self, run: Run) -> Chance:
        """Return draws that belong to a thing."""
        return run.sitters[run.main].chance.branch("cancel")

    def find_run(self, call: Call) -> Run:
        """Return the thing that a call asks for by its id.

        Raises:
            Refused: the caller has none of that id, or not there.
        """
        name = self.spec.identifying_parameters[call.operation.id]
        given = {**call.query, **call.headers, **call.path}
        thing = thing_of(self.spec, call.operation.id)
        run = self.find(call, f"{thing}/{given.get(name)}")
        if any(call.path.get(place, value) != value for place, value in run.places.items()):
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return run

    def run_around(self, call: Call) -> Run | None:
        """Return the thing below whose address an operation lies, None if there is none."""
        for name in self.spec.polls:
            poll = self.spec.operations[name]
            if call.operation.path == poll.path or call.operation.path.startswith(f"{poll.path}/"):
                return self.find_run(evolve(call, operation=poll))
        return None

    def listed(self, call: Call) -> tuple[Run, ...]:
        """Return the caller's things that a list is asked for, the newest first."""
        things = {
            self.spec.lifecycles[schema].thing for schema in self.answers.shown(call.operation)
        }
        asked = {**call.query, **call.path}
        return tuple(
            run
            for run in self.store.newest_first(call.tenant.name, call.now)
            if run.thing in things
            and all(asked.get(place, value) == value for place, value in run.places.items())
            and all(self.fits(run, name, value, call.now) for name, value in call.query.items())
        )

    def fits(self, run: Run, name: str, value: JSON, now: float) -> bool:
        """True if a thing is one that a query parameter asks for; only states are understood."""
        states = run.life.lifecycle.states
        wanted = value if isinstance(value, list) else str(value).split(",")
        is_filter = name in (tokens(run.life.lifecycle.status)[-1], "status", "state")
        return (
            not is_filter
            or not set(wanted) <= set(states)
            or self.status_of_run(run, now) in wanted
        )

    # ---- what things look like ---------------------------------------------------------------

    def show(self, call: Call, run: Run) -> Reply:
        """Answer with a thing, or with what it is known by."""
        return self.answers.showing(
            call, run.thing, run.key, lambda schema: self.render(run, schema, call.now)
        )

    def at(self, call: Call, run: Run) -> Call:
        """Return a call that waited for a thing to end, as of then."""
        return evolve(call, now=run.life.script.end)

    def status_of_run(self, run: Run, now: float) -> str:
        """Return the state of a thing."""
        return run.life.script.at(now)

    def render(self, run: Run, schema: str, now: float) -> dict[str, JSON]:
        """Return the body of a thing as one of its schemas shows it; all of them agree."""
        body = draw(self.album, run.sitters[schema], now)
        if schema != run.main:
            main = self.render(run, run.main, now)
            body = self.answers.agreeing(schema, body, main)
        return body

    # ---- what refusals look like -------------------------------------------------------------

    def problem(self, status: int, refused: Refused) -> JSON:
        """Return the body of a refusal that no operation documents."""
        return {"detail": refused.detail}

    def status_of(self, refused: Refused, operation: Operation | None) -> int:
        """Return the fitting status that is documented, or else any refusal that is."""
        status = super().status_of(refused, operation)
        if operation is None or operation.documents(status) or status == 401:
            return status
        others = (int(s) for s in operation.responses if s.startswith("4") and s.isdecimal())
        return next(others, status)

    def refuse(self, refused: Refused, operation: Operation | None) -> Reply:
        """Answer a refused call as its operation documents it, else as others do."""
        status = self.status_of(refused, operation)
        found = documented(self.album, operation, status)
        if found is None:
            silent = operation is not None and operation.response(status) is not None
            body = b"" if silent else self.problem(status, refused)
            return Reply(status, body, dict(refused.headers))
        kind, media = found
        body = problem_like(self.album, media, status, refused)
        return Reply(status, body, dict(refused.headers), media_type=kind)

    def parameters(self, tenant: Tenant) -> Mapping[str, str]:
        """Return the path parameters that name something of a tenant's which is not a run."""
        return self.estate.parameters(tenant)
