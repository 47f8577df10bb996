"""A small API of our own, and a hand-written history in which it keeps every promise."""

import copy
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from runwright.history import MALFORMED_ID, UNKNOWN_ID, Credentials, Exchange, History, Message
from runwright.judge import judge
from runwright.ledger import Ledger, read_ledger
from runwright.report import Report, Verdict
from runwright.rulebook import Rulebook, make_rulebook
from runwright.spec import Spec, load_yaml, read_spec

FOLDER = Path(__file__).parent / "fixtures" / "jobs"
BASE = "https://jobs.example/api"
JOB = "0b6b9a52-6d1e-4f57-8a0e-3f1d2c9b7a11"
CREATED = 1_772_614_800.0
"""2026-03-04T09:00:00Z, when the job was created."""
NOBODY = "ffffffff-6d1e-4f57-8a0e-3f1d2c9b7a11"

SPEC = read_spec(FOLDER / "openapi.yaml")
RULEBOOK = make_rulebook(SPEC, read_ledger(FOLDER / "ledger.yaml"))
ALL_RULES = make_rulebook(SPEC, Ledger("jobs", {}, ()))
"""Without a ledger every rule holds under each reading."""


def changed_spec(change: Callable[[dict[str, Any]], object]) -> Spec:
    """Return the spec with something changed in its component schemas."""
    document = copy.deepcopy(load_yaml(FOLDER / "openapi.yaml"))
    change(document["components"]["schemas"])
    return Spec("jobs", document)


def rulebook_of(spec: Spec) -> Rulebook:
    """Return the rulebook of a spec without a ledger."""
    return make_rulebook(spec, Ledger(spec.api, {}, ()))


def moment(second: float) -> str:
    """Write the time that is so many seconds after the job's creation, at most an hour."""
    return f"2026-03-04T09:{int(second) // 60:02}:{second % 60:06.3f}Z"


def step(number: int, status: str, **members: Any) -> dict[str, Any]:
    return {"id": number, "name": f"step {number}", "state": {"type": status}, **members}


def cell(status: str, value: Any = None, **members: Any) -> dict[str, Any]:
    return {"status": status, "value": value, "unit": "m", **members}


def job(status: str = "running", **members: Any) -> dict[str, Any]:
    """Return a job as `GET /jobs/{job-id}` answers it."""
    return {
        "id": JOB,
        "status": status,
        "owner": "ada",
        "created_at": moment(0),
        "started_at": None,
        "updated_at": moment(0),
        "ended_at": None,
        "log": "",
        "steps": [],
        "cells": {},
        **members,
    }


def item(status: str, **members: Any) -> dict[str, Any]:
    """Return a job as a list shows it."""
    return {"id": JOB, "status": status, "owner": "ada", "log": "…", **members}


@frozen
class Said:
    """What a request was answered, before it has a worker and a number."""

    at: float
    method: str
    path: str
    status: int
    body: Any
    worker: str = "main"
    took: float = 0.1
    sent: Any = None
    sent_as: str = "application/json"
    actor: str | None = "ada"
    credentials: Credentials = "valid"
    intent: str | None = None
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)

    def numbered(self, seq: int) -> Exchange:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        sent = b"" if self.sent is None else json.dumps(self.sent).encode()
        return Exchange(
            worker=self.worker,
            seq=seq,
            at=CREATED + self.at,
            took=self.took,
            method=self.method,
            url=BASE + self.path,
            request=Message((("content-type", self.sent_as),) if sent else (), sent),
            status=self.status,
            response=Message(self.headers, content),
            actor=self.actor,
            credentials=self.credentials,
            intent=self.intent,
        )


def history(said: Iterable[Said]) -> History:
    """Number what was said in the order of time, worker by worker."""
    ordered = sorted(said, key=lambda entry: entry.at)
    return History(
        api="jobs",
        target=BASE,
        exchanges=tuple(entry.numbered(seq) for seq, entry in enumerate(ordered)),
    )


def look(at: float, body: Any, **more: Any) -> Said:
    """Return an answer to `GET /jobs/{job-id}`."""
    return Said(at, "GET", f"/jobs/{JOB}", 200, body, **more)


def listed(at: float, *items: Any, **more: Any) -> Said:
    """Return an answer to `GET /jobs`."""
    return Said(at, "GET", "/jobs", 200, {"items": list(items)}, **more)


