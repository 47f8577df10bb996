"""What JSON Schema and OpenAPI 3.1 demand, as jsonschema-rs and openapi-spec-validator see it."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from runwright.lint.document import Document
from runwright.lint.finding import Finding
from runwright.lint.text import Tokens

_METASCHEMA = jsonschema_rs.Draft202012Validator(
    {"$ref": "https://json-schema.org/draft/2020-12/schema"}
)


def check_metaschema(document: Document) -> Iterator[Finding]:
    """Find schemas that are no JSON Schema."""
    for place in document.places("schema"):
        if place.at[-1] == "schema" or len(place.at) == 3:
            for error in _METASCHEMA.iter_errors(place.node):
                yield document.finding(
                    (*place.at, *map(str, error.instance_path)),
                    f"{place.title} is no JSON Schema: {error.message}",
                    "JSON Schema says so: https://json-schema.org/draft/2020-12",
                )


def check_openapi(document: Document) -> Iterator[Finding]:
    """Find what OpenAPI 3.1 does not allow."""
    for error in _errors(document.data):
        schema = getattr(error, "schema", None)
        if isinstance(schema, Mapping) and "default" in schema:
            continue  # lint.examples finds it, and knows the line
        yield document.finding(
            _place(document, error),
            error.message.split("\n")[0],
            "OpenAPI 3.1 says so: https://spec.openapis.org/oas/v3.1.1",
        )


def _errors(data: Any) -> list[Any]:
    """Return the validator's errors; it stumbles over a document that lacks what it must have."""
    # It takes most of a second to import.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    found: list[Any] = []
    try:
        for error in OpenAPIV31SpecValidator(data).iter_errors():
            found.append(error)
    except (KeyError, TypeError, AttributeError):
        if not found:
            raise
    return found


def _place(document: Document, error: Any) -> Tokens:
    """Return where an error is.

    Its path leads from the root when its instance is the document; else from a schema, and the
    instance tells from which.
    """
    path = tuple(str(token) for token in getattr(error, "absolute_path", ()))
    if not path:
        return _operation(document, error)
    if error.instance == document.data:
        return path
    starts = ((), *(place.at for place in document.places("schema", "condition")))
    return next(((*s, *path) for s in starts if _stands(document, (*s, *path), error.instance)), ())


def _stands(document: Document, at: Tokens, value: object) -> bool:
    try:
        return bool(document.text.at(at) == value)
    except LookupError:
        return False


def _operation(document: Document, error: Any) -> Tokens:
    """Return the operation that an error about parameters or ids names."""
    message = str(getattr(error, "message", ""))
    for place in document.operations:
        path, method = place.at[1:]
        if f"'{path}'" in message and f"'{method}'" in message:
            return place.at
    return ()
