"""The contract of an API that the project never saw: its spec is enough, a ledger may refine it."""

from pathlib import Path
from typing import Final

from attrs import evolve

from runwright.ledger import Ledger, Line, Sentence, Source, read_ledger
from runwright.lint.document import read_document
from runwright.lint.ledger import check_form, check_lines
from runwright.lint.linter import lint_document
from runwright.lint.text import read_text
from runwright.rule import Level, Rule
from runwright.rulebook import Rulebook, load_rulebook, make_rulebook
from runwright.spec import Spec, SpecError, read_spec

GOOD_MANNERS: Final = (
    "protocol.no-server-error",
    "protocol.wrong-method-is-refused",
    "protocol.safe-methods-change-nothing",
    "protocol.unknown-id-is-not-found",
    "protocol.malformed-id-is-refused",
    "protocol.wrong-content-type-is-refused",
    "security.no-secret-is-echoed",
)
"""Rules about what HTTP and good sense recommend, whatever a spec says."""
UNSAID: Final = ("security.foreign-run-looks-unknown", "security.lists-show-own-runs")
"""Rules about what no OpenAPI document can say, such as whose run is whose."""
OPEN: Final = "No operation asks for credentials."
"""Why nobody sees a rule about credentials kept."""


class UnsoundSpecError(SpecError):
    """A spec has faults that keep it from being used; each is named with file, line and remedy."""


def contract_of(api: str | Path) -> Rulebook:
    """Return the rulebook of one of the project's APIs by its id, or of any spec by its path.

    A text that ends like the name of a YAML or JSON file is a path, too.

    Raises:
        SpecError: there is no such API, or no such file, or it cannot be used.
    """
    is_file = isinstance(api, Path) or api.endswith((".yaml", ".yml", ".json"))
    return read_contract(Path(api)) if is_file else load_rulebook(str(api))


def read_contract(path: Path) -> Rulebook:
    """Read a spec, with the ``ledger.yaml`` beside it if there is one; a folder has openapi.yaml.

    Where no line of a ledger says how firmly a rule is promised, the spec itself promises it: what
    its owner declares is a MUST.

    Raises:
        UnsoundSpecError: the spec or the ledger has faults.
        SpecError: a file cannot be read.
    """
    path = path / "openapi.yaml" if path.is_dir() else path
    document = read_document(path)
    found = list(lint_document(document, tidy=False))
    beside = path.with_name("ledger.yaml")
    if not found and beside.is_file():
        text = read_text(beside)
        found += check_form(text)
        found += [] if found else check_lines(text, document.api)
    if found:
        raise UnsoundSpecError("\n".join(["the spec cannot be used", *map(str, found)]))
    spec = read_spec(path, document.api)
    if spec.is_ours:
        return load_rulebook(spec.api)
    ledger = read_ledger(beside) if beside.is_file() else Ledger(spec.api, {}, ())
    return make_rulebook(spec, complete(ledger, spec))


def complete(ledger: Ledger, spec: Spec) -> Ledger:
    """Return a ledger in which each rule has a line, by the spec's own word if by no other."""
    source = Source("spec", f"{spec.title}, {spec.path.name if spec.path else 'the spec'}")
    asks = any(any(operation.security) for operation in spec.operations.values())
    lines = (
        Line(
            id=entry.rule.id,
            level=level_of(entry.rule),
            sentences=(Sentence(entry.rule.claim, source),),
            unwitnessed=None if asks or ".security." not in entry.rule.id else OPEN,
        )
        for entry in make_rulebook(spec, ledger).all_entries
        if ledger.line(entry.rule.id) is None
    )
    sources = {source.id: source, **ledger.sources}
    return evolve(ledger, sources=sources, lines=(*ledger.lines, *lines))


def level_of(rule: Rule) -> Level:
    """Return how firmly a spec by itself promises what a rule checks."""
    name = rule.id.partition(".")[2]
    if name in UNSAID:
        return Level.INFERRED
    return Level.SHOULD if name in GOOD_MANNERS or name.startswith("conduct.") else Level.MUST
