"""The order of the checks: each may rely on what those before it found no fault with."""

from pathlib import Path

from attrs import evolve

from runwright.ledger import read_ledger
from runwright.lint.descriptions import check_descriptions
from runwright.lint.document import Document, read_document
from runwright.lint.examples import check_form as check_example_form
from runwright.lint.examples import check_presence, check_validity
from runwright.lint.finding import Finding
from runwright.lint.ledger import check_form as check_ledger_form
from runwright.lint.ledger import check_lines, check_sources
from runwright.lint.lifecycles import check_lifecycles
from runwright.lint.links import check_links, check_polls
from runwright.lint.names import check_ids, check_names
from runwright.lint.novelties import check_unknown_states
from runwright.lint.openapi import check_metaschema, check_openapi
from runwright.lint.operations import (
    check_operations,
    check_security,
    check_servers,
    check_silence,
    check_success,
)
from runwright.lint.references import check_targets, check_use
from runwright.lint.rules import check_rules
from runwright.lint.runs import check_runs
from runwright.lint.schemas import (
    check_answers,
    check_bodies,
    check_forms,
    check_open_enums,
    check_required,
    check_rule_bodies,
)
from runwright.lint.tables import check_tables
from runwright.lint.text import Text, check_writing, read_text
from runwright.lint.vocabulary import check_keywords, check_neighbours, check_strangers
from runwright.normal_form import normalize
from runwright.rulebook import make_rulebook
from runwright.spec import Spec, read_spec

_SOUND = (
    check_ids,
    check_keywords,
    check_lifecycles,
    check_tables,
    check_servers,
    check_security,
    check_forms,
    check_rule_bodies,
    check_links,
    check_polls,
)
"""Whatever these find, something of a spec would not work."""

_TIDY = (
    check_strangers,
    check_neighbours,
    check_use,
    check_silence,
    check_success,
    check_required,
    check_answers,
    check_open_enums,
    check_bodies,
    check_names,
    check_descriptions,
    check_presence,
    check_example_form,
    check_validity,
)
"""Whatever these find, somebody who reads a spec, or a client made of it, would miss something."""


def lint(path: Path) -> tuple[Finding, ...]:
    """Return all findings about a spec and the ledger beside it, in the order of the lines.

    Only a spec that lies in a folder of ``specs/`` must have a ledger.

    Raises:
        SpecError: a file cannot be read.
    """
    document = read_document(path)
    found = lint_document(document)
    ledger_path = path.with_name("ledger.yaml")
    if not ledger_path.is_file() and path.resolve().parents[1].name != "specs":
        unknown = () if found else check_unknown_states(document, read_spec(path, document.api))
        return tuple(sorted({*found, *unknown}))
    if not ledger_path.is_file():
        missing = document.finding(
            (),
            "no ledger.yaml stands beside the spec",
            "write one, it says where each promise comes from",
        )
        return (*found, missing)
    ledger = read_text(ledger_path)
    found += lint_ledger(ledger, document.api)
    if not found:
        spec = read_spec(path, document.api)
        book = make_rulebook(spec, read_ledger(ledger_path))
        found += (*check_rules(document, ledger, book), *check_unknown_states(document, spec))
    return tuple(sorted(set(found)))


def lint_document(document: Document, *, tidy: bool = True) -> tuple[Finding, ...]:
    """Return the findings about a spec alone; those that matter to readers only if `tidy`."""
    found = set(check_writing(document.text))
    found = found or set(check_targets(document))
    found = found or set(check_metaschema(document)) or set(check_openapi(document))
    found = found or set(check_operations(document))
    tidy = tidy and not found
    found = found or {finding for check in _SOUND for finding in check(document)}
    if not found:
        spec = Spec(document.api, normalize(document.data), document.text.path)
        found = set(check_runs(document, spec))
    fatal = {evolve(finding, fatal=True) for finding in found}
    untidy = {finding for check in _TIDY for finding in check(document)} if tidy else set()
    return tuple(sorted(fatal | {f for f in untidy if evolve(f, fatal=True) not in fatal}))


def lint_ledger(ledger: Text, api: str) -> tuple[Finding, ...]:
    """Return the findings about a ledger alone."""
    found = set(check_writing(ledger))
    form = set() if found else set(check_ledger_form(ledger))
    fatal = form or (set() if found else set(check_lines(ledger, api)))
    found |= set() if found or form else set(check_sources(ledger))
    return tuple(sorted({*found, *(evolve(finding, fatal=True) for finding in fatal)}))
