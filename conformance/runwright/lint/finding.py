"""A finding is one fault of a spec or ledger: where it is, what is wrong, and what to do."""

from pathlib import Path

from attrs import frozen


@frozen(order=True)
class Finding:
    """One fault; findings sort by file and line.

    What is fatal keeps a spec from use; of the rest, somebody who reads it would miss something.
    """

    path: str
    line: int
    what: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.remedy}"

    @property
    def marked(self) -> str:
        """The finding as a line that tells if it is fatal."""
        mark = "fatal: " if self.fatal else ""
        return f"{self.path}:{self.line}: {mark}{self.what}; {self.remedy}"


def show_path(path: Path) -> str:
    """Return a path as a reader in the working directory would type it."""
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)
