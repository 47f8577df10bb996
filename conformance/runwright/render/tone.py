"""Tones: what kind of state a status is, told by colour, pattern and sign alike."""

from collections.abc import Mapping
from enum import StrEnum

from runwright.coverage import LifecycleSeen, StateSeen
from runwright.lifecycle import Outcome
from runwright.report import Standing, Verdict


class Tone(StrEnum):
    """What a state means for whoever waits."""

    WAITING = "waiting"
    ACTIVE = "active"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"
    CANCELED = "canceled"
    STRANGER = "stranger"


MEANINGS: Mapping[Tone, str] = {
    Tone.WAITING: "not begun",
    Tone.ACTIVE: "under way",
    Tone.SUCCESS: "ended well",
    Tone.PARTIAL: "ended in part",
    Tone.FAILURE: "ended badly",
    Tone.CANCELED: "called off",
    Tone.STRANGER: "unknown to the spec",
}

SIGNS: Mapping[Tone, str] = {
    Tone.SUCCESS: "check",
    Tone.PARTIAL: "half",
    Tone.FAILURE: "cross",
    Tone.CANCELED: "stop",
    Tone.STRANGER: "question",
}
"""The drawings that stand beside an end, by the names of the page's symbols."""

WORDS: Mapping[Verdict, str] = {
    Verdict.HOLDS: "holds",
    Verdict.VIOLATED: "violated",
    Verdict.UNKNOWN: "not met",
    Verdict.BROKEN: "could not judge",
    Verdict.NOT_APPLICABLE: "does not apply",
}
"""Verdicts in words for people."""

SHOWN_AS: Mapping[Standing, Verdict] = {
    Standing.CONFORMS: Verdict.HOLDS,
    Standing.OPEN: Verdict.UNKNOWN,
    Standing.VIOLATED: Verdict.VIOLATED,
}
"""What a verdict over all looks like: as that verdict of a rule does."""


def tone_of_state(state: StateSeen) -> Tone:
    """Return the tone of a declared state."""
    if state.outcome is not None:
        return {
            Outcome.SUCCESS: Tone.SUCCESS,
            Outcome.PARTIAL: Tone.PARTIAL,
            Outcome.FAILURE: Tone.FAILURE,
            Outcome.CANCELED: Tone.CANCELED,
        }[state.outcome]
    return Tone.WAITING if state.initial else Tone.ACTIVE


def tones(lifecycle: LifecycleSeen | None) -> Mapping[str, Tone]:
    """Return the tones of a lifecycle's states by name; a status that has none is a stranger."""
    states = lifecycle.states if lifecycle else ()
    return {state.name: tone_of_state(state) for state in states}
