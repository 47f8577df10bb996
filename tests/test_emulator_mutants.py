"""Every mutant breaks the rule that it names, and the rule is one of its API's."""

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
def test_a_mutant_breaks_the_rule_that_it_names(mutant: Mutant) -> None:
    entry = load_rulebook(mutant.api).entry(mutant.breaks)
    assert entry is not None, f"no rule is called {mutant.breaks}"
    reading = (entry.line.reading if entry.line else None) or "seed"
    visitor = visit(mutant.api, reading=reading, fault=mutant.name)
    tour(visitor)
    result = judge_rule(entry, Observation(visitor.spec, visitor.history))
    assert result.verdict is Verdict.VIOLATED


def test_every_family_has_mutants() -> None:
    families = [mutant.family for mutant in MUTANTS]
    assert all(families.count(family) >= 10 for family in ("body", "keys", "polls", "protocol"))


def test_names_and_stories_are_told_once() -> None:
    assert len({(mutant.api, mutant.name) for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert mutant.story.endswith(".")
        assert mutant.name == mutant.name.lower()
        assert " " not in mutant.name
