"""What a workspace holds besides runs: pipelines with their triggers, a user, and an API token."""

import math
from typing import Final, Literal

from attrs import frozen

from runwright.emulator.chance import Chance, digest
from runwright.emulator.tenants import Tenant

DAY: Final = 86_400.0

Kind = Literal["source", "transformation", "destination"]
KINDS: Final[tuple[Kind, ...]] = ("source", "transformation", "destination")


@frozen
class Cron:
    """A schedule that fires every so many seconds; none here cares about summer time."""

    expression: str
    timezone: str
    period: float

    def next_after(self, moment: float) -> float:
        """Return when it fires next."""
        return (math.floor(moment / self.period) + 1) * self.period


@frozen(kw_only=True)
class Trigger:
    """What starts runs of a pipeline; `events` are the slugs of pipelines whose success counts."""

    id: str
    type: Literal["manual", "cron", "event"]
    made: float
    cron: Cron | None = None
    events: tuple[str, ...] = ()
    rule: Literal["any", "all"] | None = None


@frozen(kw_only=True)
class Pipeline:
    """What can be run again and again, and the source, transformation or destination it is of."""

    id: str
    owner_id: str
    kind: Kind
    slug: str
    description: str
    active: bool
    made: float
    triggers: tuple[Trigger, ...]

    def trigger(self, kind: str) -> Trigger:
        """Return the first trigger of a type."""
        return next(trigger for trigger in self.triggers if trigger.type == kind)


@frozen(kw_only=True)
class User:
    """Someone who starts runs in the vendor's app."""

    id: int
    first_name: str
    last_name: str
    role: str
    joined: float
    seen: float

    @property
    def email(self) -> str:
        """The user's address, at a domain that is nobody's."""
        return f"{self.first_name}.{self.last_name}@example.com".lower()


@frozen(kw_only=True)
class Token:
    """The API token of a tenant, which belongs to a user; only its mask is ever shown."""

    id: str
    mask: str
    description: str
    made: float


@frozen(kw_only=True)
class Workspace:
    """What a tenant has."""

    pipelines: tuple[Pipeline, ...]
    user: User
    token: Token

    def pipeline(self, slug: str) -> Pipeline | None:
        """Return the pipeline of that slug."""
        return next((pipeline for pipeline in self.pipelines if pipeline.slug == slug), None)

    def of_kind(self, kind: Kind) -> tuple[Pipeline, ...]:
        """Return the pipelines of sources, of transformations, or of destinations."""
        return tuple(pipeline for pipeline in self.pipelines if pipeline.kind == kind)

    def named(self, name: str) -> Pipeline:
        """Return the pipeline whose slug begins with a name of the catalog."""
        return next(p for p in self.pipelines if p.slug.startswith(f"{name}-"))


@frozen(kw_only=True)
class _Plan:
    name: str
    kind: Kind
    description: str
    cron: Cron | None = None
    after: tuple[str, ...] = ()
    rule: Literal["any", "all"] = "any"
    active: bool = True


_PLANS: Final = (
    _Plan(
        name="orders-db",
        kind="source",
        description="Orders database",
        cron=Cron("*/30 * * * *", "UTC", 1800.0),
    ),
    _Plan(
        name="crm",
        kind="source",
        description="Customers and deals",
        cron=Cron("0 * * * *", "America/Sao_Paulo", 3600.0),
    ),
    _Plan(name="ads", kind="source", description="Campaigns and their costs"),
    _Plan(
        name="daily-revenue",
        kind="transformation",
        description="Revenue by day",
        after=("orders-db", "crm"),
        rule="all",
    ),
    _Plan(
        name="channel-report",
        kind="transformation",
        description="Deals by channel",
        after=("crm", "ads"),
        rule="all",
    ),
    _Plan(
        name="warehouse",
        kind="destination",
        description="Tables for analysts",
        after=("daily-revenue",),
    ),
    _Plan(
        name="archive",
        kind="destination",
        description="Cold storage, switched off",
        after=("channel-report",),
        active=False,
    ),
)

_NAMES: Final = (("Ana", "Souza"), ("Rui", "Lima"), ("Eva", "Prado"), ("Leo", "Costa"))


def furnish(tenant: Tenant, chance: Chance, start: float, *, knows_all: bool) -> Workspace:
    """Draw a tenant's workspace as it is at a moment, made some months before.

    Without `knows_all` every event trigger fires at any of its events.
    """
    ending = digest(tenant.name, *chance.name, length=4)
    slugs = {plan.name: f"{plan.name}-{ending}" for plan in _PLANS}
    pipelines = []
    for plan in _PLANS:
        draws = chance.branch(plan.name)
        made = math.floor(start - draws.between(60, 240) * DAY)
        triggers = [Trigger(id=draws.uuid(), type="manual", made=made)]
        if plan.cron:
            triggers.append(Trigger(id=draws.uuid(), type="cron", made=made, cron=plan.cron))
        if plan.after:
            triggers.append(
                Trigger(
                    id=draws.uuid(),
                    type="event",
                    made=made,
                    events=tuple(slugs[name] for name in plan.after),
                    rule=plan.rule if knows_all else "any",
                )
            )
        pipelines.append(
            Pipeline(
                id=draws.uuid(),
                owner_id=draws.uuid(),
                kind=plan.kind,
                slug=slugs[plan.name],
                description=plan.description,
                active=plan.active,
                made=made,
                triggers=tuple(triggers),
            )
        )
    draws = chance.branch("people")
    first, last = draws.one_of(_NAMES)
    return Workspace(
        pipelines=tuple(pipelines),
        user=User(
            id=draws.whole(10, 999),
            first_name=first,
            last_name=last,
            role="admin",
            joined=math.floor(start - 400 * DAY),
            seen=math.floor(start - draws.between(0.2, 2.0) * 3600),
        ),
        token=Token(
            id=draws.uuid(),
            mask=f"nk_****{digest(tenant.name, 'token', length=4)}",
            description="orchestrator",
            made=math.floor(start - 90 * DAY),
        ),
    )
