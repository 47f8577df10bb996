"""What Pipe0's pipes promise beyond one body's schema and the lifecycle."""

import re
from typing import Any

from runwright.history import SKEW
from runwright.rule import Findings, judged, rule
from runwright.rules import table
from runwright.rules.shape import as_array, as_object, member
from runwright.trace import Call, Look, Observation, Trace

STARTERS = ("runPipes", "runPipesSync")
CAPACITIES = ("x-p1-capacity", "x-p2-capacity", "x-p3-capacity")
KEPT = 21 * 86_400.0
"""Seconds for which a run is kept."""
COUNT = re.compile(r"\s*[0-9]{1,18}\s*")


@rule("pipe0.order.lists-every-record-once", on="PipesResponse")
def order_lists_every_record_once(look: Look) -> Findings:
    """`order` lists every record once, and nothing else."""
    yield from table.order_lists_records(look)


@rule("pipe0.order.follows-the-input", over="run")
def order_follows_the_input(trace: Trace) -> Findings:
    """`order` is the order of the input objects."""
    yield from table.order_follows_input(trace, *STARTERS)


@rule("pipe0.record.key-equals-id", on="PipesResponse")
def key_equals_id(look: Look) -> Findings:
    """The key of each record is its id as a string."""
    yield from table.keys_equal_ids(look)


@rule("pipe0.record.id-is-the-one-given", over="run")
def id_is_the_one_given(trace: Trace) -> Findings:
    """A record has the id of its input object, in the same JSON type."""
    yield from table.ids_are_given_ones(trace, *STARTERS)


@rule("pipe0.record.fields-are-normalized", on="PipesResponse")
def fields_are_normalized(look: Look) -> Findings:
    """All records have the same fields."""
    yield from table.fields_are_normalized(look)


@rule("pipe0.record.fields-include-inputs", over="run")
def fields_include_inputs(trace: Trace) -> Findings:
    """Every property of every input object is a field of all records."""
    yield from table.fields_include_inputs(trace, *STARTERS)


@rule("pipe0.record.id-field-equals-id", on="PipesResponse")
def id_field_equals_id(look: Look) -> Findings:
    """The value of a record's field `id` is the record's id."""
    yield from table.id_field_equals_id(look)


@rule("pipe0.record.fields-match-definitions", on="PipesResponse")
def fields_match_definitions(look: Look) -> Findings:
    """`field_definitions`, where it is filled, and every `record.fields` have the same keys."""
    if look.body.get("field_definitions") != {}:
        yield from table.fields_match_definitions(look)


@rule("pipe0.definitions.follow-the-request", over="run")
def definitions_follow_the_request(trace: Trace) -> Findings:
    """`field_definitions` is filled exactly when the request asked for it."""
    config = table.request_config(trace, *STARTERS)
    if config is None:
        return
    wanted = member(config, "field_definitions", "enabled") is True
    for look in trace.looks:
        definitions = look.body.get("field_definitions")
        if look.status == "failed" and not definitions:
            continue  # one that failed its validation may never have had columns
        if isinstance(definitions, dict) and look.body.get("records"):
            yield judged(
                bool(definitions) == wanted,
                look,
                at="/field_definitions",
                expected="definitions" if wanted else "{}",
                actual=definitions,
            )


@rule("pipe0.definition.pipe-index-is-of-the-request", over="run")
def pipe_index_is_of_the_request(trace: Trace) -> Findings:
    """A column that a pipe added names one of the pipes of the request, each index the same."""
    started = next((look for look in trace.looks if look.call.calls(*STARTERS)), None)
    sent = as_array(member(started.exchange.request.json, "pipes")) if started else []
    if started is None or not sent:
        return
    for look in trace.looks:
        seen: dict[int, Any] = {}
        for name, definition in as_object(look.body.get("field_definitions")).items():
            adder = member(definition, "added_by")
            index = member(adder, "pipe_index")
            if isinstance(index, bool) or not isinstance(index, int):
                continue
            first = seen.setdefault(index, adder)
            yield judged(
                0 <= index < len(sent) and first == adder,
                started,
                look,
                at=f"/field_definitions{table.pointer_of(name)}/added_by",
                expected=f"an index below {len(sent)}, {index} always for {first}",
                actual=adder,
            )


@rule("pipe0.definitions.are-constant", over="run")
def definitions_are_constant(trace: Trace) -> Findings:
    """The columns of a run do not change."""
    yield from table.definitions_are_constant(trace)


@rule("pipe0.field.type-matches-definition", on="PipesResponse")
def type_matches_definition(look: Look) -> Findings:
    """A field has the type that its definition has."""
    yield from table.types_match_definitions(look)


