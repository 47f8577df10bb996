"""A finding is one fault of a spec or ledger: where it is, what is wrong, and what to do."""

from pathlib import Path

from attrs import frozen


@frozen(order=True)
class Finding:
    """One fault; findings sort by file and line."""

    path: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.remedy}"


def show_path(path: Path) -> str:
    """Return a path as a reader in the working directory would type it."""
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)
