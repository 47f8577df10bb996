"""All rules of an API, each joined with the line of the ledger that promises it."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import urlsplit

from attrs import evolve, frozen

from runwright.ledger import Ledger, Line, Reading, load_ledger
from runwright.rule import Level, Rule, rules_in
from runwright.rules.common import lifecycle_rules
from runwright.rules.conduct import conduct_rules
from runwright.rules.protocol import protocol_rules
from runwright.rules.schema import schema_rules
from runwright.rules.security import security_rules
from runwright.spec import Spec, load_spec


@frozen
class Entry:
    """A rule, and its line in the ledger if it has one."""

    rule: Rule
    line: Line | None

    @property
    def level(self) -> Level:
        """How firmly the rule is promised; without a line it is our own conclusion."""
        return self.line.level if self.line else Level.INFERRED

    def holds_under(self, reading: Reading) -> bool:
        """True if the promise is part of that reading."""
        return self.line is None or self.line.holds_under(reading)


@frozen(eq=False)
class Rulebook:
    """The spec, the ledger and the rules of one API; ``conduct`` judges its clients."""

    spec: Spec
    ledger: Ledger
    entries: tuple[Entry, ...]
    conduct: tuple[Entry, ...] = ()

    @property
    def all_entries(self) -> tuple[Entry, ...]:
        """The entries that judge the server, and those that judge its clients."""
        return (*self.entries, *self.conduct)

    def entry(self, identifier: str) -> Entry | None:
        """Return the entry of the rule with that id."""
        return next((entry for entry in self.all_entries if entry.rule.id == identifier), None)

    @property
    def rules_without_line(self) -> tuple[str, ...]:
        """The ids of rules that no line of the ledger promises."""
        return tuple(entry.rule.id for entry in self.all_entries if entry.line is None)

    @property
    def lines_without_rule(self) -> tuple[str, ...]:
        """The ids of lines that say to be checked, and that no rule checks."""
        ids = {entry.rule.id for entry in self.all_entries}
        return tuple(
            line.id for line in self.ledger.lines if line.excluded is None and line.id not in ids
        )


def make_rulebook(spec: Spec, ledger: Ledger) -> Rulebook:
    """Collect the rules of a spec, and those that stand in Python if it is one of the project's."""
    rules = (
        *schema_rules(spec),
        *lifecycle_rules(spec),
        *_module_rules(spec),
        *protocol_rules(spec),
        *security_rules(spec),
    )
    lines = {line.id: line for line in ledger.lines if line.excluded is None}
    return Rulebook(
        spec,
        ledger,
        tuple(Entry(rule, lines.get(rule.id)) for rule in rules),
        tuple(Entry(rule, lines.get(rule.id)) for rule in conduct_rules(spec)),
    )


def _module_rules(spec: Spec) -> tuple[Rule, ...]:
    name = f"runwright.rules.{spec.api}"
    return rules_in(import_module(name)) if spec.is_ours and find_spec(name) else ()


@cache
def load_rulebook(api: str) -> Rulebook:
    """Load the rulebook of one of the project's APIs."""
    return make_rulebook(load_spec(api), load_ledger(api))


def rulebook_at(rulebook: Rulebook, url: str) -> Rulebook:
    """Return the rulebook for a server whose base path none of the spec's servers has."""
    spec = rulebook.spec
    servers = spec.document.get("servers", [])
    base = urlsplit(url).path.rstrip("/")
    if not base or any(urlsplit(server["url"]).path.rstrip("/") == base for server in servers):
        return rulebook
    document = {**spec.document, "servers": [{"url": url}, *servers]}
    return make_rulebook(evolve(spec, document=document), rulebook.ledger)
