"""What is started, polled and canceled is a thing with a lifecycle, and is found by its key."""

from collections.abc import Iterator

from runwright.lint.document import Document, Place
from runwright.lint.finding import Finding
from runwright.lint.operations import check_success
from runwright.part import outermost_places
from runwright.pointer import ANY
from runwright.roles import canceling
from runwright.spec import Operation, Spec


def check_runs(document: Document, spec: Spec) -> Iterator[Finding]:
    """Find polls, starts and cancels of which nobody could tell what they are about."""
    for link in document.places("link"):
        if link.node.get("x-role") == "poll" and link.node["operationId"] not in spec.polls:
            yield _unclear(document, spec, link)
    for schema in dict.fromkeys(spec.polls.values()):
        if spec.lifecycles[schema].key is None:
            declaring = spec.declaring(schema)
            yield document.finding(
                ("components", "schemas", declaring, "x-lifecycle"),
                f"{declaring} is polled, but its lifecycle has no `key`",
                "name the member that tells one from another",
            )
    for name in dict.fromkeys((*spec.polls, *canceling(spec))):
        if name not in spec.identifying_parameters:
            yield document.finding(
                _at(document, name),
                f"no link tells {name} which {_thing(spec, name)} is meant",
                "fill one of its parameters from the body of the answer that has the link, such as "
                "`$response.body#/id`",
            )
    involved = {*spec.starters, *spec.polls, *canceling(spec)}
    yield from check_success(document, involved)
    for name in spec.starters:
        yield from _check_start(document, spec, spec.operations[name])
    yield from _check_twice(document, spec)


def _unclear(document: Document, spec: Spec, link: Place) -> Finding:
    """Return what is wrong with a link to a poll that answers with no one thing."""
    name = str(link.node["operationId"])
    root = spec.answer_schema(spec.operations[name])
    found = outermost_places(spec, root) if root else ()
    if not found:
        return document.finding(
            link,
            f"the poll link leads to {name}, whose answer has no x-lifecycle",
            "put it on the schema of the answer, with pointers such as /data/id, or on the schema "
            "of the member that has the status",
        )
    places = ", ".join("/" + "/".join(pattern) for pattern, _ in found)
    several = "a list" if any(ANY in pattern for pattern, _ in found) else "several things"
    return document.finding(
        link,
        f"the poll link leads to {name}, whose answer has {several} with an x-lifecycle: {places}",
        "put x-lifecycle on the schema of the answer itself, with pointers such as /data/id",
    )


def _check_start(document: Document, spec: Spec, operation: Operation) -> Iterator[Finding]:
    """Find starts that are told by their path what the thing will be called."""
    for link in spec.links(operation):
        name = spec.identifying_parameters.get(link.operation_id)
        poll = spec.operations[link.operation_id]
        if link.role == "poll" and name in operation.path_names and name in poll.path_names:
            yield document.finding(
                _at(document, operation.id),
                f"{operation.id} starts a {_thing(spec, poll.id)}, but its path names one: {name}",
                "a start makes a new id and tells it in its answer; let the link stand on one "
                "that does",
            )


def _check_twice(document: Document, spec: Spec) -> Iterator[Finding]:
    """Find lifecycles that an envelope declares for what stands inside it and declares it, too."""
    answers = {spec.answer_schema(spec.operations[name]) for name in spec.polls}
    for outer in spec.declared.keys() & answers:
        for place in spec.places(str(outer)):
            inner = spec.declared.get(place.schema)
            if inner is None or not place.pattern or ANY in place.pattern:
                continue
            if inner.thing == spec.declared[str(outer)].thing:
                yield document.finding(
                    ("components", "schemas", str(outer), "x-lifecycle"),
                    f"{outer} and {place.schema} inside it both declare the life of one "
                    f"{inner.thing}",
                    f"keep the one of {place.schema}; {outer} is understood as its envelope",
                )


def _at(document: Document, operation_id: str) -> Place:
    return document.operations_by_id[operation_id]


def _thing(spec: Spec, operation_id: str) -> str:
    poll = operation_id if operation_id in spec.polls else canceling(spec)[operation_id]
    return spec.lifecycles[spec.polls[poll]].thing
