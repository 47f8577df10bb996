"""A report as one HTML page that needs nothing else: no script, no font, no network."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from runwright.render import graph, lanes, lettering
from runwright.render.chapter import ORDER, Chapter, make_chapter
from runwright.render.number import count
from runwright.render.scale import duration, moment
from runwright.render.tone import MEANINGS, SHOWN_AS, SIGNS, WORDS, Tone
from runwright.report import Report, Standing, Verdict
from runwright.rule import Level


def render_html(reports: Sequence[Report], *, strict: bool = False) -> str:
    """Return the page of one or several reports; `strict` lets inferred rules fail, too."""
    slugs = _slugs([report.api for report in reports])
    chapters = [
        make_chapter(report, slug, strict) for report, slug in zip(reports, slugs, strict=True)
    ]
    style = files("runwright.render").joinpath("templates/page.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            chapters=chapters,
            many=len(chapters) > 1,
            section=3 if len(chapters) > 1 else 2,
            standing=_all(chapters),
            looks=SHOWN_AS,
            style=Markup(style),
            strict=strict,
            course=lanes.course,
            widths=lettering.WIDTHS,
            levels=tuple(Level),
            order=ORDER,
            verdicts=Verdict,
            words=WORDS,
            meanings=MEANINGS,
            signs=SIGNS,
            tones=tuple(Tone),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("runwright.render"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "count": count,
        "duration": duration,
        "moment": moment,
        "options": options,
        "prose": prose,
        "told": graph.told,
    }
    return environment


def _all(chapters: Sequence[Chapter]) -> Standing:
    """Return what several reports say together."""
    found = {chapter.standing for chapter in chapters}
    worst = (Standing.VIOLATED, Standing.OPEN)
    return next((standing for standing in worst if standing in found), Standing.CONFORMS)


def _slugs(names: Iterable[str]) -> list[str]:
    slugs: list[str] = []
    for name in names:
        count = sum(slug == name or slug.startswith(f"{name}~") for slug in slugs)
        slugs.append(f"{name}~{count + 1}" if count else name)
    return slugs


def prose(text: str) -> Markup:
    """Mark what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def options(text: str) -> Markup:
    """Keep the options of a command from being broken at their dashes."""
    return Markup(" ").join(
        Markup('<span class="whole">{}</span>').format(word) if word.startswith("-") else word
        for word in text.split(" ")
    )
