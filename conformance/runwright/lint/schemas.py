"""How schemas are written, so that every tool that reads them sees the same."""

from collections.abc import Iterator

from runwright.lint.document import Document, Place, is_json
from runwright.lint.finding import Finding
from runwright.lint.text import Tokens


def check_forms(document: Document) -> Iterator[Finding]:
    """Find ways to write a schema that one of the tools cannot read."""
    for place in document.places("schema", "condition"):
        if "$defs" in place.node:
            yield document.finding(
                (*place.at, "$defs"),
                f"{place.title} has `$defs`, which the client generator drops",
                "move them to components/schemas",
            )
        if "prefixItems" in place.node:
            yield document.finding(
                (*place.at, "prefixItems"),
                f"{place.title} has `prefixItems`, which Schemathesis refuses",
                "use `items` with `minItems` and `maxItems`",
            )


def check_required(document: Document) -> Iterator[Finding]:
    """Find members that are required, but not declared."""
    for place in document.places("schema"):
        for index, name in enumerate(place.node.get("required", ())):
            if place.node.get("type") == "object" and find_member(document, place, (name,)) is None:
                yield document.finding(
                    (*place.at, "required", str(index)),
                    f"{place.title} requires {name}, which it does not declare",
                    "declare the property or correct the name",
                )


def check_rule_bodies(document: Document) -> Iterator[Finding]:
    """Find rules that nothing could break."""
    idle = {"x-rule", "description", "title", "$comment", "if"}
    for place in document.places("condition"):
        demands = [value for key, value in place.node.items() if key not in idle and value != {}]
        if "x-rule" in place.node and not demands:
            yield document.finding(
                place,
                f"rule {place.node['x-rule']} demands nothing",
                "add `then`, or whatever it demands of every instance",
            )


def check_answers(document: Document) -> Iterator[Finding]:
    """Find answers that would forbid members which the docs may add."""
    answers = responses(document)
    for place in document.places("schema", "condition"):
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if place.at in answers and place.node.get(keyword) is False:
                yield document.finding(
                    (*place.at, keyword),
                    f"{place.title} stands in an answer and has `{keyword}: false`",
                    "remove it, a server may send members that the docs do not know yet",
                )


def check_open_enums(document: Document) -> Iterator[Finding]:
    """Find open enums in what only clients send."""
    answers = responses(document)
    for place in document.places("schema"):
        if "x-open-enum" in place.node and place.at not in answers:
            yield document.finding(
                (*place.at, "x-open-enum"),
                f"{place.title} stands in no answer and has an open enum",
                "remove `x-open-enum`, what clients send is closed",
            )


def check_bodies(document: Document) -> Iterator[Finding]:
    """Find JSON bodies whose schema has no name."""
    for media in document.places("media"):
        schema = media.node.get("schema", {})
        named = str(schema.get("$ref", "")).startswith("#/components/schemas/")
        if is_json(media.name) and not named:
            yield document.finding(
                media,
                f"{media.title} has no schema with a name",
                "move the schema to components/schemas and refer to it",
            )


def responses(document: Document) -> set[Tokens]:
    """Return where everything stands that an answer's body or headers may hold."""
    return document.reach(document.places("response"))


def find_member(document: Document, schema: Place, member: Tokens) -> Place | None:
    """Return the schema of a member below a schema, whichever way it is declared."""
    schema = document.follow(schema)
    if not member:
        return schema
    wanted = (*schema.at, "properties", member[0])
    if wanted[-1] in schema.node.get("properties", {}):
        inner = Place("schema", wanted, document.text.at(wanted))
        return find_member(document, inner, member[1:])
    ways = list(document.below(schema, "additionalProperties"))
    if member[0].isdecimal():
        ways += document.below(schema, "items")
    for way in ways:
        found = find_member(document, way, member[1:])
        if found:
            return found
    for keyword in ("allOf", "anyOf", "oneOf"):
        for way in document.below(schema, keyword):
            found = None if "x-rule" in way.node else find_member(document, way, member)
            if found:
                return found
    return None
