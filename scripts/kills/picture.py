"""The matrix as a picture: for each API its rules down, its mutants across."""

from collections.abc import Iterator, Sequence
from html import escape

from runwright.emulator.mutant import Mutant
from runwright.rule import Level
from runwright.rulebook import Rulebook, load_rulebook

from kills.trial import Trial

CELL, LEFT, TOP, GAP = 12, 300, 230, 40
STYLE = """
text { font: 9px ui-monospace, monospace; fill: #333 }
.title { font: bold 14px system-ui, sans-serif }
.INFERRED { fill: #999 } .idle { fill: #c00; font-weight: bold }
.grid { stroke: #eee } .kill { fill: #2a9d5c } .kin { fill: #e9b44c }
.missed { fill: none; stroke: #c00; stroke-width: 2 } .unlisted { fill: #c00 }
"""


def draw(trials: Sequence[Trial]) -> str:
    """Return the matrix as an SVG document."""
    parts: list[str] = []
    width, height = 0, GAP
    for api in dict.fromkeys(trial.order.api for trial in trials):
        rulebook = load_rulebook(api)
        tried = _in_order(rulebook, [t for t in trials if t.order.api == api])
        parts.append(f'<g transform="translate(10 {height})">')
        parts += _panel(rulebook, tried)
        parts.append("</g>")
        width = max(width, LEFT + CELL * len(tried) + GAP)
        height += TOP + CELL * len(rulebook.entries) + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">\n<style>{STYLE}</style>\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _in_order(rulebook: Rulebook, trials: Sequence[Trial]) -> list[tuple[Trial, Mutant]]:
    """Return the mutants in the order of the rules, so that the kills make a diagonal."""
    rows = {entry.rule.id: row for row, entry in enumerate(rulebook.entries)}
    tried = [(trial, mutant) for trial in trials if (mutant := trial.mutant) is not None]
    return sorted(tried, key=lambda pair: rows[pair[1].breaks])


def _panel(rulebook: Rulebook, tried: Sequence[tuple[Trial, Mutant]]) -> Iterator[str]:
    killed = {mutant.breaks for trial, mutant in tried if mutant.breaks in trial.violated}
    wide, high = LEFT + CELL * len(tried), TOP + CELL * len(rulebook.entries)
    yield f'<text class="title" x="0" y="0">{escape(rulebook.spec.title)}</text>'
    for row, entry in enumerate(rulebook.entries):
        y = TOP + CELL * row
        spared = entry.line is not None and entry.line.unwitnessed is not None
        is_idle = entry.level is not Level.INFERRED and not spared
        kind = "idle" if is_idle and entry.rule.id not in killed else entry.level.value
        name = escape(entry.rule.id.partition(".")[2])
        yield f'<line class="grid" x1="{LEFT}" x2="{wide}" y1="{y}" y2="{y}"/>'
        yield f'<text class="{kind}" x="{LEFT - 6}" y="{y + 9}" text-anchor="end">{name}</text>'
    for column, (trial, mutant) in enumerate(tried):
        x = LEFT + CELL * column
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{high}"/>'
        yield (
            f'<text transform="translate({x + 9} {TOP - 6}) rotate(-60)">{escape(mutant.name)}'
            f"<title>{escape(mutant.story)}</title></text>"
        )
        for row, entry in enumerate(rulebook.entries):
            kind = _kind(trial, mutant, entry.rule.id)
            if kind:
                yield (
                    f'<rect class="{kind}" x="{x + 1}" y="{TOP + CELL * row + 1}" '
                    f'width="{CELL - 2}" height="{CELL - 2}">'
                    f"<title>{escape(mutant.name)}: {escape(entry.rule.id)}</title></rect>"
                )


def _kind(trial: Trial, mutant: Mutant, rule: str) -> str:
    if rule not in trial.violated:
        return "missed" if rule == mutant.breaks else ""
    if rule == mutant.breaks:
        return "kill"
    return "kin" if rule in mutant.also else "unlisted"
