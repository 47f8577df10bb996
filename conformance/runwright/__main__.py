"""The command `runwright`, or `python -m runwright`."""

import sys


def main() -> None:
    """Run the command line; say which extra is missing if it cannot start."""
    try:
        from runwright.cli import run
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "runwright":
            raise
        print(
            f"runwright: the command line needs {error.name}, which is not installed.\n"
            "The base install has only what a client needs; "
            "install the rest with: pip install 'runwright[all]'",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    raise SystemExit(run())


if __name__ == "__main__":
    main()
