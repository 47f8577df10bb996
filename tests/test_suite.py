"""The active suite against servers on loopback: one of an API that it was never told of, and
the emulators.
"""

import contextlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from job_server import ADA, BEN, jobs_served
from jobs import ALL_RULES, RULEBOOK
from loopback import Reply, serving
from runwright.budget import Budget
from runwright.form import FORM, decode_form
from runwright.history import UNKNOWN_ID, Exchange, History, dump_history, parse_history
from runwright.judge import judge
from runwright.probe import Probe, open_session
from runwright.report import Report, Verdict
from runwright.rule import Level
from runwright.rulebook import load_rulebook
from runwright.spec import Operation, apis, load_spec
from runwright.suite.audit import Audit, run_suite
from runwright.suite.bodies import Body, bodies, broken_bodies, encode_body, media_of
from runwright.suite.draft import address
from runwright.suite.keyring import Keyring
from runwright.suite.observe import Progress
from runwright.suite.places import Places
from runwright.suite.plan import draw_plans
from runwright.suite.profile import PROFILES, QUICK
from runwright.suite.programme import Programme, draw_programme
from runwright.suite.target import (
    CredentialsError,
    Target,
    emulated,
    keyring_of,
    tenants_from_environment,
)
from runwright.trace import Observation
from runwright.validation import compile_schema

pytest_plugins = ["pytester"]

SMALL = evolve(QUICK, name="small", plans=7, others=1, spread=4, bodies=3)


def violated(report: Report) -> set[str]:
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)}


def unmet(report: Report) -> set[str]:
    return {
        result.rule
        for result in report.with_verdict(Verdict.UNKNOWN)
        if result.level is not Level.INFERRED and result.unwitnessed is None
    }


# ---- an API that the suite has never heard of ------------------------------------------------


@pytest.fixture(scope="module")
def audit() -> Audit:
    with jobs_served() as (_, target, _):
        return run_suite(ALL_RULES, target=target, profile=QUICK)


def test_an_honest_server_conforms(audit: Audit) -> None:
    assert violated(audit.report) == set()
    held = {result.rule for result in audit.report.with_verdict(Verdict.HOLDS)}
    assert {
        "jobs.job.terminal-is-final",
        "jobs.job.states-move-forward",
        "jobs.job.frozen-once-ended",
        "jobs.job.begins-initial",
        "jobs.job.id-matches-path",
        "jobs.job.stays-readable",
        "jobs.protocol.malformed-input-is-refused",
        "jobs.protocol.wrong-method-is-refused",
        "jobs.protocol.safe-methods-change-nothing",
        "jobs.protocol.unknown-id-is-not-found",
        "jobs.security.missing-credentials-are-refused",
        "jobs.security.wrong-credentials-are-refused",
        "jobs.security.foreign-run-looks-unknown",
        "jobs.security.no-secret-is-echoed",
    } <= held


def test_runs_are_led_from_start_past_the_end(audit: Audit) -> None:
    observation = Observation(ALL_RULES.spec, audit.history)
    whole = [trace for trace in observation.traces if trace.thing == "job" and trace.is_whole]
    assert len(whole) >= QUICK.plans
    ends = {trace.looks[-1].status for trace in whole}
    assert ends == {"done", "failed", "cancelled"}
    for trace in whole:
        assert sum(look.is_terminal for look in trace.looks) >= 2
    seen = {look.status for trace in whole for look in trace.looks}
    assert {"queued", "running"} <= seen


def test_every_kind_of_asker_was_there(audit: Audit) -> None:
    exchanges = audit.history.exchanges
    assert {e.actor for e in exchanges if e.credentials == "valid"} == {ADA.name, BEN.name}
    assert {e.credentials for e in exchanges} == {"valid", "missing", "wrong"}
    assert {e.actor for e in exchanges if e.intent == UNKNOWN_ID} == {ADA.name, BEN.name}


