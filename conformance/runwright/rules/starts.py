"""Judgements about calls that start a run of something that can be run again and again."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from runwright.form import FORM
from runwright.pointer import pointer_to, resolve
from runwright.rule import Findings, broken, kept
from runwright.rules.sightings import answers, sightings
from runwright.spec import Operation, Spec
from runwright.trace import Look, Observation, identity

TRUE, FALSE = ("true", "1"), ("false", "0")

_BODY: Final = "$response.body#"


def starts_a_new_run(observation: Observation, operation_id: str) -> Findings:
    """The run that a start answers with was not there before, and no other start answered it."""
    seen = sightings(observation)
    started: dict[tuple[str | None, str], Look] = {}
    for answer in answers(observation, operation_id):
        key = identity(answer.body, answer.lifecycle) if answer.lifecycle else None
        if key is None:
            continue
        place = (answer.exchange.actor, key)
        twin = started.setdefault(place, answer)
        known = next((look for look in seen.get(place, ()) if look.precedes(answer)), None)
        earlier = twin if twin is not answer else known
        if earlier is None:
            yield kept(answer)
        else:
            yield broken(
                earlier,
                answer,
                at=pointer_to(answer.lifecycle.key or "" if answer.lifecycle else ""),
                expected="the id of a new run",
                actual=key,
            )


def linked_runs(
    spec: Spec, operation: Operation, body: Any, status: int | None = None
) -> Iterator[str]:
    """Yield the ids of the runs that an answer of an operation links to, to be polled."""
    for link in spec.links(operation, status):
        name = spec.identifying_parameters.get(link.operation_id)
        told = next(
            (value for key, value in link.parameters.items() if key.split(".")[-1] == name), ""
        )
        if link.role == "poll" and str(told).startswith(_BODY):
            value = resolve(body, str(told).removeprefix(_BODY))
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)


def flag_sent(look: Look, name: str) -> bool | None:
    """Return a boolean of the form that a request sent; None if it sent none that is clear."""
    request = look.exchange.request
    if request.media_type != FORM:
        return None
    pairs = parse_qsl(request.content.decode("utf-8", "replace"), keep_blank_values=True)
    values = {value.lower() for key, value in pairs if key == name}
    if len(values) != 1:
        return None
    value = values.pop()
    return True if value in TRUE else False if value in FALSE else None
