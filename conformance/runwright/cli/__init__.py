"""The command line: serve an emulator, test a server, judge or make a recording, look up a rule.

Exit codes: 0 conforms, 1 violated, 2 usage or input, 3 could not reach the server, 70 a fault of
this program's own, 130 interrupted.
"""

import os
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from runwright.cli.explaining import explain
from runwright.cli.judging import judge
from runwright.cli.linting import lint
from runwright.cli.lookup import list_apis, list_rules
from runwright.cli.options import (
    CONFORMS,
    DEBUG_VARIABLE,
    EXIT_CODES,
    FAULT,
    INTERRUPTED,
    UNREACHABLE,
    USAGE,
    UnreachableError,
)
from runwright.cli.pipe import forgive_closed_pipes, give_up_output
from runwright.cli.recording import SETTINGS, record
from runwright.cli.reporting import diff, merge, report
from runwright.cli.serving import serve
from runwright.cli.testing import run_test
from runwright.mistake import Mistake
from runwright.render.terminal import console

app = typer.Typer(
    name="runwright",
    help="Contracts for APIs that report asynchronous runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("apis")(list_apis)
app.command("rules")(list_rules)
app.command("explain")(explain)
app.command("lint")(lint)
app.command("serve")(serve)
app.command("test", epilog=EXIT_CODES)(run_test)
app.command("judge", epilog=EXIT_CODES)(judge)
app.command("report", epilog=EXIT_CODES)(report)
app.command("diff", epilog=EXIT_CODES)(diff)
app.command("merge")(merge)
app.command("record", epilog=EXIT_CODES, context_settings=SETTINGS)(record)


MOST_TOLD = 200
"""Characters of an unexpected error that are printed."""


def run() -> int:
    """Run the command line and return its exit code."""
    forgive_closed_pipes()
    try:
        app(prog_name="runwright")
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else CONFORMS
        if code == INTERRUPTED:
            console(stderr=True).print("interrupted")
        return code
    except UnreachableError as error:
        return _fail(error, UNREACHABLE)
    except Mistake as error:
        return _fail(error, USAGE)
    except OSError as error:
        give_up_output()
        return _fail(f"{error.filename or 'the output'}: {error.strerror or error}", USAGE)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not look like a verdict
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        told = " ".join(f"{type(error).__name__}: {error}".split())[:MOST_TOLD]
        return _fail(
            f"this is a fault of runwright's own, no verdict: {told}; please report it, with what "
            f"{DEBUG_VARIABLE}=1 shows",
            FAULT,
        )
    return CONFORMS


def _fail(error: Exception | str, code: int) -> int:
    console(stderr=True).print(f"error: {error}", style="bold red", markup=False, soft_wrap=True)
    return code


def _version(wanted: bool) -> None:
    if wanted:
        print(f"runwright {version('runwright')}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Contracts for APIs that report asynchronous runs."""
