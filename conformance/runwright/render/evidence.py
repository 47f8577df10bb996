"""The smallest histories of a report as files, each of which can be judged by itself."""

from pathlib import Path

from runwright.history import History, write_history
from runwright.report import Report, ReportError, Verdict


def write_evidence(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write a history for each violated rule, named after it; return the files.

    Raises:
        ReportError: the folder cannot be written to.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for result in report.with_verdict(Verdict.VIOLATED):
            if not result.smallest:
                continue
            path = folder / f"{result.rule}.ndjson"
            note = f"the smallest history found that breaks {result.rule}"
            history = History(
                exchanges=result.smallest,
                api=report.api,
                target=report.target,
                notes=(note, *report.notes),
            )
            write_history(history, path)
            written.append(path)
    except OSError as error:
        raise ReportError(f"{folder}: {error.strerror}") from None
    return tuple(written)
