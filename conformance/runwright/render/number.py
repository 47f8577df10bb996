"""Numbers for people, with the noun that follows them."""


def count(number: int, noun: str = "", plural: str = "") -> str:
    """Write a number with its noun: ``1 rule``, ``2,000 rules``, ``2 witnesses``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}" if noun else f"{number:,}"
