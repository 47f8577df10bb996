"""Every rule can be broken: by a mutant, or by one change to what an honest emulator shows."""

from functools import cache

import pytest
from runwright.alteration import break_by_altering
from runwright.emulator.mutant import mutants_of
from runwright.history import History
from runwright.judge import judge
from runwright.ledger import Reading
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.suite.audit import run_suite
from runwright.suite.profile import QUICK
from test_cli import runwright

WITHOUT_MUTANT = [
    (api, entry.rule.id)
    for api in apis()
    for broken in [{mutant.breaks for mutant in mutants_of(api).values()}]
    for entry in load_rulebook(api).all_entries
    if entry.rule.id not in broken and ".conduct." not in entry.rule.id
]


@cache
def honest(api: str, reading: Reading) -> History:
    return run_suite(api, reading=reading, profile=QUICK).history


@pytest.mark.parametrize(("api", "rule"), WITHOUT_MUTANT, ids=[rule for _, rule in WITHOUT_MUTANT])
def test_one_change_breaks_a_rule_that_no_mutant_breaks(api: str, rule: str) -> None:
    rulebook = load_rulebook(api)
    entry = rulebook.entry(rule)
    assert entry is not None
    reading: Reading = (entry.line.reading if entry.line else None) or "seed"
    found = break_by_altering(honest(api, reading), entry, rulebook.spec)
    assert found is not None
    # What it returns is a history by itself, and only the change breaks the rule in it.
    report = judge(found.history, rulebook, reading=reading)
    assert rule in {result.rule for result in report.with_verdict(Verdict.VIOLATED)}
    (name,) = {found.told.partition(":")[0]} & {e.id for e in found.history.exchanges}
    unaltered = {e.id: e for e in honest(api, reading).exchanges}
    assert [e.id for e in found.history.exchanges if e != unaltered[e.id]] == [name]


def test_a_rule_without_a_mutant_is_explained_kept_and_broken() -> None:
    told = runwright("explain", "nekt.run.clock-is-ordered").stdout
    assert "kept, as the honest emulator shows:" in told
    assert "broken, were one thing different; " in told
    assert "expected not before created_at" in told


def test_a_rule_about_clients_is_explained_by_the_suite_itself() -> None:
    told = runwright("explain", "nekt.conduct.no-poll-after-the-end").stdout
    assert "broken, by the suite itself:" in told
    assert "expected no poll after the end" in told
