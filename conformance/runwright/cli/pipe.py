"""Output that nobody may be reading any more, as in ``runwright rules nekt | head -1``."""

import io
import os
import sys


class _Forgiving(io.TextIOWrapper):
    """A stream that goes on into nothing once its reader is gone.

    So the exit code stays the verdict, and files are still written.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self.give_up()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self.give_up()

    def give_up(self) -> None:
        """Write into nothing from now on."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self.fileno())
        os.close(nothing)


def forgive_closed_pipes() -> None:
    """Let standard output and standard error be closed by whoever reads them.

    What somebody has put in their places is left alone.
    """
    if sys.stdout is sys.__stdout__:
        sys.stdout = _forgiving(sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _forgiving(sys.stderr)


def give_up_output() -> None:
    """Print nothing more on standard output: it can take nothing more."""
    if isinstance(sys.stdout, _Forgiving):
        sys.stdout.give_up()


def _forgiving(stream: object) -> _Forgiving:
    assert isinstance(stream, io.TextIOWrapper)
    encoding, errors, is_live = stream.encoding, stream.errors, stream.line_buffering
    return _Forgiving(stream.detach(), encoding=encoding, errors=errors, line_buffering=is_live)
