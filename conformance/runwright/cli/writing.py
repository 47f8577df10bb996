"""What commands write: reports, whose form the end of a file's name says, and histories."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from runwright.cli.options import UsageError
from runwright.history import History, write_history
from runwright.report import Report, encode_reports

FORMS = ".json, .html, .xml (JUnit), .md (Markdown) and .svg (a badge)"


def write_report(reports: Sequence[Report], path: Path, *, strict: bool) -> None:
    """Write reports in the form that the file's name asks for.

    Raises:
        UsageError: the name asks for no known form, or the file cannot be written.
    """
    write_text(_renderer(path)(reports, strict), path)


def write_text(text: str, path: Path) -> None:
    """Write a text.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def save_history(history: History, path: Path) -> None:
    """Write a history as NDJSON.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        write_history(history, path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def check_outputs(
    *,
    reports: Sequence[Path] | None = None,
    files: Sequence[Path | None] = (),
    folder: Path | None = None,
) -> None:
    """Refuse what cannot be written, before anything long is begun.

    Raises:
        UsageError: a report's name asks for no known form, or a place cannot be written to.
    """
    for path in reports or ():
        _renderer(path)
        _check_file(path)
    for file in files:
        if file is not None:
            _check_file(file)
    if folder is not None:
        _check_folder(folder)


def _check_file(path: Path) -> None:
    parent = path.absolute().parent
    if path.is_dir():
        raise UsageError(f"{path}: this is a folder; name a file in it")
    if not parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    # What is no plain file, such as /dev/stdout, tells when it is opened.
    known = path.is_file()
    if not os.access(path if known else parent, os.W_OK) and (known or not path.exists()):
        raise UsageError(f"{path}: it cannot be written; choose another place")


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise UsageError(f"{folder}: {there} is no folder; choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: {there} cannot be written to; choose another place")


def _renderer(path: Path) -> Callable[[Sequence[Report], bool], str]:
    forms = {".json": _json, ".html": _html, ".xml": _junit, ".md": _markdown, ".svg": _badge}
    if path.suffix not in forms:
        raise UsageError(f"{path}: reports are written as {FORMS}")
    return forms[path.suffix]


def _json(reports: Sequence[Report], strict: bool) -> str:
    return encode_reports(reports).decode() + "\n"


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
