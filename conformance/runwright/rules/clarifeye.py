"""What Clarifeye promises of pipeline runs beyond one body's schema and the lifecycle."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runwright.history import SKEW
from runwright.rule import Findings, judged, rule
from runwright.rules import aborts, graph, offsets, pages
from runwright.rules.shape import as_array, as_object, member
from runwright.rules.sightings import sightings, whole
from runwright.trace import Call, Look, Observation, Trace

STATUSES: Final = (
    "pending",
    "running",
    "completed",
    "completed_with_warnings",
    "failed",
    "aborted",
)
MODES: Final = ("auto_publish", "manual_publish")
STARTERS: Final = ("runExtractionFlow", "publishExtractionFlow")
DEFAULT_LIMIT: Final = 100
MOST_LIMIT: Final = 1000

LIST_LAG: Final = 10.0
"""Seconds by which a list may be older than a detail."""

A_DAY: Final = 86_400.0
"""How long a run is surely kept, in seconds; the docs do not say when runs are thrown away."""


# ---- steps -----------------------------------------------------------------------------------


@rule("clarifeye.step.dependencies-exist", over="run")
def dependencies_exist(trace: Trace) -> Findings:
    """`depends_on` holds names of steps of the same run, each borne by one step only."""
    for look in trace.looks:
        yield from graph.dependencies_exist(look)


@rule("clarifeye.step.dependencies-have-no-cycle", over="run")
def dependencies_have_no_cycle(trace: Trace) -> Findings:
    """No step depends on itself, directly or through others."""
    for look in trace.looks:
        yield from graph.dependencies_have_no_cycle(look)


@rule("clarifeye.step.runs-after-its-dependencies", over="run")
def runs_after_its_dependencies(trace: Trace) -> Findings:
    """A step runs, and completes, only when all steps that it depends on have completed."""
    for look in trace.looks:
        yield from graph.runs_after_its_dependencies(look)


@rule("clarifeye.step.ids-are-unique", over="run")
def ids_are_unique(trace: Trace) -> Findings:
    """No two steps of a run have the same id."""
    for look in trace.looks:
        yield from graph.ids_are_unique(look)


@rule("clarifeye.step.is-no-older-than-its-run", over="run")
def is_no_older_than_its_run(trace: Trace) -> Findings:
    """No step was created before its run; a second is forgiven."""
    for look in trace.looks:
        yield from graph.is_no_older_than_its_run(look)


@rule("clarifeye.step.outputs-agree-with-tables", over="run")
def outputs_agree_with_tables(trace: Trace) -> Findings:
    """The version of a table that just one step has made is the one that the run shows."""
    for look in trace.looks:
        yield from graph.outputs_agree_with_tables(look)


@rule("clarifeye.step.tables-stay-resolved")
def tables_stay_resolved(observation: Observation) -> Findings:
    """A table version that a step has resolved neither changes nor vanishes."""
    for looks in observation.strands("step"):
        yield from graph.tables_stay_resolved(looks, "inputs", "outputs")


# ---- runs ------------------------------------------------------------------------------------


@rule("clarifeye.run.failed-has-a-failed-step", over="run")
def failed_has_a_failed_step(trace: Trace) -> Findings:
    """A failed run has a failed step, unless none was started."""
    yield from graph.failed_has_a_failed_step(trace.looks)


@rule("clarifeye.run.project-matches-path", over="run")
def project_matches_path(trace: Trace) -> Findings:
    """A run that was read or listed below a project names this project as its own."""
    for look in trace.looks:
        asked, actual = look.call.path_parameters.get("project_id"), look.body.get("project")
        if asked is not None and isinstance(actual, str):
            good = actual.casefold() == asked.casefold()
            yield judged(good, look, at="/project", expected=asked, actual=actual)


@rule("clarifeye.run.documents-are-as-asked")
def documents_are_as_asked(observation: Observation) -> Findings:
    """A run that was started for some documents targets exactly these."""
    seen = sightings(observation)
    for call, key in _starts(observation, "runExtractionFlow"):
        sent = as_array(member(call.exchange.request.json, "document_ids"))
        wanted = _lowered(sent)
        if not wanted:
            continue
        for look in whole(seen.get((call.exchange.actor, key), ())):
            targets = look.body.get("document_ids")
            # Null may mean that they are not known yet, but not once the run is over.
            if isinstance(targets, list) or (
                targets is None and "document_ids" in look.body and look.is_terminal
            ):
                yield judged(
                    targets is not None and _lowered(targets) == wanted,
                    call,
                    look,
                    at="/document_ids",
                    expected=sent,
                    actual=targets,
                )


def _lowered(ids: list[Any]) -> set[str]:
    return {identifier.casefold() for identifier in ids if isinstance(identifier, str)}


@rule("clarifeye.run.is-readable-once-started")
def is_readable_once_started(observation: Observation) -> Findings:
    """A run that was queued can be read and, a moment later, is listed from then on."""
    lists = [(call, ids) for call in observation.calls if (ids := _whole_list(call)) is not None]
    for start, key in _starts(observation, *STARTERS):
        for call in observation.polls.get(key, ()):
            # A token may be good for running, and not for reading.
            if _follows(start, call) and call.exchange.status in (200, 400, 404, 410):
                yield judged(
                    call.exchange.status == 200,
                    start,
                    call,
                    expected=f"200, since the run {key} was queued",
                    actual=str(call.exchange.status),
                )
        answered = start.exchange.at + start.exchange.took
        for call, ids in lists:
            if _follows(start, call) and call.exchange.at > answered + LIST_LAG + SKEW:
                yield judged(
                    key in ids,
                    start,
                    call,
                    at="/results",
                    expected=f"the run {key} among all runs",
                    actual=f"{len(ids)} other runs",
                )


def _starts(observation: Observation, *operations: str) -> Iterator[tuple[Call, str]]:
    """Yield the calls that started a run, each with the run's id."""
    for call in observation.calls:
        if call.calls(*operations) and call.exchange.succeeded:
            key = member(call.body, "pipeline_run_id")
            if isinstance(key, str):
                yield call, key


