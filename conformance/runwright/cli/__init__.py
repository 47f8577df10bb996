"""The command line: serve an emulator, test a server, judge a recording, look up a rule.

Exit codes: 0 conforms, 1 violated, 2 usage or input, 3 could not reach the server.
"""

from importlib.metadata import version
from typing import Annotated

import typer

from runwright.cli.explaining import explain
from runwright.cli.judging import judge
from runwright.cli.lookup import list_apis, list_rules
from runwright.cli.options import CONFORMS, UNREACHABLE, USAGE, UnreachableError, UsageError
from runwright.cli.serving import serve
from runwright.cli.testing import run_test
from runwright.history import HistoryError
from runwright.render.terminal import console
from runwright.spec import SpecError

app = typer.Typer(
    name="runwright",
    help="Contracts for APIs that report asynchronous runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("apis")(list_apis)
app.command("rules")(list_rules)
app.command("explain")(explain)
app.command("serve")(serve)
app.command("test")(run_test)
app.command("judge")(judge)


def run() -> int:
    """Run the command line and return its exit code."""
    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else CONFORMS
    except UnreachableError as error:
        return _fail(error, UNREACHABLE)
    except Exception as error:
        if not _is_input_error(error):
            raise
        return _fail(error, USAGE)
    return CONFORMS


def _is_input_error(error: Exception) -> bool:
    """True for the errors that say what is wrong with what the caller gave."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, UsageError | SpecError | HistoryError) or bool(
        # Their modules are heavy, and only loaded by the commands that can raise them.
        names & {"ProbeError", "CredentialsError", "MutantError", "WorldError", "ServerError"}
    )


def _fail(error: Exception, code: int) -> int:
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
