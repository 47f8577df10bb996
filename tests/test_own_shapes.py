"""Small specs of many shapes: what works does so through every door, what cannot is refused."""

import importlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import generate as command
import httpx
import pytest
from hypothesis import given, settings
from runwright.contract import read_contract
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import Emulator, running
from runwright.emulator.tenants import ALICE
from runwright.history import History
from runwright.judge import judge
from runwright.report import Verdict
from runwright.spec import SpecError
from runwright.strategies import histories
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK
from runwright.suite.target import Target
from test_own_spec import SharedClock, edit, runwright

CONFORMS, VIOLATED, USAGE = 0, 1, 2
SHAPES = Path(__file__).parent / "fixtures" / "shapes"
FOUNDRY, PRESS, BAKERY, DARKROOM, POTTERY = WORKING = tuple(
    SHAPES / f"{name}.yaml" for name in ("foundry", "press", "bakery", "darkroom", "pottery")
)
SENDS_NO_BODY = ("malformed-input-is-refused", "wrong-content-type-is-refused")


@pytest.fixture
def own(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of a spec, in a folder of the user's."""
    path = tmp_path / "mine" / Path(request.param).name
    path.parent.mkdir()
    shutil.copy(request.param, path)
    return path


def spec_at(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("own", [path], indirect=True, ids=[path.stem])


# ---- what works ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORKING, ids=lambda path: path.stem)
def test_its_emulator_conforms_and_shows_every_rule_kept(path: Path) -> None:
    report = run_suite(str(path), profile=QUICK).report
    assert report.conforms(strict=True), report.with_verdict(Verdict.VIOLATED)
    unmet = {result.rule for result in report.with_verdict(Verdict.UNKNOWN)}
    expected = SENDS_NO_BODY if path == DARKROOM else ()
    assert unmet == {f"{path.stem}.protocol.{name}" for name in expected}
    assert f"{path.stem}.{_thing(path)}.id-matches-path" in {r.rule for r in report.results}


def _thing(path: Path) -> str:
    spec = read_contract(path).spec
    return spec.lifecycles[next(iter(spec.polls.values()))].thing


@pytest.mark.parametrize("path", WORKING, ids=lambda path: path.stem)
def test_what_was_seen_is_judged_the_same(path: Path, tmp_path: Path) -> None:
    saved, report = tmp_path / "seen.ndjson", tmp_path / "report.json"
    saving = ("--profile", "quick", "--save", saved, "--report", report)
    done = runwright("test", "--spec", path, *saving)
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    again = runwright("judge", saved, "--spec", path, "--json")
    assert again.returncode == CONFORMS, again.stdout
    assert json.loads(again.stdout)["results"] == json.loads(report.read_text())["results"]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("clients")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def client_of(path: Path, folder: Path) -> ModuleType:
    assert command.main(["--spec", str(path), "--out", str(folder)]) == 0
    importlib.invalidate_caches()
    return importlib.import_module(f"{path.stem}_client")


def test_a_client_waits_for_what_is_in_an_envelope(clients: Path) -> None:
    foundry, clock = client_of(FOUNDRY, clients), ManualClock()
    with running(read_contract(FOUNDRY).spec, clock=clock) as emulator:
        org, site = (int(emulator.parameters["alice"][name]) for name in ("orgId", "siteId"))
        with foundry.Foundry(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api:
            done = api.start_casting_and_wait_casting(org, site, alloy_name="tin", timeout=300)
            assert (done.data.melt_phase, done.data.alloy_name) == ("POURED", "tin")
            assert done.outcome is foundry.Outcome.SUCCESS
            begun = api.start_casting(org, site, alloy_name="iron").data
            ended = api.cancel_and_wait_casting(org, site, begun.casting_id, timeout=300)
            assert ended.data.melt_phase == "SCRAPPED"
            listed = api.list_castings(org, site).castings
            assert [casting.casting_id for casting in listed] == [1003, 1001]
            assert api.wait_audit(api.start_audit(org).audit_no, timeout=300) is not None


def test_a_client_waits_where_the_envelope_has_the_lifecycle(clients: Path) -> None:
    press, clock = client_of(PRESS, clients), ManualClock()
    with (
        running(read_contract(PRESS).spec, clock=clock) as emulator,
        press.Press(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        begun = api.start_print(title="Moby-Dick")
        done = api.wait(begun.data.print_id, timeout=300)
    assert done.data.stage == "done"
    assert done.data.queued_at == begun.data.queued_at
    assert {page.state for page in done.data.pages} == {"inked"}


def test_a_client_waits_with_a_cookie_by_a_query(clients: Path) -> None:
    bakery, clock = client_of(BAKERY, clients), ManualClock()
    with (
        running(read_contract(BAKERY).spec, clock=clock) as emulator,
        bakery.Bakery(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        done = api.bake_and_wait(loaves=7, timeout=300)
    assert done.result.batch.progress.phase == "baked"
    assert done.result.batch.loaves == 7


def test_a_client_waits_where_every_request_names_a_version_and_a_workshop(clients: Path) -> None:
    pottery, clock = client_of(POTTERY, clients), ManualClock()
    version = "2026-07"
    with (
        running(read_contract(POTTERY).spec, clock=clock) as emulator,
        pottery.Pottery(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        with pytest.raises(pottery.errors.BadRequestError, match="workshop"):
            api.start_firing(glaze="tenmoku", x_api_version=version, workshop="none")
        sent = {"x_api_version": version, "workshop": 7}
        done = api.start_firing_and_wait(glaze="celadon", **sent)
        assert (done.heat, done.outcome) == ("cooled", pottery.Outcome.SUCCESS)
        begun = api.start_firing(glaze="shino", **sent)
        assert api.cancel_and_wait(begun.id, 7, version).heat == "stopped"
        (ended,) = api.wait_each(7, version, [begun.id])
        assert isinstance(ended.error, pottery.RunCanceledError)
        with pytest.raises(pottery.RunCanceledError):
            api.resume(ended.token)


def test_the_suite_sends_what_every_request_must_name() -> None:
    spec = read_contract(POTTERY).spec
    with running(spec, speed=100) as emulator:
        target = Target(
            url=emulator.url,
            tenants=emulator.tenants,
            parameters={"alice": {"workshop": "9"}},
            speed=100,
            patience=5.0,
        )
        audit = run_suite(str(POTTERY), target=target, profile=QUICK)
    assert audit.report.conforms(strict=True)
    looks = [e for e in audit.history.exchanges if e.method == "GET" and e.status == 200]
    # Another is asked for only where it is just that which is tried out.
    (workshop, _), *_ = Counter(urlsplit(e.url).query for e in looks).most_common()
    (version, _), *_ = Counter(e.request.header("x-api-version") for e in looks).most_common()
    assert (workshop, version) == ("workshop=9", "2026-01")


@pytest.mark.parametrize(
    ("items", "ids"),
    [
        ('items: {type: array, items: {$ref: "#/components/schemas/Envelope"}}',
         lambda items: [item["result"]["batch"]["id"] for item in items]),
        ('items: {type: array, items: {$ref: "#/components/schemas/Batch"}}',
         lambda items: [item["id"] for item in items]),
        ('items: {type: object, additionalProperties: {$ref: "#/components/schemas/Batch"}}', list),
    ],
    ids=["envelopes", "list", "map"],
)  # fmt: skip
@spec_at(BAKERY)
def test_a_list_without_a_name_shows_what_was_started(own: Path, items: str, ids: Any) -> None:
    edit(own, 'items: {type: array, items: {$ref: "#/components/schemas/Envelope"}}', items)
    with running(read_contract(own).spec, clock=ManualClock()) as emulator:
        started = [_ask(emulator, "POST", "/batches")["ticket"]["id"] for _ in range(3)]
        listed = _ask(emulator, "GET", "/batches")["items"]
    assert ids(listed) == started[::-1]


def _ask(emulator: Emulator, method: str, path: str) -> Any:
    answer = httpx.request(method, emulator.url + path, headers={"cookie": f"sid={ALICE.token}"})
    return answer.raise_for_status().json()


@spec_at(FOUNDRY)
def test_a_list_that_is_an_array_shows_what_was_started(own: Path) -> None:
    edit(
        own,
        "schema: {type: object, required: [castings], properties: {castings: {type: array, items: "
        '{$ref: "#/components/schemas/Casting"}}}}',
        'schema: {type: array, items: {$ref: "#/components/schemas/Casting"}}',
    )
    report = run_suite(str(own), profile=QUICK).report
    assert report.conforms(strict=True)
    assert "foundry.security.lists-show-own-runs" in {
        result.rule for result in report.with_verdict(Verdict.HOLDS)
    }


@spec_at(BAKERY)
def test_a_lying_envelope_is_violated_where_it_lies(own: Path, tmp_path: Path) -> None:
    saved = tmp_path / "seen.ndjson"
    assert runwright("test", "--spec", own, "--profile", "quick", "--save", saved).returncode == 0
    text = saved.read_text(encoding="utf-8")
    saved.write_text(text.replace('\\"phase\\":\\"baked\\"', '\\"phase\\":\\"rising\\"'))
    done = runwright("judge", saved, "--spec", own, "--json")
    assert done.returncode == VIOLATED
    broken = {
        r["rule"]: r for r in json.loads(done.stdout)["results"] if r["verdict"] == "VIOLATED"
    }
    assert set(broken) >= {"bakery.batch.states-move-forward"}
    (first, *_) = broken["bakery.batch.states-move-forward"]["violations"]
    assert first["pointer"].endswith("result/batch/progress/phase")


def test_variables_of_a_server_have_their_defaults() -> None:
    with running(read_contract(DARKROOM).spec, clock=ManualClock()) as emulator:
        assert emulator.url.endswith("/main/v1")


@spec_at(BAKERY)
def test_an_answer_may_be_nothing_but_an_id_and_success_a_class(own: Path, clients: Path) -> None:
    ticket = "{type: object, required: [ticket], properties: {ticket: {type: object, "
    ticket += "required: [id], properties: {id: {type: string}}}}}"
    edit(own, ticket, "{type: string}")
    edit(own, "$response.body#/ticket/id", "$response.body#")
    edit(own, '"202":', '"2XX":')
    own = own.rename(own.with_name("kiosk.yaml"))
    report = run_suite(str(own), profile=QUICK).report
    assert report.conforms(strict=True)
    assert report.with_verdict(Verdict.UNKNOWN) == ()
    kiosk, clock = client_of(own, clients), ManualClock()
    with (
        running(read_contract(own).spec, clock=clock) as emulator,
        kiosk.Kiosk(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        assert api.bake_and_wait(loaves=3, timeout=300).result.batch.loaves == 3


@spec_at(BAKERY)
def test_what_a_variant_adds_may_be_absent_for_a_client(own: Path, clients: Path) -> None:
    edit(
        own,
        "      x-lifecycle:\n",
        "      anyOf:\n"
        "        - {required: [crust], properties: {crust: {type: string, enum: [dark]}}}\n"
        "        - {properties: {loaves: {type: integer, minimum: 1}}}\n"
        "      x-lifecycle:\n",
    )
    own = own.rename(own.with_name("bakehouse.yaml"))
    bakehouse, clock = client_of(own, clients), ManualClock()
    with (
        running(read_contract(own).spec, clock=clock) as emulator,
        bakehouse.Bakehouse(ALICE.token, base_url=emulator.url, clock=SharedClock(clock)) as api,
    ):
        begun = api.look_at(batch=api.bake(loaves=2).ticket.id).result.batch
        assert (begun.progress.phase, begun.loaves) == ("rising", 2)
        assert begun.crust in ("dark", bakehouse.UNSET)


@pytest.mark.parametrize("path", [PRESS, BAKERY, DARKROOM], ids=lambda path: path.stem)
def test_histories_made_by_chance_keep_its_lifecycles(path: Path) -> None:
    book, met = read_contract(path), set[str]()

    @settings(max_examples=25, deadline=None, database=None, derandomize=True)
    @given(histories(book.spec))
    def check(history: History) -> None:
        report = judge(history, book)
        broken = {result.rule for result in report.with_verdict(Verdict.VIOLATED)}
        assert broken <= {f"{path.stem}.protocol.body-matches-schema"}
        met.update(result.rule for result in report.results if result.witnesses)

    check()
    thing = f"{path.stem}.{_thing(path)}"
    assert met >= {f"{thing}.states-move-forward", f"{thing}.id-matches-path"}


# ---- what is refused -------------------------------------------------------------------------

DOORS = (
    ("test", "--spec", "{spec}"),
    ("serve", "--spec", "{spec}"),
    ("judge", "{spec}", "--spec", "{spec}"),
    ("rules", "--spec", "{spec}"),
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door[0])
@spec_at(SHAPES / "mill.yaml")
def test_every_door_tells_what_keeps_a_spec_from_use(own: Path, door: tuple[str, ...]) -> None:
    done = runwright(*(word.format(spec=own) for word in door))
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert f"{own}:18: no link tells getGrind which grind is meant; fill" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("shape", "old", "new", "told"),
    [
        ("ferry", "openapi", "openapi",
         "startTrip starts a trip, but its path names one: name"),
        ("mill", "openapi", "openapi", "no link tells getGrind which grind is meant"),
        ("foundry", "x-lifecycle:\n        thing: casting", "x-lifecycl:\n        thing: casting",
         "getCasting, whose answer has a list with an x-lifecycle: /data/pours/*; put"),
        ("bakery", "x-lifecycle", "x-lifecycl",
         "the poll link leads to lookAt, whose answer has no x-lifecycle; put it on the schema"),
        ("bakery", "took: {type: number, minimum: 0}",
         'old: {$ref: "#/components/schemas/Batch"}',
         "whose answer has several things with an x-lifecycle: /result/batch, /result/old; put"),
        ("bakery", 'batch: {$ref: "#/components/schemas/Batch"},',
         'batch: {type: array, items: {$ref: "#/components/schemas/Batch"}},',
         "lookAt, whose answer has a list with an x-lifecycle: /result/batch/*"),
        ("bakery", "        key: id\n", "", "Batch is polled, but its lifecycle has no `key`"),
        ("bakery", "key: id", "key: nr", "key of Batch names nr, which its schema does not have"),
        ("bakery", "phase: {type: string, enum: [rising, baking, baked, burnt]}",
         "phase: {type: integer, enum: [0, 1, 2, 3]}",
         "the status of Batch is no text: its type is integer; name a member as `status`"),
        ("bakery", "phase: {type: string, enum: [rising, baking, baked, burnt]}",
         "phase: {type: boolean}", "the status of Batch is no text: its type is boolean"),
        ("bakery", "status: /progress/phase", "status: X-Phase",
         "status of Batch names X-Phase, which its schema does not have"),
        ("bakery", '"202":', "default:", "/batches post has no answer that says it went well"),
        ("press", "    get:\n      operationId: getPrint", "    post:\n      operationId: getPrint",
         "getPrint is polled with POST, which may change something; lead to an operation that"),
        ("darkroom", "\npaths:\n", "\npaths: {}\nx-paths:\n", "the API has no operation; describe"),
        ("darkroom", "        key: id\n", "        key: id\n       status: a\n", ":43: not YAML: "),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_with_a_remedy(
    shape: str, old: str, new: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "openapi.yaml"
    shutil.copy(SHAPES / f"{shape}.yaml", own)
    edit(own, old, new)
    with pytest.raises(SpecError) as caught:
        read_contract(own)
    assert told in str(caught.value)
    assert command.main(["--spec", str(own), "--out", str(tmp_path / "clients")]) == USAGE
    assert told in capsys.readouterr().err
    assert not (tmp_path / "clients").exists()


# ---- how faults are told ---------------------------------------------------------------------


@spec_at(BAKERY)
def test_the_linter_marks_what_is_fatal(own: Path) -> None:
    done = runwright("lint", own)
    assert done.returncode == VIOLATED
    assert ": fatal: " not in done.stdout
    assert done.stderr.endswith("1 spec, 29 findings, none of them fatal\n")
    edit(own, "        key: id\n", "")
    done = runwright("lint", own)
    (fatal,) = (line for line in done.stdout.splitlines() if ": fatal: " in line)
    assert fatal.startswith(f"{own}:52: fatal: Batch is polled, but its lifecycle has no `key`; ")
    assert done.stderr.endswith("1 spec, 30 findings, 1 of them fatal\n")
    told = json.loads(runwright("lint", own, "--json").stdout)
    assert [finding["line"] for finding in told if finding["fatal"]] == [52]
    assert len(told) == 30


@spec_at(BAKERY)
def test_a_folder_stands_for_its_openapi_yaml(own: Path, tmp_path: Path) -> None:
    folder = own.parent
    own.rename(folder / "openapi.yaml")
    for arguments in (("lint", folder), ("rules", "--spec", folder), ("test", "--spec", folder)):
        done = runwright(*arguments, *(("--profile", "quick") if "test" in arguments else ()))
        assert done.returncode == (VIOLATED if "lint" in arguments else CONFORMS), done.stderr
    assert "mine.batch.terminal-is-final" in runwright("rules", "--spec", folder).stdout
    assert command.main(["--spec", str(folder)]) == 0
    assert (folder / "mine_client" / "client.py").is_file()
    empty = tmp_path / "empty"
    empty.mkdir()
    done = runwright("rules", "--spec", empty)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "empty/openapi.yaml: no such file" in done.stderr


def test_a_remedy_names_the_spec() -> None:
    done = runwright("explain", "bakery.batch.no-such", "--spec", BAKERY)
    assert done.returncode == USAGE
    assert f"list them with: runwright rules --spec {BAKERY}" in done.stderr


def test_faults_are_those_of_the_project_s_own_apis() -> None:
    done = runwright("serve", "--spec", BAKERY, "--list-faults")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert (
        "bakery.yaml has no faults to serve: they are written by hand, for the APIs" in done.stderr
    )


@spec_at(BAKERY)
def test_a_client_needs_a_folder_to_go_to(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = own.with_name("taken")
    taken.write_text("not a folder", encoding="utf-8")
    assert command.main(["--spec", str(own), "--out", str(taken)]) == USAGE
    assert capsys.readouterr().err == f"{taken}: File exists\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("in: cookie", "in: query", "a client sends its credential in a header, and none of"),
        ("content: {application/json: {schema: {type: object, properties: {loaves",
         "content: {multipart/form-data: {schema: {type: object, properties: {loaves",
         "bake: a client sends JSON or a form, and no other body"),
        ("{batch: $response.body#/ticket/id}",
         "{batch: $response.body#/ticket/id, X-Shop: $request.body#/loaves}",
         "bake: a client cannot follow the link's $request.body#/loaves; it knows the body of"),
    ],
)  # fmt: skip
@spec_at(BAKERY)
def test_what_no_client_can_do_is_told(
    own: Path, old: str, new: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(own, old, new)
    if "X-Shop" in new:
        shop = "{name: X-Shop, in: header, required: true, schema: {type: string}}"
        edit(own, "schema: {type: string}}]\n", f"schema: {{type: string}}}}, {shop}]\n")
        edit(own, "    post:\n", f"    post:\n      parameters: [{shop}]\n")
    assert command.main(["--spec", str(own)]) == USAGE
    assert told in capsys.readouterr().err
    assert [path.name for path in own.parent.iterdir()] == [own.name]
