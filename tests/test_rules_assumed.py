"""Answers that no document prints accuse nobody, and count where they are as described."""

import pytest
from nekt_story import OTHER, QUEUED, RUNNING, SLUG, SUCCESS, Told, by, cancel, look, tell, trigger
from runwright.judge import judge
from runwright.report import Verdict
from runwright.rulebook import load_rulebook
from runwright.spec import load_spec

ELSEWHERE = f"/runs/{OTHER}/"


def asked(status: int, body: object, path: str = ELSEWHERE) -> Told:
    """A look at a run that is answered otherwise."""
    return Told(method="GET", path=path, status=status, body=body)


def violated(api: str, *story: Told) -> set[str]:
    """The rules that a story breaks."""
    report = judge(tell(api, *story), load_rulebook(api))
    return {result.rule for result in report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)}


@pytest.mark.parametrize("api", ["nekt", "nekt_v2"])
@pytest.mark.parametrize(
    "told",
    [
        trigger(SLUG, {"message": "ok"}),
        trigger(SLUG, {"id": OTHER, "status": "started"}),
        by(trigger(SLUG, {}), body=None, status=204),
        by(trigger(SLUG, {"message": "ok"}), status=202),
        by(cancel(SUCCESS, 400), body={"message": "already finished"}),
        by(cancel(SUCCESS, 400), body=["Run already finished"]),
        by(cancel(SUCCESS, 422), body={"detail": "finished"}),
        asked(404, "Not found"),
        asked(403, {"error": {"code": 7}}),
    ],
    ids=lambda told: f"{told.status} {told.body}",
)
def test_another_answer_than_the_assumed_one_accuses_nobody(api: str, told: Told) -> None:
    assert violated(api, told) == set()


def test_two_triggers_that_name_the_same_thing_accuse_nobody() -> None:
    """What is no run is no run that was there before."""
    answer = {"id": OTHER, "slug": SLUG}
    assert violated("nekt", trigger(SLUG, answer), trigger(SLUG, answer)) == set()


def test_an_assumed_answer_that_is_as_described_is_judged() -> None:
    again = violated("nekt", trigger(SLUG, QUEUED), trigger(SLUG, QUEUED))
    assert again == {"nekt.trigger.starts-a-run-of-that-pipeline"}
    assert violated("nekt", trigger(SLUG, RUNNING)) == {"nekt.run.begins-initial"}


def test_a_printed_answer_must_be_as_printed() -> None:
    bare = {name: value for name, value in SUCCESS.items() if name != "log"}
    assert violated("nekt", look(bare)) == {"nekt.protocol.body-matches-schema"}
    assert violated("nekt", by(look(SUCCESS), status=206)) == {"nekt.protocol.status-is-documented"}


@pytest.mark.parametrize("api", ["nekt", "nekt_v2", "pipe0_pipeline"])
def test_where_no_refusal_is_printed_all_are_assumed(api: str) -> None:
    for operation in load_spec(api).operations.values():
        assert all(map(operation.assumes, (400, 401, 404, 418)))
        assert not operation.assumes(200) or operation.id in ("getPipeline", "triggerPipeline")
