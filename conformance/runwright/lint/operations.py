"""Operations say where they are served, who may call them, and what tells that it went well."""

from collections.abc import Container, Iterator

from runwright.lint.document import Document
from runwright.lint.finding import Finding
from runwright.lint.references import requirements


def check_operations(document: Document) -> Iterator[Finding]:
    """Find an API of which nothing can be asked."""
    if not document.operations:
        yield document.finding(("paths",), "the API has no operation", "describe some in `paths`")


def check_servers(document: Document) -> Iterator[Finding]:
    """Find an API that is served nowhere."""
    if not document.data.get("servers"):
        yield document.finding((), "the API has no server", "add `servers` with its base URL")


def check_security(document: Document) -> Iterator[Finding]:
    """Find demands for a security scheme that is not there."""
    known = document.data.get("components", {}).get("securitySchemes", {})
    for at in requirements(document):
        if at[-1] not in known:
            yield document.finding(
                at,
                f"no security scheme is called {at[-1]}",
                "correct the name or add the scheme to components/securitySchemes",
            )


def check_silence(document: Document) -> Iterator[Finding]:
    """Find operations that say nothing of credentials."""
    for operation in document.operations:
        if "security" not in operation.node and "security" not in document.data:
            yield document.finding(
                operation,
                f"{operation.title} does not say whether it needs credentials",
                "add `security` to the document or the operation, `security: []` for none",
            )


def check_success(document: Document, among: Container[str] | None = None) -> Iterator[Finding]:
    """Find operations that document no success, among those with some ids, or all."""
    for operation in document.operations:
        if among is not None and operation.node["operationId"] not in among:
            continue
        if not any(document.successes(operation)):
            yield document.finding(
                operation,
                f"{operation.title} has no answer that says it went well",
                "document a response whose status is 2xx",
            )
