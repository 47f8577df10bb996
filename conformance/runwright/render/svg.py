"""SVG elements as markup; everything that goes in is escaped."""

from typing import Final

from markupsafe import Markup, escape

NAMESPACE: Final = "http://www.w3.org/2000/svg"


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return an SVG element.

    Attributes that are None or False are left out, numbers are written short, and names are
    written as SVG has them: ``text_anchor`` becomes ``text-anchor``, ``class_`` becomes ``class``.
    """
    pairs = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), number(value))
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    content = Markup("").join(escape(child) for child in children if child is not None)
    return Markup("<{}{}>{}</{}>").format(Markup(name), pairs, content, Markup(name))


def number(value: object) -> object:
    """Write a float with two digits at most; leave other values."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def percent(value: float) -> str:
    """Write a share of 100."""
    return f"{number(float(value))}%"