def test_a_history_is_whole_and_holds_no_secret(audit: Audit) -> None:
    dumped = dump_history(audit.history)
    assert ADA.token.encode() not in dumped
    assert BEN.token.encode() not in dumped
    again = parse_history(dumped)
    assert judge(again, ALL_RULES) == audit.report
    assert audit.spent.requests == len(audit.history.exchanges)
    assert "seed 0, profile quick" in audit.history.notes


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("reopens", "jobs.job.terminal-is-final"),
        ("leak", "jobs.security.foreign-run-looks-unknown"),
        ("open", "jobs.security.missing-credentials-are-refused"),
        ("obeys", "jobs.protocol.safe-methods-change-nothing"),
    ],
)
def test_a_fault_is_found(fault: str, rule: str) -> None:
    with jobs_served(fault) as (_, target, _):
        report = run_suite(ALL_RULES, target=target, profile=SMALL).report
    assert rule in violated(report)


def test_a_server_may_stand_at_any_base_path() -> None:
    with jobs_served(base="/proxy/of/jobs") as (_, target, _):
        report = run_suite(RULEBOOK, target=target, profile=SMALL).report
    assert violated(report) == set()
    assert report.runs >= SMALL.plans


# ---- what it spends --------------------------------------------------------------------------


def test_the_budget_is_kept() -> None:
    with jobs_served() as (server, target, wire):
        budget = Budget(max_requests=40, max_runs=3)
        audit = run_suite(ALL_RULES, target=target, profile=SMALL, budget=budget)
        assert server.started == 3
        assert len(wire.seen) == 40
    assert (audit.spent.requests, audit.spent.runs) == (40, 3)
    assert "the budget of 3 run-starting requests is spent" in audit.remarks
    assert "the budget of 40 requests is spent" in audit.remarks
    assert any("probes were not sent" in remark for remark in audit.remarks)
    assert violated(audit.report) == set()


def test_an_observer_only_reads_and_can_watch_a_run() -> None:
    with jobs_served() as (server, target, wire):
        first = run_suite(ALL_RULES, target=target, profile=evolve(SMALL, plans=1, others=0))
        job = next(job for job in server.jobs.values() if job.owner == ADA.name)
        wire.seen.clear()
        audit = run_suite(
            ALL_RULES,
            target=target,
            profile=SMALL,
            budget=Budget(observe_only=True),
            watch=(job.id,),
        )
        assert {seen.method for seen in wire.seen} == {"GET"}
        assert server.started == first.report.runs
    trace = Observation(ALL_RULES.spec, audit.history).trace(job.id)
    assert trace is not None
    assert len(trace.looks) >= 3
    assert audit.spent.runs == 0


def test_progress_ends_where_it_should() -> None:
    told: list[Progress] = []
    with jobs_served() as (_, target, _):
        run_suite(ALL_RULES, target=target, profile=SMALL, tell=told.append)
    assert [p.phase for p in told if p.done == 0][:1] == ["plan"]
    probes = [progress for progress in told if progress.phase == "probe"]
    assert all(progress.done <= progress.total for progress in probes)
    assert told[-1].phase == "judge"
    assert told[-1].done == told[-1].total


def test_a_server_that_is_down_is_no_violation() -> None:
    with jobs_served() as (_, target, _):
        gone = evolve(target, url="http://127.0.0.1:9/api", patience=20.0)
        audit = run_suite(ALL_RULES, target=gone, profile=SMALL)
    assert violated(audit.report) == set()
    assert {e.status for e in audit.history.exchanges} == {None}
    assert len(audit.history.exchanges) == 5
    assert "the server did not answer, so nothing more was sent" in audit.remarks


# ---- what it decides beforehand --------------------------------------------------------------


def programme_of(api: str, seed: int, *, careful: bool = True) -> Programme:
    spec = load_spec(api)
    keyring = Keyring(spec=spec, owner=ADA, other=BEN)
    return draw_programme(spec, keyring, seed=seed, profile=SMALL, careful=careful)


