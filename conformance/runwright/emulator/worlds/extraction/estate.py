"""What the tenants have when a server starts: projects, flows, and runs of the days before."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from runwright.emulator.chance import Chance
from runwright.emulator.tenants import Tenant
from runwright.emulator.worlds.extraction.flow import Flow, read_nodes
from runwright.emulator.worlds.extraction.life import Fate, Order, Run, write_run

DAY: Final = 86_400.0
HOUR: Final = 3_600.0


@frozen(kw_only=True)
class Project:
    """A project: who may work in it, as which user, and its documents."""

    id: str
    owner: str
    user: str
    documents: tuple[str, ...] = field(repr=False)


@frozen(kw_only=True)
class _Ids:
    """The ids that the spec's examples name; those of other tenants are drawn."""

    project: str
    user: str
    flows: tuple[str, str, str]
    runs: tuple[str, str, str, str]
    documents: tuple[str, ...]


def _numbered(prefix: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:012d}" for number in numbers)


_ALICE: Final = _Ids(
    project="6f0c2c1e-7f6e-4d6b-9b1d-0a4f5f1d2e30",
    user="9a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d",
    flows=(
        "f0000000-0000-4000-8000-000000000001",
        "f0000000-0000-4000-8000-000000000002",
        "f0000000-0000-4000-8000-000000000003",
    ),
    runs=(
        "0b6b9a52-6d1e-4f57-8a0e-3f1d2c9b7a13",
        "0b6b9a52-6d1e-4f57-8a0e-3f1d2c9b7a11",
        "0b6b9a52-6d1e-4f57-8a0e-3f1d2c9b7a14",
        "0b6b9a52-6d1e-4f57-8a0e-3f1d2c9b7a12",
    ),
    documents=_numbered("d0000000-0000-4000-8000-", *range(1, 13)),
)


def _ids_of(tenant: Tenant) -> _Ids:
    if tenant.name == "alice":
        return _ALICE
    chance = Chance("extraction", tenant.name)
    one, two, three, four = (chance.uuid() for _ in range(4))
    return _Ids(
        project=chance.uuid(),
        user=chance.uuid(),
        flows=(chance.uuid(), chance.uuid(), chance.uuid()),
        runs=(one, two, three, four),
        documents=tuple(chance.uuid() for _ in range(5)),
    )


def project_of(tenant: Tenant) -> Project:
    """Return a tenant's project, which is the same in every world."""
    ids = _ids_of(tenant)
    return Project(id=ids.project, owner=tenant.name, user=ids.user, documents=ids.documents)


_PARSE: Final = {"name": "parse", "step": "parsing", "depends_on": []}
_CHUNK: Final = {
    "name": "chunk",
    "step": "chunking",
    "depends_on": ["parse"],
    "params": {"maximum_chunk_size": 800},
    "chunks_extractor_id": "b2000000-0000-4000-8000-000000000001",
}
_TAG: Final = {
    "name": "tag",
    "step": "tag-extraction",
    "depends_on": ["chunk"],
    "tag_extractor_id": "b2000000-0000-4000-8000-000000000002",
}
_FIND: Final = {
    "name": "find-amounts",
    "step": "object-extraction",
    "depends_on": ["parse"],
    "object_extractor_id": "b2000000-0000-4000-8000-000000000003",
}
_SUM_UP: Final = {
    "name": "sum-up",
    "step": "tag-extraction",
    "depends_on": ["chunk", "find-amounts"],
    "params": {"language": "en"},
    "tag_extractor_id": "b2000000-0000-4000-8000-000000000004",
}

_FLOWS: Final[tuple[tuple[str, str, list[Mapping[str, Any]], float, float], ...]] = (
    ("contracts", "auto_publish", [_PARSE, _CHUNK, _TAG], 40 * DAY, 20 * DAY),
    ("invoices", "manual_publish", [_PARSE, _CHUNK, _FIND, _SUM_UP], 30 * DAY, 3 * HOUR),
    ("reports", "manual_publish", [_PARSE, _CHUNK], 12 * DAY, 10 * DAY),
)
"""Name, publish mode, nodes, and how long ago each was created and changed."""


def flows_of(tenant: Tenant, now: float) -> Iterator[Flow]:
    """Yield the flows of a tenant's project."""
    for flow_id, (name, mode, nodes, created, updated) in zip(
        _ids_of(tenant).flows, _FLOWS, strict=True
    ):
        yield Flow(
            id=flow_id,
            name=f"{name}-flow",
            publish_mode=mode,
            dag={"name": name, "nodes": nodes},
            created=now - created,
            updated=now - updated,
        )


_PAST: Final[tuple[tuple[float, int, Fate, bool], ...]] = (
    (3 * DAY, 1, "good", True),
    (2 * DAY, 0, "warned", False),
    (26 * HOUR, 0, "good", False),
    (5 * HOUR, 1, "failing", False),
)
"""How long ago runs were queued, of which flow, what became of them, whether aborted."""


def past_runs(tenant: Tenant, seed: int, now: float) -> Iterator[Run]:
    """Yield runs that ended before the server started, the oldest first."""
    ids, flows = _ids_of(tenant), tuple(flows_of(tenant, now))
    for number, (run_id, (ago, flow, fate, aborted)) in enumerate(
        zip(ids.runs, _PAST, strict=True)
    ):
        order = Order(
            project=ids.project,
            flow_id=flows[flow].id,
            pipeline_name=flows[flow].name,
            nodes=read_nodes(flows[flow].dag),
            mode="recreate-all" if number == 2 else "upsert-all",
            # The flow that publishes by itself also runs by a schedule.
            user=None if number == 2 else ids.user,
            documents=ids.documents[:number] or None,
            publishes=flows[flow].publishes_itself,
        )
        run = write_run(
            order,
            created=now - ago,
            fate=fate,
            chance=Chance(seed, tenant.name, "past", number),
            run_id=run_id,
        )
        if not aborted:
            yield run
            continue
        at_work = next(step.script for step in run.steps if step.node.name == "chunk")
        moment = at_work.reached("running", run.script.end)
        yield run if moment is None else run.aborted(moment + 1)


def changed_flow(flow: Flow, changes: Mapping[str, Any], now: float) -> Flow:
    """Return a flow after an update at a moment."""
    return evolve(
        flow,
        name=changes.get("name", flow.name).strip(),
        publish_mode=changes.get("publish_mode", flow.publish_mode),
        dag=changes.get("dag", flow.dag),
        updated=now,
    )
