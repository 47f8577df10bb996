"""The benchmark as a picture: contenders down, their figures as dots on a logarithmic scale."""

from collections.abc import Iterable, Iterator
from html import escape
from math import ceil, floor, log10

from bench.chapter import Chapter, Table
from bench.table import number

LEFT, WIDE, LINE, TOP, GAP, DOT = 250, 620, 20, 44, 30, 5
COLOURS = ("#1f4e9c", "#d1495b", "#2a9d5c", "#e9a13b", "#7d4f9e", "#3aa6b9", "#777")
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #333 }
.title { font-weight: bold; font-size: 13px } .own { font-weight: bold }
.grid { stroke: #eee } .one { stroke: #999 } .mark { fill: #777; font-size: 10px }
"""


def draw(chapters: Iterable[Chapter]) -> str:
    """Return an SVG document with a panel for each table that is to be drawn."""
    parts: list[str] = []
    high = GAP
    for chapter in chapters:
        for table in chapter.tables:
            values = [v for row in table.rows for v in row.values if v is not None and v > 0]
            if table.drawn and values:
                parts.append(f'<g transform="translate(16 {high})">')
                parts += _panel(table, floor(log10(min(values))), ceil(log10(max(values) * 1.01)))
                parts.append("</g>")
                high += TOP + LINE * len(table.rows) + GAP
    wide = LEFT + WIDE + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}">\n<style>{STYLE}</style>\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(table: Table, low: int, top: int) -> Iterator[str]:
    """Draw a table from 10 to the power of `low` up to 10 to the power of `top`."""
    bottom = TOP + LINE * len(table.rows)

    def across(value: float) -> float:
        return round(LEFT + WIDE * (log10(value) - low) / (top - low), 1)

    yield f'<text class="title" x="0" y="0">{escape(table.title)}</text>'
    yield from _legend(table.columns)
    for power in range(low, top + 1):
        x, kind = across(10**power), "one" if power == 0 else "grid"
        yield f'<line class="{kind}" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{bottom - 4}"/>'
        yield (
            f'<text class="mark" x="{x}" y="{bottom + 8}" text-anchor="middle">'
            f"{10.0**power:g}</text>"
        )
    for index, row in enumerate(table.rows):
        y = TOP + LINE * index + 4
        kind = ' class="own"' if index == 0 else ""
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y}" y2="{y}"/>'
        yield f'<text{kind} x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(row.name)}</text>'
        for column, value, colour in zip(table.columns, row.values, COLOURS, strict=False):
            if value is not None and value > 0:
                told = escape(f"{row.name}, {column}: {number(value, table.digits)}")
                yield (
                    f'<circle cx="{across(value)}" cy="{y}" r="{DOT}" fill="{colour}" '
                    f'fill-opacity="0.8"><title>{told}</title></circle>'
                )


def _legend(columns: Iterable[str]) -> Iterator[str]:
    x = LEFT
    for column, colour in zip(columns, COLOURS, strict=False):
        yield f'<circle cx="{x}" cy="16" r="{DOT}" fill="{colour}"/>'
        yield f'<text x="{x + 9}" y="20">{escape(column)}</text>'
        x += 24 + 7 * len(column)