def said(programme: Programme) -> list[str]:
    return [*map(str, programme.plans), *map(str, programme.drafts)]


@pytest.mark.parametrize("api", apis())
def test_the_same_seed_decides_the_same(api: str) -> None:
    one, two, other = (said(programme_of(api, seed)) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_schemathesis_generates_the_same_for_a_seed() -> None:
    spec = load_spec("nekt")
    keyring = Keyring(spec=spec, owner=ADA, other=BEN)
    profile = evolve(SMALL, fuzz=2)

    def drafts() -> list[tuple[object, ...]]:
        drawn = draw_programme(spec, keyring, seed=3, profile=profile).drafts
        fuzzed = [draft for draft in drawn if draft.purpose.endswith(" data")]
        return [(str(d), d.query, d.headers, d.content) for d in fuzzed]

    assert drafts() == drafts()
    kinds = {str(text).rpartition("(")[2] for text, *_ in drafts()}
    assert kinds == {"positive data)", "negative data)"}


def test_a_careful_session_changes_nothing_but_runs() -> None:
    careless = programme_of("clarifeye", 0, careful=False).drafts
    careful = programme_of("clarifeye", 0).drafts
    assert "PATCH" in {draft.verb for draft in careless}
    assert {draft.verb for draft in careful if draft.verb in ("PATCH", "PUT", "DELETE")} <= {
        draft.verb for draft in careful if draft.purpose == "wrong method"
    }
    for draft in careful:
        if draft.verb not in ("GET", "POST"):
            assert "<unknown>" in str(draft)


@pytest.mark.parametrize("api", apis())
def test_plans_start_runs_with_bodies_that_fit(api: str) -> None:
    spec = load_spec(api)
    plans = draw_plans(spec, 14, others=2, spread=10, seed=0)
    assert [plan.who for plan in plans] == ["owner"] * 12 + ["other"] * 2
    assert {v.act for plan in plans for v in plan.visits} >= {"list", "foreign-look", "cancel"}
    for plan in plans:
        operation = spec.operations[plan.operation]
        media = media_of(operation)
        assert media is not None
        if plan.body.media_type == "application/json":
            validator = compile_schema(spec, media[1]["schema"], None)
            assert validator.is_valid(json.loads(plan.body.content))


@pytest.mark.parametrize("api", apis())
def test_broken_bodies_are_broken(api: str) -> None:
    spec = load_spec(api)
    flaws = set()
    for operation in spec.operations.values():
        media = media_of(operation)
        for broken in broken_bodies(spec, operation):
            flaws.add(broken.flaw)
            assert media is not None
            if broken.flaw in ("absent", "no JSON"):
                continue
            is_form = broken.body.media_type == FORM
            schema, content = media[1]["schema"], broken.body.content
            value = decode_form(spec, schema, content) if is_form else json.loads(content)
            assert not compile_schema(spec, schema, None).is_valid(value)
    assert {"no JSON", "type"} <= flaws or api.startswith("nekt")


PIPELINE = load_spec("pipe0_pipeline")


@given(bodies(PIPELINE, PIPELINE.operations["runPipeline"]))
def test_drawn_rows_have_ids_of_their_own(body: Body) -> None:
    ids = [str(row["id"]) for row in json.loads(body.content)["input"] if "id" in row]
    assert len(ids) == len(set(ids))


def test_a_form_is_encoded_as_one() -> None:
    body = encode_body("application/x-www-form-urlencoded", {"full": True, "name": "a b"})
    assert body.content == b"full=true&name=a+b"


# ---- whom it asks ----------------------------------------------------------------------------


def test_tokens_come_from_the_environment() -> None:
    both = {"RUNWRIGHT_TOKEN": "first-token", "RUNWRIGHT_OTHER_TOKEN": "second-token"}
    assert [t.token for t in tenants_from_environment(both)] == ["first-token", "second-token"]
    assert len(tenants_from_environment({"RUNWRIGHT_TOKEN": "first-token"})) == 1
    with pytest.raises(CredentialsError, match="set RUNWRIGHT_TOKEN to a token"):
        tenants_from_environment({})


def test_one_tenant_is_enough() -> None:
    with jobs_served() as (_, target, _):
        alone = evolve(target, tenants=(ADA,))
        audit = run_suite(ALL_RULES, target=alone, profile=SMALL)
    assert violated(audit.report) == set()
    assert {e.actor for e in audit.history.exchanges} == {ADA.name, None}


@pytest.mark.parametrize(
    ("api", "operation", "names", "asked"),
    [
        ("nekt", "triggerPipeline", ["pipeline_slug"], "listSources"),
        ("nekt_v2", "triggerPipeline", ["pipeline_slug"], "listSources"),
        ("nekt_v2", "getTransformation", ["id"], "listTransformations"),
        ("clarifeye", "runExtractionFlow", ["project_id", "flow_id"], "listExtractionFlows"),
    ],
)
def test_places_are_found(api: str, operation: str, names: list[str], asked: str) -> None:
    spec = load_spec(api)
    lists: list[str] = []
    with emulated(api) as target:
        (owner, *_), keyring = target.tenants, keyring_of(spec, target)
        places = Places(spec, target.parameters[owner.name])
        session = open_session(target.url, now=lambda: 0.0)
        with contextlib.closing(session):
            probe = Probe(session, "w")

            def ask(operation: Operation, values: Mapping[str, str]) -> Exchange:
                lists.append(operation.id)
                sender = keyring.sender(owner, operation)
                return probe.send(address(operation, values), sender)

            places.find(ask)
            starting = spec.operations[operation]
            values = [places.of(starting, choice) for choice in range(places.choices(starting))]
            assert all(value is not None and list(value) == names for value in values)
            assert len(values) == len({tuple(value.values()) for value in values if value}) > 1
            statuses = set()
            for value in values:
                request = address(starting, value or {})
                statuses.add(probe.send(request, keyring.sender(owner, starting)).status)
    assert asked in lists
    assert len(lists) == len(set(lists)), "each list is asked for once"
    assert statuses <= {200, 201}


# ---- emulators -------------------------------------------------------------------------------


@pytest.mark.parametrize("api", apis())
def test_an_honest_emulator_conforms(api: str) -> None:
    audit = run_suite(api, profile=QUICK)
    assert violated(audit.report) == set()
    assert unmet(audit.report) == set()
    assert audit.remarks == ()


def test_the_keys_are_those_of_the_target() -> None:
    target = Target(url="http://h", tenants=(ADA, BEN), parameters={})
    keyring = keyring_of(load_spec("clarifeye"), target)
    operation = keyring.spec.operations["getPipelineRun"]
    assert keyring.ways(operation) == 2
    headers = [keyring.sender(ADA, operation, way).headers for way in range(2)]
    assert headers == [
        (("authorization", f"Bearer {ADA.token}"),),
        (("authorization", f"Token {ADA.token}"),),
    ]
    assert ADA.token not in repr(keyring)
    wrong = keyring.wrongs(operation)
    assert len(wrong) >= 3
    assert all(ADA.token not in str(sender.headers) for _, sender in wrong)


def test_profiles_are_named() -> None:
    assert set(PROFILES) == {"quick", "default", "thorough"}


# ---- as tests of pytest ----------------------------------------------------------------------


def pytest_of(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    settings = ("-W", "ignore", "-p", "no:cacheprovider", "--runwright-profile", "quick")
    return pytester.runpytest_subprocess("--pyargs", "runwright.suite", *settings, *options)


def test_rules_are_tests(pytester: pytest.Pytester) -> None:
    saved = pytester.path / "seen.ndjson"
    result = pytest_of(pytester, "--runwright-api", "nekt", "--runwright-save", str(saved), "-v")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*test_rule*nekt.run.terminal-is-final* PASSED*"])
    rulebook = load_rulebook("nekt")
    expected = sum(entry.holds_under("seed") for entry in rulebook.entries)
    counts = result.parseoutcomes()
    assert sum(counts.get(kind, 0) for kind in ("passed", "skipped")) == expected
    assert parse_history(saved.read_bytes()).api == "nekt"


def test_a_broken_rule_fails_with_evidence(pytester: pytest.Pytester) -> None:
    result = pytest_of(
        pytester, "--runwright-api", "pipe0", "--runwright-fault", "balance-is-public"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            "pipe0.security.missing-credentials-are-refused (MUST): *",
            "  promised: *",
            "  expected: 401 or 403",
            "  actual:   200",
            "  repeat:   curl *credit-balance*",
            "  or all:   runwright test pipe0 --seed 0 --profile quick --fault balance-is-public",
            "pipe0: spent * requests (no limit), * runs started (no limit), * s (no limit)",
        ]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--runwright-api", "nope"), "no API is called 'nope'"),
        (("--runwright-url", "http://h"), "--runwright-url goes with one API"),
        (("--runwright-api", "nekt", "--runwright-url", "http://h"), "set RUNWRIGHT_TOKEN"),
        (("--runwright-api", "nekt", "--runwright-profile", "huge"), "--runwright-profile is"),
        (("--runwright-api", "nekt", "--runwright-rate", "0"), "rate must be above 0"),
        (("--runwright-api", "nekt", "--runwright-deadline", "-1"), "deadline must be above 0"),
        (("--runwright-api", "nekt", "--runwright-fault", "x"), "nekt has no fault called 'x'"),
        (
            ("--runwright-api", "nekt", "--runwright-fault", "x", "--runwright-url", "http://h"),
            "leave out --runwright-url",
        ),
        (("--runwright-api", "nekt", "--runwright-save", "no/h.ndjson"), "there is no folder no"),
        (("--runwright-api", "nekt", "--runwright-save", "."), ".: this is a folder"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.delenv("RUNWRIGHT_TOKEN", raising=False)
    result = pytester.runpytest_inprocess("--pyargs", "runwright.suite", "-W", "ignore", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert re.search(re.escape(message), str(result.stderr))


def test_a_session_that_fails_is_not_run_again(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWRIGHT_TOKEN", "some-token-of-mine")
    with serving() as server:
        server.answer(Reply(status=500, body={}))
        result = pytester.runpytest_subprocess(
            "--pyargs", "runwright.suite", "-W", "ignore", "-k", "no-server-error or is-documented",
            "--runwright-api", "nekt", "--runwright-url", server.url,
            "--runwright-max-requests", "5", "--runwright-save", "/dev/full",
        )  # fmt: skip
        assert len(server.seen) == 5
    assert result.parseoutcomes() == {"failed": 3, "deselected": 52}
    result.stdout.fnmatch_lines(["*No space left on device*"])


def test_the_plugin_costs_other_suites_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it() -> None:
            assert "runwright.suite.options" in sys.modules
            assert not {"schemathesis", "starlette", "jsonschema_rs"} & set(sys.modules)
        """
    )
    settings = ("-W", "ignore", "-p", "no:schemathesis")
    assert pytester.runpytest_subprocess(*settings).ret == pytest.ExitCode.OK


def test_histories_can_be_merged() -> None:
    with jobs_served() as (_, target, _):
        shards = [
            run_suite(ALL_RULES, target=target, profile=SMALL, worker=name).history
            for name in ("one", "two")
        ]
    merged = shards[0].merge(shards[1])
    assert len(merged.exchanges) == sum(len(shard.exchanges) for shard in shards)
    assert isinstance(merged, History)
    assert violated(judge(merged, ALL_RULES)) == set()


def test_a_history_is_where_it_was_saved(tmp_path: Path, audit: Audit) -> None:
    path = tmp_path / "h.ndjson"
    path.write_bytes(dump_history(audit.history))
    assert parse_history(path.read_bytes()).target == audit.report.target
