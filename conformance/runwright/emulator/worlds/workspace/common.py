"""What the worlds of both generations share: lists, reading, starting and canceling runs."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final, TypeVar

from runwright.emulator.call import Call, Kind, Refused, Reply
from runwright.emulator.chance import Chance
from runwright.emulator.clock import stamp
from runwright.emulator.listing import Page, by_number
from runwright.emulator.tenants import Tenant
from runwright.emulator.world import World, operation
from runwright.emulator.worlds.workspace import catalog
from runwright.emulator.worlds.workspace.catalog import Pipeline, Workspace, furnish
from runwright.emulator.worlds.workspace.life import Run
from runwright.emulator.worlds.workspace.timeline import Timeline
from runwright.pointer import tokens
from runwright.validation import JSON

T = TypeVar("T")

PAGE_SIZE: Final = 10
LARGEST_PAGE: Final = 100

BUSY: Final = ("running", "cancelling", "queued", "pending_events")
"""What a pipeline is doing if any of its runs does so, the first fitting one."""


class WorkspaceWorld(World[Run]):
    """Runs of pipelines in a workspace; a subclass gives the form of the answers.

    The methods that render get the moment at which a thing is looked at; they change nothing.
    """

    knows_all: ClassVar[bool]
    """True if an event trigger may wait until all of its events have come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Furnish a workspace for each tenant."""
        super().__init__(*args, **kwargs)
        start = self.clock.now()
        self.spaces: dict[str, Workspace] = {}
        self.timelines: dict[str, Timeline] = {}
        self.last_used: dict[str, float] = {}
        for tenant in self.tenants:
            name, chance = tenant.name, Chance(self.seed, tenant.name, "workspace")
            self.spaces[name] = furnish(tenant, chance, start, knows_all=self.knows_all)
            self.timelines[name] = Timeline(
                name, self.spaces[name], self.store, partial(self.birth, tenant), start=start
            )

    # ---- operations --------------------------------------------------------------------------

    def admit(self, call: Call) -> None:
        """Let happen what was due by itself, and note that the token was used."""
        self.timelines[call.tenant.name].catch_up(call.now)
        self.last_used[call.tenant.name] = call.now

    @operation("listRuns")
    def list_runs(self, call: Call) -> Reply:
        """Answer a page of runs, the newest first."""
        runs = self.choose_runs(call)
        return self.answer_page(call, runs, lambda run: self.render_run(run, call))

    @operation("getRun")
    def get_run(self, call: Call) -> Reply:
        """Show a run as it is."""
        return Reply(200, self.render_run(self.find(call, call.path["id"]), call))

    @operation("cancelRun")
    def cancel_run(self, call: Call) -> Reply:
        """Cancel a run, and show it; one that has ended is left as it is."""
        run = self.find(call, call.path["id"])
        run = self.timelines[call.tenant.name].cancel(run, call.now)
        return Reply(200, self.render_run(run, call))

    @operation("triggerPipeline")
    def trigger_pipeline(self, call: Call) -> Reply:
        """Start a run of a pipeline, whatever else it is doing."""
        pipeline = self.pipeline_in(call, call.path["pipeline_slug"])
        full_sync = bool((call.body or {}).get("full_sync", False))
        run = self.begin(call, pipeline, full_sync=full_sync)
        return Reply(201, self.render_run(run, call))

    @operation("listSources")
    def list_sources(self, call: Call) -> Reply:
        """Answer a page of sources."""
        return self.answer_owners(call, "source")

    @operation("listTransformations")
    def list_transformations(self, call: Call) -> Reply:
        """Answer a page of transformations."""
        return self.answer_owners(call, "transformation")

    @operation("getTransformation")
    def get_transformation(self, call: Call) -> Reply:
        """Show a transformation."""
        for pipeline in self.spaces[call.tenant.name].of_kind("transformation"):
            if pipeline.owner_id == call.path["id"]:
                return Reply(200, self.render_owner(pipeline, call))
        raise Refused(Kind.NOT_FOUND, self.absence(call))

    @operation("listDestinations")
    def list_destinations(self, call: Call) -> Reply:
        """Answer a page of destinations."""
        return self.answer_owners(call, "destination")

    # ---- what the operations do --------------------------------------------------------------

    def begin(self, call: Call, pipeline: Pipeline, *, full_sync: bool) -> Run:
        """Create a run by a call of the API."""
        timeline = self.timelines[call.tenant.name]
        return timeline.begin(pipeline, call.now, "api", full_sync=full_sync)

    def choose_runs(self, call: Call) -> Sequence[Run]:
        """Return the caller's runs that the query asks for, the newest first."""
        status, slug = call.query.get("status"), call.query.get("pipeline")
        return [
            run
            for run in self.store.newest_first(call.tenant.name, call.now)
            if status in (None, self.state_of(run, call.now)) and slug in (None, run.pipeline.slug)
        ]

    def answer_owners(self, call: Call, kind: catalog.Kind) -> Reply:
        """Answer a page of the caller's sources, transformations or destinations."""
        doing = call.query.get("pipeline_current_status")
        wanted = call.query.get("last_run_status")
        owners = []
        for pipeline in self.spaces[call.tenant.name].of_kind(kind):
            last = self.last_run(pipeline, call)
            if wanted and (last is None or self.state_of(last, call.now) not in wanted.split(",")):
                continue
            if doing in (None, self.current_status(pipeline, call)):
                owners.append(pipeline)
        return self.answer_page(call, owners, lambda pipeline: self.render_owner(pipeline, call))

    def answer_page(self, call: Call, items: Sequence[T], render: Callable[[T], JSON]) -> Reply:
        """Answer the page that the query asks for.

        Raises:
            Refused: there are not so many pages.
        """
        size = min(call.query.get("page_size", PAGE_SIZE), LARGEST_PAGE)
        page = by_number(items, url=call.url, page=call.query.get("page", 1), size=size)
        if page is None:
            raise Refused(Kind.NOT_FOUND, "Invalid page.")
        return Reply(200, self.render_page(page, [render(item) for item in page.items]))

    def pipeline_in(self, call: Call, slug: str) -> Pipeline:
        """Return the caller's pipeline of that slug.

        Raises:
            Refused: there is none.
        """
        pipeline = self.spaces[call.tenant.name].pipeline(slug)
        if pipeline is None:
            raise Refused(Kind.NOT_FOUND, self.absence(call))
        return pipeline

    # ---- what pipelines do -------------------------------------------------------------------

    def runs_of(self, pipeline: Pipeline, call: Call) -> Sequence[Run]:
        """Return a pipeline's runs, the oldest first."""
        return self.timelines[call.tenant.name].runs(pipeline.slug, call.now)

    def last_run(self, pipeline: Pipeline, call: Call) -> Run | None:
        """Return the run of a pipeline that was created last."""
        return next(reversed(self.runs_of(pipeline, call)), None)

    def latest_run(self, pipeline: Pipeline, call: Call) -> Run | None:
        """Return the run of a pipeline that began its work last."""
        begun = [
            run
            for run in self.runs_of(pipeline, call)
            if self.started_of(run, call.now) is not None
        ]
        return max(begun, key=lambda run: self.started_of(run, call.now) or 0.0, default=None)

    def current_status(self, pipeline: Pipeline, call: Call) -> str | None:
        """Return what a pipeline is doing, else how its newest run ended; None before the first."""
        states = [self.state_of(run, call.now) for run in self.runs_of(pipeline, call)]
        return next((busy for busy in BUSY if busy in states), states[-1] if states else None)

    # ---- what runs look like -----------------------------------------------------------------

    def state_of(self, run: Run, now: float) -> str:
        """Return a run's status."""
        return run.status(now)

    def started_of(self, run: Run, now: float) -> float | None:
        """Return when a run began its work."""
        return run.started(now)

    def ended_of(self, run: Run, now: float) -> float | None:
        """Return when a run ended."""
        return run.ended(now)

    def updated_of(self, run: Run, now: float) -> float:
        """Return when a run last changed."""
        return run.changed(now)

    @abstractmethod
    def render_run(self, run: Run, call: Call) -> dict[str, JSON]:
        """Return the body of a run as it is when it is called for."""

    @abstractmethod
    def render_owner(self, pipeline: Pipeline, call: Call) -> dict[str, JSON]:
        """Return the body of a pipeline's source, transformation or destination."""

    def render_page(self, page: Page[Any], results: list[JSON]) -> dict[str, JSON]:
        """Return the body of a page."""
        return {
            "count": page.count,
            "next": page.next,
            "previous": page.previous,
            "results": results,
        }

    def render_user(self, tenant: Tenant) -> dict[str, JSON]:
        """Return the body of a workspace's user."""
        user = self.spaces[tenant.name].user
        return {
            "id": user.id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "picture": "",
            "role": user.role,
            "date_joined": stamp(user.joined),
            "last_login": stamp(user.seen),
            "is_active": True,
        }

    def render_token(self, tenant: Tenant) -> dict[str, JSON]:
        """Return the body of a workspace's API token, of which only a mask is shown."""
        token = self.spaces[tenant.name].token
        return {
            "id": token.id,
            "token": token.mask,
            "is_active": True,
            "description": token.description,
            "created_at": stamp(token.made),
            "updated_at": stamp(token.made),
            "last_used_at": moment_or_null(self.last_used.get(tenant.name)),
        }

    # ---- what refusals look like -------------------------------------------------------------

    def absence(self, call: Call) -> str:
        """Return the sentence for whatever is not there."""
        return "Not found."

    def denial(self, kind: Kind) -> str:
        """Return the sentence for a request without a key, or with a wrong one."""
        if kind is Kind.NO_CREDENTIALS:
            return "Authentication credentials were not provided."
        return "Invalid API key."

    def problem(self, status: int, refused: Refused) -> JSON:
        """Return the body of a refusal: what is wrong by member, else one sentence."""
        if status != 400 or not refused.errors:
            return {"detail": refused.detail}
        found: dict[str, list[str]] = {}
        for error in refused.errors:
            member = next(iter(tokens(error.pointer)), "non_field_errors")
            found.setdefault(member, []).append(error.message)
        return dict(found)


def moment_or_null(moment: float | None) -> str | None:
    """Write a moment that may not have come."""
    return None if moment is None else stamp(moment)


def only(names: Iterable[str], body: dict[str, JSON]) -> dict[str, JSON]:
    """Return some members of a body, in that order."""
    return {name: body[name] for name in names}
