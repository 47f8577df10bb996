"""References lead somewhere, and everything that is kept for reuse is used."""

from collections.abc import Iterator

from lint.document import Document, Place, target
from lint.finding import Finding
from lint.text import Tokens


def check_targets(document: Document) -> Iterator[Finding]:
    """Find references that lead nowhere, or out of the document."""
    for place in document.all_places:
        reference = place.node.get("$ref")
        if reference is None:
            continue
        try:
            at = target(reference)
        except LookupError:
            yield document.finding(
                place,
                f"{reference} is not a reference into this document",
                "write #/components/…, one file tells the whole API",
            )
            continue
        try:
            document.text.at(at)
        except LookupError:
            yield document.finding(
                place, f"{reference} leads nowhere", "correct the name or add the component"
            )


def check_use(document: Document) -> Iterator[Finding]:
    """Find components that no operation leads to, and security schemes nobody has."""
    roots = (p for p in document.places("path") if p.at[0] == "paths")
    used = document.reach(roots) | set(_used_schemes(document))
    for section in ("schemas", "responses", "parameters", "examples", "requestBodies", "headers"):
        yield from _check_section(document, section, used)
    for section in ("securitySchemes", "links", "pathItems"):
        yield from _check_section(document, section, used)


def _check_section(document: Document, section: str, used: set[Tokens]) -> Iterator[Finding]:
    for name in document.data.get("components", {}).get(section, {}):
        at = ("components", section, name)
        if at not in used:
            yield document.finding(
                at, f"no operation leads to components/{section}/{name}", "use it or remove it"
            )


def _requirements(document: Document) -> Iterator[Tokens]:
    for place in (Place("document", (), document.data), *document.operations):
        for index, requirement in enumerate(place.node.get("security", [])):
            for name in requirement:
                yield (*place.at, "security", str(index), name)


def _used_schemes(document: Document) -> Iterator[Tokens]:
    for at in _requirements(document):
        yield ("components", "securitySchemes", at[-1])


def check_security(document: Document) -> Iterator[Finding]:
    """Find demands for a security scheme that is not there, and operations that demand none."""
    known = document.data.get("components", {}).get("securitySchemes", {})
    for at in _requirements(document):
        if at[-1] not in known:
            yield document.finding(
                at,
                f"no security scheme is called {at[-1]}",
                "correct the name or add the scheme to components/securitySchemes",
            )
    for operation in document.operations:
        if "security" not in operation.node and "security" not in document.data:
            yield document.finding(
                operation,
                f"{operation.title} does not say whether it needs credentials",
                "add `security` to the document or the operation, `security: []` for none",
            )
