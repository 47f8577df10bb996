"""Explaining one rule: who promises it, who checks it, how it looks kept and broken."""

import json
import sys
from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from runwright.alteration import break_by_altering
from runwright.cli.options import SpecOption, UsageError, chosen
from runwright.emulator.mutant import Mutant, mutants_of
from runwright.history import Exchange, History
from runwright.ledger import Ledger, Line
from runwright.render.body import excerpt
from runwright.render.progress import show_progress
from runwright.render.terminal import console
from runwright.rule import Finding
from runwright.rulebook import Entry, Rulebook
from runwright.shrink import smallest_evidence
from runwright.spec import apis
from runwright.trace import Observation

MANY: Final = 200
"""Places where a rule was kept among which one is chosen to be shown."""


def _complete_rule(incomplete: str) -> list[str]:
    return [
        entry.rule.id
        for book in chosen(apis(), None)
        for entry in book.all_entries
        if entry.rule.id.startswith(incomplete)
    ]


def explain(
    rule: Annotated[
        str,
        typer.Argument(help="A rule's id, see `runwright rules`.", autocompletion=_complete_rule),
    ],
    spec: SpecOption = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Leave out what must be acted out on the emulator.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; what must be acted out is left out.")
    ] = False,
) -> None:
    """Explain a rule: the sentence behind it, and how it looks when kept and when broken.

    Example: runwright explain nekt.run.id-matches-path
    """
    api = rule.partition(".")[0]
    if spec is None and api not in apis():
        raise UsageError(
            f"{rule} begins with no API's id; there are: {', '.join(apis())}. "
            "For an API of your own name its spec with --spec"
        )
    (book,) = chosen([] if spec else [api], spec)
    out = console()
    entry = book.entry(rule)
    known = mutants_of(api).values() if book.spec.is_ours else ()
    mutants = [mutant for mutant in known if mutant.breaks == rule]
    if entry is None and book.ledger.line(rule) is None:
        raise UsageError(
            f"no rule is called {rule!r}; list them with: runwright rules "
            + (f"--spec {spec}" if spec else book.ledger.api)
        )
    if as_json:
        told = _dump(rule, entry, book.ledger.line(rule), mutants)
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return
    if entry is None:
        _print_excluded(out, rule, book.ledger)
        return
    _print_promise(out, entry)
    for mutant in mutants:
        out.print(Text.assemble("\nbroken by  ", (mutant.name, "bold"), f": {mutant.story}"))
    if not brief:
        _act_out(out, book, entry, mutants[0] if mutants else None)


def _dump(
    rule: str, entry: Entry | None, line: Line | None, mutants: Sequence[Mutant]
) -> dict[str, Any]:
    """Return what is known of a rule as JSON values."""
    known = entry or line
    return {
        "format": "runwright-rule/1",
        "rule": rule,
        "level": known.level.value if known else None,
        "claim": entry.rule.claim if entry else None,
        "where": entry.rule.where if entry else None,
        "sentences": [
            {"sentence": said.text, "source": str(said.source)}
            for said in (line.sentences if line else ())
        ],
        "reading": line.reading if line else None,
        "conflicts_with": list(line.conflicts_with) if line else [],
        "unwitnessed": line.unwitnessed if line else None,
        "excluded": line.excluded if line else None,
        "broken_by": [{"fault": mutant.name, "story": mutant.story} for mutant in mutants],
    }


def _print_excluded(out: Console, rule: str, ledger: Ledger) -> None:
    line = ledger.line(rule)
    assert line is not None
    out.print(Text(rule, "bold"))
    _print_sentences(out, line)
    out.print(f"\nno rule checks it: {line.excluded}", markup=False)


def _print_promise(out: Console, entry: Entry) -> None:
    rule, line = entry.rule, entry.line
    out.print(Text.assemble((rule.id, "bold"), f" ({entry.level.value})"))
    out.print(Padding(Text(rule.claim), (0, 0, 0, 2)))
    if line is not None:
        _print_sentences(out, line)
    out.print(f"\nlives in   {rule.where}", markup=False)


