"""References lead somewhere, and everything that is kept for reuse is used."""

from collections.abc import Iterator

from runwright.lint.document import Document, Place, target
from runwright.lint.finding import Finding
from runwright.lint.text import Tokens


def check_targets(document: Document) -> Iterator[Finding]:
    """Find references that lead nowhere, or out of the document."""
    for place in document.all_places:
        if "$ref" not in place.node:
            continue
        reference = place.node["$ref"]
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
    """Find components that no operation leads to, and security schemes that nobody demands."""
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


def requirements(document: Document) -> Iterator[Tokens]:
    """Yield every place that demands a security scheme; its last token is the scheme's name."""
    for place in (Place("document", (), document.data), *document.operations):
        for index, requirement in enumerate(place.node.get("security", [])):
            for name in requirement:
                yield (*place.at, "security", str(index), name)


def _used_schemes(document: Document) -> Iterator[Tokens]:
    for at in requirements(document):
        yield ("components", "securitySchemes", at[-1])
