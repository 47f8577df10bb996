"""Looking things up: which APIs there are, and what they promise."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from runwright.cli.options import JsonOption, SpecOption, chosen, complete_api
from runwright.render.terminal import console, print_table
from runwright.rule import Level
from runwright.rulebook import Rulebook
from runwright.spec import apis, load_spec


def list_apis(as_json: JsonOption = False) -> None:
    """List the APIs that have a spec.

    Example: runwright apis
    """
    out = console()
    if as_json:
        out.print_json(data={api: load_spec(api).title for api in apis()})
        return
    for api in apis():
        out.print(f"[bold]{api}[/]  {load_spec(api).title}")


def list_rules(
    api: Annotated[
        list[str] | None, typer.Argument(help="APIs; all by default.", autocompletion=complete_api)
    ] = None,
    spec: SpecOption = None,
    all_lines: Annotated[
        bool, typer.Option("--all", help="What is promised and cannot be checked, too, and why.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the rules of an API, with their levels, and the reading that each belongs to.

    Examples:

    runwright rules nekt

    runwright rules nekt --all

    runwright rules --spec my/openapi.yaml
    """
    named = api or ([] if spec else apis())
    books = chosen(named, spec)
    rows = [row for book in books for row in (*_checked(book), *(_excluded(book, all_lines)))]
    if as_json:
        console().print_json(data=[{k: v for k, v in row.items() if v} for row in rows])
        return
    print_table(
        console(),
        ("level", "reading", "rule", "claim"),
        [(*(row[name] for name in ("level", "reading", "rule")), _told(row)) for row in rows],
    )


def _checked(book: Rulebook) -> Iterator[dict[str, str]]:
    for entry in book.all_entries:
        reading = (entry.line.reading if entry.line else None) or ""
        yield _row(entry.level, reading, entry.rule.id, entry.rule.claim)


def _excluded(book: Rulebook, wanted: bool) -> Iterator[dict[str, str]]:
    for line in book.ledger.lines if wanted else ():
        if line.excluded is not None:
            row = _row(line.level, line.reading or "", line.id, line.sentence.text)
            yield {**row, "excluded": line.excluded}


def _row(level: Level, reading: str, rule: str, claim: str) -> dict[str, str]:
    return {"rule": rule, "level": level.value, "reading": reading, "claim": claim}


def _told(row: Mapping[str, str]) -> str:
    why = row.get("excluded")
    return row["claim"] if why is None else f"{row['claim']} [not checked: {why}]"