def _print_sentences(out: Console, line: Line) -> None:
    for sentence in line.sentences:
        out.print(Text.assemble("\npromised   ", f"“{sentence.text}”"))
        out.print(Text(f"           — {sentence.source}", "dim"))
    if line.reading:
        out.print(f"\nreading    {line.reading} only", markup=False)
    if line.conflicts_with:
        out.print(f"\nconflicts  {', '.join(line.conflicts_with)}", markup=False)


def _act_out(out: Console, rulebook: Rulebook, entry: Entry, mutant: Mutant | None) -> None:
    """Watch the honest emulator and a mutant, and show where the rule is kept and broken.

    Where no mutant breaks it, what the honest one shows is altered until it does.
    """
    seen = _watch(rulebook, entry, None)
    kept = _kept(entry, Observation(rulebook.spec, seen))
    if kept is None:
        reason = entry.line.unwitnessed if entry.line else None
        told = "; ".join(filter(None, ("not to be seen in a short run", reason)))
        out.print(f"\nkept: {told}", markup=False)
    else:
        out.print(Text("\nkept, as the honest emulator shows:", "bold"))
        for exchange in kept.exchanges:
            _print_exchange(out, exchange, kept.pointer)
    title, smallest = _broken(rulebook, entry, mutant, seen)
    if smallest is None:
        return
    finding = next(f for f in entry.rule.judge(Observation(rulebook.spec, smallest)) if not f.kept)
    out.print(Text(f"\n{title}", "bold"))
    for exchange in smallest.exchanges:
        _print_exchange(out, exchange, finding.pointer)
    out.print(f"  expected {finding.expected}\n  actual   {finding.actual}", markup=False)


def _broken(
    rulebook: Rulebook, entry: Entry, mutant: Mutant | None, seen: History
) -> tuple[str, History | None]:
    """Return a small history in which a rule is broken, and what to call it."""
    if mutant is not None:
        history = _watch(rulebook, entry, mutant)
        smallest = smallest_evidence(history, entry, rulebook.spec)
        return f"broken, in the smallest history of {mutant.name}:", smallest
    # Who looks at runs as the suite does is no model client.
    smallest = smallest_evidence(seen, entry, rulebook.spec)
    if smallest is not None:
        return "broken, by the suite itself:", smallest
    altered = break_by_altering(seen, entry, rulebook.spec)
    if altered is None:
        return "", None
    return f"broken, were one thing different; {altered.told}:", altered.history


def _kept(entry: Entry, observation: Observation) -> Finding | None:
    """Return where a rule was kept; of the first places, one that shows most."""
    kept = (finding for finding in entry.rule.judge(observation) if finding.kept)
    return max(islice(kept, MANY), key=_variety, default=None)


def _variety(finding: Finding) -> int:
    return len({exchange.response.content for exchange in finding.exchanges})


def _watch(rulebook: Rulebook, entry: Entry, mutant: Mutant | None) -> History:
    from runwright.suite.audit import run_suite
    from runwright.suite.profile import QUICK

    reading = (entry.line.reading if entry.line else None) or "seed"
    title = mutant.name if mutant else "honest emulator"
    with show_progress(console(stderr=True), title) as tell:
        return run_suite(
            rulebook,
            reading=reading,
            profile=QUICK,
            fault=mutant.name if mutant else None,
            tell=tell,
        ).history


def _print_exchange(out: Console, exchange: Exchange, pointer: str) -> None:
    answer = exchange.status if exchange.status is not None else exchange.error
    out.print(f"  {exchange.method} {exchange.url} → {answer}", markup=False)
    for line in excerpt(exchange.response, pointer):
        out.print(Text("  " * (line.depth + 2) + line.text, "bold" if line.is_marked else "dim"))
