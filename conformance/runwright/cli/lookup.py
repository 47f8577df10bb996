"""Looking things up: which APIs there are, and what they promise."""

from typing import Annotated

import typer

from runwright.cli.options import JsonOption, SpecOption, chosen, complete_api
from runwright.render.terminal import console, print_table
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
    as_json: JsonOption = False,
) -> None:
    """List the rules of an API, with their levels.

    Examples:

    runwright rules nekt

    runwright rules --spec my/openapi.yaml
    """
    named = api or ([] if spec else apis())
    entries = [entry for book in chosen(named, spec) for entry in book.all_entries]
    if as_json:
        console().print_json(
            data=[
                {"rule": e.rule.id, "level": e.level.value, "claim": e.rule.claim} for e in entries
            ]
        )
        return
    print_table(
        console(),
        ("level", "rule", "claim"),
        [(e.level.value, e.rule.id, e.rule.claim) for e in entries],
    )
