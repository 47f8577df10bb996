"""What both generations of Nekt's emulator answer: pages, filters, forms, keys, expansions."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nekt_guest import NOWHERE, STRANGER, Guest, staying, tour
from runwright.emulator.tenants import ALICE, BOB
from runwright.judge import judge
from runwright.ledger import READINGS, Reading
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import Operation, load_spec, schema_name
from runwright.validation import whole_of

APIS = ("nekt", "nekt_v2")
REFERENCES = ("source", "destination", "transformation", "triggered_by", "triggered_by_token")


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


# ---- lists -----------------------------------------------------------------------------------


def test_pages_lead_through_all_runs(guest: Guest) -> None:
    whole = guest.get("/runs/", ("page_size", 100))
    assert (whole["next"], whole["previous"]) == (None, None)
    found, url = [], "/api/v1/runs/?page_size=7"
    while url:
        page = guest.client.get(url, headers={"x-api-key": ALICE.token}).json()
        assert page["count"] == whole["count"]
        found += [run["id"] for run in page["results"]]
        assert (page["previous"] is None) == (len(found) <= 7)
        url = page["next"]
    assert found == [run["id"] for run in whole["results"]]
    assert len(guest.get("/runs/")["results"]) == 10


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        (("page", 99), 404, {"detail": "Invalid page."}),
        (("page", 0), 400, ["page"]),
        (("page_size", "many"), 400, ["page_size"]),
        (("status", "archived"), 400, ["status"]),
    ],
)
def test_pages_that_are_none(guest: Guest, query: Any, status: int, body: Any) -> None:
    answer = guest.send("GET", "/runs/", (query,))
    assert answer.status == status
    assert (answer.body if isinstance(body, dict) else list(answer.body)) == body


def test_runs_are_filtered(guest: Guest) -> None:
    runs = guest.get("/runs/", ("page_size", 100))["results"]
    for status in ("success", "canceled", "cancelling"):
        found = guest.get("/runs/", ("page_size", 100), ("status", status))["results"]
        assert {run["id"] for run in found} == {r["id"] for r in runs if r["status"] == status}


def test_runs_are_filtered_by_pipeline(nested: Guest) -> None:
    slug = nested.slugs()[1]
    found = nested.get("/runs/", ("pipeline", slug))["results"]
    assert {run["pipeline"]["slug"] for run in found} == {slug}


def test_owners_are_filtered_by_their_last_run(guest: Guest) -> None:
    owners = guest.get("/sources/")["results"]
    states = [_last_status(guest, owner) for owner in owners]
    assert states[2] is None
    for wanted in ({"success"}, {"failed", "canceled"}, {"queued", "running", "success"}):
        found = guest.get("/sources/", ("last_run_status", ",".join(sorted(wanted))))["results"]
        expected = [o["id"] for o, s in zip(owners, states, strict=True) if s in wanted]
        assert [owner["id"] for owner in found] == expected
    doing = ("pipeline_current_status", "failed")
    for owner in guest.get("/transformations/", doing)["results"]:
        assert owner.get("status", owner.get("pipeline_current_status")) == "failed"


def _last_status(guest: Guest, owner: Mapping[str, Any]) -> str | None:
    last = owner["last_run"]
    if last is None:
        return None
    return str(last["status"] if isinstance(last, dict) else guest.look(last)["status"])


def test_owners_show_their_newest_run(guest: Guest) -> None:
    slug = guest.slugs()[2]
    run = guest.trigger(slug)
    owner = guest.get("/sources/")["results"][2]
    last = owner["last_run"]
    assert (last["id"] if isinstance(last, dict) else last) == run["id"]
    assert owner.get("status", owner.get("pipeline_current_status")) == "queued"
    transformation = guest.get("/transformations/")["results"][0]
    assert guest.get(f"/transformations/{transformation['id']}/") == transformation


def test_a_pipeline_shows_its_latest_run(nested: Guest) -> None:
    slug = nested.slugs()[0]
    run = nested.trigger(slug)["id"]
    before = nested.get(f"/pipelines/{slug}/")
    assert before["current_status"] == "queued"
    assert before["latest_run_status"] in ("success", "failed", "canceled")
    while nested.look(run)["status"] == "queued":
        nested.clock.advance(0.5)
    body = nested.look(run)
    latest = nested.get(f"/pipelines/{slug}/")
    assert (latest["latest_run_started"], latest["latest_run_ended"]) == (body["started_at"], None)
    assert latest["latest_run_status"] == latest["current_status"] == "running"
    assert body["pipeline"] == latest


# ---- starts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "full"),
    [("true", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False)],
)
def test_forms_start_runs(flat: Guest, text: str, full: bool) -> None:
    answer = flat.send("POST", f"/pipelines/{flat.slugs()[0]}/trigger/", form={"full_sync": text})
    assert (answer.status, answer.body["full_sync"]) == (201, full)
    assert answer.body["trigger"]["type"] == "manual"
    assert answer.body["triggered_by_token"] is not None


def test_a_run_may_be_started_without_a_form(guest: Guest) -> None:
    answer = guest.send("POST", f"/pipelines/{guest.slugs()[0]}/trigger/")
    assert (answer.status, answer.body["status"]) == (201, "queued")


def test_what_starts_no_run(guest: Guest) -> None:
    path = f"/pipelines/{guest.slugs()[0]}/trigger/"
    wrong = guest.send("POST", path, form={"full_sync": "maybe"})
    assert (wrong.status, list(wrong.body)) == (400, ["full_sync"])
    assert guest.send("POST", path, body={"full_sync": True}).status == 415
    nothing = guest.send("POST", "/pipelines/nothing/trigger/")
    assert (nothing.status, nothing.body) == (404, {"detail": "Not found."})
    assert guest.send("POST", f"/runs/{NOWHERE}/cancel/", body=[]).status == 400


# ---- keys and tenants ------------------------------------------------------------------------


def test_keys_are_needed(guest: Guest) -> None:
    for operation in load_spec(guest.api).operations.values():
        path = operation.path.removeprefix("/api/v1")
        missing = guest.send(operation.method, path, tenant=None)
        assert missing.status == 401
        assert missing.body == {"detail": "Authentication credentials were not provided."}
        wrong = guest.send(operation.method, path, tenant=STRANGER)
        assert (wrong.status, wrong.body) == (401, {"detail": "Invalid API key."})


def test_tenants_see_nothing_of_each_other(guest: Guest) -> None:
    own = {run["id"] for run in guest.get("/runs/", ("page_size", 100))["results"]}
    others = guest.get("/runs/", ("page_size", 100), tenant=BOB)["results"]
    assert not own & {run["id"] for run in others}
    assert not set(guest.slugs()) & set(guest.slugs(BOB))
    for run in (others[0]["id"], NOWHERE):
        answer = guest.send("GET", f"/runs/{run}/")
        assert (answer.status, answer.body) == (404, {"detail": "Not found."})
    assert guest.cancel(others[0]["id"]).body == {"detail": "Not found."}
    assert guest.send("POST", f"/pipelines/{guest.slugs(BOB)[0]}/trigger/").status == 404


@pytest.mark.parametrize("reading", READINGS)
def test_who_started_a_run(reading: Reading) -> None:
    with staying("nekt", reading=reading) as guest:
        guest.trigger(guest.slugs()[0])
        runs = {r["trigger_type"]: r for r in guest.get("/runs/", ("page_size", 100))["results"]}
    assert runs["manual"]["triggered_by"]["email"].endswith("@example.com")
    assert "****" in runs["api"]["triggered_by_token"]["token"]
    for kind in ("cron", "event"):
        actors = [runs[kind][name] for name in ("triggered_by", "triggered_by_token")]
        # The seed marks both as objects; the newest reading has null.
        assert all(isinstance(actor, dict) for actor in actors) == (reading == "seed")
        assert not any(actor and actor.get("id") for actor in actors)
    assert (runs["api"]["log"] is None) == (reading == "current")


# ---- expansions ------------------------------------------------------------------------------


def test_references_expand_in_place(flat: Guest) -> None:
    run = flat.trigger(flat.slugs()[0])["id"]
    names = tuple(("expand[]", name) for name in REFERENCES)
    for asked in [run, *(r["id"] for r in flat.get("/runs/")["results"])]:
        plain, expanded = flat.look(asked), flat.get(f"/runs/{asked}/", *names)
        for name in REFERENCES:
            assert isinstance(expanded[name], dict) == (plain[name] is not None)
            assert plain[name] == (expanded[name] and expanded[name]["id"])
        assert {k: v for k, v in plain.items() if k not in REFERENCES} == {
            k: v for k, v in expanded.items() if k not in REFERENCES
        }


def test_dots_lead_deeper(flat: Guest) -> None:
    run = flat.trigger(flat.slugs()[0])["id"]
    deep = flat.get(f"/runs/{run}/", ("expand[]", "source.last_run.source.last_run"))
    assert deep["source"]["last_run"]["source"]["last_run"]["source"] == deep["source"]["id"]
    too_deep = flat.send("GET", f"/runs/{run}/", (("expand[]", "source." * 4 + "last_run"),))
    assert (too_deep.status, list(too_deep.body)) == (400, ["expand[]"])


def test_lists_owners_and_cancels_expand(flat: Guest) -> None:
    source = flat.get(f"/sources/{flat.slugs()[0]}/", ("expand[]", "last_run.source"))
    assert source["last_run"]["source"]["id"] == source["id"]
    listed = flat.get("/sources/", ("expand[]", "last_run"))["results"][0]
    assert listed["last_run"]["id"] == source["last_run"]["id"]
    runs = flat.get("/runs/", ("expand[]", "nothing_such"), ("expand[]", "source"))["results"]
    assert {type(run["source"]) for run in runs} <= {dict, type(None)}
    run = flat.trigger(flat.slugs()[0])["id"]
    canceled = flat.send("POST", f"/runs/{run}/cancel/", (("expand[]", "triggered_by_token"),))
    assert "****" in canceled.body["triggered_by_token"]["token"]
    assert flat.send("GET", f"/sources/{flat.slugs(kind='destinations')[0]}/").status == 404


# ---- as a whole ------------------------------------------------------------------------------


def test_a_seed_decides_everything(guest: Guest) -> None:
    def answers(seed: int) -> list[bytes]:
        with staying(guest.api, seed=seed) as visitor:
            run = visitor.trigger(visitor.slugs()[0])["id"]
            visitor.clock.advance(10)
            visitor.look(run)
            visitor.get("/runs/")
            port = visitor.emulator.url.encode()
            return [e.response.content.replace(port, b"") for e in visitor.exchanges]

    assert answers(7) == answers(7) != answers(8)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("api", APIS)
def test_an_honest_emulator_keeps_every_rule(api: str, reading: Reading) -> None:
    with staying(api, seed=3, reading=reading) as guest:
        tour(guest)
        results = judge(guest.history, load_rulebook(api), reading=reading).results
    assert {r.rule: r.verdict for r in results} == {r.rule: Verdict.HOLDS for r in results}


VALUES = st.one_of(
    st.integers(-2, 12).map(str),
    st.sampled_from(["queued", "success,failed", "true", "", "source.last_run", "triggered_by"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6),
)
BODIES = st.one_of(
    st.just(b""), st.just(b"{}"), st.just(b"[]"), st.just(b"full_sync=1"), st.binary(max_size=6)
)
MEDIA = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""])


@pytest.mark.parametrize("api", APIS)
def test_every_answer_fits_the_spec(api: str) -> None:
    with staying(api, seed=11) as guest:
        spec = load_spec(api)
        places = _places(guest)

        @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(data=st.data())
        def ask(data: st.DataObject) -> None:
            operation = data.draw(st.sampled_from(list(spec.operations.values())))
            path = operation.path
            for name in operation.pattern.groupindex:
                value = data.draw(
                    st.sampled_from(places) | st.text("aé-0_", min_size=1, max_size=4)
                )
                path = path.replace(f"{{{name}}}", value)
            known = [p["name"] for p in operation.parameters if p["in"] == "query"]
            query: list[tuple[str, Any]] = data.draw(
                st.lists(st.tuples(st.sampled_from([*known, "other"]), VALUES), max_size=3)
            )
            answer = guest.client.request(
                operation.method,
                path,
                params=query,
                headers={
                    "x-api-key": data.draw(st.sampled_from([ALICE.token, BOB.token, "nobody"])),
                    "content-type": data.draw(MEDIA),
                },
                content=b"" if operation.is_safe else data.draw(BODIES),
            )
            guest.clock.advance(data.draw(st.floats(0.0, 5.0)))
            _fits(guest, operation, answer.status_code, answer.json())

        ask()


def _places(guest: Guest) -> list[str]:
    runs = [run["id"] for run in guest.get("/runs/")["results"]]
    transformations = [owner["id"] for owner in guest.get("/transformations/")["results"]]
    return [*guest.slugs(), *guest.slugs(kind="transformations"), *runs, *transformations]


def _fits(guest: Guest, operation: Operation, status: int, body: Any) -> None:
    spec = load_spec(guest.api)
    assert operation.documents(status), (operation.id, status, body)
    name = schema_name(spec.response_schema(operation, status))
    assert name is not None
    assert list(whole_of(spec, name).errors(body)) == []