def refused(at: float, method: str, path: str, status: int, code: str, **more: Any) -> Said:
    """Return a problem."""
    return Said(at, method, path, status, {"code": code}, **more)


RUNNING: dict[str, Any] = {
    "started_at": moment(2),
    "updated_at": moment(4),
    "worker": {"id": "w1"},
    "progress": 20,
    "log": "begun\n",
    "attempts": ["first"],
    "steps": [step(1, "finished", output="x"), step(2, "working")],
    "cells": {"a": cell("filled", 1), "b": cell("computing")},
}
DONE: dict[str, Any] = {
    **RUNNING,
    "updated_at": moment(20),
    "ended_at": moment(20),
    "progress": 100,
    "log": "begun\ndone\n",
    "attempts": ["first", "second"],
    "note": None,
    "result": {"size": 3},
    "steps": [step(3, "skipped"), step(1, "finished", output="x"), step(2, "finished")],
    "cells": {"a": cell("filled", 1, touched=1), "b": cell("filled", 2)},
}

CONFORMING: dict[str, Said] = {
    "start": Said(0, "POST", "/jobs", 202, job("queued"), sent={"owner": "ada"}),
    "queued": look(1, job("queued", steps=[step(1, "waiting")], cells={"a": cell("empty")})),
    "running": look(5, job("running", **RUNNING)),
    "read_cancel": refused(6, "GET", f"/jobs/{JOB}/cancel", 405, "no"),
    "still": look(8, job("running", **RUNNING)),
    "young_list": listed(9, item("queued"), worker="other"),
    "done": look(21, job("done", **DONE)),
    "noted": look(25, job("done", **{**DONE, "note": "good"})),
    "old_list": listed(30, item("running"), worker="other"),
    "list": listed(40, item("done", log="done\n"), worker="other"),
    "late": look(600, job("done", **DONE)),
    "cancel": refused(620, "POST", f"/jobs/{JOB}/cancel", 409, "over"),
    "unknown": refused(630, "GET", f"/jobs/{NOBODY}", 404, "none", intent=UNKNOWN_ID),
    "unknown_to_bob": refused(
        640, "GET", f"/jobs/{NOBODY}", 404, "none", intent=UNKNOWN_ID, actor="bob"
    ),
    "foreign": refused(650, "GET", f"/jobs/{JOB}", 404, "none", actor="bob"),
    "missing": refused(660, "GET", f"/jobs/{JOB}", 401, "key?", actor=None, credentials="missing"),
    "wrong": refused(670, "GET", f"/jobs/{JOB}", 401, "key?", actor=None, credentials="wrong"),
    "malformed": refused(680, "POST", "/jobs", 422, "owner?", sent={"urgent": "yes"}),
    "misfiled": refused(
        684, "POST", "/jobs", 415, "JSON", sent={"owner": "ada"}, sent_as="text/plain"
    ),
    "misnamed": refused(686, "GET", "/jobs/42%20or%20so", 404, "none", intent=MALFORMED_ID),
    "bobs_list": listed(688, worker="bob", actor="bob"),
    "method": refused(690, "DELETE", f"/jobs/{JOB}", 405, "no"),
}
"""A life of one job, told by names; each rule of the rulebook meets its subject in it."""


def conforming() -> History:
    """Return the history in which every promise is kept."""
    return history(CONFORMING.values())


def without(*names: str, **others: Said) -> History:
    """Return the conforming history without some exchanges, and with others in their places."""
    told = {**CONFORMING, **others}
    return history(said for name, said in told.items() if name not in names)


def altered(name: str, *left_out: str, **changes: Any) -> History:
    """Return the conforming history with one of its exchanges changed."""
    return without(*left_out, **{name: evolve(CONFORMING[name], **changes)})


def reworded(name: str, *left_out: str, **members: Any) -> History:
    """Return the conforming history with members of one of its bodies changed."""
    return altered(name, *left_out, body={**CONFORMING[name].body, **members})


def violated(report: Report) -> set[str]:
    """Return the ids of the rules that a report says were broken."""
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED)}


def violations(seen: History, rulebook: Rulebook = ALL_RULES) -> set[str]:
    """Return the ids of the rules that a history breaks; no rule may be BROKEN."""
    report = judge(seen, rulebook)
    assert not report.with_verdict(Verdict.BROKEN), report.with_verdict(Verdict.BROKEN)
    return violated(report)