@rule("pipe0.field.resolver-is-claimant", on="PipesResponse")
def resolver_is_claimant(look: Look) -> Findings:
    """A field that a pipe resolved was claimed by this pipe."""
    yield from table.resolver_is_claimant(look)


@rule("pipe0.field.input-is-copied", over="run")
def input_is_copied(trace: Trace) -> Findings:
    """A value that the input gave, for a field that no pipe claims, is the field's value."""
    yield from table.input_is_copied(trace, *STARTERS)


@rule("pipe0.field.valueless-input-is-unknown", on="PipesResponse")
def valueless_input_is_unknown(look: Look) -> Findings:
    """A column of the input for which no row has a value has the type `unknown`."""
    yield from table.valueless_input_is_unknown(look)


@rule("pipe0.resolver.environment-is-the-requested", over="run")
def environment_is_the_requested(trace: Trace) -> Findings:
    """Pipes work in the environment that the request named, production by default."""
    started = table.inputs(trace, *STARTERS)
    if started is None:
        return
    first, rows = started
    if any(isinstance(value, dict) for row in rows for value in row.values()):
        return  # an expanded input object brings a resolver of its own
    wanted = _environment(first.call)
    for look in trace.looks:
        for key, name, field in table.fields(look):
            actual = member(field, "resolved_by", "environment")
            if isinstance(actual, str):
                yield judged(
                    actual == wanted,
                    first,
                    look,
                    at=table.place(key, name, "resolved_by", "environment"),
                    expected=wanted,
                    actual=actual,
                )


def _environment(start: Call) -> str:
    request = start.exchange.request
    named = member(request.json, "config", "environment") or request.header("x-environment")
    return named if isinstance(named, str) else "production"


@rule("pipe0.waterfall.tries-in-order", on="PipesResponse")
def waterfall_tries_in_order(look: Look) -> Findings:
    """A waterfall asks providers in the order of availability, and the last one succeeds."""
    for key, name, field in table.fields(look):
        waterfall = as_object(member(field, "widgets", "waterfall"))
        available = waterfall.get("available_providers")
        attempted = [member(p, "provider") for p in as_array(waterfall.get("attempted_providers"))]
        if not isinstance(available, list) or not attempted:
            continue
        successful = waterfall.get("successful_provider")
        in_order = [provider for provider in available if provider in attempted] == attempted
        yield judged(
            in_order and successful in (None, attempted[-1]),
            look,
            at=table.place(key, name, "widgets", "waterfall"),
            expected=f"some of {available} in this order, the successful one last",
            actual=f"{attempted}, successful: {successful}",
        )


@rule("pipe0.widgets.empty-unless-enabled", over="run")
def widgets_empty_unless_enabled(trace: Trace) -> Findings:
    """`widgets` is empty unless the request enabled it."""
    config = table.request_config(trace, *STARTERS)
    if config is None or member(config, "widgets", "enabled") is True:
        return
    for look in trace.looks:
        for key, name, field in table.fields(look):
            yield judged(
                not field.get("widgets"),
                look,
                at=table.place(key, name, "widgets"),
                expected="{}",
                actual=field.get("widgets"),
            )


@rule("pipe0.credits.stated-after-start", on="PipesResponse")
def credits_stated_after_start(look: Look) -> Findings:
    """The answers of check, sync and cancel tell the credits spent."""
    if look.pointer == "" and look.call.calls("checkPipesRun", "runPipesSync", "cancelPipesRun"):
        yield judged(
            "credits" in look.body, look, expected="a member credits", actual="no such member"
        )


@rule("pipe0.credits.sandbox-is-free", over="run")
def sandbox_is_free(trace: Trace) -> Findings:
    """A run in the sandbox spends no credits."""
    first = next((look for look in trace.looks if look.call.calls(*STARTERS)), None)
    if first is None or _environment(first.call) != "sandbox":
        return
    for look in trace.looks:
        spent = member(look.body, "credits", "spent")
        if spent is not None:
            yield judged(spent == 0, first, look, at="/credits/spent", expected=0, actual=spent)


@rule("pipe0.run.credits-spent-is-final", over="run")
def credits_spent_is_final(trace: Trace) -> Findings:
    """The credits spent do not change once the run has ended."""
    ended: Look | None = None
    for look in trace.looks:
        spent = member(look.body, "credits", "spent")
        if spent is None or not look.is_terminal:
            continue
        if ended is None:
            ended = look
        elif ended.precedes(look):
            expected = member(ended.body, "credits", "spent")
            yield judged(
                spent == expected, ended, look, at="/credits/spent", expected=expected, actual=spent
            )


