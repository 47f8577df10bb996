"""What the operations of an API are to the things that it runs, as far as its links tell."""

from collections.abc import Mapping
from functools import cache

from runwright.spec import Operation, Spec


@cache
def started_by(spec: Spec) -> Mapping[str, str]:
    """Return the operation that polls what an operation starts, by the id of the starter."""
    return {
        name: next(
            link.operation_id for link in spec.links(spec.operations[name]) if link.role == "poll"
        )
        for name in spec.operations
        if name in spec.starters
    }


@cache
def canceling(spec: Spec) -> Mapping[str, str]:
    """Return the operation that polls what an operation cancels, by the id of the canceler."""
    found: dict[str, str] = {}
    for operation in spec.operations.values():
        links = spec.links(operation)
        poll = next((link.operation_id for link in links if link.role == "poll"), operation.id)
        for link in links:
            if link.role == "cancel" and poll in spec.polls:
                found.setdefault(link.operation_id, poll)
    return found


@cache
def waiting(spec: Spec) -> tuple[Operation, ...]:
    """Return the operations that start a run and answer when it has ended.

    They are the unsafe ones that answer with a run, start none that is polled, and cancel none.
    """
    polled = set(spec.polls.values())
    return tuple(
        operation
        for operation in spec.operations.values()
        if not operation.is_safe
        and operation.id not in spec.starters
        and operation.id not in spec.identifying_parameters
        and spec.answer_schema(operation) in polled
    )


@cache
def unread(spec: Spec) -> frozenset[str]:
    """Return the operations that start or cancel a run where nothing can be read: at no path of
    theirs is a safe method documented.
    """
    read = {operation.path for operation in spec.operations.values() if operation.is_safe}
    changing = {*spec.starters, *canceling(spec), *(operation.id for operation in waiting(spec))}
    return frozenset(name for name in changing if spec.operations[name].path not in read)


@cache
def run_parameter(spec: Spec, operation_id: str) -> str | None:
    """Return the parameter that names a run, of what polls, cancels or belongs to it.

    None if there is none.
    """
    if operation_id in spec.identifying_parameters:
        return spec.identifying_parameters[operation_id]
    path = spec.operations[operation_id].path
    for poll in spec.polls:
        above = spec.operations[poll].path.rstrip("/")
        name = spec.identifying_parameters[poll]
        if (path == above or path.startswith(f"{above}/")) and f"{{{name}}}" in path:
            return name
    return None


@cache
def thing_of(spec: Spec, operation_id: str) -> str | None:
    """Return what an operation asks for by its id, None if it asks for nothing by an id."""
    poll = operation_id if operation_id in spec.polls else canceling(spec).get(operation_id)
    return None if poll is None else spec.lifecycles[spec.polls[poll]].thing