def _follows(start: Call, call: Call) -> bool:
    """True if a call surely came after, on the same day, by the same tenant in the project."""
    one, other = start.exchange, call.exchange
    return (
        one.credentials == other.credentials == "valid"
        and one.actor == other.actor
        and start.path_parameters.get("project_id") == call.path_parameters.get("project_id")
        and one.precedes(other)
        and other.at - one.at < A_DAY
        and call.is_exact
    )


def _whole_list(call: Call) -> list[Any] | None:
    """Return the ids of the runs in an answer that lists all runs of a project, else None."""
    if not call.calls("listPipelineRuns") or call.exchange.status != 200:
        return None
    count = member(call.body, "count")
    results = member(call.body, "results")
    if offsets.asked_for(call, "status") or offsets.number(call, "offset", 0) != 0:
        return None
    if not isinstance(results, list) or not isinstance(count, int) or count > len(results):
        return None
    return [as_object(item).get("id") for item in results]


# ---- the list --------------------------------------------------------------------------------


@rule("clarifeye.list.is-newest-first", on="PipelineRunPage")
def list_is_newest_first(look: Look) -> Findings:
    """The list shows the run first that was created last."""
    items = as_array(look.body.get("results"))
    yield from offsets.is_sorted_down(look, items, "created_at", at="/results")


@rule("clarifeye.list.keeps-the-status-filter", on="PipelineRunPage")
def list_keeps_the_status_filter(look: Look) -> Findings:
    """A list for one status has only runs of that status."""
    yield from offsets.keeps_the_filter(look, "status", STATUSES)


@rule("clarifeye.list.keeps-the-limit", on="PipelineRunPage")
def list_keeps_the_limit(look: Look) -> Findings:
    """A page has no more runs than its limit, 100 if none is given."""
    yield from offsets.keeps_the_limit(look, default=DEFAULT_LIMIT, most=MOST_LIMIT)


@rule("clarifeye.list.pages-add-up", on="PipelineRunPage")
def list_pages_add_up(look: Look) -> Findings:
    """A page ends within the count, and has neighbours exactly where there are more runs."""
    yield from offsets.pages_add_up(look, default=DEFAULT_LIMIT, most=MOST_LIMIT)


@rule("clarifeye.list.logs-are-the-newest")
def list_logs_are_the_newest(observation: Observation) -> Findings:
    """The logs in the list are the end of what the detail had as logs at that time."""
    for looks in sightings(observation).values():
        details = whole(looks)
        for item in looks:
            if item.call.calls("listPipelineRuns"):
                yield from pages.ends_as_detail(item, details, "raw_logs")


@rule("clarifeye.list.agrees-with-detail")
def list_agrees_with_detail(observation: Observation) -> Findings:
    """List and detail show the same of a run that did not change; counts are lengths."""
    yield from pages.agrees_with_detail(observation, "listPipelineRuns", plain=_comparable)


def _comparable(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a run with counts for arrays, its steps by id in any order, and no logs."""
    plain = {name: value for name, value in body.items() if name != "raw_logs"}
    for name, count in (("document_ids", "document_count"), ("chunk_ids", "chunk_count")):
        targets = plain.pop(name, None)
        if isinstance(targets, list):
            plain[count] = len(targets)
        elif plain.get(count) is None:
            plain.pop(count, None)
    if isinstance(plain.get("steps"), list):
        plain["steps"] = {str(member(step, "id")): step for step in plain["steps"]}
    return plain


# ---- aborts and flows ------------------------------------------------------------------------


@rule("clarifeye.abort.ends-the-run")
def abort_ends_the_run(observation: Observation) -> Findings:
    """A run that was aborted has ended."""
    yield from aborts.ends_the_run(observation, "abortPipelineRun")


@rule("clarifeye.abort.leaves-ended-runs-alone")
def abort_leaves_ended_runs_alone(observation: Observation) -> Findings:
    """To abort a run that has ended is no error, and changes nothing."""
    yield from aborts.leaves_ended_runs_alone(
        observation, "abortPipelineRun", answers=("aborted",), moves=("raw_logs", "updated_at")
    )


@rule("clarifeye.flow.list-is-last-updated-first")
def flow_list_is_last_updated_first(observation: Observation) -> Findings:
    """The list of flows shows the flow first that was updated last."""
    for call in observation.calls:
        if call.calls("listExtractionFlows") and call.exchange.succeeded:
            yield from offsets.is_sorted_down(call, as_array(call.body), "updated_at")


@rule("clarifeye.flow.update-shows-what-was-sent")
def flow_update_shows_what_was_sent(observation: Observation) -> Findings:
    """The answer to an update has the name and the publish mode that were sent."""
    for call in observation.calls:
        if not call.calls("updateExtractionFlow") or call.exchange.status != 200:
            continue
        sent, shown = call.exchange.request.json, as_object(call.body)
        name, mode = member(sent, "name"), member(sent, "publish_mode")
        # Spaces around a name may be cut off.
        if isinstance(name, str) and isinstance(shown.get("name"), str):
            good = shown["name"].strip() == name.strip()
            yield judged(good, call, at="/name", expected=name, actual=shown["name"])
        if mode in MODES and "publish_mode" in shown:
            actual = shown["publish_mode"]
            yield judged(actual == mode, call, at="/publish_mode", expected=mode, actual=actual)
