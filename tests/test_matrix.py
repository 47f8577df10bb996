"""The kill matrix: mutants for every promise, and the command that lets the suite hunt them."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import matrix
import pytest
from attrs import evolve
from kills.picture import draw
from kills.tally import findings, firm_rules, medians
from kills.trial import Catch, Trial, carry_out, orders_for
from runwright.emulator.mutant import Family, Mutant, mutants_of
from runwright.emulator.world import world_class
from runwright.rulebook import load_rulebook
from runwright.spec import apis

MUTANTS = [found for api in apis() for found in mutants_of(api).values()]

each_mutant = pytest.mark.parametrize(
    "mutant", MUTANTS, ids=lambda mutant: f"{mutant.api}-{mutant.name}"
)


# ---- which mutants there are ---------------------------------------------------------------------


@pytest.mark.parametrize("api", apis())
def test_every_promise_that_can_be_seen_broken_has_a_mutant(api: str) -> None:
    named = {mutant.breaks for mutant in mutants_of(api).values()}
    assert set(firm_rules(api)) <= named


def test_there_are_many_of_every_family() -> None:
    families = Counter(mutant.family for mutant in MUTANTS)
    assert len(MUTANTS) >= 150
    assert families.keys() == set(get_args(Family))
    assert min(families.values()) >= 30


@pytest.mark.parametrize("api", apis())
def test_every_api_has_some_of_every_family(api: str) -> None:
    families = Counter(mutant.family for mutant in mutants_of(api).values())
    assert all(families[family] >= 4 for family in get_args(Family))


def test_no_two_are_alike() -> None:
    assert len({(mutant.api, mutant.name) for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.api, mutant.breaks) for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant.story for mutant in MUTANTS}) == len(MUTANTS)


@each_mutant
def test_a_mutant_tells_its_story_and_names_rules_of_its_api(mutant: Mutant) -> None:
    rulebook = load_rulebook(mutant.api)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", mutant.name)
    assert re.fullmatch(r"[A-Z`].{30,}\.", mutant.story)
    assert issubclass(mutant.world, world_class(mutant.api))
    for rule in (mutant.breaks, *mutant.also):
        assert rulebook.entry(rule) is not None, rule
    assert mutant.breaks not in mutant.also
    assert all(re.fullmatch(r"[A-Z].{30,}\.", reason) for reason in mutant.also.values())


# ---- the hunt ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trial() -> Trial:
    (order,) = (
        order
        for order in orders_for("pipe0_pipeline", profile="quick", seed=1)
        if order.fault == "input-is-hashed"
    )
    return carry_out(order)


def test_the_suite_catches_a_mutant_and_tells_when(trial: Trial) -> None:
    assert trial.violated.keys() == {"pipe0_pipeline.provenance.input-has-no-hash"}
    assert trial.caught is not None
    assert 0 < trial.caught.requests < trial.requests
    assert 0 < trial.caught.seconds <= trial.caught.verdict == trial.seconds
    assert list(findings([trial], whole=False)) == []


def test_honest_worlds_are_tried_in_both_readings() -> None:
    orders = orders_for("nekt", profile="quick", seed=0)
    assert [order.reading for order in orders if order.fault is None] == ["seed", "current"]
    assert {order.fault for order in orders} == {None, *mutants_of("nekt")}


def test_a_mutant_of_a_newer_promise_is_tried_in_its_reading() -> None:
    readings = {
        order.fault: order.reading for order in orders_for("pipe0", profile="quick", seed=0)
    }
    assert readings["sandbox-is-billed"] == "current"
    assert readings["definitions-are-on-demand"] == "seed"


def test_what_is_wrong_is_found(trial: Trial) -> None:
    rule = "pipe0_pipeline.provenance.input-has-no-hash"
    missed = evolve(trial, violated={}, caught=None)
    assert list(findings([missed], whole=False)) == [
        f"pipe0_pipeline input-is-hashed (seed): not caught by {rule}"
    ]
    double = evolve(trial, violated={rule: 1, "pipe0_pipeline.run.terminal-is-final": 2})
    assert list(findings([double], whole=False)) == [
        "pipe0_pipeline input-is-hashed (seed): breaks pipe0_pipeline.run.terminal-is-final, too"
    ]
    raised = evolve(trial, broken=(rule,))
    assert list(findings([raised], whole=False)) == [
        f"pipe0_pipeline input-is-hashed (seed): {rule} raised an error"
    ]
    honest = evolve(double, order=evolve(trial.order, fault=None))
    assert len(list(findings([honest], whole=False))) == 2
    idle = set(firm_rules("pipe0_pipeline")) - {rule}
    assert list(findings([trial], whole=True))
    assert {line.partition(":")[0] for line in findings([trial], whole=True)} == idle


def test_kin_that_a_mutant_lists_are_no_finding(trial: Trial) -> None:
    order = evolve(trial.order, fault="empty-cells-are-not-stored")
    both = {
        "pipe0_pipeline.record.fields-are-normalized": 1,
        "pipe0_pipeline.record.fields-match-definitions": 1,
    }
    assert list(findings([evolve(trial, order=order, violated=both)], whole=False)) == []


def test_medians_are_those_of_the_mutants_caught(trial: Trial) -> None:
    trials = [
        evolve(trial, caught=Catch(requests, seconds, 2 * seconds))
        for requests, seconds in ((10, 1.0), (20, 2.0), (90, 9.0))
    ]
    found = {m.name: m for m in medians([*trials, evolve(trial, violated={}, caught=None)])}
    assert found.keys() == {"pipe0_pipeline", "body", "all"}
    assert (found["all"].mutants, found["all"].caught) == (4, 3)
    assert (found["body"].requests, found["body"].seconds) == (20, 2.0)
    assert (found["body"].verdict, found["body"].slowest) == (4.0, 18.0)


def test_the_picture_shows_each_kill_and_each_miss(trial: Trial) -> None:
    missed = evolve(trial, violated={"pipe0_pipeline.run.terminal-is-final": 1})
    for shown, kinds in ((trial, ["kill"]), (missed, ["unlisted", "missed"])):
        cells = ElementTree.fromstring(draw([shown])).iter("{http://www.w3.org/2000/svg}rect")
        assert sorted(c.get("class", "") for c in cells if c.get("class")) == sorted(kinds)


def test_the_command_prints_and_writes_the_matrix(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["pipe0_pipeline", "--only", "pipes-are-*", "--jobs", "1"]
    arguments += ["--profile", "quick", "--out", str(tmp_path)]
    assert matrix.main(arguments) == 0
    shown = capfd.readouterr().out
    assert "pipe0_pipeline pipes-are-sorted-first" in shown
    assert "1 mutants, 0 findings" in shown
    written = json.loads((tmp_path / "matrix.json").read_bytes())
    assert [t["mutant"] for t in written["trials"]] == ["pipes-are-sorted-first"]
    assert written["trials"][0]["caught"]["requests"] > 0
    assert (tmp_path / "matrix.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("wrong", [["nothing"], ["nekt", "--only", "nothing-such"]])
def test_a_wrong_choice_is_told(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        matrix.main(wrong)
    assert stopped.value.code == 2
    assert capsys.readouterr().err
