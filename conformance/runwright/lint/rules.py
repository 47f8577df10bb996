"""Every rule is promised by a line of the ledger, and every line is checked or says why not."""

from collections.abc import Iterator

from runwright.lint.document import Document
from runwright.lint.finding import Finding
from runwright.lint.text import Text, Tokens
from runwright.rule import Rule
from runwright.rulebook import Rulebook


def check_rules(document: Document, ledger: Text, book: Rulebook) -> Iterator[Finding]:
    """Find rules without a line, lines without a rule, and excluded lines that have one."""
    rules = {entry.rule.id: entry.rule for entry in book.all_entries}
    lines = {line.id: line for line in book.ledger.lines}
    for name, rule in rules.items():
        if name not in lines:
            yield document.finding(
                _home(document, rule),
                f"no line of the ledger promises {name}",
                "add one with its sentence and source",
            )
    for index, line in enumerate(book.ledger.lines):
        at = ("lines", str(index))
        if line.excluded is None and line.id not in rules:
            yield ledger.finding(
                at, f"no rule checks {line.id}", "add the rule, or say why not with `excluded`"
            )
        if line.excluded is not None and line.id in rules:
            yield ledger.finding(
                (*at, "excluded"),
                f"{line.id} is excluded, but a rule checks it",
                "remove `excluded`, or name what cannot be seen `unwitnessed`",
            )


def _home(document: Document, rule: Rule) -> Tokens:
    """Return the place in the spec that makes the rule: its ``x-rule``, or its lifecycle."""
    for place in document.places("condition"):
        if place.node.get("x-rule") == rule.id:
            return place.at
    for place in document.places("schema"):
        keyword = place.node.get("x-lifecycle")
        if keyword and rule.id.split(".")[1] == keyword["thing"]:
            return (*place.at, "x-lifecycle")
    return ()
