"""Stories of Clarifeye's runs, told call by call with bodies made from the spec's own examples."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, frozen
from runwright.history import Credentials, Exchange, History, Message
from runwright.pointer import tokens
from runwright.spec import load_spec

SPEC = load_spec("clarifeye")
PROJECT = "6f0c2c1e-7f6e-4d6b-9b1d-0a4f5f1d2e30"
ELSEWHERE = "11111111-7f6e-4d6b-9b1d-0a4f5f1d2e30"
FLOW = "f0000000-0000-4000-8000-000000000001"
DOCUMENT = "d0000000-0000-4000-8000-000000000001"
OTHER = "d0000000-0000-4000-8000-000000000002"
NEXT = "https://clarifeye.test/api/v1/projects/x/pipeline-runs/?offset=1"


@frozen(kw_only=True)
class Told:
    """One call and its answer; calls are told in order, ten seconds apart, unless `at` is given."""

    method: str
    path: str
    body: Any
    status: int = 200
    query: tuple[tuple[str, str], ...] = ()
    sent: Any = None
    project: str = PROJECT
    actor: str = "alice"
    credentials: Credentials = "valid"
    at: float | None = None

    def but(self, **changes: Any) -> "Told":
        """The same call, told with changes."""
        return evolve(self, **changes)


Story = tuple[Told, ...]


def edited(body: Any, edits: Mapping[str, Any]) -> Any:
    """A copy of a body with members changed at JSON Pointers; an ellipsis takes one out."""
    body = copy.deepcopy(body)
    for pointer, value in edits.items():
        *way, last = tokens(pointer)
        target = body
        for token in way:
            target = target[int(token) if isinstance(target, list) else token]
        if value is ...:
            del target[last]
        else:
            target[int(last) if isinstance(target, list) else last] = value
    return body


def example(operation: str, name: str, edits: Mapping[str, Any] | None = None) -> Any:
    """One of the spec's example answers, with changes."""
    response = SPEC.deref(SPEC.operations[operation].responses["200"])
    shown = response["content"]["application/json"]["examples"][name]["value"]
    return edited(shown, edits or {})


def run(name: str, edits: Mapping[str, Any] | None = None) -> Any:
    """One of the example runs, with changes."""
    return example("getPipelineRun", name, edits)


def steps(name: str, *states: str) -> Any:
    """An example run whose steps are in these states."""
    return run(name, {f"/steps/{i}/status": state for i, state in enumerate(states)})


def item(body: Any, edits: Mapping[str, Any] | None = None) -> Any:
    """A run as the list shows it: counts for ids, and the last two lines of the log."""
    shown = {k: v for k, v in body.items() if k not in ("document_ids", "chunk_ids")}
    shown["document_count"] = len(body["document_ids"] or "twelve bytes")
    shown["chunk_count"] = len(body["chunk_ids"] or ())
    shown["raw_logs"] = "".join(body["raw_logs"].splitlines(keepends=True)[-2:])
    return edited(shown, edits or {})


def look(body: Any) -> Told:
    """A look at a run by its id."""
    return Told(method="GET", path=f"pipeline-runs/{body['id']}/", body=body)


def gone(body: Any, status: int = 404) -> Told:
    """A look at a run that is refused."""
    return look(body).but(status=status, body={"error": "Not found."})


def listing(*items: Any, count: int | None = None, **query: Any) -> Told:
    """A list of runs; `next_` and `previous` are URLs, the rest is the query."""
    page = {
        "count": len(items) if count is None else count,
        "next": query.pop("next_", None),
        "previous": query.pop("previous", None),
        "results": list(items),
    }
    asked = tuple((name, str(value)) for name, value in query.items())
    return Told(method="GET", path="pipeline-runs/", body=page, query=asked)


def start(body: Any, *documents: str) -> Told:
    """A call that queues a run, for some documents."""
    return Told(
        method="POST",
        path=f"extraction-flows/{FLOW}/run-sync/",
        sent={"document_ids": list(documents)},
        body={"message": "Sync started.", "pipeline_run_id": body["id"]},
    )


def abort(body: Any, status: str) -> Told:
    """An abort that answers with a status."""
    path = f"pipeline-runs/{body['id']}/abort/"
    return Told(method="POST", path=path, body={"status": status})


def refused_abort(body: Any, status: int) -> Told:
    """An abort that is refused."""
    return abort(body, "").but(status=status, body={"error": "No."})


def flows(*updated: str) -> Told:
    """A list of flows that were updated at these times."""
    shown = example("listExtractionFlows", "two-flows")[0]
    body = [edited(shown, {"updated_at": time}) for time in updated]
    return Told(method="GET", path="extraction-flows/", body=body)


def update(sent: Any, **shown: Any) -> Told:
    """An update of a flow, and what its answer shows."""
    body = example("updateExtractionFlow", "updated", shown)
    return Told(method="PATCH", path=f"extraction-flows/{FLOW}/", sent=sent, body=body)


def tell(*story: Told) -> History:
    """Return a story as a history."""
    return History(exchanges=tuple(map(_exchange, range(len(story)), story)), api="clarifeye")


def _exchange(seq: int, told: Told) -> Exchange:
    suffix = f"?{urlencode(told.query)}" if told.query else ""
    sent = b"" if told.sent is None else json.dumps(told.sent).encode()
    return Exchange(
        worker="w",
        seq=seq,
        at=10.0 * seq if told.at is None else told.at,
        took=0.1,
        method=told.method,
        url=f"https://clarifeye.test/api/v1/projects/{told.project}/{told.path}{suffix}",
        request=Message((("content-type", "application/json"),), sent),
        status=told.status,
        response=Message((("content-type", "application/json"),), json.dumps(told.body).encode()),
        actor=told.actor,
        credentials=told.credentials,
    )


PENDING, RUNNING, WARNED = run("pending"), run("running"), run("completed-with-warnings")
COMPLETED, FAILED, ABORTED = run("completed"), run("failed"), run("aborted")
"""The first three are the same run; the others are runs of their own."""

BUSY = run(
    "aborted",
    {
        "status": "running",
        "/steps/1/status": "running",
        "updated_at": "2026-03-04T11:00:31Z",
        "/steps/1/updated_at": "2026-03-04T11:00:31Z",
        "raw_logs": "11:00:05 parse started\n11:00:30 parse done\n11:00:31 chunk started\n",
    },
)
"""The aborted run, earlier."""
