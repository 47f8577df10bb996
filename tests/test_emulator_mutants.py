"""Every mutant breaks the rule that it names and, save for the kin that it lists, no other."""

import pytest
from runwright.emulator.mutant import Mutant, mutants_of
from runwright.judge import judge_rule
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import apis
from runwright.trace import Observation
from tour import tour
from visitor import visit

MUTANTS = [found for api in apis() for found in mutants_of(api).values()]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.api}-{mutant.name}")
def test_a_mutant_breaks_the_rule_that_it_names_alone(mutant: Mutant) -> None:
    rulebook = load_rulebook(mutant.api)
    entry = rulebook.entry(mutant.breaks)
    assert entry is not None, f"no rule is called {mutant.breaks}"
    reading = (entry.line.reading if entry.line else None) or "seed"
    visitor = visit(mutant.api, reading=reading, fault=mutant.name)
    tour(visitor)
    observation = Observation(visitor.spec, visitor.history)
    broken = {
        entry.rule.id
        for entry in rulebook.entries
        if entry.holds_under(reading)
        and judge_rule(entry, observation).verdict in (Verdict.VIOLATED, Verdict.BROKEN)
    }
    assert mutant.breaks in broken
    assert broken <= {mutant.breaks, *mutant.also}
