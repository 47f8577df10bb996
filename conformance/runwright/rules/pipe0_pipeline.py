"""What the Pipe0 pipeline of 2025 promises beyond one body's schema and the lifecycle."""

from typing import Any

from runwright.rule import Findings, judged, rule
from runwright.rules import table
from runwright.rules.shape import as_array, member
from runwright.trace import Look, Observation, Trace

STARTERS = ("runPipeline", "runPipelineSync")


@rule("pipe0_pipeline.order.lists-every-record-once", on="PipelineResponse")
def order_lists_every_record_once(look: Look) -> Findings:
    """`order` lists every record once, and nothing else."""
    yield from table.order_lists_records(look)


@rule("pipe0_pipeline.order.follows-the-input", over="run")
def order_follows_the_input(trace: Trace) -> Findings:
    """`order` is the order of the input objects."""
    yield from table.order_follows_input(trace, *STARTERS)


@rule("pipe0_pipeline.record.key-equals-id", on="PipelineResponse")
def key_equals_id(look: Look) -> Findings:
    """The key of each record is its id as a string."""
    yield from table.keys_equal_ids(look)


@rule("pipe0_pipeline.record.id-is-the-one-given", over="run")
def id_is_the_one_given(trace: Trace) -> Findings:
    """A record has the id of its input object, in the same JSON type."""
    yield from table.ids_are_given_ones(trace, *STARTERS)


@rule("pipe0_pipeline.record.fields-are-normalized", on="PipelineResponse")
def fields_are_normalized(look: Look) -> Findings:
    """All records have the same fields."""
    yield from table.fields_are_normalized(look)


@rule("pipe0_pipeline.record.fields-include-inputs", over="run")
def fields_include_inputs(trace: Trace) -> Findings:
    """Every property of every input object is a field of all records."""
    yield from table.fields_include_inputs(trace, *STARTERS)


@rule("pipe0_pipeline.record.id-field-equals-id", on="PipelineResponse")
def id_field_equals_id(look: Look) -> Findings:
    """The value of a record's field `id` is the record's id."""
    yield from table.id_field_equals_id(look)


@rule("pipe0_pipeline.record.fields-match-definitions", on="PipelineResponse")
def fields_match_definitions(look: Look) -> Findings:
    """`field_definitions` and every `record.fields` have the same keys."""
    yield from table.fields_match_definitions(look)


@rule("pipe0_pipeline.definitions.are-constant", over="run")
def definitions_are_constant(trace: Trace) -> Findings:
    """The columns of a run do not change."""
    yield from table.definitions_are_constant(trace)


@rule("pipe0_pipeline.field.type-matches-definition", on="PipelineResponse")
def type_matches_definition(look: Look) -> Findings:
    """A field has the type that its definition has."""
    yield from table.types_match_definitions(look)


@rule("pipe0_pipeline.field.resolver-is-claimant", on="PipelineResponse")
def resolver_is_claimant(look: Look) -> Findings:
    """A field that a pipe resolved was claimed by this pipe."""
    yield from table.resolver_is_claimant(look)


@rule("pipe0_pipeline.field.input-is-copied", over="run")
def input_is_copied(trace: Trace) -> Findings:
    """A value that the input gave, for a field that no pipe claims, is the field's value."""
    yield from table.input_is_copied(trace, *STARTERS)


@rule("pipe0_pipeline.field.valueless-input-is-unknown", on="PipelineResponse")
def valueless_input_is_unknown(look: Look) -> Findings:
    """A column of the input for which no row has a value has the type `unknown`."""
    yield from table.valueless_input_is_unknown(look)


@rule("pipe0_pipeline.pipes.are-those-sent", over="run")
def pipes_are_those_sent(trace: Trace) -> Findings:
    """`pipes` has the pipes of the request, in whatever order."""
    first, sent = _sent_pipes(trace)
    for look in trace.looks:
        answered = look.body.get("pipes")
        if first is not None and isinstance(answered, list):
            names = [str(member(pipe, "pipe_id")) for pipe in answered]
            yield judged(
                sorted(names) == sorted(sent),
                first,
                look,
                at="/pipes",
                expected=sent,
                actual=names,
            )


@rule("pipe0_pipeline.pipes.keep-their-configuration", over="run")
def pipes_keep_their_configuration(trace: Trace) -> Findings:
    """Each pipe comes back with the configuration that was sent; defaults may be added."""
    start = next((look for look in trace.looks if look.call.calls(*STARTERS)), None)
    sent = as_array(member(start.exchange.request.json, "pipes")) if start else []
    for look in trace.looks:
        answered = look.body.get("pipes")
        if start is None or not isinstance(answered, list):
            continue
        for pipe in sent:
            name = member(pipe, "pipe_id")
            alike = [other for other in answered if member(other, "pipe_id") == name]
            if alike:
                good = any(_contains(other, pipe) for other in alike)
                yield judged(good, start, look, at="/pipes", expected=pipe, actual=alike)


def _contains(whole: Any, part: Any) -> bool:
    """True if a value holds all that another one says; null says nothing."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(_contains(whole.get(name), value) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list) and len(part) == len(whole):
        return all(map(_contains, whole, part))
    return part is None or bool(part == whole)


@rule("pipe0_pipeline.pipes.keep-order-when-validation-fails", over="run")
def pipes_keep_order_when_validation_fails(trace: Trace) -> Findings:
    """A run that failed its validation has its pipes in the order of the request."""
    first, sent = _sent_pipes(trace)
    # Only a run that was failed when it was created surely failed its validation.
    if first is None or first.status != "failed":
        return
    for look in trace.looks:
        answered = look.body.get("pipes")
        if isinstance(answered, list):
            names = [str(member(pipe, "pipe_id")) for pipe in answered]
            yield judged(names == sent, first, look, at="/pipes", expected=sent, actual=names)


def _sent_pipes(trace: Trace) -> tuple[Look | None, list[str]]:
    for look in trace.looks:
        if look.call.calls("runPipeline"):
            pipes = as_array(member(look.exchange.request.json, "pipes"))
            return look, [str(member(pipe, "pipe_id")) for pipe in pipes]
    return None, []


@rule("pipe0_pipeline.sync.answer-is-terminal", over="run")
def sync_answer_is_terminal(trace: Trace) -> Findings:
    """The synchronous call answers with a run that has ended."""
    yield from table.sync_answers_are_terminal(trace, "runPipelineSync")


@rule("pipe0_pipeline.sync.names-the-run-that-goes-on", on="Problem")
def sync_names_the_run_that_goes_on(look: Look) -> Findings:
    """The synchronous call that gives up, by 408, tells the id of the run."""
    yield from table.names_the_run_that_goes_on(look, "runPipelineSync")


@rule("pipe0_pipeline.request.duplicate-ids-fail")
def duplicate_ids_fail(observation: Observation) -> Findings:
    """Input ids that are not unique fail the validation."""
    yield from table.duplicate_ids_fail(observation, *STARTERS)


@rule("pipe0_pipeline.problem.status-equals-http", on="Problem")
def problem_status_equals_http(look: Look) -> Findings:
    """The status in a problem is the status of the HTTP answer."""
    yield from table.problem_states_http(look)
