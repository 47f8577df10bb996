"""What a history met of a spec: operations that were called, states and edges that were seen."""

import jobs
from runwright.coverage import EdgeSeen, LifecycleSeen, lifecycles_seen, operations_seen
from runwright.history import History
from runwright.trace import Observation


def job_seen(*said: jobs.Said) -> LifecycleSeen:
    seen = lifecycles_seen(Observation(jobs.SPEC, jobs.history(said)))
    return next(lifecycle for lifecycle in seen if lifecycle.thing == "job")


def looks(*statuses: str, **more: object) -> list[jobs.Said]:
    return [jobs.look(at, jobs.job(status), **more) for at, status in enumerate(statuses)]


def edge(seen: LifecycleSeen, source: str, target: str) -> EdgeSeen:
    return next(e for e in seen.edges if (e.source, e.target) == (source, target))


def test_every_operation_is_listed_with_its_answers() -> None:
    said = [*looks("queued", "running"), jobs.refused(5, "GET", f"/jobs/{jobs.JOB}", 404, "none")]
    seen = {o.id: o for o in operations_seen(Observation(jobs.SPEC, jobs.history(said)))}
    assert set(seen) == set(jobs.SPEC.operations)
    read = next(o for o in seen.values() if o.calls)
    assert (read.method, read.calls, read.answers) == ("GET", 3, {"200": 2, "404": 1})
    assert sum(o.calls for o in seen.values()) == 3


def test_edges_between_looks_in_a_row_are_seen() -> None:
    seen = job_seen(*looks("queued", "queued", "running", "done", "done"))
    assert edge(seen, "queued", "running").seen == 1
    assert edge(seen, "running", "done").seen == 1
    assert edge(seen, "running", "failed").seen == 0
    assert {s.name: s.seen for s in seen.states if s.seen} == {"queued": 1, "running": 1, "done": 1}
    assert seen.leaps == ()


def test_a_leap_implies_only_the_edges_that_every_way_takes() -> None:
    seen = job_seen(*looks("queued", "done"))
    assert [(leap.source, leap.target, leap.allowed) for leap in seen.leaps] == [
        ("queued", "done", True)
    ]
    assert edge(seen, "queued", "running").implied == 1
    # From running to done there is a way over failed and retrying, too.
    assert edge(seen, "running", "done").implied == 0
    assert edge(seen, "queued", "running").seen == 0


def test_a_change_that_nothing_leads_to_is_told_apart() -> None:
    seen = job_seen(*looks("done", "running"))
    assert [(leap.source, leap.target, leap.allowed) for leap in seen.leaps] == [
        ("done", "running", False)
    ]
    assert all(not e.implied for e in seen.edges)


def test_unknown_statuses_are_strangers() -> None:
    seen = job_seen(*looks("queued", "on-holiday", "running"))
    assert seen.strangers == {"on-holiday": 1}
    assert seen.leaps == ()
    assert edge(seen, "queued", "running").seen == 0


def test_looks_whose_order_is_unclear_show_no_edge() -> None:
    first = jobs.look(0, jobs.job("queued"), worker="a", took=2)
    second = jobs.look(1, jobs.job("running"), worker="b", took=2)
    seen = job_seen(first, second)
    assert edge(seen, "queued", "running").seen == 0


def test_inferred_edges_and_first_states_are_marked() -> None:
    seen = job_seen()
    assert edge(seen, "paused", "cancelled").inferred
    assert not edge(seen, "running", "paused").inferred
    assert [state.name for state in seen.states if state.initial] == ["queued", "rejected"]


def test_views_of_one_thing_are_one_lifecycle() -> None:
    things = [seen.thing for seen in lifecycles_seen(Observation(jobs.SPEC, History(exchanges=())))]
    assert sorted(things) == ["cell", "job", "step"]
