"""Checking a spec that somebody writes."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from attrs import asdict

from runwright.cli.options import CONFORMS, VIOLATED, JsonOption
from runwright.render.terminal import console


def lint(
    file: Annotated[
        list[Path], typer.Argument(help="OpenAPI 3.1 files, or folders with an openapi.yaml.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Check specs and the ledgers beside them: each finding has file, line and remedy.

    No other command uses a spec that has a fatal finding; the others are about how it reads.

    Example: runwright lint my/openapi.yaml
    """
    # It takes a library that no other command does.
    from runwright.lint.linter import lint as findings_in

    found = [
        finding
        for path in file
        for finding in findings_in(path / "openapi.yaml" if path.is_dir() else path)
    ]
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in found], indent=2) + "\n")
    else:
        for finding in found:
            print(finding.marked)
    specs = f"{len(file)} spec{'' if len(file) == 1 else 's'}"
    findings = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
    fatal = sum(finding.fatal for finding in found)
    weight = f", {fatal or 'none'} of them fatal" if found else ""
    console(stderr=True).print(f"{specs}, {findings}{weight}", markup=False)
    raise typer.Exit(VIOLATED if found else CONFORMS)
