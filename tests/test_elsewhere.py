"""Honest emulators in other processes conform, whatever is known of their tenants' places."""

import shlex

import pytest
from attrs import evolve
from runwright.emulator.server import build_world
from runwright.emulator.tenants import ALICE, BOB, Tenant
from runwright.report import Verdict
from runwright.spec import apis, load_spec
from runwright.suite.audit import run_suite
from runwright.suite.repetition import repeating_command
from runwright.suite.target import SettingError, Target, read_settings
from test_cli import USAGE, runwright
from test_same_seed import SMALL, served_elsewhere


@pytest.mark.parametrize("api", apis())
def test_a_server_elsewhere_conforms_though_no_place_is_given(api: str) -> None:
    with served_elsewhere(api) as target:
        report = run_suite(api, target=target, profile=SMALL).report
    assert [r.rule for r in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)] == []


@pytest.mark.parametrize("both", [False, True], ids=["the owner's for both", "each their own"])
def test_places_may_be_given_for_each_tenant(both: bool) -> None:
    world = build_world("clarifeye")
    owners, others = (world.parameters(tenant) for tenant in world.tenants)
    assert owners.keys() == others.keys() == {"project_id"}
    with served_elsewhere("clarifeye") as target:
        given = {ALICE.name: owners, BOB.name: others if both else owners}
        report = run_suite(
            "clarifeye", target=evolve(target, parameters=given), profile=SMALL
        ).report
    assert [r.rule for r in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)] == []
    held = {result.rule for result in report.with_verdict(Verdict.HOLDS)}
    assert ("clarifeye.security.lists-show-own-runs" in held) == both


def test_settings_are_both_tenants_or_one_s_and_the_command_repeats_them() -> None:
    words = ["project_id=7", "other:project_id=8", "region=eu", "owner:desk=2"]
    settings = read_settings(words)
    assert settings == {
        "owner": {"project_id": "7", "region": "eu", "desk": "2"},
        "other": {"project_id": "8", "region": "eu"},
    }
    target = Target(
        url="https://staging.example.com",
        tenants=(Tenant("owner", "t" * 16), Tenant("other", "o" * 16)),
        parameters=settings,
    )
    command = repeating_command(
        load_spec("clarifeye"),
        target=target,
        reading="seed",
        seed=0,
        profile=SMALL,
        budget=None,
        fault=None,
        watch=(),
    )
    given = shlex.split(command)
    again = [given[at + 1] for at, word in enumerate(given) if word == "--set"]
    assert read_settings(again) == settings


@pytest.mark.parametrize("setting", ["project_id", "=7", "third:project_id=7", "other:=7"])
def test_a_setting_that_says_nothing_is_refused_with_a_remedy(setting: str) -> None:
    with pytest.raises(SettingError):
        read_settings([setting])
    done = runwright("test", "clarifeye", "--url", "http://127.0.0.1:9", "--set", setting)
    assert done.returncode == USAGE
    assert f"--set {setting}: write it as NAME=VALUE" in done.stderr
