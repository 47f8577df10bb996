"""Hints for showing a cell."""

from runwright.emulator.worlds.pipes.life import Cell
from runwright.validation import JSON


def attempts(cell: Cell, now: float) -> tuple[tuple[str, ...], str | None]:
    """Return the providers of a waterfall asked by a moment, and the one that had the value."""
    pipe = cell.column.pipe
    if pipe is None or not cell.asked:
        return (), None
    status = cell.script.at(now)
    if status not in ("processing", "completed", "no_result", "failed"):
        return (), None
    asked = tuple(
        provider
        for provider, moment in zip(pipe.providers, cell.asked, strict=False)
        if moment <= now
    )
    return asked, asked[-1] if status == "completed" else None


def widgets_of(cell: Cell, now: float) -> dict[str, JSON]:
    """Return the widgets of a cell at a moment; a cell that the input filled has none."""
    if not cell.by_pipe or cell.column.pipe is None:
        return {}
    widgets: dict[str, JSON] = {}
    if cell.column.pipe.providers:
        asked, successful = attempts(cell, now)
        widgets["waterfall"] = {
            "attempted_providers": [{"provider": provider} for provider in asked],
            "available_providers": list(cell.column.pipe.providers),
            "successful_provider": successful,
        }
    if cell.script.at(now) != "completed":
        return widgets
    match cell.column.format:
        case "email":
            widgets["confidence"] = {"numeric": 1}
        case "profile_url":
            widgets["icon"] = {"key": "linkedin"}
        case "website_url":
            widgets["entity_logo"] = {
                "image_url": "https://logos.example/logo.png",
                "entity": str(cell.value),
            }
        case "json_object":
            widgets["sources"] = {
                "list": [{"source": "web", "description": "A page", "url": "https://pages.example"}]
            }
            widgets["action_summary"] = {"result_status": "completed"}
        case _:
            widgets["display_value"] = {"label": str(cell.value)}
    return widgets
