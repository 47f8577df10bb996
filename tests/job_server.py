"""An honest server of the Jobs API, and ways to make it less honest, for tests of the suite."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field
from loopback import Loopback, Reply, Seen, serving
from runwright.emulator.tenants import Tenant
from runwright.suite.clock import SuiteClock
from runwright.suite.target import Target

ADA = Tenant("ada", "ada-secret-0123456789")
BEN = Tenant("ben", "ben-secret-0123456789")
SPEED = 40.0
"""How fast the clock of server and suite runs: a job's eight seconds take a fifth of one."""


@define
class Job:
    number: int
    owner: str
    created: float
    cancelled: float | None = None

    @property
    def id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"job {self.number}"))

    def status(self, now: float) -> str:
        age = now - self.created
        if self.cancelled is not None and self.cancelled <= now:
            return "cancelled"
        if age < 2:
            return "queued"
        return "running" if age < 8 else ("done", "failed", "done")[self.number % 3]


@define
class JobServer:
    """Answers requests below ``/api``; a fault is a name that the methods look for."""

    now: Callable[[], float]
    fault: str = ""
    base: str = "/api"
    jobs: dict[str, Job] = field(factory=dict)
    started: int = 0
    seen: list[Seen] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)

    def __call__(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            return self.answer(seen)

    def answer(self, seen: Seen) -> Reply:
        path = urlsplit(seen.path).path.removeprefix(self.base)
        if path == "/health":
            return Reply(body={}) if seen.method == "GET" else problem(405, "method")
        tenants = {ADA.token: ADA.name, BEN.token: BEN.name}
        who = tenants.get(seen.headers.get("x-key", ""))
        if who is None and self.fault == "open" and seen.method == "GET":
            who = ADA.name
        if who is None:
            return problem(401, "key")
        match [part for part in path.split("/") if part], seen.method:
            case ["jobs"], "POST":
                return self.start(seen, who)
            case ["jobs"], "GET":
                return Reply(body={"items": [self.item(job) for job in self.of(who)]})
            case ["jobs", "latest"], "GET":
                newest = list(self.of(who))[-1:]
                return Reply(body={"job": self.item(newest[0]) if newest else None})
            case ["jobs", key], "GET":
                job = self.find(key, who)
                return problem(404, "no such job") if job is None else Reply(body=self.show(job))
            case ["jobs", key, "cancel"], method if method == "POST" or self.fault == "obeys":
                return self.cancel(key, who)
            case _:
                return problem(405, "method")

    def of(self, who: str) -> Iterator[Job]:
        return (job for job in self.jobs.values() if job.owner == who)

    def find(self, key: str, who: str) -> Job | None:
        job = self.jobs.get(key)
        return job if job is not None and (job.owner == who or self.fault == "leak") else None

    def start(self, seen: Seen, who: str) -> Reply:
        if not seen.headers.get("content-type", "").startswith("application/json"):
            return problem(415, "no JSON")
        try:
            order = seen.json
        except (ValueError, RecursionError):
            return problem(422, "no JSON")
        owner = order.get("owner") if isinstance(order, dict) else None
        urgent = order.get("urgent", True) if isinstance(order, dict) else None
        if not isinstance(owner, str) or not owner or not isinstance(urgent, bool):
            return problem(422, "no order")
        job = Job(self.started, who, self.now())
        self.started += 1
        self.jobs[job.id] = job
        return Reply(status=202, body=self.show(job))

    def cancel(self, key: str, who: str) -> Reply:
        job = self.find(key, who)
        if job is None:
            return problem(404, "no such job")
        if job.status(self.now()) not in ("queued", "running"):
            return problem(409, "over")
        job.cancelled = self.now()
        return Reply(body=self.show(job))

    def item(self, job: Job) -> dict[str, Any]:
        return {k: v for k, v in self.show(job).items() if k in ("id", "status", "owner", "log")}

    def show(self, job: Job) -> dict[str, Any]:
        now = self.now()
        status = job.status(now)
        if self.fault == "reopens" and status == "done" and len(self.seen) % 2:
            status = "running"
        return {
            "id": job.id,
            "status": status,
            "owner": job.owner,
            "created_at": datetime.fromtimestamp(job.created, UTC).isoformat(),
            "log": "started\n" if status != "queued" else "",
            "result": {"size": job.number} if status == "done" else None,
        }


def problem(status: int, code: str) -> Reply:
    return Reply(status=status, body={"code": code})


@contextmanager
def jobs_served(
    fault: str = "", base: str = "/api"
) -> Iterator[tuple[JobServer, Target, Loopback]]:
    """Serve jobs on loopback; yields the server, the suite's target, and the wire."""
    clock = SuiteClock(SPEED)
    jobs = JobServer(clock.now, fault, base)
    with serving() as loopback:
        loopback.answer(jobs)
        target = Target(
            url=loopback.url + base,
            tenants=(ADA, BEN),
            parameters={},
            speed=SPEED,
            patience=200.0,
            now=clock.now,
        )
        yield jobs, target, loopback
