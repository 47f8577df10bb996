"""Judgements about runs that fill a table: records of fields, in the order of the input.

Two generations of one API answer with such tables; their rules modules say which rule each
judgement belongs to.
"""

import re
from collections.abc import Iterator
from typing import Any

from runwright.pointer import escape
from runwright.rule import Findings, broken, judged, kept
from runwright.rules.difference import difference
from runwright.rules.shape import as_array, as_object, key_of, member
from runwright.trace import Look, Observation, Trace

UNKNOWN_TYPE = ("unknown", "unkown")
"""How the docs spell the type of a column without values; the second is their misprint."""


LIKE_AN_ID = re.compile(r"(?=[\w-]*[0-9])[\w-]{8,}")
"""What may be the id of a run: a long word with a digit in it."""


def records(look: Look, *, beside: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the records of a body that are not as in the answer before, with their keys.

    All are yielded if the member `beside`, with which they are compared, is another one.
    """
    former = _former(look, beside)
    for key, record in every_record(look):
        if former.get(key) is not record:
            yield key, record


def every_record(look: Look) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all records of a body with their keys."""
    for key, record in as_object(look.body.get("records")).items():
        if isinstance(record, dict):
            yield key, record


def fields(look: Look, *, beside: str | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the fields of all records that are not as in the answer before.

    Each comes with its record's key and its name.
    """
    former = _former(look, beside)
    for key, record in records(look, beside=beside):
        before = as_object(as_object(former.get(key)).get("fields"))
        for name, field in as_object(record.get("fields")).items():
            if isinstance(field, dict) and before.get(name) is not field:
                yield key, name, field


def _former(look: Look, beside: str | None) -> dict[str, Any]:
    """Return the records of the answer before that need not be judged again."""
    before = as_object(look.former)
    if beside is not None and before.get(beside) is not look.body.get(beside):
        return {}
    return as_object(before.get("records"))


def inputs(trace: Trace, *starters: str) -> tuple[Look, list[dict[str, Any]]] | None:
    """Return the look at the answer that started a run, and the input objects that it was sent."""
    for look in trace.looks:
        if look.call.calls(*starters):
            rows = member(look.exchange.request.json, "input")
            if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
                return look, rows
    return None


def request_config(trace: Trace, *starters: str) -> dict[str, Any] | None:
    """Return the `config` that a run was started with, None if its start was not seen."""
    for look in trace.looks:
        if look.call.calls(*starters):
            return as_object(member(look.exchange.request.json, "config"))
    return None


def order_lists_records(look: Look) -> Findings:
    """`order` has the key of every record once, and nothing else."""
    order, seen = look.body.get("order"), look.body.get("records")
    if not isinstance(order, list) or not isinstance(seen, dict):
        return
    if not seen and look.status == "failed":
        return  # whether a run that failed at once has records is not said
    keys = [key_of(identifier) for identifier in order]
    yield judged(
        len(keys) == len(set(keys)) and set(keys) == set(seen),
        look,
        at="/order",
        expected=f"each of the {len(seen)} records once: {', '.join(sorted(seen))}",
        actual=order,
    )


def order_follows_input(trace: Trace, *starters: str) -> Findings:
    """`order` has the ids of the input objects, in their order."""
    started = inputs(trace, *starters)
    if started is None:
        return
    first, rows = started
    given = [row.get("id") for row in rows]
    for look in trace.looks:
        order = look.body.get("order")
        if not isinstance(order, list) or look.status == "failed":
            continue
        fits = len(order) == len(given) and all(
            asked is None or key_of(asked) == key_of(answered)
            for asked, answered in zip(given, order, strict=True)
        )
        yield judged(fits, first, look, at="/order", expected=given, actual=order)


def keys_equal_ids(look: Look) -> Findings:
    """The key of each record is its id as a string."""
    for key, record in records(look):
        yield judged(
            key_of(record.get("id")) == key,
            look,
            at="/records" + pointer_of(key) + "/id",
            expected=key,
            actual=record.get("id"),
        )


def ids_are_given_ones(trace: Trace, *starters: str) -> Findings:
    """A record has the id of its input object, in the same JSON type."""
    started = inputs(trace, *starters)
    if started is None:
        return
    first, rows = started
    for look in trace.looks:
        if look.status == "failed":
            continue  # what a run that failed keeps of its input is not said
        answered = dict(records(look))
        for row in rows if answered else ():
            given = row.get("id")
            record = answered.get(key_of(given) or "")
            if given is None or record is None:
                continue
            actual = record.get("id")
            yield judged(
                given == actual and isinstance(given, str) == isinstance(actual, str),
                first,
                look,
                at="/records" + pointer_of(key_of(given) or "") + "/id",
                expected=given,
                actual=actual,
            )


def fields_are_normalized(look: Look) -> Findings:
    """All records have the same fields."""
    if not any(True for _ in records(look)):
        return
    names = {key: as_object(record.get("fields")).keys() for key, record in every_record(look)}
    if len(names) < 2:
        return
    everything = set().union(*names.values())
    expected = f"the fields of all records: {', '.join(sorted(everything))}"
    for key, present in names.items():
        yield judged(
            present == everything,
            look,
            at="/records" + pointer_of(key) + "/fields",
            expected=expected,
            actual=f"without {', '.join(sorted(everything - present))}",
        )


def fields_include_inputs(trace: Trace, *starters: str) -> Findings:
    """Every record has every property of every input object as a field."""
    started = inputs(trace, *starters)
    if started is None:
        return
    first, rows = started
    wanted = set().union(*(row.keys() for row in rows))
    expected = f"fields {', '.join(sorted(wanted))}"
    for look in trace.looks:
        for key, record in records(look):
            present = as_object(record.get("fields")).keys()
            yield judged(
                wanted <= present,
                first,
                look,
                at="/records" + pointer_of(key) + "/fields",
                expected=expected,
                actual=f"without {', '.join(sorted(wanted - present))}",
            )


def id_field_equals_id(look: Look) -> Findings:
    """The value of a record's field `id` is the record's id."""
    for key, record in records(look):
        field = member(record, "fields", "id")
        if isinstance(field, dict) and "value" in field:
            yield judged(
                field["value"] == record.get("id"),
                look,
                at="/records" + pointer_of(key) + "/fields/id/value",
                expected=record.get("id"),
                actual=field["value"],
            )


def fields_match_definitions(look: Look) -> Findings:
    """`field_definitions` has the same keys as the fields of each record."""
    definitions = look.body.get("field_definitions")
    if not isinstance(definitions, dict):
        return
    expected = f"the keys of field_definitions: {', '.join(sorted(definitions))}"
    for key, record in records(look, beside="field_definitions"):
        names = as_object(record.get("fields")).keys()
        missing, surplus = definitions.keys() - names, names - definitions.keys()
        yield judged(
            not missing and not surplus,
            look,
            at="/records" + pointer_of(key) + "/fields",
            expected=expected,
            actual=f"missing: {', '.join(sorted(missing)) or 'none'}; "
            f"not defined: {', '.join(sorted(surplus)) or 'none'}",
        )


def types_match_definitions(look: Look) -> Findings:
    """A field has the type that its definition has."""
    definitions = as_object(look.body.get("field_definitions"))
    for key, name, field in fields(look, beside="field_definitions"):
        if name == "id":
            continue  # one request may give strings and numbers as ids
        expected, actual = member(definitions, name, "type"), field.get("type")
        if isinstance(expected, str) and isinstance(actual, str):
            yield judged(
                expected == actual or {expected, actual} <= set(UNKNOWN_TYPE),
                look,
                at=place(key, name, "type"),
                expected=expected,
                actual=actual,
            )


def definitions_are_constant(trace: Trace) -> Findings:
    """The columns of a run, once they are there, neither change nor become others."""
    first: Look | None = None
    for look in trace.looks:
        definitions = as_object(look.body.get("field_definitions"))
        if not definitions:
            continue  # left out, or not there yet
        if first is None:
            first = look
            continue
        before = first.body["field_definitions"]
        changed = None if before is definitions else difference(before, definitions)
        if changed is None:
            yield kept(first, look)
        else:
            yield broken(
                first,
                look,
                at="/field_definitions" + changed.at,
                expected=changed.before,
                actual=changed.after,
            )


def resolver_is_claimant(look: Look) -> Findings:
    """A field that a pipe resolved was claimed by this pipe."""
    for key, name, field in fields(look):
        resolver = member(field, "resolved_by", "ref")
        if is_pipe(resolver):
            claimant = member(field, "claimed_by", "ref")
            yield judged(
                claimant == resolver,
                look,
                at=place(key, name, "resolved_by", "ref"),
                expected=claimant,
                actual=resolver,
            )


def input_is_copied(trace: Trace, *starters: str) -> Findings:
    """A value that the input gave, for a field that no pipe claims, is the field's value."""
    started = inputs(trace, *starters)
    if started is None:
        return
    first, rows = started
    given = {key_of(row.get("id")): row for row in rows}
    for look in trace.looks:
        for key, name, field in fields(look):
            asked = as_object(given.get(key)).get(name)
            if asked is None or isinstance(asked, dict) or field.get("status") != "completed":
                continue
            if member(field, "claimed_by", "ref") != "input":
                continue  # what a pipe claims may be put into the form that it wants
            yield judged(
                _plain(asked) == _plain(field.get("value")),
                first,
                look,
                at=place(key, name, "value"),
                expected=asked,
                actual=field.get("value"),
            )


def _plain(value: object) -> object:
    """Return a value as it is compared: it may have been tidied up, a blank one to null."""
    return value.strip().casefold() or None if isinstance(value, str) else value


def valueless_input_is_unknown(look: Look) -> Findings:
    """A column of the input for which no row has a value has the type `unknown`."""
    if not any(True for _ in records(look)):
        return
    cells = {key: as_object(record.get("fields")) for key, record in every_record(look)}
    for name in dict.fromkeys(name for row in cells.values() for name in row):
        if not any(_may_have_value(row[name]) for row in cells.values() if name in row):
            yield from _valueless(look, name, cells)


def _may_have_value(cell: Any) -> bool:
    """True unless a cell is sure to be one of the input without a value: copied, and null.

    The input may well have given a value to one that failed, and it was not valid.
    """
    claimant, status = member(cell, "claimed_by", "ref"), member(cell, "status")
    return claimant != "input" or status != "completed" or member(cell, "value") is not None


def _valueless(look: Look, name: str, cells: dict[str, dict[str, Any]]) -> Findings:
    for key, row in cells.items():
        cell = row.get(name)
        if isinstance(cell, dict):
            yield judged(
                cell.get("type") in UNKNOWN_TYPE,
                look,
                at=place(key, name, "type"),
                expected="unknown",
                actual=cell.get("type"),
            )


def sync_answers_are_terminal(trace: Trace, operation: str) -> Findings:
    """The synchronous call answers with a run that has ended."""
    for look in trace.looks:
        if look.call.calls(operation) and trace.lifecycle.is_known(look.status):
            yield judged(
                look.is_terminal, look, at="/status", expected="an end", actual=look.status
            )


def names_the_run_that_goes_on(look: Look, operation: str) -> Findings:
    """A synchronous call that gives up tells the id of the run, which goes on without it."""
    detail = look.body.get("detail")
    if look.exchange.status == 408 and look.call.calls(operation) and isinstance(detail, str):
        yield judged(
            LIKE_AN_ID.search(detail) is not None,
            look,
            at="/detail",
            expected="the id of the run",
            actual=detail,
        )


def duplicate_ids_fail(observation: Observation, *starters: str) -> Findings:
    """Input ids that are not unique are refused, or make a run that failed."""
    for call in observation.calls:
        exchange = call.exchange
        if not call.calls(*starters) or exchange.status is None or exchange.status >= 500:
            continue
        rows = as_array(member(exchange.request.json, "input"))
        keys = [key for row in rows if (key := key_of(member(row, "id"))) is not None]
        if len(keys) == len(set(keys)):
            continue
        if exchange.status >= 400:
            yield kept(call)
            continue
        # A run may be taken in first, and fail when it is validated.
        trace = observation.trace(str(member(call.body, "id")))
        ends = [look for look in trace.looks if look.is_terminal] if trace else []
        for end in ends[:1]:
            yield judged(
                end.status == "failed",
                *((call,) if end.exchange is exchange else (call, end)),
                at="/status",
                expected="a refusal, or a run that failed",
                actual=end.status,
            )


def problem_states_http(look: Look) -> Findings:
    """The status in a problem is the status of the HTTP answer."""
    status = look.body.get("status")
    if isinstance(status, int):
        yield judged(
            status == look.exchange.status,
            look,
            at="/status",
            expected=look.exchange.status,
            actual=status,
        )


def is_pipe(ref: object) -> bool:
    """True for the id of a pipe, such as ``prompt:run@1``."""
    return isinstance(ref, str) and ":" in ref and "@" in ref


def place(key: str, name: str, *rest: str) -> str:
    """Return the pointer to a record's field, or to a member of it."""
    return "/records" + "".join(pointer_of(token) for token in (key, "fields", name, *rest))


def pointer_of(token: str) -> str:
    """Return one escaped token with its slash."""
    return "/" + escape(token)
