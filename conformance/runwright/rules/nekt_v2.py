"""What Nekt promises of flat runs with a number and costs, beyond a schema and the lifecycle."""

from collections.abc import Iterator, Mapping
from typing import Any

from runwright.rule import Findings, judged, rule
from runwright.rules import cancels, pages, starts, times
from runwright.rules.sightings import answers, sightings
from runwright.trace import Look, Observation

STOPPING = ("cancelling", "canceled")
PAGES = ("RunPage", "SourcePage", "TransformationPage", "DestinationPage")
OWNERS = ("source", "destination", "transformation")
REFERENCES = (*OWNERS, "triggered_by", "triggered_by_token")


@rule("nekt_v2.run.updated-at-covers-the-end", on="Run")
def updated_at_covers_the_end(look: Look) -> Findings:
    """Neither `started_at` nor `ended_at` is after `updated_at`."""
    yield from times.in_order(look, "started_at", "updated_at")
    yield from times.in_order(look, "ended_at", "updated_at")


@rule("nekt_v2.run.duration-is-end-minus-start", on="Run")
def duration_is_end_minus_start(look: Look) -> Findings:
    """`duration_seconds` is the time from `started_at` to `ended_at`, within one second."""
    started, ended = times.moment(look, "started_at"), times.moment(look, "ended_at")
    duration = look.body.get("duration_seconds")
    if started is None or ended is None or isinstance(duration, bool):
        return
    if isinstance(duration, int | float):
        yield judged(
            abs(duration - (ended - started)) <= 1,
            look,
            at="/duration_seconds",
            expected=f"{ended - started:g}, within 1",
            actual=duration,
        )


@rule("nekt_v2.run.references-are-constant")
def references_are_constant(observation: Observation) -> Findings:
    """The owner, the user and the token of a run never change, as far as they stand as ids."""
    for looks in sightings(observation).values():
        for name in REFERENCES:
            first: Look | None = None
            for look in looks:
                value = look.body.get(name)
                if not _is_plain(value):
                    continue
                if first is None:
                    first = look
                    continue
                expected = first.body[name]
                yield judged(
                    value == expected, first, look, at=f"/{name}", expected=expected, actual=value
                )


@rule("nekt_v2.expand.keeps-the-id")
def expand_keeps_the_id(observation: Observation) -> Findings:
    """With expand[] a member is the object whose id stands there otherwise."""
    for looks in sightings(observation).values():
        plain = {name: _plain_look(looks, name) for name in REFERENCES}
        for look in looks:
            for name in _expanded(look):
                other = plain[name]
                if other is None or name not in look.body:
                    continue
                value, expected = look.body[name], other.body[name]
                key = value.get("id") if isinstance(value, dict) else value
                if value is None or isinstance(value, dict):
                    yield judged(
                        key == expected,
                        other,
                        look,
                        at=f"/{name}" + ("/id" if isinstance(value, dict) else ""),
                        expected=expected,
                        actual=key,
                    )


def _is_plain(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _expanded(look: Look) -> Iterator[str]:
    """Yield the references that a look was asked to expand."""
    asked = {value.split(".")[0] for name, value in look.call.query if name == "expand[]"}
    return (name for name in REFERENCES if name in asked)


def _plain_look(looks: tuple[Look, ...], name: str) -> Look | None:
    """Return a look that was not asked to expand a reference and shows an id, or null, for it."""
    return next(
        (
            look
            for look in looks
            if name in look.body
            and name not in _expanded(look)
            and (look.body[name] is None or _is_plain(look.body[name]))
        ),
        None,
    )


@rule("nekt_v2.cancel.leads-to-canceled")
def cancel_leads_to_canceled(observation: Observation) -> Findings:
    """Cancel answers with that run, cancelling or canceled, and the run then ends."""
    yield from cancels.leads_to_canceled(observation, "cancelRun", stopping=STOPPING)


@rule("nekt_v2.cancel.leaves-ended-runs-alone")
def cancel_leaves_ended_runs_alone(observation: Observation) -> Findings:
    """To cancel a run that has ended never changes its status, whatever is answered."""
    yield from cancels.leaves_ended_runs_alone(observation, "cancelRun")


@rule("nekt_v2.list.pages-are-consistent")
def pages_are_consistent(observation: Observation) -> Findings:
    """`count`, `next` and `previous` of a page agree with its results and with its number."""
    for schema in PAGES:
        for look in observation.looks(schema):
            yield from pages.pages_are_consistent(look)


@rule("nekt_v2.list.names-each-run-once", on="RunPage")
def names_each_run_once(look: Look) -> Findings:
    """No run stands twice on a page."""
    yield from pages.names_each_once(look)


@rule("nekt_v2.list.agrees-with-detail")
def list_agrees_with_detail(observation: Observation) -> Findings:
    """A run in a list and the same run alone have equal values when nothing changed in between."""
    yield from pages.agrees_with_detail(observation, "listRuns", plain=_with_ids)


def _with_ids(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a run with the id in place of each reference that is expanded."""
    plain = dict(body)
    for name in REFERENCES:
        value = plain.get(name)
        if isinstance(value, dict):
            if "id" in value:
                plain[name] = value["id"]
            else:
                del plain[name]
    return plain


@rule("nekt_v2.trigger.starts-a-run-of-that-pipeline")
def trigger_starts_a_run_of_that_pipeline(observation: Observation) -> Findings:
    """Trigger creates one new run of the owner in the path, with full_sync as it was sent."""
    yield from starts.starts_a_new_run(observation, "triggerPipeline")
    owners = _owners(observation)
    for look in answers(observation, "triggerPipeline"):
        sent, full = starts.flag_sent(look, "full_sync"), look.body.get("full_sync")
        if sent is not None and isinstance(full, bool):
            yield judged(full == sent, look, at="/full_sync", expected=sent, actual=full)
        wanted = owners.get((look.exchange.actor, look.call.parameter("pipeline_slug") or ""))
        named = [value for n in OWNERS if (value := _with_ids(look.body).get(n)) is not None]
        if wanted and len(named) == 1 and isinstance(named[0], str):
            yield judged(
                named[0] in wanted, look, expected=" or ".join(sorted(wanted)), actual=named[0]
            )


def _owners(observation: Observation) -> Mapping[tuple[str | None, str], set[str]]:
    """Return the ids of the owners that have a slug, by who saw them and the slug."""
    found: dict[tuple[str | None, str], set[str]] = {}
    for schema in ("Source", "Destination", "Transformation"):
        for look in observation.looks(schema):
            slug, key = look.body.get("slug"), look.body.get("id")
            if isinstance(slug, str) and isinstance(key, str):
                found.setdefault((look.exchange.actor, slug), set()).add(key)
    return found
