"""Each mutant of Nekt breaks the rule that it names, and no other."""

from collections import Counter
from typing import get_args

import pytest
from nekt_guest import staying, tour
from runwright.emulator.mutant import Family, Mutant, mutants_of
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rule import Level
from runwright.rulebook import load_rulebook

APIS = ("nekt", "nekt_v2")
MUTANTS = [mutant for api in APIS for mutant in mutants_of(api).values()]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.api}-{mutant.name}")
def test_a_mutant_breaks_the_rule_that_it_names(mutant: Mutant) -> None:
    with staying(mutant.api, fault=mutant.name) as guest:
        tour(guest)
    results = judge(guest.history, load_rulebook(mutant.api)).results
    assert {r.rule for r in results if r.verdict is Verdict.VIOLATED} == {mutant.breaks}


def test_mutants_are_spread() -> None:
    families = Counter(mutant.family for mutant in MUTANTS)
    assert families.keys() == set(get_args(Family))
    assert min(families.values()) >= 6
    assert len({mutant.breaks for mutant in MUTANTS}) == len(MUTANTS)


def test_most_musts_have_a_mutant() -> None:
    entries = load_rulebook("nekt").entries
    musts = {entry.rule.id for entry in entries if entry.level is Level.MUST}
    assert musts == {mutant.breaks for mutant in MUTANTS} & musts
