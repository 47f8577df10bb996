"""What Nekt promises of runs that nest their pipeline, beyond a body's schema and the lifecycle."""

from collections.abc import Mapping
from typing import Any

from runwright.rule import Findings, judged, rule
from runwright.rules import cancels, pages, starts, times
from runwright.rules.shape import as_object, member
from runwright.rules.sightings import answers
from runwright.rules.states import CLOCK_TOLERANCE
from runwright.trace import Look, Observation, Trace

STOPPING = ("cancelling", "canceled")
PAGES = ("RunPage", "SourcePage", "TransformationPage", "DestinationPage")
BY_CALL, BY_ITSELF = ("api", "manual"), ("cron", "event")
"""The known trigger types: those that a call of the API may have, and the others."""


@rule("nekt.run.updated-at-covers-the-end", on="Run")
def updated_at_covers_the_end(look: Look) -> Findings:
    """Neither `started_at` nor `ended_at` is after `updated_at`."""
    yield from times.in_order(look, "started_at", "updated_at")
    yield from times.in_order(look, "ended_at", "updated_at")


@rule("nekt.run.pipeline-is-older", on="Run")
def pipeline_is_older(look: Look) -> Findings:
    """A pipeline was made before its runs."""
    yield from times.in_order(look, "/pipeline/created_at", "created_at")


@rule("nekt.run.log-clock-is-ordered", on="Run")
def log_clock_is_ordered(look: Look) -> Findings:
    """A log is opened not before its run was created, and written to not before it was opened."""
    yield from times.in_order(look, "created_at", "/log/created_at", "/log/updated_at")


@rule("nekt.run.token-clock-is-ordered", on="Run")
def token_clock_is_ordered(look: Look) -> Findings:
    """A token is not used before it was made."""
    token = "/triggered_by_token"
    yield from times.in_order(look, f"{token}/created_at", f"{token}/last_used_at")


@rule("nekt.run.latest-run-agrees", over="run")
def latest_run_agrees(trace: Trace) -> Findings:
    """What the pipeline in a run says of its latest run agrees with the run.

    It may be a snapshot, unless it changes from look to look.
    """
    for look in trace.looks:
        other = next((seen for seen in trace.looks if _latest(seen) != _latest(look)), None)
        if other is not None:
            yield from _judge_latest(other, look)


def _latest(look: Look) -> tuple[Any, ...]:
    pipeline = as_object(look.body.get("pipeline"))
    return tuple(pipeline.get(f"latest_run_{name}") for name in ("started", "ended", "status"))


def _judge_latest(other: Look, look: Look) -> Findings:
    pipeline = as_object(look.body.get("pipeline"))
    started = times.moment(look, "started_at")
    latest = times.moment(look, "/pipeline/latest_run_started")
    if started is None or latest is None:
        return
    if latest != started:
        yield judged(
            started <= latest + CLOCK_TOLERANCE,
            other,
            look,
            at="/pipeline/latest_run_started",
            expected=f"not before {look.body['started_at']}, when this run began",
            actual=pipeline["latest_run_started"],
        )
        return
    # Another run may have begun in the same second.
    sure = not latest.is_integer()
    for name in ("latest_run_status", *(["current_status"] if look.status == "running" else [])):
        said = pipeline.get(name)
        known = look.lifecycle and look.lifecycle.is_known(said) and _is_known(look)
        if known and (sure or said == look.status):
            yield judged(
                said == look.status,
                other,
                look,
                at=f"/pipeline/{name}",
                expected=look.status,
                actual=said,
            )
    ends = times.moment(look, "/pipeline/latest_run_ended") == times.moment(look, "ended_at")
    if "latest_run_ended" in pipeline and (sure or ends):
        yield judged(
            ends,
            other,
            look,
            at="/pipeline/latest_run_ended",
            expected=look.body.get("ended_at"),
            actual=pipeline["latest_run_ended"],
        )


def _is_known(look: Look) -> bool:
    return look.lifecycle is not None and look.lifecycle.is_known(look.status)


@rule("nekt.pipeline.latest-run-clock-is-ordered", on="Pipeline")
def latest_run_clock_is_ordered(look: Look) -> Findings:
    """A pipeline's `latest_run_ended` is null or not before `latest_run_started`."""
    yield from times.in_order(look, "latest_run_started", "latest_run_ended")


@rule("nekt.cancel.leads-to-canceled")
def cancel_leads_to_canceled(observation: Observation) -> Findings:
    """Cancel answers with that run, cancelling or canceled, and the run then ends."""
    yield from cancels.leads_to_canceled(observation, "cancelRun", stopping=STOPPING)


@rule("nekt.cancel.leaves-ended-runs-alone")
def cancel_leaves_ended_runs_alone(observation: Observation) -> Findings:
    """To cancel a run that has ended never changes its status, whatever is answered."""
    yield from cancels.leaves_ended_runs_alone(observation, "cancelRun")


@rule("nekt.list.pages-are-consistent")
def pages_are_consistent(observation: Observation) -> Findings:
    """`count`, `next` and `previous` of a page agree with its results and with its number."""
    for schema in PAGES:
        for look in observation.looks(schema):
            yield from pages.pages_are_consistent(look)


@rule("nekt.list.names-each-run-once", on="RunPage")
def names_each_run_once(look: Look) -> Findings:
    """No run stands twice on a page."""
    yield from pages.names_each_once(look)


@rule("nekt.list.agrees-with-detail")
def list_agrees_with_detail(observation: Observation) -> Findings:
    """A run in a list and the same run alone have equal values when nothing changed in between."""
    yield from pages.agrees_with_detail(observation, "listRuns", plain=_of_the_run)


def _of_the_run(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what belongs to the run alone: not its pipeline, nor when its token was last used."""
    plain = {name: value for name, value in body.items() if name != "pipeline"}
    token = plain.get("triggered_by_token")
    if isinstance(token, dict):
        plain["triggered_by_token"] = {k: v for k, v in token.items() if k != "last_used_at"}
    return plain


@rule("nekt.trigger.starts-a-run-of-that-pipeline")
def trigger_starts_a_run_of_that_pipeline(observation: Observation) -> Findings:
    """Trigger creates one new run of the pipeline in the path, by api or manual."""
    yield from starts.starts_a_new_run(observation, "triggerPipeline")
    for look in answers(observation, "triggerPipeline"):
        asked, slug = look.call.parameter("pipeline_slug"), member(look.body, "pipeline", "slug")
        if isinstance(slug, str):
            yield judged(slug == asked, look, at="/pipeline/slug", expected=asked, actual=slug)
        kind = look.body.get("trigger_type")
        if kind in BY_CALL + BY_ITSELF:
            yield judged(
                kind in BY_CALL,
                look,
                at="/trigger_type",
                expected=" or ".join(BY_CALL),
                actual=kind,
            )
