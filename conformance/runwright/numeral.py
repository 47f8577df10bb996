"""Numbers as the text that a JSON object's key has for them."""

import math


def text_of(identifier: str | int | float) -> str:
    """Return an id as text: strings as they are, numbers as JavaScript's ``String`` writes them.

    So 7 and 7.0 give ``7``, and 1e21 gives ``1e+21``.
    """
    if isinstance(identifier, str):
        return identifier
    if isinstance(identifier, int):
        return str(identifier)
    if not math.isfinite(identifier):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(identifier, "NaN")
    if identifier.is_integer() and abs(identifier) < 1e21:
        return str(int(identifier))
    if 1e-6 <= abs(identifier) < 1e21:
        return _plain(repr(identifier))
    mantissa, _, exponent = repr(identifier).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def _plain(text: str) -> str:
    """Write ``1e-05`` without an exponent."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.removeprefix("-").replace(".", "")
    return f"{sign}0.{'0' * (-int(exponent) - 1)}{digits}"
