"""Reports as files: the end of a file's name says in which form."""

from collections.abc import Callable, Sequence
from pathlib import Path

from runwright.cli.options import UsageError
from runwright.report import Report, encode_report

FORMS = ".json, .html, .xml (JUnit), .md (Markdown) and .svg (a badge)"


def write_report(reports: Sequence[Report], path: Path, *, strict: bool) -> None:
    """Write reports in the form that the file's name asks for.

    Raises:
        UsageError: the name asks for no known form, or the file cannot be written.
    """
    text = _renderer(path)(reports, strict)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def check_forms(paths: Sequence[Path]) -> None:
    """Refuse a file of no known form, before anything long is begun.

    Raises:
        UsageError: a name asks for no known form, or its folder is missing.
    """
    for path in paths:
        _renderer(path)
        if not path.parent.is_dir():
            raise UsageError(f"{path}: there is no folder {path.parent}")


def _renderer(path: Path) -> Callable[[Sequence[Report], bool], str]:
    forms = {".json": _json, ".html": _html, ".xml": _junit, ".md": _markdown, ".svg": _badge}
    if path.suffix not in forms:
        raise UsageError(f"{path}: reports are written as {FORMS}")
    return forms[path.suffix]


def _json(reports: Sequence[Report], strict: bool) -> str:
    return "".join(encode_report(report).decode() + "\n" for report in reports)


def _html(reports: Sequence[Report], strict: bool) -> str:
    from runwright.render.html import render_html

    return render_html(reports, strict=strict)


def _junit(reports: Sequence[Report], strict: bool) -> str:
    from runwright.render.junit import render_junit

    return render_junit(reports, strict=strict)


def _markdown(reports: Sequence[Report], strict: bool) -> str:
    from runwright.render.markdown import render_markdown

    return render_markdown(reports, strict=strict)


def _badge(reports: Sequence[Report], strict: bool) -> str:
    from runwright.render.badge import render_badge

    return render_badge(reports, strict=strict)
