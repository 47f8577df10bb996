"""What could not be read of a recording."""

from attrs import frozen


@frozen
class Flaw:
    """A piece of a recording that could not be read: where it stands, and why."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"
