"""Lives of runs in both generations of Nekt's emulator, over loopback, by a clock we move."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from nekt_guest import Guest, staying
from runwright.emulator.tenants import ALICE, BOB

APIS = ("nekt", "nekt_v2")
ENDS = {"success", "failed", "canceled"}
KINDS = ("sources", "transformations", "destinations")


@pytest.fixture(params=APIS)
def guest(request: pytest.FixtureRequest) -> Iterator[Guest]:
    with staying(request.param) as guest:
        yield guest


@pytest.fixture
def nested() -> Iterator[Guest]:
    with staying("nekt") as guest:
        yield guest


@pytest.fixture
def flat() -> Iterator[Guest]:
    with staying("nekt_v2") as guest:
        yield guest


def runs_of(guest: Guest, *query: tuple[str, Any], **options: Any) -> list[Any]:
    found: list[Any] = guest.get("/runs/", ("page_size", 100), *query, **options)["results"]
    return found


def trigger_of(run: Any) -> str:
    return str(run.get("trigger_type") or run["trigger"]["type"])


def life(guest: Guest, run_id: str, step: float = 0.25) -> list[Any]:
    """Look at a run again and again until it has ended."""
    looks = [guest.look(run_id)]
    while looks[-1]["status"] not in ENDS:
        assert len(looks) < 400
        guest.clock.advance(step)
        looks.append(guest.look(run_id))
    return looks


def run_until(guest: Guest, slug: str, end: str) -> Any:
    """Start runs, one after the other, until one ends as wanted, and return it."""
    for _ in range(12):
        last = life(guest, guest.trigger(slug)["id"], 1.0)[-1]
        if last["status"] == end:
            return last
    raise AssertionError(f"none of twelve runs ended in {end}")


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def own(run: Any) -> Any:
    """A run without what moves after its end: its pipeline goes on, its token is used again."""
    return {name: run[name] for name in run if name not in ("pipeline", "triggered_by_token")}


# ---- lives -----------------------------------------------------------------------------------


def test_a_run_moves_by_the_clock_and_not_by_being_looked_at(guest: Guest) -> None:
    run, twin = guest.trigger(guest.slugs()[0]), guest.trigger(guest.slugs()[0])
    assert run["id"] != twin["id"]
    assert run["status"] == twin["status"] == "queued"
    looks = life(guest, run["id"])
    seen = list(dict.fromkeys(look["status"] for look in looks))
    assert seen in (["queued", "running", seen[-1]], ["queued", seen[-1]])
    guest.clock.advance(86_400)
    assert own(guest.look(run["id"])) == own(looks[-1])
    assert guest.look(twin["id"])["status"] in ENDS


def test_what_becomes_of_a_run_does_not_depend_on_who_looks(guest: Guest) -> None:
    run = guest.trigger(guest.slugs()[0])
    often = life(guest, run["id"])[-1]
    with staying(guest.api) as other:
        same = other.trigger(other.slugs()[0])
        assert same["id"] == run["id"]
        other.clock.advance(300)
        seldom = other.look(same["id"])
    assert own(seldom) == own(often)


def test_runs_end_in_every_way_and_some_at_once(guest: Guest) -> None:
    slug = guest.slugs()[0]
    ids = [guest.trigger(slug)["id"] for _ in range(7)]
    guest.clock.advance(0.6)
    assert "success" in {guest.look(run)["status"] for run in ids}
    guest.clock.advance(120)
    ended = [guest.look(run) for run in ids]
    assert {run["status"] for run in ended} == {"success", "failed"}
    assert any(run["started_at"] is None for run in ended)


def test_logs_grow(nested: Guest) -> None:
    texts = [look["log"]["parsed_log"] for look in life(nested, _long_run(nested))]
    assert len(set(texts)) > 4
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))


def _long_run(guest: Guest) -> str:
    """Start runs until one is still at work after some time, and return its id."""
    ids = [guest.trigger(guest.slugs()[0])["id"] for _ in range(7)]
    guest.clock.advance(6.0)
    return str(next(run for run in ids if guest.look(run)["status"] == "running"))


# ---- what happens by itself ------------------------------------------------------------------


@pytest.mark.parametrize("tenant", [ALICE, BOB], ids=lambda tenant: tenant.name)
def test_both_tenants_have_pipelines_and_a_past(guest: Guest, tenant: Any) -> None:
    assert [len(guest.slugs(tenant, kind)) for kind in KINDS] == [3, 2, 2]
    past = runs_of(guest, tenant=tenant)
    assert {trigger_of(run) for run in past} == {"manual", "cron", "event"}
    assert {run["status"] for run in past} >= ENDS
    created = [run["created_at"] for run in past]
    assert created == sorted(created, reverse=True)


def test_a_user_cancels_a_run_in_the_app(guest: Guest) -> None:
    seen = set()
    for _ in range(40):
        guest.clock.advance(2.0)
        seen |= {run["status"] for run in runs_of(guest)}
    assert seen >= {"queued", "running", "cancelling", "canceled"}


def test_schedules_fire(guest: Guest) -> None:
    before = {run["id"] for run in runs_of(guest)}
    guest.clock.advance(1900)
    new = [run for run in runs_of(guest) if run["id"] not in before and trigger_of(run) == "cron"]
    assert [run["created_at"][11:] for run in new] == ["09:30:00.000Z"]


def test_only_success_fires_event_triggers(nested: Guest) -> None:
    slug, dependent = nested.slugs()[0], nested.slugs(kind="transformations")[0]
    nested.clock.advance(900)  # until nothing is left that fires by itself
    for end, fires in (("failed", False), ("success", True)):
        before = {run["id"] for run in runs_of(nested, ("pipeline", dependent))}
        ended = run_until(nested, slug, end)
        new = [r for r in runs_of(nested, ("pipeline", dependent)) if r["id"] not in before]
        assert [r["trigger_type"] for r in new if r["created_at"] == ended["ended_at"]] == [
            "event"
        ] * fires


def test_a_run_waits_for_all_of_its_events(flat: Guest) -> None:
    # It has heard of the one source; the other one never runs by itself.
    report = flat.get("/transformations/")["results"][1]
    pending = flat.look(report["last_run"])
    assert pending["status"] == report["status"] == "pending_events"
    assert pending["trigger"] | {"type": "event", "event_rule": "all"} == pending["trigger"]
    assert pending["started_at"] is None
    flat.clock.advance(600)
    assert flat.look(pending["id"])["status"] == "pending_events"
    run_until(flat, flat.slugs()[2], "success")
    assert life(flat, pending["id"])[-1]["status"] in ENDS


# ---- cancel ----------------------------------------------------------------------------------


def test_a_queued_run_is_canceled_at_once(guest: Guest) -> None:
    run = guest.trigger(guest.slugs()[0])
    canceled = guest.cancel(run["id"]).body
    assert (canceled["status"], canceled["started_at"]) == ("canceled", None)
    assert canceled["ended_at"] is not None
    guest.clock.advance(60)
    assert own(guest.look(run["id"])) == own(canceled)


def test_a_run_that_waits_for_events_is_canceled_at_once(flat: Guest) -> None:
    pending = runs_of(flat, ("status", "pending_events"))[0]
    assert flat.cancel(pending["id"]).body["status"] == "canceled"


def test_a_running_run_takes_some_time_to_stop(guest: Guest) -> None:
    run = _long_run(guest)
    assert guest.cancel(run).body["status"] == "cancelling"
    guest.clock.advance(1.0)
    assert guest.cancel(run).body["status"] == "cancelling"
    looks = life(guest, run)
    assert [looks[0]["status"], looks[-1]["status"]] == ["cancelling", "canceled"]


def test_a_run_may_end_before_the_stop_takes_effect(guest: Guest) -> None:
    run = _long_run(guest)
    with staying(guest.api) as twin:  # the same run, undisturbed, tells when it would end
        assert _long_run(twin) == run
        undisturbed = life(twin, run)[-1]
    guest.clock.reach(instant(undisturbed["ended_at"]) - 0.3)
    assert guest.cancel(run).body["status"] == "cancelling"
    guest.clock.advance(0.5)
    ended = guest.look(run)
    assert ended["status"] == undisturbed["status"] != "canceled"
    assert ended["ended_at"] == undisturbed["ended_at"]


def test_a_run_that_has_ended_is_left_alone(guest: Guest) -> None:
    for run in [run for run in runs_of(guest) if run["status"] in ENDS][-5:]:
        answer = guest.cancel(run["id"])
        assert answer.status == 200
        assert own(answer.body) == own(run)
