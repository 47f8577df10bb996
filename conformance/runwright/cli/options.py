"""What the commands share: options, exit codes and errors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from runwright.ledger import Reading
from runwright.mistake import Mistake
from runwright.rulebook import Rulebook, load_rulebook
from runwright.spec import apis

CONFORMS, VIOLATED, USAGE, UNREACHABLE, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130
DEBUG_VARIABLE: Final = "RUNWRIGHT_DEBUG"
"""The variable of the environment that has tracebacks printed."""

AUTO: Final = "auto"
"""What stands for an API that is to be found out."""

EXIT_CODES = (
    "Exit codes: 0 conforms, 1 violated, 2 usage or input, 3 the server could not be reached, "
    "or went away, 70 a fault of runwright's own, 130 interrupted."
)


class UnreachableError(Exception):
    """No request got an answer from the server under test."""


class UsageError(Mistake):
    """The command cannot do what was asked; the message says why, and what would do."""


def chosen(apis_named: Sequence[str], spec: Path | None) -> tuple[Rulebook, ...]:
    """Return the rulebooks of APIs that a command names, or of a spec of the user's own.

    Raises:
        UsageError: both are named, or none is.
        SpecError: there is no such API, or the spec cannot be used.
    """
    if bool(apis_named) == (spec is not None):
        raise UsageError(
            "name an API (`runwright apis` lists them), or an OpenAPI file of your own with --spec"
            + (", not both" if apis_named else "")
        )
    for name in apis_named:
        if name not in apis() and Path(name).exists():
            raise UsageError(f"{name} is no API's id; name a spec of your own with --spec {name}")
    if spec is None:
        return tuple(map(load_rulebook, apis_named))
    # Checking a spec takes libraries that judging by one of ours does not.
    from runwright.contract import read_contract

    return (read_contract(spec),)


def complete_api(incomplete: str) -> list[str]:
    """Complete the id of an API for a shell."""
    return [api for api in apis() if api.startswith(incomplete)]


def complete_api_or_auto(incomplete: str) -> list[str]:
    """Complete the id of an API, or auto, for a shell."""
    return [*complete_api(incomplete), *([AUTO] if AUTO.startswith(incomplete) else [])]


def checked_url(url: str) -> str:
    """Return a URL that was given as an option.

    Raises:
        UsageError: it is none of HTTP.
    """
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one:
        raise UsageError(f"--url {url}: expected http(s)://host[/path]")
    return url


def complete_fault(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a mutant, with the rule that it breaks: of the API, if it is known."""
    from runwright.emulator.mutant import mutants_of

    named = context.params.get("api") or apis()
    return [
        (mutant.name, mutant.breaks)
        for api in ([named] if isinstance(named, str) else named)
        if api in apis()
        for mutant in mutants_of(api).values()
        if mutant.name.startswith(incomplete)
    ]


def complete_profile(incomplete: str) -> list[str]:
    """Complete the name of a profile."""
    from runwright.suite.profile import PROFILES

    return [name for name in PROFILES if name.startswith(incomplete)]


ApiArgument = Annotated[
    str | None, typer.Argument(help="An API: see `runwright apis`.", autocompletion=complete_api)
]
ApisArgument = Annotated[
    list[str] | None, typer.Argument(help="One API, or several.", autocompletion=complete_api)
]
SpecOption = Annotated[
    Path | None,
    typer.Option(
        "--spec",
        help="An OpenAPI 3.1 file of your own, with lifecycles, in place of an API's id, or a "
        "folder with an openapi.yaml; a ledger.yaml beside it is read, too.",
        metavar="FILE",
    ),
]
ReadingOption = Annotated[
    Reading, typer.Option(help="Which generation of the docs judges: seed, or current.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Let inferred rules fail, too.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SaveOption = Annotated[
    Path | None,
    typer.Option(
        "--save", help="Write the history here, as NDJSON.", metavar="FILE", dir_okay=False
    ),
]
SeedOption = Annotated[int, typer.Option(help="The same seed makes the same requests.")]


EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        help="Write the smallest history that shows each violated rule broken, as "
        "<rule>.ndjson, into this folder.",
        metavar="DIR",
        file_okay=False,
    ),
]
ReportOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Write the report here, in the form that the name ends with: .json, .html, "
        ".xml (JUnit), .md (Markdown) or .svg (a badge). May be repeated.",
        metavar="FILE",
        dir_okay=False,
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        help="Known violations, each with a reason and a day on which it expires; they do not "
        "fail. Entries that are stale or expired do.",
        metavar="FILE",
        dir_okay=False,
    ),
]
WriteBaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--write-baseline",
        help="Write a baseline of what fails now, for you to say why.",
        metavar="FILE",
        dir_okay=False,
    ),
]