@rule("pipe0.run.is-kept-for-21-days", over="run")
def is_kept_for_21_days(trace: Trace) -> Findings:
    """A run can be read for 21 days from its start.

    How soon after them it is gone is not said, and to keep it longer harms nobody.
    """
    start = next((look for look in trace.looks if look.call.calls(*STARTERS)), None)
    for call in trace.polls if start else ():
        exchange = call.exchange
        if start is None or exchange.credentials != start.exchange.credentials:
            continue
        if not start.exchange.precedes(exchange) or exchange.status not in (200, 404, 410):
            continue
        if exchange.at + exchange.took + SKEW - start.exchange.at < KEPT:
            yield judged(
                exchange.status == 200,
                start,
                call,
                expected="200, for 21 days from the start",
                actual=str(exchange.status),
            )


@rule("pipe0.sync.answer-is-terminal", over="run")
def sync_answer_is_terminal(trace: Trace) -> Findings:
    """The synchronous call answers with a run that has ended."""
    yield from table.sync_answers_are_terminal(trace, "runPipesSync")


@rule("pipe0.cancel.answers-canceled", over="run")
def cancel_answers_canceled(trace: Trace) -> Findings:
    """A cancel that succeeds answers with a canceled run."""
    for look in trace.looks:
        answered = look.call.calls("cancelPipesRun") and look.exchange.succeeded
        if answered and trace.lifecycle.is_known(look.status):
            yield judged(
                look.status == "canceled",
                look,
                at="/status",
                expected="canceled",
                actual=look.status,
            )


@rule("pipe0.cancel.refuses-begun-runs")
def cancel_refuses_begun_runs(observation: Observation) -> Findings:
    """A run that is processing or finished is not canceled: the answer is 409."""
    for call in observation.calls:
        exchange = call.exchange
        if not call.calls("cancelPipesRun") or exchange.status is None:
            continue
        trace = observation.trace(call.parameter("run_id") or "")
        begun = next(
            (
                look
                for look in (trace.looks if trace else ())
                if look.status in ("processing", "completed", "failed")
                and look.exchange.actor == exchange.actor
                and look.exchange.precedes(exchange)
            ),
            None,
        )
        if begun is not None and (exchange.succeeded or exchange.status == 409):
            yield judged(
                exchange.status == 409,
                begun,
                call,
                expected=f"409, since the run was {begun.status}",
                actual=str(exchange.status),
            )


@rule("pipe0.sync.names-the-run-that-goes-on", on="Problem")
def sync_names_the_run_that_goes_on(look: Look) -> Findings:
    """The synchronous call that gives up, by 408, tells the id of the run."""
    yield from table.names_the_run_that_goes_on(look, "runPipesSync")


@rule("pipe0.request.duplicate-ids-fail")
def duplicate_ids_fail(observation: Observation) -> Findings:
    """Input ids that are not unique fail the validation."""
    yield from table.duplicate_ids_fail(observation, *STARTERS)


@rule("pipe0.problem.status-equals-http", on="Problem")
def problem_status_equals_http(look: Look) -> Findings:
    """The status in a problem is the status of the HTTP answer."""
    yield from table.problem_states_http(look)


@rule("pipe0.problem.rate-limit-says-when", on="Problem")
def rate_limit_says_when(look: Look) -> Findings:
    """A 429 of type org-rate-limited has a Retry-After header."""
    if look.exchange.status == 429 and look.body.get("type") == "org-rate-limited":
        yield judged(
            look.exchange.response.header("retry-after") is not None,
            look,
            expected="a Retry-After header",
            actual="none",
        )


@rule("pipe0.admission.says-priority-and-capacity", over="run")
def admission_says_priority_and_capacity(trace: Trace) -> Findings:
    """The answer that creates a run tells its priority, 1 to 3, and the capacity left at each."""
    for look in trace.looks:
        # One that failed its validation was not admitted.
        if look.call.calls(*STARTERS) and look.status != "failed":
            headers = look.exchange.response
            priority = headers.header("x-task-priority")
            capacities = [headers.header(name) for name in CAPACITIES]
            yield judged(
                priority in ("1", "2", "3")
                and all(text is not None and COUNT.fullmatch(text) for text in capacities),
                look,
                expected="X-Task-Priority from 1 to 3, and X-P1-Capacity to X-P3-Capacity",
                actual=f"{priority}, {capacities}",
            )


@rule("pipe0.admission.capacities-are-ordered", over="run")
def capacities_are_ordered(trace: Trace) -> Findings:
    """Each capacity includes those of the better priorities."""
    for look in trace.looks:
        given = [look.exchange.response.header(name) for name in CAPACITIES]
        numbers = [int(text) for text in given if text is not None and COUNT.fullmatch(text)]
        if look.call.calls(*STARTERS) and len(numbers) == len(CAPACITIES):
            yield judged(
                numbers == sorted(numbers),
                look,
                expected="P1 ≤ P2 ≤ P3",
                actual=" ".join(map(str, numbers)),
            )
