"""All trials together: what is wrong with them, and how long the suite mostly took."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from attrs import frozen
from runwright.emulator.mutant import mutants_of
from runwright.rule import Level
from runwright.rulebook import load_rulebook

from kills.trial import Trial


@frozen(kw_only=True)
class Median:
    """How soon some mutants were caught: requests, seconds, and seconds to the verdict.

    Each is the time by which half of those that were caught had been; ``slowest`` is the longest
    that a verdict took.
    """

    name: str
    mutants: int
    caught: int
    requests: float | None
    seconds: float | None
    verdict: float | None
    slowest: float | None


def findings(trials: Sequence[Trial], *, whole: bool) -> Iterator[str]:
    """Yield a sentence for everything that is wrong.

    With `whole`, every mutant of the APIs was tried, and a firm promise whose rule caught none
    is a finding, too.
    """
    for trial in trials:
        yield from _about(trial)
    if whole:
        for api in dict.fromkeys(trial.order.api for trial in trials):
            yield from _idle(api, [trial for trial in trials if trial.order.api == api])


def _about(trial: Trial) -> Iterator[str]:
    mutant = trial.mutant
    name = f"{trial.order.api} {trial.order.fault or 'honest'} ({trial.order.reading})"
    if mutant is not None and mutant.breaks not in trial.violated:
        yield f"{name}: not caught by {mutant.breaks}"
    for rule in trial.unlisted:
        yield f"{name}: breaks {rule}, too"
    for rule in trial.broken:
        yield f"{name}: {rule} raised an error"


def _idle(api: str, trials: Sequence[Trial]) -> Iterator[str]:
    caught = {t.mutant.breaks for t in trials if t.mutant and t.mutant.breaks in t.violated}
    for rule in firm_rules(api):
        if rule not in caught:
            yield f"{rule}: catches no mutant"


def firm_rules(api: str) -> tuple[str, ...]:
    """Return the rules that a vendor promises and that a test run can see broken."""
    return tuple(
        entry.rule.id
        for entry in load_rulebook(api).entries
        if entry.level is not Level.INFERRED and not (entry.line and entry.line.unwitnessed)
    )


def medians(trials: Sequence[Trial]) -> tuple[Median, ...]:
    """Return the medians of each API, of each family, and of all mutants."""
    tried = [(trial, mutant) for trial in trials if (mutant := trial.mutant) is not None]
    groups: dict[str, list[Trial]] = {}
    for trial, _ in tried:
        groups.setdefault(trial.order.api, []).append(trial)
    for trial, mutant in sorted(tried, key=lambda pair: pair[1].family):
        groups.setdefault(mutant.family, []).append(trial)
    groups["all"] = [trial for trial, _ in tried]
    return tuple(_median(name, group) for name, group in groups.items())


def _median(name: str, trials: Sequence[Trial]) -> Median:
    caught = [trial.caught for trial in trials if trial.caught is not None]
    return Median(
        name=name,
        mutants=len(trials),
        caught=len(caught),
        requests=median(catch.requests for catch in caught) if caught else None,
        seconds=median(catch.seconds for catch in caught) if caught else None,
        verdict=median(catch.verdict for catch in caught) if caught else None,
        slowest=max((catch.verdict for catch in caught), default=None),
    )


def dump(trials: Sequence[Trial], *, whole: bool) -> dict[str, Any]:
    """Return everything as JSON values."""
    apis = tuple(dict.fromkeys(trial.order.api for trial in trials))
    return {
        "findings": tuple(findings(trials, whole=whole)),
        "medians": medians(trials),
        "rules": [
            {
                "id": entry.rule.id,
                "level": entry.level.value,
                "unwitnessed": entry.line.unwitnessed if entry.line else None,
                "mutants": [n for n, m in mutants_of(api).items() if m.breaks == entry.rule.id],
            }
            for api in apis
            for entry in load_rulebook(api).entries
        ],
        "trials": [_dump_trial(trial) for trial in trials],
    }


def _dump_trial(trial: Trial) -> dict[str, Any]:
    mutant, order = trial.mutant, trial.order
    about = mutant and {
        "family": mutant.family,
        "breaks": mutant.breaks,
        "also": mutant.also,
        "story": mutant.story,
    }
    return {
        "api": order.api,
        "mutant": order.fault,
        **(about or {}),
        "reading": order.reading,
        "profile": order.profile,
        "seed": order.seed,
        "caught": trial.caught,
        "violated": trial.violated,
        "unlisted": trial.unlisted,
        "broken": trial.broken,
        "requests": trial.requests,
        "seconds": round(trial.seconds, 3),
        "remarks": trial.remarks,
    }
