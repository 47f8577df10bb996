"""Stories of Nekt's runs, told call by call with bodies made from the spec's own examples."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, field, frozen
from runwright.history import Credentials, Exchange, History, Message
from runwright.spec import load_spec

FORM = "application/x-www-form-urlencoded"


@frozen(kw_only=True)
class Told:
    """One call and its answer; calls are told in order, a second apart, unless `at` says when."""

    method: str
    path: str
    body: Any = None
    status: int = 200
    query: tuple[tuple[str, str], ...] = ()
    form: str | None = None
    actor: str = "alice"
    credentials: Credentials = "valid"
    worker: str = "w"
    at: float | None = None
    took: float = field(default=0.1)


def get(path: str, body: Any, *query: tuple[str, str]) -> Told:
    """A GET that is answered."""
    return Told(method="GET", path=path, body=body, query=query)


def look(run: Mapping[str, Any], *query: tuple[str, str]) -> Told:
    """A look at a run by its id."""
    return get(f"/runs/{run['id']}/", run, *query)


def cancel(run: Mapping[str, Any], status: int = 200, *, asked: str | None = None) -> Told:
    """A cancel that is answered with a run, or refused."""
    body = run if status == 200 else {"detail": "The run has already ended."}
    return Told(method="POST", path=f"/runs/{asked or run['id']}/cancel/", body=body, status=status)


def trigger(slug: str, run: Mapping[str, Any], form: str | None = "full_sync=true") -> Told:
    """A trigger that is answered with a run."""
    return Told(method="POST", path=f"/pipelines/{slug}/trigger/", body=run, status=201, form=form)


def page(*results: Any, **members: Any) -> dict[str, Any]:
    """A page of a list, the only one unless told otherwise."""
    return {
        "count": len(results),
        "next": None,
        "previous": None,
        "results": list(results),
        **members,
    }


def by(told: Told, **changes: Any) -> Told:
    """The same call, told with changes."""
    return evolve(told, **changes)


def tell(api: str, *story: Told) -> History:
    """Return a story as a history."""
    return History(
        api=api,
        exchanges=tuple(_exchange(seq, told) for seq, told in enumerate(story)),
    )


def _exchange(seq: int, told: Told) -> Exchange:
    suffix = f"?{urlencode(told.query)}" if told.query else ""
    request = Message()
    if told.form is not None:
        request = Message((("content-type", FORM),), told.form.encode())
    return Exchange(
        worker=told.worker,
        seq=seq,
        at=float(seq) if told.at is None else told.at,
        took=told.took,
        method=told.method,
        url=f"http://nekt.test/api/v1{told.path}{suffix}",
        request=request,
        status=told.status,
        response=Message((("content-type", "application/json"),), json.dumps(told.body).encode()),
        actor=told.actor,
        credentials=told.credentials,
    )


def example(api: str, name: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return one of the spec's example runs with members changed.

    Dots lead to members of members; an ellipsis takes a member out.
    """
    body: dict[str, Any] = copy.deepcopy(
        load_spec(api).document["components"]["examples"][name]["value"]
    )
    for place, value in (changes or {}).items():
        *above, last = place.split(".")
        target = body
        for key in above:
            target = target[key]
        if value is ...:
            del target[last]
        else:
            target[last] = value
    return body


def nested(name: str, **changes: Any) -> dict[str, Any]:
    """An example run of the older generation; double underscores lead to members of members."""
    return example("nekt", name, {key.replace("__", "."): v for key, v in changes.items()})


def flat(name: str, **changes: Any) -> dict[str, Any]:
    """An example run of the newer generation."""
    return example("nekt_v2", name, {key.replace("__", "."): v for key, v in changes.items()})


OTHER = "7d2f9e30-4b5c-4d8e-9fa0-3c4d5e6f7999"
SLUG = "orders-db-a1b2"
NEXT, PREVIOUS = "http://nekt.test/api/v1/runs/?page=2", "http://nekt.test/api/v1/runs/"

QUEUED, RUNNING, SUCCESS = nested("QueuedRun"), nested("RunningRun"), nested("SuccessfulRun")
CANCELLING, CANCELED, FAILED = nested("CancellingRun"), nested("CanceledRun"), nested("FailedRun")
PIPELINE = RUNNING["pipeline"]
BUSY = nested(
    "CancellingRun",
    status="running",
    updated_at="2026-05-04T10:00:06Z",
    log__parsed_log="10:00:05 start\n",
    pipeline__latest_run_status="running",
    pipeline__current_status="running",
)

FLAT_QUEUED, FLAT_RUNNING, FLAT_SUCCESS = (
    flat("QueuedRun"),
    flat("RunningRun"),
    flat("SuccessfulRun"),
)
FLAT_CANCELLING, FLAT_CANCELED = flat("CancellingRun"), flat("CanceledRun")
FLAT_BUSY = flat("CancellingRun", status="running", updated_at="2026-09-03T10:00:06Z")
SOURCE = {
    "id": FLAT_QUEUED["source"],
    "slug": SLUG,
    "active": True,
    "status": None,
    "last_run": None,
}
EXPAND = ("expand[]", "source")

Case = tuple[str, str, tuple[Told, ...]]
"""An API, a rule without the API's name, and a story that is about it."""


def case(api: str, rule: str, *story: Told) -> Case:
    """A story that one rule is about."""
    return api, rule, story
