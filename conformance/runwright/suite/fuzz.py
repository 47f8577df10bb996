"""Requests that Schemathesis makes from a spec, as drafts: it generates, the judge judges.

Importing Schemathesis takes half a second; it is imported when the first drafts are asked for.
"""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from runwright.spec import METHODS, Operation, Spec
from runwright.suite.chance import draw_some
from runwright.suite.draft import Draft
from runwright.suite.plan import waiting
from runwright.suite.scripted import CHANGES, values_of

_BASE: Final = "http://server.invalid"
_OURS: Final = ("content-type",)


def fuzz_drafts(spec: Spec, *, seed: int, examples: int, careful: bool) -> tuple[Draft, ...]:
    """Generate requests with valid and with invalid data for each operation that takes any.

    `examples` are drawn of each kind for each operation. Ids in paths are those of things that
    exist; ids that do not have probes of their own. With `careful`, operations that may change
    or delete something other than a run are left out.
    """
    if examples == 0:
        return ()
    with _printing_kept():
        return tuple(_drafts(spec, seed, examples, careful=careful))


@contextlib.contextmanager
def _printing_kept() -> Iterator[None]:
    """Undo what Schemathesis does to Hypothesis: that no test of the process prints its values."""
    import hypothesis.core as core

    printer = core.RepresentationPrinter  # type: ignore[attr-defined]
    try:
        yield
    finally:
        core.RepresentationPrinter = printer  # type: ignore[attr-defined]


def _drafts(spec: Spec, seed: int, examples: int, *, careful: bool) -> Iterator[Draft]:
    import schemathesis

    schema = schemathesis.openapi.from_dict(_bare(spec), config=schemathesis.Config())
    slow = waiting(spec)
    for alike in _alike(spec, careful=careful):
        target = schema[alike[0].path][alike[0].method]
        fixed = dict.fromkeys(alike[0].path_names, "x")
        for mode in schemathesis.GenerationMode:
            strategy = target.as_strategy(generation_mode=mode, path_parameters=fixed or None)
            cases = draw_some(strategy, examples, seed)
            for operation in alike:
                # A call that waits for the end of its run is too slow for many.
                most = 2 if operation in slow and mode.is_positive else len(cases)
                for case in cases[:most]:
                    yield from _draft(spec, operation, case, f"{mode.value} data")


def _alike(spec: Spec, *, careful: bool) -> tuple[tuple[Operation, ...], ...]:
    """Return the operations that take data, those with one body together.

    What was generated for one of them fits the others: bodies are what takes long to generate.
    """
    groups: dict[str, list[Operation]] = {}
    for operation in spec.operations.values():
        if (careful and operation.method in CHANGES) or not _takes_data(spec, operation):
            continue
        body = (operation.request_body or {}).get("content")
        groups.setdefault(repr(body) if body else operation.id, []).append(operation)
    return tuple(tuple(group) for group in groups.values())


def _takes_data(spec: Spec, operation: Operation) -> bool:
    named = values_of(spec, operation)
    return operation.request_body is not None or any(
        p["name"] not in named and p["in"] in ("query", "header") for p in operation.parameters
    )


def _bare(spec: Spec) -> dict[str, Any]:
    """Return the document without security and answers: the senders and the judge have those."""
    document = copy.deepcopy(dict(spec.document))
    document.pop("security", None)
    document.get("components", {}).pop("securitySchemes", None)
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                item[method].pop("security", None)
                item[method]["responses"] = {"default": {"description": "Any answer."}}
    return document


def _draft(spec: Spec, operation: Operation, case: Any, purpose: str) -> Iterator[Draft]:
    """Yield the draft of a case; none if the case cannot be written as HTTP."""
    import requests

    told = case.as_transport_kwargs(base_url=_BASE)
    wanted = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    try:
        made = requests.Request(**{k: v for k, v in told.items() if k in wanted}).prepare()
    except (requests.RequestException, ValueError):
        return
    content = made.body.encode() if isinstance(made.body, str) else made.body or b""
    if not isinstance(content, bytes):
        return
    values = values_of(spec, operation)
    query = parse_qsl(urlsplit(made.url or "").query, keep_blank_values=True)
    headers = [
        (name.lower(), value if isinstance(value, str) else value.decode("latin-1"))
        for name, value in made.headers.items()
        if name in case.headers or name.lower() in _OURS
    ]
    yield Draft(
        purpose=purpose,
        operation=operation,
        values=values,
        query=tuple((name, text) for name, text in query if name not in values),
        headers=tuple(headers),
        content=content,
        is_whole=True,
    )
