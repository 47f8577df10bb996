"""Pipe0 as it might go wrong with credits, the queue and cancels."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from runwright.emulator.call import Call, Reply
from runwright.emulator.mutant import mutant
from runwright.emulator.worlds.pipe0 import Pipe0
from runwright.emulator.worlds.pipes.life import Run
from runwright.validation import JSON


@mutant(breaks="pipe0.credits.spent-is-an-amount", family="body")
class ThirdsAreBilled(Pipe0):
    """A discount is taken off each price in binary fractions, which nobody rounds any more."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        return {**super().render_run(run, now), "credits": {"spent": self.spent(run, now) * 2 / 3}}


@mutant(breaks="pipe0.run.credits-spent-never-decreases", family="polls")
class ReserveCountsAsSpent(Pipe0):
    """Credits for all rows are taken when work begins; what was not needed comes back."""

    def spent(self, run: Run, now: float) -> float:
        spent = super().spent(run, now)
        at_work = run.script.at(now) == "processing" and run.environment == "production"
        return spent + len(run.plan.rows) if at_work else spent


@mutant(breaks="pipe0.run.credits-spent-is-final", family="polls")
class InvoicesComeLate(Pipe0):
    """Providers send their invoices after the run, and their fees are added to what it has cost."""

    def spent(self, run: Run, now: float) -> float:
        late = now > run.script.end + 1.5 and run.environment == "production"
        return super().spent(run, now) + (1.0 if late else 0.0)


@mutant(breaks="pipe0.credits.stated-after-start", family="body")
class NothingSpentIsNotStated(Pipe0):
    """The serializer leaves out what is false, as 0 is in its language."""

    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        body = super().render_run(run, now)
        return body if self.spent(run, now) else {k: v for k, v in body.items() if k != "credits"}


@mutant(breaks="pipe0.credits.sandbox-is-free", family="keys")
class SandboxIsBilled(Pipe0):
    """Bills are written from the log of finished cells, which does not tell the environment."""

    def spent(self, run: Run, now: float) -> float:
        return super().spent(evolve(run, environment="production"), now)


@mutant(breaks="pipe0.cancel.answers-canceled", family="polls")
class CancelAnswersFromTheReplica(Pipe0):
    """The answer to a cancel is read from a replica that has not heard of it yet."""

    def cancel(self, call: Call) -> Reply:
        before = self.render_run(self.find(call, call.path["run_id"]), call.now)
        return super().cancel(call).with_body(before)


@mutant(breaks="pipe0.cancel.refuses-begun-runs", family="polls")
class LateCancelIsAcknowledged(Pipe0):
    """What is at work is asked to stop as well now, in a new state, which no worker looks at."""

    def cancel(self, call: Call) -> Reply:
        run = self.find(call, call.path["run_id"])
        if self.status_of_run(run, call.now) != "processing":
            return super().cancel(call)
        return Reply(200, {**self.render_run(run, call.now), "status": "canceling"})


@mutant(breaks="pipe0.admission.says-priority-and-capacity", family="protocol")
class ProxyDropsHeaders(Pipe0):
    """A new proxy lets only those headers through that are on its list."""

    def admission(self, call: Call) -> Mapping[str, str]:
        return {
            name: value
            for name, value in super().admission(call).items()
            if name != "X-Task-Priority"
        }


@mutant(breaks="pipe0.run.id-matches-path", family="protocol")
class CacheKeyIsTheRoute(Pipe0):
    """Answers are cached by route and key, not by path: who asks gets the run of the last time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: dict[str, str] = {}

    def check(self, call: Call) -> Reply:
        run = self.find(call, call.path["run_id"])
        before = self.asked.get(call.tenant.name, run.id)
        self.asked[call.tenant.name] = run.id
        return Reply(200, self.render_run(self.find(call, before), call.now))
